"""Who gets a ticket: the least loaded of those who can do it, are there and have room, and why it was they."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from core.language import DEFAULT_LANGUAGE, Language, is_text, translate
from core.operators import clients, load, presence, roster
from core.operators.load import Load
from core.operators.vocabulary import WORK_VERSION, checked_skills
from core.store import data_version
from core.store.models.operators import OperatorRow
from core.webex.directory import location_of

REASONS = ("least_loaded", "tie", "only_one", "no_operators", "nobody_fits", "nobody_on_shift", "all_full")
"""Why it was they (the first three) or nobody."""

URGENT = "critical"
"""Tickets of this priority are given also to who is full."""

MOST_OTHERS = 3
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Needs:
    """What a ticket asks of an operator: all ``skills``, work at ``site`` (name or uuid), the client's language."""

    skills: Sequence[str] = ()
    site: str = ""
    priority: str = "medium"
    client_id: int | None = None


@dataclass(frozen=True)
class Choice:
    """Whom the choice fell on, or ``None``, with its reason (one of ``REASONS``) and the facts that tell it."""

    operator_id: int | None
    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def choose(
    session: Session, needs: Needs, *, at: datetime, other_than: int | None = None, engaged: Collection[int] = ()
) -> Choice:
    """Choose for a ticket at an instant; to be assigned in the same transaction.

    Of those who fit, are on shift, not absent and not full, whoever has the fewest tickets to work, then the fewest
    waiting, then speaks the client's language, then was given one longest ago, then has the lowest number. Until the
    transaction ends nobody else changes a ticket, so that two choices never rest on the same load. Those who are
    ``engaged`` elsewhere, by number, are passed over as ``other_than`` is.
    """
    data_version.bump(session, WORK_VERSION, at)
    operators = [row for row in roster.everybody(session) if row.id != other_than and row.id not in engaged]
    if not operators:
        return Choice(None, "no_operators")
    site = _site_name(session, needs.site)
    skills = set(checked_skills(needs.skills))
    fitting = [row for row in operators if skills <= set(row.skills) and _works_at(row, site)]
    asked = {"skills": sorted(skills), "site": site}
    if not fitting:
        return Choice(None, "nobody_fits", {**asked, "operators": len(operators)})
    stand = presence.at_instant(session, [row.id for row in fitting], at)
    there = [row for row in fitting if stand[row.id].is_there]
    if not there:
        begins = [one for row in fitting if (one := stand[row.id].next_at or stand[row.id].until)]
        facts = {**asked, "fitting": len(fitting), "next_at": min(begins).isoformat() if begins else ""}
        return Choice(None, "nobody_on_shift", facts)
    loads = load.of_operators(session, [row.id for row in there], at)
    free = [row for row in there if needs.priority == URGENT or not _is_full(row, loads[row.id])]
    if not free:
        return Choice(None, "all_full", {**asked, "there": len(there)})
    return _best(session, free, loads, {**asked, "fitting": len(fitting), "there": len(there)}, needs)


def _site_name(session: Session, site: str) -> str:
    """Operators know sites by name; a ticket may hold a site's uuid."""
    found = location_of(session, site) if site else None
    return found.name if found else site


def _works_at(row: OperatorRow, site: str) -> bool:
    return not site or not row.sites or site in row.sites


def _is_full(row: OperatorRow, its: Load) -> bool:
    return 0 < row.capacity <= its.open


def _best(
    session: Session, free: Sequence[OperatorRow], loads: Mapping[int, Load], facts: dict[str, Any], needs: Needs
) -> Choice:
    client = clients.find(session, needs.client_id)
    given = load.last_given(session, [row.id for row in free]) if len(free) > 1 else {}

    def order(row: OperatorRow) -> tuple[int, int, bool, datetime, int]:
        stranger = client is not None and row.language != client.language
        return loads[row.id].active, loads[row.id].waiting, stranger, given.get(row.id, _NEVER), row.id

    best, *others = sorted(free, key=order)
    told = {
        **facts,
        "operator": best.name,
        "load": loads[best.id].active,
        "waiting": loads[best.id].waiting,
        "others": [{"operator": row.name, "load": loads[row.id].active} for row in others[:MOST_OTHERS]],
    }
    if not others:
        return Choice(best.id, "only_one", told)
    same = (loads[best.id].active, loads[best.id].waiting) == (loads[others[0].id].active, loads[others[0].id].waiting)
    return Choice(best.id, "tie" if same else "least_loaded", told)


def words(reason: str, facts: Mapping[str, Any], language: Language = DEFAULT_LANGUAGE) -> str:
    """Why it was they, or nobody, in one or two sentences; empty for a reason that is none of ours."""
    key = f"operators.reasons.{reason}"
    if not is_text(key):
        return ""
    others = ", ".join(f"{one['operator']} {one['load']}" for one in facts.get("others", ()))
    asked = [*facts.get("skills", ()), *([facts["site"]] if facts.get("site") else [])]
    values = {
        "operator": facts.get("operator", ""),
        "load": facts.get("load", 0),
        "there": facts.get("there", 0),
        "fitting": facts.get("fitting", 0),
        "others": others,
        "asked": ", ".join(asked) or translate("operators.nothing_special", language),
    }
    return translate(key, language, **values)
