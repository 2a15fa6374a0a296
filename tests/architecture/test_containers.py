"""The image and the compose file, as far as a machine without an engine can check them."""

import re
from pathlib import Path

import yaml

from core.settings import Settings
from jobs.__main__ import find_command

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
OUR_SERVICES = ("web", "sidecar")


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.MULTILINE)
    assert copied
    for path in copied:
        assert (ROOT / path).exists(), path
        assert f"!{path}" in ignored, path


def test_the_image_runs_as_nobody_special_and_installs_only_what_is_locked() -> None:
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert users
    assert users[-1] not in ("root", "0")
    assert "--require-hashes" in DOCKERFILE
    assert not re.search(r"(SECRET|PASSWORD|TOKEN)\w*=", DOCKERFILE)


def test_both_processes_run_commands_that_exist() -> None:
    for service in OUR_SERVICES:
        command = COMPOSE["services"][service]["command"]
        assert command[:3] == ["python", "-m", "jobs"]
        assert command[3:] == [] or find_command(command[3:])


def test_both_processes_share_state_and_are_confined() -> None:
    for service in OUR_SERVICES:
        settled = COMPOSE["services"][service]
        assert settled["read_only"] is True
        assert settled["cap_drop"] == ["ALL"]
        assert settled["volumes"] == ["calls:/data"]
        assert settled["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_settings_of_the_containers_are_settings_of_the_product() -> None:
    known = {name.upper() for name in Settings.model_fields} | {"HOST", "PORT"}
    for service in OUR_SERVICES:
        assert set(COMPOSE["services"][service]["environment"]) <= known


def test_only_the_web_process_is_reachable_from_outside() -> None:
    open_ports = {name: service.get("ports", []) for name, service in COMPOSE["services"].items()}
    assert open_ports.pop("web")
    assert all(port.startswith("127.0.0.1:") for ports in open_ports.values() for port in ports)


def test_no_password_is_written_down() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    for name, value in re.findall(r"(\w*PASSWORD\w*): (\S+)", text):
        assert value.startswith("${"), name
