"""Converged recordings of the pretend cloud, as Webex describes them: lists, details, metadata, files, deletion.

Links are given to the owner and to a compliance officer only, live three hours and carry a ticket; an administrator
gets none, nor does anybody while *Prevent downloading* is on or the recording is still being made.
"""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.sandbox.archive import instant, milliseconds
from core.sandbox.recording_files import metadata, sound, transcript
from core.sandbox.recording_shelf import TROUBLES, Given, Kept, RecordingShelf
from core.sandbox.tenant import MISSING_SCOPE, Tenant
from core.sandbox.wire import WireError, answer, is_loopback, new_tracking_id, page_of, whole_number

ADMIN, COMPLIANCE, OWN = "spark-admin:recordings_read", "spark-compliance:recordings_read", "spark:recordings_read"
ADMIN_WRITE, COMPLIANCE_WRITE = "spark-admin:recordings_write", "spark-compliance:recordings_write"
LINK_LASTS = timedelta(hours=3)
LONGEST_INTERVAL = timedelta(days=30)
DEFAULT_INTERVAL = timedelta(days=7)
MOST_IDS, LONGEST_COMMENT = 100, 255
GIVEN_KINDS = ("audio", "transcript", "details", "metadata")
_FORBIDDEN_LINK = "The ticket is invalid or expired."


def routes(tenant: Tenant) -> list[Route]:
    """The endpoints under ``/v1`` and the download servlet."""
    shelf = RecordingShelf(tenant.archive, tenant.world, tenant.options.data_dir / "sandbox" / "recordings.json")
    desk = _Recordings(tenant, shelf)
    base = "/v1/convergedRecordings"
    return [
        Route("/v1/admin/convergedRecordings", desk.listing, methods=["GET"]),
        Route(base, desk.own, methods=["GET"]),
        Route(f"{base}/softDelete", desk.trash, methods=["POST"]),
        Route(f"{base}/restore", desk.restore, methods=["POST"]),
        Route(f"{base}/purge", desk.purge, methods=["POST"]),
        Route(base + "/{identifier}/metadata", desk.metadata, methods=["GET"]),
        Route(base + "/{identifier}", desk.details, methods=["GET"]),
        Route(base + "/{identifier}", desk.delete, methods=["DELETE"]),
        Route("/nbr/MultiThreadDownloadServlet", desk.download, methods=["GET"]),
        Route("/_sandbox/recordings", desk.shown, methods=["GET"]),
        Route("/_sandbox/recordings", desk.trouble, methods=["POST"]),
        Route("/_sandbox/recordings/{identifier}/{kind}", desk.give, methods=["PUT"]),
    ]


class _Recordings:
    def __init__(self, tenant: Tenant, shelf: RecordingShelf) -> None:
        self._tenant = tenant
        self._shelf = shelf
        self._spoilt_once: set[tuple[str, str]] = set()

    def listing(self, request: Request) -> Response:
        """The organisation's recordings for an administrator or a compliance officer."""
        self._scopes(request, ADMIN, COMPLIANCE)
        owner = request.query_params.get("ownerEmail", "")
        if self._tenant.faults.recordings_own_only and not owner:
            owner = self._tenant.world.administrator.email
        return self._page(request, owner)

    def own(self, request: Request) -> Response:
        """One's own recordings only; refused to an administrator's scopes."""
        self._scopes(request, OWN)
        return self._page(request, self._tenant.world.administrator.email)

    def details(self, request: Request) -> Response:
        """One recording, with links for whom they are meant."""
        scopes = self._scopes(request, ADMIN, COMPLIANCE, OWN)
        kept = self._one(request)
        body = self._described(kept)
        is_own = kept.owner is self._tenant.world.administrator and OWN in scopes
        trouble, now = self._shelf.trouble(kept), self._now()
        if (COMPLIANCE in scopes or is_own) and trouble != "prevented" and now >= kept.links_from:
            body["temporaryDirectDownloadLinks"] = self._links(request, kept)
        return answer(body | self._told(kept, "details"))

    def metadata(self, request: Request) -> Response:
        """Who spoke with whom; 204 while there are none."""
        self._scopes(request, ADMIN, COMPLIANCE, OWN)
        kept = self._one(request)
        if self._now() < kept.metadata_from(self._shelf.trouble(kept)):
            return Response(status_code=204, headers={"trackingid": new_tracking_id()})
        return answer(metadata(kept, self._tenant.world.org_uuid) | self._told(kept, "metadata"))

    def download(self, request: Request) -> Response:
        """A file by its ticket; no token is asked for."""
        self._tenant.faults.check(request.url.path)
        query = request.query_params
        kept = self._shelf.one(query.get("recordUUID", ""), self._now())
        kind, until = query.get("kind", ""), query.get("until", "0")
        if kept is None or query.get("ticket") != self._ticket(kept, kind, until) or int(until) < self._now():
            raise WireError(403, _FORBIDDEN_LINK)
        given = self._shelf.given.get((kept.id, kind))
        if given is not None:
            return Response(given.body, media_type=given.media_type)
        trouble = self._shelf.trouble(kept)
        if kind == "transcript":
            return Response(transcript(kept), media_type="text/vtt")
        spoilt = trouble if trouble in ("html", "truncated") and self._first_time(kept, trouble) else ""
        body = sound(kept, spoilt)
        return Response(body, media_type="text/html" if spoilt == "html" else "audio/mpeg")

    async def trash(self, request: Request) -> Response:
        """Into the recycle bin."""
        return await self._move(request, "trashAll", "deleted")

    async def restore(self, request: Request) -> Response:
        """Out of the recycle bin."""
        return await self._move(request, "restoreAll", "available")

    async def purge(self, request: Request) -> Response:
        """Out of the recycle bin for good."""
        return await self._move(request, "purgeAll", "purged")

    async def delete(self, request: Request) -> Response:
        """For good at once, by a compliance officer with a reason."""
        self._scopes(request, COMPLIANCE_WRITE)
        content = await _content(request)
        if not content.get("reason") or len(str(content.get("comment", ""))) > LONGEST_COMMENT:
            raise WireError(400, "A reason is required, and a comment has 255 characters at most.")
        self._shelf.put(self._one(request), "purged")
        return Response(status_code=204)

    def shown(self, request: Request) -> Response:
        """For tests and the curious on this machine: every recording and what is wrong with it."""
        _check_local(request)
        now = self._now()
        found = self._shelf.between(now - _ms(LONGEST_INTERVAL), now + 1, now)
        items = [
            {
                "id": kept.id,
                "clip": kept.clip.name,
                "language": kept.clip.language,
                "trouble": self._shelf.trouble(kept),
                "status": self._shelf.status(kept),
                "report": kept.record["Report ID"],
                "created": _stamp(kept.created),
            }
            for kept in found
        ]
        return JSONResponse({"items": items, "troubles": list(TROUBLES)})

    async def trouble(self, request: Request) -> Response:
        """Choose what is wrong with the recording ``id``."""
        _check_local(request)
        content = await _content(request)
        if content.get("trouble") not in TROUBLES:
            raise WireError(400, f"trouble must be one of {', '.join(TROUBLES)}")
        self._shelf.troubles[str(content.get("id"))] = content["trouble"]
        return JSONResponse({"changed": content.get("id")})

    async def give(self, request: Request) -> Response:
        """Serve the body sent here, as what its content type says, in place of a recording's file; a JSON object sent
        as ``details`` or ``metadata`` is laid over what the cloud would tell."""
        _check_local(request)
        kept, kind = self._one(request), request.path_params["kind"]
        if kind not in GIVEN_KINDS:
            raise WireError(400, f"The kind must be one of {', '.join(GIVEN_KINDS)}.")
        if kind in ("details", "metadata"):
            await _content(request)
        media_type = request.headers.get("content-type", "application/octet-stream")
        self._shelf.given[kept.id, kind] = Given(await request.body(), media_type)
        return JSONResponse({"changed": kept.id})

    def _told(self, kept: Kept, kind: str) -> dict[str, Any]:
        given = self._shelf.given.get((kept.id, kind))
        told: dict[str, Any] = json.loads(given.body) if given is not None else {}
        return told

    def _scopes(self, request: Request, *wanted: str) -> frozenset[str]:
        """The scopes of the request that count: a compliance officer's need the role too."""
        token = self._tenant.authorise(request, *wanted)
        held = self._tenant.grants.scopes_of(token) - frozenset(self._tenant.faults.missing_scopes.split())
        if not self._tenant.faults.compliance_role_missing:
            return held
        held = frozenset(scope for scope in held if not scope.startswith("spark-compliance:"))
        if not held & frozenset(wanted):
            raise WireError(403, MISSING_SCOPE)
        return held

    def _one(self, request: Request) -> Kept:
        kept = self._shelf.one(request.path_params["identifier"], self._now())
        if kept is None or self._shelf.status(kept) == "purged":
            raise WireError(404, "The requested recording could not be found.")
        return kept

    def _page(self, request: Request, owner: str) -> Response:
        query, now = request.query_params, self._tenant.clock.now()
        since, until = _interval(query.get("from"), query.get("to"), now)
        if until < since or until - since > LONGEST_INTERVAL + timedelta(seconds=1):
            raise WireError(400, "'from' must not be after 'to', and the interval must not exceed 30 days.")
        wanted = query.get("status", "available")
        found = [
            kept
            for kept in self._shelf.between(milliseconds(since), milliseconds(until), milliseconds(now))
            if self._shelf.status(kept) == wanted and (not owner or kept.owner.email == owner.lower())
        ]
        page, headers = page_of(request, found, whole_number(request, "max", 10, 100))
        return answer({"items": [self._described(kept) for kept in page]}, headers)

    def _described(self, kept: Kept) -> dict[str, Any]:
        called = kept.record["Caller ID number"] or kept.record["Calling number"]
        return {
            "id": kept.id,
            "topic": f"Call with {called}",
            "createTime": _stamp(kept.created),
            "timeRecorded": _stamp(kept.recorded),
            "ownerId": kept.owner.uuid,
            "ownerType": "user",
            "ownerEmail": kept.owner.email,
            "format": "MP3",
            "durationSeconds": kept.clip.seconds,
            "sizeBytes": self._size(kept),
            "serviceType": "calling",
            "storageRegion": "US",
            "status": self._shelf.status(kept),
            "serviceData": {"locationId": kept.owner.site.uuid, "callSessionId": _session(kept)},
        }

    def _size(self, kept: Kept) -> int:
        given = self._shelf.given.get((kept.id, "audio"))
        return kept.size if given is None else len(given.body)

    def _links(self, request: Request, kept: Kept) -> dict[str, str]:
        now = self._now()
        trouble = self._shelf.trouble(kept)
        until = now + _ms(LINK_LASTS)
        links = {"expiration": _stamp(until)}
        spoilt = trouble == "expired_link" and self._first_time(kept, trouble)
        links["audioDownloadLink"] = self._link(request, kept, "audio", now - 1 if spoilt else until)
        if trouble != "no_transcript" and now >= kept.transcript_from(trouble):
            links["transcriptDownloadLink"] = self._link(request, kept, "transcript", until)
        return links

    def _link(self, request: Request, kept: Kept, kind: str, until: int) -> str:
        query = {
            "type": "calling",
            "orgId": self._tenant.world.org_uuid,
            "recordUUID": kept.id,
            "kind": kind,
            "until": str(until),
            "ticket": self._ticket(kept, kind, str(until)),
        }
        return f"{request.url.scheme}://{request.url.netloc}/nbr/MultiThreadDownloadServlet?{urlencode(query)}"

    def _ticket(self, kept: Kept, kind: str, until: str) -> str:
        return sha256(f"{self._tenant.world.seed}|{kept.id}|{kind}|{until}".encode()).hexdigest()

    def _first_time(self, kept: Kept, trouble: str) -> bool:
        known = (kept.id, trouble) in self._spoilt_once
        self._spoilt_once.add((kept.id, trouble))
        return not known

    async def _move(self, request: Request, flag: str, status: str) -> Response:
        self._scopes(request, ADMIN_WRITE)
        content = await _content(request)
        identifiers = content.get("recordingIds")
        if content.get(flag, False) or content.get("ownerEmail"):
            raise WireError(400, f"This cloud knows recordingIds only; {flag} must be false.")
        if not isinstance(identifiers, list) or not 0 < len(identifiers) <= MOST_IDS:
            raise WireError(400, f"recordingIds must hold 1 to {MOST_IDS} ids.")
        now = self._now()
        found = [self._shelf.one(str(identifier), now) for identifier in identifiers]
        for kept in found:
            if kept is None or self._shelf.status(kept) == "purged":
                raise WireError(404, "The requested recording could not be found.")
            self._shelf.put(kept, status)
        return Response(status_code=204)

    def _now(self) -> int:
        return milliseconds(self._tenant.clock.now())


def _session(kept: Kept) -> str:
    """The call session id as Webex writes it: with dashes, and in some organisations without."""
    session = str(kept.record["Correlation ID"])
    return session if kept.owner.index % 2 else session.replace("-", "")


def _interval(since: str | None, until: str | None, now: datetime) -> tuple[datetime, datetime]:
    try:
        end = datetime.fromisoformat(until) if until else None
        begin = datetime.fromisoformat(since) if since else None
        if begin is None:
            begin = (end or now) - DEFAULT_INTERVAL
        end = end or min(begin + DEFAULT_INTERVAL, now)
        return begin.astimezone(), end.astimezone()
    except ValueError as error:
        raise WireError(400, "'from' and 'to' must be ISO 8601.") from error


def _stamp(moment: int) -> str:
    return instant(moment).strftime("%Y-%m-%dT%H:%M:%SZ")


def _ms(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)


def _check_local(request: Request) -> None:
    if not is_loopback(request) or request.headers.get("origin"):
        raise WireError(403, "The control interface answers programs on this machine only.")


async def _content(request: Request) -> dict[str, Any]:
    try:
        content = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise WireError(400, "The body is not JSON.") from error
    if not isinstance(content, dict):
        raise WireError(400, "The body must be a JSON object.")
    return content
