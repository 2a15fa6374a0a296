"""What the Webex tests share: a running scripted cloud and services that talk to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from core.calls.table import CallTable
from core.clock import Clock, SteppedClock
from core.services import Services
from core.settings import load_settings
from core.store.engine import Database
from core.webex import oauth
from tests.webex.scripted_cloud import RunningCloud, ScriptedCloud

SECRET_KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF"


@pytest.fixture
def cloud(clock: SteppedClock) -> Iterator[ScriptedCloud]:
    """A scripted cloud on the test's clock."""
    with RunningCloud(ScriptedCloud(clock=clock)) as running:
        yield running


def services_for(cloud: ScriptedCloud, database: Database, clock: Clock, folder: Path, **overrides: Any) -> Services:
    """Services of a real tenant whose cloud is the scripted one."""
    values: dict[str, Any] = {
        "sandbox": False,
        "data_dir": folder / "var",
        "secret_key": SECRET_KEY,
        "webex_api_url": cloud.url,
        "webex_analytics_url": cloud.url,
        "allow_insecure_endpoints": True,
        "webex_client_id": "client",
        "webex_client_secret": "client-credential-of-the-test",
        "webex_rate_scale": 0.0001,
        **overrides,
    }
    settings = load_settings(values)
    return Services(settings=settings, clock=clock, database=database, calls=CallTable(settings.calls_path))


@pytest.fixture
def by_hand(cloud: ScriptedCloud, sqlite_database: Database, clock: SteppedClock, tmp_path: Path) -> Services:
    """Services with a token given by hand."""
    return services_for(cloud, sqlite_database, clock, tmp_path, webex_access_token="by-hand-token")


@pytest.fixture
def services(cloud: ScriptedCloud, database: Database, clock: SteppedClock, tmp_path: Path) -> Services:
    """Services without a connection yet, on both kinds of database."""
    return services_for(cloud, database, clock, tmp_path)


def connect(services: Services, cloud: ScriptedCloud, *, browser: str = "browser", **finish: str) -> oauth.Connected:
    """Go through a consent as a browser would."""
    address = oauth.start_authorisation(services, actor="ana", browser=browser, next_path="/connections")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    cloud.codes["code-1"] = asked["code_challenge"]
    return oauth.finish_authorisation(
        services, **{"state": asked["state"], "code": "code-1", "browser": browser, "actor": "ana", **finish}
    )


@pytest.fixture
def small(cloud: ScriptedCloud, sqlite_database: Database, clock: SteppedClock, tmp_path: Path) -> Services:
    """A token given by hand and three days of history instead of thirty."""
    return services_for(
        cloud, sqlite_database, clock, tmp_path, webex_access_token="by-hand-token", webex_feed_history_days=3
    )
