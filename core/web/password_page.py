"""The page behind a one-time link: the person sets their password and is signed in."""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.access import password_links
from core.access.errors import PasswordLinkClosedError
from core.access.passwords import LONGEST, SHORTEST
from core.errors import NotAllowedError, TollwatchError
from core.web import html
from core.web.services import services_of
from core.web.session_cookie import origin_of
from core.web.sign_in import field, signed_in


async def show(request: Request) -> Response:
    """The form, or why the link is of no use."""
    try:
        return await _form(request, request.query_params.get("token", ""))
    except TollwatchError as error:
        return html.problem(request, error)


async def _form(request: Request, token: str, error: TollwatchError | None = None) -> Response:
    services = services_of(request)
    _check_passwords_are_used(request)
    person = await run_in_threadpool(password_links.holder, services, token)
    return html.page(
        request,
        "set_password.html",
        status=error.http_status if error else 200,
        token=token,
        carried=urlencode({"token": token}),
        name=person.name,
        error=error,
        shortest=SHORTEST,
        longest=LONGEST,
    )


def _check_passwords_are_used(request: Request) -> None:
    if services_of(request).settings.sign_in_method != "local":
        raise NotAllowedError(permission="password")


async def set_by_form(request: Request) -> Response:
    """Set the password, use up the link, sign the person in."""
    form = await request.form(max_files=0, max_fields=10)
    token = field(form, "token")
    try:
        html.check_form(request, field(form, html.FORM_FIELD))
        _check_passwords_are_used(request)
        session = await run_in_threadpool(
            password_links.use, services_of(request), token, field(form, "password"), origin_of(request, "link")
        )
    except (PasswordLinkClosedError, NotAllowedError) as error:
        return html.problem(request, error)
    except TollwatchError as error:
        return await _again(request, token, error)
    return await signed_in(request, session, "/")


async def _again(request: Request, token: str, error: TollwatchError) -> Response:
    try:
        return await _form(request, token, error)
    except TollwatchError as closed:
        return html.problem(request, closed)


ROUTES = [
    Route(password_links.PATH, show, methods=["GET"]),
    Route(password_links.PATH, set_by_form, methods=["POST"]),
]
