"""Abuse that calls out of a hijacked or dishonest extension."""

from core.sandbox.numbering import PLANS, draw_number, draw_satellite_number
from core.sandbox.scene import CARIBBEAN, DAY, HIGH_RISK, HOUR, MINUTE, ON_NO_LIST, Attempt, Scene
from core.sandbox.world import Contact, Device, Person

_REFUSED = ("Refusal", "AdminCallBlock")


def irsf_burst(scene: Scene, person: Person) -> None:
    """International revenue share fraud: many long calls in a night to a few numbers that pay the caller."""
    numbers = scene.foreign(HIGH_RISK, 6)
    for moment in scene.moments(scene.count(55, 4), int(3.5 * HOUR)):
        answered = scene.draw.random() < 0.85
        length = scene.draw.uniform(180, 1500) if answered else None
        scene.dial(person, Attempt(moment, scene.draw.choice(numbers), length))


def slow_drip(scene: Scene, person: Person) -> None:
    """A few long calls every evening for days, to one country that stands on no list of risks."""
    country = (scene.draw.choice(ON_NO_LIST),)
    for day in range(4):
        numbers = scene.foreign(country, 3)
        for moment in scene.moments(scene.count(7), 3 * HOUR):
            length = scene.draw.uniform(420, 1700)
            scene.dial(person, Attempt(moment + day * DAY, scene.draw.choice(numbers), length))


def premium(scene: Scene, person: Person) -> None:
    """Calls to premium rate numbers: of the own country, else of one that has many."""
    home = person.site.country
    for moment in scene.moments(scene.count(12), 2 * HOUR):
        if PLANS[home].premium:
            contact = Contact(draw_number(scene.draw, home, "premium"), home, "premium", 1)
        else:
            contact = Contact(draw_number(scene.draw, "LV", "premium"), "LV", "fixed", 1)
        scene.dial(person, Attempt(moment, contact, scene.draw.uniform(120, 1200)))


def caribbean(scene: Scene, person: Person) -> None:
    """Calls to islands whose numbers look like those of the USA."""
    numbers = scene.foreign(CARIBBEAN, 5)
    for moment in scene.moments(scene.count(18), 3 * HOUR):
        scene.dial(person, Attempt(moment, scene.draw.choice(numbers), scene.draw.uniform(200, 1500)))


def satellite(scene: Scene, person: Person) -> None:
    """Calls to satellite telephones."""
    for moment in scene.moments(scene.count(5), 2 * HOUR):
        contact = Contact(draw_satellite_number(scene.draw), "", "mobile", 1)
        scene.dial(person, Attempt(moment, contact, scene.draw.uniform(120, 900)))


def mass_dialling(scene: Scene, person: Person) -> None:
    """A hijacked extension calls hundreds of different numbers within two hours."""
    for moment in scene.moments(scene.count(260, 60), 2 * HOUR):
        answered = scene.draw.random() < 0.5
        length = scene.draw.uniform(8, 70) if answered else None
        scene.dial(person, Attempt(moment, scene.stranger(person.site), length))


def robodial(scene: Scene, person: Person) -> None:
    """A machine calls a number every few seconds and plays a message of a few seconds."""
    for moment in scene.moments(scene.count(190, 40), 30 * MINUTE):
        answered = scene.draw.random() < 0.65
        length = scene.draw.uniform(2, 9) if answered else None
        scene.dial(person, Attempt(moment, scene.stranger(person.site), length))


def sequential_dialling(scene: Scene, person: Person) -> None:
    """Numbers dialled one after the other in counting order, to find out which exist."""
    first = scene.stranger(person.site)
    number, moment = int(first.number[1:]), scene.start
    for _ in range(scene.count(45, 14)):
        number += scene.draw.choice((1, 1, 1, 2))
        moment += scene.draw.randrange(9_000, 40_000)
        contact = Contact(f"+{number}", first.country, first.kind, 1)
        exists = scene.draw.random() < 0.4
        refusal = ("Success", "Normal") if exists else ("Refusal", "UnassignedNumber")
        scene.dial(person, Attempt(moment, contact, 4.0 if scene.draw.random() < 0.25 else None, refusal))


def code_guessing(scene: Scene, person: Person) -> None:
    """Authorization codes tried until one works; then international calls with it."""
    target = scene.foreign(HIGH_RISK, 2)
    moment = scene.start
    for _ in range(scene.count(22, 9)):
        moment += scene.draw.randrange(12_000, 50_000)
        code = {"Authorization code": f"{scene.draw.randrange(10_000):04d}"}
        scene.dial(person, Attempt(moment, target[0], None, _REFUSED, code))
    found = {"Authorization code": f"{scene.draw.randrange(10_000):04d}"}
    for _ in range(scene.count(9, 3)):
        moment += scene.draw.randrange(60_000, 400_000)
        scene.dial(person, Attempt(moment, scene.draw.choice(target), scene.draw.uniform(240, 1300), extra=found))


def concurrency(scene: Scene, person: Person) -> None:
    """One extension holds many long calls at the same time, as only a machine can."""
    numbers = scene.foreign(HIGH_RISK + ON_NO_LIST, 4)
    for moment in scene.moments(scene.count(14, 6), 6 * MINUTE):
        scene.dial(person, Attempt(moment, scene.draw.choice(numbers), scene.draw.uniform(1100, 2400)))


def long_calls(scene: Scene, person: Person) -> None:
    """Calls of many hours, left open."""
    numbers = scene.foreign(ON_NO_LIST, 2)
    for position in range(scene.count(3, 1)):
        length = scene.draw.uniform(3.2, 7.5) * 3600 * max(scene.strength, 0.6)
        scene.dial(person, Attempt(scene.start + position * 9 * MINUTE, scene.draw.choice(numbers), length))


def new_device(scene: Scene, person: Person) -> None:
    """A telephone nobody has seen before registers as the person and calls abroad at night."""
    scene.device = Device("WXC_THIRD_PARTY", model="Unknown SIP", mac=f"00155D{scene.draw.randrange(1 << 24):06X}")
    numbers = scene.foreign(HIGH_RISK + CARIBBEAN, 4)
    for moment in scene.moments(scene.count(16), 2 * HOUR):
        scene.dial(person, Attempt(moment, scene.draw.choice(numbers), scene.draw.uniform(150, 1400)))


def after_hours(scene: Scene, person: Person) -> None:
    """Somebody whose day ends in the evening calls strangers in the country through the night."""
    for moment in scene.moments(scene.count(16, 5), 4 * HOUR):
        scene.dial(person, Attempt(moment, scene.stranger(person.site), scene.draw.uniform(90, 1100)))
