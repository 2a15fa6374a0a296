"""The Recordings page: the address holds filter and open recording; buttons ask for work; each role sees its own."""

from datetime import timedelta
from json import loads
from typing import Any

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element

from core.language import translate
from core.recordings import keyword_lists, query, work
from core.recordings.keyword_lists import ListContent
from core.services import Services
from core.store import audit, commands
from core.store.audit import AuditFilter
from core.store.models.recordings import KeywordHitRow, RecordingRow, TranscriptTranslationRow
from core.store.models.tickets import TicketRow
from core.webex.errors import RecordingsRightMissingError
from tests.calls.records import leg
from tests.pages.conftest import Browser, open_page, sign_in, texts_of
from tests.recordings.rows import recording, store

HOSTILE = "<img src=x onerror=alert(1)> **bold** [x](http://evil.example) $$y$$"


@pytest.fixture
def numbers(parts: Services) -> list[int]:
    """The numbers of three recordings: a whole one, one without transcript, one with hostile words."""
    now = parts.clock.now()
    with parts.database.write() as session:
        whole = store(session, recording(1, at=now))
        mute = recording(
            2, at=now, state="partial", cue_count=0, quality=0.3333, steps_done=2, summary_source="", language="",
            sentiment_label="", sentiment_score=None, audio_path="", transcript_source="",
            problem_step="transcript", problem_code="recording_no_transcript",
        )  # fmt: skip
        store(session, mute, (), failed="transcript", error_code="recording_no_transcript")
        hostile = recording(3, at=now, caller_name=HOSTILE, caller_number="")
        store(session, hostile, [(HOSTILE, f"{HOSTILE} secuestro")])
        return [whole.id, mute.id, hostile.id]


def link_labels(app: AppTest) -> list[str]:
    return [link.label for link in app.get("page_link") if isinstance(link, Element)]


@pytest.fixture
def analyst(parts: Services, browser: Browser) -> Services:
    sign_in(parts, browser, "analyst")
    return parts


def callers(app: AppTest) -> list[str]:
    return list(app.dataframe[0].value["length"])


def button(app: AppTest, key: str) -> bool:
    return any(one.key == key for one in app.button)


def last_command(parts: Services) -> dict[str, object]:
    with parts.database.read() as session:
        return dict(commands.recent(session)[0].arguments)


def test_the_list_shows_what_the_address_asks_for(analyst: Services, numbers: list[int]) -> None:
    app = open_page("recordings")
    assert not app.exception
    assert len(app.dataframe[0].value) == 3
    assert [metric.value for metric in app.metric[:4]] == ["3", "2", "2", "2"]
    assert len(open_page("recordings", state="partial").dataframe[0].value) == 1
    empty = open_page("recordings", site="Nowhere")
    assert translate("recordings_page.empty.no_match", "en") in texts_of(empty)


def test_a_search_shows_the_places_and_leads_to_them(analyst: Services, numbers: list[int]) -> None:
    app = open_page("recordings", q="cobraron doble")
    assert not app.dataframe
    assert any(":orange-background[cobraron]" in label for label in link_labels(app))
    app = open_page("recordings", q="secuestro")
    shown = next(label for label in link_labels(app) if "secuestro" in label)
    assert ":orange-background[secuestro]" in shown
    assert "\\<img" in shown
    assert "[x](" not in shown


def test_a_recording_of_the_address_opens_with_summary_steps_and_mood(analyst: Services, numbers: list[int]) -> None:
    app = open_page("recordings", recording=str(numbers[0]), state="partial")
    assert not app.exception
    shown = texts_of(app).replace("\\", "")
    assert "El cliente reclama un cobro doble." in shown
    assert "antes del viernes" in shown
    app.button(key="hear_claim_0").click().run()
    assert app.query_params["cue"] in ("1", ["1"])
    assert app.session_state["recording_jump"] == (1, 1)
    app.button(key="hear_claim_0").click().run()
    assert app.session_state["recording_jump"] == (2, 1)
    assert translate("errors.not_found.remedy", "en") in texts_of(open_page("recordings", recording="99999"))


def test_what_is_missing_is_said_with_its_remedy(analyst: Services, numbers: list[int]) -> None:
    app = open_page("recordings", recording=str(numbers[1]))
    assert not app.exception
    told = "\n".join(one.value for one in app.warning)
    assert translate("errors.recording_no_transcript.message", "en") in told
    assert translate("errors.recording_no_transcript.remedy", "en") in told
    assert translate("recordings_page.summary.none", "en") in texts_of(app)


def test_hostile_words_stay_words(analyst: Services, numbers: list[int]) -> None:
    app = open_page("recordings", recording=str(numbers[2]))
    assert not app.exception
    for element in (*app.markdown, *app.subheader, *app.caption):
        assert "<img" not in element.value.replace("\\<img", "")
        assert "](http" not in element.value.replace("\\", " ")


def test_work_is_asked_of_the_sidecar(analyst: Services, numbers: list[int]) -> None:
    app = open_page("recordings", recording=str(numbers[1]))
    app.button(key="one_reprocess_missing").click().run()
    assert last_command(analyst) == {"job": "recordings_processor", "ids": [numbers[1]]}
    app = open_page("recordings")
    app.number_input(key="fetch_hours").set_value(5)
    app.button(key="fetch_do").click().run()
    assert last_command(analyst) == {"job": "recordings_processor", "hours": 5, "limit": 100}
    assert translate("recordings_page.fetch.running", "en") in texts_of(app)


def test_a_translation_needs_a_key(analyst: Services, numbers: list[int]) -> None:
    app = open_page("recordings", recording=str(numbers[0]))
    assert not button(app, "summary_translate")
    assert not button(app, "transcript_translate")
    for part in ("summary", "transcript"):
        assert translate(f"recordings_page.translation.off_{part}", "en") in texts_of(app)


def keep_sound(parts: Services, number: int) -> None:
    with parts.database.read() as session:
        row = query.one(session, number)
    kept = parts.settings.data_dir / row.audio_path
    kept.parent.mkdir(parents=True)
    kept.write_bytes(bytes(row.audio_bytes))


def sound_offered(app: AppTest) -> tuple[str, str]:
    """The address that the player asks for the sound, and what it says instead."""
    player = next(
        one for one in app.get("bidi_component") if isinstance(one, Element) and "recording_player" in one.proto.id
    )
    shown = loads(player.proto.json)
    return shown["audio"], shown["why"]


def test_a_player_is_offered_only_where_the_sound_is(
    parts: Services, browser: Browser, analyst: Services, numbers: list[int]
) -> None:
    address = {"recording": str(numbers[0])}
    help_text = translate("recordings_page.player.help", "en")
    app = open_page("recordings", **address)
    assert sound_offered(app) == ("", translate("recordings_page.player.vanished", "en"))
    assert help_text not in texts_of(app)
    assert translate("recordings_page.mood.help", "en") in texts_of(app)
    keep_sound(analyst, numbers[0])
    app = open_page("recordings", **address)
    assert sound_offered(app) == (f"/api/v1/recordings/download/{numbers[0]}/audio?use=play", "")
    assert help_text in texts_of(app)
    assert translate("recordings_page.mood.hear", "en") in texts_of(app)
    with analyst.database.write() as session:
        work.delete(session, numbers[0], reason="duplicada", actor="admin", at=analyst.clock.now(), in_webex=False)
    sign_in(parts, browser, "admin")
    app = open_page("recordings", deleted="yes", **address)
    assert sound_offered(app) == ("", translate("recordings_page.player.deleted", "en"))
    assert help_text not in texts_of(app)


def test_what_was_said_is_read_as_it_was_said_unless_the_address_asks_for_a_translation(
    analyst: Services, numbers: list[int]
) -> None:
    with analyst.database.write() as session:
        row = query.one(session, numbers[0])
        session.add(
            TranscriptTranslationRow(
                recording_id=row.id, language="en", texts=["said"] * row.cue_count, is_whole=True,
                transcript_hash=row.transcript_hash, prompt_version="1", made_at=row.recorded_at,
            )
        )  # fmt: skip
    told = translate("recordings_page.player.translated", "en")
    assert told not in texts_of(open_page("recordings", recording=str(numbers[0]), said_in="fr"))
    app = open_page("recordings", recording=str(numbers[0]), said_in="en")
    assert not app.exception
    assert told in texts_of(app)
    assert not button(app, "transcript_translate")


def test_something_promised_becomes_a_ticket_once(analyst: Services, numbers: list[int]) -> None:
    app = open_page("recordings", recording=str(numbers[0]))
    app.button(key="ticket_20").click().run()
    assert not app.exception
    with analyst.database.read() as session:
        made = session.scalars(select(TicketRow)).all()
    assert [(one.title, one.source) for one in made] == [("Devolver la llamada", "recording")]
    assert not button(app, "ticket_20")


def test_each_role_may_do_its_own(parts: Services, browser: Browser, numbers: list[int]) -> None:
    keep_sound(parts, numbers[0])
    sign_in(parts, browser, "analyst")
    app = open_page("recordings", recording=str(numbers[0]))
    assert not [one for one in app.html if "use=download" in one.value]
    assert not button(app, "delete_do")
    assert not [one for one in open_page("recordings", view="keywords").segmented_control if one.key == "tab_view"]
    sign_in(parts, browser, "supervisor")
    app = open_page("recordings", recording=str(numbers[0]))
    assert [one for one in app.html if "use=download" in one.value]
    assert not button(app, "delete_do")


def test_deleting_is_for_administrators_and_needs_a_reason(
    parts: Services, browser: Browser, numbers: list[int]
) -> None:
    sign_in(parts, browser, "admin", "es")
    app = open_page("recordings", recording=str(numbers[0]))
    app.button(key="delete_do").click().run()
    assert app.error
    app.text_input(key="delete_reason").set_value("duplicada").run()
    app.button(key="delete_do").click().run()
    with parts.database.read() as session:
        row = session.get_one(RecordingRow, numbers[0])
        assert (row.delete_reason, row.deleted_in_webex_at) == ("duplicada", None)
        assert audit.entries(session, AuditFilter(action="recordings.delete")).entries
    assert len(open_page("recordings").dataframe[0].value) == 2
    app = open_page("recordings", recording=str(numbers[0]), deleted="yes")
    app.button(key="recording_restore").click().run()
    with parts.database.read() as session:
        assert query.one(session, numbers[0]).deleted_at is None
    sign_in(parts, browser, "analyst")
    assert len(open_page("recordings", deleted="yes").dataframe[0].value) == 3


def test_keyword_lists_are_kept_by_administrators(parts: Services, browser: Browser, numbers: list[int]) -> None:
    sign_in(parts, browser, "admin")
    app = open_page("recordings", view="keywords")
    assert translate("recordings_page.keywords.none", "en") in texts_of(app)
    app.text_input(key="keywords_new_name").set_value("Complaints")
    app.text_area(key="keywords_new_phrases").set_value("cobro doble\nreclamo\n\n")
    app.selectbox(key="keywords_new_severity").set_value("high")
    keep = translate("recordings_page.keywords.save", "en")
    next(one for one in app.form_submit_button if one.label == keep).click().run()
    assert not app.exception
    with parts.database.write() as session:
        row = keyword_lists.every(session)[0]
        assert (row.phrases, row.severity) == (["cobro doble", "reclamo"], "high")
        session.add(
            KeywordHitRow(list_id=row.id, recording_id=numbers[0], ordinal=1, phrase="reclamo", found_at=row.changed_at)
        )
        content = ListContent("Complaints", "es", ["reclamo"])
        keyword_lists.change(session, row.id, content, version=1, actor="ada", at=parts.clock.now())
    app.button(key=f"keywords_remove_{row.id}").click().run()
    assert app.error, "somebody changed the list in the meantime"
    assert len(open_page("recordings", list=str(row.id)).dataframe[0].value) == 1
    app = open_page("recordings", recording=str(numbers[0]))
    app.button(key="hear_hit_0").click().run()
    assert app.query_params["cue"] in ("1", ["1"])
    app = open_page("recordings", view="keywords")
    app.button(key=f"keywords_remove_{row.id}").click().run()
    with parts.database.read() as session:
        assert keyword_lists.every(session) == []


def test_a_call_leads_to_its_recording_and_back(analyst: Services) -> None:
    known = leg(3)
    with analyst.database.write() as session:
        key = known["Correlation ID"].replace("-", "")
        at = analyst.clock.now() - timedelta(minutes=43)
        number = store(session, recording(3, at=at, call_session_key=key)).id
    app = open_page("journey", call=known["Report ID"])
    assert not app.exception
    assert any("recordings" in link.page and str(number) in link.query_string for link in _links(app))
    app = open_page("recordings", recording=str(number))
    assert any("journey" in link.page and known["Report ID"] in link.query_string for link in _links(app))


def _links(app: AppTest) -> list[Any]:
    return [one.proto for one in app.get("page_link")]


def test_a_deletion_that_webex_refused_says_why_and_what_to_do(
    parts: Services, browser: Browser, numbers: list[int]
) -> None:
    with parts.database.write() as session:
        work.delete(session, numbers[0], reason="duplicada", actor="admin", at=parts.clock.now(), in_webex=True)
    sign_in(parts, browser, "admin")
    address = {"recording": str(numbers[0]), "deleted": "yes"}
    assert any("Webex is asked" in one.value for one in open_page("recordings", **address).caption)
    (claimed,) = commands.claim(parts.database, ["run_job"], parts.clock, 60)
    refusal = RecordingsRightMissingError(path="/convergedRecordings", scope="spark-admin:recordings_write", detail="")
    commands.fail(parts.database, claimed, refusal, parts.clock)
    (told,) = open_page("recordings", **address).warning
    assert "Connect again on the Connections page" in told.value
