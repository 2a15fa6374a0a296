"""A number inside a pasted text, and that what comes of it meets the policy like any other."""

import pytest

from core.dialer.pasted import Pasted, read_pasted
from core.dialer.policy import LONGEST_INPUT, Asked, judge
from tests.dialer.test_policy import SCENE

NUMBER = "+576015550100"


@pytest.mark.parametrize(
    ("text", "number", "extension"),
    [
        ("+57 (601) 555-0100 ext 3", NUMBER, "3"),
        ("+57 601 555 0100 extensión 12", NUMBER, "12"),
        ("tel:+57-601-555-0100;ext=3", NUMBER, "3"),
        ("Claudia R.: +57 601 555 0100 (of.)", NUMBER, ""),
        ("(601) 555-0100 x3", NUMBER, "3"),
        ("601 555 0100 #3", NUMBER, "3"),
        ("+57 (601) 555-0100", "+57 (601) 555-0100", ""),
        ("1800FLOWERS", "1800FLOWERS", ""),
        ("601 5550100 or 601 5550101", "601 5550100 or 601 5550101", ""),
        ("x" * 10_000, "x" * 10_000, ""),
        (" " * LONGEST_INPUT + "a 601 5550100", " " * LONGEST_INPUT + "a 601 5550100", ""),
        ("", "", ""),
    ],
)
def test_the_number_is_taken_out_of_what_stands_around_it(text: str, number: str, extension: str) -> None:
    assert read_pasted(text, "CO") == Pasted(number, extension)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("911 ext 5", "emergency"),
        ("urgent: 123", "emergency"),
        ("+57 123 ext 4", "not_a_number"),
        ("+1 900 555 1234 ext 9", "premium"),
        ("call 112", "emergency"),
    ],
)
def test_nothing_gets_past_the_policy_in_company(text: str, rule: str) -> None:
    found = judge(Asked(read_pasted(text, "CO").text, "look at the trunk"), SCENE)
    assert [refusal.rule for refusal in found.refusals] == [rule]
