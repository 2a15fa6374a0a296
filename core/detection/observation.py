"""A leg as detectors see it: who, where to, when by the site's clock, what it cost. Made for whole tables at once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.calls.countries import country_of
from core.calls.outcomes import MAILBOX_USER_TYPES, SERVICE_USER_TYPES
from core.detection.calendar import DAY_BEGINS, HOURS_A_DAY, SUNDAY, is_quiet, kind_of_day
from core.detection.directory import Directory, Member, Place
from core.detection.numbering import NOWHERE, Destination, destination_of
from core.detection.rates import ContractTariff

DAY = 86_400
_ROWS_AT_A_TIME = 50_000
SERVICES = frozenset({*SERVICE_USER_TYPES, *MAILBOX_USER_TYPES})
FORWARD_REASONS = frozenset(
    {"Unconditional", "NoAnswer", "UserBusy", "TimeOfDay", "FollowMe", "Deflection", "Unavailable"}
)
_NEVER_A_CALL = "PushNotificationRetrieval"


class Observation(NamedTuple):
    """One leg. Instants are seconds since 1970; ``day`` counts local days from 1970, begun at five o'clock."""

    report_id: str
    reported: float
    started: float
    ended: float
    seconds: int
    ring: int
    user: str
    user_name: str
    service: bool
    location: str
    department: str
    outbound: bool
    external: bool
    number: str
    to: Destination
    answered: bool
    failed: bool
    redirected: bool
    reason: str
    redirecting: str
    code: str
    device: str
    call: str
    day: int
    cell: int
    quiet: bool
    cost: float
    inbound_public: bool
    premium: bool


_COLUMNS = (
    "report_id", "report_time", "start_time", "release_time", "duration", "ring_duration", "user_uuid", "user",
    "user_number", "user_type", "site_uuid", "location", "department_id", "direction", "off_net", "far_number",
    "international_country", "answered", "call_outcome", "call_outcome_reason", "redirect_reason", "related_reason",
    "redirecting_number", "authorization_code", "client_type", "sub_client_type", "os_type", "model", "device_mac",
    "correlation_id", "site_timezone", "site_main_number", "call_type",
)  # fmt: skip


COLUMNS = _COLUMNS
"""The columns of a table of calls that observing needs."""


def observations(table: pa.Table, directory: Directory) -> Iterator[Observation]:
    """The legs of ``table`` (columns ``COLUMNS``) in the order of Report time; wake-up pushes are left out."""
    table = table.select(list(_COLUMNS))
    pushed = pc.fill_null(pc.equal(table["related_reason"], _NEVER_A_CALL), False)
    table = table.filter(pc.invert(pushed)).append_column(
        "reported",
        pc.coalesce(table["report_time"], table["release_time"], table["start_time"]).filter(pc.invert(pushed)),
    )
    table = table.sort_by([("reported", "ascending"), ("start_time", "ascending"), ("report_id", "ascending")])
    observing = _Observing(directory)
    for begin in range(0, table.num_rows, _ROWS_AT_A_TIME):
        yield from observing.rows(table.slice(begin, _ROWS_AT_A_TIME))


class _Party(NamedTuple):
    """The record's own party and its surroundings, looked up once for each distinct spelling."""

    user: str
    name: str
    service: bool
    location: str
    department: str
    home: str
    timezone: str
    days_off: frozenset[int]


class _Observing:
    """Reads slices of a table against one directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._parties: dict[tuple[Any, ...], _Party] = {}

    def rows(self, table: pa.Table) -> Iterator[Observation]:
        column: dict[str, list[Any]] = {
            name: table[name].to_pylist()
            for name in table.column_names
            if not pa.types.is_timestamp(table.schema.field(name).type)
        }
        parties = self._party_column(column)
        reported, started = _epochs(table["reported"]), _epochs(table["start_time"])
        ended = _epochs(pc.coalesce(table["release_time"], table["reported"]))
        offsets = _offsets(column["site_timezone"], parties, started)
        local = started + offsets
        day = np.floor_divide(local - DAY_BEGINS, DAY).astype(np.int64).tolist()
        midnight = np.floor_divide(local, DAY).astype(np.int64).tolist()
        hour = (np.mod(local, DAY) // 3600).astype(np.int64).tolist()
        clock = (reported.tolist(), started.tolist(), ended.tolist(), day, midnight, hour)
        return self._made(column, parties, clock)

    def _party_column(self, column: dict[str, list[Any]]) -> list[_Party]:
        known = self._parties
        keys = zip(
            *(column[name] for name in _PARTY_COLUMNS),
            strict=True,
        )
        parties = []
        for key in keys:
            party = known.get(key)
            if party is None:
                party = known[key] = self._party(*key)
            parties.append(party)
        return parties

    def _party(self, *cells: str | None) -> _Party:
        uuid, name, number, user_type, site, location, department, main = (cell or "" for cell in cells)
        directory = self._directory
        member = directory.members.get(uuid) or directory.member_by_number.get(number) or Member(uuid)
        place = (
            directory.places.get(site)
            or directory.place_by_name.get(location.casefold())
            or directory.places.get(member.location)
            or directory.place_by_name.get(member.location.casefold())
            or Place(site or location, location)
        )
        home = place.country or country_of(main) or country_of(number) or ""
        return _Party(
            user=uuid or member.uuid or number or name,
            name=name or member.name,
            service=(user_type or member.type) in SERVICES,
            location=place.uuid or place.name,
            department=member.department or department,
            home=home,
            timezone=place.timezone,
            days_off=directory.days_off_at(place.uuid or place.name),
        )

    def _made(
        self, column: dict[str, list[Any]], parties: list[_Party], clock: tuple[list[Any], ...]
    ) -> Iterator[Observation]:
        cells = zip(*(column[name] for name in _ROW_COLUMNS), strict=True)
        for party, row, times in zip(parties, cells, zip(*clock, strict=True), strict=True):
            yield _observation(party, row, times, self._directory.tariff)


_PARTY_COLUMNS = (
    "user_uuid", "user", "user_number", "user_type", "site_uuid", "location", "department_id", "site_main_number",
)  # fmt: skip
_ROW_COLUMNS = (
    "report_id", "duration", "ring_duration", "direction", "off_net", "far_number", "international_country",
    "answered", "call_outcome", "call_outcome_reason", "redirect_reason", "related_reason", "redirecting_number",
    "authorization_code", "client_type", "sub_client_type", "os_type", "model", "device_mac", "correlation_id",
    "call_type",
)  # fmt: skip


def _observation(
    party: _Party, row: tuple[Any, ...], times: tuple[Any, ...], tariff: ContractTariff | None
) -> Observation:
    (
        report_id, seconds, ring, direction, external, number, told, answered, outcome, reason, redirect, related,
        redirecting, code, client, sub_client, system, model, mac, call, call_type,
    ) = row  # fmt: skip
    reported, started, ended, day, midnight, hour = times
    external = bool(external)
    number = number or ""
    outbound = direction == "ORIGINATING"
    seconds = seconds or 0
    to = destination_of(number, party.home, _alpha2(told) if outbound else "") if external and number else NOWHERE
    kind = SUNDAY if midnight in party.days_off else kind_of_day(party.home, midnight)
    forwarded = (redirect in FORWARD_REASONS) or (related or "").startswith("CallForward")
    answered = bool(answered) if answered is not None else seconds > 0
    cost = 0.0
    if outbound:
        cost = tariff.cost(number, to, seconds) if tariff else seconds / 60 * to.price
    return Observation(
        report_id, reported, started, ended, seconds, ring or 0, party.user, party.name, party.service,
        party.location, party.department, outbound, external, number, to, answered,
        outcome is not None and outcome != "Success", forwarded, reason or "", redirecting or "", code or "",
        f"{client}|{sub_client}|{system}|{mac or model}", call or report_id, day, kind * HOURS_A_DAY + hour,
        is_quiet(kind, hour), cost,
        external and not outbound and call_type in (None, "SIP_INBOUND"),
        outbound and (to.kind == "premium" or call_type == "SIP_PREMIUM"),
    )  # fmt: skip


def _alpha2(told: str | None) -> str:
    return told if told and len(told) == 2 and told.isupper() else ""


def _epochs(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    micros = pc.fill_null(column.cast(pa.int64()), 0)
    return np.asarray(micros.to_numpy(), dtype=np.float64) / 1e6


def _offsets(
    told: list[str | None], parties: list[_Party], started: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Seconds that the site's clock is ahead of UTC: as the record tells, else by the location's zone."""
    offset_of: Callable[[str], int | None] = _told_offset
    made = [
        known
        if text is not None and (known := offset_of(text)) is not None
        else _zone_offset(party.timezone, int(at // 3600))
        for text, party, at in zip(told, parties, started.tolist(), strict=True)
    ]
    return np.array(made, dtype=np.float64)


@lru_cache(maxsize=1024)
def _told_offset(text: str) -> int | None:
    try:
        minutes = int(float(text))
    except ValueError:
        return None
    return minutes * 60 if abs(minutes) <= 14 * 60 else None


@lru_cache(maxsize=1 << 16)
def _zone_offset(zone: str, hour: int) -> int:
    if not zone:
        return 0
    try:
        offset = datetime.fromtimestamp(hour * 3600, UTC).astimezone(ZoneInfo(zone)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError):
        return 0
    return int(offset.total_seconds()) if offset else 0
