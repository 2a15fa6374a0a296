"""Calls that a hunt group or an AI receptionist takes."""

from tests.journeys.golden.call import Golden, group_ring, mailbox
from tests.journeys.sequences import ANN, BOB, TEAM, Member, inbound, orig, term

GROUPS = [
    Golden(
        "hunt group in turn, nobody answers, group voicemail",
        [
            inbound(TEAM, "32", 0, 80, 0),
            *group_ring(ANN, ("33", "34"), 1, 20, None),
            *group_ring(BOB, ("35", "36"), 20, 40, None),
            mailbox(TEAM, "37", 40, 80, 41, Rel="32:0", related="CallForwardNoAnswer"),
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
        [inbound(TEAM, "32", 0, 40, 0), *group_ring(ANN, ("33", "34"), 1, 40, None)],
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
