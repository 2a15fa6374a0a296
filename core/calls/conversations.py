"""When people spoke: the one definition behind "answered" and "minutes" wherever calls are counted.

Webex makes a record for every side of a call and for every service on its way, so neither the legs nor their
``Answered`` count what an analyst means by a call answered. The figures are therefore told of calls (Correlation
IDs), and each conversation is counted by one leg only (sequences, steps and rules: docs/call-records.md):

* an internal call by the TERMINATING leg of who took it (sequence A), also behind a queue, hunt group,
  forward or transfer (C, D, G, H);
* a call from outside by the TERMINATING leg of who took it; a call to outside by its ORIGINATING leg, which is its
  only record (B), also when a forward or transfer made it (F, G);
* a call that a service sent outside (an attendant's key, an overflow, single number reach) by that service's
  ORIGINATING off-net leg (step 7), except the call back of a queue, whose agent has a TERMINATING leg;
* a parked or ringing call that somebody fetched by that leg, which has no counterpart.

Attendants, queues, mailboxes, abandoned calls and legs answered after a redirect never count (E, I, J; step 10). A
transferred leg lasts to its transfer (step 9), so that what follows is not counted twice.
"""

FETCHED = ("CallParkRetrieve", "CallRetrieve", "CallPickup", "DirectedCallPickup")
"""``Related reason`` of a leg that takes over a call parked or ringing elsewhere (docs/call-records.md)."""

CALL_BACK = ("Unrecognised", "Unrecognized")
"""``Related reason`` of the legs of a queue that calls a customer back (docs/call-records.md, rules of thumb)."""


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


CALL = "coalesce(correlation_id, report_id)"
"""SQL of what makes legs one call; a leg without Correlation ID is a call of its own."""

CONVERSATION = (
    "coalesce((outcome = 'answered' AND (off_net OR direction = 'TERMINATING' "
    f"OR related_reason IN ({_listed(FETCHED)}))) "
    "OR (outcome = 'service' AND off_net AND direction = 'ORIGINATING' "
    f"AND coalesce(related_reason, '') NOT IN ({_listed(CALL_BACK)})), false)"
)
"""SQL condition: this leg stands for a conversation, each of which has one such leg."""

OWN_CONVERSATION = "coalesce(outcome = 'answered', false)"
"""SQL condition: the leg's own party spoke. For legs of one side only, whose counterparts are not among them."""

TALK_SECONDS = (
    "CASE WHEN call_transfer_time >= answer_time "
    "THEN least(duration, date_diff('second', answer_time, call_transfer_time)) ELSE duration END"
)
"""SQL of how long a conversation leg was talk: its Duration, or from answer to transfer where it was transferred."""

PEOPLE = ("User", "Place", "VirtualLine", "VirtuaLline")
"""``User type`` of people, workspaces and virtual lines, with the spelling of Webex's documentation."""


def conversation(*, one_side: bool) -> str:
    """The condition to count by: ``one_side`` says that the legs are those of some parties, not whole calls."""
    return OWN_CONVERSATION if one_side else CONVERSATION
