"""``/robots.txt``: nothing here is for search engines."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def robots(_request: Request) -> PlainTextResponse:
    """Ask crawlers to leave (RFC 9309)."""
    return PlainTextResponse("User-agent: *\nDisallow: /\n")


ROUTES = [Route("/robots.txt", robots, methods=["GET"])]
