"""Making a ticket, by hand, by a rule or by another program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import InvalidInputError
from core.store import data_version
from core.store.models.tickets import TicketRow
from core.store.timeline import Deed
from core.tickets import announcing, links, policy_book, timeline, watchers
from core.tickets.announcing import News
from core.tickets.deadlines import POLICY
from core.tickets.links import Link
from core.tickets.vocabulary import PRIORITIES, SOURCES, one_of, plain, rank

DATA_VERSION = "tickets"
LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 8000
MOST_SKILLS = 20


@dataclass(frozen=True)
class NewTicket:
    """What is needed to make a ticket. ``key`` makes a repetition from the same source harmless.

    ``site`` is a site's name or uuid, ``skills`` what whoever takes it must know. ``texts`` are title and description
    in each language, where a rule wrote them.
    """

    title: str
    description: str = ""
    priority: str = "medium"
    source: str = "manual"
    client_id: int | None = None
    site: str = ""
    requested_by: str = ""
    skills: Sequence[str] = ()
    links: Sequence[Link] = ()
    watchers: Sequence[str] = ()
    key: str = ""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def create(session: Session, new: NewTicket, *, actor: str, at: datetime, reason: str = "") -> int:
    """Make it in the caller's transaction, announced to those whom rules name; gives its number.

    The same ``key`` of the same source again gives the first one's number and changes nothing. Raises
    ``InvalidInputError`` for what is missing, unknown or too long, ``NotFoundError`` for a link to what there is not.
    """
    source = one_of("source", new.source, SOURCES)
    # Raised first, the number's row makes those who write at the same time wait for each other.
    data_version.bump(session, DATA_VERSION, at)
    key = key_of(source, actor, new.key) if new.key else None
    if key is not None:
        known = session.scalar(select(TicketRow.id).where(TicketRow.source_key == key))
        if known is not None:
            return known
    row = _row(new, key, actor=actor, at=at)
    session.add(row)
    session.flush()
    links.add(session, row.id, new.links, actor=actor, at=at)
    for person in new.watchers:
        watchers.add(session, row.id, person, at=at)
    policy = policy_book.policy_for(session, row.priority, row.client_id, row.site)
    detail = {POLICY: policy.to_json(), "priority": row.priority, "source": row.source}
    timeline.write(session, row, Deed("created", actor, at, from_state="new", reason=reason, detail=detail))
    timeline.settle(session, row)
    announcing.tell(session, row, News("opened", at, actor))
    return row.id


def key_of(source: str, actor: str, key: str) -> str:
    """What keeps a source from making the same ticket twice; people and programs have keys of their own."""
    return f"{source}|{actor if source == 'manual' else ''}|{key}"[:200]


def _row(new: NewTicket, key: str | None, *, actor: str, at: datetime) -> TicketRow:
    return TicketRow(
        source_key=key,
        source=new.source,
        title=checked_title(new.title),
        description=plain(new.description, LONGEST_DESCRIPTION),
        texts={name: dict(by_language) for name, by_language in new.texts.items()},
        priority=one_of("priority", new.priority, PRIORITIES),
        priority_rank=rank(new.priority),
        state="new",
        client_id=new.client_id,
        site=plain(new.site, 200),
        skills=checked_skills(new.skills),
        requested_by=plain(new.requested_by, 200),
        created_at=at,
        changed_at=at,
        changed_by=actor[:200],
    )


def checked_title(title: str) -> str:
    """A title in one line of signs that are seen. Raises ``InvalidInputError`` for none and for one too long."""
    seen = (sign if sign.isprintable() else " " for sign in plain(title, 4 * LONGEST_TITLE))
    line = " ".join("".join(seen).split())
    if not line or len(line) > LONGEST_TITLE:
        raise InvalidInputError(field="title", problem=f"1-{LONGEST_TITLE} characters")
    return line


def checked_skills(skills: Sequence[str]) -> list[str]:
    """Names of skills, each once, in lower case. Raises ``InvalidInputError`` for too many."""
    named = sorted({name for one in skills if (name := plain(one, 60).lower())})
    if len(named) > MOST_SKILLS:
        raise InvalidInputError(field="skills", problem=f"<= {MOST_SKILLS}")
    return named
