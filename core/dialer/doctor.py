"""The finding about Asterisk, for the doctor command and the Connections page."""

from dataclasses import dataclass
from datetime import UTC, tzinfo

from core.dialer import connection
from core.dialer.asterisk import address_of
from core.doctor import Finding
from core.language import Language, is_text, translate
from core.services import Services


def findings(services: Services) -> list[Finding]:
    """Whether calls can be placed: read from what the listener wrote, nothing is asked of Asterisk."""
    address = address_of(services.settings)
    if address is None:
        return [Finding("asterisk_none", "ok")]
    now = services.clock.now()
    with services.database.read() as session:
        found = connection.connection(session, now)
    if found.is_connected:
        return [Finding("asterisk", "ok", {"version": found.version})]
    if found.state == connection.TAKEN:
        return [Finding("asterisk_taken", "problem", {"application": found.application})]
    if found.error is None:
        return [Finding("asterisk_down", "warning", {"host": address.host})]
    return [_Unconnected("asterisk_unconnected", "warning", {"error": found.error})]


@dataclass(frozen=True)
class _Unconnected(Finding):
    """Not connected, for the reason and with the remedy of the error that the listener met last."""

    def message(self, language: Language, zone: tzinfo = UTC) -> str:
        problem = self._error_text("message", language)
        return translate(f"doctor.{self.code}.{self.level}", language, problem=problem)

    def remedy(self, language: Language, zone: tzinfo = UTC) -> str:
        return self._error_text("remedy", language)

    def _error_text(self, part: str, language: Language) -> str:
        error = self.facts["error"]
        code = error["code"] if is_text(f"errors.{error['code']}.{part}") else "unexpected"
        return translate(f"errors.{code}.{part}", language, **error.get("facts", {}))
