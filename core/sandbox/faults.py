"""The faults a test or a demonstration can switch on in the pretend cloud."""

from dataclasses import dataclass, field, fields
from typing import Any, Literal

from core.sandbox.wire import WireError


@dataclass
class Failure:
    """The next ``times`` requests whose path ends with ``path`` fail with ``status``."""

    path: str
    status: int
    times: int = 1
    retry_after: str = ""


@dataclass
class Faults:
    """Each is off by default.

    ``retry_after`` says how a 429 tells when to return: ``plain`` (a header in seconds), ``missing``, ``absurd`` (a
    header no client should obey). ``answer_with`` spoils 200 answers of the call history: ``html`` or ``truncated``.
    ``next_link`` spoils paging: ``malformed`` is the form the documentation prints, ``looping`` leads back to the
    same page, ``foreign`` to another host. ``home_region`` names the host that holds the records (answers 451).
    ``compliance_role_missing`` lets the scopes of a compliance officer count for nothing; ``recordings_own_only`` lists
    the administrator's own recordings where no owner is named, as one organisation reported of Webex.
    """

    next_link: Literal["plain", "malformed", "looping", "foreign"] = "plain"
    answer_with: Literal["json", "html", "truncated"] = "json"
    retry_after: Literal["plain", "missing", "absurd"] = "plain"
    empty_as_404: bool = False
    home_region: str = ""
    missing_role: bool = False
    missing_scopes: str = ""
    compliance_role_missing: bool = False
    recordings_own_only: bool = False
    feed_by_start: bool = False
    rotate_refresh_tokens: bool = False
    omit_scope: bool = False
    failures: list[Failure] = field(default_factory=list)

    def change(self, values: dict[str, Any]) -> None:
        """Set some of the switches; ``failures`` is a list of objects. Raises ``WireError`` 400 for an unknown one."""
        known = {known.name for known in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise WireError(400, f"There is no fault '{name}'.")
            setattr(self, name, [Failure(**each) for each in value] if name == "failures" else value)

    def check(self, path: str) -> None:
        """Raise the failure that is due for ``path``, if one is."""
        for failure in self.failures:
            if failure.times > 0 and path.endswith(failure.path):
                failure.times -= 1
                headers = {"Retry-After": failure.retry_after} if failure.retry_after else {}
                raise WireError(failure.status, "The server could not process the request.", headers)
