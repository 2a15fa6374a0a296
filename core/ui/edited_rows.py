"""What a data editor tells of its changes, applied to the rows it began with."""

from collections.abc import Mapping, Sequence
from typing import Any


def edited(rows: Sequence[Mapping[str, Any]], changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows as an editor left them, those added at the end."""
    altered: Mapping[int, Mapping[str, Any]] = changes.get("edited_rows", {})
    changed = [{**row, **altered.get(place, {})} for place, row in enumerate(rows)]
    removed = set(changes.get("deleted_rows", []))
    kept = [row for place, row in enumerate(changed) if place not in removed]
    return kept + [dict(row) for row in changes.get("added_rows", [])]
