"""Calls of which a record is missing, or an id."""

from tests.journeys.golden.call import Golden
from tests.journeys.sequences import ANN, BOB, MENU, SALES, inbound, orig, pair, term

GAPS = [
    Golden(
        "the receiving record of an internal call is missing",
        [orig(ANN, "10", 0, 65, 5, R="11:0", called="202")],
        {"result": "answered", "final_party": "202", "gap_kinds": ["missing_terminating"], "direction": "internal"},
    ),
    Golden(
        "the making record of an internal call is missing",
        [term(BOB, "11", 0, 65, 5, R="10:0", calling="201")],
        {"result": "answered", "final_party": "Bob Rey", "gap_kinds": ["missing_originating"], "caller": "201"},
    ),
    Golden(
        "the attendant's record is missing",
        [*pair(MENU, ANN, ("31", "32"), 10, 40, 15, Rel="30:0", related="Deflection", redirect="Deflection")],
        {"result": "answered", "final_party": "Ann Mora", "gap_kinds": ["missing_parent"]},
    ),
    Golden(
        "the queue's own making records are missing",
        [inbound(SALES, "40", 0, 100, 2), term(ANN, "42", 10, 100, 22, R="41:0", redirect="CallQueue")],
        {
            "kinds": ["queue", "user"],
            "t_queue_1": 20.0,
            "final_party": "Ann Mora",
            "gap_kinds": ["missing_originating"],
        },
    ),
    Golden(
        "answered elsewhere, and the leg of who answered is missing",
        [inbound(ANN, "29", 0, 8, None, elsewhere="Yes")],
        {"result": "answered", "final_party": None},
    ),
    Golden(
        "legs without a Correlation ID are paired by their call ids",
        pair(ANN, BOB, ("10", "11"), 0, 65, 5, Correlation_ID=""),
        {"correlations": 0, "final_party": "Bob Rey", "members": 2},
    ),
]
