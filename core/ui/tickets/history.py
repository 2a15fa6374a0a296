"""What happened to a ticket, newest first, and a place to write into it."""

from datetime import datetime
from typing import Any

import streamlit as st

from core.language import is_text
from core.store.models.tickets import TicketTimelineRow
from core.tickets import wording
from core.tickets.query import Whole
from core.tickets.timeline import LONGEST_COMMENT, OF_VISITS
from core.tickets.vocabulary import public_id
from core.ui import session, times
from core.ui.text import escaped, language, t
from core.ui.tickets import actions, names
from core.ui.who import person_name


def timeline(found: Whole) -> None:
    """The timeline of a ticket."""
    row = found.ticket
    if session.may(actions.WORK) and row.merged_into_id is None:
        key = f"ticket_comment_{row.id}"
        st.text_area(t("tickets_page.comment"), key=key, max_chars=LONGEST_COMMENT, height=80)
        st.button(
            t("tickets_page.comment_do"),
            key="act_ticket_comment",
            icon=":material/comment:",
            on_click=actions.comment,
            args=(row.id, key),
        )
    for one in found.timeline:
        _entry(one)


def _entry(one: TicketTimelineRow) -> None:
    said = f"{person_name(one.actor)}: {wording.word('actions', one.action, language())}"
    st.markdown(f"**{escaped(said)}**  \n:small[{times.moment(one.at)}]")
    lines = (_told(one), wording.why(one.reason, one.detail, language()), one.comment)
    text = "  \n".join(escaped(line) for line in lines if line)
    if text:
        st.caption(text)


def _told(one: TicketTimelineRow) -> str:
    """What was changed into what, as far as the action alone does not say it."""
    detail = one.detail
    if one.action in ("assigned", "taken", "unassigned"):
        return _operators(detail)
    if one.action == "prioritised":
        return f"{_priority(detail.get('from'))} → {_priority(detail.get('to'))}"
    if one.action == "edited":
        changed = detail.get("before") or {}
        return ", ".join(t(f"tickets_page.fields.{name}") for name in changed)
    if one.action in ("linked", "unlinked"):
        kind = wording.word("links", str(detail.get("kind", "")), language())
        return f"{kind} {detail.get('label') or detail.get('reference', '')}"
    if one.action in OF_VISITS:
        return f"{detail['label']} · {times.to_the_minute(datetime.fromisoformat(str(detail['starts_at'])))}"
    if one.action in ("watched", "unwatched"):
        return str(detail.get("person", ""))
    if one.action in ("merged", "absorbed"):
        other = detail.get("into") or detail.get("from")
        return public_id(int(other)) if other else ""
    if one.action == "escalated":
        return _step(detail)
    return ""


def _operators(detail: dict[str, Any]) -> str:
    known = names.names()
    return f"{known.operator(detail.get('from'))} → {known.operator(detail.get('to'))}"


def _priority(value: object) -> str:
    return wording.word("priorities", str(value), language())


def _step(detail: dict[str, Any]) -> str:
    action = str(detail.get("action") or "")
    key = f"tickets.steps.{action}"
    return t(key) if is_text(key) else action
