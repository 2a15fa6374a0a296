"""A recording leads to its call however the id is spelt, else by the half of the call, else to none."""

from datetime import timedelta

from sqlalchemy import select

from core.calls.ingest import store_records
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.recordings import listening
from core.recordings.call_link import report_of, reports_of
from core.recordings.cues import Cue
from core.recordings.late_evidence import CURSOR, link_late_records
from core.recordings.pipeline import Pass
from core.services import Services
from core.settings import Settings
from core.store.engine import Database
from core.store.models.alerts import AlertRow, EvidenceRow
from core.store.models.recordings import KeywordListRow
from core.store.models.webex import SyncCursor
from tests.calls.records import leg, uuid_of
from tests.conftest import NOON
from tests.recordings.rows import recording, store


def test_by_the_call_session_then_by_the_half(
    settings: Settings, clock: SteppedClock, sqlite_database: Database
) -> None:
    services = Services(settings, clock, sqlite_database, CallTable(settings.calls_path))
    at = NOON - timedelta(hours=3)
    own, other = uuid_of("call 1"), uuid_of("call 2")
    legs = [
        leg(1, start=at, Correlation_ID=own.upper(), Local_call_ID="11:0"),
        leg(2, start=at, Correlation_ID=other, Local_call_ID="22:0"),
    ]
    store_records(services, legs, source="import", origin="call_link.csv")
    by_session = recording(1, at=at, call_half_id="22:0")
    by_half = recording(9, at=at, call_half_id="22:0")
    nameless = recording(9, at=at, call_session_key="", call_half_id="")
    long_ago = recording(1, at=at - timedelta(days=9))
    found = [report_of(services.calls, row) for row in (by_session, by_half, nameless, long_ago)]
    assert found == [uuid_of("report 1"), uuid_of("report 2"), None, None]


def test_an_alert_over_words_rests_on_the_records_of_its_call(
    settings: Settings, clock: SteppedClock, sqlite_database: Database
) -> None:
    services = Services(settings, clock, sqlite_database, CallTable(settings.calls_path))
    at, call = NOON - timedelta(hours=3), uuid_of("call 1")
    legs = [leg(number, start=at + timedelta(seconds=number), Correlation_ID=call) for number in (1, 2)]
    store_records(services, legs, source="import", origin="call_link.csv")
    with services.database.write() as session:
        session.add(
            KeywordListRow(name="Legal", phrases=["demanda"], severity="high", changed_by="Grace", changed_at=NOON)
        )
        row = store(session, recording(1, at=at, owner_type="user", owner_id=uuid_of("ana")), [("Ana", "hola")])
    cues = [Cue(0, 900, "Ana", "Buenos días."), Cue(1000, 1900, "Luis", "Voy a poner una demanda mañana.")]
    write = listening.language(services, row, cues)
    with services.database.write() as session:
        write(session, session.merge(row))
    with services.database.read() as session:
        alert = session.scalars(select(AlertRow)).one()
        rests = session.scalars(select(EvidenceRow).order_by(EvidenceRow.started_at)).all()
    assert (
        [one.report_id for one in rests]
        == reports_of(services.calls, row)
        == [uuid_of("report 1"), uuid_of("report 2")]
    )
    assert rests[0].started_at == at + timedelta(seconds=1)
    assert (alert.explanation["recording_id"], alert.explanation["first_cue"]) == (row.id, 1)


def test_records_that_come_after_the_recording_are_linked_to_its_alert_once(
    settings: Settings, clock: SteppedClock, sqlite_database: Database
) -> None:
    services = Services(settings, clock, sqlite_database, CallTable(settings.calls_path))
    run = Pass(services, lambda _done, _total, _doing: None, lambda: False, lambda _session: None)
    at = NOON - timedelta(hours=3)
    with services.database.write() as session:
        session.add(
            KeywordListRow(name="Legal", phrases=["demanda"], severity="high", changed_by="Grace", changed_at=NOON)
        )
        row = store(session, recording(1, at=at, owner_type="user", owner_id=uuid_of("ana")), [("Ana", "hola")])
    write = listening.language(services, row, [Cue(0, 900, "Ana", "Voy a poner una demanda mañana.")])
    with services.database.write() as session:
        write(session, session.merge(row))
        before = dict(session.scalars(select(AlertRow)).one().explanation)

    def arrive(number: int) -> None:
        call = leg(number, start=at + timedelta(seconds=number), Correlation_ID=uuid_of("call 1"))
        store_records(services, [call], source="import", origin=f"late_{number}.csv")

    def evidence() -> list[str]:
        with services.database.read() as session:
            rests = session.scalars(select(EvidenceRow).order_by(EvidenceRow.started_at))
            return [one.report_id for one in rests]

    assert (link_late_records(run), evidence()) == (0, [])
    arrive(1)
    assert (link_late_records(run), link_late_records(run), evidence()) == (1, 0, [uuid_of("report 1")])
    arrive(2)
    assert (link_late_records(run), evidence()) == (1, [uuid_of("report 1"), uuid_of("report 2")])
    with services.database.write() as session:
        session.get_one(SyncCursor, CURSOR).detail = {}
    assert (link_late_records(run), len(evidence())) == (0, 2)
    with services.database.read() as session:
        alert = session.scalars(select(AlertRow)).one()
    assert (alert.evidence_count, alert.severity, alert.explanation) == (2, "high", before)
