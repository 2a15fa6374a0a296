"""Parameters that several capabilities' routes take."""

from typing import Annotated

from fastapi import Depends, Path

from core.services import Services
from core.web.services import services_of

LARGEST_ID = 2**63 - 1
"""Of a BIGINT; a larger number would fail in the database instead of being refused here."""

Identifier = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Opened = Annotated[Services, Depends(services_of)]
