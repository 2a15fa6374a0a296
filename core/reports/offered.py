"""Values that parameters of reports offer, by what people read."""

from collections.abc import Callable, Sequence

from core.calls.filter_terms import value_label
from core.calls.outcomes import OUTCOMES
from core.calls.query import CallQueries
from core.detection.finding import SEVERITIES
from core.language import Language, is_text, translate
from core.reports.registry import Choice
from core.services import Services

Offer = Callable[[Services, Language], Sequence[Choice]]


def texts(area: str, values: Sequence[str]) -> Offer:
    """A closed set of values with a text each below ``area``; a value without one stays as it is."""

    def offer(_services: Services, language: Language) -> list[Choice]:
        return [Choice(value, _named(f"{area}.{value}", value, language)) for value in values]

    return offer


def _named(key: str, otherwise: str, language: Language) -> str:
    return translate(key, language) if is_text(key) else otherwise


def of_calls(group: str, field: str) -> Offer:
    """The values that the newest month of call records has."""

    def offer(services: Services, language: Language) -> list[Choice]:
        found = CallQueries(services.calls, services.clock).choices(group)
        return sorted(
            (Choice(one.value, value_label(field, one.label, language)) for one in found), key=lambda one: one.label
        )

    return offer


sites = of_calls("sites", "sites")
severities = texts("alerts.severities", SEVERITIES)
yes_or_no = texts("reports", ("yes", "no"))
outcomes = texts("calls_filters.outcomes", OUTCOMES)


def directions(_services: Services, language: Language) -> list[Choice]:
    """Outgoing and incoming."""
    return [Choice(value, value_label("directions", value, language)) for value in ("ORIGINATING", "TERMINATING")]
