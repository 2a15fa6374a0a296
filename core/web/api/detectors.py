"""Detectors for programs: what each looks for, how it is set, what it raised, and how right it was."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from core.detection import tuning
from core.detection.precision import DetectorRecord, records
from core.detection.registry import Detector, detectors
from core.detection.tuning import Tuning
from core.errors import InvalidInputError
from core.language import Language
from core.web.api.parameters import Opened
from core.web.identity import Caller, require
from core.web.paging import DEFAULT_LIMIT, CursorText, Limit, Paged, decode_cursor, encode_cursor

router = APIRouter(tags=["detection"])

Viewer = Annotated[Caller, Depends(require("alerts.view"))]
RECORD_DAYS = 30


class ParameterOut(BaseModel):
    """One number of a detector: as it comes, as it is set, and its bounds."""

    name: str
    default: float
    current: float
    minimum: float
    maximum: float
    unit: str


class DetectorOut(BaseModel):
    """One detector, texts in the caller's language; alerts and verdicts of the last 30 days."""

    id: str
    version: int
    name: str
    purpose: str
    false_positives: str
    runbook: str
    severity: str
    severity_cap: str | None
    enabled: bool
    mitre: list[str]
    gsma: list[str]
    parameters: list[ParameterOut]
    alerts: int
    open: int
    confirmed: int
    benign: int
    precision: float | None


class ChangeOut(BaseModel):
    """One change of a detector's tuning; `reverts` is the id of the change it takes back."""

    id: int
    detector: str
    at: datetime
    actor: str
    reason: str
    before: dict[str, object]
    after: dict[str, object]
    reverts: int | None


@router.get("/detectors")
def list_detectors(
    services: Opened, caller: Viewer, cursor: CursorText = None, limit: Limit = DEFAULT_LIMIT
) -> Paged[DetectorOut]:
    """Every detector, by id."""
    after = decode_cursor(cursor, str)[0] if cursor else ""
    since = services.clock.now() - timedelta(days=RECORD_DAYS)
    with services.database.read() as session:
        standing, found = tuning.tunings(session), records(session, since)
    known = [one for one in detectors() if one.id > after]
    items = [
        _shown(one, standing[one.id][0], found.get(one.id, DetectorRecord()), caller.language) for one in known[:limit]
    ]
    return Paged(items=items, next=encode_cursor(items[-1].id) if len(known) > limit else None)


@router.get("/detectors/changes")
def changes(
    services: Opened, _caller: Viewer, cursor: CursorText = None, limit: Limit = DEFAULT_LIMIT
) -> Paged[ChangeOut]:
    """Changes of the detectors' tuning, newest first."""
    before = decode_cursor(cursor, int)[0] if cursor else None
    if before is not None and before < 1:
        raise InvalidInputError(field="cursor", problem="unreadable")
    with services.database.read() as session:
        rows = tuning.history(session, before=before, limit=limit + 1)
    items = [ChangeOut(**{name: getattr(row, name) for name in ChangeOut.model_fields}) for row in rows[:limit]]
    return Paged(items=items, next=encode_cursor(items[-1].id) if len(rows) > limit else None)


def _shown(known: Detector, tuned: Tuning, record: DetectorRecord, language: Language) -> DetectorOut:
    about = known.about
    texts = {name: " ".join(str(about[name][language]).split()) for name in _TEXTS}
    parameters = [
        ParameterOut(**vars(parameter), current=tuned.parameters.get(parameter.name, parameter.default))
        for parameter in known.parameters
    ]
    return DetectorOut(
        id=known.id,
        version=known.version,
        severity=about["severity"],
        severity_cap=tuned.severity_cap,
        enabled=tuned.is_enabled,
        mitre=about["mitre"],
        gsma=about["gsma"],
        parameters=parameters,
        precision=record.precision,
        **vars(record),
        **texts,
    )


_TEXTS = ("name", "purpose", "false_positives", "runbook")
