"""What people do with a ringing or answered call: transfer, park, pick up, ring elsewhere, leave it to an assistant."""

from core.sandbox.board import Board
from core.sandbox.destinations import destination
from core.sandbox.legs import Call, Line, Times, stamp
from core.sandbox.redirects import onward, redirected
from core.sandbox.world import Person


def _helper(board: Board, person: Person, moment: int) -> Person | None:
    """A colleague at the same site who is there and free."""
    candidates = [board.world.people[index] for index in person.habits.colleagues]
    free = [p for p in candidates if p is not person and board.free_at(p) <= moment and board.at_desk(p, moment)]
    return board.draw.choice(free) if free else None


def after_answer(board: Board, call: Call, person: Person, times: Times, line: Line) -> bool:
    """Something happens during the talk: blind or consultative transfer, to outside, or park. False: nobody to help."""
    coin = board.draw.random()
    if coin < 0.12:
        return _transfer_outside(board, call, person, times, line)
    helper = _helper(board, person, times.start)
    if helper is None:
        return False
    if coin < 0.55:
        _transfer_blind(board, call, (person, helper), times, line)
    elif coin < 0.85:
        _transfer_consulting(board, call, (person, helper), times, line)
    else:
        _park(board, call, (person, helper), times, line)
    return True


def _transfer_blind(board: Board, call: Call, who: tuple[Person, Person], times: Times, line: Line) -> None:
    person, helper = who
    answered = times.answer or times.start
    at = min(answered + board.talk(35, 0.5), times.release)
    parent = call.receive(person, times, line, {"Call transfer time": stamp(at), "Releasing party": "Local"})
    answer = at + board.ring(2, 14)
    end = answer + board.talk(helper.habits.talk)
    call.close(parent, times.answer, end)
    call.connect(
        (person, helper),
        Times(at, answer, end),
        line.towards(helper.extension, helper.name),
        onward(person, parent, "Deflection"),
        redirected(person, parent, "Deflection"),
    )
    board.occupy(person, at)
    board.occupy(helper, end)


def _transfer_outside(board: Board, call: Call, person: Person, times: Times, line: Line) -> bool:
    """A blind transfer to a partner or a colleague's mobile on the public network, inside the country."""
    contacts = [c for c in person.habits.contacts if c.kind != "toll_free"]
    if not contacts or times.answer is None:
        return False
    contact = board.draw.choice(contacts)
    at = min(times.answer + board.talk(30, 0.5), times.release)
    answer = at + board.ring()
    end = answer + board.talk(person.habits.talk)
    parent = call.receive(person, times, line, {"Call transfer time": stamp(at), "Releasing party": "Local"})
    call.close(parent, times.answer, end)
    extra = {**onward(person, parent, "Deflection"), **destination(person.site, contact)}
    call.dial(person, Times(at, answer, end), line.towards(contact.number), extra)
    board.occupy(person, at)
    return True


def _transfer_consulting(board: Board, call: Call, who: tuple[Person, Person], times: Times, line: Line) -> None:
    """First ask the colleague, then join the two: a second session, tied by transfer related call id."""
    person, helper = who
    answered = times.answer or times.start
    asked = answered + board.talk(40, 0.5)
    answer = asked + board.ring(2, 12)
    joined = answer + board.talk(15, 0.4)
    end = joined + board.talk(helper.habits.talk)
    parent = call.receive(person, Times(times.start, times.answer, end), line, {"Call transfer time": stamp(joined)})
    session = board.open_consultation(call)
    made, _ = session.connect(
        (person, helper),
        Times(asked, answer, end),
        Line(person.extension, helper.extension, person.name, helper.name),
        {"Related reason": "ConsultativeTransfer", "Dialed digits": helper.extension},
    )
    made["Call transfer time"] = stamp(joined)
    parent["Transfer related call ID"] = made["Local call ID"]
    made["Transfer related call ID"] = parent["Local call ID"]
    board.occupy(person, joined)
    board.occupy(helper, end)


def _park(board: Board, call: Call, who: tuple[Person, Person], times: Times, line: Line) -> None:
    """Park, and a colleague retrieves; when nobody does, the call rings back at who parked it."""
    person, helper = who
    answered = times.answer or times.start
    parked = min(answered + board.talk(30, 0.4), times.release)
    waited = board.draw.randrange(8_000, 60_000)
    recalled = board.draw.random() < 0.2
    found = parked + waited
    end = found + board.talk(helper.habits.talk)
    parent = call.receive(person, times, line)
    call.close(parent, times.answer, parked)
    orbit = Line(person.extension, person.extension, person.name)
    call.enter(
        person,
        Times(parked, parked + 200, found),
        orbit,
        {"Related reason": "CallPark", "Related call ID": parent["Local call ID"], "Dialed digits": "*68"},
    )
    if recalled:
        extra = {"Recall type": "Call Park Recall", "Related reason": "CallRetrieve"}
        call.receive(person, Times(found, found + 4000, end), line, extra)
        board.occupy(person, end)
        return
    retrieval = Line(helper.extension, person.extension, helper.name, person.name)
    extra = {"Related reason": "CallParkRetrieve", "Related call ID": parent["Local call ID"]}
    call.enter(helper, Times(found, found + 300, end), retrieval, {**extra, "Dialed digits": f"*88{person.extension}"})
    board.occupy(person, parked)
    board.occupy(helper, end)


def pickup(board: Board, call: Call, person: Person, moment: int, line: Line) -> bool:
    """A colleague takes the ringing call from the own telephone."""
    helper = _helper(board, person, moment)
    if helper is None:
        return False
    answer = moment + board.ring(6, 18)
    end = answer + board.talk(helper.habits.talk)
    parent = call.receive(person, Times(moment, None, answer), line, {"Answered elsewhere": "Yes"})
    directed = board.draw.random() < 0.4
    extra = {
        "Related reason": "DirectedCallPickup" if directed else "CallPickup",
        "Related call ID": parent["Local call ID"],
        "Redirecting number": person.number,
    }
    call.receive(helper, Times(answer - 300, answer, end), line, extra)
    board.occupy(helper, end)
    return True


def shared_ringing(board: Board, call: Call, person: Person, moment: int, line: Line) -> bool:
    """A call that rings in several places: mobile as well, single number reach, or the assistant first."""
    coin = board.draw.random()
    if "sim_ring" in person.traits and coin < 0.7:
        _ring_mobile_too(board, call, person, moment, line)
        return True
    if "reach" in person.traits and coin < 0.5:
        _reach_anywhere(board, call, person, moment, line)
        return True
    if person.assistant is not None and coin < 0.6:
        return _assistant_answers(board, call, person, moment, line)
    if any(device.sub_client_type == "MOBILE_APP" for device in person.devices) and coin > 0.93:
        _wake_mobile_app(call, person, moment, line)
    return False


def _ring_mobile_too(board: Board, call: Call, person: Person, moment: int, line: Line) -> None:
    answer = moment + board.ring(4, 18)
    end = answer + board.talk(person.habits.talk)
    on_mobile = board.draw.random() < 0.45
    desk = Times(moment, None, answer) if on_mobile else Times(moment, answer, end)
    mobile = Times(moment + 250, answer, end) if on_mobile else Times(moment + 250, None, answer)
    parent = call.receive(person, desk, line, {"Answered elsewhere": "Yes"} if on_mobile else None)
    kind = {"Call type": "SIP_NATIONAL" if person.site.country == "US" else "SIP_MOBILE"}
    outcome = {} if on_mobile else {"Call outcome": "Refusal", "Call outcome reason": "SIP487"}
    call.dial(person, mobile, line.towards(person.mobile), {**onward(person, parent, "FollowMe"), **kind, **outcome})
    board.occupy(person, end)


def _reach_anywhere(board: Board, call: Call, person: Person, moment: int, line: Line) -> None:
    """Single number reach: the leg to the mobile is made by the service, not by the person's line."""
    answer = moment + board.ring(4, 18)
    end = answer + board.talk(person.habits.talk)
    parent = call.receive(person, Times(moment, answer, end), line, {"Answer indicator": "Yes-PostRedirection"})
    kind = {"Call type": "SIP_NATIONAL" if person.site.country == "US" else "SIP_MOBILE"}
    extra = {**onward(person, parent, "FollowMe", "AnywhereLocation"), **kind, "User type": "BroadworksAnywhere"}
    call.dial(person, Times(moment + 200, answer, end), line.towards(person.mobile), extra)
    board.occupy(person, end)


def _assistant_answers(board: Board, call: Call, person: Person, moment: int, line: Line) -> bool:
    assistant = board.world.people[person.assistant] if person.assistant is not None else None
    if assistant is None or board.free_at(assistant) > moment or not board.at_desk(assistant, moment):
        return False
    answer = moment + board.ring(2, 12)
    end = answer + board.talk(assistant.habits.talk)
    parent = call.receive(person, Times(moment, None, answer), line, {"Answered elsewhere": "Yes"})
    _, got = call.connect(
        (person, assistant),
        Times(moment + 150, answer, end),
        line.towards(assistant.extension, assistant.name),
        onward(person, parent, "FollowMe", "Executive"),
        redirected(person, parent, "FollowMe"),
    )
    board.occupy(assistant, end)
    if board.draw.random() < 0.3 and board.free_at(person) <= answer:
        _push_to_executive(board, call, (assistant, person), (got["Local call ID"], end), line)
    return True


def _push_to_executive(
    board: Board, call: Call, who: tuple[Person, Person], cause: tuple[str, int], line: Line
) -> None:
    assistant, executive = who
    local, at = cause
    answer = at + board.ring(2, 9)
    end = answer + board.talk(executive.habits.talk)
    extra = {"Related reason": "ExecutiveAssistantCallPush", "Related call ID": local, "Dialed digits": "#63"}
    onto = line.towards(executive.extension, executive.name)
    call.connect((assistant, executive), Times(at, answer, end), onto, extra, {"Redirecting number": assistant.number})
    board.occupy(executive, end)


def _wake_mobile_app(call: Call, person: Person, moment: int, line: Line) -> None:
    """The push that wakes the app makes a record of its own, which is no call."""
    extra = {"Related reason": "PushNotificationRetrieval"}
    call.enter(person, Times(moment + 80, None, moment + 400), line, extra)
