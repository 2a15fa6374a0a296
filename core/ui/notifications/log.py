"""The delivery log of the Notifications page: every message, its attempts, and another try for what did not arrive."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from core.notify import channel_book, deliveries, wording
from core.notify.deliveries import DeliveryFilter
from core.notify.kinds import kind_name
from core.store import outbox
from core.store.models.outbox import DeliveryAttempt, OutboxMessage
from core.ui import address, numbers, session, states, times
from core.ui.attempts import pressed, say
from core.ui.notifications.parts import PERMISSION, channel_name
from core.ui.text import escaped, language, named, stored_error, t, unescaped

ROWS = 50
_STATE, _CHANNEL, _BEFORE = "state", "channel", "before"


def log() -> None:
    """Messages, newest first, of the filter in the address."""
    with session.services().database.read() as opened:
        names = {str(row.id): channel_name(row.name) for row in channel_book.listed(opened)}
    wanted = _filter(names)
    with session.services().database.read() as opened:
        rows = deliveries.page(opened, wanted, before=_before(), limit=ROWS)
        dead = outbox.counts(opened)[outbox.DEAD]
    if not rows:
        area = "no_match" if wanted != DeliveryFilter() or _before() else "empty"
        states.empty(t(f"notifications.log.{area}"), t(f"notifications.log.{area}_help"))
        return
    st.caption(t("notifications.log.choose"))
    shown = st.dataframe(
        [_row(row, names) for row in rows],
        hide_index=True,
        key=f"deliveries_{rows[0].id}_{rows[-1].id}",
        on_select="rerun",
        selection_mode="single-row",
        alt=t("notifications.log.alt"),
    )
    _buttons(wanted, rows, dead)
    for position in shown.selection.rows[:1]:
        if position < len(rows):
            _detail(rows[position])


def _filter(names: Mapping[str, str]) -> DeliveryFilter:
    chosen = address.several(_STATE, outbox.STATES)
    channel = address.choice(_CHANNEL, list(names), "")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.multiselect(
            t("notifications.log.states"),
            outbox.STATES,
            format_func=lambda state: t(f"notify.states.{state}"),
            key=address.shown("deliveries_state", chosen),
            on_change=_keep,
            args=(_STATE, "deliveries_state"),
            placeholder=t("ui.all"),
            width=360,
        )
        st.selectbox(
            t("notifications.log.channel"),
            ["", *names],
            format_func=lambda each: names[each] if each else t("ui.all"),
            key=address.shown("deliveries_channel", channel),
            on_change=_keep,
            args=(_CHANNEL, "deliveries_channel"),
            width=260,
        )
    return DeliveryFilter(states=tuple(chosen), channel_id=int(channel) if channel else None)


def _keep(parameter: str, key: str) -> None:
    st.query_params.pop(_BEFORE, None)
    address.keep(parameter, key, "")


def _before() -> int | None:
    text = st.query_params.get(_BEFORE, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


def _row(row: OutboxMessage, names: Mapping[str, str]) -> dict[str, str]:
    error = unescaped(stored_error(row.error)[0]) if row.error and row.state != outbox.SENT else ""
    values = {
        "at": times.moment(row.created_at),
        "state": t(f"notify.states.{row.state}"),
        "title": deliveries.title(row, language()),
        "event": wording.event_name(row.event, language()),
        "channel": names.get(str(row.channel_id)) or kind_name(row.kind, language()),
        "recipients": ", ".join(row.recipients),
        "attempts": numbers.whole(row.attempts),
        "answer": error or row.answer,
    }
    return {t(f"notifications.columns.{name}"): value for name, value in values.items()}


def _buttons(wanted: DeliveryFilter, rows: Sequence[OutboxMessage], dead: int) -> None:
    with st.container(horizontal=True):
        newest = st.button(
            t("ui.newer"), key="deliveries_newest", icon=":material/first_page:", disabled=_before() is None
        )
        older = st.button(
            t("ui.older"), key="deliveries_older", icon=":material/chevron_right:", disabled=len(rows) < ROWS
        )
        st.button(
            t("notifications.log.retry_all", n=numbers.whole(dead)),
            key="deliveries_retry_all",
            icon=":material/replay:",
            disabled=dead == 0,
            on_click=pressed,
            args=(lambda: _retry_all(wanted),),
        )
        query = urlencode(wanted.to_query(), doseq=True)
        path = f"/exports/deliveries.csv?{query}" if query else "/exports/deliveries.csv"
        states.action_link(t("notifications.log.csv"), path, primary=False, wide=False)
    if newest or older:
        if older:
            st.query_params[_BEFORE] = str(rows[-1].id)
        else:
            st.query_params.pop(_BEFORE, None)
        st.rerun()


def _detail(row: OutboxMessage) -> None:
    with session.services().database.read() as opened:
        tried = deliveries.attempts(opened, row.id)
    with st.container(border=True, key=f"card-delivery-{row.id}", gap="small"):
        st.markdown(f"**{escaped(deliveries.title(row, language()))}** · `{row.message_id}`")
        if row.error and row.state != outbox.SENT:
            message, remedy = stored_error(row.error)
            st.error(f"{message} {remedy}", icon=":material/error:")
        if row.digest_id is not None:
            st.caption(t("notifications.log.in_digest", id=row.digest_id))
        if tried:
            st.dataframe([_attempt(each) for each in tried], hide_index=True, alt=t("notifications.log.attempts_alt"))
        if row.state in (outbox.QUEUED, outbox.COLLECTING):
            at = times.distance(row.not_before, session.services().clock.now())
            key = "notifications.will_retry" if tried else "notifications.log.no_attempt"
            st.caption(t(key, at=at))
        with st.container(horizontal=True):
            st.button(
                t("notifications.log.retry"),
                key=f"delivery_retry_{row.id}",
                icon=":material/replay:",
                type="primary",
                disabled=row.state not in (outbox.DEAD, outbox.DISCARDED),
                on_click=pressed,
                args=(lambda: _retry(row.id),),
            )
            st.button(
                t("notifications.log.discard"),
                key=f"delivery_discard_{row.id}",
                icon=":material/delete:",
                disabled=row.state not in (outbox.DEAD, outbox.QUEUED, outbox.COLLECTING),
                on_click=pressed,
                args=(lambda: _discard(row.id),),
            )


def _attempt(tried: DeliveryAttempt) -> dict[str, Any]:
    error = unescaped(" ".join(stored_error(tried.error))) if tried.error else ""
    values = {
        "attempt": numbers.whole(tried.attempt),
        "at": times.moment(tried.at),
        "took": times.span(tried.seconds),
        "result": named("notify.states", tried.outcome),
        "answer": error or tried.answer,
    }
    return {t(f"notifications.columns.{name}"): value for name, value in values.items()}


def _retry(outbox_id: int) -> None:
    person, parts = session.check(PERMISSION), session.services()
    with parts.database.write() as opened:
        deliveries.retry(opened, outbox_id, actor=person.name, at=parts.clock.now())
    say(t("notifications.log.retried", n=1))


def _retry_all(wanted: DeliveryFilter) -> None:
    person, parts = session.check(PERMISSION), session.services()
    with parts.database.write() as opened:
        count = deliveries.retry_all(opened, wanted, actor=person.name, at=parts.clock.now())
    say(t("notifications.log.retried", n=numbers.whole(count)))


def _discard(outbox_id: int) -> None:
    person, parts = session.check(PERMISSION), session.services()
    with parts.database.write() as opened:
        deliveries.discard(opened, outbox_id, actor=person.name, at=parts.clock.now())
