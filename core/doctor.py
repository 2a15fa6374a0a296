"""What is well and what is not, as findings with a remedy: for the doctor command and the Connections page."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
from sqlalchemy import text

from core.errors import TollwatchError
from core.language import Language, translate
from core.services import Services
from core.settings import PLACEHOLDERS, ROOT, SHORTEST_SECRET, insecure_endpoints
from core.store import audit, backup, commands, job_runs
from core.store.encryption import KEY_FILE
from core.store.migrate import current_revision, head_revision

Level = Literal["ok", "warning", "problem"]
LEVELS: tuple[Level, ...] = ("problem", "warning", "ok")
LEAST_FREE_BYTES = 2 * 2**30
BACKUP_AGE = timedelta(hours=50)
"""Two nights and a little: one missed backup is a warning."""
LATE_FACTOR = 3
OTHERS_MAY_READ = 0o004
MOST_CLOCK_SKEW_SECONDS = 60.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Finding:
    """One thing looked at. Its texts are ``doctor.<code>.<level>`` and, unless ok, ``doctor.<code>.remedy``.

    A fact that is an instant is told in the reader's zone; without one in UTC, and the text says so.
    """

    code: str
    level: Level
    facts: dict[str, Any] = field(default_factory=dict)

    def message(self, language: Language, zone: tzinfo = UTC) -> str:
        """What was found, in one sentence."""
        return translate(f"doctor.{self.code}.{self.level}", language, **self._told(zone))

    def remedy(self, language: Language, zone: tzinfo = UTC) -> str:
        """What to do about it; empty when nothing is wrong."""
        return "" if self.level == "ok" else translate(f"doctor.{self.code}.remedy", language, **self._told(zone))

    def _told(self, zone: tzinfo) -> dict[str, Any]:
        form = "%Y-%m-%d %H:%M UTC" if zone is UTC else "%Y-%m-%d %H:%M"
        return {
            name: fact.astimezone(zone).strftime(form) if isinstance(fact, datetime) else fact
            for name, fact in self.facts.items()
        }


def findings(services: Services, *, production: bool = False) -> list[Finding]:
    """Everything looked at, worst first; ``production`` adds the check list before going live (S3-24).

    Never raises for what it finds: a part that cannot be looked at is a finding of its own.
    """
    looks = [_folder, _disk, _database]
    if _is_migrated(services):
        looks += [_sidecar, _jobs, _dead_commands, _backups, _audit, _webex, _recordings, _notifications, _asterisk]
    looks += [_calls, _endpoints]
    if production:
        looks += [_sandbox, _secret_strength, _https, _origins, _permissions, _database_kind, _log_form, _time]
    found = [finding for look in looks for finding in looked_at(look, services)]
    return sorted(found, key=lambda finding: LEVELS.index(finding.level))


def looked_at(look: Callable[[Services], list[Finding]], services: Services) -> list[Finding]:
    """What ``look`` finds; when it breaks, that it could not look."""
    try:
        return look(services)
    except Exception as error:
        reason = error.message() if isinstance(error, TollwatchError) else type(error).__name__
        return [Finding("unseen", "warning", {"part": look.__name__.strip("_"), "reason": reason})]


def _folder(services: Services) -> list[Finding]:
    folder = services.settings.data_dir
    probe = folder / ".doctor"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"ok")
        probe.unlink()
    except OSError as error:
        return [Finding("folder", "problem", {"path": folder, "reason": error.strerror})]
    return [Finding("folder", "ok", {"path": folder})]


def _disk(services: Services) -> list[Finding]:
    free = shutil.disk_usage(_existing(services.settings.data_dir)).free
    level: Level = "ok" if free >= LEAST_FREE_BYTES else "problem"
    return [Finding("disk", level, {"free": f"{free / 2**30:.1f}", "least": f"{LEAST_FREE_BYTES / 2**30:.0f}"})]


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


def _database(services: Services) -> list[Finding]:
    database = services.database
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    if not database.is_reachable():
        return [Finding("database", "problem", {"kind": kind})]
    present, head = current_revision(database), head_revision(database)
    level: Level = "ok" if present == head else "problem"
    return [Finding("database", "ok", {"kind": kind}), Finding("migrations", level, {"present": present, "head": head})]


def _is_migrated(services: Services) -> bool:
    database = services.database
    return database.is_reachable() and current_revision(database) == head_revision(database)


def _sidecar(services: Services) -> list[Finding]:
    now = services.clock.now()
    with services.database.read() as session:
        beat, alive = job_runs.sidecar_beat(session), job_runs.sidecar_is_alive(session, now)
    if beat is None:
        return [Finding("sidecar_never", "problem")]
    return [Finding("sidecar", "ok" if alive else "problem", {"seconds": round((now - beat).total_seconds())})]


def _jobs(services: Services) -> list[Finding]:
    with services.database.read() as session:
        states = job_runs.states(session)
    late = [state.schedule.name for state in states if _is_late(state, services.clock.now())]
    if late:
        return [Finding("jobs", "warning", {"jobs": ", ".join(late)})]
    return [Finding("jobs", "ok", {"count": len(states)})]


def _is_late(state: job_runs.JobState, now: datetime) -> bool:
    every = state.schedule.every_seconds
    if every is None or state.last is None or state.last.state == job_runs.RUNNING:
        return state.has_failed
    good = state.last_success
    return good is None or (now - good.started_at).total_seconds() > max(LATE_FACTOR * every, 300.0)


def _dead_commands(services: Services) -> list[Finding]:
    with services.database.read() as session:
        dead = commands.recent(session, states=(commands.DEAD,))
    return [Finding("commands", "warning" if dead else "ok", {"count": len(dead)})]


def _backups(services: Services) -> list[Finding]:
    found = backup.copies(services.settings.data_dir / backup.FOLDER)
    if not found:
        return [Finding("backups_none", "warning")]
    age = services.clock.now() - backup.taken_at(found[0])
    facts = {"hours": round(age.total_seconds() / 3600), "count": len(found)}
    return [Finding("backups", "ok" if age <= BACKUP_AGE else "problem", facts)]


def _audit(services: Services) -> list[Finding]:
    checked = audit.verify(services.database)
    facts = {"entries": checked.entries, "entry": checked.broken_at, "head": checked.head[:12]}
    return [Finding("audit", "ok" if checked.intact else "problem", facts)]


def _calls(services: Services) -> list[Finding]:
    try:
        version = services.calls.version()
    except Exception as error:
        return [Finding("calls", "problem", {"reason": type(error).__name__})]
    return [Finding("calls", "ok", {"version": version})]


def _endpoints(services: Services) -> list[Finding]:
    if services.settings.sandbox:
        return [Finding("endpoints_sandbox", "ok", {"address": services.settings.sandbox_url})]
    insecure = insecure_endpoints(services.settings)
    if insecure:
        return [Finding("endpoints", "warning", {"addresses": ", ".join(insecure)})]
    return [Finding("endpoints", "ok", {})]


def _webex(services: Services) -> list[Finding]:
    # Imported here: the findings of Webex are made of the class above.
    from core.webex import doctor

    return list(doctor.findings(services))


def _recordings(services: Services) -> list[Finding]:
    # Imported here as above.
    from core.recordings import doctor

    return list(doctor.findings(services))


def _notifications(services: Services) -> list[Finding]:
    # Imported here as above.
    from core.notify import doctor

    return list(doctor.findings(services))


def _asterisk(services: Services) -> list[Finding]:
    # Imported here as above.
    from core.dialer import doctor

    return list(doctor.findings(services))


def _sandbox(services: Services) -> list[Finding]:
    return [Finding("sandbox", "problem" if services.settings.sandbox else "ok")]


def _secret_strength(services: Services) -> list[Finding]:
    key = services.settings.secret_key.get_secret_value()
    weak = len(key) < SHORTEST_SECRET or len(set(key)) < 8 or key.lower().startswith(PLACEHOLDERS)
    return [Finding("secret_key", "problem" if weak else "ok", {"length": len(key), "least": SHORTEST_SECRET})]


def _https(services: Services) -> list[Finding]:
    parts = urlsplit(services.settings.base_url)
    secure = parts.scheme == "https" and parts.hostname not in _LOOPBACK
    return [Finding("https", "ok" if secure else "problem", {"address": services.settings.base_url})]


def _origins(services: Services) -> list[Finding]:
    allowed = [origin.strip() for origin in services.settings.cors_origins.split(",") if origin.strip()]
    open_ones = [origin for origin in allowed if origin == "*" or not origin.startswith("https://")]
    facts = {"origins": ", ".join(open_ones or allowed) or "–"}
    return [Finding("origins", "problem" if open_ones else "ok", facts)]


def _permissions(services: Services) -> list[Finding]:
    """Files with secrets that accounts other than ours could read."""
    held = (ROOT / ".env", services.settings.data_dir / KEY_FILE, services.settings.data_dir)
    readable = [str(path) for path in held if path.exists() and path.stat().st_mode & OTHERS_MAY_READ]
    return [Finding("permissions", "warning" if readable else "ok", {"paths": ", ".join(readable)})]


def _database_kind(services: Services) -> list[Finding]:
    if services.database.is_sqlite:
        return [Finding("database_kind", "warning")]
    with services.database.read() as session:
        encrypted = session.execute(
            text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        ).scalar_one_or_none()
    local = (services.database.engine.url.host or "") in {
        "",
        *_LOOPBACK,
    } or "host" in services.database.engine.url.query
    return [
        Finding("database_kind", "ok"),
        Finding("database_tls", "ok" if encrypted or local else "problem"),
        Finding("database_password", "ok" if services.database.engine.url.password or local else "warning"),
    ]


def _log_form(services: Services) -> list[Finding]:
    settings = services.settings
    level: Level = "warning" if settings.log_level == "DEBUG" else "ok"
    return [Finding("logs", level, {"level": settings.log_level, "form": settings.log_format})]


def _time(services: Services) -> list[Finding]:
    """The machine's time beside that of the Webex server's answer."""
    try:
        answer = httpx.head(services.settings.webex_api, timeout=5.0)
        theirs = parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)
    except (httpx.HTTPError, KeyError, ValueError):
        return [Finding("time", "warning", {"seconds": "–"})]
    skew = abs((services.clock.now() - theirs).total_seconds())
    return [Finding("time", "ok" if skew <= MOST_CLOCK_SKEW_SECONDS else "problem", {"seconds": round(skew)})]
