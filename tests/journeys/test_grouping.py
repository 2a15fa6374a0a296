"""Which legs are one call, where ids are not what they should be."""

from typing import Any

import pytest

from core.calls.normalise import normalise_records
from core.journeys.grouping import MOST_CALLS_OF_A_CALL_ID, MOST_CALLS_OF_AN_INTERACTION, group_labels
from tests.calls.records import uuid_of
from tests.journeys.sequences import ANN, BOB, STORED, inbound, orig, term

DAY = 24 * 3600
Record = dict[str, Any]


def _groups(records: list[Record]) -> list[int]:
    """The number of legs in each call, largest first."""
    table = normalise_records(records, source="import", stored_at=STORED).table
    assert table.num_rows == len(records)
    labels = group_labels(table).tolist()
    return sorted((labels.count(label) for label in set(labels)), reverse=True)


def test_one_correlation_id_is_one_call() -> None:
    assert _groups([orig(ANN, "1", 0, 9), term(BOB, "2", 0, 9), inbound(ANN, "3", 0, 9, call="other")]) == [2, 1]


@pytest.mark.parametrize("nothing", ["", "NA", "na", "00000000-0000-0000-0000-000000000000", "xxxxxxxx", "null"])
def test_ids_that_name_nothing_join_nothing(nothing: str) -> None:
    records = [inbound(ANN, str(number), 0, 9, call=f"c{number}", I=nothing) for number in range(3)]
    assert _groups(records) == [1, 1, 1]
    records = [inbound(ANN, str(number), 0, 9, Correlation_ID=nothing) for number in range(3)]
    assert _groups(records) == [1, 1, 1]


def test_an_interaction_joins_calls() -> None:
    records = [inbound(ANN, str(number), number * 60, 900, call=f"c{number}", I="i") for number in range(3)]
    assert _groups(records) == [3]


def test_an_interaction_of_absurdly_many_calls_joins_none() -> None:
    count = MOST_CALLS_OF_AN_INTERACTION + 1
    records = [inbound(ANN, str(number), number, 900, call=f"c{number}", I="constant") for number in range(count)]
    assert _groups(records) == [1] * count


def test_an_interaction_does_not_join_calls_of_different_days() -> None:
    records = [inbound(ANN, "1", 0, 9, call="c1", I="i"), inbound(ANN, "2", -2 * DAY, -2 * DAY + 9, call="c2", I="i")]
    assert _groups(records) == [1, 1]


def _transfer(at: float, **keys: Any) -> list[Record]:
    named = orig(ANN, "81", at, at + 60, at + 5, call="c2", called="202", **keys)
    return [inbound(ANN, "80", 0, 100, 5, call="c1", XR="81:0"), named]


def test_a_transfer_joins_within_a_day() -> None:
    assert _groups(_transfer(40)) == [2]
    assert _groups(_transfer(-DAY + 60)) == [2]


def test_a_call_id_used_again_weeks_apart_joins_nothing() -> None:
    assert _groups(_transfer(-DAY - 60)) == [1, 1]


def test_a_call_id_of_another_organisation_joins_nothing() -> None:
    assert _groups(_transfer(40, Org_UUID=uuid_of("Other"))) == [1, 1]


def test_of_two_legs_with_the_same_call_id_the_nearest_is_meant() -> None:
    far = orig(BOB, "81", -6 * 3600, -6 * 3600 + 60, call="c3", called="202")
    assert _groups([*_transfer(40), far]) == [2, 1]


def test_a_call_id_that_its_own_call_has_leads_nowhere_else() -> None:
    inside = term(BOB, "81", 40, 60, call="c1")
    assert _groups([*_transfer(40), inside]) == [2, 1]


def test_a_call_id_that_many_calls_carry_joins_none() -> None:
    count = MOST_CALLS_OF_A_CALL_ID + 3
    constant = [inbound(ANN, "0", number, 900, call=f"c{number}", XR="0:0") for number in range(count)]
    assert _groups(constant) == [1] * count


def test_a_leg_without_correlation_id_joins_its_other_end() -> None:
    records = [
        orig(ANN, "10", 0, 60, 5, R="11:0", called="202"),
        term(BOB, "11", 0, 60, 5, R="10:0", Correlation_ID=""),
        inbound(ANN, "99", 0, 60, 5, Correlation_ID=""),
    ]
    assert _groups(records) == [2, 1]
