"""Tuning one detector: its parameters, the preview of a change, and the changes so far."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from core.detection import preview, tuning
from core.detection.finding import SEVERITIES
from core.detection.registry import Detector, Parameter, detectors
from core.detection.tuning import Because, Tuning
from core.store.models.detection import DetectionPreview, TuningChange
from core.ui import numbers, session, times
from core.ui.attempts import attempt
from core.ui.text import escaped, language, named, stored_error, t
from core.ui.who import person_name

REFRESH = "2s"
CHANGES = 20
PERMISSION = "detection.tune"
_MISSING = "tuning_missing"
_NO_CAP = "none"


def panel(known: Detector, standing: Tuning, version: int) -> None:
    """Everything below what is told of a detector."""
    may = session.may(PERMISSION)
    if missing := st.session_state.pop(_MISSING, None):
        st.warning(t(missing), icon=":material/edit_note:")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _form(known, standing, version, may)
    with right:
        _history(known, version, may)
    with session.services().database.read() as opened:
        latest = preview.latest(opened, known.id)
    if latest is not None:
        _preview(latest)


def _key(known: Detector, version: int, part: str) -> str:
    return f"tune_{known.id}_{version}_{part}"


def _form(known: Detector, standing: Tuning, version: int, may: bool) -> None:
    with st.form(f"tune_{known.id}_{version}"):
        st.markdown(f"**{t('tuning.form.title')}**")
        if not known.parameters:
            st.caption(t("tuning.form.none"))
        with st.grid(2, min_column_width=240, gap="small"):
            for parameter in known.parameters:
                _input(known, parameter, standing, version, may)
        st.toggle(t("tuning.form.enabled"), standing.is_enabled, key=_key(known, version, "enabled"), disabled=not may)
        caps = (_NO_CAP, *SEVERITIES)
        st.selectbox(
            t("tuning.form.cap"),
            caps,
            index=caps.index(standing.severity_cap or _NO_CAP),
            format_func=lambda one: t("tuning.form.no_cap") if one == _NO_CAP else t(f"tuning.severities.{one}"),
            key=_key(known, version, "cap"),
            disabled=not may,
        )
        st.text_input(t("tuning.form.reason"), key=_key(known, version, "reason"), max_chars=500, disabled=not may)
        with st.container(horizontal=True):
            st.form_submit_button(
                t("tuning.form.preview"),
                key="tune_preview",
                icon=":material/preview:",
                disabled=not may,
                on_click=_ask,
                args=(known, version),
            )
            st.form_submit_button(
                t("tuning.form.apply"),
                key="tune_apply",
                icon=":material/check:",
                type="primary",
                disabled=not may,
                on_click=_apply,
                args=(known, version),
            )
        if not may:
            st.caption(t("tuning.form.only_leads"))


def _input(known: Detector, parameter: Parameter, standing: Tuning, version: int, may: bool) -> None:
    unit = named("tuning.units", parameter.unit)
    label = named("tuning.parameters", parameter.name).replace("\\", "")
    st.number_input(
        label if label.casefold() == unit.casefold() else f"{label} ({unit})",
        min_value=parameter.minimum,
        max_value=parameter.maximum,
        value=float(standing.parameters.get(parameter.name, parameter.default)),
        step=_step(parameter),
        format="%g",
        key=_key(known, version, f"p_{parameter.name}"),
        disabled=not may,
        help=t(
            "tuning.form.bounds",
            default=f"{parameter.default:g}",
            minimum=f"{parameter.minimum:g}",
            maximum=f"{parameter.maximum:g}",
            unit=unit,
        ),
    )


def _step(parameter: Parameter) -> float:
    span = parameter.maximum - parameter.minimum
    return 0.05 if span <= 2 else 0.1 if span <= 10 and not parameter.default.is_integer() else 1.0


def _wanted(known: Detector, version: int) -> Tuning:
    state = st.session_state
    cap = state[_key(known, version, "cap")]
    return Tuning(
        {each.name: float(state[_key(known, version, f"p_{each.name}")]) for each in known.parameters},
        bool(state[_key(known, version, "enabled")]),
        None if cap == _NO_CAP else cap,
    )


def _ask(known: Detector, version: int) -> None:
    person, parts = session.check(PERMISSION), session.services()

    def ask() -> None:
        with parts.database.write() as opened:
            preview.ask(opened, known.id, _wanted(known, version), asked_by=person.name, at=parts.clock.now())

    attempt(ask, t("tuning.form.asked"))


def _apply(known: Detector, version: int) -> None:
    person, parts = session.check(PERMISSION), session.services()
    reason = str(st.session_state[_key(known, version, "reason")] or "").strip()
    wanted = tuning.checked(known, _wanted(known, version))
    if not reason:
        st.session_state[_MISSING] = "tuning.form.no_reason"
        return
    with parts.database.read() as opened:
        if tuning.tuning_of(opened, known.id)[0] == wanted:
            st.session_state[_MISSING] = "tuning.form.no_change"
            return
    why = Because(person.name, parts.clock.now(), reason)

    def apply() -> None:
        with parts.database.write() as opened:
            tuning.change(opened, known.id, wanted, version=version, why=why)

    attempt(apply, t("tuning.form.applied"))


def told(setting: Mapping[str, Any]) -> str:
    """A stored tuning in a line."""
    parts = [
        f"{named('tuning.parameters', name)} {value:g}" for name, value in (setting.get("parameters") or {}).items()
    ]
    if not setting.get("is_enabled", True):
        parts.append(t("tuning.history.off"))
    if cap := setting.get("severity_cap"):
        parts.append(t("tuning.history.cap", severity=named("tuning.severities", cap)))
    return ", ".join(parts) or t("tuning.history.to_default")


def _history(known: Detector, version: int, may: bool) -> None:
    with session.services().database.read() as opened:
        changes = tuning.history(opened, known.id, limit=CHANGES)
    with st.container(border=True, key="card-tuning-history"):
        st.markdown(f"**{t('tuning.history.title')}**")
        if not changes:
            st.caption(t("tuning.history.none"))
        for change in changes:
            _change(change, version, may)


def _change(change: TuningChange, version: int, may: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            at = times.to_the_minute(change.at)
            st.markdown(
                t("tuning.history.line", at=at, who=escaped(person_name(change.actor)), what=told(change.after))
            )
            st.caption(f"#{change.id} · {escaped(change.reason)}")
        st.button(
            t("tuning.history.revert"),
            key=f"tuning_revert_{change.id}",
            icon=":material/undo:",
            disabled=not may,
            on_click=_revert,
            args=(change.id, version),
        )


def _revert(change_id: int, version: int) -> None:
    person, parts = session.check(PERMISSION), session.services()
    why = Because(person.name, parts.clock.now(), t("tuning.history.reverts", n=change_id))

    def revert() -> None:
        with parts.database.write() as opened:
            tuning.revert(opened, change_id, version=version, why=why)

    attempt(revert, t("tuning.history.reverted"))


def _preview(latest: DetectionPreview) -> None:
    with st.container(border=True, key="card-preview"):
        st.markdown(f"**{t('tuning.preview.title', days=latest.days)}**")
        asked = times.to_the_minute(latest.asked_at)
        st.caption(
            t(
                "tuning.preview.proposal",
                at=asked,
                who=escaped(person_name(latest.asked_by)),
                what=told(latest.proposal),
            )
        )
        if latest.error:
            message, remedy = stored_error(latest.error)
            st.error(f"{message} {remedy}", icon=":material/error:")
        elif latest.result is None:
            _running(latest.detector, latest.id)
        else:
            _result(latest.result)


@st.fragment(run_every=REFRESH)
def _running(detector_id: str, preview_id: int) -> None:
    session.require("alerts.view")
    with session.services().database.read() as opened:
        row = preview.latest(opened, detector_id)
    if row is None or row.id != preview_id or row.state in (preview.DONE, preview.FAILED):
        st.rerun()
    if not row.total:
        st.progress(0.0, text=t("tuning.preview.waiting"))
        return
    words = t("tuning.preview.running", done=numbers.whole(row.done), total=numbers.whole(row.total))
    st.progress(min(1.0, row.done / row.total), text=words)


def _result(result: dict[str, Any]) -> None:
    now, then = result["now"], result["then"]
    rows = [(t(f"tuning.severities.{severity}"), now[severity], then[severity]) for severity in reversed(SEVERITIES)]
    rows.append((t("tuning.preview.all"), sum(now.values()), sum(then.values())))
    titles = (t("tuning.preview.severity"), t("tuning.preview.now"), t("tuning.preview.then"))
    st.dataframe([dict(zip(titles, row, strict=True)) for row in rows], hide_index=True, alt=t("tuning.preview.alt"))
    st.caption(t("tuning.preview.every"))
    if result.get("one_in", 1) > 1:
        st.caption(t("tuning.preview.one_in", n=result["one_in"]))
    if not any(result[kind] for kind in ("appeared", "vanished", "changed")):
        st.caption(t("tuning.preview.same"))
    for kind in ("appeared", "vanished", "changed"):
        if result[kind]:
            with st.expander(t(f"tuning.preview.{kind}", n=result[kind])):
                examples = [_example(one) for one in result["examples"][kind]]
                st.dataframe(examples, hide_index=True, alt=t(f"tuning.preview.{kind}", n=result[kind]))


def _example(one: Mapping[str, Any]) -> dict[str, object]:
    named_detectors = {known.id: str(known.about["name"][language()]) for known in detectors()}
    row: dict[str, object] = {
        t("tuning.preview.at"): times.to_the_minute(datetime.fromtimestamp(one["at"], UTC)),
        t("tuning.preview.who"): one["name"] or one["entity"],
        t("tuning.preview.detector"): named_detectors.get(one["detector"], one["detector"]),
        t("tuning.preview.severity"): t(f"tuning.severities.{one['severity']}"),
    }
    if "was" in one:
        row[t("tuning.preview.was")] = t(f"tuning.severities.{one['was']}")
    row[t("tuning.preview.calls")] = one["calls"]
    row[t("tuning.preview.cost")] = one["cost"]
    return row
