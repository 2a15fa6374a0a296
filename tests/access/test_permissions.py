"""The whole table of rights, cell by cell, written a second time by hand."""

import pytest

from core.access.permissions import PERMISSIONS, ROLES, allowed, is_role, permissions_of
from core.language import LANGUAGES, Language, translate

EXPECTED = """
                     analyst supervisor operator admin
overview.view        yes     yes        yes      yes
calls.view           yes     yes        no       yes
calls.export         yes     yes        no       yes
calls.import         no      yes        no       yes
journeys.view        yes     yes        no       yes
alerts.view          yes     yes        no       yes
alerts.work          yes     yes        no       yes
alerts.delete        no      no         no       yes
people.view          yes     yes        no       yes
detection.run        yes     yes        no       yes
detection.tune       no      yes        no       yes
responses.apply      no      no         no       yes
assistant.ask        yes     yes        no       yes
notifications.manage no      no         no       yes
notifications.send   no      yes        no       yes
recordings.view      yes     yes        no       yes
recordings.play      yes     yes        no       yes
recordings.download  no      yes        no       yes
recordings.process   yes     yes        no       yes
recordings.delete    no      no         no       yes
recordings.tune      no      no         no       yes
tickets.view         yes     yes        yes      yes
tickets.work         yes     yes        yes      yes
tickets.manage       no      yes        no       yes
operators.manage     no      yes        no       yes
visits.view          yes     yes        yes      yes
visits.work          yes     yes        yes      yes
reports.view         yes     yes        no       yes
reports.manage       no      yes        no       yes
integrations.view    no      yes        no       yes
watson.use           no      yes        no       yes
dialer.view          yes     yes        yes      yes
dialer.dial          no      yes        yes      yes
dialer.override      no      yes        no       yes
dialer.manage        no      no         no       yes
connections.view     yes     yes        no       yes
connections.manage   no      no         no       yes
jobs.view            yes     yes        no       yes
jobs.run             no      yes        no       yes
quarantine.manage    no      yes        no       yes
users.manage         no      no         no       yes
api_keys.manage      no      no         no       yes
audit.view           no      no         no       yes
metrics.view         no      no         no       yes
"""

_LINES = [line.split() for line in EXPECTED.strip().splitlines()]
CELLS = [
    (role, line[0], answer == "yes") for line in _LINES[1:] for role, answer in zip(_LINES[0], line[1:], strict=True)
]


@pytest.mark.parametrize(("role", "permission", "expected"), CELLS)
def test_each_cell(role: str, permission: str, expected: bool) -> None:
    assert allowed(role, permission) is expected


def test_the_table_here_is_whole() -> None:
    assert {(role, permission) for role, permission, _ in CELLS} == {
        (role, permission) for role in ROLES for permission in PERMISSIONS
    }


@pytest.mark.parametrize("role", [*ROLES, "root", "", "Admin"])
def test_what_is_not_in_the_table_is_refused(role: str) -> None:
    assert not allowed(role, "everything")
    assert not allowed(role, "")


@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
def test_an_unknown_role_holds_nothing(permission: str) -> None:
    assert not allowed("root", permission)
    assert not is_role("root")
    assert permissions_of("root") == frozenset()


@pytest.mark.parametrize("language", LANGUAGES)
def test_roles_and_permissions_have_names_for_people(language: Language) -> None:
    for role in ROLES:
        assert translate(f"access.roles.{role}", language)
        assert translate(f"access.roles.help.{role}", language)
    for permission in PERMISSIONS:
        assert translate(f"access.permissions.{permission}", language)
