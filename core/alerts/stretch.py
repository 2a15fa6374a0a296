"""Detection on request: a stretch of time judged anew, and one user's last weeks."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.alerts.receive import Received
from core.alerts.watching import no_fence, receive_all
from core.calls.engine import Legs, reading
from core.detection import live, tuning
from core.detection.engine import Engine
from core.detection.observation import COLUMNS, observations
from core.errors import InvalidInputError
from core.services import Services

LONGEST = timedelta(days=92)
_SECONDS_TO_READ = 600.0


def judge_stretch(services: Services, since: datetime, until: datetime) -> list[Received]:
    """Raise what detection finds between two aware instants, and missed so far; announces nothing.

    The weeks before teach. Raises ``InvalidInputError`` for a stretch that is empty or longer than ``LONGEST``.
    """
    if not since < until <= since + LONGEST:
        raise InvalidInputError(field="until", problem=until.isoformat())
    with services.database.read() as session:
        changes, policy = tuning.parameter_changes(session), tuning.policy(session)
        campaigns = tuning.campaigns(session)
    directory = live.stored_directory(services, campaigns)
    begin, end = since - live.MEMORY, until + live.LATEST_RECORD
    legs = Legs(services.calls.files(begin.date(), end.date()))
    with reading(_SECONDS_TO_READ) as reader:
        table = reader.table(f"SELECT {', '.join(COLUMNS)} FROM legs", legs)  # noqa: S608 - columns of our own
    drafts = Engine(directory, changes, policy=policy).feed(observations(table, directory))
    found = [one for one in drafts if since.timestamp() <= one.emitted_at < until.timestamp()]
    return receive_all(services, found, actor="detection", history_before=datetime.max.replace(tzinfo=UTC))


def analyse(
    services: Services,
    user: str,
    detectors: Collection[str] | None,
    *,
    actor: str,
    fence: Callable[[Session], None] = no_fence,
) -> dict[str, Any]:
    """Judge one user's last four weeks and raise what is found; who asked sees it, nobody else is told.

    Gives ``user`` and ``alerts`` with id, detector, severity and whether new. Raises ``NotFoundError`` for a user
    without calls.
    """
    drafts = live.analyse_user(services, user, detectors)
    received = receive_all(services, drafts, actor=actor, fence=fence, history_before=datetime.max.replace(tzinfo=UTC))
    return {
        "user": user,
        "alerts": [
            {"id": one.alert_id, "severity": one.severity, "is_new": one.is_new, "worsened": one.worsened}
            for one in received
        ],
    }
