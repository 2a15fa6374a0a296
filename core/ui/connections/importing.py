"""Files brought in by hand: the upload on the Connections page, and what became of former ones."""

import json

import streamlit as st
from streamlit.typing import UploadedFile

from core.calls import import_marks, imports, uploads
from core.errors import TollwatchError
from core.store import commands
from core.store.models.calls import ImportBatch
from core.ui import asking, navigation, numbers, session, states, times
from core.ui.text import error_texts, named, stored_error, t
from core.ui.who import person_name

FILE_TYPES = ("csv", "json", "jsonl", "ndjson", "parquet", "gz", "zip")
IMPORT_ROWS = 20
REFRESH = "2s"
_UPLOADER = """<style>
[data-testid="stFileUploaderDropzoneInstructions"] {{ display: none; }}
[data-testid="stFileUploaderDropzone"]:not(:has([data-testid="stFileChips"])) button {{
    font-size: 0;
    & *:not([data-testid="stIconMaterial"]) {{ font-size: 0; }}
    & [data-testid="stIconMaterial"] {{ font-size: 1.2rem; }}
    &::after {{ content: {browse}; font-size: 0.875rem; }}
}}
</style>"""
"""The uploader speaks English only: its own words give way to ours, as long as no file is chosen."""
_UPLOAD, _COMMAND = "import_upload_number", "import_command"
_COUNTED = ("read", "new", "duplicate", "replaced", "quarantined")


def importing() -> None:
    """A file from this computer into the call records, and what became of former ones."""
    if session.may("calls.import"):
        with st.form("import", border=True):
            st.html(_UPLOADER.format(browse=json.dumps(t("connections.imports.browse"), ensure_ascii=False)))
            st.file_uploader(t("connections.imports.file"), type=FILE_TYPES, key=_upload_key())
            st.caption(t("connections.imports.help"))
            st.form_submit_button(
                t("connections.imports.start"), icon=":material/upload:", type="primary", on_click=_import
            )
    _imports()


def _upload_key() -> str:
    """The key of the present upload; each import begins a new one, so that the same file can be chosen again."""
    return f"import_file_{st.session_state.get(_UPLOAD, 0)}"


def _import() -> None:
    person, parts = session.check("calls.import"), session.services()
    file: UploadedFile | None = st.session_state.get(_upload_key())
    if file is None:
        st.session_state["import_problem"] = t("connections.imports.choose")
        return
    try:
        upload = uploads.keep(parts.settings, file.name, file)
    except TollwatchError as error:
        st.session_state["import_problem"] = " ".join(error_texts(error))
        return
    st.session_state[_UPLOAD] = st.session_state.get(_UPLOAD, 0) + 1
    st.session_state[_COMMAND] = asking.run_job("import_upload", "calls.import", upload=upload, by=person.name)


@st.fragment(run_every=REFRESH)
def _imports() -> None:
    session.require("connections.view")
    if problem := st.session_state.pop("import_problem", None):
        st.warning(problem, icon=":material/upload_file:")
    with session.services().database.read() as opened:
        batches = imports.listed(opened, IMPORT_ROWS)
        number = st.session_state.get(_COMMAND)
        asked = commands.find(opened, number) if number else None
    if asked and asked.state in (commands.QUEUED, commands.RUNNING):
        st.info(t(f"connections.imports.{asked.state}"), icon=":material/hourglass_top:")
    if not batches:
        states.empty(t("connections.imports.empty"), t("connections.imports.empty_help"))
        return
    st.dataframe(
        [_import_row(batch) for batch in batches],
        hide_index=True,
        column_config={t("connections.imports.problem"): st.column_config.TextColumn(width=420)},
        alt=t("connections.imports.alt"),
    )
    _latest_problem(batches[0])
    if any(batch.quarantined for batch in batches):
        st.page_link(
            navigation.script("job_board"),
            label=t("connections.imports.to_quarantine"),
            icon=":material/arrow_forward:",
            query_params={"view": "quarantine"},
        )


def _latest_problem(batch: ImportBatch) -> None:
    """What kept the last file from being read, in full."""
    if problem := imports.problem_of(batch):
        message, remedy = stored_error(problem)
        st.error(f"{message} {remedy}", icon=":material/error:")


def _import_row(batch: ImportBatch) -> dict[str, str]:
    problem = imports.problem_of(batch)
    values = {
        "origin": batch.origin,
        "state": named("connections.imports.states", _state_of(batch)),
        "problem": " ".join(stored_error(problem)).replace("\\", "") if problem else "",
        "started": times.moment(batch.started_at),
        "by": person_name(batch.started_by),
    }
    counted = {name: numbers.whole(getattr(batch, name)) for name in _COUNTED}
    shown = {t(f"connections.imports.{name}"): value for name, value in values.items()}
    return shown | {t(f"connections.counts.{name}"): value for name, value in counted.items()}


def _state_of(batch: ImportBatch) -> str:
    is_dead = batch.state == imports.RUNNING and not import_marks.is_alive(session.services().settings, batch.id)
    return "interrupted" if is_dead else batch.state
