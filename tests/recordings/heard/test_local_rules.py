"""Our own rules against turns and calls that a person labelled, and what they must never do.

The floors below are what was measured, so that a change that agrees less fails. ``tuned`` is what the lexicons were
made with; ``held_out`` was written after they were frozen and is the honest figure. One person wrote turns and rules.
"""

import tomllib
from pathlib import Path

import pytest

from core.recordings.cues import Conversation, Cue
from core.recordings.extractive import MOST_RANKED, action_items_of, topics_of, weights_of
from core.recordings.local_summary import local_summary
from core.recordings.orders import orders_suspected
from core.recordings.sentiment import sentiment_of, sentiment_of_cues
from core.recordings.spoken_language import spoken_language
from core.recordings.summary import ActionItem, Claim
from core.sandbox import speech as conversations
from tests.recordings.heard import golden

TUNED = {"es": 97, "en": 99}
HELD_OUT = {"es": 21, "en": 21}
PROMISES = {"es": 9, "en": 9}
DUES = {"es": 9, "en": 8}
TOPICS = {"es": 10, "en": 9}


@pytest.mark.parametrize("language", ["es", "en"])
def test_turns_feel_to_us_as_to_a_person(language: str) -> None:
    tuned, held_out = golden.agreement("tuned", language), golden.agreement("held_out", language)
    assert (tuned.of, held_out.of) == (100, 30)
    assert tuned.agreed >= TUNED[language]
    assert held_out.agreed >= HELD_OUT[language]


@pytest.mark.parametrize("language", ["es", "en"])
def test_promises_with_owner_and_due_are_found_and_none_invented(language: str) -> None:
    counts = golden.promises(language)
    assert counts["found"] >= PROMISES[language]
    assert counts["owner"] >= PROMISES[language]
    assert counts["due"] >= DUES[language]
    assert counts["invented"] == 0
    assert golden.topics(language)[0] >= TOPICS[language]


@pytest.mark.parametrize("call", golden.calls(), ids=lambda call: call["name"])
def test_whole_calls_are_summed_up(call: dict[str, object]) -> None:
    conversation = golden.conversation(call)
    made = local_summary(conversation)
    assert (made.source, made.spoken.code, made.sentiment.label) == ("local", call["language"], call["feeling"])
    assert made.claims
    told: list[Claim | ActionItem] = [*made.claims, *made.bullets, *made.action_items]
    for claim in told:
        assert claim.quote in conversation.cues[claim.cue].text
    assert not made.injection_suspected
    assert local_summary(conversation) == made


@pytest.mark.parametrize(
    ("text", "language", "label"),
    [
        ("no es útil", "es", "negative"),
        ("no hay ningún problema", "es", "positive"),
        ("muy buena atención pero el problema es terrible", "es", "negative"),
        ("it was terrible but now it is perfect", "en", "positive"),
        ("not bad at all", "en", "positive"),
        ("isn't good", "en", "negative"),
        ("MUY MALO", "es", "negative"),
        ("das ist schlecht", "de", "neutral"),
        ("", "es", "neutral"),
        ("¿?...", "es", "neutral"),
    ],
)
def test_negation_contrast_and_case(text: str, language: str, label: str) -> None:
    assert sentiment_of(text, language).label == label


def test_strength_moves_the_score_and_never_past_the_ends() -> None:
    plain, strong, weak = (sentiment_of(text, "es").score for text in ("malo", "muy malo", "algo malo"))
    assert strong < plain < weak < 0
    assert -1 <= sentiment_of("terrible " * 500, "es").score < -0.99


def test_the_end_of_a_call_weighs_more_than_its_beginning() -> None:
    bad, good, plain = (Cue(0, 1, "a", text) for text in ("es terrible", "es excelente", "martes"))
    assert sentiment_of_cues([bad, plain, good], "es").score > 0 > sentiment_of_cues([good, plain, bad], "es").score


def test_too_little_said_is_not_summed_up() -> None:
    made = local_summary(Conversation([Cue(0, 1, "", "Buenas, número equivocado, perdón.")], (), "es"))
    assert made.is_skipped
    assert (made.claims, made.bullets, made.action_items) == ((), (), ())


def test_a_day_of_talk_is_weighed_in_bounds() -> None:
    cues = [
        Cue(at, at + 1, "a", f"la factura número {at} del cliente {at % 7} llegó") for at in range(MOST_RANKED + 500)
    ]
    weights = weights_of(cues, "es")
    assert len(weights) == len(cues)
    assert max(weights) == 1.0


def test_names_of_parties_are_no_topics_and_refusals_no_promises() -> None:
    call = golden.conversation(golden.calls()[0])
    assert not {"laura", "carlos"} & set(topics_of(call))
    said = ["No le voy a enviar nada.", "Si no responde, voy a cancelar el servicio.", "Nunca voy a pagar eso."]
    assert action_items_of(Conversation([Cue(at, at, "x", text) for at, text in enumerate(said)], (), "es")) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Buenos días, quisiera saber el estado de mi pedido", "es"),
        ("Good morning, I would like to know about my order", "en"),
        ("Bom dia, eu gostaria de saber onde está o meu pedido, já faz uma semana", "pt"),
        ("Guten Tag, ich möchte bitte mit dem Chef sprechen, weil meine Rechnung falsch ist", "other"),
        ("mmm", "other"),
        ("123 456", "other"),
        ("", "other"),
    ],
)
def test_languages(text: str, code: str) -> None:
    found = spoken_language([Cue(0, 1, "", text)])
    assert found.code == code
    assert 0 <= found.confidence <= 1


def test_orders_are_heard_and_ordinary_talk_is_not() -> None:
    parts = [(part, language) for part in ("tuned", "held_out") for language in ("es", "en")]
    ordinary = [text for part in parts for _, text in golden.turns(*part)]
    ordinary += [cue.text for call in golden.calls() for cue in golden.conversation(call).cues]
    assert [text for text in ordinary if orders_suspected([Cue(0, 1, "", text)])] == []


def test_the_calls_of_the_sandbox_are_heard_in_their_language_and_one_of_them_gives_orders() -> None:
    path = Path(conversations.__file__).with_name("conversations.toml")
    suspected = []
    for name, call in tomllib.loads(path.read_text(encoding="utf-8")).items():
        cues = [Cue(at, at + 1, who, text) for at, (who, text) in enumerate(call["turns"])]
        assert spoken_language(cues).code == call["language"], name
        suspected += [name] if orders_suspected(cues) else []
    assert suspected == ["ordenes_al_resumen"]
