"""Settings: where they come from, what is refused at start, and that each is documented."""

import re
from pathlib import Path
from typing import Any

import pytest

from core.errors import SettingsError
from core.settings import Settings, insecure_endpoints, is_webex_address, load_settings

ROOT = Path(__file__).parent.parent
GOOD_KEY = "q8Zr1vN6bT3xW9mK2pL7sD4fG5hJ0cYe"


def test_the_sandbox_needs_nothing() -> None:
    assert load_settings().sandbox is True


def test_the_environment_fills_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBEX_RATE_SCALE", "0.5")
    assert load_settings().webex_rate_scale == 0.5


def test_a_secret_can_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text(GOOD_KEY + "\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(secret))
    assert load_settings({"sandbox": False}).secret_key.get_secret_value() == GOOD_KEY


def test_a_secret_file_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="SECRET_KEY_FILE"):
        load_settings()


@pytest.mark.parametrize("name", sorted(name for name in Settings.model_fields if "secret" in name or "token" in name))
def test_no_secret_shows_when_settings_are_printed(name: str) -> None:
    given: dict[str, Any] = {name: "correct-horse-battery-staple-77"}
    assert "battery" not in repr(Settings(**given))


@pytest.mark.parametrize(
    ("name", "value"),
    [("webex_rate_scale", "0"), ("webex_page_size", "9000"), ("webex_feed_window_hours", "13"), ("log_level", "loud")],
)
def test_a_value_out_of_bounds_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name.upper()):
        load_settings({name: value})


@pytest.mark.parametrize(
    "key", ["short", "changeme-changeme-changeme-changeme", "a" * 40, "your-secret-key-goes-here-please-ok"]
)
def test_placeholder_and_short_keys_are_refused_outside_the_sandbox(key: str) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        load_settings({"sandbox": False, "secret_key": key})


def test_a_placeholder_client_secret_is_refused() -> None:
    with pytest.raises(SettingsError, match="WEBEX_CLIENT_SECRET"):
        load_settings({"sandbox": False, "secret_key": GOOD_KEY, "webex_client_secret": "changeme"})


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://webexapis.com/v1", True),
        ("https://analytics-calling-eu.webexapis.com/v1", True),
        ("http://webexapis.com/v1", False),
        ("https://webexapis.com.evil.example/v1", False),
        ("https://evilwebexapis.com/v1", False),
        ("https://user@evil.example/webexapis.com", False),
        ("http://127.0.0.1:9000/v1", False),
    ],
)
def test_only_https_on_webexapis_com_may_receive_a_token(address: str, allowed: bool) -> None:
    assert is_webex_address(address) is allowed


def test_an_insecure_endpoint_needs_to_be_allowed_by_name() -> None:
    values = {"sandbox": False, "secret_key": GOOD_KEY, "webex_api_url": "http://127.0.0.1:9/v1"}
    with pytest.raises(SettingsError, match="ALLOW_INSECURE_ENDPOINTS"):
        load_settings(values)
    allowed = load_settings({**values, "allow_insecure_endpoints": True})
    assert insecure_endpoints(allowed) == ["http://127.0.0.1:9/v1"]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgresql_addresses_get_their_driver(scheme: str) -> None:
    settings = load_settings({"database_url": f"{scheme}://u:p@h/d"})
    assert settings.database == "postgresql+psycopg://u:p@h/d"


def test_the_example_file_explains_every_setting_and_no_other() -> None:
    named = set(re.findall(r"^#?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert named == {name.upper() for name in Settings.model_fields}


def test_the_example_file_shows_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    from_example = Settings(_env_file=ROOT / ".env.example")
    assert from_example.model_dump() == Settings(_env_file=None).model_dump()
