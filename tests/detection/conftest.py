"""A store with three ordinary weeks in it."""

from datetime import timedelta

import pytest

from core.calls.ingest import store_records
from core.clock import SteppedClock
from core.services import Services, open_services
from core.settings import Settings
from tests.detection.fixtures import BEGIN, routine

NIGHT = BEGIN + timedelta(days=20, hours=22)


@pytest.fixture
def services(settings: Settings) -> Services:
    """A store that holds three ordinary weeks, at the evening of the last day."""
    clock = SteppedClock(NIGHT)
    opened = open_services(settings, clock)
    store_records(opened, routine(20, ""), source="import", origin="weeks")
    return opened
