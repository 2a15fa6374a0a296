"""Recordings for programs: lists and search, one, figures, fetching and reprocessing, audio, deletion, access."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.responses import Response

from core.assistant.errors import AssistantOffError
from core.assistant.messages import is_configured
from core.errors import NotAllowedError, NotFoundError
from core.language import Language, is_text, translate
from core.language.wrong_values import came_instead
from core.recordings import audio, query, search, translations, work
from core.recordings.audio_link import LINK_LASTS, PERMISSIONS, Use, audio_link
from core.recordings.doctor import findings
from core.recordings.export import csv_chunks
from core.recordings.transcript_translations import request_transcript
from core.services import Services
from core.store import audit
from core.store.encryption import Vault
from core.store.models.recordings import RecordingRow, RecordingStepRow
from core.web.api.commands import CommandAccepted
from core.web.api.parameters import Opened
from core.web.api.recording_shapes import (
    AccessFinding,
    AccessOut,
    AudioOut,
    DeletedOut,
    ExportParameters,
    FilterParameters,
    OneRecording,
    PageParameters,
    RecordingOut,
    ReprocessMany,
    RestoredOut,
    StatsOut,
    StepOut,
    TranslationWanted,
    one_out,
    recording_fields,
    snippet_out,
    step_out,
)
from core.web.identity import Caller, require
from core.web.paging import Paged

router = APIRouter(tags=["recordings"])

Viewer = Annotated[Caller, Depends(require("recordings.view"))]
Player = Annotated[Caller, Depends(require("recordings.play"))]
Processor = Annotated[Caller, Depends(require("recordings.process"))]
Remover = Annotated[Caller, Depends(require("recordings.delete"))]
Tester = Annotated[Caller, Depends(require("connections.view"))]
Reference = Annotated[str, Path(max_length=120, description="Number, or Webex's id.")]
_MARGIN = timedelta(seconds=1)


@router.get("/recordings")
def recordings(services: Opened, _caller: Viewer, asked: Annotated[PageParameters, Query()]) -> Paged[RecordingOut]:
    """The recordings of a filter, newest first unless told otherwise."""
    wanted = asked.filter(asked.sort)
    with services.database.read() as session:
        page = query.page(
            session, wanted, services.clock.now(), cursor=asked.cursor, limit=asked.limit, skip=asked.skip
        )
        found = search.snippets(session, [row.id for row in page.rows], wanted.words)
        items = [
            RecordingOut(**recording_fields(row), found=[snippet_out(one) for one in found.get(row.id, [])])
            for row in page.rows
        ]
    return Paged(items=items, next=page.next, previous=page.previous)


@router.get("/recordings/")
def recordings_as_before(
    services: Opened, caller: Viewer, asked: Annotated[PageParameters, Query()]
) -> Paged[RecordingOut]:
    """The same as `/recordings`."""
    return recordings(services, caller, asked)


@router.get("/recordings/stats/summary")
def stats(services: Opened, _caller: Viewer, asked: Annotated[FilterParameters, Query()]) -> StatsOut:
    """The figures of a filter."""
    with services.database.read() as session:
        found = query.stats(session, asked.filter(), services.clock.now())
    told = vars(found) | {"by_status": found.by_state}
    return StatsOut(**{name: told[name] for name in StatsOut.model_fields})


@router.get("/recordings/export", response_class=StreamingResponse)
def export(services: Opened, caller: Viewer, asked: Annotated[ExportParameters, Query()]) -> StreamingResponse:
    """The recordings of a filter as CSV with their summaries, without transcripts; audited."""
    wanted, now = asked.filter(asked.sort), services.clock.now()
    with services.database.write() as session:
        detail = {"filter": wanted.sentence("en"), "query": wanted.to_query(), "format": "csv", "limit": asked.limit}
        audit.record(session, actor=caller.actor, action="recordings.export", detail=detail, at=now)
    headers = {
        "Content-Disposition": f'attachment; filename="recordings-{now:%Y%m%dT%H%M%SZ}.csv"',
        "Cache-Control": "no-store",
    }
    chunks: Iterator[bytes] = csv_chunks(services.database, wanted, now, asked.limit)
    return StreamingResponse(chunks, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/recordings/test/webex-access")
def webex_access(services: Opened, caller: Tester) -> AccessOut:
    """What Webex gives of recordings now, and which of role, scope or setting keeps the rest back."""
    found = findings(services)
    told = [
        AccessFinding(
            code=one.code, level=one.level, message=one.message(caller.language), remedy=one.remedy(caller.language)
        )
        for one in found
    ]
    return AccessOut(ok=bool(found) and all(one.level == "ok" for one in found), findings=told)


@router.post("/recordings/fetch", status_code=202)
def fetch(
    services: Opened,
    caller: Processor,
    hours: Annotated[int, Query(ge=1, le=work.MOST_HOURS, description="How far to look back.")] = 24,
    limit: Annotated[int, Query(ge=1, le=work.MOST_AT_ONCE, description="Most new recordings to take.")] = 100,
) -> CommandAccepted:
    """Ask the sidecar to list Webex's recordings now and take each as far as it goes."""
    with services.database.write() as session:
        command = work.request_fetch(
            session, hours=hours, limit=limit, requested_by=caller.actor, at=services.clock.now()
        )
    return CommandAccepted(command_id=command)


@router.post("/recordings/reprocess", status_code=202)
def reprocess_many(wanted: ReprocessMany, services: Opened, caller: Processor) -> CommandAccepted:
    """Ask for steps of several recordings again."""
    return _reprocess(services, caller, wanted.ids, everything=wanted.everything)


@router.get("/recordings/download/{reference}/audio", response_model=AudioOut)
def audio_address(
    reference: Reference,
    services: Opened,
    caller: Player,
    use: Annotated[Use, Query(description="`play` or `download`, which is a permission of its own.")] = "play",
    redirect: Annotated[bool, Query(description="Go to the address instead of telling it.")] = False,
) -> AudioOut | Response:
    """An address of the audio for the caller alone, good for an hour; plays and downloads are audited."""
    if not caller.may(PERMISSIONS[use]):
        raise NotAllowedError(permission=PERMISSIONS[use])
    with services.database.read() as session:
        row = query.one(session, reference)
    if audio.path_of(services.settings, row) is None:
        raise NotFoundError(what="audio")
    link = audio_link(Vault(services.settings, services.clock), caller.person.id, row.id, use)
    if redirect:
        return RedirectResponse(link, status_code=303, headers={"Cache-Control": "no-store"})
    return AudioOut(
        url=link,
        expires_at=services.clock.now() + LINK_LASTS - _MARGIN,
        media_type=row.audio_type,
        size_bytes=row.audio_bytes,
    )


@router.get("/recordings/{reference}")
def one(
    reference: Reference,
    services: Opened,
    caller: Viewer,
    language: Annotated[
        Literal["en", "es"] | None,
        Query(description="Language of the record's transcript and summary, where they were translated into it."),
    ] = None,
) -> OneRecording:
    """One recording with its steps, transcript, summaries and its record in the shape other programs take."""
    with services.database.read() as session:
        whole = query.whole(session, query.one(session, reference))
        steps = [_step(step, caller.language) for step in whole.steps]
        return one_out(whole, steps, f"/api/v1/recordings/download/{whole.row.id}/audio", language or "")


@router.post("/recordings/{reference}/reprocess", status_code=202)
def reprocess(
    reference: Reference,
    services: Opened,
    caller: Processor,
    everything: Annotated[bool, Query(description="All six steps instead of the missing ones.")] = False,
) -> CommandAccepted:
    """Ask for the missing steps of a recording again."""
    return _reprocess(services, caller, [_row(services, reference).id], everything=everything)


@router.post("/recordings/{reference}/translate", status_code=202)
def translate_one(
    reference: Reference, wanted: TranslationWanted, services: Opened, caller: Processor
) -> CommandAccepted:
    """Ask Claude for the summary in another language, or with `part=transcript` for what was said, turn by turn."""
    if not is_configured(services.settings):
        raise AssistantOffError
    request = translations.request_translation if wanted.part == "summary" else request_transcript
    with services.database.write() as session:
        number = query.one(session, reference).id
        command = request(session, number, wanted.language, requested_by=caller.actor, at=services.clock.now())
    return CommandAccepted(command_id=command)


@router.post("/recordings/{reference}/restore")
def restore(reference: Reference, services: Opened, caller: Remover) -> RestoredOut:
    """Take a deletion back while the audio is still here; one that Webex has carried out stays so there."""
    with services.database.write() as session:
        row = query.one(session, reference, with_deleted=True)
        in_webex = work.restore(session, row.id, actor=caller.actor, at=services.clock.now())
        return RestoredOut(**recording_fields(row), in_webex=in_webex)


@router.delete("/recordings/{reference}")
def delete(
    reference: Reference,
    services: Opened,
    caller: Remover,
    reason: Annotated[str, Query(max_length=work.LONGEST_REASON, description="Why; it stays in the audit.")] = "",
    delete_from_webex: Annotated[bool, Query(description="Delete it in Webex too.")] = False,
) -> DeletedOut:
    """Delete a recording here and, where asked for, in Webex; it can be taken back here for some days."""
    with services.database.write() as session:
        number = query.one(session, reference).id
        command = work.delete(
            session, number, reason=reason, actor=caller.actor, at=services.clock.now(), in_webex=delete_from_webex
        )
    return DeletedOut(id=number, command_id=command)


def _row(services: Services, reference: str) -> RecordingRow:
    with services.database.read() as session:
        return query.one(session, reference)


def _reprocess(services: Services, caller: Caller, ids: list[int], *, everything: bool) -> CommandAccepted:
    now = services.clock.now()
    with services.database.write() as session:
        command = work.request_reprocess(session, ids, requested_by=caller.actor, at=now, everything=everything)
    return CommandAccepted(command_id=command)


def _step(step: RecordingStepRow, language: Language) -> StepOut:
    """A step with what keeps it from being done, in the caller's language."""
    if not step.error_code or step.state == "done":
        return step_out(step, None)
    code = step.error_code if is_text(f"errors.{step.error_code}.message") else "unexpected"
    told: dict[str, Any] = {"code": step.error_code, "facts": step.error_facts}
    facts = came_instead(step.error_facts, language)
    try:
        texts = {name: translate(f"errors.{code}.{name}", language, **facts) for name in ("message", "remedy")}
    except (KeyError, IndexError):
        texts = {}
    return step_out(step, told | texts)
