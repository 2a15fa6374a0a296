"""Visits as rows, for tests of what is pure."""

from datetime import UTC, datetime, timedelta
from typing import Any

from core.store.models.visits import VisitRow

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""Monday noon in Bogotá."""


def visit_row(**given: Any) -> VisitRow:
    """A scheduled visit of an hour in Bogotá that is kept nowhere."""
    begin = given.pop("starts_at", NOON)
    minutes = given.pop("minutes", 60)
    values: dict[str, Any] = {
        "id": 1,
        "public_id": "V-7KQ2MZ4P",
        "uid": "0123456789abcdef@tollwatch",
        "sequence": 0,
        "organizer": "desk@example.com",
        "state": "scheduled",
        "title": "Revisión de la central",
        "notes": "Ask for Marta; code 4711",
        "place": "Calle 93 # 11-26, piso 4",
        "site": "Bogotá",
        "zone": "America/Bogota",
        "starts_at": begin,
        "ends_at": begin + timedelta(minutes=minutes),
        "operator_id": 1,
        "operator_name": "Luisa Fernández",
        "operator_email": "luisa@example.com",
        "operator_language": "es",
        "client_name": "Comercial Ñandú",
        "client_email": "gerencia@nandu.example",
        "client_language": "es",
        "created_at": NOON,
        "changed_at": NOON,
        **given,
    }
    return VisitRow(**values)
