"""The few pages that exist before anybody is signed in: plain HTML from templates, escaped, no script, no fetch."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse

from core.access.tokens import equal, new_token
from core.errors import TollwatchError
from core.language import LANGUAGES, Language, translate
from core.web.errors import SCOPE_LANGUAGE, ForeignOriginError, language_of, request_id_of
from core.web.origin import is_same_origin
from core.web.services import services_of

FORM_COOKIE = "tollwatch_form"
FORM_FIELD = "form_token"
LANGUAGE_COOKIE = "tollwatch_language"
_ONE_YEAR_SECONDS = 31_536_000
_FORM_SECONDS = 3600
_LONGEST_TOKEN = 100


@cache
def _templates() -> Environment:
    folder = Path(__file__).parent / "templates"
    templates = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
    templates.filters["prose"] = _prose
    return templates


def _prose(text: str) -> Markup:
    """Escaped text in which what stands between backticks is set as code."""
    parts = (
        escape(part) if number % 2 == 0 else Markup("<code>{}</code>").format(part)
        for number, part in enumerate(text.split("`"))
    )
    return Markup("").join(parts)


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Fill ``template`` in the reader's language and tie its form to this browser."""
    language = chosen_language(request)
    token = request.cookies.get(FORM_COOKIE, "")[:_LONGEST_TOKEN] or new_token()

    def t(key: str, **facts: Any) -> str:
        return translate(key, language, **facts)

    content = (
        _templates()
        .get_template(template)
        .render(t=t, language=language, languages=LANGUAGES, form_token=token, path=request.url.path, **values)
    )
    response = HTMLResponse(content, status_code=status)
    response.set_cookie(
        FORM_COOKIE, token, max_age=_FORM_SECONDS, httponly=True, samesite="strict", secure=is_secure(request)
    )
    if request.query_params.get("language") in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, language, max_age=_ONE_YEAR_SECONDS, samesite="lax", secure=is_secure(request)
        )
    return response


def check_form(request: Request, sent: str) -> None:
    """Raise ``ForeignOriginError`` unless the form was drawn for this very browser by this site."""
    if not is_same_origin(request) or not equal(sent, request.cookies.get(FORM_COOKIE, "")):
        raise ForeignOriginError


def problem(request: Request, error: TollwatchError) -> HTMLResponse:
    """An error as a page: what happened, what to do, the number in the log."""
    language = chosen_language(request)
    return page(
        request,
        "problem.html",
        status=error.http_status,
        message=error.message(language),
        remedy=error.remedy(language),
        request_id=request_id_of(request),
    )


def chosen_language(request: Request) -> Language:
    """The language picked on the page now or earlier, else the browser's."""
    for value in (request.query_params.get("language"), request.cookies.get(LANGUAGE_COOKIE)):
        if value in LANGUAGES:
            request.scope[SCOPE_LANGUAGE] = value
    return language_of(request)


def is_secure(connection: HTTPConnection) -> bool:
    """Whether people reach this server by https, so that cookies must be ``Secure``."""
    return services_of(connection).settings.base_url.startswith("https://")
