"""Calling users as a file: what the filter leaves, harmless in a spreadsheet, and a trace of who took it."""

from core.store import audit
from core.store.models.detection import CallingUser
from tests.web.serving import Desk
from tests.web.test_audit_export import rows_of


def test_the_file_holds_what_the_filter_leaves_riskiest_first(desk: Desk) -> None:
    with desk.services.database.write() as session:
        for number in range(1003):
            session.add(CallingUser(uuid=f"u{number:04d}", name=f"User {number}", site="Bogotá"))
        now = desk.clock.now()
        risky = CallingUser(uuid="risky", name="=cmd()", number="+5712345", site="Bogotá", risk_sum=90, risk_at=now)
        session.add_all([risky, CallingUser(uuid="x", name="Other", site="Denver")])
    answer = desk.browser("analyst").get("/exports/users.csv", params={"site": "Bogotá"})
    rows = rows_of(answer)
    assert len(rows) == 1004
    assert (rows[0]["User"], rows[0]["Number"], rows[0]["Risk"]) == ("'=cmd()", "+5712345", "77.7")
    with desk.services.database.read() as session:
        entry = audit.entries(session).entries[0]
    assert (entry.action, entry.detail["users"]) == ("users.export", 1004)


def test_only_who_may_export_gets_it(desk: Desk) -> None:
    assert desk.program("operator").get("/exports/users.csv").status_code == 403
    assert desk.browser("analyst").get("/exports/users.csv?band=red").status_code == 422
