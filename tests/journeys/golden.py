"""Calls of every kind as Webex records them, each with what the rebuild must make of it.

An expectation names fields of the written journey; ``kinds`` is the kinds of its stages in order, ``rings`` the
names of the phones that rang in vain. Letters in comments are those of the reference's worked sequences.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.journeys.sequences import (
    ANN,
    BOB,
    CARL,
    CUSTOMER,
    DESK,
    HAVANA,
    LOBBY,
    MAILBOX,
    MENU,
    MOBILE,
    NIGHT_MENU,
    PORTAL_NAME,
    SALES,
    SUE,
    SUPPORT,
    TEAM,
    Member,
    clock,
    inbound,
    orig,
    pair,
    term,
)

Record = dict[str, Any]


@dataclass(frozen=True)
class Golden:
    """One call: its records in the order of their making, and what must come of them."""

    name: str
    records: list[Record]
    expected: dict[str, Any] = field(default_factory=dict)


def _queue_ring(
    agent: Member, ids: tuple[str, str], at: float, until: float, answer: float | None, **keys: Any
) -> list[Record]:
    return pair(
        SALES, agent, ids, at, until, answer, **{"Rel": "40:0", "related": "CallQueue", "redirect": "CallQueue"} | keys
    )


def _group_ring(
    agent: Member, ids: tuple[str, str], at: float, until: float, answer: float | None, **keys: Any
) -> list[Record]:
    return pair(
        TEAM, agent, ids, at, until, answer, **{"Rel": "32:0", "related": "HuntGroup", "redirect": "HuntGroup"} | keys
    )


def _mailbox(member: Member, local: str, at: float, until: float, answer: float | None, **keys: Any) -> Record:
    return orig(
        member, local, at, until, answer, **{"line": PORTAL_NAME, "called": "999", "redirect": "NoAnswer"} | keys
    )


PLAIN = [
    Golden(  # A
        "internal call, answered",
        pair(ANN, BOB, ("10", "11"), 0, 65, 5, by="Local"),
        {
            "direction": "internal",
            "caller": "201",
            "called": "202",
            "kinds": ["user"],
            "final_party": "Bob Rey",
            "result": "answered",
            "talk_seconds": 60.0,
            "t_agent": 60.0,
            "ring_seconds": 5.0,
            "released_by": "called",
            "route": "Ext. 201 → Ext. 202",
        },
    ),
    Golden(  # B
        "outbound international",
        [orig(ANN, "20", 0, 130, 10, type="SIP_INTERNATIONAL", called=HAVANA, by="Local")],
        {
            "direction": "outbound",
            "caller": "201",
            "called": HAVANA,
            "kinds": ["external"],
            "final_party": HAVANA,
            "result": "answered",
            "talk_seconds": 120.0,
            "released_by": "caller",
            "t_agent": None,
            "route": f"Ext. 201 → External {HAVANA}",
        },
    ),
    Golden(
        "outbound, nobody answers",
        [orig(ANN, "20", 0, 8, None, type="SIP_NATIONAL", called=MOBILE, reason="Normal", by="Local")],
        {"direction": "outbound", "result": "abandoned_ringing", "final_party": None, "released_by": "caller"},
    ),
    Golden(
        "outbound, busy",
        [orig(ANN, "20", 0, 3, None, type="SIP_NATIONAL", called=MOBILE, reason="UserBusy")],
        {"result": "busy"},
    ),
    Golden(
        "outbound, no route",
        [
            orig(
                ANN,
                "20",
                0,
                1,
                None,
                type="SIP_NATIONAL",
                called=MOBILE,
                outcome="Failure",
                reason="NoRouteToDestination",
            )
        ],
        {"result": "failed", "final_party": None, "talk_seconds": 0.0},
    ),
    Golden(  # J
        "inbound, refused",
        [inbound(ANN, "29", 0, 0.002, None, outcome="Refusal", reason="TemporarilyUnavailable", by="Local")],
        {"direction": "inbound", "result": "refused", "kinds": ["user"], "released_by": "called"},
    ),
    Golden(
        "inbound, answered, with a hold",
        [inbound(ANN, "29", 0, 105, 5, hold=30, Inbound_trunk="SIP-Bogotá", by="Local")],
        {
            "direction": "inbound",
            "result": "answered",
            "hold_seconds": 30.0,
            "talk_seconds": 100.0,
            "final_party": "Ann Mora",
            "route": "SIP-Bogotá → Ext. 201",
            "released_by": "called",
            "caller": CUSTOMER,
        },
    ),
    Golden(
        "a workspace answers",
        pair(ANN, LOBBY, ("10", "11"), 0, 65, 5),
        {"kinds": ["workspace"], "final_party": "Lobby", "t_agent": 60.0, "result": "answered"},
    ),
    Golden(
        "a virtual line answers",
        [inbound(DESK, "11", 0, 65, 5)],
        {"kinds": ["user"], "final_party": "Front desk line", "result": "answered"},
    ),
    Golden(
        "a shared line answered on one of two phones",
        [
            orig(ANN, "10", 0, 65, 5, R="11:0", called="202"),
            term(BOB, "11", 0, 65, 5, R="10:0", calling="201"),
            term(BOB, "12", 0, 5, None, R="10:0", calling="201", elsewhere="Yes", Device_owner_UUID="other"),
        ],
        {"kinds": ["user"], "rings": ["Bob Rey"], "talk_seconds": 60.0, "result": "answered", "gaps": []},
    ),
    Golden(
        "legs that wake a sleeping phone are members, not stages",
        [
            inbound(ANN, "29", 0, 105, 5),
            orig(ANN, "30", 1, 4, 2, Rel="29:0", related="PushNotificationRetrieval", R="31:0"),
            term(ANN, "31", 1, 4, 2, R="30:0", related="PushNotificationRetrieval"),
        ],
        {"kinds": ["user"], "talk_seconds": 100.0, "members": 3, "gaps": []},
    ),
    Golden(
        "Webex Go: the leg to the person's own mobile network sends nothing out",
        [
            inbound(ANN, "29", 0, 105, 5),
            orig(
                ANN, "30", 1, 105, None, Rel="29:0", type="SIP_MOBILE", called=MOBILE, Sub_client_type="MOBILE_NETWORK"
            ),
        ],
        {"direction": "inbound", "final_party": "Ann Mora", "result": "answered"},
    ),
    Golden(
        "Webex Go: an outbound call",
        [orig(ANN, "30", 0, 65, 5, type="SIP_MOBILE", called=MOBILE, Sub_client_type="MOBILE_NETWORK")],
        {"direction": "outbound", "final_party": MOBILE},
    ),
]

SERVICES = [
    Golden(  # C
        "attendant, key 2, hunt group, first agent no answer, second answers",
        [
            inbound(MENU, "30", 0, 100, 1, key="2", Inbound_trunk="SIP-Bogotá"),
            *pair(MENU, TEAM, ("31", "32"), 10, 100, 10, Rel="30:0", related="Deflection", redirect="Deflection"),
            *_group_ring(ANN, ("33", "34"), 11, 21, None),
            *_group_ring(BOB, ("35", "36"), 21, 100, 25, Original_reason="Deflection"),
        ],
        {
            "kinds": ["auto_attendant", "hunt_group", "user"],
            "rings": ["Ann Mora"],
            "t_aa": 9.0,
            "final_party": "Bob Rey",
            "t_agent": 75.0,
            "talk_seconds": 75.0,
            "result": "answered",
            "direction": "inbound",
            "route": "SIP-Bogotá → Auto attendant (2) → Hunt group Equipo → Ext. 202",
            "released_by": "caller",
        },
    ),
    Golden(
        "attendant, abandoned",
        [inbound(MENU, "30", 0, 12, 1)],
        {
            "kinds": ["auto_attendant"],
            "result": "abandoned_attendant",
            "t_aa": 11.0,
            "final_party": None,
            "talk_seconds": 0.0,
            "released_by": "caller",
        },
    ),
    Golden(
        "attendant to attendant to a person",
        [
            inbound(MENU, "30", 0, 90, 1, key="1"),
            *pair(
                MENU,
                NIGHT_MENU,
                ("31", "32"),
                10,
                90,
                10,
                Rel="30:0",
                related="Deflection",
                redirect="Deflection",
                key="3",
            ),
            *pair(NIGHT_MENU, ANN, ("33", "34"), 20, 90, 24, Rel="32:0", related="Deflection", redirect="Deflection"),
        ],
        {
            "kinds": ["auto_attendant", "auto_attendant", "user"],
            "t_aa": 19.0,
            "final_party": "Ann Mora",
            "route": "PSTN → Auto attendant (1) → Auto attendant (3) → Ext. 201",
            "talk_seconds": 66.0,
        },
    ),
    Golden(
        "attendant to an extension nobody answers",
        [
            inbound(MENU, "30", 0, 40, 1, key="5"),
            *pair(MENU, ANN, ("31", "32"), 10, 40, None, Rel="30:0", related="Deflection", redirect="Deflection"),
        ],
        {"kinds": ["auto_attendant", "user"], "result": "abandoned_ringing", "final_party": None},
    ),
    Golden(
        "attendant to an external number",
        [
            inbound(MENU, "30", 0, 90, 1, key="9"),
            orig(
                MENU,
                "31",
                10,
                90,
                20,
                Rel="30:0",
                related="Deflection",
                redirect="Deflection",
                type="SIP_MOBILE",
                called=MOBILE,
            ),
        ],
        {
            "kinds": ["auto_attendant", "external"],
            "direction": "tromboned",
            "final_party": MOBILE,
            "talk_seconds": 70.0,
        },
    ),
    Golden(  # D
        "queue, two agents ring at once, one answers",
        [
            inbound(SALES, "40", 0, 100, 2, Queue_type="Call Queue", Inbound_trunk="SIP-Bogotá"),
            *_queue_ring(ANN, ("41", "42"), 10, 100, 22, by="Local"),
            *_queue_ring(BOB, ("43", "44"), 10, 22, None, elsewhere="Yes"),
        ],
        {
            "kinds": ["queue", "user"],
            "t_queue_1": 20.0,
            "t_agent": 78.0,
            "rings": ["Bob Rey"],
            "result": "answered",
            "final_party": "Ann Mora",
            "released_by": "called",
            "route": "SIP-Bogotá → Queue Ventas → Ext. 201",
        },
    ),
    Golden(
        "queue, thirty agents ring at once",
        [
            inbound(SALES, "40", 0, 100, 2),
            *[
                record
                for number in range(30)
                for record in _queue_ring(
                    Member(f"Agent {number}", str(300 + number)),
                    (f"5{number:02}", f"6{number:02}"),
                    10,
                    100 if number == 7 else 22,
                    22 if number == 7 else None,
                    **({} if number == 7 else {"elsewhere": "Yes"}),
                )
            ],
        ],
        {
            "kinds": ["queue", "user"],
            "members": 61,
            "final_party": "Agent 7",
            "ring_count": 29,
            "talk_seconds": 78.0,
            "ring_seconds": 12.0,
        },
    ),
    Golden(  # E
        "queue, abandoned",
        [
            inbound(SALES, "40", 0, 97, 2),
            *_queue_ring(ANN, ("41", "42"), 10, 30, None),
            *_queue_ring(BOB, ("43", "44"), 31, 51, None),
        ],
        {
            "kinds": ["queue"],
            "result": "abandoned_queue",
            "t_queue_1": 95.0,
            "rings": ["Ann Mora", "Bob Rey"],
            "released_by": "caller",
            "talk_seconds": 0.0,
            "t_agent": None,
        },
    ),
    Golden(
        "queue overflows to another queue, whose agent answers",
        [
            inbound(SALES, "40", 0, 200, 2),
            *_queue_ring(ANN, ("41", "42"), 10, 30, None),
            *pair(SALES, SUPPORT, ("45", "46"), 62, 200, 62, Rel="40:0", redirect="Deflection", related="Deflection"),
            *pair(SUPPORT, BOB, ("47", "48"), 70, 200, 80, Rel="46:0", related="CallQueue", redirect="CallQueue"),
        ],
        {
            "kinds": ["queue", "queue", "user"],
            "t_queue_1": 60.0,
            "t_queue_2": 18.0,
            "result": "answered",
            "final_party": "Bob Rey",
            "overflowed": True,
            "route": "PSTN → Queue Ventas → Queue Soporte → Ext. 202",
        },
    ),
    Golden(
        "queue overflows to another queue, then voicemail",
        [
            inbound(SALES, "40", 0, 150, 2),
            *pair(
                SALES,
                SUPPORT,
                ("45", "46"),
                62,
                150,
                62,
                Rel="40:0",
                redirect="NoAnswer",
                related="CallForwardNoAnswer",
            ),
            _mailbox(SUPPORT, "47", 120, 150, 122, Rel="46:0"),
        ],
        {
            "kinds": ["queue", "queue", "voicemail"],
            "result": "voicemail",
            "final_party": None,
            "talk_seconds": 0.0,
            "t_queue_1": 60.0,
            "t_queue_2": 58.0,
        },
    ),
    Golden(
        "queue overflows to a second queue and is abandoned there",
        [
            inbound(SALES, "40", 0, 150, 2),
            *pair(SALES, SUPPORT, ("45", "46"), 62, 150, 62, Rel="40:0", redirect="Deflection", related="Deflection"),
        ],
        {"kinds": ["queue", "queue"], "result": "abandoned_queue", "t_queue_2": 88.0},
    ),
    Golden(
        "queue overflows to an external number nobody answers",
        [
            inbound(SALES, "40", 0, 90, 2),
            orig(SALES, "45", 62, 90, None, Rel="40:0", redirect="NoAnswer", type="SIP_MOBILE", called=MOBILE),
        ],
        {"kinds": ["queue", "external"], "result": "overflowed", "direction": "tromboned", "final_party": None},
    ),
    Golden(
        "queue overflows to a hunt group nobody answers",
        [
            inbound(SALES, "40", 0, 120, 2),
            *pair(SALES, TEAM, ("31", "32"), 62, 120, 62, Rel="40:0", redirect="Deflection", related="Deflection"),
            *_group_ring(ANN, ("33", "34"), 63, 83, None),
        ],
        {"kinds": ["queue", "hunt_group"], "result": "overflowed", "rings": ["Ann Mora"]},
    ),
    Golden(
        "an agent transfers the call back into the queue",
        [
            inbound(SALES, "40", 0, 300, 2),
            *_queue_ring(ANN, ("41", "42"), 10, 300, 22),
            orig(
                ANN,
                "50",
                82,
                300,
                83,
                R="51:0",
                Rel="42:0",
                related="Deflection",
                redirect="Deflection",
                called="700",
                calling=CUSTOMER,
            ),
            term(SALES, "51", 82, 300, 83, R="50:0", redirect="Deflection"),
            *pair(SALES, BOB, ("52", "53"), 90, 300, 103, Rel="51:0", related="CallQueue", redirect="CallQueue"),
        ],
        {
            "kinds": ["queue", "user", "queue", "user"],
            "t_queue_1": 20.0,
            "t_queue_2": 20.0,
            "final_party": "Bob Rey",
            "talk_seconds": 60.0 + 197.0,
            "t_agent": 257.0,
        },
    ),
    Golden(
        "queue refuses because it is full",
        [inbound(SALES, "40", 0, 1, None, reason="UserBusy")],
        {"result": "busy", "kinds": ["queue"]},
    ),
    Golden(
        "queue calls the caller back",
        [
            inbound(SALES, "40", 0, 32, 2),
            orig(SALES, "45", 200, 290, 210, Rel="40:0", related="Unrecognised", type="SIP_MOBILE", called=CUSTOMER),
            *_queue_ring(ANN, ("41", "42"), 195, 290, 199, related="Unrecognised"),
        ],
        {
            "kinds": ["queue", "user", "callback"],
            "direction": "inbound",
            "result": "answered",
            "final_party": "Ann Mora",
            "t_queue_1": 30.0,
            "talk_seconds": 91.0,
        },
    ),
    Golden(
        "a call-back whose queue leg is long gone",
        [
            orig(SALES, "45", 200, 290, 210, related="Unrecognised", type="SIP_MOBILE", called=CUSTOMER),
        ],
        {"kinds": ["callback"], "direction": "outbound", "result": "answered", "final_party": CUSTOMER},
    ),
    Golden(
        "an unknown related reason on an agent's ring is no call-back",
        [inbound(SALES, "40", 0, 100, 2), *_queue_ring(ANN, ("41", "42"), 10, 100, 22, related="Unrecognized")],
        {"kinds": ["queue", "user"], "t_queue_1": 20.0, "final_party": "Ann Mora", "reasons": ["dialled", "queue"]},
    ),
    Golden(
        "a supervisor listens to an agent",
        [
            inbound(SALES, "40", 0, 100, 2),
            *_queue_ring(ANN, ("41", "42"), 10, 100, 22),
            orig(SUE, "60", 50, 80, 50, R="61:0", related="CCMonitoringBI", called="201", calling="290"),
            term(ANN, "61", 50, 80, 50, R="60:0", related="CCMonitoringBI", calling="290"),
        ],
        {
            "kinds": ["queue", "user", "supervisor"],
            "final_party": "Ann Mora",
            "talk_seconds": 78.0,
            "t_agent": 78.0,
            "route": "PSTN → Queue Ventas → Ext. 201",
        },
    ),
    Golden(
        "a supervisor barges in",
        [
            inbound(ANN, "29", 0, 100, 5),
            orig(SUE, "60", 50, 100, 50, Rel="29:0", related="BargeIn", called="201", calling="290"),
        ],
        {"kinds": ["user", "supervisor"], "final_party": "Ann Mora", "result": "answered"},
    ),
    Golden(
        "hunt group in turn, nobody answers, group voicemail",
        [
            inbound(TEAM, "32", 0, 80, 0),
            *_group_ring(ANN, ("33", "34"), 1, 20, None),
            *_group_ring(BOB, ("35", "36"), 20, 40, None),
            _mailbox(TEAM, "37", 40, 80, 41, Rel="32:0", related="CallForwardNoAnswer"),
        ],
        {
            "kinds": ["hunt_group", "voicemail"],
            "result": "voicemail",
            "rings": ["Ann Mora", "Bob Rey"],
            "final_party": None,
        },
    ),
    Golden(
        "hunt group, nobody answers, the caller gives up",
        [inbound(TEAM, "32", 0, 40, 0), *_group_ring(ANN, ("33", "34"), 1, 40, None)],
        {"kinds": ["hunt_group"], "result": "abandoned_ringing", "final_party": None, "talk_seconds": 0.0},
    ),
    Golden(
        "AI receptionist sends by intent",
        [
            inbound(
                Member("Recepción IA", "650", "VoiceXML"),
                "70",
                0,
                90,
                1,
                Transfer_type="AI Receptionist Deflection By Intent",
            ),
            orig(
                Member("Recepción IA", "650", "VoiceXML"),
                "71",
                20,
                90,
                24,
                R="72:0",
                Rel="70:0",
                related="Deflection",
                Transfer_type="AI Receptionist Deflection By Intent",
                called="201",
            ),
            term(ANN, "72", 20, 90, 24, R="71:0", redirect="Deflection"),
        ],
        {
            "kinds": ["ai_receptionist", "user"],
            "t_aa": 19.0,
            "final_party": "Ann Mora",
            "reasons": ["dialled", "ai_intent"],
        },
    ),
]

FORWARDS = [
    Golden(  # F
        "no answer, forwarded to an international number",
        [
            inbound(ANN, "60", 0, 200, 20, indicator="Yes-PostRedirection"),
            orig(
                ANN,
                "61",
                18,
                200,
                24,
                Rel="60:0",
                related="CallForwardNoAnswer",
                redirect="NoAnswer",
                type="SIP_INTERNATIONAL",
                called=HAVANA,
                calling=CUSTOMER,
            ),
        ],
        {
            "direction": "tromboned",
            "kinds": ["user", "external"],
            "final_party": HAVANA,
            "talk_seconds": 176.0,
            "t_agent": None,
            "caller": CUSTOMER,
            "result": "answered",
            "reasons": ["dialled", "forward_no_answer"],
        },
    ),
    Golden(
        "always forwarded abroad, though the first leg reads answered",
        [
            inbound(ANN, "60", 0, 200, 5),
            orig(
                ANN,
                "61",
                0,
                200,
                5,
                Rel="60:0",
                related="CallForwardAlways",
                redirect="Unconditional",
                type="SIP_INTERNATIONAL",
                called=HAVANA,
                calling=CUSTOMER,
            ),
        ],
        {"direction": "tromboned", "final_party": HAVANA, "talk_seconds": 195.0, "t_agent": None, "result": "answered"},
    ),
    Golden(
        "an internal call forwarded to an external number goes out only",
        [
            *pair(ANN, BOB, ("10", "11"), 0, 100, None),
            orig(
                BOB,
                "12",
                1,
                100,
                10,
                Rel="11:0",
                related="CallForwardAlways",
                redirect="Unconditional",
                type="SIP_MOBILE",
                called=MOBILE,
                calling="201",
            ),
        ],
        {
            "direction": "outbound",
            "caller": "201",
            "called": "202",
            "kinds": ["user", "external"],
            "final_party": MOBILE,
        },
    ),
    Golden(  # I
        "no answer, own voicemail",
        [inbound(ANN, "29", 0, 50, None), _mailbox(ANN, "30", 20, 50, 21, Rel="29:0", related="CallForwardNoAnswer")],
        {
            "kinds": ["user", "voicemail"],
            "result": "voicemail",
            "final_party": None,
            "talk_seconds": 0.0,
            "t_agent": None,
            "route": "PSTN → Ext. 201 → Voicemail",
        },
    ),
    Golden(
        "no answer, own voicemail, the first leg reads answered",
        [inbound(ANN, "29", 0, 50, 21), _mailbox(ANN, "30", 20, 50, 21, Rel="29:0")],
        {"result": "voicemail", "final_party": None, "talk_seconds": 0.0},
    ),
    Golden(
        "voicemail whose receiving end has a record",
        [
            inbound(ANN, "29", 0, 50, None),
            orig(
                ANN,
                "30",
                20,
                50,
                21,
                Rel="29:0",
                R="31:0",
                redirect="NoAnswer",
                related="CallForwardNoAnswer",
                called="999",
            ),
            term(MAILBOX, "31", 20, 50, 21, R="30:0", redirect="NoAnswer"),
        ],
        {"kinds": ["user", "voicemail"], "result": "voicemail", "gaps": []},
    ),
    Golden(
        "the caller hangs up before the mailbox answers",
        [inbound(ANN, "29", 0, 22, None), _mailbox(ANN, "30", 20, 22, None, Rel="29:0")],
        {"result": "abandoned_ringing", "final_party": None},
    ),
    Golden(
        "forwarded twice, then a person",
        [
            inbound(ANN, "29", 0, 90, None),
            *pair(
                ANN, BOB, ("30", "31"), 1, 90, None, Rel="29:0", related="CallForwardAlways", redirect="Unconditional"
            ),
            *pair(BOB, CARL, ("32", "33"), 20, 90, 25, Rel="31:0", related="CallForwardNoAnswer", redirect="NoAnswer"),
        ],
        {
            "kinds": ["user", "user", "user"],
            "final_party": "Carl Paz",
            "talk_seconds": 65.0,
            "route": "PSTN → Ext. 201 → Ext. 202 → Ext. 203",
        },
    ),
    Golden(
        "rings at the same time on a mobile, which answers",
        [
            inbound(ANN, "29", 0, 90, None),
            orig(
                ANN,
                "30",
                0,
                90,
                8,
                Rel="29:0",
                related="SimultaneousRingPersonal",
                redirect="FollowMe",
                type="SIP_MOBILE",
                called=MOBILE,
            ),
            *pair(
                ANN,
                BOB,
                ("31", "32"),
                0,
                8,
                None,
                Rel="29:0",
                related="SimultaneousRingPersonal",
                redirect="FollowMe",
                elsewhere="Yes",
            ),
        ],
        {
            "kinds": ["user", "external"],
            "rings": ["Bob Rey"],
            "final_party": MOBILE,
            "direction": "tromboned",
            "talk_seconds": 82.0,
        },
    ),
    Golden(
        "rings at the same time on a mobile, the desk phone answers",
        [
            inbound(ANN, "29", 0, 90, 8),
            orig(
                ANN,
                "30",
                0,
                8,
                None,
                Rel="29:0",
                related="SimultaneousRingPersonal",
                redirect="FollowMe",
                type="SIP_MOBILE",
                called=MOBILE,
            ),
        ],
        {"kinds": ["user"], "ring_count": 1, "final_party": "Ann Mora", "talk_seconds": 82.0},
    ),
    Golden(
        "rings in turn, the second phone answers",
        [
            inbound(ANN, "29", 0, 90, None),
            orig(
                ANN,
                "30",
                10,
                20,
                None,
                Rel="29:0",
                related="SequentialRing",
                redirect="FollowMe",
                type="SIP_MOBILE",
                called=MOBILE,
            ),
            *pair(ANN, BOB, ("31", "32"), 20, 90, 25, Rel="29:0", related="SequentialRing", redirect="FollowMe"),
        ],
        {"kinds": ["user", "user"], "ring_count": 1, "final_party": "Bob Rey", "talk_seconds": 65.0},
    ),
    Golden(
        "the assistant takes the executive's call",
        [
            inbound(SUE, "29", 0, 90, None),
            *pair(SUE, ANN, ("30", "31"), 1, 90, 9, Rel="29:0", related="Executive"),
            *pair(SUE, BOB, ("32", "33"), 1, 9, None, Rel="29:0", related="Executive", elsewhere="Yes"),
        ],
        {"kinds": ["user", "user"], "rings": ["Bob Rey"], "final_party": "Ann Mora", "talk_seconds": 81.0},
    ),
    Golden(
        "the assistant pushes the call to the executive",
        [
            inbound(SUE, "29", 0, 200, None),
            *pair(SUE, ANN, ("30", "31"), 1, 60, 10, Rel="29:0", related="Executive", moved=clock(60)),
            *pair(ANN, SUE, ("32", "33"), 60, 200, 65, Rel="31:0", related="ExecutiveAssistantCallPush"),
        ],
        {"final_party": "Sue Jefa", "talk_seconds": 185.0},
    ),
    Golden(
        "night mode sends the attendant's calls to another number",
        [
            inbound(MENU, "30", 0, 90, None),
            *pair(MENU, ANN, ("31", "32"), 0, 90, 6, Rel="30:0", related="CallForwardModeBased", redirect="TimeOfDay"),
        ],
        {"final_party": "Ann Mora", "result": "answered"},
    ),
]

TRANSFERS = [
    Golden(  # G
        "blind transfer",
        [
            inbound(ANN, "70", 0, 100, 5, moved=clock(35)),
            *pair(
                ANN, BOB, ("71", "72"), 35, 100, 40, Rel="70:0", related="Deflection", redirect="Deflection", by="Local"
            ),
        ],
        {
            "kinds": ["user", "user"],
            "final_party": "Bob Rey",
            "talk_seconds": 90.0,
            "reasons": ["dialled", "transfer"],
            "released_by": "called",
            "route": "PSTN → Ext. 201 → Ext. 202",
        },
    ),
    Golden(
        "blind transfer without a transfer time",
        [
            inbound(ANN, "70", 0, 100, 5),
            *pair(ANN, BOB, ("71", "72"), 35, 100, 40, Rel="70:0", related="Deflection", redirect="Deflection"),
        ],
        {"final_party": "Bob Rey", "talk_seconds": 90.0},
    ),
    Golden(
        "blind transfer to an external number",
        [
            inbound(ANN, "70", 0, 100, 5, moved=clock(35)),
            orig(
                ANN,
                "71",
                35,
                100,
                40,
                Rel="70:0",
                related="Deflection",
                redirect="Deflection",
                type="SIP_INTERNATIONAL",
                called=HAVANA,
            ),
        ],
        {"direction": "tromboned", "final_party": HAVANA, "talk_seconds": 90.0},
    ),
    Golden(
        "blind transfer nobody takes",
        [
            inbound(ANN, "70", 0, 60, 5, moved=clock(35)),
            *pair(ANN, BOB, ("71", "72"), 35, 60, None, Rel="70:0", related="Deflection", redirect="Deflection"),
        ],
        {"kinds": ["user", "user"], "final_party": "Ann Mora", "result": "answered", "talk_seconds": 30.0},
    ),
    Golden(  # H
        "transfer after a consultation",
        [
            inbound(ANN, "80", 0, 100, 5, I="i1", XR="81:0", moved=clock(60), hold=20),
            orig(
                ANN,
                "81",
                40,
                100,
                45,
                call="c2",
                I="i1",
                R="82:0",
                XR="80:0",
                related="ConsultativeTransfer",
                called="202",
            ),
            term(BOB, "82", 40, 100, 45, call="c2", I="i1", R="81:0", calling="201"),
        ],
        {
            "correlations": 2,
            "kinds": ["user", "user"],
            "final_party": "Bob Rey",
            "reasons": ["dialled", "consult_transfer"],
            "talk_seconds": 55.0 + 55.0,
            "hold_seconds": 20.0,
            "direction": "inbound",
            "caller": CUSTOMER,
            "gaps": [],
        },
    ),
    Golden(
        "transfer after a consultation, joined by Transfer related call ID alone",
        [
            inbound(ANN, "80", 0, 100, 5, XR="81:0", moved=clock(60)),
            orig(ANN, "81", 40, 100, 45, call="c2", R="82:0", XR="80:0", related="ConsultativeTransfer", called="202"),
            term(BOB, "82", 40, 100, 45, call="c2", R="81:0", calling="201"),
        ],
        {"correlations": 2, "final_party": "Bob Rey"},
    ),
    Golden(
        "transfer after a consultation to an external number",
        [
            inbound(ANN, "80", 0, 100, 5, I="i1", XR="81:0", moved=clock(60)),
            orig(
                ANN,
                "81",
                40,
                100,
                45,
                call="c2",
                I="i1",
                XR="80:0",
                related="ConsultativeTransfer",
                type="SIP_MOBILE",
                called=MOBILE,
            ),
        ],
        {"direction": "tromboned", "final_party": MOBILE, "correlations": 2},
    ),
    Golden(
        "a consultation nobody answers, the agent stays",
        [
            inbound(ANN, "80", 0, 100, 5, I="i1", hold=20),
            *pair(ANN, BOB, ("81", "82"), 40, 60, None, call="c2", I="i1"),
        ],
        {
            "final_party": "Ann Mora",
            "talk_seconds": 95.0,
            "reasons": ["dialled", "consult"],
            "route": "PSTN → Ext. 201",
        },
    ),
    Golden(
        "a consultation that is answered and ends, the agent stays",
        [
            inbound(ANN, "80", 0, 100, 5, I="i1", hold=20),
            *pair(ANN, BOB, ("81", "82"), 40, 60, 45, call="c2", I="i1"),
        ],
        {"final_party": "Ann Mora", "result": "answered", "reasons": ["dialled", "consult"]},
    ),
    Golden(
        "a person's own outbound call handed to a colleague",
        [
            orig(ANN, "80", 0, 100, 5, I="i1", XR="81:0", type="SIP_NATIONAL", called=MOBILE, moved=clock(60)),
            orig(
                ANN,
                "81",
                40,
                100,
                45,
                call="c2",
                I="i1",
                R="82:0",
                XR="80:0",
                related="ConsultativeTransfer",
                called="202",
            ),
            term(BOB, "82", 40, 100, 45, call="c2", I="i1", R="81:0", calling="201"),
        ],
        {"direction": "outbound", "caller": "201", "final_party": "Bob Rey", "kinds": ["external", "user"]},
    ),
    Golden(
        "the partner of a consultation is missing",
        [inbound(ANN, "80", 0, 100, 5, I="i1", XR="81:0", moved=clock(60))],
        {"final_party": "Ann Mora", "gap_kinds": ["missing_transfer_partner"], "talk_seconds": 55.0},
    ),
    Golden(
        "parked and taken by another",
        [
            inbound(ANN, "80", 0, 200, 5, moved=clock(35)),
            orig(ANN, "81", 35, 80, 35, Rel="80:0", related="CallPark", called="555"),
            orig(BOB, "82", 78, 200, 80, Rel="81:0", related="CallParkRetrieve", called="555", calling="202"),
        ],
        {
            "kinds": ["user", "park", "user"],
            "final_party": "Bob Rey",
            "talk_seconds": 150.0,
            "park_seconds": 45.0,
            "route": "PSTN → Ext. 201 → Park → Ext. 202",
        },
    ),
    Golden(
        "parked, told only on the leg of the one who parked, and taken",
        [
            inbound(ANN, "80", 0, 200, 5, moved=clock(35), related="CallPark"),
            orig(BOB, "82", 78, 200, 80, related="CallParkRetrieve", called="555", calling="202"),
        ],
        {"kinds": ["user", "park", "user"], "final_party": "Bob Rey", "park_seconds": 45.0},
    ),
    Golden(
        "parked and recalled",
        [
            inbound(ANN, "80", 0, 200, 5, moved=clock(35)),
            orig(ANN, "81", 35, 95, 35, Rel="80:0", related="CallPark", called="555"),
            term(ANN, "83", 95, 200, 100, Recall_type="Park Recall"),
        ],
        {
            "kinds": ["user", "park", "user"],
            "final_party": "Ann Mora",
            "talk_seconds": 130.0,
            "park_seconds": 60.0,
            "reasons": ["dialled", "park", "recall"],
        },
    ),
    Golden(
        "picked up by a colleague",
        [
            inbound(BOB, "80", 0, 100, None, elsewhere="Yes"),
            orig(CARL, "81", 9, 100, 10, Rel="80:0", related="CallPickup", called="*98", calling="203"),
        ],
        {
            "kinds": ["user", "user"],
            "final_party": "Carl Paz",
            "talk_seconds": 90.0,
            "direction": "inbound",
            "caller": CUSTOMER,
        },
    ),
    Golden(
        "an internal call picked up, noted on the leg that rang",
        [
            *pair(ANN, BOB, ("10", "11"), 0, 100, None, elsewhere="Yes"),
            orig(CARL, "81", 9, 100, 10, Rel="11:0", related="DirectedCallPickup", called="*97202", calling="203"),
        ],
        {
            "kinds": ["user", "user"],
            "final_party": "Carl Paz",
            "caller": "201",
            "called": "202",
            "direction": "internal",
        },
    ),
    Golden(
        "the same person moves the call to another device",
        [
            inbound(ANN, "80", 0, 50, 5),
            orig(ANN, "81", 50, 120, 51, Rel="80:0", related="CallRetrieve", called="*11", calling="201"),
        ],
        {"kinds": ["user", "user"], "final_party": "Ann Mora", "talk_seconds": 45.0 + 69.0},
    ),
]

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

GOLDEN = [*PLAIN, *SERVICES, *FORWARDS, *TRANSFERS, *GAPS]
