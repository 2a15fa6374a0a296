"""One round of the job of reports in a process of its own, for tests that kill it."""

import sys
from pathlib import Path

from core.calls.table import CallTable
from core.clock import SystemClock
from core.services import Services
from core.settings import load_settings
from core.store.engine import Database
from jobs.make_reports import make_reports
from jobs.registry import JobContext

if __name__ == "__main__":
    address, folder = sys.argv[1:]
    settings = load_settings({"data_dir": Path(folder), "_env_file": None})
    services = Services(settings, SystemClock(), Database(address), CallTable(settings.calls_path))
    make_reports(JobContext(services))
