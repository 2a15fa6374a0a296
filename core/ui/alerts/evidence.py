"""The calls of an alert: those it rests on, and those of whom it is about."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from core.alerts import evidence, explain
from core.calls.filters import CallFilter
from core.store.models.alerts import AlertRow, EvidenceRow
from core.ui import navigation, reading, session, times
from core.ui.recordings import links as recording_links
from core.ui.text import t

BASELINE_DAYS = 28
_FORWARDED = ("call_forwarding", "forwarding_spike", "forwarding_change")
_INBOUND = ("inbound_flood", "inbound_scan")


def entity_calls(row: AlertRow) -> CallFilter | None:
    """The calls of the kind an alert is about, of whom it is about, over the weeks up to it; none for an org."""
    since, until = row.first_seen - timedelta(days=BASELINE_DAYS), row.last_seen + timedelta(days=1)
    changes: dict[str, Any] = {}
    if row.entity_kind == "user":
        changes["users"] = (row.entity,)
    elif row.entity_kind == "location":
        changes["sites"] = (row.entity_name or row.entity,)
    elif row.entity_kind == "number":
        changes["number"] = row.entity
    else:
        return None
    if row.detector in _INBOUND:
        changes["directions"] = ("TERMINATING",)
    elif row.detector:
        changes["directions"] = ("ORIGINATING",)
        if explain.countries(row, "en") and row.detector not in _FORWARDED and _is_abroad(row):
            changes["international"] = True
    return CallFilter(last="", since=since, until=until, **changes)


def _is_abroad(row: AlertRow) -> bool:
    return any(one.get("tier") for one in row.explanation.get("destinations") or [])


def calls(row: AlertRow) -> None:
    """The call records it rests on, and the recording where it rests on words."""
    if test := row.explanation.get("number_test"):
        _results(test)
        return
    recording_links.of_alert(row.explanation)
    with session.services().database.read() as opened:
        rows = evidence.of_alerts(opened, [row.id])
    evidence_table(rows, key=f"evidence_{row.id}")
    wanted = entity_calls(row)
    if wanted and session.may("calls.view"):
        narrowed = wanted.within(row.first_seen - timedelta(hours=1), row.last_seen + timedelta(hours=1))
        st.page_link(
            navigation.script("calls"),
            label=t("alerts_page.all_calls"),
            icon=":material/call_log:",
            query_params=narrowed.to_query(),
        )


def _results(test: Mapping[str, Any]) -> None:
    """A test of a number rests on calls of our own: the way to its results."""
    if session.may("dialer.view"):
        st.page_link(
            navigation.script("dialpad"),
            label=t("alerts_page.evidence.tests"),
            icon=":material/list:",
            query_params={"view": "tests", "test": str(test.get("id", ""))},
        )


def _counted(name: str, number: int) -> str:
    return t(f"alerts_page.evidence.{name if number > 1 else f'{name}_one'}", n=number)


def evidence_table(rows: Sequence[EvidenceRow], key: str) -> None:
    """Call records behind evidence, each with a way to the record and to its journey."""
    if not session.may("calls.view"):
        st.caption(t("alerts_page.evidence.hidden", n=len(rows)))
        return
    records = evidence.records(session.services().calls, rows)
    if not records:
        st.caption(t("alerts_page.evidence.none") if not rows else _counted("gone", len(rows)))
        return
    whose = {one["user"] for one in records}
    shown = [
        {
            "start": times.moment(one["start_time"]),
            "journey": f"/journey?call={one['report_id']}&day={one['start_time'].date().isoformat()}",
            "record": f"/calls?last=all&leg={one['report_id']}",
            "number": one["far_number"] or one["called_number"],
            "country": reading.country_names().get(one["far_country"] or "", one["far_country"]),
            "duration": times.clock_span(one["duration"]),
            **({"user": one["user"]} if len(whose) > 1 else {}),
        }
        for one in records
    ]
    columns: dict[str, Any] = {
        name: st.column_config.TextColumn(t(f"alerts_page.evidence.{name}"))
        for name in ("start", "number", "country", "duration", "user")
    }
    for name in ("journey", "record"):
        columns[name] = st.column_config.LinkColumn(
            t(f"alerts_page.evidence.{name}"), display_text=t("alerts_page.evidence.open"), width=70
        )
    st.caption(_counted("count", len(records)))
    st.dataframe(
        shown,
        key=key,
        hide_index=True,
        row_height=35,
        height=min(420, 38 + 35 * len(shown)),
        column_config=columns,
        alt=t("alerts_page.evidence.alt"),
    )
