"""Making the reports that wait: the files first, then "made" and the mail in one transaction.

A maker may die between any two steps. Before the last transaction the report is made again under the same id and its
files replace each other; after it the mail is in the outbox, which sends it at least once.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import structlog
from sqlalchemy.orm import Session

from core.errors import InvalidInputError, TollwatchError
from core.language import Language, translate
from core.notify.letters import LARGEST_ATTACHMENTS, About, Letter, write_mail
from core.notify.notice import Attachment
from core.reports import files, forms, runs
from core.reports.document import Document, Figure
from core.reports.making import make
from core.reports.periods import Period
from core.reports.registry import reports
from core.reports.runs import Claimed
from core.reports.spelling import length_in_words, span, spelt
from core.services import Services
from core.store import data_version
from core.store.crash_points import reached
from core.store.models.reports import ReportRunRow

SECONDS_LIMIT = 120.0
"""For one question of a report made in the background; shorter than its lease."""
SUBJECT = "report"
MADE, FAILED, LEFT = "made", "failed", "left"
_FIGURES_IN_MAIL = 8

log = structlog.get_logger(__name__)


def _never() -> bool:
    return False


def _untold(done: int, total: int, doing: str) -> None:
    """Nobody is looking."""


def _no_fence(session: Session) -> None:
    """Nobody competes."""


@dataclass(frozen=True)
class Maker:
    """What making needs beside the stores: chance for waits, when to stop, whom to tell, and the fence of the lease."""

    services: Services
    chance: random.Random
    stopping: Callable[[], bool] = _never
    progress: Callable[[int, int, str], None] = _untold
    fence: Callable[[Session], None] = _no_fence


def make_waiting(maker: Maker) -> dict[str, int]:
    """Make every report that is due now; how many were made, failed (for good or till later) and left to another."""
    outcome = {MADE: 0, FAILED: 0, LEFT: 0}
    while not maker.stopping():
        claimed = runs.claim(maker.services.database, maker.services.clock)
        if claimed is None:
            break
        reached("reports.claimed")
        outcome[_carry_out(maker, claimed)] += 1
    return {name: count for name, count in outcome.items() if count}


def _carry_out(maker: Maker, claimed: Claimed) -> str:
    services = maker.services
    try:
        document = make(
            services,
            claimed.wanted.order,
            claimed.wanted.period,
            claimed.wanted.language,
            at=services.clock.now(),
            seconds_limit=SECONDS_LIMIT,
        )
        written = _write_files(maker, claimed, document)
        if written is None:
            return LEFT
        return _made(maker, claimed, document, written)
    except Exception as error:
        if not isinstance(error, TollwatchError):
            log.exception("report broke", report=claimed.id)
        _failed(maker, claimed, error)
        return FAILED


def _write_files(maker: Maker, claimed: Claimed, document: Document) -> list[dict[str, Any]] | None:
    """Every file; ``None`` when another maker took over or this one is asked to stop."""
    services, wanted = maker.services, claimed.wanted
    written: list[dict[str, Any]] = []
    for number, format in enumerate(wanted.formats):
        if maker.stopping():
            with services.database.write() as session:
                runs.hand_back(session, claimed, services.clock.now())
            return None
        maker.progress(number, len(wanted.formats), document.title)
        name = forms.file_name(document, format)
        kept = files.keep(services.settings, claimed.id, name, partial(forms.write, document, format))
        written.append({"format": format, **kept})
        reached("reports.file_written")
        if not runs.still_at_it(services.database, claimed, services.clock, done=number + 1):
            return None
    return written


def _made(maker: Maker, claimed: Claimed, document: Document, written: list[dict[str, Any]]) -> str:
    services = maker.services
    now = services.clock.now()
    with services.database.write() as session:
        maker.fence(session)
        mail = _write_mail(services, session, claimed, document, written) if claimed.wanted.recipients else None
        values = {"files": written, "expires_at": now + runs.FILES_KEPT, "mail_id": mail}
        cleared = {"lease_until": None, "error_code": None, "error_facts": None}
        if not runs.change(session, claimed, state=runs.DONE, finished_at=now, **values, **cleared):
            session.rollback()
            return LEFT
        data_version.bump(session, runs.DATA_VERSION, now)
        reached("reports.before_commit")
    reached("reports.made")
    return MADE


def _write_mail(
    services: Services, session: Session, claimed: Claimed, document: Document, written: list[dict[str, Any]]
) -> int | None:
    wanted, language = claimed.wanted, claimed.wanted.language
    attached, too_large = _attachments(services, claimed.id, written)
    told = [(figure.title, _told(figure, document, language)) for figure in document.figures[:_FIGURES_IN_MAIL]]
    left = [translate("reports.mail.too_large", language, files=", ".join(too_large))] if too_large else []
    letter = Letter(
        title=f"{wanted.name or document.title}: {span(document.period, language)}",
        lead=document.sentence,
        paragraphs=[translate("reports.mail.attached", language, n=len(attached)), *left],
        facts=told,
        path=f"/reports?view=history&run={claimed.id}",
        because=translate("reports.mail.because", language) if wanted.schedule_id else "",
        manage="reports?view=schedules" if wanted.schedule_id else "",
        attachments=attached,
    )
    return write_mail(
        session,
        letter,
        About(SUBJECT, claimed.id, MADE),
        recipients=wanted.recipients,
        language=language,
        key=f"report:{claimed.id}",
        at=services.clock.now(),
    )


def _told(figure: Figure, document: Document, language: Language) -> str:
    if figure.kind == "seconds" and figure.value is not None:
        return length_in_words(figure.value)
    return spelt(figure.value, figure.kind, language, document.period.clock)


def _attachments(services: Services, run_id: int, written: list[dict[str, Any]]) -> tuple[list[Attachment], list[str]]:
    """The files that fit into a mail, and the names of the others."""
    attached: list[Attachment] = []
    too_large: list[str] = []
    room = LARGEST_ATTACHMENTS
    for file in written:
        if file["bytes"] > room:
            too_large.append(file["name"])
            continue
        room -= file["bytes"]
        content = files.path_of(services.settings, run_id, file["name"]).read_bytes()
        attached.append(Attachment(file["name"], forms.format_of(file["format"]).media_type, content))
    return attached, too_large


def _failed(maker: Maker, claimed: Claimed, error: Exception) -> None:
    """Note the failure; whoever waits for the report by mail is told when it is final."""
    services, row = maker.services, claimed.row
    now, language = services.clock.now(), cast(Language, row.language)
    with services.database.write() as session:
        maker.fence(session)
        final = runs.fail(session, claimed, error, now, maker.chance)
        if not final or not row.recipients:
            return
        known = error if isinstance(error, TollwatchError) else TollwatchError()
        title = row.name or (reports()[row.kind].title(language) if row.kind in reports() else row.kind)
        letter = Letter(
            title=translate("reports.mail.failed", language, title=title),
            lead=" ".join((translate("reports.mail.failed_lead", language), known.message(language))),
            paragraphs=[known.remedy(language)],
            facts=_asked_for(row, language),
            path=f"/reports?view=history&run={claimed.id}",
        )
        write_mail(
            session,
            letter,
            About(SUBJECT, claimed.id, FAILED),
            recipients=row.recipients,
            language=language,
            key=f"report:{claimed.id}:failed:{now.isoformat()}",
            at=now,
        )


def _asked_for(row: ReportRunRow, language: Language) -> list[tuple[str, str]]:
    """The period of a report that was not made; nothing where that is what is wrong with it."""
    try:
        period = span(Period(row.since, row.until, row.time_zone), language)
    except InvalidInputError:
        return []
    return [(translate("reports.mail.period", language), period)]


def prune(services: Services) -> Mapping[str, int]:
    """Remove files kept long enough, and forget what ended years ago."""
    now = services.clock.now()
    with services.database.read() as session:
        old = [row.id for row in runs.expired(session, now)]
    for run_id in old:
        files.remove(services.settings, run_id)
    with services.database.write() as session:
        for run_id in old:
            row = runs.one(session, run_id)
            row.files, row.expires_at = [], None
        forgotten = runs.prune(session, now - runs.HISTORY_KEPT)
        if old or forgotten:
            data_version.bump(session, runs.DATA_VERSION, now)
    return {"files_removed": len(old), "forgotten": forgotten}
