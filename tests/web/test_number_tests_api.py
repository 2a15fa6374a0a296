"""Scheduled tests for programs: the tests with their last result, results page by page, and who may see them."""

from dataclasses import replace
from datetime import timedelta

from core.number_tests import book
from core.number_tests.definition import NumberTest
from core.store.models.number_tests import NumberTestRunRow
from tests.web.serving import Desk

TEST = NumberTest("Main line", "+576015550133", time_zone="America/Bogota")


def test_tests_and_their_results_are_listed_for_who_may_see_calls(desk: Desk) -> None:
    now = desk.clock.now()
    with desk.services.database.write() as session:
        first = book.add(session, TEST, actor="admin", at=now)
        paused = book.add(session, replace(TEST, name="Old line"), actor="admin", at=now)
        book.pause(session, paused, is_paused=True, actor="admin", at=now)
        for number in range(3):
            told = {"number": TEST.number, "expects": "answers", "within_seconds": 20, "asked_by": "", "began_at": now}
            slot = now + timedelta(minutes=number)
            facts = {"seconds": 31.5, "within": 20}
            session.add(
                NumberTestRunRow(
                    test_id=first, slot=slot, outcome="missed", reason="answered_late", facts=facts, **told
                )
            )
    program = desk.program("analyst", "dialer.view")
    items = program.get("/api/v1/number-tests").json()["items"]
    assert [(item["name"], item["is_enabled"], item["next_at"] is None) for item in items] == [
        ("Main line", True, False), ("Old line", False, True)
    ]  # fmt: skip
    assert items[0]["last_result"]["message"] == "Answered only after 31.5 s; 20 s were allowed."
    page = program.get(f"/api/v1/number-tests/{first}/results?limit=2").json()
    rest = program.get(f"/api/v1/number-tests/{first}/results", params={"cursor": page["next"]}).json()
    slots = [item["slot"] for item in [*page["items"], *rest["items"]]]
    assert (len(page["items"]), len(slots), slots) == (2, 3, sorted(slots, reverse=True))
    assert program.get("/api/v1/number-tests/999/results").status_code == 404
    assert desk.program("analyst", "calls.view").get("/api/v1/number-tests").status_code == 403
