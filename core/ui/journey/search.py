"""Ways to a call on the Call journey page: its id, a number and about when, and links from elsewhere."""

from dataclasses import dataclass
from datetime import date, datetime

import streamlit as st

from core.detection import tariffs
from core.errors import InvalidInputError, NotFoundError
from core.journeys.lookup import CallBrief, FoundCall, JourneyLookup
from core.ui import navigation, reading, refusals, session, states, times
from core.ui.text import escaped, t

CALL, DAY, NUMBER, AT = "call", "day", "number", "at"
_KEPT, _TTL = 64, "10m"


@dataclass(frozen=True)
class Asked:
    """What a call is remembered under: the records it was rebuilt from, its id, and the day it was looked for on."""

    version: int
    any_id: str
    day: date | None


def search() -> None:
    """Find a call by an id, or by a number and about when."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="journey_search"):
        st.session_state["journey_id"] = st.query_params.get(CALL, "")
        st.text_input(
            t("journey_page.search.id"),
            key="journey_id",
            type="search",
            placeholder=t("journey_page.search.id_hint"),
            max_chars=200,
            width=420,
            on_change=_open_typed,
        )
        with st.popover(t("journey_page.search.by_number"), icon=":material/dialpad:"):
            _by_number()


def _open_typed() -> None:
    wanted = st.session_state["journey_id"].strip()
    st.query_params.from_dict({CALL: wanted} if wanted else {})


def _by_number() -> None:
    now = times.local(session.services().clock.now())
    with st.form("journey_by_number", border=False):
        st.text_input(t("journey_page.search.number"), key="journey_number", max_chars=40)
        left, right = st.columns(2)
        left.date_input(t("journey_page.search.day"), value=now.date(), key="journey_day", format="YYYY-MM-DD")
        right.time_input(t("journey_page.search.time"), value=now.time(), key="journey_time")
        st.caption(t("journey_page.search.zone", zone=str(times.zone())))
        st.form_submit_button(t("journey_page.search.find"), type="primary", on_click=_search_number)


def _search_number() -> None:
    number = st.session_state["journey_number"].strip()
    moment = datetime.combine(st.session_state["journey_day"], st.session_state["journey_time"], times.zone())
    if number:
        st.query_params.from_dict({NUMBER: number, AT: moment.isoformat(timespec="minutes")})


def found() -> FoundCall | None:
    """The call of the address; without one it draws what there is to choose from, or what to do."""
    if wanted := st.query_params.get(CALL):
        try:
            return _one(Asked(reading.calls_version(), wanted, _day(st.query_params.get(DAY, ""))))
        except NotFoundError:
            states.empty(t("journey_page.empty.not_found"), t("journey_page.empty.not_found_help"))
            return None
    if number := st.query_params.get(NUMBER):
        _choice(number, st.query_params.get(AT, ""))
        return None
    states.empty(t("journey_page.empty.none"), t("journey_page.empty.none_help"), _to_calls)
    return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _to_calls() -> None:
    st.page_link(navigation.script("calls"), label=t("journey_page.empty.to_calls"), icon=":material/call_log:")


@st.cache_data(max_entries=_KEPT, ttl=_TTL, show_spinner=False)
def _one(asked: Asked) -> FoundCall:
    services = session.services()
    with services.database.read() as database:
        tariff = tariffs.tariff(database)
    return JourneyLookup(services.calls, tariff).one(asked.any_id, asked.day)


def _choice(number: str, at: str) -> None:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = session.services().clock.now()
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=times.zone())
    try:
        calls = JourneyLookup(session.services().calls).of_number(number, moment)
    except InvalidInputError as error:
        refusals.told(error)
        return
    asked = {"number": escaped(number), "at": times.to_the_minute(moment)}
    if not calls:
        states.empty(t("journey_page.empty.no_calls", **asked), t("journey_page.empty.no_calls_help"))
        return
    st.markdown(f"**{t('journey_page.search.found', **asked)}**")
    for brief in calls:
        link(brief)


def link(brief: CallBrief) -> None:
    """A line that leads to the journey of a call."""
    line = t(
        "journey_page.brief",
        at=times.moment(brief.started),
        calling=escaped(brief.calling) or t("ui.none"),
        called=escaped(brief.called) or t("ui.none"),
    )
    to(brief.call_id, brief.started, line, key=f"call_{brief.call_id}")


def to(any_id: str, at: datetime, label: str, *, key: str) -> None:
    """A link to the journey of an id whose record began at ``at``."""
    with st.container(key=f"journey-link-{key}"):
        st.page_link(
            navigation.script("journey"),
            label=label,
            icon=":material/timeline:",
            query_params={CALL: any_id, DAY: at.date().isoformat()},
        )
