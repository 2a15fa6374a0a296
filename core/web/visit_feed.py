"""A person's visits for calendar programs, which cannot sign in: the signed address is the proof."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.visits import feed
from core.web.services import services_of


async def by_link(request: Request) -> Response:
    """The calendar of the person the address was made for."""
    token = request.query_params.get("token", "")
    content = await run_in_threadpool(feed.read, services_of(request), token)
    headers = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)


ROUTES = [Route(feed.PATH, by_link, methods=["GET"])]
