"""Webex's transcript files in all their forms, and what comes in their place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import PermanentError
from core.recordings.cues import Cue
from core.recordings.speech_errors import TranscriptTooLargeError, TranscriptUnreadableError
from core.recordings.transcript_files import LARGEST_FILE, LONGEST_TEXT, read_transcript

WEBEX = """WEBVTT

1 "Jane Doe" (2022698496) (4f1c2a7e-0000-4000-8000-000000000001)
00:00:01.000 --> 00:00:03.500
Good morning.

2 "+573167046747" (0) (uuid)
00:00:04.000 --> 00:00:06.250
Hello, I have a question
about my invoice.
"""


def test_the_speaker_stands_in_the_cues_identifier() -> None:
    assert read_transcript(WEBEX.encode()) == [
        Cue(1000, 3500, "Jane Doe", "Good morning."),
        Cue(4000, 6250, "+573167046747", "Hello, I have a question about my invoice."),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + WEBEX.encode(),
        WEBEX.replace("\n", "\r\n").encode(),
        WEBEX.replace("\n", "\r").encode(),
        b"\xff\xfe" + WEBEX.encode("utf-16-le"),
        WEBEX.replace("WEBVTT\n", "WEBVTT - Webex transcript\nKind: captions\n").encode(),
        WEBEX.replace("1 ", "NOTE made by Webex\n\nSTYLE\n::cue { color: red }\n\n1 ", 1).encode(),
        WEBEX.replace("00:00:0", "00:0").encode(),
        WEBEX.replace(".000 -->", ",000 -->").encode(),
        WEBEX.replace("3.500", "3.500 align:start position:0%").encode(),
    ],
    ids=["mark", "crlf", "cr", "utf-16", "header", "note", "short times", "comma", "settings"],
)
def test_every_form_of_the_same_file_reads_the_same(body: bytes) -> None:
    assert read_transcript(body) == read_transcript(WEBEX.encode())


@pytest.mark.parametrize(
    ("cue", "expected"),
    [
        ("1\n00:01.000 --> 00:02.000\n<v Ana Núñez>Buenos d&iacute;as</v>", [("Ana Núñez", "Buenos días")]),
        ('1 "A &amp; B"\n00:01.000 --> 00:02.000\n5 &lt; 6 &amp;&amp; 7 &gt; 6', [("A & B", "5 < 6 && 7 > 6")]),
        ("1\n00:01.000 --> 00:02.000\n<v.loud Ana>Hola<v Luis>Diga", [("Ana", "Hola"), ("Luis", "Diga")]),
        ("2022698496\n00:01.000 --> 00:02.000\n<c.red>plain</c> <00:01.500>text", [("", "plain text")]),
        ("7 Jane Doe (12)\n00:01.000 --> 00:02.000\nhi", [("Jane Doe", "hi")]),
        ("1\n00:01.000 --> 00:02.000\n<script>alert(1)</script> <b>x</b>", [("", "<script>alert(1)</script> x")]),
        ("1\n00:01.000 --> 00:02.000\na\u202eb&#0;&#x200b;c\u2028d", [("", "a b c d")]),
        ("1\n00:01.000 --> 00:02.000\n   ", []),
    ],
)
def test_names_entities_tags_and_unseen_signs(cue: str, expected: list[tuple[str, str]]) -> None:
    cues = read_transcript(f"WEBVTT\n\n{cue}\n".encode())
    assert [(one.speaker, one.text.replace("\ufffd", "").replace("  ", " ")) for one in cues] == expected


@pytest.mark.parametrize(
    ("timing", "start", "end"),
    [
        ("00:00:05.000 --> 00:00:02.000", 5000, 5000),
        ("00:00:05.000 --> never", 5000, 5000),
        ("soon --> later", 0, 0),
        ("00:00:61.000 --> 00:02:00.000", 61_000, 120_000),
        ("9999:00:00.000 --> 9999:00:01.000", 604_800_000, 604_800_000),
        ("-00:00:05.000 --> 00:00:07.000", 0, 7000),
    ],
)
def test_times_that_cannot_be_are_put_right(timing: str, start: int, end: int) -> None:
    [cue] = read_transcript(f"WEBVTT\n\n1\n{timing}\nhola\n".encode())
    assert (cue.start_ms, cue.end_ms, cue.text) == (start, end, "hola")


def test_cues_come_in_the_order_of_time_and_never_longer_than_kept() -> None:
    body = f"WEBVTT\n\n00:09.000 --> 00:10.000\nlast\n\n00:01.000 --> 00:02.000\n{'a' * 9000}\n"
    cues = read_transcript(body.encode())
    assert [cue.start_ms for cue in cues] == [1000, 9000]
    assert len(cues[0].text) == LONGEST_TEXT


def test_a_call_in_which_nobody_spoke_has_no_cues() -> None:
    assert read_transcript(b"WEBVTT\n") == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "HTML"),
        (b'{"message": "expired"}', "JSON"),
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nsrt", "not WEBVTT"),
        (b"\x00\x01\x02\xff" * 50, "not WEBVTT"),
    ],
)
def test_what_is_no_transcript_says_so_with_a_remedy_and_is_not_tried_again(body: bytes, problem: str) -> None:
    with pytest.raises(TranscriptUnreadableError) as caught:
        read_transcript(body)
    assert caught.value.facts["problem"] == problem
    assert isinstance(caught.value, PermanentError)
    assert problem in caught.value.message("es")
    assert "TRANSCRIPTION_URL" in caught.value.remedy("es")


def test_a_file_larger_than_any_call_is_refused() -> None:
    with pytest.raises(TranscriptTooLargeError):
        read_transcript(b"WEBVTT\n\n" + b"a" * LARGEST_FILE)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=12))
def test_whatever_follows_the_header_is_read_or_refused_in_our_own_words(lines: list[str]) -> None:
    body = "WEBVTT\n\n" + "\n".join(lines)
    try:
        cues = read_transcript(body.encode("utf-8", "replace"))
    except TranscriptUnreadableError:
        return
    assert all(0 <= cue.start_ms <= cue.end_ms and cue.text == " ".join(cue.text.split()) for cue in cues)


@pytest.mark.parametrize("sign", [b"<v ", b"<c ", b"<", b"&amp;", b"a\xcc\x81", b"-->", b'" ('])
def test_a_megabyte_on_one_line_costs_no_more_than_any_other(sign: bytes) -> None:
    whole = sign * (1_000_000 // len(sign))
    for body in (
        b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + whole,
        b"WEBVTT\n\n1 " + whole + b"\n00:01.000 --> 00:02.000\nx",
    ):
        assert all(len(cue.text) <= LONGEST_TEXT for cue in read_transcript(body))


@pytest.mark.parametrize("line", [b"\n", b"-->\n", b"NOTE\n", b"00:01.000 --> 00:02.000\nx\n\n"])
def test_more_lines_than_any_call_has_are_refused_at_once(line: bytes) -> None:
    with pytest.raises(TranscriptTooLargeError):
        read_transcript(b"WEBVTT\n\n" + line * 250_000)
