"""What happened to alerts: their timelines, comments, and what came before."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.alerts import query, timeline
from core.alerts.timeline import LONGEST_COMMENT
from core.detection.finding import SEVERITIES
from core.store.models.alerts import AlertRow, TimelineRow
from core.ui import navigation, session, times
from core.ui.alerts import actions, listing
from core.ui.text import escaped, t
from core.ui.who import person_name


def similar(row: AlertRow) -> None:
    """What came before and how it was closed."""
    with session.services().database.read() as opened:
        same = query.similar(opened, row)
        others = query.similar(opened, row, same_entity=False, limit=10)
    for title, found in (("same", same), ("others", others)):
        st.markdown(f"**{t(f'alerts_page.similar.{title}', n=found.total)}**")
        if found.counts:
            told = [f"{t(f'alerts.verdicts.{name}')}: {number}" for name, number in sorted(found.counts.items())]
            st.caption(" · ".join(told))
        for one in found.rows[:10]:
            words = (times.to_the_minute(one.emitted_at), one.entity_name or one.entity, listing.state_words(one))
            st.page_link(
                navigation.script("alerts"),
                label=escaped(" · ".join(words)),
                query_params={"alert": str(one.id)},
            )


def history(row: AlertRow) -> None:
    """The timeline, newest first, and a place to write into it."""
    if listing.may_work():
        key = f"comment_{row.id}"
        st.text_area(t("alerts_page.comment"), key=key, max_chars=LONGEST_COMMENT, height=80)
        st.button(
            t("alerts_page.comment_do"),
            key="act_comment",
            icon=":material/comment:",
            on_click=actions.comment,
            args=(row.id, key),
        )
    with session.services().database.read() as opened:
        rows = timeline.entries(opened, row.id)
    timeline_list(rows)


def timeline_list(rows: Sequence[TimelineRow], names: dict[int, str] | None = None) -> None:
    """Rows of timelines, newest first; what only grew and grew again is told once. ``names`` by alert's number."""
    grew: set[int] = set()
    for one in rows:
        if one.action == "grew":
            if one.alert_id in grew:
                continue
            grew.add(one.alert_id)
        else:
            grew.discard(one.alert_id)
        _entry(one, (names or {}).get(one.alert_id, ""))


def _entry(one: TimelineRow, name: str) -> None:
    actor = t("alerts_page.actors.detection") if one.actor == "detection" else person_name(one.actor)
    said = t(f"alerts_page.timeline.{one.action}", **_told(one))
    about = f" · {escaped(name)}" if name else ""
    st.markdown(f"**{escaped(said)}**{about}  \n:small[{times.moment(one.at)} · {escaped(actor)}]")
    text = " · ".join(part for part in (_reason(one), one.comment) if part)
    if text:
        st.caption("  \n".join(escaped(line) for line in text.splitlines()))


def _reason(one: TimelineRow) -> str:
    if one.action == "resolved":
        return t(f"alerts.verdicts.{one.reason or 'unjudged'}")
    return one.reason


def _told(one: TimelineRow) -> dict[str, Any]:
    detail = one.detail
    severity = str(detail.get("severity") or "")
    return {
        "calls": detail.get("calls", ""),
        "severity": t(f"alerts.severities.{severity}").lower() if severity in SEVERITIES else "",
        "to": person_name(str(detail.get("to") or "")),
    }
