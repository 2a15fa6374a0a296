"""What to change in Webex because of an alert: exact changes before and after, chosen by what was detected.

Nothing is asked of Webex here: the state before is the one last read, with its age.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.alerts import query as alerts
from core.calls.engine import Legs, reading
from core.respond.actions import ABROAD, PREMIUM, SETTING_OF, Action, intended
from core.services import Services
from core.store.models.alerts import AlertRow, EvidenceRow
from core.store.models.webex import WebexPerson
from core.webex.call_settings import Setting
from core.webex.call_settings_shape import Difference, differences
from core.webex.call_settings_store import snapshot

MOST_PEOPLE = 25
"""People of a site or an organisation that are proposed for; more than that is no answer to one alert."""

Reason = Literal["abroad", "premium", "dialling", "forwarding", "unsure"]


@dataclass(frozen=True)
class _Offer:
    action: Action
    is_recommended: bool
    call_types: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Answer:
    """What is offered for a kind of abuse, the most fitting first."""

    reason: Reason
    offers: tuple[_Offer, ...]


_BLOCK = _Offer("block_calls", True, (*ABROAD, *PREMIUM))
_OR_BLOCK = _Offer("block_calls", False, (*ABROAD, *PREMIUM))
_STOP, _OR_STOP = _Offer("stop_forwarding", True), _Offer("stop_forwarding", False)
_INTERCEPT, _OR_INTERCEPT = _Offer("intercept", True), _Offer("intercept", False)

_ABROAD = _Answer("abroad", (_BLOCK, _OR_INTERCEPT))
_DIALLING = _Answer("dialling", (_INTERCEPT, _OR_BLOCK))
_FORWARDED = _Answer("forwarding", (_STOP, _BLOCK, _OR_INTERCEPT))
_UNSURE = _Answer("unsure", (_OR_BLOCK, _OR_STOP, _OR_INTERCEPT))

ANSWERS: dict[str, _Answer | None] = {
    "international_calls": _ABROAD,
    "caribbean": _ABROAD,
    "satellite": _ABROAD,
    "cost_velocity": _ABROAD,
    "long_call": _ABROAD,
    "concurrent_calls": _ABROAD,
    "wangiri_callback": _ABROAD,
    "failed_probes": _ABROAD,
    "after_hours": _ABROAD,
    "premium_rate": _Answer("premium", (_BLOCK, _OR_INTERCEPT)),
    "mass_dialing": _DIALLING,
    "short_calls": _DIALLING,
    "sequential_dialing": _DIALLING,
    "call_forwarding": _FORWARDED,
    "forwarding_spike": _FORWARDED,
    "forwarding_change": _Answer("forwarding", (_STOP, _OR_BLOCK, _OR_INTERCEPT)),
    "inbound_flood": None,
    "inbound_scan": None,
}
"""By detector; what comes from outside is not stopped by a setting of those who are called."""


@dataclass(frozen=True)
class Proposal:
    """One setting of one person, as last read and as it would be.

    ``before`` is ``None`` until the setting was read once; ``read_at`` says when. ``changes`` is empty when nothing
    would change. ``key`` names it in requests.
    """

    action: Action
    person: str
    person_name: str
    reason: Reason
    is_recommended: bool
    call_types: tuple[str, ...] = ()
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    changes: tuple[Difference, ...] = ()
    read_at: datetime | None = None

    @property
    def key(self) -> str:
        """Action and person."""
        return f"{self.action}:{self.person}"

    @property
    def setting(self) -> Setting:
        """The setting that it changes."""
        return SETTING_OF[self.action]

    @property
    def is_needless(self) -> bool:
        """Whether the setting, as last read, is so already."""
        return self.before is not None and not self.changes


def proposals(
    services: Services, *, detector: str, entity_kind: str, entity: str, facts: Mapping[str, Any]
) -> list[Proposal]:
    """What to change because of what ``detector`` found about an entity; recommended ones first for each person.

    ``facts`` may name ``users`` (UUIDs), or ``report_ids`` (records it rests on, begun not before the day ``since``):
    who is involved, where the entity is a site or the organisation. Empty when no setting helps, or nobody involved
    is a person of the organisation.
    """
    answer = ANSWERS.get(detector, _UNSURE)
    if answer is None:
        return []
    wanted = _involved(services, entity_kind, entity, facts)
    with services.database.read() as session:
        people = _people(session, wanted)
        return [_proposal(session, person, answer.reason, offer) for person in people for offer in answer.offers]


def of_alert(services: Services, reference: str | int) -> list[Proposal]:
    """The proposals for an alert. Raises ``NotFoundError``."""
    with services.database.read() as session:
        alert = alerts.one(session, reference)
        report_ids = [] if alert.entity_kind == "user" else _evidence(session, alert)
        since = (alert.first_seen - timedelta(days=1)).date()
    return proposals(
        services,
        detector=alert.detector or alert.alert_type,
        entity_kind=alert.entity_kind,
        entity=alert.entity,
        facts={"report_ids": report_ids, "since": since},
    )


def _evidence(session: Session, alert: AlertRow) -> list[str]:
    return list(session.scalars(select(EvidenceRow.report_id).where(EvidenceRow.alert_id == alert.id).limit(500)))


def _involved(services: Services, entity_kind: str, entity: str, facts: Mapping[str, Any]) -> list[str]:
    if entity_kind == "user":
        return [entity]
    named = [str(uuid) for uuid in facts.get("users") or []]
    report_ids = [str(one) for one in facts.get("report_ids") or []]
    if named or not report_ids:
        return named[:MOST_PEOPLE]
    legs = Legs(
        services.calls.files(since=facts.get("since")),
        "list_contains(?, report_id) AND direction = 'ORIGINATING'",
        [report_ids],
    )
    sql = "SELECT user_uuid FROM legs WHERE user_uuid IS NOT NULL GROUP BY user_uuid ORDER BY count(*) DESC, user_uuid"
    with reading() as reader:
        return [str(uuid) for (uuid,) in reader.rows(sql, legs)][:MOST_PEOPLE]


def _people(session: Session, wanted: Sequence[str]) -> list[WebexPerson]:
    found = session.scalars(
        select(WebexPerson).where(WebexPerson.uuid.in_(wanted), WebexPerson.is_removed.is_(False))
    ).all()
    known = {person.uuid: person for person in found}
    return [known[uuid] for uuid in wanted if uuid in known]


def _proposal(session: Session, person: WebexPerson, reason: Reason, offer: _Offer) -> Proposal:
    setting = SETTING_OF[offer.action]
    told = (offer.action, person.uuid, person.name, reason, offer.is_recommended, offer.call_types)
    known = snapshot(session, person.uuid, setting)
    if known is None or known.value is None:
        return Proposal(*told)
    after = intended(offer.action, known.value, offer.call_types)
    found = tuple(differences(setting, known.value, after))
    return Proposal(*told, before=known.value, after=after, changes=found, read_at=known.read_at)
