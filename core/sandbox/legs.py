"""Writing one call as Webex does: a record for each end that Webex controls, with the ids that tie them together.

Rules and spelling: the live ``cdr_feed`` (87 keys, 2026-09). Two records of one leg mirror each other's
local and remote call id and share the network call id; a record that a service or a redirect caused names its
cause's local call id as related call id. Instants are integer milliseconds since 1970, UTC.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from core.calls.fields import FIELDS
from core.sandbox.randomness import new_uuid
from core.sandbox.world import Device, Party, Person, Site, World

Record = dict[str, Any]

ORIGINATING = "ORIGINATING"
TERMINATING = "TERMINATING"

_DAY = 86_400_000
_HOUR = 3_600_000

_NOT_APPLICABLE = (
    "Called line ID", "Calling line ID", "Auto Attendant Key Pressed",
    "Public Calling IP Address", "Public Called IP Address",
)  # fmt: skip

_CALLING_PLAN = {
    "PSTN legal entity": "Broadsoft Adaption LLC",
    "PSTN vendor org ID": "0b43a1a8-2efd-4892-b301-e7a5a6d2c884",
    "PSTN vendor name": "Cisco Calling Plans",
    "PSTN provider ID": "3fac3e13-f8de-43b4-ad85-c2862ae3afe8",
}

NO_DEVICE = Device("", os_type="na")


class Times(NamedTuple):
    """When a leg began, was answered (None = never) and ended, in milliseconds."""

    start: int
    answer: int | None
    release: int


class Line(NamedTuple):
    """The two ends as a leg shows them: numbers, and the names beside them."""

    calling: str
    called: str
    calling_name: str = "NA"
    called_name: str = "NA"

    def towards(self, called: str, called_name: str = "NA") -> "Line":
        """The same caller, another destination."""
        return Line(self.calling, called, self.calling_name, called_name)


_DAY_TEXTS: dict[int, str] = {}


def stamp(milliseconds: int) -> str:
    """An instant as the feed writes it: UTC with three decimals and ``Z``."""
    day, rest = divmod(milliseconds, _DAY)
    text = _DAY_TEXTS.get(day)
    if text is None:
        text = datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m-%dT")
        _DAY_TEXTS[day] = text
    seconds = rest // 1000
    return f"{text}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest % 1000:03d}Z"


_OFFSETS: dict[tuple[str, int], int] = {}


def offset_minutes(zone: str, milliseconds: int) -> int:
    """Minutes from UTC of an IANA zone at that instant, daylight saving included."""
    key = (zone, milliseconds // _HOUR)
    known = _OFFSETS.get(key)
    if known is None:
        moment = datetime.fromtimestamp(key[1] * 3600, ZoneInfo(zone))
        offset = moment.utcoffset()
        known = int(offset.total_seconds() // 60) if offset else 0
        _OFFSETS[key] = known
    return known


class Templates:
    """The part of a record that is the same in all calls of one party on one device, made once."""

    def __init__(self, world: World) -> None:
        blank: Record = dict.fromkeys((field.key for field in FIELDS), "")
        blank |= dict.fromkeys(_NOT_APPLICABLE, "NA")
        blank |= {"Duration": 0, "Hold duration": 0, "Org UUID": world.org_uuid}
        self._blank = blank
        self._made: dict[tuple[str, Device], Record] = {}

    def record(self, party: Party, device: Device) -> Record:
        """A fresh record of ``party`` on ``device`` without anything of the call."""
        made = self._made.get((party.uuid, device))
        if made is None:
            made = self._make(party, device)
            self._made[(party.uuid, device)] = made
        return made.copy()

    def _make(self, party: Party, device: Device) -> Record:
        department = party.site.departments.get(party.department, "") if isinstance(party, Person) else ""
        return {
            **self._blank,
            "User": party.name,
            "User number": party.number,
            "User UUID": party.uuid,
            "User type": party.user_type,
            "Department ID": department,
            "Location": party.site.name,
            "Site UUID": party.site.uuid,
            "Site main number": party.site.main_number,
            "Client type": device.client_type,
            "Sub client type": device.sub_client_type,
            "Client version": device.version,
            "Device MAC": device.mac,
            "Model": device.model,
            "OS type": device.os_type,
        }


class Leg(NamedTuple):
    """A finished record with the instants that order it."""

    report: int
    start: int
    record: Record


class Call:
    """One call session being written: everything added shares its correlation id."""

    __slots__ = ("_starts", "_templates", "correlation", "draw", "ends", "interaction", "records")

    def __init__(self, templates: Templates, draw: Random, interaction: str = "") -> None:
        self._templates = templates
        self.draw = draw
        self.correlation = new_uuid(draw)
        self.interaction = interaction or new_uuid(draw)
        self.records: list[Record] = []
        self.ends: list[int] = []
        self._starts: list[int] = []

    def legs(self) -> list[Leg]:
        """Everything written so far, finished."""
        return [Leg(*parts) for parts in zip(self.ends, self._starts, self.records, strict=True)]

    def close(self, record: Record, answer: int | None, release: int) -> None:
        """End a record that was begun before its end was known, as a service's is that keeps the caller."""
        position = next(at for at, known in enumerate(self.records) if known is record)
        report = release + self.draw.randrange(1, 40)
        self.ends[position] = report
        record["Release time"] = stamp(release)
        record["Report time"] = stamp(report)
        record["Duration"] = (release - answer) // 1000 if answer is not None else 0
        record["Hold duration"] = min(record["Hold duration"], record["Duration"])

    def consultation(self) -> "Call":
        """A second session of the same conversation: its own correlation id, the same interaction id."""
        return Call(self._templates, self.draw, self.interaction)

    def receive(self, party: Party, times: Times, line: Line, extra: Mapping[str, Any] | None = None) -> Record:
        """The record of a party called from the public network."""
        record = self._leg(party, TERMINATING, times, line)
        record["Call type"] = "SIP_INBOUND"
        record["Inbound trunk"] = party.site.gateway
        record.update(_supply(party.site))
        record["Network call ID"] = f"SD{self.draw.getrandbits(128):032x}-gq1o5k0"
        record["Releasing party"] = "Remote" if self.draw.random() < 0.55 else "Local"
        if extra:
            record.update(extra)
        return record

    def dial(self, party: Party, times: Times, line: Line, extra: Mapping[str, Any] | None = None) -> Record:
        """The record of a party calling out to the public network; ``extra`` gives the call type."""
        record = self._leg(party, ORIGINATING, times, line)
        record["Outbound trunk"] = party.site.gateway
        record["Route group"] = f"RG-{party.site.gateway}" if party.site.gateway else ""
        record.update(_supply(party.site))
        record["Network call ID"] = self._network_id(times.start)
        record["Caller ID number"] = party.direct_number or party.site.main_number
        record["External caller ID number"] = party.direct_number or party.site.main_number
        record["Releasing party"] = "Local" if self.draw.random() < 0.6 else "Remote"
        if extra:
            record.update(extra)
        return record

    def enter(self, party: Party, times: Times, line: Line, extra: Mapping[str, Any] | None = None) -> Record:
        """The only record of a call to a cloud service that makes none itself: mailbox, meeting, park orbit."""
        record = self._leg(party, ORIGINATING, times, line)
        record["Call type"] = "SIP_ENTERPRISE"
        record["Network call ID"] = self._network_id(times.start)
        record["Releasing party"] = "Local" if self.draw.random() < 0.6 else "Remote"
        if extra:
            record.update(extra)
        return record

    def connect(
        self,
        ends: tuple[Party, Party],
        times: Times,
        line: Line,
        origin: Mapping[str, Any] | None = None,
        target: Mapping[str, Any] | None = None,
    ) -> tuple[Record, Record]:
        """The two records of a leg inside the organisation: of the caller and of the called."""
        made = self._leg(ends[0], ORIGINATING, times, line)
        lag = self.draw.randrange(8, 60)
        late = Times(min(times.start + lag, times.answer or times.release), times.answer, times.release)
        got = self._leg(ends[1], TERMINATING, late, line)
        made["Call type"] = got["Call type"] = "SIP_ENTERPRISE"
        made["Remote call ID"], got["Remote call ID"] = got["Local call ID"], made["Local call ID"]
        made["Network call ID"] = got["Network call ID"] = self._network_id(times.start)
        made["Remote SessionID"], got["Remote SessionID"] = got["Local SessionID"], made["Local SessionID"]
        made["Final remote SessionID"], got["Final remote SessionID"] = (
            made["Remote SessionID"],
            got["Remote SessionID"],
        )
        local_first = self.draw.random() < 0.5
        made["Releasing party"] = "Local" if local_first else "Remote"
        got["Releasing party"] = "Remote" if local_first else "Local"
        if origin:
            made.update(origin)
        if target:
            got.update(target)
        return made, got

    def _leg(self, party: Party, direction: str, times: Times, line: Line) -> Record:
        draw = self.draw
        record = self._templates.record(party, _device(draw, party))
        start, answer, release = times
        session = f"{draw.getrandbits(124):032x}"
        report = release + 1 + int(draw.random() * 39)
        answered = answer is not None
        duration = (release - answer) // 1000 if answer is not None else 0
        record["Direction"] = direction
        record["Start time"] = stamp(start)
        record["Answer time"] = stamp(answer) if answer is not None else ""
        record["Release time"] = stamp(release)
        record["Report time"] = stamp(report)
        record["Duration"] = duration
        record["Ring duration"] = str(max(0, ((answer if answer is not None else release) - start) // 1000))
        record["Answered"] = "true" if answered else "false"
        record["Answer indicator"] = "Yes" if answered else "No"
        record["Site timezone"] = str(offset_minutes(party.site.zone, start))
        record["Calling number"] = line.calling
        record["Called number"] = line.called
        record["Calling line ID"] = line.calling_name
        record["Called line ID"] = line.called_name
        record["Caller ID number"] = line.calling
        record["Correlation ID"] = self.correlation
        record["Interaction ID"] = self.interaction
        record["Report ID"] = new_uuid(draw, 3)
        record["Local call ID"] = f"{10_000_000 + int(draw.random() * 9_990_000_000)}:0"
        record["Local SessionID"] = record["Final local SessionID"] = session
        record["Call ID"] = f"SSE{start}{int(draw.random() * 10**9):09d}@10.{draw.randrange(20, 90)}.4.29"
        record["Call outcome"] = "Success"
        record["Call outcome reason"] = "Normal"
        if duration > 120 and draw.random() < 0.12:
            record["Hold duration"] = draw.randrange(4, min(duration // 2, 240))
        self.records.append(record)
        self.ends.append(report)
        self._starts.append(start)
        return record

    def _network_id(self, start: int) -> str:
        return f"BW{start}{int(self.draw.random() * 10**10):010d}@10.71.{self.draw.randrange(200, 240)}.6"


def _device(draw: Random, party: Party) -> Device:
    if isinstance(party, Person):
        return party.devices[0] if draw.random() < 0.7 else draw.choice(party.devices)
    return NO_DEVICE


def _supply(site: Site) -> Mapping[str, str]:
    return {} if site.gateway else _CALLING_PLAN
