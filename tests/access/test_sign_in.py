from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from core.access import people, sessions, sign_in
from core.access.errors import NoAccountError, SignInRefusedError, TooManyAttemptsError
from core.access.sessions import Origin
from core.clock import SteppedClock
from core.store import audit, rate_gate
from core.store.engine import Database
from core.store.models.operations import RateGate
from tests.access.conftest import PASSWORD, MakePerson, actions

HERE = Origin("password", "192.0.2.1", "a browser")


def attempt(database: Database, clock: SteppedClock, name: str, password: str, origin: Origin = HERE) -> str:
    return sign_in.with_password(database, clock, name, password, origin)


def test_name_and_password_open_a_session(database: Database, clock: SteppedClock, add_person: MakePerson) -> None:
    person = add_person("ana", password=True)
    token = attempt(database, clock, " ANA ", PASSWORD)
    found = sessions.person_of(database, token, clock)
    assert found is not None
    assert found.id == person.id
    assert actions(database)[-1] == "session.started"


def test_every_refusal_looks_the_same(sqlite_database: Database, clock: SteppedClock, known_hash: str) -> None:
    for name in ("ana", "closed"):
        people.add(sqlite_database, clock, people.NewPerson(name, name, "analyst", PASSWORD), actor="test")
    people.add(sqlite_database, clock, people.NewPerson("no-password", "x", "analyst"), actor="test")
    closed = people.find(sqlite_database, "closed")
    assert closed is not None
    people.disable(sqlite_database, clock, closed.id, actor="test")
    answers = set()
    for name, password in (("ana", "wrong"), ("closed", PASSWORD), ("no-password", ""), ("nobody", PASSWORD)):
        with pytest.raises(SignInRefusedError) as refused:
            attempt(sqlite_database, clock, name, password)
        answers.add((refused.value.code, refused.value.message(), str(refused.value.facts)))
    assert len(answers) == 1


def test_a_refusal_is_audited_without_what_was_typed(
    database: Database, clock: SteppedClock, add_person: MakePerson
) -> None:
    add_person("ana", password=True)
    for name in ("ana", "my secret in the wrong field"):
        with pytest.raises(SignInRefusedError):
            attempt(database, clock, name, "not the password")
    with database.read() as session:
        noted = audit.entries(session, audit.AuditFilter(action="session.refused")).entries
    assert [entry.subject for entry in noted] == ["unknown", "ana"]
    assert "secret" not in str([(entry.actor, entry.subject, entry.detail) for entry in noted])


def test_guessing_one_account_is_stopped_and_the_owner_elsewhere_is_not(
    sqlite_database: Database, clock: SteppedClock
) -> None:
    people.add(sqlite_database, clock, people.NewPerson("ana", "Ana", "analyst", PASSWORD), actor="test")
    for _ in range(sign_in.ATTEMPTS_FROM_ONE_ADDRESS_ON_ONE_ACCOUNT):
        with pytest.raises(SignInRefusedError):
            attempt(sqlite_database, clock, "ana", "wrong")
    with pytest.raises(TooManyAttemptsError) as stopped:
        attempt(sqlite_database, clock, "ana", PASSWORD)
    assert 0 < stopped.value.facts["seconds"] <= 900
    assert attempt(sqlite_database, clock, "ana", PASSWORD, Origin("password", "192.0.2.99"))
    clock.step(stopped.value.facts["seconds"])
    assert attempt(sqlite_database, clock, "ana", PASSWORD)


def test_trying_many_accounts_from_one_address_is_stopped(sqlite_database: Database, clock: SteppedClock) -> None:
    refused, tried = None, 0
    while refused is None and tried < 200:
        tried += 1
        try:
            sign_in._slow_down(sqlite_database, clock, f"account-{tried}", "192.0.2.1")
        except TooManyAttemptsError as error:
            refused = error
    assert tried == sign_in.ATTEMPTS_FROM_ONE_ADDRESS + 1


def gates(database: Database) -> dict[str, tuple[float, datetime]]:
    with database.read() as session:
        return {gate.name: (gate.tokens, gate.refilled_at) for gate in session.scalars(select(RateGate))}


def test_who_is_refused_writes_nothing_more_and_uses_up_no_account(database: Database, clock: SteppedClock) -> None:
    for number in range(sign_in.ATTEMPTS_FROM_ONE_ADDRESS):
        sign_in._slow_down(database, clock, f"account-{number}", "192.0.2.1")
    before = gates(database)
    assert len(before) == 2 * sign_in.ATTEMPTS_FROM_ONE_ADDRESS + 1
    clock.step(1)
    for name in ("ana", "account-1", "never seen"):
        with pytest.raises(TooManyAttemptsError):
            attempt(database, clock, name, "x", Origin("password", "192.0.2.1"))
    assert gates(database) == before
    assert actions(database) == []


def test_one_ipv6_network_counts_as_one_address(sqlite_database: Database, clock: SteppedClock) -> None:
    for number in range(sign_in.ATTEMPTS_FROM_ONE_ADDRESS):
        sign_in._slow_down(sqlite_database, clock, f"account-{number}", f"2001:db8:0:1::{number:x}")
    with pytest.raises(TooManyAttemptsError):
        sign_in._slow_down(sqlite_database, clock, "ana", "2001:db8:0:1:ffff::1")
    sign_in._slow_down(sqlite_database, clock, "ana", "2001:db8:0:2::1")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("a-proxy", "a-proxy"),
    ],
)
def test_what_counts_as_one_address(address: str, network: str) -> None:
    assert sign_in.network_of(address) == network


def test_counts_that_are_whole_again_are_forgotten(database: Database, clock: SteppedClock) -> None:
    sign_in._slow_down(database, clock, "ana", "192.0.2.1")
    rate_gate.take(database, "webex", capacity=1, per_seconds=60, clock=clock)
    clock.step(3601)
    sign_in._slow_down(database, clock, "eva", "192.0.2.9")
    with database.write() as session:
        assert sign_in.forget_attempts(session, clock.now()) == 3
    assert [name for name in gates(database) if name.startswith("sign-in-from")] == ["sign-in-from:192.0.2.9"]
    assert "webex" in gates(database)


def claims(**changes: Any) -> dict[str, Any]:
    return {"iss": "https://id.example", "sub": "42", "email": "Ana@Example.com", "email_verified": True} | changes


def identify(database: Database, clock: SteppedClock, given: dict[str, Any], *, trust: bool = False) -> int | None:
    token = sign_in.with_identity(database, clock, given, Origin("oidc"), trust_email=trust)
    person = sessions.person_of(database, token, clock)
    return person.id if person else None


def test_the_first_identity_is_tied_by_verified_address_and_then_by_subject(
    database: Database, clock: SteppedClock, add_person: MakePerson
) -> None:
    person = add_person("ana@example.com")
    assert identify(database, clock, claims()) == person.id
    assert identify(database, clock, claims(email="renamed@example.com", email_verified=False)) == person.id
    with pytest.raises(NoAccountError):
        identify(database, clock, claims(sub="43"))
    with pytest.raises(NoAccountError):
        identify(database, clock, claims(iss="https://other.example"))


@pytest.mark.parametrize(
    "given",
    [
        claims(email_verified=False),
        claims(email_verified="true"),
        {key: value for key, value in claims().items() if key != "email_verified"},
        claims(sub=""),
        claims(email=""),
        claims(email="stranger@example.com"),
    ],
)
def test_an_identity_that_proves_no_address_gets_no_account(
    sqlite_database: Database, clock: SteppedClock, given: dict[str, Any]
) -> None:
    people.add(sqlite_database, clock, people.NewPerson("ana@example.com", "Ana", "admin"), actor="test")
    with pytest.raises(NoAccountError):
        identify(sqlite_database, clock, given)


def test_a_trusted_provider_need_not_say_verified(sqlite_database: Database, clock: SteppedClock) -> None:
    person = people.add(sqlite_database, clock, people.NewPerson("ana@example.com", "Ana", "admin"), actor="test")
    assert identify(sqlite_database, clock, claims(email_verified=None), trust=True) == person.id


def test_a_closed_account_stays_closed_to_identities(
    database: Database, clock: SteppedClock, add_person: MakePerson
) -> None:
    add_person("root", "admin")
    person = add_person("ana@example.com")
    identify(database, clock, claims())
    people.disable(database, clock, person.id, actor="root")
    with pytest.raises(NoAccountError):
        identify(database, clock, claims())
