"""What is meant to look odd, as the Detectors page keeps it: campaigns, allowed destinations, days off."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import streamlit as st

from core.detection import suppression
from core.detection.suppression import KINDS, SCOPES, Allowance
from core.errors import InvalidInputError
from core.risk import naming
from core.store.models.detection import AllowedDestination, Campaign, DayOff
from core.ui import anew, session, times
from core.ui.attempts import attempt
from core.ui.detectors import tuning
from core.ui.text import escaped, t
from core.ui.who import person_name
from core.webex import directory

SHOWN = 30
PERMISSION = tuning.PERMISSION
_CAMPAIGN, _ALLOWED, _DAY_OFF = "declare_campaign", "allow_destination", "add_day_off"
MONTH = timedelta(days=30)


def board() -> None:
    """The three lists, each with its form for those who may change it."""
    may = session.may(PERMISSION)
    with session.services().database.read() as opened:
        campaigns = suppression.listed_campaigns(opened)[:SHOWN]
        allowances = suppression.listed_allowances(opened)[:SHOWN]
        days = suppression.listed_days_off(opened)[:SHOWN]
        names = naming.names_of(opened, [row.scope for row in allowances if row.scope_kind == "user"])
    sites = site_names()
    left, right = st.columns(2, gap="medium")
    with left:
        _campaigns(campaigns, may)
        _days_off(days, sites, may)
    with right:
        _allowed(allowances, names | sites, may)


def site_names() -> dict[str, str]:
    """The names of the directory's sites by UUID."""
    return {row.uuid: row.name for row in directory.locations(session.services().database, limit=1000)}


def _now() -> datetime:
    return session.services().clock.now()


def _campaigns(rows: Sequence[Campaign], may: bool) -> None:
    with st.container(border=True, key="card-campaigns"):
        st.markdown(f"**{t('tuning.campaigns.title')}**", help=t("tuning.campaigns.help"))
        if not rows:
            st.caption(t("tuning.campaigns.none"))
        for row in rows:
            _campaign(row, may)
        if may:
            with st.form("declare_campaign", border=False):
                st.text_input(t("tuning.campaigns.name"), key=anew.key(_CAMPAIGN, "campaign_name"), max_chars=200)
                st.date_input(
                    t("tuning.campaigns.days"), value=[], key=anew.key(_CAMPAIGN, "campaign_days"), format="YYYY-MM-DD"
                )
                st.text_area(
                    t("tuning.campaigns.people"),
                    key=anew.key(_CAMPAIGN, "campaign_people"),
                    help=t("tuning.people_help"),
                )
                st.form_submit_button(t("tuning.campaigns.declare"), icon=":material/campaign:", on_click=_declare)


def _campaign(row: Campaign, may: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        who = person_name(row.created_by)
        words = t("tuning.campaigns.line", first=row.first_day, last=row.last_day, n=len(row.users), who=who)
        ended = f" · {t('tuning.campaigns.ended', at=times.to_the_minute(row.ended_at))}" if row.ended_at else ""
        with st.container(gap=None):
            st.markdown(escaped(row.name))
            st.caption(escaped(words + ended))
        if may and row.ended_at is None and row.last_day >= _now().date():
            key = f"campaign_end_{row.id}"
            st.button(t("tuning.campaigns.end"), key=key, on_click=_end_campaign, args=(row.id,))


def _declare() -> None:
    person, parts, state = session.check(PERMISSION), session.services(), st.session_state
    days: Sequence[date] = tuple(state[anew.key(_CAMPAIGN, "campaign_days")])

    def declare() -> None:
        with parts.database.write() as opened:
            suppression.declare_campaign(
                opened,
                name=state[anew.key(_CAMPAIGN, "campaign_name")],
                users=_users(state[anew.key(_CAMPAIGN, "campaign_people")].splitlines()),
                first_day=_first(days),
                last_day=days[-1],
                actor=person.name,
                at=parts.clock.now(),
            )

    if attempt(declare, t("tuning.saved")):
        anew.begin(_CAMPAIGN)


def _first(days: Sequence[date]) -> date:
    if not days:
        raise InvalidInputError(field=t("tuning.campaigns.days"), problem=t("ui.none"))
    return days[0]


def _users(words: Sequence[str]) -> tuple[str, ...]:
    """UUIDs of the people named. Raises ``InvalidInputError`` naming those nobody is called."""
    with session.services().database.read() as opened:
        found = naming.users_named(opened, words)
    if found.unknown or not found.users:
        raise InvalidInputError(field=t("tuning.campaigns.people"), problem=", ".join(found.unknown)[:300] or "–")
    return found.users


def _end_campaign(campaign_id: int) -> None:
    person, parts = session.check(PERMISSION), session.services()

    def end() -> None:
        with parts.database.write() as opened:
            suppression.end_campaign(opened, campaign_id, actor=person.name, at=parts.clock.now())

    attempt(end, t("tuning.saved"))


def _allowed(rows: Sequence[AllowedDestination], names: dict[str, str], may: bool) -> None:
    with st.container(border=True, key="card-allowed"):
        st.markdown(f"**{t('tuning.allowed.title')}**", help=t("tuning.allowed.help"))
        if not rows:
            st.caption(t("tuning.allowed.none"))
        for row in rows:
            _allowance(row, names, may)
        if may:
            _allow_form()


def _allowance(row: AllowedDestination, names: dict[str, str], may: bool) -> None:
    is_over = row.ended_at is not None or row.expires_at <= _now()
    scope = names.get(row.scope, row.scope) or t("tuning.allowed.scopes.org")
    until = times.to_the_minute(row.ended_at or row.expires_at)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            value = escaped(row.value)
            st.markdown(f":gray[~~{value}~~]" if is_over else f"**{value}**")
            who = person_name(row.created_by)
            words = t("tuning.allowed.line", scope=scope, until=until, reason=row.reason, who=who)
            st.caption(escaped(words))
        if may and not is_over:
            st.button(t("tuning.allowed.end"), key=f"allowed_end_{row.id}", on_click=_end_allowance, args=(row.id,))


def _allow_form() -> None:
    sites = site_names()
    with st.form("allow_destination", border=False):
        st.segmented_control(
            t("tuning.allowed.kind"),
            KINDS,
            default=KINDS[0],
            required=True,
            format_func=lambda kind: t(f"tuning.allowed.kinds.{kind}"),
            key=anew.key(_ALLOWED, "allowed_kind"),
        )
        st.text_input(
            t("tuning.allowed.value"),
            key=anew.key(_ALLOWED, "allowed_value"),
            help=t("tuning.allowed.value_help"),
            max_chars=40,
        )
        st.segmented_control(
            t("tuning.allowed.scope"),
            SCOPES,
            default=SCOPES[0],
            required=True,
            format_func=lambda scope: t(f"tuning.allowed.scopes.{scope}"),
            key=anew.key(_ALLOWED, "allowed_scope"),
        )
        st.selectbox(
            t("tuning.allowed.site"), ["", *sites], format_func=lambda uuid: sites.get(uuid, t("ui.none")),
            key=anew.key(_ALLOWED, "allowed_site"),
        )  # fmt: skip
        st.text_input(
            t("tuning.allowed.user"),
            key=anew.key(_ALLOWED, "allowed_user"),
            help=t("tuning.people_help"),
            max_chars=200,
        )
        st.date_input(
            t("tuning.allowed.expires"),
            value=(_now() + MONTH).date(),
            key=anew.key(_ALLOWED, "allowed_until"),
            format="YYYY-MM-DD",
        )
        st.text_input(t("tuning.allowed.reason"), key=anew.key(_ALLOWED, "allowed_reason"), max_chars=500)
        st.form_submit_button(t("tuning.allowed.allow"), icon=":material/verified_user:", on_click=_allow)


def _allow() -> None:
    person, parts, state = session.check(PERMISSION), session.services(), st.session_state
    until = state[anew.key(_ALLOWED, "allowed_until")]

    def allow() -> None:
        kind = state[anew.key(_ALLOWED, "allowed_scope")]
        scope = (
            _users([state[anew.key(_ALLOWED, "allowed_user")]])[0]
            if kind == "user"
            else state[anew.key(_ALLOWED, "allowed_site")]
        )
        end = datetime(until.year, until.month, until.day, 23, 59, tzinfo=times.zone())
        wanted = Allowance(
            state[anew.key(_ALLOWED, "allowed_kind")],
            state[anew.key(_ALLOWED, "allowed_value")],
            kind,
            scope,
            state[anew.key(_ALLOWED, "allowed_reason")],
            end,
        )
        with parts.database.write() as opened:
            suppression.allow(opened, wanted, actor=person.name, at=parts.clock.now())

    if attempt(allow, t("tuning.saved")):
        anew.begin(_ALLOWED)


def _end_allowance(allowed_id: int) -> None:
    person, parts = session.check(PERMISSION), session.services()

    def end() -> None:
        with parts.database.write() as opened:
            suppression.end_allowance(opened, allowed_id, actor=person.name, at=parts.clock.now())

    attempt(end, t("tuning.saved"))


def _days_off(rows: Sequence[DayOff], sites: dict[str, str], may: bool) -> None:
    with st.container(border=True, key="card-days-off"):
        st.markdown(f"**{t('tuning.days_off.title')}**", help=t("tuning.days_off.help"))
        if not rows:
            st.caption(t("tuning.days_off.none"))
        for row in rows:
            with st.container(horizontal=True, vertical_alignment="center"):
                place = sites.get(row.site_uuid, row.site_uuid) or t("tuning.days_off.everywhere")
                st.markdown(escaped(f"{row.day} · {row.name} · {place}"))
                if may:
                    key = f"day_off_remove_{row.id}"
                    st.button(t("tuning.days_off.remove"), key=key, on_click=_remove_day, args=(row.id,))
        if may:
            with st.form("add_day_off", border=False):
                st.date_input(
                    t("tuning.days_off.day"), value=None, key=anew.key(_DAY_OFF, "day_off_day"), format="YYYY-MM-DD"
                )
                st.text_input(t("tuning.days_off.name"), key=anew.key(_DAY_OFF, "day_off_name"), max_chars=200)
                st.selectbox(
                    t("tuning.days_off.site"),
                    ["", *sites],
                    format_func=lambda uuid: sites.get(uuid, t("tuning.days_off.everywhere")),
                    key=anew.key(_DAY_OFF, "day_off_site"),
                )
                st.form_submit_button(t("tuning.days_off.add"), icon=":material/event_busy:", on_click=_add_day)


def _add_day() -> None:
    person, parts, state = session.check(PERMISSION), session.services(), st.session_state

    def add() -> None:
        day = state[anew.key(_DAY_OFF, "day_off_day")]
        with parts.database.write() as opened:
            suppression.add_day_off(
                opened,
                site_uuid=state[anew.key(_DAY_OFF, "day_off_site")],
                day=_first((day,) if day else ()),
                name=state[anew.key(_DAY_OFF, "day_off_name")],
                actor=person.name,
                at=parts.clock.now(),
            )

    if attempt(add, t("tuning.saved")):
        anew.begin(_DAY_OFF)


def _remove_day(day_off_id: int) -> None:
    person, parts = session.check(PERMISSION), session.services()

    def remove() -> None:
        with parts.database.write() as opened:
            suppression.remove_day_off(opened, day_off_id, actor=person.name, at=parts.clock.now())

    attempt(remove, t("tuning.saved"))
