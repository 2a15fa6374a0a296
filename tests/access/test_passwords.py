import time

import pytest

from core.access.errors import WeakPasswordError
from core.access.passwords import LONGEST, hash_password, nobodys_hash, verify_password
from tests.access.conftest import PASSWORD


@pytest.mark.parametrize(
    "password",
    ["", "short", "elevenchars", "aaaaaaaaaaaaaaaa", "abababababababab", "my-name-is-ana.perez", "x" * (LONGEST + 1)],
)
def test_easy_passwords_are_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        hash_password(password, "ana.perez")


def test_a_password_fits_its_own_hash_alone(known_hash: str) -> None:
    assert known_hash.startswith("$argon2id$")
    assert PASSWORD not in known_hash
    assert verify_password(PASSWORD, known_hash)
    assert not verify_password(PASSWORD + "!", known_hash)


@pytest.mark.parametrize("stored", ["", "plain text", "$argon2id$v=19$broken"])
def test_a_damaged_hash_lets_nobody_in(stored: str) -> None:
    assert not verify_password(PASSWORD, stored)


def test_an_account_without_password_lets_nobody_in() -> None:
    assert not verify_password("no account has this password", None)


def test_an_unknown_account_costs_as_much_as_a_wrong_password(known_hash: str) -> None:
    nobodys_hash()

    def cost(stored: str | None) -> float:
        took = []
        for _ in range(3):
            started = time.thread_time()
            verify_password("wrong password", stored)
            took.append(time.thread_time() - started)
        return min(took)

    with_account, without_account = cost(known_hash), cost(None)
    assert without_account > 0.4 * with_account
    assert with_account > 0.4 * without_account
