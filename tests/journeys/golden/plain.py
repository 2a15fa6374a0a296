"""Calls between two ends, answered or not."""

from tests.journeys.golden.call import Golden
from tests.journeys.sequences import ANN, BOB, CUSTOMER, DESK, HAVANA, LOBBY, MOBILE, inbound, orig, pair, term

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
