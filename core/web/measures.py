"""What the web process counts about itself, for ``/metrics``; route templates as labels, never raw paths."""

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import Scope

REGISTRY = CollectorRegistry()
_DURATION = Histogram(
    "tollwatch_http_request_seconds",
    "Duration of HTTP requests by route.",
    ("method", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
_ANSWERS = Counter(
    "tollwatch_http_responses_total",
    "HTTP answers by route and status.",
    ("method", "route", "status"),
    registry=REGISTRY,
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def count_request(scope: Scope, status: int, seconds: float) -> None:
    """Count one finished request."""
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    route = _template(scope)
    _DURATION.labels(method, route).observe(seconds)
    _ANSWERS.labels(method, route, str(status)).inc()


def _template(scope: Scope) -> str:
    path = getattr(scope.get("route"), "path", None)
    if path is None:
        return "other"
    return f"{scope.get('root_path', '')}{path}"
