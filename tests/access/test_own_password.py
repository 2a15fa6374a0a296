"""People change their own password."""

import pytest

from core.access import own_password, sessions, sign_in
from core.access.errors import PresentPasswordError, SignInRefusedError, TooManyAttemptsError, WeakPasswordError
from core.access.sessions import Origin
from core.clock import SteppedClock
from core.store.engine import Database
from tests.access.conftest import PASSWORD, MakePerson, actions

ANOTHER = "nueve montañas de sal"


def test_the_others_are_signed_out_and_the_new_password_counts(
    database: Database, clock: SteppedClock, add_person: MakePerson
) -> None:
    ana = add_person("ana", password=True)
    mine, other = (sessions.start(database, clock, ana.id, Origin("password")) for _ in range(2))
    own_password.change(database, clock, ana.id, PASSWORD, ANOTHER, session_token=mine)
    assert sessions.person_of(database, mine, clock) is not None
    assert sessions.person_of(database, other, clock) is None
    with pytest.raises(SignInRefusedError):
        sign_in.with_password(database, clock, "ana", PASSWORD, Origin("password"))
    assert sign_in.with_password(database, clock, "ana", ANOTHER, Origin("password"))
    assert "person.password_changed" in actions(database)


def test_the_present_password_is_asked_and_attempts_are_counted(
    database: Database, clock: SteppedClock, add_person: MakePerson
) -> None:
    ana = add_person("ana", password=True)

    def attempt(present: str, wanted: str) -> None:
        own_password.change(database, clock, ana.id, present, wanted, session_token="mine")

    with pytest.raises(WeakPasswordError):
        attempt(PASSWORD, "short")
    for _ in range(own_password.ATTEMPTS - 1):
        with pytest.raises(PresentPasswordError):
            attempt("not the password", ANOTHER)
    with pytest.raises(TooManyAttemptsError):
        attempt(PASSWORD, ANOTHER)
    assert actions(database).count("person.password_refused") == own_password.ATTEMPTS - 1
    clock.step(900)
    attempt(PASSWORD, ANOTHER)


def test_who_has_no_password_cannot_make_one_this_way(
    database: Database, clock: SteppedClock, add_person: MakePerson
) -> None:
    eva = add_person("eva")
    with pytest.raises(PresentPasswordError):
        own_password.change(database, clock, eva.id, "", ANOTHER, session_token="mine")
