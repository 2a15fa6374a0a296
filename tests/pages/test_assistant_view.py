"""Claude's view beside an alert: asked with a click, shown when it came, absent but not missed without a key."""

import pytest

from core.assistant.explain import answer_queued
from core.assistant.requests import request_explanation
from core.language import preferred_language
from core.services import Services, open_services
from core.settings import load_settings
from core.store.models.assistant import AssistantViewRow
from tests.assistant.asked import KEY, server
from tests.assistant.conftest import add_alert
from tests.assistant.messages_server import MessagesServer, failed, said, view
from tests.pages.conftest import Browser, open_page, sign_in, texts_of

__all__ = ["server"]


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch, server: MessagesServer) -> None:
    """A key, and the place it is for; named before the fixture that opens the parts of the product."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    monkeypatch.setenv("ALLOW_INSECURE_ENDPOINTS", "1")


def answered(parts: Services) -> None:
    """What the sidecar does with the question."""
    sidecar = open_services(load_settings())
    answer_queued(sidecar)
    sidecar.database.close()


def test_without_a_key_the_written_explanation_stands_alone(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "analyst")
    number = add_alert(parts.database)
    app = open_page("alerts", alert=str(number))
    assert not app.exception
    assert "led to" in texts_of(app)
    assert "Claude" not in texts_of(app)
    assert not [button for button in app.button if str(button.key).startswith("ask_")]


def test_a_click_asks_and_the_answer_is_shown_with_the_name_put_back(
    key: None, parts: Services, browser: Browser, server: MessagesServer
) -> None:
    server.answers.append(said(view(assessment="<ENTITY> *called* [abroad](http://evil.test) at night.")))
    sign_in(parts, browser, "analyst")
    number = add_alert(parts.database)
    app = open_page("alerts", alert=str(number))
    app.button(key=f"ask_alert_{number}").click().run()
    assert not app.exception
    with parts.database.read() as session:
        (asked,) = session.query(AssistantViewRow)
        assert (asked.language, asked.requested_by, asked.state) == ("en", "analyst@example", "queued")
    answered(parts)
    shown = texts_of(app.run())
    assert "Ana Núñez \\*called\\*" in shown
    assert "evil.test" not in shown
    assert "Check first" in shown
    assert "claude\\-haiku\\-5\\-5" in shown


def test_each_reads_the_answer_in_their_own_language(
    key: None, parts: Services, browser: Browser, server: MessagesServer
) -> None:
    number = add_alert(parts.database)
    for language, sentence in (("es", "Llamó al extranjero de noche."), ("en", "Called abroad at night.")):
        server.answers.append(said(view(assessment=sentence)))
        with parts.database.write() as session:
            request_explanation(
                session,
                subject="alert",
                subject_id=number,
                requested_by="grace",
                at=parts.clock.now(),
                language=preferred_language(language),
            )
        answered(parts)
    sign_in(parts, browser, "analyst", "es")
    shown = texts_of(open_page("alerts", alert=str(number)))
    assert "Llamó al extranjero" in shown
    assert "Revise primero" in shown
    assert "Called abroad" not in shown


def test_what_went_wrong_is_said_with_its_remedy(
    key: None, parts: Services, browser: Browser, server: MessagesServer
) -> None:
    server.answers.append(failed(401, "authentication_error"))
    sign_in(parts, browser, "analyst")
    number = add_alert(parts.database)
    app = open_page("alerts", alert=str(number))
    app.button(key=f"ask_alert_{number}").click().run()
    answered(parts)
    assert "Check ANTHROPIC" in texts_of(app.run())
