"""Callers of a service: attendants with keys, queues that wait and overflow, hunt groups, the receptionist."""

from dataclasses import dataclass

from core.sandbox.board import VOICE_PORTAL, Board
from core.sandbox.direct_calls import draw_caller
from core.sandbox.legs import Call, Line, Record, Times
from core.sandbox.redirects import onward, redirected
from core.sandbox.world import Person, Service

_RECORDED = {
    "Call Recording Platform Name": "Webex",
    "Call Recording Result": "successful",
    "Call Recording Trigger": "always",
}
_TRIES = 4
_SIMULTANEOUS = 6


@dataclass
class Stay:
    """A caller at a service: its record of the arrival, since when, and how the call looks from there."""

    service: Service
    record: Record
    since: int
    line: Line


def serve(board: Board, service: Service, moment: int, caller: str = "") -> None:
    """A call from outside to a service, to its end."""
    call = board.open_call()
    line = Line(caller or draw_caller(board, service.site), service.direct_number, "NA", service.name)
    arrival = call.receive(service, Times(moment, moment + 60, moment + 60), line, _queue_fields(service))
    stay = Stay(service, arrival, moment, line)
    if service.user_type == "AutomatedAttendantVideo":
        end = _attend(board, call, stay)
    elif service.user_type == "HuntGroup":
        end = _hunt(board, call, stay)
    else:
        end = _queue(board, call, stay)
    call.close(arrival, moment + 60, end)


def _queue_fields(service: Service) -> dict[str, str]:
    if not service.user_type.startswith("CallCenter"):
        return {}
    kind = "Customer Assist" if service.user_type == "CallCenterPremium" and service.callback else "Call Queue"
    return {"Queue type": kind}


def _attend(board: Board, call: Call, stay: Stay) -> int:
    """The menu: the caller gives up, or a key (or what was said) leads to another service."""
    draw = board.draw
    listening = int(draw.triangular(4, 40, 11) * 1000)
    at = stay.since + listening
    if draw.random() < 0.13 or not stay.service.keys:
        stay.record["Releasing party"] = "Remote"
        return at
    weights = [5, 3, 2, 1, 1][: len(stay.service.keys)]
    key, code = draw.choices(stay.service.keys, weights)[0]
    extra: dict[str, str] = {}
    if stay.service.routing == "intent":
        by_intent = draw.random() < 0.8
        extra = {
            "Transfer type": f"AI Receptionist Deflection By {'Intent' if by_intent else 'Default'}",
            "Transfer type context": code.split(":")[1] if by_intent else "",
        }
    else:
        stay.record["Auto Attendant Key Pressed"] = key
    return _pass_on(board, call, stay, (board.world.service_by_code[code], at, "Deflection"), extra)


def _pass_on(
    board: Board, call: Call, stay: Stay, onto: tuple[Service, int, str], extra: dict[str, str] | None = None
) -> int:
    """A service hands its caller to another service; gives the end of the call."""
    target, at, reason = onto
    line = stay.line.towards(target.extension, target.name)
    made, got = call.connect(
        (stay.service, target),
        Times(at, at + 80, at + 80),
        line,
        {**onward(stay.service, stay.record, reason), **(extra or {})},
        {**redirected(stay.service, stay.record, reason), **_queue_fields(target)},
    )
    step = Stay(target, got, at, line)
    end = _hunt(board, call, step) if target.user_type == "HuntGroup" else _queue(board, call, step)
    call.close(made, at + 80, end)
    call.close(got, at + 80, end)
    return end


def _hunt(board: Board, call: Call, stay: Stay) -> int:
    """A hunt group rings its people; without an answer the caller leaves a message or goes."""
    at = stay.since + 100
    agents = [agent for agent in board.agents(stay.service, at) if board.free_at(agent) <= at]
    if not agents:
        return _after_hours(board, call, stay, at)
    ring = _ring_all if stay.service.routing == "simultaneous" else _ring_in_turn
    answered, end = ring(board, call, stay, agents, at)
    if not answered and board.draw.random() < 0.5:
        return _after_hours(board, call, stay, end)
    return end


def _queue(board: Board, call: Call, stay: Stay) -> int:
    """A queue holds its caller until an agent is free, patience ends, or it overflows."""
    draw, service = board.draw, stay.service
    agents = board.agents(service, stay.since)
    if not agents:
        return _after_hours(board, call, stay, stay.since + 200)
    patience = draw.expovariate(1 / (service.patience * 1000)) + 6000
    free = min(board.free_at(agent) for agent in agents)
    wait = max(free - stay.since, 0) + draw.randrange(900, 6000)
    if wait > patience:
        return _give_up(board, call, stay, int(stay.since + patience))
    at = stay.since + wait
    ready = [agent for agent in agents if board.free_at(agent) <= at]
    ring = _ring_all if service.routing == "simultaneous" else _ring_in_turn
    answered, end = ring(board, call, stay, ready, at)
    if answered:
        return end
    return _give_up(board, call, stay, end + draw.randrange(1000, 30_000))


def _give_up(board: Board, call: Call, stay: Stay, at: int) -> int:
    """Nobody answered in time: another queue, a promise to call back, or the caller hangs up."""
    draw, service = board.draw, stay.service
    coin = draw.random()
    other = board.world.service_by_code.get(service.overflow)
    already = stay.record["Redirect reason"] == "CallQueue"
    if coin < 0.3 and other is not None and other is not service and not already:
        return _pass_on(board, call, stay, (other, at, "CallQueue"))
    if coin < 0.5 and service.callback and stay.line.calling.startswith("+"):
        _call_back(board, call, stay, at + draw.randrange(120_000, 1_500_000))
        return at + 9000
    stay.record["Releasing party"] = "Remote"
    return at


def _call_back(board: Board, call: Call, stay: Stay, at: int) -> None:
    """The queue keeps its promise: an agent first, then the customer, in a session of its own."""
    draw, service = board.draw, stay.service
    agents = [agent for agent in board.agents(service, at) if board.free_at(agent) <= at]
    if not agents:
        return
    agent = draw.choice(agents)
    session = board.open_consultation(call)
    answer = at + board.ring(2, 10)
    connected = answer + board.ring(4, 20)
    end = connected + board.talk(agent.habits.talk)
    promise = {"Related call ID": stay.record["Local call ID"], "Related reason": "Unrecognised"}
    inward = stay.line.towards(agent.extension, agent.name)
    session.connect(
        (service, agent), Times(at, answer, end), inward, promise, {**_RECORDED, "Redirect reason": "CallQueue"}
    )
    local = stay.line.calling.startswith("+")
    outward = Line(service.direct_number, stay.line.calling, service.name)
    kind = {"Call type": "SIP_MOBILE" if local and service.site.country != "US" else "SIP_NATIONAL"}
    session.dial(service, Times(answer, connected, end), outward, {**promise, **kind})
    board.occupy(agent, end)


def _ring_in_turn(board: Board, call: Call, stay: Stay, agents: list[Person], at: int) -> tuple[bool, int]:
    """One agent after the other, longest free first."""
    order = sorted(agents, key=board.free_at)[:_TRIES]
    for agent in order:
        if board.draw.random() < 0.83:
            return True, _answer(board, call, stay, agent, at)
        at = _miss(call, (stay, agent), at, board.ring(14, 20))
    return False, at


def _ring_all(board: Board, call: Call, stay: Stay, agents: list[Person], at: int) -> tuple[bool, int]:
    """All free agents at once; the one who answers ends the ringing of the others."""
    draw = board.draw
    ringing = draw.sample(agents, min(len(agents), _SIMULTANEOUS))
    if draw.random() < 0.08:
        end = at + board.ring(14, 24)
        for agent in ringing:
            _miss(call, (stay, agent), at, end - at)
        return False, end
    picked_up = board.ring(2, 12)
    for agent in ringing[1:]:
        _miss(call, (stay, agent), at, picked_up, {"Answered elsewhere": "Yes"})
    return True, _answer(board, call, stay, ringing[0], at, picked_up)


def _ties(stay: Stay) -> tuple[dict[str, str], dict[str, str], Line]:
    service = stay.service
    reason = "HuntGroup" if service.user_type == "HuntGroup" else "CallQueue"
    return onward(service, stay.record, reason), redirected(service, stay.record, reason), stay.line


def _miss(call: Call, offered: tuple[Stay, Person], at: int, ringing: int, extra: dict[str, str] | None = None) -> int:
    stay, agent = offered
    made, got, line = _ties(stay)
    outcome = {"Call outcome reason": "NoAnswer"} if extra is None else extra
    call.connect(
        (stay.service, agent),
        Times(at, None, at + ringing),
        line.towards(agent.extension, agent.name),
        {**made, "Call outcome reason": "NoAnswer"},
        {**got, **outcome},
    )
    return at + ringing + 300


def _answer(board: Board, call: Call, stay: Stay, agent: Person, at: int, picked_up: int = 0) -> int:
    """An agent talks to the caller; a supervisor may listen."""
    made, got, line = _ties(stay)
    answer = at + (picked_up or board.ring(2, 13))
    end = answer + board.talk(agent.habits.talk)
    recorded = _RECORDED if stay.service.recorded else {}
    times = Times(at, answer, end)
    call.connect((stay.service, agent), times, line.towards(agent.extension, agent.name), made, {**got, **recorded})
    board.occupy(agent, end + 8000)
    if stay.service.recorded and board.draw.random() < 0.02:
        _supervise(board, call, agent, times)
    return end


def _supervise(board: Board, call: Call, agent: Person, times: Times) -> None:
    """A supervisor joins unseen (monitoring) or speaking (barge-in), in a session of the same conversation."""
    supervisors = [
        p for p in board.world.people_by_site[agent.site.index] if "supervisor" in p.traits and p is not agent
    ]
    start = times.start + 20_000
    if not supervisors or times.release - start < 30_000:
        return
    supervisor = board.draw.choice(supervisors)
    if board.free_at(supervisor) > start or not board.at_desk(supervisor, start):
        return
    silent = board.draw.random() < 0.8
    line = Line(supervisor.extension, agent.extension, supervisor.name, agent.name)
    extra = {
        "Related reason": "CCMonitoringBI" if silent else "BargeIn",
        "Dialed digits": f"{'#82' if silent else '*33'}{agent.extension}",
    }
    heard = Times(start, start + 700, times.release)
    board.open_consultation(call).enter(supervisor, heard, line, extra)
    board.occupy(supervisor, times.release)


def _after_hours(board: Board, call: Call, stay: Stay, at: int) -> int:
    """Nobody is there: the caller hears so, and half leave a message."""
    if board.draw.random() < 0.5:
        stay.record["Releasing party"] = "Remote"
        return at + board.draw.randrange(2000, 15_000)
    service = stay.service
    end = at + 300 + board.draw.randrange(6000, 50_000)
    line = stay.line.towards(f"{service.site.index + 1}999", VOICE_PORTAL)
    call.enter(service, Times(at, at + 300, end), line, onward(service, stay.record, "TimeOfDay"))
    return end
