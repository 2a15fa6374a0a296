"""A summary in the other language: as many texts, the same placeholders, and nobody's name on the way."""

import json
from dataclasses import replace
from typing import Any

import pytest
from starlette.responses import Response

from core.assistant.errors import AnswerUnusableError, AssistantOffError
from core.clock import SteppedClock
from core.recordings.local_summary import local_summary
from core.recordings.translate import translate_summary
from core.services import Services
from tests.assistant.messages_server import MessagesServer, said
from tests.recordings.heard.conftest import with_settings
from tests.recordings.heard.told import conversation


def translated(change: Any = None) -> Any:
    """A responder that turns every text into English of a sort."""

    def answer(body: dict[str, Any]) -> Response:
        turn = body["messages"][0]["content"]
        texts = json.loads(turn.partition("<texts>\n")[2].partition("\n</texts>")[0])
        done = [f"EN {text}" if text else "" for text in texts]
        return said(json.dumps({"texts": change(done) if change else done, "injection_suspected": False}))

    return answer


def test_every_text_is_translated_and_quotes_stay(services: Services, server: MessagesServer) -> None:
    server.answers.append(translated())
    summary = local_summary(conversation())
    made = translate_summary(services, conversation(), summary, "en")
    assert (made.language, made.is_translation, made.source) == ("en", True, "claude")
    assert made.claims[0].text.startswith("EN ")
    assert [one.quote for one in made.claims] == [one.quote for one in summary.claims]
    assert [one.due for one in made.action_items] == [f"EN {one.due}" for one in summary.action_items]
    assert any("ana.nunez@acme.com.co" in one.text for one in (*made.claims, *made.bullets))
    sent = json.dumps(server.sent, ensure_ascii=False)
    assert all(private not in sent for private in ("Núñez", "acme", "4111", "Luis"))
    assert made.cost > 0
    assert translate_summary(services, conversation(), made, "en") is made


@pytest.mark.parametrize(
    "change",
    [
        lambda texts: texts[:-1],
        lambda texts: [text.replace("<", "") for text in texts],
        lambda texts: [text * 4 for text in texts],
        lambda texts: ["" for _ in texts],
    ],
)
def test_what_is_out_of_form_twice_is_refused(services: Services, server: MessagesServer, change: Any) -> None:
    server.answers.extend([translated(change), translated(change)])
    with pytest.raises(AnswerUnusableError):
        translate_summary(services, conversation(), local_summary(conversation()), "en")
    server.answers.extend([translated(change), translated()])
    assert translate_summary(services, conversation(), local_summary(conversation()), "en").is_translation


def test_links_in_a_translation_are_taken_out(services: Services, server: MessagesServer) -> None:
    server.answers.append(translated(lambda texts: [f"{text} https://evil.test/x" if text else "" for text in texts]))
    summary = replace(local_summary(conversation()), topics=("línea",))
    made = translate_summary(services, conversation(), summary, "en")
    assert "evil.test" not in json.dumps(made.answer())


def test_without_a_key_nobody_translates(services: Services, clock: SteppedClock, tmp_path: Any) -> None:
    with pytest.raises(AssistantOffError):
        translate_summary(
            with_settings(services.database, clock, tmp_path), conversation(), local_summary(conversation()), "en"
        )
