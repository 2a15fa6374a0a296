"""What blocked people's calls become: the records of calls that a changed setting stopped."""

from collections.abc import Iterable
from typing import Any

from core.sandbox.call_settings_book import CallSettingsBook, is_blocked
from core.sandbox.legs import Leg, Record, stamp

_KINDS = {
    "SIP_INTERNATIONAL": ("INTERNATIONAL",),
    "SIP_PREMIUM": ("PREMIUM_SERVICES_I", "PREMIUM_SERVICES_II"),
    "SIP_NATIONAL": ("NATIONAL",),
    "SIP_MOBILE": ("NATIONAL",),
    "SIP_TOLLFREE": ("TOLL_FREE",),
}
_REFUSED_AFTER_MS, _RUNG_MS = 240, 20_000


def obeyed(book: CallSettingsBook, legs: Iterable[Leg]) -> list[Leg]:
    """``legs`` as they happen under the settings that hold when each begins, by report time."""
    written = list(legs)
    touched = book.touched()
    if not touched:
        return written
    forwarders = {leg.record["Local call ID"]: leg for leg in written if leg.record["User UUID"] in touched}
    stopped, made = set[str](), []
    for leg in written:
        if leg.record["User UUID"] not in touched or not _is_out(leg):
            continue
        parent = leg.record["Related call ID"]
        if parent in forwarders and not _still_forwards(book, leg):
            stopped |= {leg.record["Report ID"], parent}
        elif _is_refused(book, leg):
            stopped |= {leg.record["Report ID"], parent} if parent in forwarders else {leg.record["Report ID"]}
            made.append(_refused(leg))
    for leg in written:
        if leg.record["Local call ID"] in stopped and not _is_out(leg):
            made.append(_unanswered(leg))
        elif leg.record["Report ID"] not in stopped:
            made.append(leg)
    return sorted(made, key=lambda leg: leg.report)


def _is_out(leg: Leg) -> bool:
    return bool(leg.record["Direction"] == "ORIGINATING" and leg.record["Call type"] in _KINDS)


def _is_forwarded(leg: Leg) -> bool:
    return str(leg.record["Related reason"]).startswith("CallForward")


def _still_forwards(book: CallSettingsBook, leg: Leg) -> bool:
    """Whether the forward that made this leg still stands; one that nobody touched does."""
    if leg.record["Related reason"] != "CallForwardAlways":
        return True
    held = book.value_changed(leg.record["User UUID"], "call_forwarding", leg.start)
    return held is None or bool(held["callForwarding"]["always"]["enabled"])


def _is_refused(book: CallSettingsBook, leg: Leg) -> bool:
    person = leg.record["User UUID"]
    intercept = book.value_changed(person, "call_intercept", leg.start)
    if intercept is not None and intercept["enabled"] and intercept["outgoing"]["type"] == "INTERCEPT_ALL":
        return True
    permission = book.value_changed(person, "outgoing_permission", leg.start)
    forwarded = _is_forwarded(leg)
    return any(is_blocked(permission, kind, forwarded=forwarded) for kind in _KINDS[leg.record["Call type"]])


def _refused(leg: Leg) -> Leg:
    ended = leg.start + _REFUSED_AFTER_MS
    outcome = {"Call outcome": "Refusal", "Call outcome reason": "AdminCallBlock", "Ring duration": "0"}
    return _without_talk(leg, ended, outcome)


def _unanswered(leg: Leg) -> Leg:
    return _without_talk(leg, leg.start + _RUNG_MS, {"Ring duration": str(_RUNG_MS // 1000)})


def _without_talk(leg: Leg, ended: int, changes: dict[str, Any]) -> Leg:
    report = ended + 60
    record: Record = {
        **leg.record,
        "Answer time": "",
        "Release time": stamp(ended),
        "Report time": stamp(report),
        "Duration": 0,
        "Hold duration": 0,
        "Answered": "false",
        "Answer indicator": "No",
        **changes,
    }
    return Leg(report, leg.start, record)
