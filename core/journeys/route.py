"""The way of a call in one line: "SIP-Bogotá → Auto attendant (2) → Queue Ventas → Ext. 203"."""

import re
from dataclasses import dataclass
from functools import lru_cache

from core.journeys.model import Journey, Kind, Stage
from core.language import DEFAULT_LANGUAGE, Language, translate

ARROW = " → "
_EXTENSION = re.compile(r"\d{1,7}")
_NUMBERED = (Kind.USER, Kind.WORKSPACE)
_NAMED = (Kind.QUEUE, Kind.HUNT_GROUP, Kind.PAGING, Kind.CONTACT_CENTER, Kind.SERVICE)


@dataclass(frozen=True, slots=True)
class RouteNode:
    """One station of a route: ``kind`` is a stage's kind, or ``trunk`` or ``caller`` for where it began."""

    kind: str
    name: str = ""
    number: str = ""
    key: str = ""


def route_nodes(journey: Journey) -> tuple[RouteNode, ...]:
    """The stations of a call in order; consultations and supervisors are beside the way and left out."""
    nodes = [_origin(journey)]
    for stage in journey.stages:
        if stage.reason == "consult" or stage.kind is Kind.SUPERVISOR:
            continue
        node = RouteNode(str(stage.kind), stage.name, stage.number, stage.key)
        if node != nodes[-1]:
            nodes.append(node)
    return tuple(nodes)


def route_text(journey: Journey, language: Language = DEFAULT_LANGUAGE) -> str:
    """The stations joined by arrows, kinds named in ``language``."""
    return ARROW.join(node_text(node, language) for node in route_nodes(journey))


def node_text(node: RouteNode, language: Language = DEFAULT_LANGUAGE) -> str:
    """One station as a person reads it."""
    if node.kind == "trunk":
        return node.name
    if node.kind == "caller" or node.kind in _NUMBERED:
        return _person(node, language)
    label = _label(node.kind, language)
    if node.kind in (Kind.ATTENDANT, Kind.AI_RECEPTIONIST):
        return f"{label} ({node.key})" if node.key else label
    if node.kind in _NAMED:
        return f"{label} {node.name or node.number}".rstrip()
    return f"{label} {node.number}".rstrip() if node.kind in (Kind.EXTERNAL, Kind.CALLBACK) else label


def extension_of(number: str) -> str:
    """``number`` if it is an extension, else nothing."""
    return number if _EXTENSION.fullmatch(number) else ""


def stage_label(stage: Stage, language: Language = DEFAULT_LANGUAGE) -> str:
    """A stage as a person reads it, with the name where there is one."""
    named = stage.kind in (*_NUMBERED, Kind.SUPERVISOR)
    if named and stage.name:
        extension = extension_of(stage.number)
        return f"{stage.name} ({extension})" if extension else stage.name
    return node_text(RouteNode(str(stage.kind), stage.name, stage.number, stage.key), language)


def entry_label(journey: Journey) -> str:
    """Where a call came in: the trunk or network, else its direction."""
    return journey.entry or str(journey.direction)


def _origin(journey: Journey) -> RouteNode:
    if journey.entry:
        return RouteNode("trunk", journey.entry)
    return RouteNode("caller", journey.caller.name, journey.caller.number)


def _person(node: RouteNode, language: Language) -> str:
    extension = extension_of(node.number)
    if extension:
        return _extension_text(extension, language)
    return node.name or node.number or _label("unknown", language)


@lru_cache(maxsize=4096)
def _extension_text(number: str, language: Language) -> str:
    return translate("journeys.extension", language, number=number)


@lru_cache(maxsize=256)
def _label(kind: str, language: Language) -> str:
    return translate(f"journeys.kind.{kind}", language)
