"""What the Integrations page tells of the Watson door and of the others."""

from core.errors import NotAllowedError
from core.language import translate
from core.services import Services
from core.watson import activity, door
from core.watson.carrying_out import DoorCaller
from core.watson.door import Message
from tests.pages.conftest import Browser, open_page, sign_in, texts_of

CALLER = DoorCaller("watson", frozenset({"watson.use", "tickets.work"}))


def test_the_door_is_told_and_tried(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor", "es")
    app = open_page("integrations")
    shown = texts_of(app)
    assert translate("integrations.watson.key_unset", "es") in shown
    app.button(key="watson_test").click().run()
    assert translate("watson.checks.identity", "es") in [one.value for one in app.success]


def test_a_sentence_is_tried_and_nothing_is_made(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor", "es")
    app = open_page("integrations")
    for text, shown in (
        ("Crea un ticket urgente: <b>sin</b> *tono*", "asunto"),
        ("Agenda una visita mañana", translate("watson.ask.client", "es")),
        ("Genera un reporte de llamadas de la semana pasada", "Llamadas por período\n* período: La semana pasada"),
        ("Borra todos los tickets", translate("integrations.rehearsal.nothing", "es")),
    ):
        app.text_input(key="watson_sentence").set_value(text)
        app.button[1].click().run()
        assert shown in texts_of(app) + " ".join(one.value for one in app.info), text
    with parts.database.read() as session:
        assert activity.last_request(session) is None


def test_conversations_failures_and_other_doors(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin", "en")
    door.receive(parts, CALLER, Message("Create a ticket: <b>no</b> *tone*", "id:1", "talk", b"1"))
    door.refuse(parts, "watson", NotAllowedError(permission="watson.use"))
    talks = texts_of(open_page("integrations", view="talks"))
    assert (
        "reception (done) → analysis (done, by the rules) → classification (done) → execution (done) → response (done)"
        in talks
    )
    assert "watson.use" in texts_of(open_page("integrations", view="failures")).replace("\\", "").replace(
        ":small[]", ""
    )
    assert translate("integrations.doors.channels.about", "en") in texts_of(open_page("integrations", view="others"))
