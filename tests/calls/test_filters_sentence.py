"""The filter as a sentence, word for word, in both languages."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from core.calls.filter_terms import TERMS
from core.calls.filters import CallFilter
from core.language import is_text

SINCE = datetime(2026, 11, 19, 5, 0, tzinfo=UTC)
UNTIL = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
GOLDEN: list[tuple[CallFilter, tzinfo, str, str]] = [
    (CallFilter(), UTC, "Calls in the last 24 hours.", "Llamadas de las últimas 24 horas."),
    (CallFilter(last="1h"), UTC, "Calls in the last hour.", "Llamadas de la última hora."),
    (CallFilter(last="30d"), UTC, "Calls in the last 30 days.", "Llamadas de los últimos 30 días."),
    (CallFilter(last="all"), UTC, "All calls on record.", "Todas las llamadas registradas."),
    (
        CallFilter(since=SINCE, until=UNTIL),
        ZoneInfo("America/Bogota"),
        "Calls from 2026-11-19 00:00 to 2026-11-20 00:00 (America/Bogota).",
        "Llamadas del 2026-11-19 00:00 al 2026-11-20 00:00 (America/Bogota).",
    ),
    (
        CallFilter(since=SINCE),
        UTC,
        "Calls since 2026-11-19 05:00 (UTC).",
        "Llamadas desde el 2026-11-19 05:00 (UTC).",
    ),
    (
        CallFilter(until=UNTIL),
        UTC,
        "Calls before 2026-11-20 05:00 (UTC).",
        "Llamadas anteriores al 2026-11-20 05:00 (UTC).",
    ),
    (
        CallFilter(
            last="7d",
            directions=("ORIGINATING",),
            call_types=("SIP_INTERNATIONAL", "SIP_PREMIUM"),
            number="+53 5",
            users=("uuid-ana",),
            sites=("Bogotá", "San José", "Medellín"),
            countries=("CU",),
            outcomes=("answered", "busy"),
            international=True,
            off_net=True,
            min_seconds=60,
            max_seconds=600,
            trunks=("LGW-1",),
            correlation_id="c-1",
        ),
        UTC,
        "Calls in the last 7 days, outgoing, of type international or premium rate, with a number starting with +535, "
        "of user Ana Restrepo, at site Bogotá, Medellín or San José, with country Cuba, with outcome answered or busy, "
        "international only, over the public network, of at least 60 s, of at most 600 s, over trunk LGW-1, "
        "with correlation id c-1.",
        "Llamadas de los últimos 7 días, salientes, de tipo internacional o tarifa especial, con un número que empieza "
        "por +535, del usuario Ana Restrepo, en el sitio Bogotá, Medellín o San José, con país Cuba, con resultado "
        "contestada u ocupado, solo internacionales, por la red pública, de al menos 60 s, de a lo sumo 600 s, por la "
        "troncal LGW-1, con id de correlación c-1.",
    ),
    (
        CallFilter(directions=("TERMINATING",), international=False, off_net=False, call_types=("SIP_NEW_THING",)),
        UTC,
        "Calls in the last 24 hours, incoming, of type SIP_NEW_THING, not international, inside the organisation.",
        "Llamadas de las últimas 24 horas, entrantes, de tipo SIP_NEW_THING, no internacionales, dentro de la "
        "organización.",
    ),
    (
        CallFilter(countries=("CU",), sites=("Bogotá",), excluded=("country", "site")),
        UTC,
        "Calls in the last 24 hours, not at site Bogotá, not with country Cuba.",
        "Llamadas de las últimas 24 horas, no en el sitio Bogotá, no con país Cuba.",
    ),
]


@pytest.mark.parametrize(("wanted", "zone", "english", "spanish"), GOLDEN)
def test_the_sentence(wanted: CallFilter, zone: tzinfo, english: str, spanish: str) -> None:
    names = {"uuid-ana": "Ana Restrepo"}
    assert wanted.sentence("en", zone, names) == english
    assert wanted.sentence("es", zone, names) == spanish


def test_every_term_has_its_clause() -> None:
    for term in TERMS:
        if term.is_period or not term.sql:
            continue
        keys = (
            [term.field] if is_text(f"calls_filters.clause.{term.field}") else [f"{term.field}_yes", f"{term.field}_no"]
        )
        assert all(is_text(f"calls_filters.clause.{key}") for key in keys), term.field


def test_braces_in_a_value_are_only_text() -> None:
    assert CallFilter(users=("{0.__class__}",)).sentence("en") == "Calls in the last 24 hours, of user {0.__class__}."
