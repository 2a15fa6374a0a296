"""Calls of a person: out to the public network, in from it, to colleagues, and what follows when nobody answers."""

from core.sandbox import feature_calls
from core.sandbox.board import VOICE_PORTAL, Board, inside
from core.sandbox.destinations import call_type, destination, dialled
from core.sandbox.legs import Call, Line, Record, Times
from core.sandbox.numbering import draw_number
from core.sandbox.redirects import onward
from core.sandbox.world import Contact, Person, Site

_REFUSED = (
    ("Refusal", "TemporarilyUnavailable"),
    ("Refusal", "CallRejected"),
    ("Refusal", "UserCallBlock"),
    ("Refusal", "SIP480"),
)
_UNREACHED = (
    ("Success", "UserBusy", 30),
    ("Success", "NoAnswer", 34),
    ("Success", "Normal", 22),
    ("Refusal", "UnassignedNumber", 6),
    ("Refusal", "SIP487", 3),
    ("Failure", "DestinationOutOfOrder", 2),
    ("Failure", "SIP503", 2),
    ("Failure", "NoRouteToDestination", 1),
)


def place_call(board: Board, person: Person, moment: int, contact: Contact) -> None:
    """A call out, answered or not."""
    draw = board.draw
    blocked = call_type(person.site, contact) == "SIP_INTERNATIONAL" and not person.international
    call = board.open_call()
    line = Line(person.number, contact.number, person.name)
    extra = destination(person.site, contact)
    if blocked:
        times = Times(moment, None, moment + draw.randrange(80, 900))
        extra |= {"Call outcome": "Refusal", "Call outcome reason": "AdminCallBlock"}
    elif draw.random() < 0.74:
        answer = moment + board.ring()
        times = Times(moment, answer, answer + board.talk(person.habits.talk))
    else:
        outcome, reason, _ = draw.choices(_UNREACHED, [row[2] for row in _UNREACHED])[0]
        ringing = board.ring(4, 45) if outcome == "Success" and reason != "UserBusy" else draw.randrange(300, 2500)
        times = Times(moment, None, moment + ringing)
        extra |= {"Call outcome": outcome, "Call outcome reason": reason}
    record = call.dial(person, times, line, extra)
    record["Dialed digits"] = dialled(person.site, contact, record)
    board.occupy(person, times.release)


def choose_contact(board: Board, person: Person, campaign: bool, abroad: str | None) -> Contact:
    """Whom a person calls: an old acquaintance, somebody abroad, or a number never dialled before."""
    draw, habits = board.draw, person.habits
    if abroad is not None and draw.random() < 0.2:
        return Contact(draw_number(draw, abroad), abroad, "fixed", 1)
    if habits.foreign_contacts and draw.random() < habits.foreign and (person.international or draw.random() < 0.1):
        return draw.choice(habits.foreign_contacts)
    if draw.random() < (0.85 if campaign else habits.fresh):
        kind = "mobile" if draw.random() < 0.6 else "fixed"
        number = draw_number(draw, person.site.country, "mobile" if kind == "mobile" else "fixed")
        return Contact(number, person.site.country, kind, 1)
    return draw.choices(habits.contacts, [contact.weight for contact in habits.contacts])[0]


def draw_caller(board: Board, site: Site) -> str:
    """Who calls from outside: mostly known customers, else anybody, now and then from abroad or withheld."""
    draw = board.draw
    coin = draw.random()
    if coin < 0.42:
        return draw.choice(site.customers).number
    if coin < 0.93:
        return draw_number(draw, site.country, "mobile" if draw.random() < 0.7 else "fixed")
    if coin < 0.985:
        return draw.choice(site.partners).number
    return "anonymous"


def receive_call(board: Board, person: Person, moment: int, caller: str) -> None:
    """A call from outside straight to a person."""
    draw = board.draw
    call = board.open_call()
    line = Line(caller, person.direct_number, "NA", person.name)
    if draw.random() < 0.02:
        outcome, reason = draw.choice(_REFUSED)
        times = Times(moment, None, moment + draw.randrange(2, 400))
        call.receive(person, times, line, {"Call outcome": outcome, "Call outcome reason": reason})
        return
    if not board.at_desk(person, moment):
        _unattended(board, call, person, moment, line)
        return
    if board.free_at(person) > moment and draw.random() < 0.7:
        unanswered(board, call, person, Times(moment, None, moment + draw.randrange(50, 400)), line, "UserBusy")
        return
    if feature_calls.shared_ringing(board, call, person, moment, line):
        return
    if draw.random() < 0.76:
        _answered_from_outside(board, call, person, moment, line)
        return
    if draw.random() < 0.06 and feature_calls.pickup(board, call, person, moment, line):
        return
    unanswered(board, call, person, Times(moment, None, moment + board.ring(12, 26)), line, "NoAnswer")


def _answered_from_outside(board: Board, call: Call, person: Person, moment: int, line: Line) -> None:
    draw = board.draw
    answer = moment + board.ring()
    release = answer + board.talk(person.habits.talk)
    coin = draw.random()
    if coin < 0.11 and feature_calls.after_answer(board, call, person, Times(moment, answer, release), line):
        return
    call.receive(person, Times(moment, answer, release), line, reputation(board, person))
    board.occupy(person, release)


def reputation(board: Board, person: Person) -> dict[str, str]:
    """What the reputation service says about a caller; it works for calling plans in the USA."""
    if person.site.country != "US":
        return {}
    score = board.draw.triangular(0.5, 5.0, 4.4)
    verdict = "allow" if score > 1.5 else "captcha-allow"
    return {"Caller Reputation Score": f"{score:.1f}", "Caller Reputation Service Result": verdict}


def _unattended(board: Board, call: Call, person: Person, moment: int, line: Line) -> None:
    if board.draw.random() < 0.35:
        unanswered(board, call, person, Times(moment, None, moment + 20_000), line, "NoAnswer")
    else:
        unanswered(board, call, person, Times(moment, None, moment + 90), line, "Unconditional")


def unanswered(board: Board, call: Call, person: Person, times: Times, line: Line, reason: str) -> None:
    """Nobody answers a call from outside: it goes on to the mobile or the mailbox, or the caller gives up."""
    draw = board.draw
    outcome = {"Call outcome reason": "UserBusy" if reason == "UserBusy" else "NoAnswer"}
    coin = draw.random()
    if coin < 0.2:
        call.receive(person, times, line, {**outcome, "Call outcome reason": "Normal", "Releasing party": "Remote"})
        return
    if "forwards_unanswered" in person.traits and reason == "NoAnswer":
        parent = call.receive(person, times, line, {**outcome, "Answer indicator": "Yes-PostRedirection"})
        to_mobile(board, call, person, (parent, times.release), line)
        return
    parent = call.receive(person, times, line, outcome)
    to_voicemail(board, call, person, (parent, times.release), line, reason)


def to_voicemail(board: Board, call: Call, person: Person, cause: tuple[Record, int], line: Line, reason: str) -> None:
    """The caller reaches the mailbox: an onward leg of the person that reads as answered."""
    parent, at = cause
    answer = at + board.draw.randrange(150, 900)
    release = answer + int(board.draw.triangular(4, 70, 12) * 1000)
    portal = f"{person.site.index + 1}999"
    times = Times(at, answer, release)
    call.enter(person, times, line.towards(portal, VOICE_PORTAL), onward(person, parent, reason))


def to_mobile(board: Board, call: Call, person: Person, cause: tuple[Record, int], line: Line) -> None:
    """The call goes on to the person's own mobile telephone, on the public network."""
    parent, at = cause
    contact = Contact(person.mobile, person.site.country, "mobile", 1)
    ring = board.ring()
    answered = board.draw.random() < 0.7
    answer = at + ring if answered else None
    release = at + ring + (board.talk(person.habits.talk) if answered else 0)
    extra = {**onward(person, parent, "NoAnswer"), **destination(person.site, contact)}
    call.dial(person, Times(at, answer, release), line.towards(person.mobile), extra)


def internal_call(board: Board, person: Person, moment: int) -> None:
    """A call to a colleague."""
    other = board.colleague(person)
    if other is None:
        return
    draw = board.draw
    call = board.open_call()
    line = inside(person, other)
    typed = {"Dialed digits": other.extension}
    if board.at_desk(other, moment) and board.free_at(other) <= moment and draw.random() < 0.8:
        answer = moment + board.ring(2, 16)
        release = answer + board.talk(person.habits.talk * 0.6)
        call.connect((person, other), Times(moment, answer, release), line, typed)
        board.occupy(other, release)
        board.occupy(person, release)
        return
    busy = board.free_at(other) > moment
    release = moment + (draw.randrange(100, 900) if busy else board.ring(8, 24))
    reason = "UserBusy" if busy else "NoAnswer"
    outcome = {"Call outcome reason": reason}
    _, parent = call.connect((person, other), Times(moment, None, release), line, {**typed, **outcome}, outcome)
    if draw.random() < 0.45:
        to_voicemail(board, call, other, (parent, release), line, reason)
    board.occupy(person, release)


def meeting_call(board: Board, person: Person, moment: int) -> None:
    """A call into a conference bridge, an hour or so on average."""
    length = board.talk(2400, 0.5)
    answer = moment + board.draw.randrange(400, 2500)
    line = Line(person.number, "bridge@grupoandino.webex.example", person.name, "Webex Meeting")
    board.open_call().enter(person, Times(moment, answer, answer + length), line, {"Call type": "SIP_MEETING"})
    board.occupy(person, answer + length)


def mailbox_call(board: Board, person: Person, moment: int) -> None:
    """A person listens to messages."""
    answer = moment + board.draw.randrange(150, 700)
    portal = f"{person.site.index + 1}999"
    line = Line(person.extension, portal, person.name, VOICE_PORTAL)
    times = Times(moment, answer, answer + board.talk(40, 0.6))
    board.open_call().enter(person, times, line, {"Dialed digits": portal})
