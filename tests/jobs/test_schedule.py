"""The list of jobs is whole, named in both languages, and each schedule can be read."""

from pathlib import Path

import pytest

from core.language import LANGUAGES, translate
from core.settings import Settings
from jobs.clock import trigger_of
from jobs.registry import Job
from jobs.schedule import JOBS, MODULES

FOLDER = Path(__file__).parents[2] / "jobs"


def test_every_file_that_declares_a_job_is_listed() -> None:
    declaring = {path.stem for path in FOLDER.glob("*.py") if "\n@job(" in path.read_text(encoding="utf-8")}
    assert declaring == {module.__name__.rpartition(".")[2] for module in MODULES}


def test_no_two_jobs_share_a_name() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS) >= 11


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_a_job_has_a_readable_schedule_and_a_name_in_both_languages(job: Job, settings: Settings) -> None:
    assert (trigger_of(job, settings) is None) == (job.cron is None and job.every_seconds is None)
    for language in LANGUAGES:
        assert translate(f"jobs_page.names.{job.name}", language)
        assert translate(f"jobs_page.about.{job.name}", language)
