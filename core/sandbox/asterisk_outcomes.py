"""What becomes of a call at the pretend Asterisk: by the last two digits of the number, so that each can be shown."""

from dataclasses import dataclass, replace

EVER = 10**6
"""Seconds that nobody waits for."""
CAUSE_TEXTS = {
    0: "Unknown", 1: "Unallocated (unassigned) number", 3: "No route to destination", 16: "Normal Clearing",
    17: "User busy", 18: "No user responding", 19: "User alerting, no answer", 20: "Subscriber absent",
    21: "Call Rejected", 22: "Number changed",
    23: "Redirected to new destination", 27: "Destination out of order", 28: "Invalid number format",
    34: "Circuit/channel congestion", 38: "Network out of order", 41: "Temporary failure",
    58: "Bearer capability not available", 102: "Recover on timer expiry", 127: "Interworking, unspecified",
}  # fmt: skip
_DIAL_WORDS = {17: "BUSY", 34: "CONGESTION", 3: "CHANUNAVAIL", 20: "CHANUNAVAIL"}


@dataclass(frozen=True)
class Outcome:
    """One course of a call. Seconds are from the step before; ``None`` where a step does not come.

    ``sip_code`` is what the peer answers, for calls by SIP. ``is_released_by_dialplan`` is the way of a Local channel
    whose dialplan says Busy or Congestion: only the dialling word tells. ``is_nested`` dials a further leg.
    ``forwards_to`` is where the peer sends calls on to (SIP 302), ``transfers_to`` where an answered call is passed on
    to (REFER); ``is_handed_over`` passes it on to a call the peer has already (REFER or INVITE with Replaces).
    """

    rings_after: float | None = None
    has_early_media: bool = False
    answers_after: float | None = None
    ends_after: float = EVER
    cause: int = 16
    sip_code: int | None = None
    digits: str = ""
    is_released_by_dialplan: bool = False
    is_nested: bool = False
    forwards_to: str = ""
    transfers_to: str = ""
    is_handed_over: bool = False

    @property
    def dial_word(self) -> str:
        """The last word of dialling for a call that was not answered."""
        return _DIAL_WORDS.get(self.cause, "NOANSWER")


def _refused(cause: int, sip_code: int | None = None, *, rings: bool = False, after: float = 0.5) -> Outcome:
    return Outcome(rings_after=0.2 if rings else None, ends_after=after, cause=cause, sip_code=sip_code)


ANSWERED = Outcome(rings_after=0.2, answers_after=1.0)
BY_LAST_DIGITS: dict[str, Outcome] = {
    "00": Outcome(rings_after=0.2, answers_after=2.0, ends_after=8.0, cause=0),
    "01": _refused(1, 404),
    "02": Outcome(ends_after=0.5, cause=23, sip_code=302, forwards_to="+576015550133"),
    "12": Outcome(rings_after=0.2, answers_after=1.0, digits="12#"),
    "17": _refused(17, 486, rings=True, after=1.0),
    "18": _refused(18, 408, after=2.0),
    "19": Outcome(rings_after=0.2),
    "20": _refused(20),
    "21": _refused(21, 603, rings=True, after=2.0),
    "22": _refused(22, 410),
    "27": _refused(27, 502),
    "28": _refused(28, 484),
    "34": _refused(34, 503),
    "38": _refused(38, 500),
    "58": _refused(58, 488),
    "70": Outcome(rings_after=0.2, answers_after=1.0, transfers_to="+19005550199"),
    "71": Outcome(rings_after=0.2, answers_after=1.0, is_handed_over=True),
    "80": Outcome(),
    "83": Outcome(has_early_media=True, rings_after=0.3, answers_after=1.5, ends_after=8.0, cause=0),
    "90": Outcome(answers_after=0.5, ends_after=4.0, cause=38, sip_code=500),
}
"""docs/dialer.md tells the same to people."""
NOT_ALLOCATED = "50"
"""Numbers that end so cannot be rung at all: HTTP 500, as for a trunk that is not registered."""


def _local(cause: int, *, rings: bool = False) -> Outcome:
    return Outcome(rings_after=0.0 if rings else None, ends_after=0.5 if rings else 0.0, cause=cause)


_ANSWER = Outcome(rings_after=0.0, answers_after=1.0, ends_after=2.5)
BY_EXTENSION: dict[str, Outcome] = {
    "answer": _ANSWER,
    "answerdrop38": Outcome(answers_after=0.0, ends_after=1.0, cause=38),
    "answerhold": Outcome(answers_after=0.0),
    "badformat28": _local(28),
    "busy": Outcome(ends_after=0.5, cause=17, is_released_by_dialplan=True),
    "busy17": _local(17, rings=True),
    "congest34": _local(34),
    "congested": Outcome(ends_after=0.5, cause=34, is_released_by_dialplan=True),
    "dtmf": Outcome(answers_after=0.0, ends_after=3.0, digits="12#"),
    "fallthrough": _local(0),
    "interwork127": _local(127),
    "netfail38": _local(38),
    "noanswer19": _local(19, rings=True),
    "normal16": _local(16),
    "noroute3": _local(3),
    "nouser18": _local(18),
    "outoforder27": _local(27),
    "progress": Outcome(has_early_media=True, rings_after=0.0, answers_after=1.0, ends_after=2.5),
    "reject21": _local(21, rings=True),
    "ringforever": Outcome(rings_after=0.0),
    "silent": Outcome(),
    "tempfail41": _local(41),
    "unalloc1": _local(1),
    "unavail20": _local(20),
    "viadial-answer": replace(_ANSWER, is_nested=True),
    "viadial-busy": Outcome(rings_after=0.0, ends_after=0.5, cause=17, is_released_by_dialplan=True, is_nested=True),
    "viadial-noanswer": replace(_local(19, rings=True), is_nested=True),
}
"""Extensions of the context ``scenarios`` behind Local channels."""


def outcome_of_number(resource: str) -> Outcome | None:
    """What becomes of a call to ``number@trunk`` or to an extension; ``None`` for one that cannot be rung."""
    number, _, trunk = resource.partition("@")
    last = number[-2:]
    if trunk:
        return None if last == NOT_ALLOCATED else BY_LAST_DIGITS.get(last, ANSWERED)
    return BY_LAST_DIGITS[last] if last in ("17", "19", "21") else ANSWERED
