"""Tuning is bounded, kept with its history, taken back, and reaches the engine."""

from datetime import date, timedelta

import pyarrow as pa
import pytest

from core.detection import suppression, tariffs, tuning
from core.detection.directory import directory_of
from core.detection.engine import Engine
from core.detection.finding import AlertDraft
from core.detection.numbering import destination_of
from core.detection.observation import observations
from core.detection.policy import Allowed, Policy
from core.detection.registry import detector, detectors
from core.detection.suppression import Allowance
from core.detection.tuning import Because, Tuning
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.store import audit, data_version
from core.store.engine import Database
from core.store.models.detection import DetectorTuning
from tests.calls.records import uuid_of
from tests.conftest import NOON
from tests.detection.fixtures import _legs, _typed, routine_table

WHY = Because("ana", NOON, "too many from the night shift")
CUBA = {"who": "ana", "to": "+53512345{n:02d}", "at": "20 22:30", "seconds": 900, "times": 6, "every": 12}


def tuned(database: Database, **parameters: float) -> None:
    with database.write() as session:
        tuning.change(session, "after_hours", Tuning(parameters), version=0, why=WHY)


def test_nothing_is_changed_at_first(database: Database) -> None:
    with database.read() as session:
        assert tuning.parameter_changes(session) == {}
        assert tuning.policy(session) == Policy()
        assert set(tuning.tunings(session)) == {known.id for known in detectors()}


def test_a_change_is_kept_audited_and_told(database: Database) -> None:
    tuned(database, calls=9, minutes=detector("after_hours").defaults()["minutes"])
    with database.read() as session:
        assert tuning.parameter_changes(session) == {"after_hours": {"calls": 9.0}}, "a default is no change"
        assert data_version.current(session, tuning.DATA_VERSION)[0] == 1
        (made,) = tuning.history(session)
        (entry,) = audit.entries(session).entries
    assert (made.before["parameters"], made.after["parameters"]) == ({}, {"calls": 9.0})
    assert (entry.action, entry.subject, entry.detail["reason"]) == ("detector.tuned", "after_hours", WHY.reason)


def test_bounds_names_reasons_and_versions_are_checked(database: Database) -> None:
    wrong = (Tuning({"calls": 1e6}), Tuning({"call": 3}), Tuning({"calls": float("nan")}), Tuning())
    for wanted in wrong:
        with pytest.raises(InvalidInputError), database.write() as session:
            tuning.change(session, "after_hours", wanted, version=0, why=WHY)
    with pytest.raises(InvalidInputError), database.write() as session:
        tuning.change(session, "after_hours", Tuning({"calls": 9}), version=0, why=Because("ana", NOON, "  "))
    with pytest.raises(ConflictError), database.write() as session:
        tuning.change(session, "after_hours", Tuning({"calls": 9}), version=3, why=WHY)
    with database.read() as session:
        assert tuning.history(session) == []


def test_a_change_is_taken_back(database: Database) -> None:
    tuned(database, calls=9)
    with database.write() as session:
        (made,) = tuning.history(session)
        tuning.revert(session, made.id, version=1, why=WHY)
    with database.read() as session:
        assert tuning.tuning_of(session, "after_hours") == (Tuning(), 2)
        assert tuning.history(session)[0].reverts == made.id
    with pytest.raises(NotFoundError), database.write() as session:
        tuning.revert(session, 99, version=2, why=WHY)


def test_what_newer_bounds_forbid_counts_as_the_default(database: Database) -> None:
    with database.write() as session:
        session.add(
            DetectorTuning(
                detector="after_hours", parameters={"calls": 1e9, "gone": 1, "minutes": 20}, is_enabled=True,
                severity_cap="fatal", version=1, changed_at=NOON, changed_by="an older edition",
            )
        )  # fmt: skip
    with database.read() as session:
        assert tuning.tuning_of(session, "after_hours")[0] == Tuning({"minutes": 20})


def raised_with(policy: Policy, *campaign_days: str) -> list[AlertDraft]:
    told = [{"users": [uuid_of("ana")], "start": day, "end": day} for day in campaign_days]
    directory = directory_of({"campaigns": told})
    engine = Engine(directory, only={"international_calls"}, policy=policy)
    table = pa.concat_tables([routine_table(20, ""), _typed(_legs([CUBA]))])
    return [draft for draft in engine.feed(observations(table, directory)) if draft.is_new]


def test_a_detector_that_is_off_says_nothing_and_a_capped_one_no_more_than_its_cap() -> None:
    (loud,) = raised_with(Policy())
    assert loud.severity != "low"
    assert raised_with(Policy(disabled=frozenset({"international_calls"}))) == []
    (capped,) = raised_with(Policy(caps={"international_calls": "low"}))
    assert (capped.severity, capped.explanation["notes"]) == ("low", ["severity_cap"])


@pytest.mark.parametrize(
    ("kind", "value", "scope_kind", "scope"),
    [
        ("country", "CU", "org", ""),
        ("prefix", "+535", "user", uuid_of("ana")),
        ("prefix", "+53", "location", uuid_of("Bogotá")),
    ],
)
def test_an_allowed_destination_lowers_the_severity(kind: str, value: str, scope_kind: str, scope: str) -> None:
    (loud,) = raised_with(Policy())
    (quieter,) = raised_with(Policy(allowed=(Allowed(kind, value, scope_kind, scope, 2e9),)))
    order = ("low", "medium", "high", "critical")
    assert order.index(quieter.severity) == order.index(loud.severity) - 1
    assert quieter.explanation["notes"] == ["allowed_destination"]


@pytest.mark.parametrize(
    "entry",
    [
        Allowed("country", "CU", "org", "", 1e9),
        Allowed("country", "EE", "org", "", 2e9),
        Allowed("number", "+5351234500", "org", "", 2e9),
        Allowed("country", "CU", "user", uuid_of("p3"), 2e9),
    ],
)
def test_what_does_not_cover_every_call_changes_nothing(entry: Allowed) -> None:
    assert raised_with(Policy(allowed=(entry,)))[0].severity == raised_with(Policy())[0].severity


def test_allowances_campaigns_and_days_off_come_back_as_the_engine_takes_them(database: Database) -> None:
    with database.write() as session:
        suppression.allow(
            session, Allowance("number", "+57 (310) 123-4567", "user", "u1", "supplier", NOON + timedelta(days=9)),
            actor="ana", at=NOON,
        )  # fmt: skip
        told = suppression.declare_campaign(
            session, name="November", users=["u2", "u1", "u1"], first_day=date(2026, 11, 18),
            last_day=date(2026, 11, 25), actor="ana", at=NOON,
        )  # fmt: skip
        suppression.add_day_off(session, site_uuid="", day=date(2026, 12, 24), name="Eve", actor="ana", at=NOON)
        suppression.add_day_off(session, site_uuid="", day=date(2026, 12, 24), name="again", actor="ana", at=NOON)
    with database.read() as session:
        (allowed,) = tuning.allowed_destinations(session)
        assert (allowed.value, allowed.scope) == ("+573101234567", "u1")
        assert tuning.campaigns(session) == [{"users": ["u1", "u2"], "start": "2026-11-18", "end": "2026-11-25"}]
        assert tuning.days_off(session) == [{"location": "", "day": "2026-12-24"}]
    with database.write() as session:
        suppression.end_campaign(session, told.id, actor="ana", at=NOON + timedelta(days=1))
        suppression.end_allowance(session, suppression.listed_allowances(session)[0].id, actor="ana", at=NOON)
    with database.read() as session:
        assert tuning.campaigns(session)[0]["end"] == "2026-11-21"
        assert tuning.allowed_destinations(session)[0].expires == NOON.timestamp()
        assert data_version.current(session, tuning.DATA_VERSION)[0] == 5


@pytest.mark.parametrize(
    "wanted",
    [
        Allowance("country", "Cuba", "org", "", "why", NOON + timedelta(days=9)),
        Allowance("number", "5351234500", "org", "", "why", NOON + timedelta(days=9)),
        Allowance("country", "CU", "user", "", "why", NOON + timedelta(days=9)),
        Allowance("country", "CU", "org", "", "why", NOON),
        Allowance("country", "CU", "org", "", "why", NOON + timedelta(days=900)),
        Allowance("country", "CU", "org", "", " ", NOON + timedelta(days=9)),
    ],
)
def test_an_allowance_needs_a_destination_a_scope_an_end_and_a_reason(
    sqlite_database: Database, wanted: Allowance
) -> None:
    with pytest.raises(InvalidInputError), sqlite_database.write() as session:
        suppression.allow(session, wanted, actor="ana", at=NOON)


def test_a_day_off_turns_a_working_day_into_a_free_one() -> None:
    monday = {"who": "ana", "to": "+573101234567", "at": "0 10:00", "seconds": 60, "times": 1, "every": 1}
    table = _typed(_legs([monday]))
    (open_day,) = observations(table, directory_of({}))
    (shut,) = observations(table, directory_of({"days_off": [{"location": "", "day": "2026-03-02"}, {"day": "x"}]}))
    assert (open_day.quiet, shut.quiet) == (False, True)


TARIFF = """Prefix;Country;Kind;Price;Increment;Connection_fee;Currency
53;;;3200,5;60;100;COP
;EC;;900;1;;COP
;CO;premium;5000;30;;COP
"""


def test_a_tariff_prices_calls_by_prefix_then_country_then_default(database: Database) -> None:
    found = tariffs.read_file(TARIFF.encode())
    assert (found.is_usable, found.currency, len(found.lines)) == (True, "COP", 3)
    with database.write() as session:
        made = tariffs.load(session, found, name="2026", per_dollar=4000, reason="new contract", actor="ana", at=NOON)
    with database.read() as session:
        tariff = tariffs.tariff(session)
        assert tariffs.in_use(session) is not None
    assert tariff is not None
    cuba = tariff.cost("+5351234567", destination_of("+5351234567", "CO"), 61)
    assert cuba == pytest.approx((100 + 2 * 3200.5) / 4000)
    assert tariff.cost("+5351234567", destination_of("+5351234567", "CO"), 0) == 0
    assert tariff.cost("+59322345678", destination_of("+59322345678", "CO"), 60) == pytest.approx(900 / 4000)
    assert (
        tariff.cost("+4850123456", destination_of("+4850123456", "CO"), 60) == destination_of("+4850123456", "CO").price
    )
    with database.write() as session:
        tariffs.use(session, None, actor="ana", at=NOON)
    with database.read() as session:
        assert tariffs.tariff(session) is None
        assert [version.id for version in tariffs.versions(session)] == [made.id]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("country,cost\nCU,3\n", [(1, "heading")]),
        ("", [(1, "heading")]),
        ("country,price\n", [(1, "empty")]),
        ("country,price\nCU,3\nCU,4\n", [(3, "twice")]),
        ("country,price\nCuba,3\nCU,-1\nEE,nan\nLV,\n", [(2, "destination"), (3, "price"), (4, "price"), (5, "price")]),
        ("prefix,country,price\n53,CU,3\n,,4\n", [(2, "prefix_or_country"), (3, "prefix_or_country")]),
        ("country,price,increment\nCU,3,0\n", [(2, "increment")]),
        ("prefix,price\n5.7E+11,3\n=cmd|'/C calc'!A0,1\nCuba 53,2\n٥٧,2\n", [(n, "destination") for n in (2, 3, 4, 5)]),
        ("prefix,price\n53,1_0\n54,1e3\n55,٣\n56,inf\n", [(n, "price") for n in (2, 3, 4, 5)]),
        ("country,kind,price\nCU,gold,3\n", [(2, "kind")]),
        ("country,price,currency\nCU,3,USD\nEE,3,COP\n", [(1, "currency")]),
        ("country,price\nCU,1" + "0" * 200 + "\n", [(2, "price")]),
        ('country,price\n"CU' + "x" * 200_000 + '",1\n', [(2, "unreadable")]),
    ],
)
def test_a_tariff_says_what_is_wrong_line_by_line(text: str, problems: list[tuple[int, str]]) -> None:
    found = tariffs.read_file(text.encode())
    assert [(problem.line, problem.reason) for problem in found.problems] == problems
    assert not found.is_usable
    assert "field larger" not in "".join(problem.value for problem in found.problems)


def test_a_tariff_in_a_currency_worth_impossibly_much_is_not_loaded(sqlite_database: Database) -> None:
    found = tariffs.read_file(b"prefix,price,currency\n+57 1,1.5,COP\n")
    assert found.is_usable
    for rate in (0.0, 1e-320, float("nan"), float("inf"), -1.0):
        with pytest.raises(InvalidInputError), sqlite_database.write() as session:
            tariffs.load(session, found, name="x", per_dollar=rate, reason="x", actor="ana", at=NOON)


def test_a_broken_tariff_is_not_loaded(sqlite_database: Database) -> None:
    broken = tariffs.read_file(b"country,price\nCU,x\n")
    with pytest.raises(InvalidInputError), sqlite_database.write() as session:
        tariffs.load(session, broken, name="x", per_dollar=1, reason="x", actor="ana", at=NOON)


def test_the_bounds_of_every_detector_hold_its_defaults() -> None:
    for known in detectors():
        assert known.with_changes(known.defaults()) == known.defaults()
