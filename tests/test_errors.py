"""Every error has a message and a remedy in both languages, whichever file defines it."""

import importlib
import pkgutil

import core
import jobs
from core.errors import TollwatchError
from core.language import LANGUAGES, catalogue


def all_errors() -> set[type[TollwatchError]]:
    for package in (core, jobs):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if ".ui" not in module.name and "migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found: set[type[TollwatchError]] = set()
    waiting: list[type[TollwatchError]] = [TollwatchError]
    while waiting:
        kind = waiting.pop()
        found.add(kind)
        waiting.extend(kind.__subclasses__())
    return {kind for kind in found if kind.__module__.startswith(("core", "jobs"))}


def test_each_error_says_what_happened_and_what_to_do_in_both_languages() -> None:
    missing = [
        f"{kind.__name__}: errors.{kind.code}.{part} ({language})"
        for kind in all_errors()
        for part in ("message", "remedy")
        for language in LANGUAGES
        if not catalogue().get(f"errors.{kind.code}.{part}", {}).get(language)
    ]
    assert missing == []


def test_codes_are_not_shared_by_unrelated_errors() -> None:
    by_code: dict[str, set[type[TollwatchError]]] = {}
    for kind in all_errors():
        by_code.setdefault(kind.code, set()).add(kind)
    shared = {
        code: sorted(kind.__name__ for kind in kinds)
        for code, kinds in by_code.items()
        if len(kinds) > 1 and not _is_one_family(kinds)
    }
    assert shared == {}


def _is_one_family(kinds: set[type[TollwatchError]]) -> bool:
    return any(all(issubclass(kind, root) for kind in kinds) for root in kinds)
