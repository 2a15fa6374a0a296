"""Making a report of an order: one state of the stores, one period, one language."""

from datetime import datetime

from core.calls.engine import SECONDS_LIMIT
from core.language import Language, translate
from core.reports.document import Document
from core.reports.order import ReportOrder
from core.reports.periods import Period
from core.reports.registry import report
from core.reports.scene import Scene
from core.reports.spelling import stretch
from core.services import Services


def make(
    services: Services,
    order: ReportOrder,
    period: Period,
    language: Language,
    *,
    at: datetime,
    seconds_limit: float = SECONDS_LIMIT,
) -> Document:
    """The report of ``order`` over ``period``, as of ``at`` (aware); each question may take ``seconds_limit``.

    Raises ``InvalidInputError`` and ``CallQueryTooLongError``.
    """
    kind = report(order.kind)
    scene = Scene(services, kind.name, period, order.values, language, at, seconds_limit)
    content = kind.make(scene)
    told = translate("reports.sentence", language, stretch=stretch(period, language))
    return Document(
        kind=kind.name,
        title=kind.title(language),
        sentence=f"{told} {content.sentence}".strip(),
        period=period,
        language=language,
        made_at=at,
        figures=content.figures,
        pictures=content.pictures,
        tables=content.tables,
    )
