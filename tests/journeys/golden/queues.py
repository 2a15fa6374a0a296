"""Calls that wait in a queue for its agents."""

from tests.journeys.golden.call import Golden, group_ring, mailbox, queue_ring
from tests.journeys.sequences import (
    ANN,
    BOB,
    CUSTOMER,
    MOBILE,
    SALES,
    SUE,
    SUPPORT,
    TEAM,
    Member,
    inbound,
    orig,
    pair,
    term,
)

QUEUES = [
    Golden(  # D
        "queue, two agents ring at once, one answers",
        [
            inbound(SALES, "40", 0, 100, 2, Queue_type="Call Queue", Inbound_trunk="SIP-Bogotá"),
            *queue_ring(ANN, ("41", "42"), 10, 100, 22, by="Local"),
            *queue_ring(BOB, ("43", "44"), 10, 22, None, elsewhere="Yes"),
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
                for record in queue_ring(
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
            *queue_ring(ANN, ("41", "42"), 10, 30, None),
            *queue_ring(BOB, ("43", "44"), 31, 51, None),
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
            *queue_ring(ANN, ("41", "42"), 10, 30, None),
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
            mailbox(SUPPORT, "47", 120, 150, 122, Rel="46:0"),
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
            *group_ring(ANN, ("33", "34"), 63, 83, None),
        ],
        {"kinds": ["queue", "hunt_group"], "result": "overflowed", "rings": ["Ann Mora"]},
    ),
    Golden(
        "an agent transfers the call back into the queue",
        [
            inbound(SALES, "40", 0, 300, 2),
            *queue_ring(ANN, ("41", "42"), 10, 300, 22),
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
            *queue_ring(ANN, ("41", "42"), 195, 290, 199, related="Unrecognised"),
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
        [inbound(SALES, "40", 0, 100, 2), *queue_ring(ANN, ("41", "42"), 10, 100, 22, related="Unrecognized")],
        {"kinds": ["queue", "user"], "t_queue_1": 20.0, "final_party": "Ann Mora", "reasons": ["dialled", "queue"]},
    ),
    Golden(
        "a supervisor listens to an agent",
        [
            inbound(SALES, "40", 0, 100, 2),
            *queue_ring(ANN, ("41", "42"), 10, 100, 22),
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
]
