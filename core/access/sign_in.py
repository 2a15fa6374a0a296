"""Signing in: by password, by the organisation's identity provider, or by a click in the sandbox.

Attempts are slowed down by account and by address, in the database, so that several web processes share the
count. A refusal takes the same time and gives the same answer whether or not the account exists.
"""

import hashlib
import ipaddress
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.errors import NoAccountError, SignInRefusedError, TooManyAttemptsError
from core.access.passwords import verify_password
from core.access.sessions import Origin, open_session
from core.clock import Clock
from core.store import audit, rate_gate
from core.store.engine import Database
from core.store.models.access import PersonRow

_LONGEST_NAME = 200
_GATES = "sign-in"
_QUARTER_HOUR = 900.0
_HOUR = 3600.0
ATTEMPTS_FROM_ONE_ADDRESS_ON_ONE_ACCOUNT = 8
"""In a quarter of an hour: a person who mistypes passes, a list of passwords does not."""
ATTEMPTS_ON_ONE_ACCOUNT = 60
"""In an hour, from wherever: bounds a spread attack, yet leaves the owner room beside it."""
ATTEMPTS_FROM_ONE_ADDRESS = 100
"""In a quarter of an hour: a whole office behind one address still signs in."""


def with_password(database: Database, clock: Clock, name: str, password: str, origin: Origin) -> str:
    """Open a session by name and password; gives its token.

    Raises ``TooManyAttemptsError`` before the password is looked at, and ``SignInRefusedError``.
    """
    name = name.strip().lower()[:_LONGEST_NAME]
    _slow_down(database, clock, name, origin.address)
    with database.read() as session:
        person = session.scalar(select(PersonRow).where(PersonRow.name == name, PersonRow.disabled_at.is_(None)))
    if not verify_password(password, person.password_hash if person else None) or person is None:
        _note_refusal(database, clock, person, origin)
        raise SignInRefusedError
    with database.write() as session:
        return open_session(session, clock.now(), person.id, origin)


def with_identity(
    database: Database, clock: Clock, claims: Mapping[str, Any], origin: Origin, *, trust_email: bool = False
) -> str:
    """Open a session for whom the identity provider vouches; gives its token.

    ``claims`` are those of the ID token. The first time, the account of the same e-mail address is tied to the
    provider's ``sub``, when the provider says the address is verified or ``trust_email`` says all of its are.
    Raises ``NoAccountError``.
    """
    with database.write() as session:
        person = _identified(session, claims, trust_email)
        if person is not None and person.disabled_at is None:
            return open_session(session, clock.now(), person.id, origin)
    _note_refusal(database, clock, None, origin)
    raise NoAccountError


def _identified(session: Session, claims: Mapping[str, Any], trust_email: bool) -> PersonRow | None:
    if not claims.get("sub"):
        return None
    subject = f"{claims.get('iss', '')} {claims['sub']}"[:300]
    known = session.scalar(select(PersonRow).where(PersonRow.oidc_subject == subject))
    if known is not None:
        return known
    email = str(claims.get("email", "")).strip().lower()
    if not email or not (trust_email or claims.get("email_verified") is True):
        return None
    person = session.scalar(select(PersonRow).where(PersonRow.name == email, PersonRow.oidc_subject.is_(None)))
    if person is not None and person.disabled_at is None:
        person.oidc_subject = subject
    return person


def _slow_down(database: Database, clock: Clock, name: str, address: str) -> None:
    account = hashlib.sha256(name.encode()).hexdigest()[:32]
    place = network_of(address)
    gates = (
        (f"{_GATES}-from:{place}"[:120], ATTEMPTS_FROM_ONE_ADDRESS, _QUARTER_HOUR),
        (f"{_GATES}:{account}:{place}"[:120], ATTEMPTS_FROM_ONE_ADDRESS_ON_ONE_ACCOUNT, _QUARTER_HOUR),
        (f"{_GATES}:{account}", ATTEMPTS_ON_ONE_ACCOUNT, _HOUR),
    )
    # All are looked at before one is taken from: who is refused costs no write and uses up nobody's attempts.
    for ask in (rate_gate.waiting, rate_gate.take):
        for gate, capacity, seconds in gates:
            wait = ask(database, gate, capacity=capacity, per_seconds=seconds, clock=clock)
            if wait > 0:
                raise TooManyAttemptsError(retry_after_seconds=wait, seconds=math.ceil(wait))


def network_of(address: str) -> str:
    """What counts as one address: IPv4 as it is, IPv6 by its /64, which one household or host holds whole."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(read, ipaddress.IPv4Address):
        return str(read)
    if read.ipv4_mapped:
        return str(read.ipv4_mapped)
    return str(ipaddress.ip_network((int(read), 64), strict=False))


def forget_attempts(session: Session, now: datetime) -> int:
    """Remove the counts of attempts that are whole again; gives how many."""
    return rate_gate.forget(session, _GATES, now - timedelta(seconds=_HOUR))


def _note_refusal(database: Database, clock: Clock, person: PersonRow | None, origin: Origin) -> None:
    # A name that fits no account may be a password typed into the wrong field: it is not written down.
    name = person.name if person else "unknown"
    detail = {"method": origin.method, "address": origin.address[:60]}
    with database.write() as session:
        audit.record(session, actor=name, action="session.refused", subject=name, detail=detail, at=clock.now())
