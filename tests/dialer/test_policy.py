"""What may be dialled, as a table; then the stored rules, the budget under a race, and the dialling itself."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.dialer import connection, favorites, policy_book, query
from core.dialer.desk import Dialler, Wish, dial
from core.dialer.errors import DialerNotConnectedError, OtherCallOfKeyError
from core.dialer.filters import OutboundFilter
from core.dialer.policy import RULES, Asked, Place, Rules, Scene, Use, judge
from core.dialer.refused import DialRefusedError
from core.errors import ConflictError, InvalidInputError
from core.language import LANGUAGES
from core.settings import Settings, load_settings
from core.store import audit
from core.store.engine import Database
from tests.conftest import NOON

BOGOTA = Place("Bogotá", "CO", "America/Bogota")
SCENE = Scene(Rules(), BOGOTA, NOON, home_countries=frozenset({"CO", "CR"}))
OWN = "+576015550133"
ANA = Dialler("ana")


@pytest.mark.parametrize(
    ("text", "number", "refused_by"),
    [
        (OWN, OWN, ()),
        ("(601) 555 0133", OWN, ()),
        ("300 1234517", "+573001234517", ()),
        ("+506 2222 3333", "+50622223333", ()),
        ("018000123456", "+5718000123456", ()),
        ("123", "", ("emergency",)),
        ("112", "", ("emergency",)),
        ("911", "", ("emergency",)),
        ("9911", "", ("emergency",)),
        ("９１１", "", ("emergency",)),
        ("+57 123", "", ("emergency",)),
        ("+1911", "", ("emergency",)),
        ("+19005551234", "+19005551234", ("premium",)),
        ("+13055550100", "+13055550100", ("country",)),
        ("+5352345678", "+5352345678", ("country", "tier", "price")),
        ("+8816234567890", "+8816234567890", ("country", "tier", "price")),
        ("", "", ("not_a_number",)),
        ("4711", "", ("not_a_number",)),
        ("1800FLOWERS", "", ("not_a_number",)),
        ("+57601555013312345", "", ("not_a_number",)),
        ("';--", "", ("not_a_number",)),
    ],
)
def test_each_number_has_its_verdict(text: str, number: str, refused_by: tuple[str, ...]) -> None:
    found = judge(Asked(text, "look at the trunk"), SCENE)
    assert (found.number, tuple(refusal.rule for refusal in found.refusals)) == (number, refused_by)
    assert found.is_allowed == (refused_by == ())
    for language in LANGUAGES:
        assert "{" not in found.reasons(language)


def test_amounts_of_a_refusal_are_written_as_the_language_writes_them() -> None:
    found = judge(Asked("+5352345678", "look at the trunk"), SCENE)
    assert "$0.85" in found.reasons("en")
    assert "$0,85" in found.reasons("es")
    spent = judge(Asked(OWN, "look at the trunk"), replace(SCENE, use=Use(dollars_today=20.0)))
    assert ["$20.00" in spent.reasons("en"), "$20,00" in spent.reasons("es")] == [True, True]


SUNDAY_NIGHT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rules", "asked", "use", "rule"),
    [
        ({}, {"reason": " a "}, Use(), "reason"),
        ({}, {"caller_id": "+10000000000"}, Use(), "caller_id"),
        ({}, {"extension": "0019005551234"}, Use(), "extension"),
        ({}, {"extension": "+57601"}, Use(), "extension"),
        ({}, {"extension": "s-9-0-1-9-0-0-5"}, Use(), "extension"),
        ({}, {"extension": "123"}, Use(), "extension"),
        ({"is_recording_allowed": False}, {"is_recorded": True}, Use(), "recording"),
        ({"first_hour": 8, "last_hour": 18}, {}, Use(), "hours"),
        ({"weekdays": (0, 1, 2, 3, 4)}, {}, Use(), "hours"),
        ({"calls_a_minute": 2}, {}, Use(calls_in_the_minute=2), "rate"),
        ({"budget_a_day": 1.0}, {}, Use(dollars_today=0.9), "budget"),
        ({"highest_price": 0.01}, {}, Use(), "price"),
    ],
)
def test_each_setting_refuses_beyond_it(rules: dict[str, Any], asked: dict[str, Any], use: Use, rule: str) -> None:
    plain = Asked(OWN, "look at the trunk")
    wish = replace(plain, **asked)
    scene = replace(SCENE, at=SUNDAY_NIGHT)
    assert judge(plain, scene).is_allowed
    scene = replace(scene, rules=replace(Rules(), **rules), use=use)
    found = judge(wish, scene)
    assert [refusal.rule for refusal in found.refusals] == [rule]
    assert found.can_be_overridden == (rule not in ("reason", "caller_id", "extension", "recording"))
    assert rule in RULES


def test_a_caller_id_and_a_country_on_the_list_pass() -> None:
    rules = Rules(countries=("US",), caller_ids=("+576015550100",))
    asked = Asked("+1 305 555 0100", "reason", caller_id="+576015550100")
    assert judge(asked, replace(SCENE, rules=rules)).is_allowed
    assert judge(replace(asked, caller_id="9"), replace(SCENE, rules=rules, caller_ids=frozenset({"9"}))).is_allowed


@pytest.fixture
def settings() -> Settings:
    return load_settings({"_env_file": None})


def connected(database: Database, seconds: float = 0) -> None:
    with database.write() as session:
        connection.publish(session, connection.CONNECTED, NOON + timedelta(seconds=seconds))


def set_rules(database: Database, **changes: object) -> None:
    with database.write() as session:
        _, version = policy_book.rules(session)
        wanted = policy_book.rules_from({"country": "CO", "zone": "America/Bogota", **changes})
        policy_book.change(session, wanted, version=version, actor="admin", at=NOON)


def wish(text: str = OWN, **changes: Any) -> Wish:
    return replace(Wish(text, "look at the trunk"), **changes)


def ask(database: Database, settings: Settings, wanted: Wish, by: Dialler = ANA, seconds: float = 0) -> str:
    with database.write() as session:
        return dial(session, settings, wanted, by, at=NOON + timedelta(seconds=seconds))


def test_the_rules_are_kept_audited_and_changed_by_one_at_a_time(database: Database) -> None:
    set_rules(database, countries=["CR"], budget_a_day=3.0)
    with database.read() as session:
        kept, version = policy_book.rules(session)
        assert (kept.countries, kept.budget_a_day, kept.weekdays, version) == (("CR",), 3.0, tuple(range(7)), 1)
        (entry,) = audit.entries(session).entries
        assert (entry.action, entry.detail["countries"]) == (
            "dialer.policy_changed",
            {"before": [], "after": ["CR"]},
        )
    with database.write() as session, pytest.raises(ConflictError):
        policy_book.change(session, Rules(country="CO"), version=0, actor="eva", at=NOON)
    for wrong in (
        {"first_hour": 9, "last_hour": 9}, {"zone": "Mars"}, {"countries": ["XX"]}, {"highest_tier": 5},
        {"weekdays": [7]}, {"caller_ids": ["+57'; --"]}, {"unknown": 1},
    ):  # fmt: skip
        with pytest.raises(InvalidInputError):
            policy_book.rules_from(wrong)


def test_a_person_dials_once_within_the_policy_and_only_while_asterisk_is_seen(
    database: Database, settings: Settings
) -> None:
    set_rules(database)
    with pytest.raises(DialerNotConnectedError):
        ask(database, settings, wish())
    connected(database)
    first = ask(database, settings, wish("601 555 0133", idempotency_key="k"))
    assert ask(database, settings, wish(idempotency_key="k")) == first
    assert ask(database, settings, wish(idempotency_key="k"), Dialler("eva")) != first
    with pytest.raises(OtherCallOfKeyError):
        ask(database, settings, wish("+573001234517", idempotency_key="k"))
    with pytest.raises(DialRefusedError) as refused:
        ask(database, settings, wish("911"), Dialler("boss", may_override=True))
    assert refused.value.facts == {"rules": "emergency", "number": "911"}
    with database.read() as session:
        row = query.one(session, first)
        assert (row.number, row.endpoint, row.policy["price_class"]) == (OWN, f"PJSIP/{OWN}@trunk", "low")
        assert query.count(session, OutboundFilter()) == 2


@pytest.mark.parametrize("extension", ["4710", "100", "s", "ivr-main"])
def test_an_answered_call_goes_on_inside(extension: str) -> None:
    assert judge(Asked(OWN, "look at the trunk", extension=extension), SCENE).is_allowed


def test_no_second_leg_gets_past_the_rules(database: Database, settings: Settings) -> None:
    set_rules(database)
    connected(database)
    boss = Dialler("boss", may_override=True)
    for way in (
        wish(override="all the same", after_answer="bridge", bridge_to="019005551234"),
        wish(override="all the same", context="out", extension="0190055512"),
    ):
        with pytest.raises(DialRefusedError) as refused:
            ask(database, settings, way, boss)
        assert refused.value.facts["rules"] == "extension"
    configured = settings.model_copy(update={"default_context": "ivr", "default_extension": "8005551234"})
    assert ask(database, configured, wish(context="ivr", extension="8005551234"))


def test_a_supervisor_overrides_some_rules_and_says_why(database: Database, settings: Settings) -> None:
    set_rules(database)
    connected(database)
    abroad = wish("+13055550100", override="the carrier asked for it")
    boss = Dialler("boss", may_override=True)
    for wanted, by in (
        (abroad, Dialler("ana")),
        (replace(abroad, override=" "), boss),
        (wish("112", override="x"), boss),
    ):
        with pytest.raises(DialRefusedError):
            ask(database, settings, wanted, by)
    call_id = ask(database, settings, abroad, boss)
    with database.read() as session:
        entry = audit.entries(session, audit.AuditFilter(action="dialer.overridden")).entries[0]
        assert (entry.actor, entry.subject, entry.detail["override"]) == ("boss", call_id, "the carrier asked for it")
        assert query.one(session, call_id).policy["refused_by"] == ["country"]


def test_many_at_once_never_pass_the_rate_or_the_budget(database: Database, settings: Settings) -> None:
    set_rules(database, calls_a_minute=600, budget_a_day=0.65)
    connected(database)
    calls: list[str] = []
    refusals: list[str] = []

    def press() -> None:
        try:
            calls.append(ask(database, settings, wish()))
        except DialRefusedError as error:
            refusals.append(str(error.facts["rules"]))

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Each may last five minutes at four cents: three fit into sixty-five.
    assert (len(calls), refusals) == (3, ["budget"] * 5)
    set_rules(database, calls_a_minute=3, budget_a_day=100.0)
    with pytest.raises(DialRefusedError, match="Calls a minute have reached the limit, 3"):
        ask(database, settings, wish(), seconds=59)
    connected(database, seconds=61)
    ask(database, settings, wish(), seconds=61)


def test_favourites_are_a_persons_own(database: Database) -> None:
    with database.write() as session:
        favorites.keep(session, "ana", OWN, "Trunk", at=NOON)
        favorites.keep(session, "ana", OWN, " Trunk A ", at=NOON)
        favorites.keep(session, "eva", OWN, "", at=NOON)
    with database.write() as session:
        assert [(row.number, row.label) for row in favorites.of_person(session, "ana")] == [(OWN, "Trunk A")]
        favorites.forget(session, "ana", OWN)
        assert (favorites.of_person(session, "ana"), len(favorites.of_person(session, "eva"))) == ([], 1)
