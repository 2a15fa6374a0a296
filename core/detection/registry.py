"""The detectors: every pair ``detectors/<id>.py`` and ``<id>.yaml`` found in the folder. See docs/detectors.md."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from core.detection.finding import Finding, Parameters
from core.detection.observation import Observation
from core.detection.scene import Scene
from core.errors import InvalidInputError

FOLDER = Path(__file__).parent / "detectors"

Sight = Literal["dialled_out", "forwarded_out", "came_in", "inside"]
SIGHTS: tuple[Sight, ...] = get_args(Sight)
Look = Callable[[Observation, Scene, Parameters], Finding | None]


@dataclass(frozen=True)
class Parameter:
    """One number that an administrator may change within its bounds."""

    name: str
    default: float
    minimum: float
    maximum: float
    unit: str


@dataclass(frozen=True)
class Detector:
    """One detector: the function, and what its data file says about it (``about``, whole).

    ``looks_at`` names the kinds of leg it is shown; empty for detectors that read events or run by night. A
    ``second_net`` only speaks where nothing else spoke about the same user or site that day.
    """

    id: str
    version: int
    looks_at: tuple[Sight, ...]
    parameters: tuple[Parameter, ...]
    about: Mapping[str, Any]
    look: Look | None
    second_net: bool = False

    def defaults(self) -> dict[str, float]:
        """Each parameter's default."""
        return {parameter.name: parameter.default for parameter in self.parameters}

    def with_changes(self, changes: Mapping[str, float]) -> dict[str, float]:
        """The defaults with ``changes``. Raises ``InvalidInputError`` for an unknown name or a value out of bounds."""
        values = self.defaults()
        bounds = {parameter.name: parameter for parameter in self.parameters}
        for name, value in changes.items():
            parameter = bounds.get(name)
            if parameter is None or not parameter.minimum <= value <= parameter.maximum:
                raise InvalidInputError(field=f"{self.id}.{name}", problem=f"{value:g}")
            values[name] = float(value)
        return values


@cache
def detectors() -> tuple[Detector, ...]:
    """All detectors, by id."""
    return tuple(_load(path) for path in sorted(FOLDER.glob("*.yaml")))


def detector(detector_id: str) -> Detector:
    """One detector; raises ``InvalidInputError`` for an unknown id."""
    found = next((known for known in detectors() if known.id == detector_id), None)
    if found is None:
        raise InvalidInputError(field="detector", problem=detector_id)
    return found


def _load(path: Path) -> Detector:
    about = yaml.safe_load(path.read_text(encoding="utf-8"))
    module = importlib.import_module(f"core.detection.detectors.{path.stem}")
    return Detector(
        id=path.stem,
        version=int(about["version"]),
        looks_at=tuple(about["looks_at"]),
        parameters=tuple(
            Parameter(name, float(told["default"]), float(told["minimum"]), float(told["maximum"]), told["unit"])
            for name, told in about["parameters"].items()
        ),
        about=about,
        look=getattr(module, "look", None),
        second_net=bool(about.get("second_net", False)),
    )
