"""An admin's words are heard whatever their case and accents, and raise alerts of the list's own severity."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core.alerts import work
from core.alerts.evidence import verdicts
from core.alerts.explain import written_explanation
from core.alerts.receive import receive_drafts
from core.alerts.work import Actor, Target
from core.clock import SteppedClock
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.recordings import keyword_lists
from core.recordings.cues import Cue
from core.recordings.keyword_lists import ListContent
from core.recordings.keywords import KeywordList, RecordingOwner, drafts, hits
from core.store.engine import Database
from core.store.models.alerts import AlertRow
from tests.alerts.drafts import draft, legs
from tests.conftest import NOON

LEGAL = KeywordList(1, "Legal", "es", ("superintendencia", "acción legal"), "high")
QUIET = KeywordList(2, "Quiet", "any", ("refund", "abogado"))
CUES = [
    Cue(0, 900, "Ana", "Voy a la SUPERINTENDENCIA, mi Abogado ya sabe."),
    Cue(1000, 1900, "Ana", "Será una accion,"),
    Cue(2000, 2900, "Luis", "¿Legal? La superintendencias no existen; refunds tampoco."),
]
OWNER = RecordingOwner(7, "user", "u-ana", "Ana Núñez", "Bogotá", datetime(2026, 11, 20, 17, tzinfo=UTC))


def test_terms_are_whole_words_in_any_case_and_phrases_go_over_cues() -> None:
    found = hits([LEGAL, QUIET], CUES, "es")
    assert [(hit.list_id, hit.term, hit.cue) for hit in found] == [
        (1, "superintendencia", 0),
        (2, "abogado", 0),
        (1, "acción legal", 1),
    ]
    assert (found[0].quote, found[0].speaker, found[2].start_ms) == ("SUPERINTENDENCIA", "Ana", 1000)


def test_lists_listen_to_their_own_language_alone() -> None:
    assert {hit.list_id for hit in hits([LEGAL, QUIET], CUES, "en")} == {2}
    assert hits([KeywordList(3, "empty", "any", ("", "...", "(")), KeywordList(4, "none", "any", ())], CUES, "es") == []


def test_a_list_with_a_severity_raises_one_alert_a_recording(sqlite_database: Database, clock: SteppedClock) -> None:
    found = hits([LEGAL, QUIET], CUES, "es")
    for _ in range(2):
        with sqlite_database.write() as session:
            receive_drafts(session, drafts([LEGAL, QUIET], found, OWNER), at=clock.now())
    with sqlite_database.read() as session:
        [alert] = session.scalars(select(AlertRow)).all()
        told = {language: written_explanation(alert, language) for language in ("en", "es")}
    assert (alert.severity, alert.entity, alert.alert_type) == ("high", "u-ana", "recording_keyword")
    assert alert.explanation["terms"] == ["superintendencia", "acción legal"]
    assert "Words listened for" in told["en"]
    assert "Palabras vigiladas" in told["es"]


def test_words_are_never_the_same_abuse_as_an_alert_over_the_records_of_their_call(
    sqlite_database: Database, clock: SteppedClock
) -> None:
    owner = replace(OWNER, report_ids=("r1",))
    other = replace(LEGAL, id=3, severity="low")
    found = hits([LEGAL, other], CUES, "es")
    dialled = [draft(key, who="u-ana", evidence=("r1",)) for key in ("before", "after")]
    with sqlite_database.write() as session:
        spoken = drafts([LEGAL, other], found, owner)
        each = (dialled[0], *spoken, dialled[1])
        received = [receive_drafts(session, [one], at=clock.now(), legs=legs("r1"))[0] for one in each]
        work.close(session, Target(received[1].alert_id), Actor("grace@example", NOON), verdict="benign")
    assert [one.is_new for one in received] == [True, True, True, False]
    assert received[3].alert_id == received[0].alert_id
    with sqlite_database.read() as session:
        assert verdicts(session, (NOON - timedelta(days=9)).date()) == {}


def test_lists_are_made_changed_and_removed_and_a_stale_change_is_refused(
    sqlite_database: Database, clock: SteppedClock
) -> None:
    content = ListContent(" Legal\u202e ", "es", ["Acción legal", "acción legal", "Acción legal", " "], "high")
    with sqlite_database.write() as session:
        made = keyword_lists.create(session, content, actor="grace", at=clock.now())
    with sqlite_database.read() as session:
        [row] = keyword_lists.every(session)
        assert (row.name, row.phrases) == ("Legal", ["Acción legal", "acción legal"])
    with sqlite_database.write() as session:
        keyword_lists.change(session, made, content, version=1, actor="grace", at=clock.now())
    with pytest.raises(ConflictError), sqlite_database.write() as session:
        keyword_lists.change(session, made, content, version=1, actor="eve", at=clock.now())
    with sqlite_database.write() as session:
        keyword_lists.remove(session, made, version=2, actor="grace", at=clock.now())
    with pytest.raises(NotFoundError), sqlite_database.write() as session:
        keyword_lists.remove(session, made, version=2, actor="grace", at=clock.now())


@pytest.mark.parametrize(
    "wrong",
    [
        ListContent("", "es", ["a"]),
        ListContent("n" * 121, "es", ["a"]),
        ListContent("n", "fr", ["a"]),
        ListContent("n", "es", []),
        ListContent("n", "es", ["..."]),
        ListContent("n", "es", ["a" * 101]),
        ListContent("n", "es", ["a"], "grave"),
        ListContent("Taken", "es", ["a"]),
    ],
)
def test_what_makes_no_list_is_refused(sqlite_database: Database, clock: SteppedClock, wrong: ListContent) -> None:
    with sqlite_database.write() as session:
        keyword_lists.create(session, ListContent("Taken", "", ["x"]), actor="grace", at=clock.now())
    with pytest.raises(InvalidInputError), sqlite_database.write() as session:
        keyword_lists.create(session, wrong, actor="grace", at=clock.now())
