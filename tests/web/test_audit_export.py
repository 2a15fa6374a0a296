"""The audit as a file: what the filter leaves, harmless in a spreadsheet, and a trace of who took it."""

import csv
import io
from datetime import timedelta

import httpx

from core.store import audit
from tests.web.serving import Desk


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}"))))


def note(desk: Desk, *actions: str, actor: str = "nora") -> None:
    for action in actions:
        with desk.services.database.write() as session:
            audit.record(session, actor=actor, action=action, detail={"n": 1}, at=desk.clock.now())


def test_the_file_holds_what_the_filter_leaves_newest_first(desk: Desk) -> None:
    note(desk, "job.asked", "quarantine.discarded", "job.done")
    answer = desk.browser("admin").get("/exports/audit.csv", params={"actor": "nora", "action": "job"})
    assert answer.headers["content-disposition"].startswith('attachment; filename="audit-')
    assert [row["Action"] for row in rows_of(answer)] == ["job.done", "job.asked"]
    with desk.services.database.read() as session:
        (newest, *_) = audit.entries(session).entries
    assert newest.action == "audit.export"


def test_the_whole_audit_comes_however_long(desk: Desk) -> None:
    with desk.services.database.write() as session:
        for _ in range(1003):
            audit.record(session, actor="nora", action="job.asked", at=desk.clock.now())
    answer = desk.browser("admin").get("/exports/audit.csv", params={"actor": "nora"})
    assert len(rows_of(answer)) == 1003


def test_the_days_bound_the_file(desk: Desk) -> None:
    note(desk, "job.asked")
    later = (desk.clock.now() + timedelta(hours=1)).isoformat()
    answer = desk.browser("admin").get("/exports/audit.csv", params={"since": later})
    assert rows_of(answer) == []
    assert desk.browser("admin").get("/exports/audit.csv", params={"since": "noon"}).status_code == 422


def test_no_cell_becomes_a_formula(desk: Desk) -> None:
    note(desk, "job.asked", actor="=1+1")
    answer = desk.browser("admin").get("/exports/audit.csv", params={"actor": "=1+1"})
    assert rows_of(answer)[0]["Who"] == "'=1+1"


def test_only_an_administrator_gets_it(desk: Desk) -> None:
    assert desk.browser("supervisor").get("/exports/audit.csv").status_code == 403
    assert desk.browser().get("/exports/audit.csv", follow_redirects=False).status_code == 303
