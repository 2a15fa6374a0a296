"""The parts of the Detectors page: the list with each detector's record, and one detector with all about it."""

from datetime import timedelta

import streamlit as st

from core.detection import tuning
from core.detection.precision import DetectorRecord, records
from core.detection.registry import Detector, detectors
from core.detection.tuning import Tuning
from core.ui import numbers, session
from core.ui.detectors import tuning as detector_tuning
from core.ui.text import escaped, language, named, t

DAYS = 30
CHOSEN = "detector"
_LAST = "detector_last_choice"


def board() -> None:
    """Every detector, and the one the address names below."""
    parts = session.services()
    since = parts.clock.now() - timedelta(days=DAYS)
    with parts.database.read() as opened:
        standing, found = tuning.tunings(opened), records(opened, since)
    _list(standing, found)
    chosen = next((known for known in detectors() if known.id == st.query_params.get(CHOSEN)), None)
    if chosen is not None:
        _about(chosen, found.get(chosen.id, DetectorRecord()))
        detector_tuning.panel(chosen, *standing[chosen.id])


def _list(standing: dict[str, tuple[Tuning, int]], found: dict[str, DetectorRecord]) -> None:
    known = detectors()
    rows = [_row(one, standing[one.id][0], found.get(one.id, DetectorRecord())) for one in known]
    shown = st.dataframe(
        rows,
        key="detector_list",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        alt=t("tuning.columns.alt"),
        height=40 + 31 * len(rows),
    )
    st.caption(t("tuning.columns.choose"))
    chosen = shown.selection.rows
    if chosen and chosen[0] < len(known):
        _open(known[chosen[0]].id)


def _open(detector_id: str) -> None:
    """Follow a choice once: the address may meanwhile name another detector."""
    if st.session_state.get(_LAST) == detector_id:
        return
    st.session_state[_LAST] = detector_id
    if st.query_params.get(CHOSEN) != detector_id:
        st.query_params[CHOSEN] = detector_id
        st.rerun()


def _row(known: Detector, tuned: Tuning, record: DetectorRecord) -> dict[str, object]:
    state = "off" if not tuned.is_enabled else "changed" if tuned.is_changed else "default"
    return {
        t("tuning.columns.detector"): name(known),
        t("tuning.columns.severity"): t(f"tuning.severities.{known.about['severity']}"),
        t("tuning.columns.state"): t(f"tuning.states.{state}"),
        t("tuning.columns.alerts"): record.alerts,
        t("tuning.columns.open"): record.open,
        t("tuning.columns.precision"): numbers.share(record.precision),
        t("tuning.columns.mitre"): ", ".join(known.about["mitre"]),
    }


def name(known: Detector) -> str:
    """A detector's name in the session's language."""
    return str(known.about["name"][language()])


def name_of(detector_id: str) -> str:
    """As ``name``, by id; an id that is none of ours stays as it is."""
    known = next((one for one in detectors() if one.id == detector_id), None)
    return name(known) if known else detector_id


def _about(known: Detector, record: DetectorRecord) -> None:
    about = known.about
    with st.container(border=True, key="card-detector"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(name(known), anchor=False)
            st.space("stretch")
            st.button(t("tuning.detail.close"), key="detector_close", icon=":material/close:", on_click=_close)
        st.caption(
            t(
                "tuning.detail.record",
                alerts=record.alerts,
                open=record.open,
                confirmed=record.confirmed,
                benign=record.benign,
            )
        )
        columns = st.columns(3, gap="medium")
        for column, part in zip(columns, ("purpose", "false_positives", "runbook"), strict=True):
            with column:
                st.markdown(f"**{t(f'tuning.detail.{part}')}**")
                st.markdown(escaped(" ".join(str(about[part][language()]).split())))
        st.caption(
            t("tuning.detail.taxonomy", mitre=", ".join(about["mitre"]), gsma=", ".join(about["gsma"]))
            + " · "
            + t("tuning.detail.version", n=known.version, severity=named("tuning.severities", about["severity"]))
        )


def _close() -> None:
    st.query_params.pop(CHOSEN, None)
    st.session_state.pop(_LAST, None)
    st.session_state.pop("detector_list", None)
