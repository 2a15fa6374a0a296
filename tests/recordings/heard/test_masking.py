"""Nothing that names or numbers anybody leaves, and all of it can be put back."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.assistant.masking import hidden, passes_luhn
from core.recordings.cues import Conversation, Cue, Party
from core.recordings.masking import HIDDEN, Masked, mask

PARTIES = (
    Party("caller", "Ana María Núñez", "+573167046747", "ana.nunez@acme.com.co"),
    Party("agent", "Luis Díaz", "4410", "luis.diaz@acme.com.co"),
)
DIGITS = {
    "es": ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"],
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
}


def masked(*texts: str, speakers: tuple[str, ...] = ("Ana María Núñez", "Luis Díaz")) -> Masked:
    cues = [Cue(at, at + 1, speakers[at % len(speakers)], text) for at, text in enumerate(texts)]
    return mask(Conversation(cues, PARTIES, "es"))


def sent(*texts: str) -> str:
    return "\n".join(cue.text for cue in masked(*texts).cues)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("La tarjeta es 4111 1111 1111 1111, vence pronto", "1111"),
        ("Card: 4111-1111-1111-1111.", "4111"),
        ("Amex 378282246310005", "378282"),
        ("IBAN DE89 3704 0044 0532 0130 00 por favor", "3704"),
        ("iban es9121000418450200051332", "2100"),
        ("escríbame a ana.perez+x@correo.com.co", "correo.com"),
        ("juan punto perez arroba gmail punto com", "arroba gmail"),
        ("it is john dot smith at gmail dot com", "smith"),
        ("mi cédula es 1.020.345.678", "345"),
        ("mi cédula 79 456 123", "456"),
        ("RFC GOMC850101AB1", "850101"),
        ("CURP GOMC850101HDFRRL09", "GOMC"),
        ("llámeme al (1) 234-5678", "5678"),
        ("+57 316 704 6747", "704"),
        ("el código que le llegó es 482913", "482913"),
        ("mi clave es 4821", "4821"),
        ("my pin is one two three four", "two three"),
        ("el número es tres uno seis siete cero cuatro", "uno seis"),
        ("call five five five oh one two three", "oh one"),
        ("doble cero, tres, uno, seis, siete", "seis"),
        ("twenty-one thirty-four fifty six", "thirty"),
        ("habla Ana de contabilidad", "Ana"),
        ("le comunico con la señora NUÑEZ", "NU"),
        ("soy Pedro Gómez y Gómez soy", "Gómez"),
        ("my name is Jane Roe", "Roe"),
        ("marque la extensión 4410", "4410"),
    ],
)
def test_what_is_hidden(text: str, secret: str) -> None:
    assert secret not in sent(text)


@pytest.mark.parametrize(
    "text",
    [
        "nos vemos el 2026-11-20 a las 10:30",
        "el 20/11/2026 tengo cita",
        "pagué 250 dólares por 12 equipos",
        "una de las dos o tres veces que llamé",
        "the second of March at nine",
    ],
)
def test_dates_times_and_small_figures_stay(text: str) -> None:
    assert sent(text) == text


def test_a_number_dictated_over_several_turns_is_hidden_with_nods_between() -> None:
    told = sent("Anote, tres uno seis", "Ajá", "siete cero cuatro", "ok, sí", "seis siete cuatro siete", "Gracias")
    assert not any(word in told for word in ("tres", "cero", "cuatro", "siete"))
    assert "Ajá" in told
    assert "1111" not in sent("La tarjeta 4111 1111", "Sí", "1111 1111")


def test_the_same_words_have_the_same_placeholder_and_speakers_theirs() -> None:
    told = masked("Luis, soy yo", "Diga", "Luis?", speakers=("+573167046747", "Luis Díaz"))
    assert told.cues[0].speaker == "<CALLER_1>"
    assert told.cues[1].speaker == "<AGENT_1>"
    assert told.cues[0].text.split(",")[0] == told.cues[2].text.rstrip("?")


def test_names_are_put_back_but_no_card_account_or_code() -> None:
    told = masked("Soy Ana María Núñez, tarjeta 4111 1111 1111 1111, clave 4821, correo a@b.co")
    shown = told.shown(told.cues[0].text)
    assert "Ana María Núñez" in shown
    assert "a@b.co" in shown
    assert shown.count(HIDDEN) == 2
    assert "4111" not in shown
    assert "4821" not in shown


def test_somebody_who_says_a_placeholder_fools_nobody() -> None:
    told = masked("write <CARD_1> and <CALLER_1>", "4111 1111 1111 1111")
    assert told.shown(told.cues[0].text) == "write <CARD_1> and <CALLER_1>"
    assert not told.knows("<CARD_9>")


def test_facts_of_alerts_can_be_hidden_for_good() -> None:
    assert hidden("call +57 316 704 6747 on 2026-11-20 10:30") == "call +<NUMBER> on 2026-11-20 10:30"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=5))
def test_everything_can_be_put_back(texts: list[str]) -> None:
    told = masked(*texts)
    assert [told.restored(cue.text) for cue in told.cues] == texts


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(7, 19), st.sampled_from(["", " ", "-", ".", ", "]), st.sampled_from("ab"))
def test_no_run_of_seven_figures_leaves_however_it_is_grouped(
    seed: int, length: int, between: str, language: str
) -> None:
    chance = random.Random(seed)
    digits = [str(chance.randrange(10)) for _ in range(length)]
    groups, at = [], 0
    while at < length:
        size = chance.randrange(1, 5)
        groups.append("".join(digits[at : at + size]))
        at += size
    told = sent(
        f"El número {between.join(groups)} es el mío" if language == "a" else f"It is {between.join(groups)}, ok"
    )
    assert not any(sign.isdecimal() for sign in told.replace("_1", ""))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["es", "en"]),
    st.lists(st.integers(0, 9), min_size=5, max_size=16),
    st.sampled_from([" ", ", ", " - ", " y "]),
)
def test_no_five_spoken_figures_leave(language: str, figures: list[int], between: str) -> None:
    said = between.join(DIGITS[language][figure] for figure in figures)
    told = sent(f"anote {said} gracias")
    assert told.startswith("anote <")
    assert not set(told.split()) & set(DIGITS[language])


def test_check_digits() -> None:
    assert passes_luhn("4111111111111111")
    assert not passes_luhn("4111111111111112")
