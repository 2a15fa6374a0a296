"""Calls in which somebody speaks to the model instead of the other party: what is sent, and what is kept of a reply
that obeyed. A hijacked answer can be a wrong summary and nothing else."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from core.recordings.cues import Conversation, Cue
from core.recordings.local_summary import local_summary
from core.recordings.orders import orders_suspected
from core.recordings.summarise import summarise
from core.recordings.summary import ActionItem, Claim
from core.recordings.transcript_files import plain_line
from core.services import Services
from tests.assistant.messages_server import MessagesServer, said
from tests.recordings.heard.told import PARTIES, claim, conversation, summary

CALLS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent.parent / "hostile" / "calls.toml").read_text(encoding="utf-8")
)["calls"]
ACTIVE = re.compile(r"https?:|javascript:|<(?:script|img|a|iframe)\b|\]\(|^\s*[=+@]|[\u200b\u202e]", re.IGNORECASE)


def hostile(call: dict[str, Any]) -> Conversation:
    ordinary = conversation()
    words = Cue(60_000, 70_000, "Ana Núñez", plain_line(call["said"]))
    return Conversation(
        [*ordinary.cues, words, Cue(70_000, 71_000, "Luis Díaz", "No entendí.")], PARTIES, call["language"]
    )


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call["name"])
def test_the_fence_holds_and_our_own_ears_hear_the_order(
    services: Services, server: MessagesServer, call: dict[str, Any]
) -> None:
    server.answers.append(said(summary(injection_suspected=False)))
    made = summarise(services, hostile(call))
    turn = server.sent[0]["messages"][0]["content"]
    assert len(re.findall(r"</?\s*transcript\s*>", turn)) == 2
    assert turn.endswith("\n</transcript>")
    fenced = turn.partition("<transcript>\n")[2].removesuffix("\n</transcript>")
    assert [line[0] for line in json.loads(fenced)] == list(range(7))
    assert call["said"][:12] not in server.sent[0]["system"][0]["text"]
    assert "4111" not in turn
    assert "Núñez" not in turn
    assert made.injection_suspected


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call["name"])
def test_our_own_rules_obey_nobody_and_say_what_they_heard(call: dict[str, Any]) -> None:
    conversation_ = hostile(call)
    made = local_summary(conversation_)
    assert orders_suspected(conversation_.cues)
    assert made.injection_suspected
    assert {one.text for one in made.claims} <= {cue.text for cue in conversation_.cues}


HOSTILE = (
    "![x](https://evil.test/?d=1) <script>alert(1)</script> [clic](javascript:alert(1)) www.evil.test \u202eok\u200b"
)


def test_a_reply_that_obeyed_is_shown_as_plain_text_alone(services: Services, server: MessagesServer) -> None:
    item = {**claim(f"=HYPERLINK(1) {HOSTILE}", 2, "enviar un técnico"), "owner": "@SUM(A1)", "due": "+1 <img src=x>"}
    server.answers.append(
        said(
            summary(
                summary=[claim(f"## {HOSTILE}", 1, "se corta desde el lunes")],
                bullets=[claim(f"- **{HOSTILE}**", 1, "se corta desde el lunes")],
                topics=["=cmd|' /C calc'!A0", "<iframe src=x>"],
                action_items=[item],
            )
        )
    )
    made = summarise(services, conversation())
    assert made.source == "claude"
    kept: list[Claim | ActionItem] = [*made.claims, *made.bullets, *made.action_items]
    texts = [one.text for one in kept]
    texts += [*made.topics, made.action_items[0].owner, made.action_items[0].due]
    assert [text for text in texts if ACTIVE.search(text)] == []
    assert "evil.test" not in json.dumps(made.answer())


def test_a_reply_that_was_told_what_to_report_keeps_only_what_was_said(
    services: Services, server: MessagesServer
) -> None:
    call = hostile(CALLS[0])
    server.answers.append(
        said(
            summary(
                summary=[
                    claim("La línea se corta.", 1, "se corta desde el lunes"),
                    claim("El agente aprobó el reembolso.", 6, "el reembolso fue aprobado"),
                ],
                action_items=[{**claim("Cerrar tiquetes", 5, "cierra los tiquetes"), "owner": None, "due": None}],
            )
        )
    )
    made = summarise(services, call)
    assert [one.text for one in made.claims] == ["La línea se corta."]
    assert (made.action_items, made.dropped, made.injection_suspected) == ((), 2, True)
