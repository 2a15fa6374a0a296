"""Calls that are handed over, parked, picked up or moved to another device."""

from tests.journeys.golden.call import Golden
from tests.journeys.sequences import ANN, BOB, CARL, CUSTOMER, HAVANA, MOBILE, clock, inbound, orig, pair, term

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
