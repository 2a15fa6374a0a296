"""One-time links to set a password: once, for a while, for one person."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from core.access import password_links, people, sessions
from core.access.errors import PasswordLinkClosedError, WeakPasswordError
from core.access.sessions import Origin
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.errors import NotFoundError
from core.services import Services
from core.settings import Settings
from core.store.encryption import Vault
from core.store.engine import Database
from tests.access.conftest import PASSWORD, MakePerson, actions

BY_LINK = Origin("link")


@pytest.fixture
def services(settings: Settings, clock: SteppedClock, database: Database) -> Services:
    return Services(settings, clock, database, CallTable(settings.calls_path))


def token_of(link: password_links.PasswordLink) -> str:
    return parse_qs(urlsplit(link.address).query)["token"][0]


def refused(services: Services, token: str) -> bool:
    try:
        password_links.use(services, token, PASSWORD, BY_LINK)
    except PasswordLinkClosedError:
        return True
    return False


def test_a_link_sets_the_password_once_and_signs_in(services: Services, add_person: MakePerson) -> None:
    ana = add_person("ana")
    before = sessions.start(services.database, services.clock, ana.id, Origin("test"))
    link = password_links.make(services, ana.id, actor="root")
    assert password_links.holder(services, token_of(link)).name == "ana"
    assert password_links.open_until(services.database, services.clock) == {ana.id: link.expires_at}
    with pytest.raises(WeakPasswordError):
        password_links.use(services, token_of(link), "short", BY_LINK)
    opened = password_links.use(services, token_of(link), PASSWORD, BY_LINK)
    assert sessions.person_of(services.database, opened, services.clock) is not None
    assert sessions.person_of(services.database, before, services.clock) is None
    assert people.get(services.database, ana.id).has_password
    assert refused(services, token_of(link))
    assert actions(services.database)[-3:] == ["person.link_made", "person.password_set", "session.started"]


def test_a_link_ends_by_time_by_a_newer_one_and_by_revocation(
    services: Services, clock: SteppedClock, add_person: MakePerson
) -> None:
    ana = add_person("ana")
    first, second = (token_of(password_links.make(services, ana.id, actor="root")) for _ in range(2))
    assert refused(services, first)
    password_links.revoke(services.database, clock, ana.id, actor="root")
    password_links.revoke(services.database, clock, ana.id, actor="root")
    assert refused(services, second)
    assert actions(services.database).count("person.link_revoked") == 1
    third = token_of(password_links.make(services, ana.id, actor="root"))
    clock.step(password_links.VALID.total_seconds())
    assert refused(services, third)
    assert password_links.open_until(services.database, clock) == {}
    with services.database.write() as session:
        assert password_links.forget_closed(session, clock.now() + timedelta(seconds=1)) == 3


@pytest.mark.parametrize("change", ["role", "password", "closed"])
def test_a_link_ends_with_what_it_was_made_for(
    services: Services, clock: SteppedClock, add_person: MakePerson, change: str
) -> None:
    add_person("root", "admin")
    ana = add_person("ana")
    token = token_of(password_links.make(services, ana.id, actor="root"))
    if change == "role":
        people.change_role(services.database, clock, ana.id, "supervisor", actor="root")
    elif change == "password":
        people.set_password(services.database, clock, ana.id, PASSWORD, actor="root")
    else:
        people.disable(services.database, clock, ana.id, actor="root")
        with pytest.raises(NotFoundError):
            password_links.make(services, ana.id, actor="root")
        people.enable(services.database, clock, ana.id, actor="root")
    assert refused(services, token)


def test_what_was_not_signed_for_this_is_refused(services: Services, add_person: MakePerson) -> None:
    link = token_of(password_links.make(services, add_person("ana").id, actor="root"))
    foreign = Vault(services.settings, services.clock).sign({"token": "x"}, purpose="export", max_age=timedelta(1))
    for token in ("", "guessed", link[:-4] + "AAAA", foreign, "ñ", "x" * 10_000):
        assert refused(services, token)
    with pytest.raises(NotFoundError):
        password_links.make(services, 12345, actor="root")
