"""The pretend Asterisk as a web application: its REST interface and its event socket below ``/ari``, on loopback."""

import asyncio
import contextlib

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.clock import Clock
from core.sandbox import asterisk_bridges, asterisk_channels
from core.sandbox.asterisk_exchange import ASTERISK_ID, VERSION, Application, Event, Exchange
from core.sandbox.asterisk_wire import RefusalError, is_known, not_allowed, not_found, parameters, refusal_answer


def build_asterisk(clock: Clock, *, scale: float = 1.0) -> Starlette:
    """The application; ``app.state.exchange`` is what it serves. ``scale`` shortens the course of calls, for tests."""
    exchange = Exchange(clock, scale=scale)
    inner = Starlette(
        routes=[
            *_routes(exchange),
            *asterisk_channels.routes(exchange),
            *asterisk_bridges.routes(exchange),
            _socket(exchange),
        ],
        exception_handlers={RefusalError: refusal_answer, 404: not_found, 405: not_allowed},
    )
    app = Starlette(routes=[Mount("/ari", inner)])
    app.state.exchange = exchange
    return app


class _Asterisk:
    """The answers about Asterisk itself, its applications and endpoints."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def ping(self, request: Request) -> Response:
        await parameters(request)
        return JSONResponse({"ping": "pong", "timestamp": self._exchange.moment(), "asterisk_id": ASTERISK_ID})

    async def info(self, request: Request) -> Response:
        asked = await parameters(request)
        started = self._exchange.started
        told = {
            "build": {"os": "Linux", "kernel": "0", "machine": "-", "options": "", "date": started, "user": "sandbox"},
            "system": {"version": VERSION, "entity_id": ASTERISK_ID},
            "config": {"name": "sandbox", "default_language": "en", "setid": {"user": "", "group": ""}},
            "status": {"startup_time": started, "last_reload_time": started},
        }
        only = asked.get("only")
        return JSONResponse({only: told[only]} if only in told else told)

    async def applications(self, request: Request) -> Response:
        await parameters(request)
        return JSONResponse([_shown(application) for application in self._exchange.applications.values()])

    async def application(self, request: Request) -> Response:
        await parameters(request)
        return JSONResponse(_shown(_application(self._exchange, request)))

    async def subscription(self, request: Request) -> Response:
        asked = await parameters(request)
        subscriber = _application(self._exchange, request)
        scheme, _, name = str(asked.get("eventSource", "")).partition(":")
        if scheme not in ("channel", "bridge", "endpoint", "deviceState"):
            raise RefusalError(400, "Invalid event source URI scheme")
        if scheme == "channel":
            if name not in self._exchange.channels:
                raise RefusalError(422, "Event source does not exist")
            if request.method == "POST":
                subscriber.channels.add(name)
            else:
                subscriber.channels.discard(name)
        return JSONResponse(_shown(subscriber))

    async def endpoint(self, request: Request) -> Response:
        await parameters(request)
        technology, resource = request.path_params["technology"], request.path_params["resource"]
        if technology != "PJSIP" or "no" in resource:
            raise RefusalError(404, "Endpoint not found")
        return JSONResponse({"technology": technology, "resource": resource, "state": "online", "channel_ids": []})

    async def endpoints(self, request: Request) -> Response:
        await parameters(request)
        if "technology" in request.path_params:
            raise RefusalError(404, f"No Endpoints found - invalid tech {request.path_params['technology']}")
        return JSONResponse([])

    async def events(self, request: Request) -> Response:
        await parameters(request)
        return HTMLResponse("<html><body><h1>426 Upgrade Required</h1></body></html>", 426)


def _routes(exchange: Exchange) -> list[Route]:
    told = _Asterisk(exchange)
    return [
        Route("/asterisk/ping", told.ping),
        Route("/asterisk/info", told.info),
        Route("/applications", told.applications),
        Route("/applications/{name}", told.application),
        Route("/applications/{name}/subscription", told.subscription, methods=["POST", "DELETE"]),
        Route("/endpoints", told.endpoints),
        Route("/endpoints/{technology}", told.endpoints),
        Route("/endpoints/{technology}/{resource}", told.endpoint),
        Route("/events", told.events),
    ]


def _application(exchange: Exchange, request: Request) -> Application:
    found = exchange.applications.get(request.path_params["name"])
    if found is None:
        raise RefusalError(404, "Application not found")
    return found


def _shown(application: Application) -> dict[str, object]:
    return {
        "name": application.name,
        "channel_ids": sorted(application.channels),
        "bridge_ids": [],
        "endpoint_ids": [],
        "device_names": [],
        "events_allowed": [],
        "events_disallowed": [],
    }


def _socket(exchange: Exchange) -> WebSocketRoute:
    async def serve(socket: WebSocket) -> None:
        if not is_known(socket):
            await socket.send_denial_response(JSONResponse({"message": "Authentication required"}, 401))
            return
        name = socket.query_params.get("app", "")
        if not name:
            await socket.send_denial_response(HTMLResponse("<html><body><h1>400</h1></body></html>", 400))
            return
        await socket.accept()
        queue = exchange.serve(name, sees_all=socket.query_params.get("subscribeAll") == "true")
        try:
            await _converse(socket, queue)
        finally:
            exchange.leave(name, queue)

    return WebSocketRoute("/events", serve)


async def _converse(socket: WebSocket, queue: "asyncio.Queue[Event | None]") -> None:
    """Send what comes until either side ends; what the client says is passed over."""
    reading = asyncio.ensure_future(_read(socket))
    try:
        while True:
            sending = asyncio.ensure_future(queue.get())
            await asyncio.wait({reading, sending}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done() or (event := sending.result()) is None:
                sending.cancel()
                break
            await socket.send_json(event)
    except (WebSocketDisconnect, RuntimeError):
        pass
    finally:
        reading.cancel()
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(1011)


async def _read(socket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, KeyError):
        while True:
            await socket.receive_text()
