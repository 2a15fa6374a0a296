"""What the Notifications page does when somebody presses its buttons."""

import random
from dataclasses import replace

from streamlit.testing.v1 import AppTest

from core.errors import InvalidInputError
from core.language import translate
from core.notify import channel_book, rules, sandbox_channel
from core.notify.channel_book import ChannelForm
from core.notify.rules import Rule
from core.notify.sending import send_due
from core.services import Services
from core.store import audit, commands, outbox
from core.store.encryption import Vault
from core.store.models.outbox import NotificationChannel, OutboxMessage
from core.ui.text import unescaped
from tests.pages.conftest import Browser, open_page, sign_in, texts_of


def channels(parts: Services) -> list[NotificationChannel]:
    with parts.database.read() as session:
        return channel_book.listed(session)


def found_rules(parts: Services) -> list[Rule]:
    with parts.database.read() as session:
        return rules.listed(session)


def messages(parts: Services) -> list[OutboxMessage]:
    with parts.database.read() as session:
        return list(session.query(OutboxMessage).order_by(OutboxMessage.id))


def add_channel(parts: Services, kind: str = "email", **values: str) -> int:
    values = values or {"recipients": "desk@example.com"}
    return channel_book.add(parts, ChannelForm(f"The {kind}", kind, values=values), actor="test").channel_id


def marked(app: AppTest, begins: str) -> str:
    """The key of the widget of a form that begins so: the rest tells what the form began with."""
    widgets = [*app.text_input, *app.selectbox, *app.button]
    return next(str(widget.key) for widget in widgets if str(widget.key).startswith(begins))


def fill(app: AppTest, mark: str, **values: str) -> AppTest:
    for name, value in values.items():
        app.text_input(key=f"channel_{name}_{mark}").set_value(value)
    app.button(key=f"channel_save_{mark}").click().run()
    return app


def test_the_empty_page_says_how_to_begin_and_where_mails_go(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin", "es")
    shown = texts_of(open_page("notifications"))
    assert translate("notifications.channels.empty", "es") in shown
    assert translate("notifications.mail.files", "es") in shown


def test_a_channel_is_added_tested_and_its_answer_shown(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin")
    app = fill(open_page("notifications"), "email_new", name="Fraud desk", recipients="ana@example.com, b@example.com")
    assert not app.exception
    (channel,) = channels(parts)
    assert (channel.name, channel_book.recipients_of(channel)) == ("Fraud desk", ["ana@example.com", "b@example.com"])
    app.button(key=f"channel_test_{channel.id}").click().run()
    with parts.database.read() as session:
        assert [row.arguments for row in commands.recent(session)] == [{"job": "send_outbox"}]
    assert send_due(parts, random.Random(1)) == {"sent": 1}
    app.run()
    assert any("mail/msg" in shown.value.replace("\\", "") for shown in app.success), "the real answer"
    mailbox = open_page("notifications", view="mailbox")
    assert translate("notify.test.title", "en") in mailbox.code[0].value


def test_a_refused_channel_keeps_what_was_typed_and_one_that_is_added_leaves_the_form_empty(
    parts: Services, browser: Browser
) -> None:
    sign_in(parts, browser, "admin")
    app = fill(open_page("notifications"), "email_new", name="Night desk", recipients="night@")
    assert "“night@” is no e-mail address" in unescaped(texts_of(app))
    assert app.text_input(key="channel_name_email_new").value == "Night desk"
    fill(app, "email_new", recipients="night@example.com")
    assert [channel.name for channel in channels(parts)] == ["Night desk"]
    assert app.text_input(key="channel_name_email_new_1").value == ""


def test_the_first_channel_of_a_sandbox_is_called_in_the_readers_language(parts: Services, browser: Browser) -> None:
    assert sandbox_channel.make_once(parts)
    sign_in(parts, browser, "admin", "es")
    name = translate("notify.mailbox.channel", "es")
    assert name in texts_of(open_page("notifications"))
    assert texts_of(open_page("notifications", view="rules")).count(name) == 2


def test_what_cannot_work_is_told_in_place(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin")
    app = fill(open_page("notifications"), "email_new", name="Fraud desk", recipients="nobody")
    assert channels(parts) == []
    assert "recipients" in app.error[0].value


def test_a_secret_is_shown_once_and_kept_when_the_field_stays_empty(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin")
    app = open_page("notifications")
    app.selectbox(key="new_channel_kind").set_value("webhook").run()
    fill(app, "webhook_new", name="CRM", url="https://crm.example.com/hook?key=s3cret")
    (channel,) = channels(parts)
    assert app.code[0].value.startswith("whsec_")
    stored = channel.secrets
    app = open_page("notifications")
    assert "s3cret" not in texts_of(app)
    assert not app.code
    app.button(key=f"channel_edit_{channel.id}").click().run()
    mark = marked(app, f"channel_url_webhook_{channel.id}").removeprefix("channel_url_")
    assert app.text_input(key=f"channel_url_{mark}").value == ""
    fill(app, mark, name="The CRM")
    (changed,) = channels(parts)
    assert changed.name == "The CRM"
    vault = Vault(parts.settings, parts.clock)
    changed_values, channel.secrets = channel_book.values_of(changed, vault), stored
    assert changed_values == channel_book.values_of(channel, vault)


def test_pausing_and_removing_a_channel(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin")
    channel = add_channel(parts)
    app = open_page("notifications")
    app.button(key=f"channel_pause_{channel}").click().run()
    assert channels(parts)[0].is_paused
    app.button(key=f"channel_remove_{channel}").click().run()
    assert channels(parts) == []
    with parts.database.read() as session:
        actions = {entry.action for entry in audit.entries(session).entries}
    assert {"notification_channel.paused", "notification_channel.removed"} <= actions


def test_a_rule_is_made_and_reads_as_a_sentence(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin")
    add_channel(parts)
    app = open_page("notifications", view="rules")
    app.selectbox(key="rule_delivery_new").set_value("daily")
    app.button(key="rule_save_new").click().run()
    assert not app.exception
    (rule,) = found_rules(parts)
    assert (rule.severities, rule.delivery, rule.hours.mode) == (("high", "critical"), "daily", "any")
    assert "High and above" in texts_of(app).replace("\\", "")
    app.button(key=f"rule_edit_{rule.id}").click().run()
    app.selectbox(key=marked(app, f"rule_mode_{rule.id}")).set_value("within")
    app.button(key=marked(app, f"rule_save_{rule.id}")).click().run()
    assert found_rules(parts)[0].hours.mode == "within"
    app.button(key=f"rule_edit_{rule.id}").click().run()
    rules.change(parts.database, parts.clock, replace(found_rules(parts)[0], delivery="hourly"), actor="ines")
    app.run()
    assert app.selectbox(key=marked(app, f"rule_delivery_{rule.id}")).value == "hourly"
    app.button(key=f"rule_remove_{rule.id}").click().run()
    assert found_rules(parts) == []


def test_the_log_shows_the_cause_and_retries(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin")
    channel = add_channel(parts, "webhook", url="https://crm.example.com/hook")
    with parts.database.write() as session:
        parcel = outbox.Parcel("k", "webhook", "alert", 1, "opened", "high", {"title": "Abroad"}, channel_id=channel)
        message = outbox.put(session, parcel, at=parts.clock.now())
    (claimed,) = outbox.claim(parts.database, parts.clock, 60)
    error = InvalidInputError(field="url", problem="gone")
    outbox.failed(parts.database, claimed, error, parts.clock, random.Random(1))
    app = open_page("notifications", view="log")
    table = app.dataframe[0].value.to_string()
    assert translate("notify.states.dead", "en") in table
    assert "gone" in table
    app.button(key="deliveries_retry_all").click().run()
    (row,) = messages(parts)
    assert (row.id, row.state, row.attempts) == (message, "queued", 0)
    nothing = open_page("notifications", view="log", state="sent")
    assert translate("notifications.log.no_match", "en") in texts_of(nothing)
