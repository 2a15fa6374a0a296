"""Both stores are copied together and come back together."""

import argparse
from pathlib import Path

import pytest
from sqlalchemy import select

from core.calls.ingest import store_records
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.services import Services, open_services
from core.settings import load_settings
from core.store.engine import Database
from core.store.models.operations import DataVersion
from jobs import backup, restore_check
from jobs.registry import JobContext
from tests.calls.records import leg


@pytest.fixture
def services(tmp_path: Path, clock: SteppedClock) -> Services:
    opened = open_services(load_settings({"data_dir": tmp_path / "var", "backup_calls_keep": 2}), clock)
    store_records(opened, [leg(number) for number in range(5)], source="import", origin="test")
    return opened


def data_versions(database: Database) -> list[tuple[str, int]]:
    with database.read() as session:
        return [(row.name, row.number) for row in session.scalars(select(DataVersion).order_by(DataVersion.name))]


def restore(services: Services, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    restore_check.add_arguments(parser)
    return restore_check.run(services, parser.parse_args(list(arguments)))


def test_the_nightly_copies_come_back_as_they_were(
    services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = backup.back_up(JobContext(services))
    assert told["legs"] == 5
    folder = services.settings.data_dir / "backups"
    assert restore(services) == 0
    shown = capsys.readouterr().out
    assert str(told["file"]) in shown
    assert str(told["calls_file"]) in shown
    restore(services, str(folder / told["calls_file"]), "--into", str(tmp_path / "back" / "calls"))
    restore(services, str(folder / told["file"]), "--into", f"sqlite:///{tmp_path / 'back' / 'state.db'}")
    assert CallTable(tmp_path / "back" / "calls").version() == services.calls.version()
    back = Database(f"sqlite:///{tmp_path / 'back' / 'state.db'}")
    assert data_versions(back) == data_versions(services.database) != []


def test_copies_of_the_calls_can_be_left_out(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    without = Services(
        load_settings({"data_dir": services.settings.data_dir, "backup_calls_keep": 0}),
        services.clock,
        services.database,
        services.calls,
    )
    assert backup.run(without, argparse.Namespace()) == 0
    assert "calls-" not in capsys.readouterr().out
