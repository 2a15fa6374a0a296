"""How we stand with Asterisk, and the calls under way: both refresh themselves."""

import streamlit as st

from core.dialer import connection, desk, query, steps
from core.dialer.desk import Dialler
from core.dialer.outcome_words import outcome_words, talk_seconds
from core.dialer.recording import may_hear
from core.errors import TollwatchError
from core.store.models.dialer import OutboundCallRow, OutboundCallStepRow
from core.ui import numbers, refusals, session, states, times
from core.ui.colors import BadgeColor
from core.ui.dialpad import state
from core.ui.text import escaped, filled, language, stored_error, t
from core.ui.who import person_name

REFRESH = "1s"
HEALTH_REFRESH = "5s"
_COLORS: dict[str, BadgeColor] = {
    "answered": "green",
    "completed": "green",
    "ringing": "blue",
    "busy": "orange",
    "no_answer": "orange",
}
_OPEN = "dial_open_ids"


@st.fragment(run_every=HEALTH_REFRESH)
def health() -> None:
    """The connection to Asterisk in one badge."""
    parts = session.services()
    session.require("dialer.view")
    if not parts.settings.ari_url:
        _at_the_right(t("dialpad.not_set_up"), ":material/link_off:", "red")
        return
    with parts.database.read() as opened:
        found = connection.connection(opened, parts.clock.now())
    words = t(f"dialer.states.{found.state}", version=found.version)
    if found.round_trip_ms is not None and found.is_connected:
        words += f" · {found.round_trip_ms:.0f} ms"
    _at_the_right(escaped(words), ":material/dns:", "green" if found.is_connected else "red")
    if found.error and not found.is_connected:
        st.warning(" ".join(stored_error(found.error)), icon=":material/link_off:")


def _at_the_right(words: str, icon: str, color: BadgeColor) -> None:
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.badge(words, icon=icon, color=color)


@st.fragment(run_every=REFRESH)
def calls() -> None:
    """The person's calls under way and the one made last, with what happened to each."""
    person = session.require("dialer.view")
    with session.services().database.read() as opened:
        rows = query.under_way(opened, person=person.name)[-5:]
        last = state.last_call()
        if last is not None and last.call_id not in {row.call_id for row in rows}:
            rows.append(last)
        told = {row.id: steps.of_call(opened, row) for row in rows}
    if not rows:
        st.caption(t("dialpad.none_under_way"))
    for row in reversed(rows):
        with st.container(border=True, key=f"card-call-{row.call_id}", gap="small"):
            _call(row, told[row.id])
    _redraw_page_at_an_end({row.call_id for row in rows if row.is_open})


def timeline(row: OutboundCallRow, told: list[OutboundCallStepRow]) -> None:
    """What happened to a call, each step with its seconds since it was asked for; then where its recording is."""
    with st.container(gap=None):
        for step in told:
            facts = {name: escaped(str(value)) for name, value in steps.facts_of(step).items()}
            facts["actor"] = escaped(_by(step.actor))
            after = (step.at - row.created_at).total_seconds()
            st.caption(f"{numbers.tenths(after)} s · {filled(f'dialer.steps.{step.word}', facts)}")
    _recording(row, told)


def _recording(row: OutboundCallRow, told: list[OutboundCallStepRow]) -> None:
    if row.is_open or not any(step.word == "recording" for step in told):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(escaped(t("dialpad.recorded", name=row.recording_name)), width="content")
        person = session.current_user()
        if person is None or not person.may("dialer.dial"):
            return
        if may_hear(row, Dialler(person.name, person.may("dialer.override"))):
            href = f"/api/v2/calls/{row.call_id}/recording"
            states.action_link(t("dialpad.recording_file"), href, primary=False, wide=False)


def _call(row: OutboundCallRow, told: list[OutboundCallStepRow]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escaped(row.number)}**", width="content")
        st.badge(t(f"asterisk.statuses.{row.status}"), color=_COLORS.get(row.status, "gray"))
        st.space("stretch")
        if row.is_open:
            hang_up(row)
    _lasted(row)
    if not row.is_open:
        st.markdown(escaped(outcome_words(row, language(), name=person_name)))
    if row.digits:
        st.caption(t("dialpad.digits", digits=escaped(row.digits)))
    timeline(row, told)


def _lasted(row: OutboundCallRow) -> None:
    if row.answered_at is None:
        return
    seconds = talk_seconds(row)
    if seconds is None:
        seconds = (session.services().clock.now() - row.answered_at).total_seconds()
    minutes, rest = divmod(int(seconds), 60)
    st.caption(t("dialpad.talk", time=f"{minutes}:{rest:02d}", at=times.to_the_minute(row.answered_at)))


def hang_up(row: OutboundCallRow) -> None:
    """A button that ends a call, for who asked for it and for who may override."""
    person = session.current_user()
    if person is None or not person.may("dialer.dial"):
        return
    if row.requested_by != person.name and not person.may("dialer.override"):
        return
    if st.button(
        t("dialpad.hang_up"),
        key=f"hang_up_{row.call_id}",
        icon=":material/call_end:",
        disabled=row.hangup_requested_at is not None,
    ):
        parts = session.services()
        try:
            by = session.check("dialer.dial")
            with parts.database.write() as opened:
                desk.hang_up(opened, row.call_id, Dialler(by.name, by.may("dialer.override")), at=parts.clock.now())
        except TollwatchError as error:
            refusals.told(error)


def _redraw_page_at_an_end(open_now: set[str]) -> None:
    before = st.session_state.get(_OPEN, set())
    st.session_state[_OPEN] = open_now
    if before - open_now:
        st.rerun()


def _by(actor: str) -> str:
    key = f"dialer.hangup_by.{actor}"
    return t(key) if actor in ("limit", "prompt", "bridge") else person_name(actor)
