"""Secrets at rest, signed links, the sandbox's own key."""

import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import SteppedClock
from core.errors import PermanentError, SettingsError
from core.settings import Settings, load_settings
from core.store.encryption import (
    KEY_FILE,
    LinkExpiredError,
    LinkInvalidError,
    SecretUnreadableError,
    Vault,
    derive_key,
    secret_key,
)
from tests.conftest import NOON

OLD = "an-old-key-of-more-than-thirty-two-letters-91"
NEW = "a-new-key-of-more-than-thirty-two-letters-728"


def vault(tmp_path: Path, key: str, previous: str = "", clock: SteppedClock | None = None) -> Vault:
    settings = load_settings({"data_dir": tmp_path, "secret_key": key, "secret_key_previous": previous})
    return Vault(settings, clock or SteppedClock(NOON))


def test_what_is_encrypted_comes_back_and_does_not_show(tmp_path: Path) -> None:
    stored = vault(tmp_path, NEW).encrypt("refresh-token-ñ")
    assert "refresh" not in stored
    assert vault(tmp_path, NEW).decrypt(stored) == "refresh-token-ñ"


def test_a_former_key_still_opens_and_rotation_leaves_it_behind(tmp_path: Path) -> None:
    stored = vault(tmp_path, OLD).encrypt("token")
    both = vault(tmp_path, NEW, previous=f"{OLD}, something-else-entirely")
    assert both.decrypt(stored) == "token"
    rotated = both.rotate(stored)
    assert vault(tmp_path, NEW).decrypt(rotated) == "token"
    with pytest.raises(SecretUnreadableError):
        vault(tmp_path, OLD).decrypt(rotated)


@pytest.mark.parametrize("stored", ["", "not a token", "gAAAAA", "ñ"])
def test_an_unreadable_secret_says_to_connect_again(tmp_path: Path, stored: str) -> None:
    with pytest.raises(PermanentError) as caught:
        vault(tmp_path, NEW).decrypt(stored)
    assert "connect again" in caught.value.remedy("en")
    assert "vuelva a conectar" in caught.value.remedy("es")


def test_a_link_opens_for_its_purpose_until_it_expires(tmp_path: Path) -> None:
    clock = SteppedClock(NOON)
    opened = vault(tmp_path, NEW, clock=clock)
    link = opened.sign({"export": 7}, purpose="export", max_age=timedelta(minutes=5))
    assert link.replace("-", "").replace("_", "").isalnum()
    assert opened.open_signed(link, purpose="export") == {"export": 7}
    with pytest.raises(LinkInvalidError):
        opened.open_signed(link, purpose="set up")
    clock.step(299)
    assert opened.open_signed(link, purpose="export") == {"export": 7}
    clock.step(1)
    with pytest.raises(LinkExpiredError):
        opened.open_signed(link, purpose="export")


def test_a_link_is_not_a_stored_secret_and_a_changed_one_is_refused(tmp_path: Path) -> None:
    opened = vault(tmp_path, NEW)
    link = opened.sign({"user": 1}, purpose="export", max_age=timedelta(minutes=5))
    middle = len(link) // 2
    changed = link[:middle] + ("A" if link[middle] != "A" else "B") + link[middle + 1 :]
    for odd in (changed, link[:-4], "", "ñ" * 20, "A" * 9000, opened.encrypt('{"exp": 99999999999}')):
        with pytest.raises(LinkInvalidError):
            opened.open_signed(odd, purpose="export")
    with pytest.raises(SecretUnreadableError):
        opened.decrypt(link)


def test_keys_of_different_purposes_differ() -> None:
    assert len({derive_key(NEW, "a"), derive_key(NEW, "b"), derive_key(OLD, "a")}) == 3


def test_the_sandbox_makes_its_key_once_and_keeps_it_private(settings: Settings) -> None:
    found: set[str] = set()
    threads = [threading.Thread(target=lambda: found.add(secret_key(settings))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert len(found.pop()) >= 64
    path = settings.data_dir / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in settings.data_dir.iterdir()] == [KEY_FILE]


def test_outside_the_sandbox_an_empty_key_is_refused(settings: Settings) -> None:
    with pytest.raises(SettingsError):
        Vault(settings.model_copy(update={"sandbox": False}))
