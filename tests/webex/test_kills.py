"""kill -9 between every two steps of the ingest, in real processes: no gap, no double."""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.store.crash_points import KILLED
from tests.conftest import PythonRunner
from tests.webex.feeding import end_call, stored_in
from tests.webex.scripted_cloud import RunningCloud, ScriptedCloud

STEPS = (
    "webex.window_planned",
    "webex.page_fetched",
    "calls.normalised",
    "calls.quarantined",
    "calls.files_written",
    "calls.committed",
    "calls.announced",
    "webex.page_stored",
    "webex.window_stored",
    "webex.cursor_written",
    "webex.cursor_moved",
)


def environment(cloud: ScriptedCloud, folder: Path) -> dict[str, str]:
    """The settings of DESIGN's command line: a token given by hand and no SECRET_KEY."""
    return {
        "SANDBOX": "0",
        "DATA_DIR": str(folder),
        "WEBEX_ACCESS_TOKEN": "by-hand-token",
        "WEBEX_API_URL": cloud.url,
        "WEBEX_ANALYTICS_URL": cloud.url,
        "ALLOW_INSECURE_ENDPOINTS": "1",
        "WEBEX_RATE_SCALE": "0.0001",
        "WEBEX_FEED_HISTORY_DAYS": "1",
    }


@pytest.mark.faults
def test_a_kill_between_any_two_steps_loses_and_doubles_nothing(tmp_path: Path, run_python: type[PythonRunner]) -> None:
    folder = tmp_path / "var"
    with RunningCloud(ScriptedCloud(page_size=2)) as cloud:
        now = SystemClock().now()
        expected = [end_call(cloud, number, now - timedelta(minutes=7 + 3 * number)) for number in range(30)]
        expected += [end_call(cloud, number, now - timedelta(hours=number - 27)) for number in range(30, 50)]
        for number, step in enumerate(STEPS):
            visit = 1 + number % 2
            run = run_python("-m", "jobs", "ingest", TOLLWATCH_CRASH_AT=f"{step}:{visit}", **environment(cloud, folder))
            code, output = run.finish()
            assert code == KILLED, f"{step}: {output}"
            found = stored_in(folder / "calls")
            assert len(found) == len(set(found)), f"doubles after {step}"
        code, output = run_python("-m", "jobs", "ingest", **environment(cloud, folder)).finish()
        assert code == 0, output
        code, output = run_python(
            "-m", "jobs", "ingest", "--since", f"{now - timedelta(hours=20):%Y-%m-%dT%H:%M:%SZ}",
            **environment(cloud, folder),
        ).finish()  # fmt: skip
        assert code == 0, output
        assert "new 0 " in output
        assert stored_in(folder / "calls") == sorted(expected)


@pytest.mark.faults
def test_a_real_kill_at_any_moment_loses_and_doubles_nothing(tmp_path: Path, run_python: type[PythonRunner]) -> None:
    folder = tmp_path / "var"
    with RunningCloud(ScriptedCloud(page_size=1)) as cloud:
        now = SystemClock().now()
        expected = [end_call(cloud, number, now - timedelta(minutes=4 + 9 * number)) for number in range(60)]
        for pages in (5, 25):
            run = run_python("-m", "jobs", "ingest", **environment(cloud, folder))
            seen, deadline = len(cloud.seen), time.monotonic() + 60
            while len(cloud.seen) < seen + pages:
                assert time.monotonic() < deadline
                assert run.process.poll() is None, run.finish()[1]
                time.sleep(0.005)
            os.kill(run.process.pid, signal.SIGKILL)
            run.finish()
        code, output = run_python("-m", "jobs", "ingest", **environment(cloud, folder)).finish()
        assert code == 0, output
        assert stored_in(folder / "calls") == sorted(expected)
