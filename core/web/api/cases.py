"""Cases for programs: the alerts of one entity within a day, as one thing."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from core.alerts import cases
from core.web.api.alert_shapes import CaseOut, OneCase, alert_out, case_fields
from core.web.api.parameters import Opened
from core.web.identity import Caller, require
from core.web.paging import DEFAULT_LIMIT, CursorText, Limit, Paged, decode_cursor, encode_cursor

router = APIRouter(tags=["alerts"])

Viewer = Annotated[Caller, Depends(require("alerts.view"))]
Reference = Annotated[str, Path(max_length=20, description="Number or readable id, such as `17` or `C-7KQ2MZ4P`.")]


@router.get("/cases")
def all_cases(
    services: Opened,
    _caller: Viewer,
    closed: Annotated[bool, Query(description="Closed cases too.")] = False,
    cursor: CursorText = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Paged[CaseOut]:
    """Cases, the newest sign first."""
    before = decode_cursor(cursor, int)[0] if cursor else None
    with services.database.read() as session:
        found = cases.listed(session, only_open=not closed, limit=limit + 1, before=before)
    shown = found[:limit]
    following = encode_cursor(shown[-1].id) if len(found) > limit else None
    return Paged(items=[CaseOut(**case_fields(row)) for row in shown], next=following)


@router.get("/cases/{reference}")
def one_case(reference: Reference, services: Opened, caller: Viewer) -> OneCase:
    """One case with its alerts."""
    with services.database.read() as session:
        row = cases.one(session, reference)
        items = [alert_out(alert, caller.language) for alert in cases.alerts_of(session, row.id)]
    return OneCase(**case_fields(row), items=items)
