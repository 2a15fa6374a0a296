"""Calls that an attendant takes."""

from tests.journeys.golden.call import Golden, group_ring
from tests.journeys.sequences import ANN, BOB, MENU, MOBILE, NIGHT_MENU, TEAM, inbound, orig, pair

ATTENDANTS = [
    Golden(  # C
        "attendant, key 2, hunt group, first agent no answer, second answers",
        [
            inbound(MENU, "30", 0, 100, 1, key="2", Inbound_trunk="SIP-Bogotá"),
            *pair(MENU, TEAM, ("31", "32"), 10, 100, 10, Rel="30:0", related="Deflection", redirect="Deflection"),
            *group_ring(ANN, ("33", "34"), 11, 21, None),
            *group_ring(BOB, ("35", "36"), 21, 100, 25, Original_reason="Deflection"),
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
]
