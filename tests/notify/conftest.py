"""What the tests of notifications share: services over either database, and channels to real receivers."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.calls.table import CallTable
from core.clock import Clock, SteppedClock
from core.notify import channel_book, rules
from core.notify.announce import announce
from core.notify.channel_book import ChannelForm
from core.notify.rules import Rule
from core.notify.sending import send_due
from core.services import Services
from core.settings import load_settings
from core.store.engine import Database
from core.store.models.outbox import OutboxMessage
from tests.notify.receivers import Mailman, Receiver, mail_server, web_receiver

SECRET_KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF"


def services_over(database: Database, clock: Clock, folder: Path, **settings: Any) -> Services:
    """Services in the sandbox, unless ``settings`` say otherwise."""
    given = {"data_dir": folder / "var", "secret_key": SECRET_KEY, "base_url": "https://desk.example.com", **settings}
    known = load_settings(given)
    return Services(known, clock, database, CallTable(known.calls_path))


@pytest.fixture
def services(database: Database, clock: SteppedClock, tmp_path: Path) -> Services:
    """Sandbox services without a mail server, on both kinds of database."""
    return services_over(database, clock, tmp_path)


@pytest.fixture
def sandbox(sqlite_database: Database, clock: SteppedClock, tmp_path: Path) -> Services:
    """Sandbox services where the kind of database does not matter."""
    return services_over(sqlite_database, clock, tmp_path)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A web server that takes notifications."""
    with web_receiver() as running:
        yield running


@pytest.fixture
def mailman() -> Iterator[Mailman]:
    """A mail server that takes notifications, without encryption."""
    with mail_server() as running:
        yield running


@pytest.fixture
def mailing(database: Database, clock: SteppedClock, tmp_path: Path, mailman: Mailman) -> Services:
    """Services whose mails go to ``mailman``."""
    return services_over(database, clock, tmp_path, smtp_host="127.0.0.1", smtp_port=mailman.port, smtp_security="none")


def add_channel(services: Services, kind: str = "email", **values: str) -> int:
    """A channel of ``kind``; ``name``, ``language`` and the kind's own values may be given."""
    name, language = values.pop("name", f"The {kind}"), values.pop("language", "en")
    if kind == "email":
        values.setdefault("recipients", "desk@example.com")
    return channel_book.add(services, ChannelForm(name, kind, language, values=values), actor="ana").channel_id


def add_rule(services: Services, channel_id: int, **rule: Any) -> int:
    """A rule for everything, restricted by ``rule``; every repetition is told unless it says otherwise."""
    given = {"repeat_hours": 0, **rule}
    return rules.add(services.database, services.clock, Rule(channel_id=channel_id, **given), actor="ana")


def tell(services: Services, subject_id: int = 1, **told: Any) -> int:
    """Announce something about alert ``subject_id`` in a transaction of its own."""
    facts = {"title": "Calls abroad", "entity_name": "Ana Pérez", **told.pop("facts", {})}
    given = {"subject": "alert", "event": "opened", "severity": "high", "at": services.clock.now(), **told}
    with services.database.write() as session:
        return announce(session, subject_id=subject_id, facts=facts, **given)


def send(services: Services) -> dict[str, int]:
    """Send what is due."""
    return send_due(services, random.Random(1))


def messages(services: Services) -> list[OutboxMessage]:
    """Every message, oldest first."""
    with services.database.read() as session:
        return list(session.query(OutboxMessage).order_by(OutboxMessage.id))
