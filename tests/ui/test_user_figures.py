"""The pictures of a calling user show what they are looked at for."""

from datetime import UTC, timedelta

from core.ui.users.figures import risk_line
from tests.conftest import NOON


def test_a_score_that_has_just_risen_is_marked_where_the_line_ends() -> None:
    calm = [(NOON - timedelta(hours=12 * steps), 0.0) for steps in (2, 1)]
    line, now = risk_line([*calm, (NOON, 78.4)], UTC).data
    assert list(line.y) == [0.0, 0.0, 78.4]
    assert (now.mode, list(now.x), list(now.y)) == ("markers", [NOON.replace(tzinfo=None)], [78.4])
