"""A small Webex cloud over real HTTP for these tests: it answers as told, and else as the documentation says.

Independent of ``core.sandbox`` on purpose, so that a misreading there does not hide one in the client.
"""

from base64 import urlsafe_b64encode
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.clock import Clock, SystemClock
from tests.local_server import local_server

Responder = Callable[[Request], Response | Awaitable[Response]]
METHODS = ["GET", "POST", "PUT", "DELETE"]


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    bearer: str
    form: dict[str, str]


@dataclass
class ScriptedCloud:
    """Its state may be changed by a test at any time; ``answer`` scripts the next answers of a path."""

    clock: Clock = field(default_factory=SystemClock)
    page_size: int = 5000
    rotates: bool = True
    access_lifetime: float = 1_209_600
    scopes: str | None = None
    seen: list[Seen] = field(default_factory=list)
    records: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    locations: list[dict[str, Any]] = field(default_factory=list)
    organisations: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=lambda: {"by-hand-token"})
    refresh_tokens: set[str] = field(default_factory=set)
    codes: dict[str, str] = field(default_factory=dict)
    has_stream: bool = True
    checks_windows: bool = True
    issued: int = 0
    scripts: dict[str, deque[Responder]] = field(default_factory=lambda: defaultdict(deque))
    url: str = ""

    def answer(self, path: str, *responders: Responder) -> None:
        """The next requests of ``path`` get these, one each."""
        self.scripts[path].extend(responders)

    def requests(self, path: str) -> list[Seen]:
        """What was asked of a path, in order."""
        return [seen for seen in self.seen if seen.path == path]

    def add(self, record: dict[str, Any], inserted: datetime) -> None:
        """A record enters the cloud at an instant."""
        self.records.append((inserted, record))

    async def handle(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode())) if request.method == "POST" else {}
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        path = request.url.path.removeprefix("/v1")
        self.seen.append(Seen(request.method, path, dict(request.query_params), bearer, form))
        if self.scripts[path]:
            scripted = self.scripts[path].popleft()(request)
            return scripted if isinstance(scripted, Response) else await scripted
        if path == "/access_token":
            return self._grant(form)
        if bearer not in self.tokens:
            return problem(401, "The request requires a valid access token set in the Authorization request header.")
        return self._resource(path, request)

    def _resource(self, path: str, request: Request) -> Response:
        if path == "/people/me":
            return JSONResponse(ME)
        if path.startswith("/organizations/"):
            return JSONResponse({"id": ME["orgId"], "displayName": "Acme", "created": "2020-01-01T00:00:00.000Z"})
        if path == "/authorizations":
            self.tokens.discard(request.headers["authorization"].removeprefix("Bearer "))
            return Response(status_code=204)
        lists = {"/people": self.people, "/locations": self.locations, "/organizations": self.organisations}
        if path in lists:
            return self._page(request, lists[path], int(request.query_params.get("max", "100")))
        if path == "/cdr_feed" or (path == "/cdr_stream" and self.has_stream):
            return self._call_history(path, request)
        return problem(404, "The requested resource could not be found.")

    def _grant(self, form: dict[str, str]) -> Response:
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] not in self.refresh_tokens:
                return problem(400, "The refresh token provided is expired, revoked, malformed, or invalid.")
            refresh = form["refresh_token"]
        else:
            challenge = self.codes.pop(form["code"], None)
            digest = sha256(form["code_verifier"].encode()).digest()
            if challenge is None or challenge != urlsafe_b64encode(digest).decode().rstrip("="):
                return problem(400, "The code is invalid or expired.")
            refresh = self.new_token("refresh")
        return JSONResponse(self.grant(refresh))

    def grant(self, refresh: str) -> dict[str, Any]:
        """A pair of tokens; where the cloud rotates, the old refresh token dies."""
        if self.rotates:
            self.refresh_tokens.discard(refresh)
            refresh = self.new_token("refresh")
        self.refresh_tokens.add(refresh)
        access = self.new_token("access")
        self.tokens.add(access)
        content = {
            "access_token": access,
            "expires_in": self.access_lifetime,
            "refresh_token": refresh,
            "refresh_token_expires_in": 7_776_000,
            "token_type": "Bearer",
        }
        return content if self.scopes is None else {**content, "scope": self.scopes}

    def new_token(self, kind: str) -> str:
        self.issued += 1
        return f"{kind}-{self.issued}"

    def _page(self, request: Request, items: list[Any], size: int) -> Response:
        start = int(request.query_params.get("start", "0"))
        headers = {}
        if start + size < len(items):
            following = request.url.include_query_params(start=start + size)
            headers["Link"] = f'<{following}>; rel="next"'
        return JSONResponse({"items": items[start : start + size]}, headers=headers)

    def _call_history(self, path: str, request: Request) -> Response:
        since, until = (instant(request.query_params[name]) for name in ("startTime", "endTime"))
        lag, history, window = (
            (timedelta(minutes=1), timedelta(hours=12), timedelta(hours=2))
            if path == "/cdr_stream"
            else (timedelta(minutes=5), timedelta(days=30), timedelta(hours=12))
        )
        now = self.clock.now()
        is_wrong = until > now - lag + timedelta(seconds=1) or since < now - history or until - since > window
        if self.checks_windows and (is_wrong or since >= until):
            return problem(400, "Invalid startTime or endTime")
        released = [(inserted, record) for inserted, record in self.records if inserted <= now]
        if path == "/cdr_stream":
            found = [record for inserted, record in released if since <= inserted <= until]
        else:
            found = [record for _, record in released if since <= instant(record["Report time"]) <= until]
        return self._page(request, found, min(int(request.query_params.get("max", "5000")), self.page_size))


ME = {
    "id": "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8wMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDE",
    "emails": ["ana@acme.example"],
    "displayName": "Ana Restrepo",
    "orgId": "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8wMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMGE",
    "roles": [],
}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def problem(status: int, message: str, **headers: str) -> JSONResponse:
    content = {"message": message, "errors": [{"description": message}], "trackingId": "ROUTERGW_1"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse(content, status_code=status, headers={**named, "trackingid": "ROUTERGW_1"})


def fails(status: int, message: str = "no", **headers: str) -> Responder:
    """An answer with that status and Webex's error shape."""
    return lambda _request: problem(status, message, **headers)


def says(content: Any, status: int = 200, **headers: str) -> Responder:
    """An answer with that JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _request: JSONResponse(content, status_code=status, headers=named)


def sends(body: bytes, content_type: str = "application/json", status: int = 200, **headers: str) -> Responder:
    """An answer with that very body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _request: Response(body, status_code=status, media_type=content_type, headers=named)


class RunningCloud:
    """A cloud on a port of loopback, in a thread of its own; a context manager."""

    def __init__(self, cloud: ScriptedCloud) -> None:
        self.cloud = cloud
        app = Starlette(routes=[Route("/{path:path}", cloud.handle, methods=METHODS)])
        self._server = local_server(app)

    def __enter__(self) -> ScriptedCloud:
        self.cloud.url = f"http://127.0.0.1:{self._server.__enter__()}/v1"
        return self.cloud

    def __exit__(self, *_: object) -> None:
        self._server.__exit__(None, None, None)
