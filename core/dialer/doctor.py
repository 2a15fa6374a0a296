"""The finding about Asterisk, for the doctor command and the Connections page."""

from core.dialer import connection
from core.dialer.asterisk import address_of
from core.doctor import Finding
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
    problem = (found.error or {}).get("code") or found.state
    return [Finding("asterisk_down", "warning", {"host": address.host, "problem": problem})]
