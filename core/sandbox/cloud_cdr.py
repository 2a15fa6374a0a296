"""The call history API: ``cdr_feed`` and ``cdr_stream`` with their windows, limits, paging and moods."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from core.sandbox.archive import milliseconds
from core.sandbox.delivery import Delivered
from core.sandbox.legs import stamp
from core.sandbox.tenant import MISSING_SCOPE, Tenant
from core.sandbox.wire import WireError, new_tracking_id

CDR_SCOPE = "spark-admin:calling_cdr_read"
LEAST_PAGE, LARGEST_PAGE = 500, 5000
MOST_LOCATIONS = 10
_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass(frozen=True)
class _Rules:
    """The windows an endpoint accepts (Webex, since 2026)."""

    path: str
    longest: timedelta
    oldest: timedelta
    lag: timedelta


FEED = _Rules("cdr_feed", timedelta(hours=12), timedelta(days=30), timedelta(minutes=5))
STREAM = _Rules("cdr_stream", timedelta(hours=2), timedelta(hours=12), timedelta(minutes=1))


def routes(tenant: Tenant) -> list[Route]:
    """The two endpoints of ``tenant``."""
    return [Route(f"/v1/{rules.path}", _endpoint(tenant, rules)) for rules in (FEED, STREAM)]


def _endpoint(tenant: Tenant, rules: _Rules) -> Callable[[Request], Response]:
    def read(request: Request) -> Response:
        token = tenant.authorise(request, CDR_SCOPE)
        _check_access(tenant)
        _take_turn(tenant, token, "page" if _is_further_page(request) else "first")
        since, until = _window(request, rules, tenant.clock.now())
        size = _page_size(request)
        found = _find(tenant, rules, (since, until), _locations(request))
        return _answer(tenant, request, found, size)

    return read


def _is_further_page(request: Request) -> bool:
    return "startTimeForNextFetch" in request.query_params


def _check_access(tenant: Tenant) -> None:
    if tenant.faults.missing_role:
        raise WireError(403, MISSING_SCOPE)
    if tenant.faults.home_region:
        raise WireError(
            451, f"Wrong region: the request should go to URL: https://{tenant.faults.home_region}/v1/cdr_feed"
        )


def _take_turn(tenant: Tenant, token: str, kind: str) -> None:
    wait = tenant.limits.wait_seconds(token, kind)
    if not wait:
        return
    told = {"plain": {"Retry-After": str(wait)}, "missing": {}, "absurd": {"Retry-After": "99999999999"}}
    raise WireError(429, "Request rate exceeds threshold", told[tenant.faults.retry_after])


def _window(request: Request, rules: _Rules, now: datetime) -> tuple[int, int]:
    since, until = (_instant(request, name) for name in ("startTime", "endTime"))
    if until <= since:
        raise WireError(400, "endTime should be later than startTime")
    if until - since > rules.longest:
        hours = int(rules.longest.total_seconds() // 3600)
        raise WireError(400, f"The window between startTime and endTime cannot exceed {hours} hours")
    if since < now - rules.oldest and not _is_further_page(request):
        raise WireError(400, f"startTime cannot be earlier than {_spell(rules.oldest)} ago")
    if until > now - rules.lag:
        raise WireError(400, f"endTime cannot be later than {_spell(rules.lag)} ago")
    return milliseconds(since), milliseconds(until)


def _spell(span: timedelta) -> str:
    if span >= timedelta(days=1):
        return f"{span.days} days"
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} hours" if minutes >= 60 else f"{minutes} minutes"


def _instant(request: Request, name: str) -> datetime:
    text = request.query_params.get(name, "")
    if not _FORM.fullmatch(text):
        raise WireError(400, f"{name} is required in the form YYYY-MM-DDTHH:MM:SS.mmmZ")
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        raise WireError(400, f"{name} is not a valid time") from None


def _page_size(request: Request) -> int:
    text = request.query_params.get("max", str(LARGEST_PAGE))
    if not text.isdigit():
        raise WireError(400, "max must be a number")
    return min(max(int(text), LEAST_PAGE), LARGEST_PAGE)


def _locations(request: Request) -> frozenset[str]:
    text = request.query_params.get("locations", "")
    names = [name.strip() for name in text.split(",") if name.strip()]
    if len(names) > MOST_LOCATIONS:
        raise WireError(400, f"locations cannot name more than {MOST_LOCATIONS}")
    return frozenset(names)


def _find(
    tenant: Tenant, rules: _Rules, window: tuple[int, int], locations: frozenset[str]
) -> list[tuple[int, Delivered]]:
    """The copies in the window, each with the instant that orders it."""
    now = milliseconds(tenant.clock.now())
    archive = tenant.archive
    if rules is STREAM:
        found = [(copy.inserted, copy) for copy in archive.stored(*window, now)]
    elif tenant.faults.feed_by_start:
        found = [(copy.start, copy) for copy in archive.begun(*window, now)]
    else:
        found = [(copy.report, copy) for copy in archive.reported(*window, now)]
    return [pair for pair in found if not locations or pair[1].location in locations]


def _answer(tenant: Tenant, request: Request, found: list[tuple[int, Delivered]], size: int) -> Response:
    total = len(found)
    follow = request.query_params.get("startTimeForNextFetch")
    if follow:
        begin = milliseconds(_instant(request, "startTimeForNextFetch"))
        found = [pair for pair in found if pair[0] >= begin]
    if not found and tenant.faults.empty_as_404:
        raise WireError(404, "No CDRs for requested time range and filters")
    end = _page_end(found, size)
    headers = {"trackingid": new_tracking_id()}
    if end < len(found):
        headers["Link"] = _link(tenant, request, found[end][0], total)
    return _body(tenant, b'{"items":[' + b",".join(pair[1].body for pair in found[:end]) + b"]}", headers)


def _page_end(found: list[tuple[int, Delivered]], size: int) -> int:
    """Where a page ends: never between records of the same instant, because the next page starts at an instant."""
    if len(found) <= size:
        return len(found)
    end = size
    while end > 0 and found[end - 1][0] == found[end][0]:
        end -= 1
    return end or size


def _link(tenant: Tenant, request: Request, following: int, total: int) -> str:
    parameters = {"startTimeForNextFetch": stamp(following), "totalCount": total, "orgId": tenant.world.org_uuid}
    if tenant.faults.next_link == "looping":
        parameters["startTimeForNextFetch"] = request.query_params["startTime"]
    url = request.url.include_query_params(**parameters)
    if tenant.faults.next_link == "foreign":
        url = url.replace(hostname="records.example", port=None, scheme="https")
    if tenant.faults.next_link == "malformed":
        return f'<<{url};rel="next">'
    return f'<{url}>; rel="next"'


def _body(tenant: Tenant, body: bytes, headers: dict[str, str]) -> Response:
    if tenant.faults.answer_with == "html":
        return HTMLResponse("<html><body><h1>Sign in</h1></body></html>", headers=headers)
    if tenant.faults.answer_with == "truncated":
        body = body[: max(20, len(body) // 2)]
    return Response(body, headers=headers, media_type="application/json")
