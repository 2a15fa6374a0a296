"""Pictures on their own, by name: those of the reports, for dashboards of ours and of others."""

from datetime import datetime

from core.errors import NotFoundError
from core.language import Language
from core.reports.document import Picture
from core.reports.making import make
from core.reports.order import ReportOrder
from core.services import Services

CHARTS: dict[str, tuple[str, str]] = {
    "calls": ("calls", "by_time"),
    "countries": ("calls", "countries"),
    "sites": ("calls", "sites"),
    "alerts": ("alerts", "by_time"),
    "rules": ("alerts", "rules"),
    "verdicts": ("alerts", "verdicts"),
    "tickets": ("tickets", "made_and_resolved"),
    "ticket-priorities": ("tickets", "by_time"),
    "ticket-states": ("tickets", "states"),
    "operators": ("operators", "resolved"),
    "load": ("operators", "load"),
    "recordings": ("recordings", "by_time"),
}
"""Each chart by the report and the picture of it."""


def order_of(name: str, period: str) -> ReportOrder:
    """The report a chart is taken of. Raises ``NotFoundError`` and ``InvalidInputError``."""
    found = CHARTS.get(name)
    if found is None:
        raise NotFoundError(what=f"chart {name[:40]}")
    return ReportOrder(found[0], period)


def chart(services: Services, name: str, order: ReportOrder, *, zone: str, language: Language, at: datetime) -> Picture:
    """A chart over the period of ``order`` at an aware instant. Raises as the making of a report does."""
    wanted = CHARTS[name][1]
    document = make(services, order, order.stretch(at, zone), language, at=at)
    return next(picture for picture in document.pictures if picture.name == wanted)
