"""What the legs of a call to the public network cost, by the tariff in use or the prices of ``data/reference``."""

from collections.abc import Iterable
from functools import lru_cache

from core.calls.countries import country_of
from core.detection.numbering import destination_of
from core.detection.rates import ContractTariff
from core.journeys.kinds import is_off_net, was_answered
from core.journeys.legs import SECOND, Leg

_SECONDS_A_MINUTE = 60
_LONG = 11
"""Of a number this long the last three digits say who is called, no longer where: prices are looked up without."""

_MEMORY = 1 << 18


def cost_of(origins: Iterable[Leg | None], tariff: ContractTariff | None = None) -> float | None:
    """Dollars for the answered minutes of the ORIGINATING legs among ``origins`` that left our network.

    Forwarded and transferred legs count as well as dialled ones: each is billed to the release, also where its maker
    left before. ``None`` when no leg left the network. Without a ``tariff`` the product's own prices hold.
    """
    total: float | None = None
    for leg in origins:
        if leg is not None and is_off_net(leg):
            total = (total or 0.0) + _cost(leg, tariff)
    return None if total is None else round(total, 4)


def _cost(leg: Leg, tariff: ContractTariff | None) -> float:
    number = leg.called_number or leg.dialed_digits
    if not number or not was_answered(leg):
        return 0.0
    seconds = leg.duration
    if not seconds and leg.answer_time is not None and leg.release_time is not None:
        seconds = max(leg.release_time - leg.answer_time, 0) // SECOND
    if not seconds:
        return 0.0
    if tariff is not None:
        home, told = _home_and_told(leg.site_main_number or "", leg.international_country)
        return tariff.cost(number, destination_of(number, home, told), seconds)
    leading = number if len(number) < _LONG else f"{number[:-3]}000"
    return seconds / _SECONDS_A_MINUTE * _price(leading, leg.site_main_number or "", leg.international_country)


@lru_cache(maxsize=_MEMORY)
def _price(number: str, main_number: str, told: str | None) -> float:
    """Dollars a minute to ``number`` from the site of ``main_number``; ``told`` is the country that Webex gave."""
    return destination_of(number, *_home_and_told(main_number, told)).price


def _home_and_told(main_number: str, told: str | None) -> tuple[str, str]:
    return country_of(main_number) or "", told if told and len(told) == 2 and told.isupper() else ""
