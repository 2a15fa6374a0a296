"""Cases: a list of them, and one as a readable whole with its alerts, their calls and what happened; and mutes."""

import pandas as pd
import streamlit as st

from core.alerts import cases, evidence, explain, mutes, timeline
from core.alerts.work import Target
from core.errors import NotFoundError
from core.store.models.alerts import AlertRow, CaseRow, MuteRow
from core.ui import navigation, session, states, times
from core.ui.alerts import actions, dialogs, history
from core.ui.alerts import evidence as alert_evidence
from core.ui.alerts import listing as alert_listing
from core.ui.clicked import newly_clicked
from core.ui.components import assistant_view
from core.ui.components.copying import copy_button
from core.ui.text import escaped, language, t
from core.ui.tickets import links as ticket_links
from core.ui.who import person_name

CASE, CLOSED = "case", "closed"


def listing() -> None:
    """The cases not closed, or all; a click opens one."""
    everything = st.toggle(t("alerts_page.cases.closed_too"), key="cases_closed")
    with session.services().database.read() as opened:
        found = cases.listed(opened, only_open=not everything)
    if not found:
        states.empty(t("alerts_page.cases.none"), t("alerts_page.cases.none_help"))
        return
    key = f"cases_{hash(tuple(one.id for one in found))}"
    event = st.dataframe(
        _frame(found),
        key=key,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-cell",
        alt=t("alerts_page.cases.alt"),
    )
    chosen = newly_clicked("cases", key, [one.id for one in found], event.selection.cells)
    if chosen is not None:
        st.query_params[CASE] = str(chosen)
        st.rerun()


def _frame(found: list[CaseRow]) -> pd.DataFrame:
    now = session.services().clock.now()
    values = {
        "severity": [t(f"alerts.severities.{one.severity}") for one in found],
        "entity": [one.entity_name or one.entity for one in found],
        "site": [one.site for one in found],
        "alerts": [one.alerts for one in found],
        "state": [t(f"alerts.states.{one.state}") for one in found],
        "cost": [alert_listing.money(one.cost) for one in found],
        "last": [times.distance(one.last_at, now) for one in found],
        "id": [one.public_id for one in found],
    }
    return pd.DataFrame({t(f"alerts_page.cases.columns.{name}"): column for name, column in values.items()})


def one(reference: str) -> None:
    """A whole case: who, how bad, every alert explained, all their calls, everything that happened."""
    try:
        with session.services().database.read() as opened:
            case = cases.one(opened, reference)
            alerts = cases.alerts_of(opened, case.id)
            calls = evidence.of_alerts(opened, [row.id for row in alerts])
            happened = timeline.of_case(opened, case.id)
    except NotFoundError as error:
        states.failed(error)
        return
    st.button(
        t("alerts_page.cases.back"), key="case_back", icon=":material/arrow_back:", type="tertiary", on_click=_back
    )
    _head(case)
    _work([row for row in alerts if row.is_open])
    assistant_view.draw("case", case.id, case.entity_name or case.entity)
    for row in alerts:
        _alert(row)
    with st.container(border=True, key="card-case-calls"):
        st.markdown(f"**{t('alerts_page.cases.calls')}**")
        alert_evidence.evidence_table(list({one.report_id: one for one in calls}.values()), key=f"case_calls_{case.id}")
    with st.container(border=True, key="card-case-timeline"):
        st.markdown(f"**{t('alerts_page.cases.timeline')}**")
        names = {row.id: explain.title(row, language()) for row in alerts}
        history.timeline_list(happened, names)


def _back() -> None:
    st.query_params.pop(CASE, None)


def _head(case: CaseRow) -> None:
    with st.container(border=True, key="card-case"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            color = alert_listing.SEVERITY_COLORS[case.severity]
            st.badge(t(f"alerts.severities.{case.severity}"), color=color)
            st.badge(t(f"alerts.states.{case.state}"), color="green" if case.state == "resolved" else "blue")
            st.space("stretch")
            ticket_links.of_thing("case", case.id)
            copy_button(case.public_id, t("ui.copied"), key="case_id", text=case.public_id)
        st.subheader(escaped(case.entity_name or case.entity), anchor=False)
        facts = [
            case.site,
            t("alerts_page.cases.alerts", n=case.alerts),
            _span(case),
            t("alerts_page.cost", cost=alert_listing.money(case.cost)) if case.cost >= 0.5 else "",
        ]
        st.caption(escaped(" · ".join(fact for fact in facts if fact)))


def _span(case: CaseRow) -> str:
    first, last = times.to_the_minute(case.opened_at), times.to_the_minute(case.last_at)
    return first if first == last else t("alerts_page.cases.span", first=first, last=last)


def _work(still_open: list[AlertRow]) -> None:
    """What can be done with everything of a case that is not closed, at once."""
    if not still_open or not alert_listing.may_work():
        return
    targets = [Target(row.id, row.version) for row in still_open]
    unseen = [Target(row.id, row.version) for row in still_open if row.acknowledged_at is None]
    untouched = [Target(row.id, row.version) for row in still_open if row.state == "open"]
    with st.container(horizontal=True, gap="xsmall", key="case_actions"):
        for name, of, act in (
            ("acknowledge", unseen, actions.acknowledge),
            ("assign_me", targets, actions.assign_me),
            ("investigate", untouched, actions.investigate),
        ):
            if of:
                st.button(t(f"alerts_page.actions.{name}"), key=f"case_{name}", on_click=act, args=(of,))
        several = t("alerts_page.cases.close", n=len(targets))
        label = several if len(targets) > 1 else t("alerts_page.actions.close")
        if st.button(label, key="case_close", type="primary"):
            dialogs.close(targets)


def _alert(row: AlertRow) -> None:
    with st.container(border=True, key=f"card-case-alert-{row.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.badge(t(f"alerts.severities.{row.severity}"), color=alert_listing.SEVERITY_COLORS[row.severity])
            st.page_link(
                navigation.script("alerts"),
                label=f"**{escaped(explain.title(row, language()))}**",
                query_params={"alert": str(row.id)},
            )
            st.space("stretch")
            st.badge(alert_listing.state_words(row), color="green" if not row.is_open else "blue")
        st.markdown(escaped(explain.summary(row, language(), times.zone())))


def mute_list() -> None:
    """The mutes in force, what each kept quiet, and a button to end it."""
    now = session.services().clock.now()
    with session.services().database.read() as opened:
        found = mutes.in_force(opened, now)
    if not found:
        states.empty(t("alerts_page.mutes.none"), t("alerts_page.mutes.none_help"))
    for mute in found:
        with st.container(border=True, key=f"card-mute-{mute.id}", horizontal=True, vertical_alignment="center"):
            with st.container(gap=None):
                st.markdown(f"**{escaped(_scope(mute))}**")
                st.caption(
                    escaped(
                        t(
                            "alerts_page.mutes.about",
                            until=times.to_the_minute(mute.expires_at),
                            who=person_name(mute.created_by),
                            reason=mute.reason,
                            n=mute.hits,
                        )
                    )
                )
            if alert_listing.may_work():
                st.button(
                    t("alerts_page.mutes.lift"),
                    key=f"lift_{mute.id}",
                    on_click=actions.lift_mute,
                    args=(mute.id,),
                )


def _scope(mute: MuteRow) -> str:
    parts = [
        explain.rule_name(mute.detector, language()) if mute.detector else t("alerts_page.mutes.any_rule"),
        (mute.entity_name or mute.entity) if mute.entity else t("alerts_page.mutes.anybody"),
        explain.group_name(mute.destination_group, language()),
    ]
    return " · ".join(part for part in parts if part)
