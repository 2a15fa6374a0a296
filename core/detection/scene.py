"""What a detector may see while it looks at one leg: the past of everybody concerned, never the future."""

from core.detection.baselines import Baseline
from core.detection.habits import Habits, Person
from core.detection.observation import DAY, Observation
from core.detection.timeline import Timeline

Weighed = list[tuple[Observation, float]]
UNUSUAL_SHARE = 0.03
"""Fewer than this share of a user's calls around an hour make the hour unusual for that user."""


class Windows:
    """Legs that detectors put aside by a key of their own; what falls silent is forgotten."""

    def __init__(self) -> None:
        self._timelines: dict[tuple[str, str], tuple[Timeline, float]] = {}
        self._weighed: dict[tuple[str, str], Weighed] = {}
        self._swept = 0.0

    def timeline(self, name: str, key: str, leg: Observation, keep: float) -> Timeline:
        """The legs kept under ``key``, with ``leg`` put among them."""
        known = self._timelines.get((name, key))
        timeline = known[0] if known else Timeline(keep)
        timeline.add(leg)
        self._timelines[name, key] = (timeline, leg.reported + keep)
        return timeline

    def kept(self, name: str, key: str) -> Timeline | None:
        """What is kept under ``key``, if anything is."""
        known = self._timelines.get((name, key))
        return known[0] if known else None

    def weighed(self, name: str, key: str, leg: Observation, weight: float, keep: float) -> Weighed:
        """Legs with weights under ``key`` of the last ``keep`` seconds, ``leg`` the last of them."""
        oldest = leg.reported - keep
        kept = [entry for entry in self._weighed.get((name, key), ()) if entry[0].reported > oldest]
        kept.append((leg, weight))
        self._weighed[name, key] = kept
        return kept

    def sweep(self, now: float) -> None:
        """Forget, once a day, what no window can reach any more."""
        if now - self._swept < DAY:
            return
        self._swept = now
        self._timelines = {key: kept for key, kept in self._timelines.items() if kept[1] > now}
        self._weighed = {key: kept for key, kept in self._weighed.items() if kept[-1][0].reported > now - 8 * DAY}


class Scene:
    """One leg's surroundings; made anew for each leg, figures worked out when asked for."""

    __slots__ = (
        "_leg",
        "_peers",
        "_unfamiliarity",
        "_unusual_hour",
        "_usual",
        "habits",
        "in_campaign",
        "person",
        "windows",
    )

    def __init__(self, leg: Observation, person: Person, habits: Habits, windows: Windows, in_campaign: bool) -> None:
        self._leg = leg
        self.person = person
        self.habits = habits
        self.windows = windows
        self.in_campaign = in_campaign
        self._usual: Baseline | None = None
        self._peers: Baseline | None = None
        self._unfamiliarity: float | None = None
        self._unusual_hour: bool | None = None

    @property
    def usual(self) -> Baseline:
        """The user's baseline, drawn towards colleagues' while young."""
        if self._usual is None:
            self._usual = self.habits.usual(self.person, self._leg.day)
        return self._usual

    @property
    def peers(self) -> Baseline:
        """What is typical among the user's colleagues."""
        if self._peers is None:
            self._peers = self.habits.peers(self.person, self._leg.day)
        return self._peers

    @property
    def unusual_hour(self) -> bool:
        """Outside office hours, and not a time at which this user is used to call."""
        if self._unusual_hour is None:
            leg = self._leg
            self._unusual_hour = leg.quiet and not self.habits.is_usual_hour(leg, self.person, UNUSUAL_SHARE)
        return self._unusual_hour

    @property
    def unfamiliarity(self) -> float:
        """How far from everybody's habits the leg's destination lies, 0 to 1."""
        if self._unfamiliarity is None:
            self._unfamiliarity = self.habits.unfamiliarity(self._leg, self.person)
        return self._unfamiliarity

    @property
    def peer_days(self) -> list[Baseline]:
        """The baselines of colleagues of the same department and site."""
        return self.habits.peer_days(self.person, self._leg.day)

    @property
    def usual_devices(self) -> dict[str, float]:
        """The devices that the user is known by, with when each was last used."""
        return self.person.devices

    @property
    def age(self) -> float:
        """Days of history that the engine has seen."""
        return self.habits.age

    @property
    def new_device(self) -> bool:
        """Whether a user with known devices calls from one never seen before."""
        return len(self.person.devices) > 0 and self._leg.device not in self.person.devices
