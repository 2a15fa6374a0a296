"""The kinds of report: every module of ``core/reports/kinds``. CONTRIBUTING.md says how to add one."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.errors import InvalidInputError, NotFoundError
from core.language import Language, translate
from core.reports.document import Content
from core.reports.scene import Scene
from core.services import Services
from core.store.storable import is_storable

FOLDER = Path(__file__).parent / "kinds"
MOST_VALUES = 50
LONGEST_VALUE = 200

Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Choice:
    """A value a parameter takes, and how people read it."""

    value: str
    label: str


@dataclass(frozen=True)
class Parameter:
    """Something a person may narrow a report down to; ``choices`` are offered, ``closed`` refuses any other value.

    It is called ``parameters.<name>`` in the texts of the report, or of all reports.
    """

    name: str
    choices: Callable[[Services, Language], Sequence[Choice]]
    closed: tuple[str, ...] = ()
    most: int = MOST_VALUES


def _nothing_further(_values: Values) -> None:
    """All that is asked of the parameters is said by themselves."""


@dataclass(frozen=True)
class Report:
    """One kind of report: what it takes, which rights its content asks for, and what makes it.

    ``needs`` gives the permissions for what the parameters ask; ``check`` refuses parameters that do not go
    together, with ``InvalidInputError``. ``order`` is its place in the list.
    """

    name: str
    order: int
    icon: str
    parameters: tuple[Parameter, ...]
    needs: Callable[[Values], tuple[str, ...]]
    make: Callable[[Scene], Content]
    check: Callable[[Values], None] = _nothing_further

    def title(self, language: Language) -> str:
        """What it is called."""
        return translate(f"report_{self.name}.title", language)

    def about(self, language: Language) -> str:
        """What it tells, in a sentence."""
        return translate(f"report_{self.name}.about", language)

    def checked(self, given: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
        """The parameters given, blank ones left out. Raises ``InvalidInputError`` for what cannot be meant."""
        known = {parameter.name: parameter for parameter in self.parameters}
        values: dict[str, tuple[str, ...]] = {}
        for name, listed in given.items():
            if name not in known:
                raise InvalidInputError(field=name[:40], problem="?")
            parts = tuple(dict.fromkeys(one.strip() for one in listed if one.strip()))
            if parts:
                values[name] = _each_usable(known[name], parts)
        self.check(values)
        return values


def _each_usable(parameter: Parameter, parts: tuple[str, ...]) -> tuple[str, ...]:
    if len(parts) > parameter.most:
        raise InvalidInputError(field=parameter.name, problem=f"> {parameter.most}")
    for part in parts:
        if len(part) > LONGEST_VALUE or not part.isprintable() or not is_storable(part):
            raise InvalidInputError(field=parameter.name, problem=part[:40])
        if parameter.closed and part not in parameter.closed:
            raise InvalidInputError(field=parameter.name, problem=part[:40])
    return parts


@cache
def reports() -> dict[str, Report]:
    """Every kind by its name, in the order people read them."""
    names = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
    found: list[Report] = [importlib.import_module(f"core.reports.kinds.{name}").REPORT for name in names]
    return {kind.name: kind for kind in sorted(found, key=lambda kind: (kind.order, kind.name))}


def report(name: str) -> Report:
    """One kind. Raises ``NotFoundError``."""
    found = reports().get(name)
    if found is None:
        raise NotFoundError(what=f"report {name[:40]}")
    return found
