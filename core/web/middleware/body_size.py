"""Refuses bodies that are longer than our routes ever need, whether or not they announce their length."""

from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.web.errors import BodyTooLargeError, error_response

LARGEST_BODY = 1_048_576
_STREAMLIT_UPLOADS = "/_stcore/upload_file"
"""Limited by Streamlit itself (``server.maxUploadSize``) and open to signed-in people only."""


class BodySize:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_STREAMLIT_UPLOADS):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        announced = connection.headers.get("content-length", "0")
        if not announced.isdigit() or int(announced) > LARGEST_BODY:
            await error_response(connection, BodyTooLargeError(largest=LARGEST_BODY))(scope, receive, send)
            return
        await self._counting(connection, scope, receive, send)

    async def _counting(self, connection: HTTPConnection, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return {"type": "http.disconnect"} if received > LARGEST_BODY else message

        async def send_unless_too_large(message: Message) -> None:
            if received <= LARGEST_BODY:
                await send(message)

        try:
            await self._app(scope, receive_counted, send_unless_too_large)
        except ClientDisconnect:
            if received <= LARGEST_BODY:
                raise
        if received > LARGEST_BODY:
            await error_response(connection, BodyTooLargeError(largest=LARGEST_BODY))(scope, receive, send)
