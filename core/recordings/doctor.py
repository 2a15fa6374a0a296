"""Whether Webex gives recordings with sound, and if not, which of role, scope, "Prevent downloading" or delay is why.

Asks Webex three quick questions at most: for the newest recordings, and for the details of a few of them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from core.doctor import Finding, Level
from core.errors import TollwatchError
from core.recordings import facts
from core.recordings.access import LINKS_AFTER, WebexAccess
from core.recordings.errors import ComplianceRoleError, ComplianceScopeError, DownloadPreventedError, NotReadyError
from core.recordings.transcribe import transcriber
from core.services import Services
from core.store.engine import StoreError
from core.webex.connections import ConnectionStatus, status
from core.webex.errors import NeedsAuthorisationError, RecordingsRightMissingError
from core.webex.recordings import LONGEST_INTERVAL, READ_SCOPES

EXPIRY_WARNING = timedelta(days=14)
PROBED = 3
_REASONS: dict[str, tuple[str, Level]] = {
    ComplianceScopeError.code: ("recordings_compliance_scope", "problem"),
    ComplianceRoleError.code: ("recordings_compliance_role", "problem"),
    NeedsAuthorisationError.code: ("recordings_compliance_refused", "problem"),
    DownloadPreventedError.code: ("recordings_prevented", "warning"),
    NotReadyError.code: ("recordings_delay", "warning"),
}


def findings(services: Services) -> list[Finding]:
    """What is well and what is not with recordings; never raises for what Webex answers.

    Raises ``StoreError`` where our own database keeps from asking: that says nothing about Webex.
    """
    compliance = status(services, "compliance")
    access = WebexAccess(services, is_patient=False)
    try:
        if not access.connected():
            return []
        return [*_compliance(services, compliance), *_transcripts(services), *_probe(services, access, compliance)]
    finally:
        access.close()


def _compliance(services: Services, found: ConnectionStatus) -> list[Finding]:
    scope = READ_SCOPES["compliance"]
    if found.state == "disconnected":
        return [Finding("recordings_compliance_missing", "warning")]
    if found.state == "needs_authorisation":
        return [Finding("recordings_compliance_refused", "problem", {"person": found.person_name or "?"})]
    if scope in found.scopes_missing:
        return [Finding("recordings_compliance_scope", "problem", {"scope": scope})]
    until = found.refresh_expires_at
    soon = until is not None and until - services.clock.now() < EXPIRY_WARNING
    if soon:
        return [Finding("recordings_compliance_expiry", "warning", {"until": until})]
    return [Finding("recordings_compliance", "ok", {"person": found.person_name or found.person_email or "?"})]


def _transcripts(services: Services) -> list[Finding]:
    """Whether there is anybody to make a transcript where Webex makes none."""
    known = transcriber(services.settings)
    return [Finding("recordings_transcriber", "ok", {"source": known.source})] if known else []


def _probe(services: Services, access: WebexAccess, compliance: ConnectionStatus) -> list[Finding]:
    """What Webex gives of the newest recordings."""
    try:
        told = _newest(services, access)
    except RecordingsRightMissingError as error:
        return [Finding("recordings_list", "problem", {"scope": error.facts["scope"]})]
    except StoreError:
        raise
    except TollwatchError as error:
        return [Finding("recordings_unreachable", "warning", {"code": error.code})]
    if not told:
        return [Finding("recordings_none", "warning")]
    if not compliance.is_connected or READ_SCOPES["compliance"] in compliance.scopes_missing:
        return []
    return _downloads(services, access, told, compliance)


def _newest(services: Services, access: WebexAccess) -> list[dict[str, Any]]:
    now = services.clock.now()
    pages = access.listed(now - LONGEST_INTERVAL, now)
    items = next((items for _, items in islice(pages, 1)), [])
    settled = [item for item in items if _created(item, now) <= now - LINKS_AFTER]
    return (settled or items)[:PROBED]


def _downloads(
    services: Services, access: WebexAccess, told: Sequence[dict[str, Any]], compliance: ConnectionStatus
) -> list[Finding]:
    """One recording with a link is enough: *Prevent downloading* can be on for single ones."""
    reason: TollwatchError | None = None
    for item in told:
        try:
            found = access.details(str(item["id"]), _created(item, services.clock.now()))
        except StoreError:
            raise
        except TollwatchError as error:
            reason = error
            continue
        if found.withheld is None:
            return [Finding("recordings_downloads", "ok")]
        reason = found.withheld
    code = reason.code if reason else ""
    if code not in _REASONS:
        return [Finding("recordings_unreachable", "warning", {"code": code})]
    finding, level = _REASONS[code]
    return [Finding(finding, level, {"person": compliance.person_name or "?", "scope": READ_SCOPES["compliance"]})]


def _created(item: dict[str, Any], now: datetime) -> datetime:
    return facts.instant_of(item.get("createTime")) or now
