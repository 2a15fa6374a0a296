"""Where numbers lead, and what a minute there costs."""

import pytest

from core.detection.numbering import destination_of


@pytest.mark.parametrize(
    ("number", "home", "country", "tier", "kind"),
    [
        ("+573101234567", "CO", "CO", 0, "ordinary"),
        ("+5719012345678", "CO", "CO", 4, "premium"),
        ("+571901234567", "CO", "CO", 4, "premium"),
        ("+19005551234", "US", "US", 4, "premium"),
        ("+13059761234", "US", "US", 0, "ordinary"),
        ("+18765551234", "US", "JM", 2, "caribbean"),
        ("+18295551234", "CO", "DO", 2, "caribbean"),
        ("+14165551234", "US", "CA", 0, "ordinary"),
        ("+881651234567", "CO", "001", 4, "satellite"),
        ("+80012345678", "CO", "001", 0, "toll_free"),
        ("+18005551234", "US", "US", 0, "toll_free"),
        ("+53512345", "CO", "CU", 3, "ordinary"),
        ("+48501234567", "CO", "PL", 1, "ordinary"),
        ("2501", "CO", "", 0, "ordinary"),
        ("anonymous", "CO", "", 0, "ordinary"),
    ],
)
def test_destination(number: str, home: str, country: str, tier: int, kind: str) -> None:
    found = destination_of(number, home)
    assert (found.country, found.tier, found.kind) == (country, tier, kind)


def test_a_tariff_names_countries_and_falls_back_on_tiers() -> None:
    assert destination_of("+525512345678", "CO").price == pytest.approx(0.03)
    assert destination_of("+53512345", "CO").price == pytest.approx(0.85)
    assert destination_of("+881651234567", "CO").price == pytest.approx(3.0)
    assert destination_of("+18005551234", "US").price == 0
