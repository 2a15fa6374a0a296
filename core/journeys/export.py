"""A list of journeys as CSV, streamed a day at a time, and the short-lived link that orders it."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pyarrow as pa

from core.calls.export import BYTE_ORDER_MARK
from core.calls.formulas import harmless
from core.journeys.filters import JourneyFilter
from core.journeys.model import Journey
from core.journeys.query import JourneyQueries
from core.journeys.route import route_text
from core.journeys.written import iso
from core.language import DEFAULT_LANGUAGE, Language, translate
from core.store.encryption import Vault

LINK_LASTS = timedelta(minutes=10)
COLUMNS = (
    "started", "local", "direction", "caller", "caller_name", "called", "called_name", "route", "result", "t_aa",
    "t_queue", "ring_seconds", "t_agent", "talk_seconds", "hold_seconds", "final_party", "final_number",
    "released_by", "overflowed", "cost", "legs", "site", "entry", "journey_id",
)  # fmt: skip
_PURPOSE = "journeys export"
_ROWS = 500


@dataclass(frozen=True)
class JourneyOrder:
    """What somebody wants as a file: a resolved filter, and the zone of the local start."""

    filter: JourneyFilter
    zone: str


def export_link(vault: Vault, person_id: int, order: JourneyOrder) -> str:
    """The address, on this site, under which ``person_id`` and nobody else gets the export while the link lasts."""
    payload: dict[str, Any] = {"person": person_id, "filter": order.filter.to_query(), "zone": order.zone}
    return f"/exports/journeys.csv?{urlencode({'token': vault.sign(payload, purpose=_PURPOSE, max_age=LINK_LASTS)})}"


def order_of(vault: Vault, token: str) -> tuple[int, JourneyOrder]:
    """Whom a link was made for and what it orders. Raises ``LinkInvalidError`` or ``LinkExpiredError``."""
    payload = vault.open_signed(token, purpose=_PURPOSE)
    return payload["person"], JourneyOrder(JourneyFilter.from_query(payload["filter"]), payload["zone"])


@dataclass
class JourneyExport:
    """One export, newest call first. ``rows`` and ``complete`` tell, at any time, how far it came."""

    queries: JourneyQueries
    order: JourneyOrder
    language: Language = DEFAULT_LANGUAGE
    rows: int = 0
    complete: bool = False

    def chunks(self) -> Iterator[bytes]:
        """The file, piece by piece; a line at its end says when it is cut short, before the error is raised."""
        try:
            yield BYTE_ORDER_MARK + _lines([[translate(f"journeys_export.{name}", self.language) for name in COLUMNS]])
            cursor: str | None = None
            while True:
                page = self.queries.page(self.order.filter, cursor, _ROWS)
                if page.journeys:
                    yield _lines([self._cells(journey) for journey in page.journeys])
                self.rows += len(page.journeys)
                cursor = page.next
                if cursor is None:
                    break
            self.complete = True
        except Exception:
            yield _lines([[translate("calls_export.incomplete", self.language, rows=self.rows)]])
            raise

    def _cells(self, journey: Journey) -> list[str]:
        def text(key: str) -> str:
            return translate(f"journeys.{key}", self.language)

        local = journey.started.astimezone(ZoneInfo(self.order.zone) if self.order.zone else UTC)
        waited = round(sum(journey.t_queues), 3) if journey.t_queues else None
        told = (
            iso(journey.started), local.strftime("%Y-%m-%d %H:%M:%S"), text(f"direction.{journey.direction}"),
            journey.caller.number, journey.caller.name, journey.called.number, journey.called.name,
            route_text(journey, self.language), text(f"result.{journey.result}"), journey.t_aa, waited,
            journey.ring_seconds, journey.t_agent, journey.talk_seconds, journey.hold_seconds, journey.final.label,
            journey.final.number, text(f"released_by.{journey.released_by}"), str(journey.overflowed).lower(),
            journey.cost, len(journey.report_ids), journey.location, journey.entry, journey.journey_id,
        )  # fmt: skip
        return ["" if value is None else str(value) for value in told]


def _lines(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    flat = harmless(pa.array([cell for row in rows for cell in row], pa.string())).to_pylist()
    width = len(rows[0])
    writer.writerows(flat[start : start + width] for start in range(0, len(flat), width))
    return buffer.getvalue().encode()
