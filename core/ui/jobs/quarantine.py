"""The part of the Jobs page about records that could not be read: why, another try, or away with them."""

import json
import re
from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.calls import ingest, quarantine
from core.store import audit
from core.store.models.calls import QuarantinedRecord
from core.ui import numbers, session, states, times
from core.ui.attempts import say
from core.ui.text import escaped, named, t

ROWS = 100
_CELLS = re.compile(r"line (?P<line>\d+): (?P<cells>\d+) of (?P<width>\d+) cells")
_LINE = re.compile(r"line (?P<line>\d+): (?P<reason>.+)", re.DOTALL)
_TO_DISCARD = "quarantine_to_discard"


def listing() -> None:
    """Records that could not be typed: reasons, the original row, another try, or away with them."""
    with session.services().database.read() as opened:
        counts = quarantine.counts(opened)
        rows = quarantine.listed(opened, limit=ROWS)
    if not rows:
        states.empty(t("jobs_page.quarantine.empty"), t("jobs_page.quarantine.empty_help"))
        return
    with st.container(horizontal=True):
        for reason, count in counts.items():
            st.badge(f"{numbers.whole(count)} · {named('quarantine.reason', reason).rstrip('.')}", color="orange")
    shown = st.dataframe(
        [_row(row) for row in rows],
        hide_index=True,
        key=f"quarantine_{hash(tuple(row.id for row in rows))}",
        on_select="rerun",
        selection_mode="multi-row",
        alt=t("jobs_page.quarantine.alt"),
    )
    chosen = [rows[position] for position in shown.selection.rows if position < len(rows)]
    _act(rows, chosen)
    for row in chosen[:3]:
        with st.container(border=True, key=f"card-quarantined-{row.id}"):
            st.caption(f"{escaped(row.origin)} · {escaped(_detail(row.detail))}")
            st.json(_original(row), expanded=2)


def _row(row: QuarantinedRecord) -> dict[str, str]:
    values = (
        times.moment(row.first_seen),
        named("quarantine.reason", row.reason_code).replace("\\", ""),
        _detail(row.detail),
        row.origin,
        row.raw[:200],
    )
    titles = ("first_seen", "reason", "detail", "origin", "raw")
    return {t(f"jobs_page.columns.{title}"): value for title, value in zip(titles, values, strict=True)}


def _detail(stored: str) -> str:
    """What was noted of a record, in the reader's language where it is a place in a file."""
    if found := _CELLS.fullmatch(stored):
        return t("jobs_page.details.cells", **found.groupdict())
    if found := _LINE.fullmatch(stored):
        return t("jobs_page.details.line", **found.groupdict())
    return stored


def _original(row: QuarantinedRecord) -> Any:
    try:
        return json.loads(row.raw)
    except ValueError:
        return {"": row.raw}


def _act(rows: Sequence[QuarantinedRecord], chosen: Sequence[QuarantinedRecord]) -> None:
    allowed = session.may("quarantine.manage")
    ids = [row.id for row in chosen or rows]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            t("jobs_page.quarantine.retry", n=len(ids)),
            icon=":material/replay:",
            type="primary",
            key="quarantine_retry",
            disabled=not allowed,
            on_click=_retry,
            args=(ids,),
        )
        st.button(
            t("jobs_page.quarantine.discard", n=len(ids)),
            icon=":material/delete:",
            key="quarantine_discard",
            disabled=not (allowed and chosen),
            on_click=_ask_to_discard,
            args=(ids,),
        )
        st.caption(t("jobs_page.quarantine.choose"))
    if allowed and chosen and st.session_state.get(_TO_DISCARD) == ids:
        _confirm_discard(ids)


def _ask_to_discard(ids: list[int]) -> None:
    st.session_state[_TO_DISCARD] = ids


def _keep() -> None:
    st.session_state.pop(_TO_DISCARD, None)


def _confirm_discard(ids: list[int]) -> None:
    with st.container(border=True, key="card-discard"):
        st.markdown(t("jobs_page.quarantine.question", n=len(ids)))
        with st.container(horizontal=True):
            st.button(
                t("jobs_page.quarantine.discard", n=len(ids)),
                type="primary",
                key="quarantine_discard_yes",
                on_click=_discard,
                args=(ids,),
            )
            st.button(t("ui.cancel"), key="quarantine_discard_no", on_click=_keep)


def _retry(ids: list[int]) -> None:
    person, parts = session.check("quarantine.manage"), session.services()
    counts = ingest.retry_quarantined(parts, ids, by=person.name)
    _note(person.name, "quarantine.retried", len(ids), {"stored": counts.read - counts.quarantined})
    stored = counts.new + counts.duplicate + counts.replaced
    say(t("jobs_page.quarantine.retried", stored=stored, waiting=counts.quarantined))


def _discard(ids: list[int]) -> None:
    _keep()
    person, parts = session.check("quarantine.manage"), session.services()
    with parts.database.write() as opened:
        count = quarantine.discard(opened, ids, by=person.name, at=session.services().clock.now())
    _note(person.name, "quarantine.discarded", count, {})
    say(t("jobs_page.quarantine.discarded", n=count))


def _note(actor: str, action: str, count: int, detail: dict[str, int]) -> None:
    with session.services().database.write() as opened:
        audit.record(
            opened, actor=actor, action=action, detail={"records": count, **detail}, at=session.services().clock.now()
        )
