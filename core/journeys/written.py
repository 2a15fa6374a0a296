"""A call as JSON: what the command, the API and the page's export write, with one spelling of the keys."""

from datetime import UTC, datetime
from typing import Any

from core.journeys.model import Gap, Journey, Ring, Stage
from core.journeys.route import route_text
from core.language import DEFAULT_LANGUAGE, Language


def journey_json(journey: Journey, language: Language = DEFAULT_LANGUAGE) -> dict[str, Any]:
    """The call as plain values; instants as ISO 8601 UTC, times in seconds, what is not known as ``None``.

    ``t_queue_1`` is always there; a call through more queues has ``t_queue_2`` and so on after it.
    """
    return {
        "journey_id": journey.journey_id,
        "correlation_ids": list(journey.correlation_ids),
        "report_ids": list(journey.report_ids),
        "started": iso(journey.started),
        "ended": iso(journey.ended),
        "direction": str(journey.direction),
        "caller": journey.caller.number or journey.caller.name or None,
        "caller_name": journey.caller.name or None,
        "called": journey.called.number or journey.called.name or None,
        "called_name": journey.called.name or None,
        "route": route_text(journey, language),
        "stages": [stage_json(stage) for stage in journey.stages],
        "t_aa": journey.t_aa,
        **_waits(journey),
        "t_agent": journey.t_agent,
        "ring_seconds": journey.ring_seconds,
        "talk_seconds": journey.talk_seconds,
        "hold_seconds": journey.hold_seconds,
        "final_party": journey.final.label or None,
        "final_party_number": journey.final.number or None,
        "final_party_uuid": journey.final.uuid or None,
        "result": str(journey.result),
        "overflowed": journey.overflowed,
        "released_by": str(journey.released_by),
        "rings": [ring_json(ring) for ring in journey.rings],
        "gaps": [gap_json(gap) for gap in journey.gaps],
        "cost": journey.cost,
    }


def stage_json(stage: Stage) -> dict[str, Any]:
    """One stage as plain values."""
    return {
        "kind": str(stage.kind),
        "name": stage.name or stage.number,
        "number": stage.number,
        "uuid": stage.uuid,
        "entered": iso(stage.entered),
        "left": iso(stage.left),
        "seconds": stage.seconds,
        "ring_seconds": stage.ring_seconds,
        "talk_seconds": stage.talk_seconds,
        "hold_seconds": stage.hold_seconds,
        "answered": stage.answered,
        "reason": str(stage.reason),
        "key": stage.key,
        "report_id": stage.report_id,
        "source": stage.source,
    }


def ring_json(ring: Ring) -> dict[str, Any]:
    """One phone that rang in vain, as plain values."""
    return {
        "name": ring.name,
        "number": ring.number,
        "uuid": ring.uuid,
        "at": iso(ring.at),
        "seconds": ring.seconds,
        "service": ring.service,
        "reason": str(ring.reason),
        "elsewhere": ring.elsewhere,
        "report_id": ring.report_id,
    }


def gap_json(gap: Gap) -> dict[str, Any]:
    """One missing record as plain values."""
    return {"kind": str(gap.kind), "call_id": gap.call_id, "report_id": gap.report_id, "at": iso(gap.at)}


def iso(at: datetime) -> str:
    """An instant as the records write it: UTC, milliseconds, ``Z``."""
    told = at if at.tzinfo is UTC else at.astimezone(UTC)
    return told.isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def _waits(journey: Journey) -> dict[str, float | None]:
    waits: dict[str, float | None] = {"t_queue_1": None}
    return waits | {f"t_queue_{number}": wait for number, wait in enumerate(journey.t_queues, start=1)}
