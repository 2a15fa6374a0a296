"""The alert of tests that miss: one grows until somebody closes it, and a pass is noted."""

from core.alerts import explain, timeline, work
from core.alerts.work import Actor, Target
from core.language import LANGUAGES
from core.number_tests.vocabulary import ACTOR
from core.services import Services
from core.store.models.number_tests import NumberTestRow
from tests.number_tests.desk import NUMBER, add, alerts, answered, end, step, work_off


def test_misses_grow_one_alert_until_it_is_closed_and_a_pass_is_noted(on_file: Services) -> None:
    test_id = add(on_file)
    severities = []
    for _ in range(3):
        step(on_file, minutes=30)
        assert work_off(on_file)["dialled"] == 1
        end(on_file, status="no_answer", cause=19, detail="timeout")
        assert work_off(on_file) == {"missed": 1}
        assert work_off(on_file) == {}
        (alert,) = alerts(on_file)
        severities.append(alert.severity)
    assert severities == ["medium", "medium", "high"]
    assert (alert.alert_type, alert.entity_kind, alert.entity, alert.evidence_count) == (
        "number_test", "number", NUMBER, 3
    )  # fmt: skip
    assert alert.announced_at is not None
    assert alert.last_seen == on_file.clock.now()
    assert "3 times" in explain.written_explanation(alert, "en")
    assert all("{" not in explain.written_explanation(alert, language) for language in LANGUAGES)
    step(on_file, minutes=30)
    work_off(on_file)
    end(on_file, status="failed", detail="unobserved")
    assert work_off(on_file) == {"unobserved": 1}
    assert alerts(on_file)[0].evidence_count == 3
    miss_or_pass(on_file, is_miss=False)
    with on_file.database.read() as session:
        deed = timeline.entries(session, alert.id)[0]
        assert (deed.action, deed.actor, deed.detail) == ("recovered", ACTOR, {"misses": 3})
        assert session.get_one(NumberTestRow, test_id).misses_in_a_row == 0
    miss_or_pass(on_file)
    assert [row.evidence_count for row in alerts(on_file)] == [4], "it was still open"
    miss_or_pass(on_file, is_miss=False)
    with on_file.database.write() as session:
        work.close(session, Target(alert.id), Actor("ana", on_file.clock.now()), verdict="benign")
    miss_or_pass(on_file)
    assert [(row.evidence_count, row.is_open) for row in alerts(on_file)] == [(4, False), (1, True)]


def miss_or_pass(opened: Services, *, is_miss: bool = True) -> None:
    step(opened, minutes=30)
    work_off(opened)
    if is_miss:
        end(opened, status="busy", cause=17)
    else:
        answered(opened)
    work_off(opened)
