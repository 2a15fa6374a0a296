import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from core.clock import SteppedClock
from core.services import open_services
from core.settings import load_settings
from tests.web.serving import Desk, application, serving
from tests.webex.conftest import cloud

__all__ = ["cloud", "desk", "open_desk"]

OpenDesk = Callable[..., Desk]


@pytest.fixture
def open_desk(tmp_path: Path, clock: SteppedClock, migrated_file: Path) -> Iterator[OpenDesk]:
    """Starts a web process with the given settings; it stops with the test."""
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(migrated_file, folder / "state.db")
    with ExitStack() as stack:

        def start(**settings: Any) -> Desk:
            services = open_services(load_settings({"data_dir": folder, **settings}), clock)
            stack.callback(services.database.close)
            desk = Desk(stack.enter_context(serving(application(services))), services, clock)
            stack.callback(desk.close)
            return desk

        yield start


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    """A web process in the sandbox."""
    return open_desk()
