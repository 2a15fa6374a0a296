"""The web process's routes and layers on a real server, with a stand-in where Streamlit's pages would answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from core.access import api_keys, people, sessions
from core.access.people import NewPerson, Person
from core.access.permissions import permissions_of
from core.access.sessions import Origin
from core.clock import SteppedClock
from core.services import Services
from core.web.options import options
from tests.local_server import local_server

PAGE_TEXT = "a page of the product"


async def _page(_request: Request) -> HTMLResponse:
    return HTMLResponse(PAGE_TEXT)


async def _bug(_request: Request) -> HTMLResponse:
    raise RuntimeError("the reader must not see this")


async def _stream(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(PAGE_TEXT)
    await websocket.close()


def application(services: Services) -> Starlette:
    """What Streamlit builds from the options, with a page for every address that no route takes."""
    given = options(lambda: services, services.settings)
    return Starlette(
        routes=[
            *given["routes"],
            Route("/bug", _bug),
            WebSocketRoute("/_stcore/stream", _stream),
            Route("/{path:path}", _page),
        ],
        middleware=given["middleware"],
        exception_handlers=given["exception_handlers"],
        lifespan=given["lifespan"],
    )


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Serve ``app``, started and stopped as the product is; gives the address."""
    with local_server(app, lifespan="on") as port:
        yield f"http://127.0.0.1:{port}"


@dataclass
class Desk:
    """A running web process with the means to come in as anybody."""

    address: str
    services: Services
    clock: SteppedClock
    _opened: list[httpx.Client] = field(default_factory=list)

    def person(self, role: str, name: str = "", password: str | None = None) -> Person:
        """A person of that role, made when missing."""
        name = name or f"{role}@example.com"
        known = people.find(self.services.database, name)
        new = NewPerson(name, name, role, password)
        return known or people.add(self.services.database, self.clock, new, actor="test")

    def browser(self, role: str | None = None) -> httpx.Client:
        """A browser, signed in as that role or not at all; sends what the pages send with a change."""
        client = httpx.Client(base_url=self.address, timeout=30)
        client.headers["Accept"] = "text/html"
        if role:
            token = sessions.start(self.services.database, self.clock, self.person(role).id, Origin("test"))
            client.cookies.set(sessions.COOKIE, token)
            client.headers["X-CSRF-Token"] = sessions.csrf_token(token)
        self._opened.append(client)
        return client

    def program(self, role: str, *scopes: str) -> httpx.Client:
        """A program with a key of these scopes, or of everything the role may."""
        wanted = frozenset(scopes) or permissions_of(role)
        issued = api_keys.issue(
            self.services.database, self.clock, self.person(role), name="test", scopes=wanted, valid_days=1
        )
        client = httpx.Client(base_url=self.address, timeout=30, headers={"Authorization": f"Bearer {issued.token}"})
        self._opened.append(client)
        return client

    def close(self) -> None:
        for client in self._opened:
            client.close()
