"""The doctor names which of connection, scope, role, "Prevent downloading" or delay keeps recordings silent."""

from datetime import datetime

from core.language import LANGUAGES
from core.recordings.doctor import findings
from tests.recordings.conftest import Recorder


def codes(recorder: Recorder) -> set[str]:
    found = findings(recorder.services)
    for finding in found:
        for language in LANGUAGES:
            assert finding.message(language)
            assert finding.level == "ok" or finding.remedy(language)
    return {finding.code for finding in found}


def test_each_reason_is_found(unheard: Recorder) -> None:
    assert codes(unheard) == {"recordings_compliance_missing"}
    unheard.cloud.control("faults", missing_scopes="spark-compliance:recordings_read")
    unheard.connect()
    assert codes(unheard) == {"recordings_compliance_scope"}


def test_role_prevention_and_delay_are_told_apart(recorder: Recorder) -> None:
    assert codes(recorder) == {"recordings_compliance", "recordings_downloads"}
    recorder.cloud.control("faults", compliance_role_missing=True)
    assert "recordings_compliance_role" in codes(recorder)
    recorder.cloud.control("faults", compliance_role_missing=False)
    kept = recorder.kept()
    recorder.trouble(kept[0]["id"], "prevented")
    assert "recordings_downloads" in codes(recorder), "one that may be downloaded is enough"
    for one in kept:
        recorder.trouble(one["id"], "prevented")
    assert "recordings_prevented" in codes(recorder)
    recorder.cloud.control("faults", missing_scopes="spark-admin:recordings_read spark-compliance:recordings_read")
    assert "recordings_list" in codes(recorder)


def test_the_newest_alone_may_just_be_young(recorder: Recorder) -> None:
    made = datetime.fromisoformat(recorder.kept()[-1]["created"])
    recorder.clock.step((made - recorder.clock.now()).total_seconds() + 30)
    assert "recordings_delay" in codes(recorder)
    recorder.clock.step(-120)
    assert "recordings_none" in codes(recorder)
