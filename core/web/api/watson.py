"""The door for Watson Orchestrate: messages, how it stands, its conversations, a trial, and its description."""

import hashlib
import secrets
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import InvalidInputError, PermanentError
from core.language import translate
from core.store.storable import is_storable
from core.watson import activity, door, openapi, signature
from core.watson import status as standing
from core.watson.carrying_out import DoorCaller
from core.watson.door import Message
from core.watson.vocabulary import LARGEST_BODY, LONGEST_TEXT
from core.watson.words import seen
from core.web.api.parameters import Opened
from core.web.api.watson_shapes import AnswerOut, CheckOut, SessionOut, StatusOut, TestOut, session_out
from core.web.errors import BodyTooLargeError
from core.web.identity import Caller, require
from core.web.paging import CursorText, Limit, Paged, decode_cursor, encode_cursor
from core.web.watson_hearing import heard
from core.web.watson_identity import AtTheDoor, at_the_door, count_message

router = APIRouter(tags=["watson"])

Door = Annotated[AtTheDoor, Depends(at_the_door)]
Viewer = Annotated[Caller, Depends(require("integrations.view"))]
_NAME = r"^[\x21-\x7e]{1,100}$"


class MessageIn(BaseModel):
    """What somebody said, and the conversation it belongs to."""

    model_config = ConfigDict(extra="ignore")

    text: str = Field(min_length=1, max_length=LONGEST_TEXT, description="What was said, in Spanish or English.")
    session_id: str | None = Field(None, pattern=_NAME, description="The `session_id` of the answer this replies to.")
    id: str | None = Field(None, pattern=_NAME, description="Names the message: sent again it is done once.")
    language: Literal["en", "es"] | None = Field(None, description="Of the answer; else that of the text.")


async def raw_body(request: Request) -> bytes:
    """The body as it was signed; of one that is too large no more is taken in. Raises ``BodyTooLargeError``."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            raise BodyTooLargeError(largest=LARGEST_BODY)
    return bytes(body)


_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": MessageIn.model_json_schema()}}}}


@router.post("/watson/webhook", openapi_extra=_BODY)
async def webhook(request: Request, services: Opened, at: Door, body: Annotated[bytes, Depends(raw_body)]) -> AnswerOut:
    """Do what a sentence asks for, or ask back; `state` says which, `reply` is for the person.

    The same `webhook-id`, `Idempotency-Key` or body `id` with the same body is done once and answered alike.
    """
    await run_in_threadpool(count_message, services, at.caller)
    try:
        message = _message(request, body, _checked_signature(request, services, body))
        help = await heard(services, at.caller, message)
        return AnswerOut(**await run_in_threadpool(door.receive, services, at.caller, message, help))
    except PermanentError as error:
        await run_in_threadpool(door.refuse, services, at.caller.name, error)
        raise


@router.get("/watson/status")
def status(services: Opened, _at: Door) -> StatusOut:
    """How the door stands: address, settings without secrets, the last day."""
    return StatusOut.model_validate(standing.status(services), from_attributes=True)


@router.post("/watson/test-connection")
def test_connection(services: Opened, at: Door) -> TestOut:
    """Whether a message of this caller would be served; nothing is made."""
    return _tested(services, at.caller, at)


@router.get("/watson/sessions")
def sessions(services: Opened, _caller: Viewer, cursor: CursorText = None, limit: Limit = 20) -> Paged[SessionOut]:
    """Conversations with their requests and the steps of each, newest first."""
    before = decode_cursor(cursor, int)[0] if cursor else None
    with services.database.read() as session:
        found = activity.talks(session, before=before, limit=limit + 1)
        items = [session_out(talk) for talk in found[:limit]]
    following = encode_cursor(found[limit - 1].session.id) if len(found) > limit else None
    return Paged(items=items, next=following)


@router.get("/watson/openapi.json", include_in_schema=False)
def described(services: Opened) -> JSONResponse:
    """The description that Watson imports; it holds no data."""
    return JSONResponse(openapi.description(services.settings.base_url))


def _tested(services: Opened, caller: DoorCaller, at: AtTheDoor) -> TestOut:
    found = [
        CheckOut(
            name=check.name,
            ok=check.holds,
            needed=check.needed,
            message=translate(f"watson.checks.{check.name}", at.language),
            remedy=None if check.holds else translate(f"watson.remedies.{check.name}", at.language),
        )
        for check in standing.checks(services, caller)
    ]
    return TestOut(ok=all(check.ok for check in found if check.needed), checks=found)


def _checked_signature(request: Request, services: Opened, body: bytes) -> str:
    """How the signature of a message stands. Raises ``WatsonSignatureError``."""
    known = services.settings.watson_signing_secret.get_secret_value()
    if not signature.is_signed(request.headers) and not services.settings.watson_require_signature:
        return "none"
    if not known:
        return "unchecked"
    signature.check(known, request.headers, body, services.clock.now())
    return "checked"


def _message(request: Request, body: bytes, signed: str) -> Message:
    try:
        told = MessageIn.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])[:80]
        problem = first["msg"][:200]
        raise InvalidInputError(field=field if field and is_storable(field) else "body", problem=problem) from error
    text = seen(told.text).strip()
    if not text or not is_storable(told.text):
        raise InvalidInputError(field="text", problem=f"1..{LONGEST_TEXT}")
    key = _key(request, told)
    return Message(text, key, told.session_id or secrets.token_urlsafe(12), body, told.language, signed)


def _key(request: Request, told: MessageIn) -> str:
    """What names the message among the caller's: by header, by body, else nothing else has its name."""
    for kind, given in (
        ("webhook", request.headers.get(signature.ID)),
        ("key", request.headers.get("idempotency-key")),
        ("id", told.id),
    ):
        if given:
            return f"{kind}:{hashlib.sha256(given.encode('utf-8', 'replace')).hexdigest()[:40]}"
    return f"once:{secrets.token_urlsafe(16)}"
