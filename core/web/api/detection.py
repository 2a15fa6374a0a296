"""Detection on request for programs: one user, some or all detectors."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from core.alerts.vocabulary import checked_type
from core.detection.registry import detector, detectors
from core.web.api.commands import CommandAccepted, IdempotencyKey, ask_for
from core.web.api.parameters import Opened
from core.web.identity import Caller, require

router = APIRouter(tags=["detection"])

Analyst = Annotated[Caller, Depends(require("detection.run"))]
JOB = "analyse_user"


class Analysis(BaseModel):
    """Whom to analyse, and by which detectors; none named means all."""

    model_config = ConfigDict(extra="forbid")

    user_id: str = Field(min_length=1, max_length=200, description="UUID of the user.")
    detection_types: Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=100)] = Field(
        [], description=f"Detector ids, such as {', '.join(known.id for known in detectors()[:4])}."
    )


@router.post("/detection/analyze", status_code=202)
def analyze(
    wanted: Analysis, services: Opened, caller: Analyst, idempotency_key: IdempotencyKey = None
) -> CommandAccepted:
    """Judge a user's last four weeks. The command's result, under `/commands/{command_id}`, names the alerts."""
    chosen = [detector(checked_type(name)).id for name in wanted.detection_types]
    arguments: dict[str, object] = {"user": wanted.user_id, "detectors": chosen, "requested_by": caller.actor}
    return ask_for(services, caller, JOB, arguments, idempotency_key)
