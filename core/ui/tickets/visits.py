"""The visits that belong to a ticket, and the way to schedule another."""

import streamlit as st

from core.store.models.tickets import TicketRow
from core.store.models.visits import VisitRow
from core.ui import navigation, session, times
from core.ui.text import escaped, t
from core.ui.visits import calendar_view
from core.ui.visits import detail as visit_detail
from core.ui.visits import form as visit_form
from core.visits import query


def draw(row: TicketRow, *, works: bool) -> None:
    """The ticket's visits, the latest first, each leading to its own; ``works`` offers to schedule one."""
    if not session.may("visits.view"):
        return
    with session.services().database.read() as opened:
        visits = query.of_ticket(opened, row.id)
    st.markdown(f"**{t('visits_page.of_ticket')}**")
    if not visits:
        st.caption(t("visits_page.free"))
    for visit in visits:
        _visit(visit)
    if works and session.may("visits.work"):
        _schedule(row)


def _visit(visit: VisitRow) -> None:
    state = calendar_view.state_of(visit)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"ticket_visit_{visit.id}"):
        st.badge(t(f"visits.states.{state}"), color=visit_detail.COLORS[state])
        st.page_link(
            navigation.script("visits"),
            label=escaped(f"{visit.public_id} · {visit.title}"),
            icon=":material/event:",
            query_params={"visit": str(visit.id)},
        )
        st.caption(escaped(f"{times.to_the_minute(visit.starts_at)} · {visit.operator_name}"), width="content")


def _schedule(row: TicketRow) -> None:
    given = {visit_form.NEW: "1", visit_form.TICKET: str(row.id)}
    if row.client_id is not None:
        given[visit_form.CLIENT] = str(row.client_id)
    st.page_link(
        navigation.script("visits"), label=t("visits_page.schedule_for"), icon=":material/calendar_add_on:",
        query_params=given,
    )  # fmt: skip
