"""``/sign-in``, ``/sign-out`` and ``/set-up``: forms outside Streamlit, because only a response can set a cookie."""

from typing import cast
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from core.access import sandbox_people, sessions, setup, sign_in
from core.access.errors import SetupClosedError
from core.access.passwords import LONGEST, SHORTEST
from core.access.people import NewPerson
from core.access.permissions import ROLES, Role, is_role
from core.errors import NotAllowedError, TollwatchError
from core.language import is_text
from core.web import html
from core.web.identity import session_token, signed_in_person
from core.web.origin import is_from_this_machine, is_same_origin, local_path
from core.web.services import services_of
from core.web.session_cookie import clear_session, origin_of, set_session

_SEE_OTHER = 303


async def show_sign_in(request: Request) -> Response:
    """The ways to sign in; whoever is signed in already goes on to where they wanted."""
    wanted = local_path(request.query_params.get("next"))
    if await run_in_threadpool(signed_in_person, request):
        return RedirectResponse(wanted, status_code=_SEE_OTHER)
    code = request.query_params.get("problem", "")
    return _sign_in_page(request, wanted, code=code if is_text(f"errors.{code}.message") else "")


def _sign_in_page(
    request: Request, wanted: str, *, code: str = "", error: TollwatchError | None = None, name: str = ""
) -> Response:
    settings = services_of(request).settings
    return html.page(
        request,
        "sign_in.html",
        status=error.http_status if error else 200,
        wanted=wanted,
        carried=urlencode({"next": wanted}),
        method=settings.sign_in_method,
        roles=ROLES if one_click_offered(request) else (),
        sandbox=settings.sandbox,
        name=name,
        error=error,
        code=code,
        longest=LONGEST,
    )


def one_click_offered(request: Request) -> bool:
    """Whether a click may sign in: in the sandbox, from this very machine."""
    return services_of(request).settings.sandbox and is_from_this_machine(request)


async def sign_in_by_form(request: Request) -> Response:
    """Name and password, or a role of the sandbox."""
    form = await request.form(max_files=0, max_fields=10)
    wanted = local_path(field(form, "next"))
    try:
        html.check_form(request, field(form, html.FORM_FIELD))
        token = await run_in_threadpool(_open_session, request, form)
    except TollwatchError as error:
        return _with_waiting(_sign_in_page(request, wanted, error=error, name=field(form, "name")[:200]), error)
    return await signed_in(request, token, wanted)


def _open_session(request: Request, form: FormData) -> str:
    services = services_of(request)
    role = field(form, "role")
    if role:
        if not one_click_offered(request) or not is_role(role):
            raise NotAllowedError(permission="sandbox")
        return sandbox_people.sign_in_as(
            services.database,
            services.clock,
            cast(Role, role),
            html.chosen_language(request),
            origin_of(request, "sandbox"),
        )
    if services.settings.sign_in_method != "local":
        raise NotAllowedError(permission="password")
    return sign_in.with_password(
        services.database,
        services.clock,
        field(form, "name"),
        field(form, "password"),
        origin_of(request, "password"),
    )


async def signed_in(request: Request, token: str, wanted: str) -> Response:
    """Put the session ``token`` into the browser, in place of the one it held, and go on to ``wanted``."""
    await run_in_threadpool(_end_session, request)
    response = RedirectResponse(wanted, status_code=_SEE_OTHER)
    set_session(request, response, token)
    return response


def _end_session(request: Request) -> None:
    token = session_token(request)
    if token:
        services = services_of(request)
        sessions.end(services.database, services.clock, token)


async def sign_out(request: Request) -> Response:
    """A link on our own pages signs out at once; a link from elsewhere has to be confirmed."""
    if request.method == "POST":
        form = await request.form(max_files=0, max_fields=4)
        html.check_form(request, field(form, html.FORM_FIELD))
    elif not is_same_origin(request) or request.headers.get("sec-fetch-site") == "none":
        return html.page(request, "sign_out.html")
    await run_in_threadpool(_end_session, request)
    response = RedirectResponse("/sign-in", status_code=_SEE_OTHER)
    clear_session(request, response)
    return response


async def show_set_up(request: Request) -> Response:
    """The form behind the one-time link."""
    services = services_of(request)
    token = request.query_params.get("token", "")
    try:
        await run_in_threadpool(setup.check, services.database, services.clock, token)
    except TollwatchError as error:
        return html.problem(request, error)
    return _set_up_page(request, token)


def _set_up_page(
    request: Request, token: str, *, error: TollwatchError | None = None, name: str = "", display_name: str = ""
) -> Response:
    return html.page(
        request,
        "set_up.html",
        status=error.http_status if error else 200,
        token=token,
        carried=urlencode({"token": token}),
        needs_password=services_of(request).settings.sign_in_method == "local",
        name=name,
        display_name=display_name,
        error=error,
        shortest=SHORTEST,
        longest=LONGEST,
    )


async def set_up_by_form(request: Request) -> Response:
    """Make the first administrator and sign them in."""
    form = await request.form(max_files=0, max_fields=10)
    token = field(form, "token")
    try:
        html.check_form(request, field(form, html.FORM_FIELD))
        session = await run_in_threadpool(_make_first_admin, request, form, token)
    except TollwatchError as error:
        if isinstance(error, SetupClosedError):
            return html.problem(request, error)
        return _set_up_page(
            request, token, error=error, name=field(form, "name"), display_name=field(form, "display_name")
        )
    return await signed_in(request, session, "/")


def _make_first_admin(request: Request, form: FormData, token: str) -> str:
    services = services_of(request)
    local = services.settings.sign_in_method == "local"
    new = NewPerson(
        name=field(form, "name"),
        display_name=field(form, "display_name"),
        role="admin",
        password=field(form, "password") if local else None,
        language=html.chosen_language(request),
    )
    return setup.make_first_admin(services.database, services.clock, token, new, origin_of(request, "setup"))


def field(form: FormData, name: str) -> str:
    """What a form holds under ``name``; empty for nothing and for a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _with_waiting(response: Response, error: TollwatchError) -> Response:
    seconds = getattr(error, "retry_after_seconds", None)
    if seconds is not None:
        response.headers["Retry-After"] = str(int(seconds) + 1)
    return response


ROUTES = [
    Route("/sign-in", show_sign_in, methods=["GET"]),
    Route("/sign-in", sign_in_by_form, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["GET", "POST"]),
    Route("/set-up", show_set_up, methods=["GET"]),
    Route("/set-up", set_up_by_form, methods=["POST"]),
]
