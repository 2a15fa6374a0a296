"""The same kinds of calls told with fewer or other signs: ids left out, the other end's record, another reason."""

from typing import Any

from tests.journeys.golden import Golden
from tests.journeys.sequences import (
    ANN,
    BOB,
    CARL,
    CUSTOMER,
    MENU,
    MOBILE,
    SALES,
    SUE,
    SUPPORT,
    Member,
    clock,
    inbound,
    orig,
    term,
)

Record = dict[str, Any]

_QUEUED = {"redirect": "CallQueue"}
_RECEPTION = Member("Recepción", "650", "VoiceXML")


def _rung(ids: dict[str, str], network: str = "") -> list[Record]:
    """Two agents of a queue, of whom the first answers; ``ids`` are on every record."""
    first, second = ({"Network_call_ID": f"{network}{number}" if network else ""} for number in (1, 2))
    return [
        orig(SALES, "", 10, 100, 22, called="201", **ids, **first),
        term(ANN, "", 10, 100, 22, **_QUEUED, **ids, **first),
        orig(SALES, "", 10, 22, None, called="202", **ids, **second),
        term(BOB, "", 10, 22, None, elsewhere="Yes", **_QUEUED, **ids, **second),
    ]


_ANSWERED_IN_QUEUE = {
    "kinds": ["queue", "user"],
    "t_queue_1": 20.0,
    "t_agent": 78.0,
    "talk_seconds": 78.0,
    "rings": ["Bob Rey"],
    "final_party": "Ann Mora",
    "gaps": [],
}

VARIANTS = [
    Golden(
        "queue, records that say nothing of what made them",
        [
            inbound(SALES, "40", 0, 100, 2),
            orig(SALES, "41", 10, 100, 22, R="42:0", called="201"),
            term(ANN, "42", 10, 100, 22, R="41:0", **_QUEUED),
            orig(SALES, "43", 10, 22, None, R="44:0", called="202"),
            term(BOB, "44", 10, 22, None, R="43:0", elsewhere="Yes", **_QUEUED),
        ],
        _ANSWERED_IN_QUEUE,
    ),
    Golden(
        "queue, paired by Network call ID alone",
        [inbound(SALES, "", 0, 100, 2, Local_call_ID=""), *_rung({"Local_call_ID": ""}, "network ")],
        _ANSWERED_IN_QUEUE,
    ),
    Golden(
        "queue, no call ids at all",
        [inbound(SALES, "", 0, 100, 2, Local_call_ID=""), *_rung({"Local_call_ID": ""})],
        _ANSWERED_IN_QUEUE,
    ),
    Golden(
        "queue to queue, told by the redirect alone",
        [
            inbound(SALES, "40", 0, 200, 2),
            orig(SALES, "45", 62, 200, 62, R="46:0", called="701"),
            term(SUPPORT, "46", 62, 200, 62, R="45:0", redirect="Deflection"),
            orig(SUPPORT, "47", 70, 200, 80, R="48:0", called="202"),
            term(BOB, "48", 70, 200, 80, R="47:0", **_QUEUED),
        ],
        {"kinds": ["queue", "queue", "user"], "t_queue_1": 60.0, "t_queue_2": 18.0, "overflowed": True},
    ),
    Golden(
        "queue overflows to an external number that answers",
        [
            inbound(SALES, "40", 0, 200, 2),
            orig(SALES, "45", 62, 200, 70, Rel="40:0", redirect="NoAnswer", type="SIP_MOBILE", called=MOBILE),
        ],
        {"result": "answered", "direction": "tromboned", "final_party": MOBILE, "t_queue_1": 60.0, "cost": 0.0867},
    ),
    Golden(
        "a call-back that only the queue's long absence tells of",
        [
            inbound(SALES, "40", 0, 32, 2),
            orig(SALES, "41", 195, 290, 199, R="42:0"),
            term(ANN, "42", 195, 290, 199, R="41:0", **_QUEUED),
            orig(SALES, "45", 200, 290, 210, related="Unrecognised", type="SIP_NATIONAL", called=CUSTOMER),
        ],
        {
            "kinds": ["queue", "user", "callback"],
            "reasons": ["dialled", "callback", "callback"],
            "t_queue_1": 30.0,
            "direction": "inbound",
            "final_party": "Ann Mora",
        },
    ),
    Golden(
        "a call-back in a call of its own, joined by the Interaction ID",
        [
            inbound(SALES, "40", 0, 32, 2, I="i"),
            orig(
                SALES, "45", 200, 290, 205, call="c2", I="i", related="Unrecognised", type="SIP_MOBILE", called=MOBILE
            ),
            orig(SALES, "41", 206, 290, 212, call="c2", I="i", R="42:0", related="CallQueue"),
            term(ANN, "42", 206, 290, 212, call="c2", I="i", R="41:0", **_QUEUED),
        ],
        {"correlations": 2, "t_queue_1": 30.0, "result": "answered", "final_party": "Ann Mora", "talk_seconds": 78.0},
    ),
    Golden(
        "picked up, told by who took it",
        [
            inbound(BOB, "80", 0, 9, None),
            term(CARL, "81", 9, 100, 10, related="CallPickup", calling=CUSTOMER),
        ],
        {"kinds": ["user", "user"], "final_party": "Carl Paz", "talk_seconds": 90.0},
    ),
    Golden(
        "picked up, told by who lost it",
        [
            inbound(BOB, "80", 0, 9, None),
            orig(BOB, "82", 9, 100, 10, R="81:0", Rel="80:0", related="CallPickup", called="203"),
            term(CARL, "81", 9, 100, 10, R="82:0", related="CallPickup", calling=CUSTOMER),
        ],
        {"kinds": ["user", "user"], "final_party": "Carl Paz", "talk_seconds": 90.0, "reasons": ["dialled", "pickup"]},
    ),
    Golden(
        "parked, and retrieved by a leg that points at the first one",
        [
            inbound(ANN, "80", 0, 200, 5, moved=clock(35), related="CallPark"),
            orig(BOB, "82", 78, 200, 80, R="80:0", related="CallParkRetrieve", called="*88", calling="202"),
        ],
        {"kinds": ["user", "park", "user"], "caller": CUSTOMER, "final_party": "Bob Rey", "park_seconds": 45.0},
    ),
    Golden(
        "parked, and nobody comes",
        [inbound(ANN, "80", 0, 90, 5, moved=clock(40), related="CallPark")],
        {
            "kinds": ["user", "park"],
            "reasons": ["dialled", "park"],
            "talk_seconds": 35.0,
            "park_seconds": 50.0,
            "route": "PSTN → Ext. 201 → Park",
        },
    ),
    Golden(
        "Webex Go: taken on the person's own mobile, which has a record",
        [
            inbound(ANN, "29", 0, 90, 8),
            orig(ANN, "30", 0, 90, 8, Rel="29:0", type="SIP_MOBILE", called=MOBILE, Sub_client_type="MOBILE_NETWORK"),
        ],
        {"kinds": ["user"], "direction": "inbound", "final_party": "Ann Mora", "t_agent": 82.0, "members": 2},
    ),
    Golden(
        "Webex Go: taken on the mobile, the desk phone's record reads unanswered",
        [
            inbound(ANN, "29", 0, 90, None),
            orig(ANN, "30", 1, 90, 8, Rel="29:0", type="SIP_MOBILE", called=MOBILE, Sub_client_type="MOBILE_NETWORK"),
        ],
        {"direction": "inbound", "result": "answered", "final_party": "Ann Mora", "talk_seconds": 82.0},
    ),
    Golden(
        "AI receptionist, told only on the leg it hands on",
        [
            inbound(_RECEPTION, "70", 0, 90, 1),
            orig(_RECEPTION, "71", 20, 90, 24, R="72:0", Rel="70:0", related="Deflection"),
            term(
                ANN,
                "72",
                20,
                90,
                24,
                R="71:0",
                redirect="Deflection",
                Transfer_type="AI Receptionist Deflection By Default",
            ),
        ],
        {"kinds": ["ai_receptionist", "user"], "t_aa": 19.0, "reasons": ["dialled", "ai_default"]},
    ),
    Golden(
        "attendant to a queue, abandoned there",
        [
            inbound(MENU, "30", 0, 80, 1, key="1"),
            orig(MENU, "31", 10, 80, 10, R="32:0", Rel="30:0", related="Deflection"),
            term(SALES, "32", 10, 80, 10, R="31:0", redirect="Deflection"),
            orig(SALES, "33", 12, 30, None, R="34:0", Rel="32:0", related="CallQueue"),
            term(ANN, "34", 12, 30, None, R="33:0", **_QUEUED),
        ],
        {"kinds": ["auto_attendant", "queue"], "result": "abandoned_queue", "t_aa": 9.0, "t_queue_1": 70.0},
    ),
    Golden(
        "a supervisor's own record of listening",
        [
            inbound(ANN, "29", 0, 100, 5),
            term(SUE, "60", 50, 80, 50, related="CCMonitoringBI", calling="201"),
        ],
        {
            "kinds": ["user", "supervisor"],
            "sources": [None, "Ann Mora"],
            "final_party": "Ann Mora",
            "talk_seconds": 95.0,
        },
    ),
]
