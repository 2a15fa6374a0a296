"""The channels of the Notifications page: a card each, a form to add one, a test with the real answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import streamlit as st

from core.language import LANGUAGES
from core.notify import channel_book, deliveries, mailbox, rules
from core.notify.channel_book import DEFAULT_PER_MINUTE, MOST_PER_MINUTE, ChannelForm
from core.notify.kinds import LONGEST_VALUE, ChannelKind, Field, kinds
from core.store import outbox
from core.store.models.outbox import NotificationChannel, OutboxMessage
from core.ui import anew, numbers, session, states, times
from core.ui.attempts import pressed, say, show_once
from core.ui.notifications.parts import (
    PERMISSION,
    Deeds,
    actions,
    channel_name,
    close_form,
    form_mark,
    state_badge,
)
from core.ui.text import escaped, language, named, stored_error, t

REFRESH = "1s"
_TESTED = "notifications_tested"
_NEW = "add_channel_form"


def channels() -> None:
    """Every channel, and a form for one more."""
    _mail_state()
    with session.services().database.read() as opened:
        found = channel_book.listed(opened)
        sent, dead = deliveries.last_sent(opened), deliveries.dead_by_channel(opened)
        ruled = [rule.channel_id for rule in rules.listed(opened)]
    if not found:
        states.empty(t("notifications.channels.empty"), t("notifications.channels.empty_help"))
    with st.grid(2, min_column_width=340, gap="small"):
        for row in found:
            _card(row, ruled.count(row.id), sent.get(row.id), dead.get(row.id, 0))
    with st.expander(t("notifications.channels.add"), icon=":material/add:", expanded=not found, key="add_channel"):
        kind = st.selectbox(
            t("notifications.channels.kind"),
            list(kinds()),
            format_func=lambda each: kinds()[each].named(language()),
            key="new_channel_kind",
        )
        st.caption(kinds()[kind].about[language()])
        _form(kinds()[kind], None)


def _mail_state() -> None:
    settings = session.services().settings
    if mailbox.is_used(settings):
        st.info(t("notifications.mail.files"), icon=":material/drafts:")
    elif not settings.smtp_host:
        st.warning(t("notifications.mail.none"), icon=":material/mail_off:")


def _card(row: NotificationChannel, rule_count: int, last_sent: datetime | None, dead: int) -> None:
    kind = kinds().get(row.kind)
    with st.container(border=True, key=f"card-channel-{row.id}", height="stretch", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            icon = kind.icon if kind else ":material/help:"
            st.markdown(f"{icon} **{escaped(channel_name(row.name))}**", width="content")
            st.space("stretch")
            state_badge(row.is_paused)
        st.caption(" · ".join(_about(row, kind, rule_count, last_sent)))
        if dead:
            st.badge(t("notifications.dead", n=numbers.whole(dead)), icon=":material/error:", color="red")
        with st.container(horizontal=True):
            st.button(
                t("notifications.channels.test"),
                key=f"channel_test_{row.id}",
                icon=":material/send:",
                type="primary",
                disabled=row.is_paused,
                on_click=pressed,
                args=(lambda: _test(row.id),),
            )
            question = t("notifications.channels.question", name=escaped(channel_name(row.name)))
            deeds = Deeds(lambda: _pause(row), lambda: _remove(row.id), question)
            is_open = actions("channel", row.id, deeds, is_paused=row.is_paused)
        if is_open and kind:
            _form(kind, row)
        _tested(row.id)


def _about(row: NotificationChannel, kind: ChannelKind | None, rule_count: int, at: datetime | None) -> list[str]:
    told = [escaped(kind.named(language()) if kind else row.kind), _where(row), t(f"ui.language_names.{row.language}")]
    told.append(t("notifications.channels.rules", n=rule_count))
    now = session.services().clock.now()
    told.append(
        t("notifications.channels.last_sent", at=times.distance(at, now))
        if at
        else t("notifications.channels.never_sent")
    )
    return [each for each in told if each]


def _where(row: NotificationChannel) -> str:
    """Whom a channel tells, as far as it is no secret."""
    recipients = channel_book.recipients_of(row)
    if len(recipients) > 1:
        return t("notifications.channels.to_many", first=escaped(recipients[0]), n=len(recipients) - 1)
    shown = [value for value in row.settings.values() if isinstance(value, str) and value]
    return escaped((recipients or shown or [""])[0][:60])


def _form(kind: ChannelKind, row: NotificationChannel | None) -> None:
    mark = f"{kind.id}_{_mark(row)}"
    with st.form(f"channel_form_{mark}"):
        st.text_input(
            t("notifications.channels.name"), value=row.name if row else "", key=f"channel_name_{mark}", max_chars=120
        )
        for field in kind.fields:
            _field(field, row, mark)
        left, right = st.columns(2)
        left.selectbox(
            t("notifications.channels.language"),
            LANGUAGES,
            index=LANGUAGES.index(row.language if row and row.language in LANGUAGES else language()),
            format_func=lambda each: t(f"ui.language_names.{each}"),
            key=f"channel_language_{mark}",
        )
        right.number_input(
            t("notifications.channels.per_minute"),
            min_value=1,
            max_value=MOST_PER_MINUTE,
            value=row.per_minute if row else DEFAULT_PER_MINUTE,
            key=f"channel_per_minute_{mark}",
        )
        st.form_submit_button(
            t("notifications.save"),
            icon=":material/save:",
            type="primary",
            on_click=pressed,
            args=(lambda: _save(kind, row, mark),),
            key=f"channel_save_{mark}",
        )


def _mark(row: NotificationChannel | None) -> str:
    return form_mark(row.id, (row.name, row.settings, row.language, row.per_minute)) if row else anew.key(_NEW, "new")


def _field(field: Field, row: NotificationChannel | None, mark: str) -> None:
    """One thing to fill in; a secret that is stored is not shown, and stays when nothing is typed."""
    is_stored = field.secret and row is not None
    st.text_input(
        field.label[language()],
        value=_stored(field, row) if row and not field.secret else "",
        key=f"channel_{field.name}_{mark}",
        max_chars=LONGEST_VALUE,
        help=field.help[language()],
        type="password" if field.secret else "default",
        placeholder=t("notifications.channels.keep_secret") if is_stored else None,
        autocomplete="off",
    )


def _stored(field: Field, row: NotificationChannel) -> str:
    if field.kind == "emails":
        return ", ".join(channel_book.recipients_of(row))
    return str(row.settings.get(field.name, ""))


def _save(kind: ChannelKind, row: NotificationChannel | None, mark: str) -> None:
    person, parts = session.check(PERMISSION), session.services()
    given: Mapping[str, Any] = {str(key): value for key, value in st.session_state.items()}
    form = ChannelForm(
        name=str(given[f"channel_name_{mark}"]),
        kind=kind.id,
        language=str(given[f"channel_language_{mark}"]),
        per_minute=int(given[f"channel_per_minute_{mark}"]),
        values={field.name: str(given[f"channel_{field.name}_{mark}"] or "") for field in kind.fields},
    )
    if row is None:
        added = channel_book.add(parts, form, actor=person.name)
        anew.begin(_NEW)
        for secret in added.shown_once.values():
            show_once(t("notifications.channels.shown_once", name=escaped(form.name)), secret)
    else:
        channel_book.change(parts, row.id, form, actor=person.name)
        close_form("channel", row.id)
    say(t("notifications.saved"))


def _pause(row: NotificationChannel) -> None:
    person = session.check(PERMISSION)
    channel_book.pause(session.services(), row.id, paused=not row.is_paused, actor=person.name)


def _remove(channel_id: int) -> None:
    person = session.check(PERMISSION)
    channel_book.remove(session.services(), channel_id, actor=person.name)


def _test(channel_id: int) -> None:
    person = session.check(PERMISSION)
    message = channel_book.try_out(session.services(), channel_id, actor=person.name, shown_name=person.display_name)
    st.session_state[_TESTED] = {**st.session_state.get(_TESTED, {}), channel_id: message}


def _tested(channel_id: int) -> None:
    """What became of the last test of this session: watched until the other side has answered."""
    message_id = st.session_state.get(_TESTED, {}).get(channel_id)
    if message_id is None:
        return
    with session.services().database.read() as opened:
        row = opened.get(OutboxMessage, message_id)
    if row is not None and row.state in outbox.WAITING:
        _watched(message_id)
    elif row is not None:
        _answer(row)


@st.fragment(run_every=REFRESH)
def _watched(message_id: int) -> None:
    session.require(PERMISSION)
    with session.services().database.read() as opened:
        row = opened.get(OutboxMessage, message_id)
    if row is None:
        return
    if row.state not in outbox.WAITING:
        st.rerun()
    st.caption(f":material/hourglass_top: {t('notifications.working')}")


def _answer(row: OutboxMessage) -> None:
    if row.state == outbox.SENT:
        said = f" – {escaped(row.answer)}" if row.answer else ""
        st.success(f"{named('notify.states', row.state)}{said}", icon=":material/check_circle:")
    elif row.error:
        message, remedy = stored_error(row.error)
        st.error(f"{message} {remedy} {t('notifications.tried_once')}", icon=":material/error:")
