"""Lists page by key, filters mean what they say in URL, SQL and words, the search finds and shows, figures add up."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from core.errors import InvalidInputError, NotFoundError
from core.recordings import query, search
from core.recordings.filters import SORTS, RecordingFilter
from core.store.engine import Database
from core.store.models.recordings import KeywordHitRow, KeywordListRow, RecordingRow, RecordingWordRow
from tests.calls.records import uuid_of
from tests.conftest import NOON
from tests.recordings.rows import SAID, recording, store, summary, summary_row

NOW = NOON + timedelta(hours=1)
SITES = ("Bogotá", "San José", "Denver")
ENGLISH = (
    ("Bob", "Hi, I would like a refund for my order."),
    ("+13035550100", "A refund takes five days, I'm afraid."),
)


def many(database: Database, count: int = 41) -> list[RecordingRow]:
    """Recordings over ten days at three sites, every fourth in English, every fifth without a transcript."""
    draw = Random(7)
    made = []
    with database.write() as session:
        session.add(KeywordListRow(name="Refunds", phrases=["refund"], changed_at=NOON))
        session.flush()
        for number in range(1, count + 1):
            is_english, is_mute = number % 4 == 0, number % 5 == 0
            more: dict[str, Any] = {
                "site": SITES[number % 3],
                "language": "" if is_mute else "en" if is_english else "es",
                "sentiment_label": "" if is_mute else ("negative", "neutral", "positive")[number % 3],
                "sentiment_score": None if is_mute else round(draw.uniform(-1, 1), 1),
            }
            if is_english:
                more |= {"caller_name": "Bob O'Neil", "caller_number": "+13035550100", "callee_name": "Bea_1"}
            if is_mute:
                more |= {"state": "partial", "cue_count": 0, "quality": 0.5, "summary_source": "", "steps_done": 3}
            row = recording(number, at=NOON - timedelta(hours=6 * draw.randrange(40)), **more)
            store(
                session, row, () if is_mute else ENGLISH if is_english else SAID, failed="transcript" if is_mute else ""
            )
            if is_english and not is_mute:
                session.add(KeywordHitRow(list_id=1, recording_id=row.id, ordinal=0, phrase="refund", found_at=NOON))
            made.append(row)
        store(session, recording(900, deleted_at=NOON, deleted_by="ada", delete_reason="by mistake"))
    return made


def test_pages_meet_every_recording_once_forwards_and_backwards(database: Database) -> None:
    rows = many(database)
    keys: dict[str, Callable[[RecordingRow], Any]] = {
        "newest": lambda row: (row.recorded_at, row.id),
        "longest": lambda row: (row.duration_seconds, row.id),
        "worst": lambda row: (-2.0 if row.sentiment_score is None else -row.sentiment_score, row.id),
    }
    with database.read() as session:
        for sort in SORTS:
            wanted = RecordingFilter(sort=sort)
            pages, seen, cursor = [], [], None
            while True:
                pages.append(query.page(session, wanted, NOW, cursor=cursor, limit=10))
                seen += [row.id for row in pages[-1].rows]
                if (cursor := pages[-1].next) is None:
                    break
            assert seen == [row.id for row in sorted(rows, key=keys[sort], reverse=True)], sort
            back = query.page(session, wanted, NOW, cursor=pages[-1].previous, limit=10)
            assert [row.id for row in back.rows] == [row.id for row in pages[-2].rows]
            assert pages[0].previous is None
        assert query.count(session, RecordingFilter(), NOW) == len(rows)
        skipped = query.page(session, RecordingFilter(), NOW, limit=3, skip=4).rows
        assert [row.id for row in skipped] == [
            row.id for row in query.page(session, RecordingFilter(), NOW, limit=7).rows[4:]
        ]


def is_english(row: RecordingRow) -> bool:
    return row.language == "en"


FILTERS: list[tuple[dict[str, Any], Callable[[RecordingRow], bool]]] = [
    ({}, lambda row: True),
    ({"states": ("partial", "failed")}, lambda row: row.state == "partial"),
    ({"text": "Réfund TAKES"}, is_english),
    ({"text": "refu"}, is_english),
    ({"text": "cobra reemb"}, lambda row: row.language == "es"),
    ({"text": "refund cobraron"}, lambda row: False),
    ({"text": "neil"}, lambda row: row.caller_name != ""),
    ({"party": "bea_"}, lambda row: row.callee_name == "Bea_1"),
    ({"party": "O'NEIL"}, lambda row: row.caller_name != ""),
    ({"party": "+1 (303) 555"}, lambda row: row.caller_name != ""),
    ({"party": "%"}, lambda row: False),
    ({"sites": ("Denver", "San José")}, lambda row: row.site != "Bogotá"),
    ({"languages": ("en",)}, is_english),
    ({"sentiments": ("negative",)}, lambda row: row.sentiment_label == "negative"),
    ({"missing": ("transcript",)}, lambda row: row.cue_count == 0),
    ({"missing": ("download_audio",)}, lambda row: False),
    ({"has_transcript": True}, lambda row: row.cue_count > 0),
    ({"has_summary": False}, lambda row: row.cue_count == 0),
    ({"has_audio": True}, lambda row: True),
    ({"sources": ("claude",)}, lambda row: False),
    ({"lists": ("1",)}, is_english),
    ({"min_seconds": 70, "max_seconds": 80}, lambda row: 70 <= row.duration_seconds <= 80),
    ({"call": uuid_of("call 3").upper()}, lambda row: row.call_half_id == "3:0"),
    ({"call": "4:0"}, lambda row: row.call_half_id == "4:0"),
    ({"last": "24h"}, lambda row: row.recorded_at >= NOW - timedelta(hours=24)),
    (
        {"since": NOON - timedelta(days=5), "until": NOON - timedelta(days=2)},
        lambda row: NOON - timedelta(days=5) <= row.recorded_at < NOON - timedelta(days=2),
    ),
]


def test_each_field_of_the_filter_in_url_sql_and_words(database: Database) -> None:
    rows = many(database)
    with database.read() as session:
        for fields, meant in FILTERS:
            wanted = RecordingFilter(**fields)
            assert RecordingFilter.from_query(wanted.to_query()) == wanted
            found = {row.id for row in query.page(session, wanted, NOW, limit=1000).rows}
            assert found == {row.id for row in rows if meant(row)}, fields
            for language in ("en", "es"):
                assert wanted.sentence(language).endswith(".")
        gone = query.page(session, RecordingFilter(deleted=True), NOW).rows
    assert [row.delete_reason for row in gone] == ["by mistake"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"state": "lost"}, {"missing": "dance"}, {"q": "!!!"}, {"q": "a " * 13}, {"list": "x"}, {"sort": "?"},
        {"transcript": "maybe"}, {"last": "soon"}, {"min_seconds": "-1"}, {"source": "gpt"},
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_and_a_page_goes_on_without_it(parameters: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError):
        RecordingFilter.from_query(parameters)
    found, problems = RecordingFilter.read_query({**parameters, "site": "Denver"})
    assert (found, len(problems)) == (RecordingFilter(sites=("Denver",)), 1)


@pytest.mark.parametrize(
    "cursor", ["x", "eyJhIjoxfQ", "WyJuZXdlc3QiLCBmYWxzZSwgIngiLCAxXQ", "W10", "WyJuZXdlc3QiLGZhbHNlLDEsTmFOXQ"]
)
def test_a_cursor_not_of_ours_is_refused(sqlite_database: Database, cursor: str) -> None:
    with pytest.raises(InvalidInputError), sqlite_database.read() as session:
        query.page(session, RecordingFilter(), NOW, cursor=cursor)


def test_the_place_is_shown_with_what_was_looked_for(database: Database) -> None:
    with database.write() as session:
        said = store(session, recording(1))
        told = store(session, recording(2), [("", "Nada de eso.")])
        wanted = RecordingFilter(text="FACTURA cobraron")
        found = search.snippets(session, [said.id, told.id], wanted.words)
    first = found[said.id][0]
    assert (first.source, first.ordinal, first.start_ms, first.speaker) == ("transcript", 1, 5000, "+573001234567")
    assert [piece.text for piece in first.pieces if piece.is_hit] == ["cobraron", "factura"]
    assert first.text == SAID[1][1]
    by_summary = found[told.id][0]
    assert (by_summary.source, by_summary.ordinal) == ("summary", 1)
    assert [piece.text for piece in by_summary.pieces if piece.is_hit] == ["Factura"]


def test_a_translation_can_be_found_and_what_was_said_no_longer_cannot(database: Database) -> None:
    with database.write() as session:
        row = store(session, recording(1))
        session.add(summary_row(row, summary("en", topics=("billing",), is_translation=True)))
        search.index(session, row.id)
        assert query.count(session, RecordingFilter(text="billing"), NOW) == 1
        assert query.count(session, RecordingFilter(text="inconveniente"), NOW) == 1
        cue = query.whole(session, row).cues[2]
        cue.text = "Reviso."
        search.index(session, row.id)
        assert query.count(session, RecordingFilter(text="inconveniente"), NOW) == 0
        words = session.scalars(select(RecordingWordRow.word)).all()
    assert len(words) == len(set(words))


def test_a_long_text_is_cut_between_words_around_the_hit() -> None:
    text = " ".join(f"palabra{number}" for number in range(80)) + " tarjeta " + "fin " * 80
    pieces = search.highlighted(text, ("tarj",), 120)
    shown = "".join(piece.text for piece in pieces)
    assert pieces[0].text == pieces[-1].text == "…"
    assert [piece.text for piece in pieces if piece.is_hit] == ["tarjeta"]
    assert len(shown) <= 122
    assert all(word in text.split() for word in shown.strip("…").split())
    assert search.highlighted("corto", ("x",)) == (search.Piece("corto", False),)
    hostile = search.highlighted("<b>tarjeta</b> **x**", ("tarjeta",))
    assert "".join(piece.text for piece in hostile) == "<b>tarjeta</b> **x**"


def test_figures_add_up(database: Database) -> None:
    rows = many(database)
    with database.read() as session:
        found = query.stats(session, RecordingFilter(), NOW)
        none = query.stats(session, RecordingFilter(states=("failed",)), NOW)
        offered = query.choices(session)
    assert found.total == len(rows) == sum(found.by_state.values())
    assert found.by_state["partial"] == len(rows) - found.with_transcript == len(rows) - found.with_summary
    assert found.by_language == {name: sum(row.language == name for row in rows) for name in ("en", "es")}
    assert found.mean_quality == pytest.approx(sum(row.quality for row in rows) / len(rows), abs=1e-4)
    assert found.storage_mb == pytest.approx(0.48 * len(rows))
    assert (none.total, none.mean_quality, none.storage_mb) == (0, None, 0.0)
    assert offered == {"sites": sorted(SITES), "languages": ["en", "es"]}


def test_one_by_its_number_or_webexs_id_with_all_that_is_known(database: Database) -> None:
    with database.write() as session:
        row = store(session, recording(1))
        gone = store(session, recording(2, deleted_at=NOON))
        session.add(summary_row(row, summary("en", is_translation=True)))
        stale = summary_row(row, summary("pt", is_translation=True))
        stale.transcript_hash = "of another transcript"
        session.add(stale)
        for reference in (row.id, str(row.id), uuid_of("recording 1"), uuid_of("recording 1").upper()):
            assert query.one(session, reference).id == row.id
        for wrong in ("", "0", "9" * 30, "x", str(gone.id)):
            with pytest.raises(NotFoundError):
                query.one(session, wrong)
        assert query.one(session, gone.id, with_deleted=True).id == gone.id
        whole = query.whole(session, row)
        assert [step.step for step in whole.steps][:2] == ["fetch_details", "fetch_metadata"]
        assert [cue.text for cue in whole.cues] == [text for _, text in SAID]
        assert sorted(whole.summaries) == ["en", "es"]
        assert whole.summary is not None
        assert whole.summary.language == "es"
        shown = whole.summary_in("en")
        assert shown is not None
        assert shown.is_translation


def test_those_of_a_call_by_its_id_in_any_spelling_else_by_the_half(database: Database) -> None:
    with database.write() as session:
        row = store(session, recording(1))
        nameless = store(session, recording(2, call_session_key="", call_session_id="", call_half_id="77:1"))
        store(session, recording(3, call_session_key="", call_half_id=""))
        for spelt in (uuid_of("call 1"), uuid_of("call 1").upper().replace("-", "")):
            assert [one.id for one in query.for_journey(session, [spelt, ""], ["77:1"])] == [row.id]
        assert [one.id for one in query.for_journey(session, ["another"], ["77:1", ""])] == [nameless.id]
        assert query.for_journey(session, [""], [""]) == []
