"""The rules by which alerts become tickets: sentences in the order they are asked, and a form that tries one out."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st
from sqlalchemy.orm import Session

from core.detection.finding import SEVERITIES
from core.detection.registry import detectors
from core.errors import NotFoundError
from core.notify.places import site_names
from core.operators import clients
from core.store.models.tickets import TicketRuleRow
from core.tickets import book_words, policy_book, rule_book
from core.tickets.changing import Actor
from core.tickets.rule_book import PER, TRIED_DAYS, RuleForm
from core.tickets.vocabulary import PRIORITIES
from core.ui import dialogs, session, states
from core.ui.text import escaped, language, t
from core.ui.tickets import actions, names

_FORM = "ticket_rule"
_ICON = ":material/rule:"


def draw() -> None:
    """Every rule in words, the first that fits first, with what may be done to it."""
    with session.services().database.read() as opened:
        rules = rule_book.kept_rules(opened)
    may = session.may(actions.MANAGE)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("tickets_page.rules.help"))
        if may and st.button(t("tickets_page.rules.add"), key="rule_add", icon=":material/add:", type="primary"):
            _ask(None)
    if not rules:
        states.empty(t("tickets_page.rules.none"), t("tickets_page.rules.none_help"))
    for place, row in enumerate(rules):
        _card(row, place, len(rules), may=may)


def _card(row: TicketRuleRow, place: int, count: int, *, may: bool) -> None:
    with st.container(border=True, key=f"card-rule-{row.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{place + 1}\\. {escaped(book_words.name_of(row.name, language()))}**", width="content")
            if row.is_paused:
                st.badge(t("tickets_page.rules.paused"), icon=":material/pause_circle:", color="orange")
        st.markdown(escaped(_sentence(rule_book.form_of(row))))
        if may:
            _deeds(row, place, count)


def _sentence(form: RuleForm) -> str:
    client = names.names().client(form.client_id)
    return book_words.rule_sentence(form, language(), client=client, own=_own_minutes(form.client_id))


def _own_minutes(client_id: int | None) -> dict[str, int | None]:
    """The minutes to own that each priority promises, to a client where it has promises of its own."""
    with session.services().database.read() as opened:
        kept = policy_book.kept_policies(opened)
    wanted = (policy_book.EVERY_CLIENT, client_id)
    return {row.priority: row.own_minutes for row in kept if row.client_id in wanted}


def _deeds(row: TicketRuleRow, place: int, count: int) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        if st.button(t("tickets_page.actions.edit"), key=f"rule_edit_{row.id}", icon=":material/edit:"):
            _ask(row)
        name = "resume" if row.is_paused else "pause"
        icon = ":material/play_arrow:" if row.is_paused else ":material/pause:"
        st.button(
            t(f"tickets_page.rules.{name}"), key=f"rule_pause_{row.id}", icon=icon, on_click=_pause, args=(row.id,)
        )
        for way, to, icon in (
            ("up", place - 1, ":material/arrow_upward:"),
            ("down", place + 1, ":material/arrow_downward:"),
        ):
            st.button(
                "",
                key=f"rule_{way}_{row.id}",
                icon=icon,
                help=t(f"tickets_page.rules.{way}"),
                disabled=not 0 <= to < count,
                on_click=_move,
                args=(row.id, to),
            )
        with st.popover(t("tickets_page.book.remove"), icon=":material/delete:"):
            st.markdown(t("tickets_page.rules.remove_help"))
            st.button(
                t("tickets_page.book.remove"),
                key=f"rule_remove_{row.id}",
                type="primary",
                on_click=_remove,
                args=(row.id,),
            )


def _ask(row: TicketRuleRow | None) -> None:
    title = t("tickets_page.rules.edit" if row else "tickets_page.rules.add")
    dialogs.asked(_FORM, title, _ICON, lambda: _fields(row), width="large")


def _fields(row: TicketRuleRow | None) -> None:
    """The form: what it says stands below it as a sentence, with what it would have done."""
    began = rule_book.form_of(row) if row else RuleForm(name="")
    mark = f"{row.id}_{row.version}" if row else "new"
    st.text_input(
        t("tickets_page.rules.name"), value=began.name, max_chars=rule_book.LONGEST_NAME, key=f"tr_name_{mark}"
    )
    _which(began, mark)
    _becomes(began, mark)
    form = _told(began, mark)
    with st.container(border=True, key="rule-preview", gap="xsmall"):
        st.markdown(escaped(_sentence(form)))
        st.caption(_tried(form, row.id if row else None))
    st.button(
        t("tickets_page.book.save"),
        key="tr_save",
        type="primary",
        width="stretch",
        on_click=_save,
        args=(began, mark, row.id if row else None, row.version if row else None),
    )


def _which(began: RuleForm, mark: str) -> None:
    """Of which alerts."""
    st.segmented_control(
        t("tickets_page.rules.least"),
        SEVERITIES,
        default=began.least_severity,
        required=True,
        format_func=lambda one: t(f"tickets.priorities.{one}"),
        key=f"tr_least_{mark}",
    )
    with session.services().database.read() as opened:
        sites = sorted({*site_names(opened).values(), *began.sites})
    named = {one.id: book_words.detector_name(one.id, language()) for one in detectors()}
    named |= {one: one for one in began.detectors if one not in named}
    left, right = st.columns(2)
    left.multiselect(
        t("tickets_page.rules.detectors"),
        list(named),
        default=list(began.detectors),
        format_func=lambda one: named.get(one, one),
        key=f"tr_detectors_{mark}",
        placeholder=t("tickets_page.rules.all_of_them"),
    )
    right.multiselect(
        t("tickets_page.sites"),
        sites,
        default=list(began.sites),
        key=f"tr_sites_{mark}",
        placeholder=t("tickets_page.rules.all_of_them"),
    )


def _becomes(began: RuleForm, mark: str) -> None:
    """What ticket they become."""
    left, right = st.columns(2)
    priorities = ("", *PRIORITIES[::-1])
    left.selectbox(
        t("tickets_page.priority"),
        priorities,
        index=priorities.index(began.priority),
        format_func=lambda one: t(f"tickets.priorities.{one}") if one else t("tickets_page.rules.of_severity"),
        key=f"tr_priority_{mark}",
    )
    right.selectbox(
        t("tickets_page.rules.per"),
        PER,
        index=PER.index(began.per),
        format_func=lambda one: t(f"tickets_page.rules.per_{one}"),
        key=f"tr_per_{mark}",
    )
    offered = _clients(began.client_id)
    numbers = [None, *offered]
    left.selectbox(
        t("tickets_page.client"),
        numbers,
        index=numbers.index(began.client_id),
        format_func=lambda one: offered[one] if one is not None else "–",
        key=f"tr_client_{mark}",
    )
    right.multiselect(
        t("tickets_page.skills"),
        sorted({*names.names().skills, *began.skills}),
        default=list(began.skills),
        key=f"tr_skills_{mark}",
        placeholder=t("tickets_page.rules.no_skills"),
    )


def _told(began: RuleForm, mark: str) -> RuleForm:
    """The rule as the widgets have it now."""

    def given(name: str) -> Any:
        return st.session_state[f"tr_{name}_{mark}"]

    return RuleForm(
        name=str(given("name") or ""),
        least_severity=str(given("least")),
        per=str(given("per")),
        detectors=tuple(given("detectors")),
        sites=tuple(given("sites")),
        priority=str(given("priority")),
        client_id=given("client"),
        skills=tuple(given("skills")),
        is_paused=began.is_paused,
    )


def _clients(present: int | None) -> Mapping[int, str]:
    with session.services().database.read() as opened:
        offered = {row.id: row.name for row in clients.everybody(opened)}
    return offered if present is None or present in offered else {**offered, present: names.names().client(present)}


def _tried(form: RuleForm, rule_id: int | None) -> str:
    at = session.services().clock.now()
    with session.services().database.read() as opened:
        found = rule_book.tried(opened, form, at=at, rule_id=rule_id)
    values = {"days": TRIED_DAYS, "alerts": found.alerts, "fitting": found.fitting, "tickets": found.tickets}
    told = t("tickets_page.rules.tried", **values)
    taken = found.fitting - found.decided
    return f"{told} {t('tickets_page.rules.tried_before', n=taken)}" if taken else told


def _save(began: RuleForm, mark: str, rule_id: int | None, version: int | None) -> None:
    """Callback: keep the rule as the form has it."""
    form = _told(began, mark)
    actions.change_book(
        lambda opened, who: rule_book.save_rule(
            opened, form, actor=who.name, at=who.at, rule_id=rule_id, version=version
        ),
        t("tickets_page.done.rule"),
        form=_FORM,
    )


def _pause(rule_id: int) -> None:
    """Callback: let a rule rest, or go on."""

    def turn(opened: Session, who: Actor) -> None:
        row = next((one for one in rule_book.kept_rules(opened) if one.id == rule_id), None)
        if row is None:
            raise NotFoundError(what="rule")
        form = replace(rule_book.form_of(row), is_paused=not row.is_paused)
        rule_book.save_rule(opened, form, actor=who.name, at=who.at, rule_id=rule_id)

    _change(turn)


def _move(rule_id: int, to: int) -> None:
    _change(lambda opened, who: rule_book.move_rule(opened, rule_id, to=to, actor=who.name, at=who.at))


def _remove(rule_id: int) -> None:
    _change(lambda opened, who: rule_book.remove_rule(opened, rule_id, actor=who.name, at=who.at))


def _change(act: Callable[[Session, Actor], object]) -> None:
    actions.change_book(act, t("tickets_page.done.rule"))
