"""Abuse that comes in from outside, or uses what comes in."""

from typing import Any

from core.sandbox.destinations import destination
from core.sandbox.legs import Line, Times
from core.sandbox.numbering import draw_number
from core.sandbox.redirects import onward
from core.sandbox.scene import HIGH_RISK, HOUR, MINUTE, Attempt, Scene
from core.sandbox.service_calls import serve
from core.sandbox.world import Person, Service


def wangiri(scene: Scene, person: Person) -> None:
    """One ring from abroad to many people of a site, so that they call back; some do."""
    callers = scene.foreign(HIGH_RISK, 2)
    staff = scene.reachable(person.site)
    targets = scene.draw.sample(staff, min(len(staff), scene.count(22, 6)))
    for target, moment in zip(targets, scene.moments(len(targets), 40 * MINUTE), strict=True):
        caller = scene.draw.choice(callers)
        scene.ring(target, moment, caller.number, scene.draw.uniform(1.0, 3.4))
        if scene.draw.random() < 0.28 or target is targets[0]:
            back = moment + scene.draw.randrange(2 * MINUTE, 5 * HOUR)
            scene.dial(target, Attempt(back, caller, scene.draw.uniform(40, 420)))


def scan(scene: Scene, person: Person) -> None:
    """A caller tries the direct numbers of a site in counting order and hangs up."""
    caller = scene.foreign(("US", "GB", "NL"), 1)[0]
    targets = scene.reachable(person.site)[: scene.count(30, 8)]
    moment = scene.start
    for target in targets:
        moment += scene.draw.randrange(4_000, 25_000)
        scene.ring(target, moment, caller.number, scene.draw.uniform(2, 9))


def forwarding(scene: Scene, person: Person) -> None:
    """Somebody sets the person's telephone to forward everything abroad; callers then pay the way out."""
    target = scene.foreign(HIGH_RISK, 1)[0]
    for moment in scene.moments(scene.count(20, 3), 5 * HOUR):
        call = scene.board.open_call()
        line = Line(draw_number(scene.draw, person.site.country, "mobile"), person.direct_number, "NA", person.name)
        answer = moment + scene.draw.randrange(3000, 9000)
        end = answer + int(scene.draw.uniform(240, 2000) * 1000)
        arrived: dict[str, Any] = {"Answer indicator": "Yes-PostRedirection"}
        parent = call.receive(person, Times(moment, answer, end), line, arrived)
        extra = {**onward(person, parent, "Unconditional"), **destination(person.site, target)}
        call.dial(person, Times(moment + 90, answer, end), line.towards(target.number), extra)


def tdos(scene: Scene, service: Service) -> None:
    """Telephony denial of service: a queue is flooded from ever new numbers until nobody gets through."""
    for moment in scene.moments(scene.count(170, 45), 18 * MINUTE):
        serve(scene.board, service, moment, draw_number(scene.draw, service.site.country, "mobile"))
