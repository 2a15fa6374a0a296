"""The switchboard of one day: who is there, who is on the telephone, and the calls written so far."""

from random import Random

from core.sandbox.legs import Call, Leg, Line, Templates, offset_minutes
from core.sandbox.randomness import seconds
from core.sandbox.sites import HOURS
from core.sandbox.world import Person, Service, World

VOICE_PORTAL = "Voice Portal Voice Messaging Group"
_DAY_MS = 86_400_000
_AT_WORK = 0.25


class Board:
    """State while the calls of a day are connected in the order of their time."""

    def __init__(
        self, world: World, templates: Templates, draw: Random, present: frozenset[int], staff: frozenset[int]
    ) -> None:
        self.world = world
        self.draw = draw
        self.present = present
        self.staff = staff
        self._templates = templates
        self._busy: dict[int, int] = {}
        self._calls: list[Call] = []

    def open_call(self) -> Call:
        """A new call of its own."""
        call = Call(self._templates, self.draw)
        self._calls.append(call)
        return call

    def open_consultation(self, call: Call) -> Call:
        """A second session within the conversation of ``call``."""
        consultation = call.consultation()
        self._calls.append(consultation)
        return consultation

    def legs(self) -> list[Leg]:
        """All records written, by report time."""
        return sorted((leg for call in self._calls for leg in call.legs()), key=lambda leg: leg.report)

    def free_at(self, person: Person) -> int:
        """When that person's telephone is free again, in milliseconds."""
        return self._busy.get(person.index, 0)

    def occupy(self, person: Person, until: int) -> None:
        """Somebody is on the telephone until then."""
        if until > self._busy.get(person.index, 0):
            self._busy[person.index] = until

    def at_desk(self, person: Person, moment: int) -> bool:
        """Whether that person is at work at that moment, by presence that day and working hours."""
        return person.index in self.present and self.hour_weight(person, moment) > _AT_WORK

    def hour_weight(self, person: Person, moment: int) -> float:
        """The weight of the local hour in that person's working day."""
        local = moment + offset_minutes(person.site.zone, moment) * 60_000
        return HOURS[person.habits.hours][local % _DAY_MS // 3_600_000]

    def agents(self, service: Service, moment: int) -> list[Person]:
        """The service's agents at work at that moment, busy or not."""
        return [person for index in service.agents if self.at_desk(person := self.world.people[index], moment)]

    def colleague(self, person: Person) -> Person | None:
        """Somebody that person often talks to inside the organisation; now and then anybody."""
        if self.draw.random() < 0.12:
            other = self.draw.choice(self.world.people)
        else:
            other = self.world.people[self.draw.choice(person.habits.colleagues)]
        return other if other is not person and other.index in self.staff else None

    def talk(self, median: float, sigma: float = 0.95) -> int:
        """The length of a conversation, in milliseconds."""
        return int(seconds(self.draw, median, sigma) * 1000)

    def ring(self, low: float = 3, high: float = 22) -> int:
        """How long it rings before somebody answers or gives up, in milliseconds."""
        return int(self.draw.triangular(low, high, low + 3) * 1000)


def inside(caller: Person, called: Person | Service) -> Line:
    """How an internal call looks at both ends."""
    return Line(caller.extension, called.extension, caller.name, called.name)
