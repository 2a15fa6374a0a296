"""An export asked for by a link: what to export, for whom, for a short while, under our signature."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlencode

from core.calls.export import READABLE_COLUMNS, Format
from core.calls.filters import CallFilter
from core.store.encryption import Vault

LINK_LASTS = timedelta(minutes=10)
"""Time to read a page and click."""
_PURPOSE = "calls export"


@dataclass(frozen=True)
class ExportOrder:
    """What somebody wants as a file. ``zone`` adds the start in that time zone."""

    filter: CallFilter
    format: Format = "csv"
    columns: tuple[str, ...] = READABLE_COLUMNS
    zone: str = ""


def export_link(vault: Vault, person_id: int, order: ExportOrder) -> str:
    """The address, on this site, under which ``person_id`` and nobody else gets the export while the link lasts."""
    payload: dict[str, Any] = {"person": person_id, "filter": order.filter.to_query(), "zone": order.zone}
    if order.columns != READABLE_COLUMNS:
        payload["columns"] = list(order.columns)
    token = vault.sign(payload, purpose=_PURPOSE, max_age=LINK_LASTS)
    return f"/exports/calls.{order.format}?{urlencode({'token': token})}"


def order_of(vault: Vault, token: str, format: str) -> tuple[int, ExportOrder]:
    """Whom a link was made for and what it orders. Raises ``LinkInvalidError`` or ``LinkExpiredError``."""
    payload = vault.open_signed(token, purpose=_PURPOSE)
    order = ExportOrder(
        filter=CallFilter.from_query(payload["filter"]),
        format=cast(Format, format),
        columns=tuple(payload.get("columns", READABLE_COLUMNS)),
        zone=payload["zone"],
    )
    return payload["person"], order
