"""The launcher's walk through the real consent flow."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.sandbox.connect import SandboxUnreachableError, connect_sandbox
from core.services import Services, open_services
from core.settings import load_settings
from core.webex import oauth
from tests.sandbox.conftest import RunningCloud


def services_for(port: int, folder: Path) -> Services:
    return open_services(load_settings({"data_dir": folder / "product", "sandbox_port": port}), SystemClock())


def test_the_launcher_connects_once(cloud: RunningCloud, tmp_path: Path) -> None:
    services = services_for(cloud.port, tmp_path)
    before = len(cloud.tenant.grants.listing())
    assert connect_sandbox(services)
    status = oauth.status(services)
    assert status.state == "connected"
    assert status.is_sandbox
    assert not connect_sandbox(services)
    assert len(cloud.tenant.grants.listing()) == before + 1
    services.database.close()


def test_a_restarted_cloud_needs_no_new_consent(start_cloud: Callable[..., RunningCloud], tmp_path: Path) -> None:
    first = start_cloud()
    services = services_for(first.port, tmp_path)
    connect_sandbox(services)
    token = oauth.access_token(services)
    first.stop()
    second = start_cloud()
    answer = second.http.get("/v1/people/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    services.database.close()


def test_a_cloud_that_does_not_run_is_named(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    services = services_for(port, tmp_path)
    with pytest.raises(SandboxUnreachableError) as caught:
        connect_sandbox(services)
    assert f"127.0.0.1:{port}" in caught.value.message()
    assert "core.sandbox" in caught.value.remedy("es")
    services.database.close()
