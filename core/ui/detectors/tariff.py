"""The tariff on the Detectors page: the prices in use, a file checked line by line before it counts, the versions."""

from collections.abc import Sequence

import streamlit as st

from core.detection import tariffs
from core.detection.rates import Rate
from core.detection.tariffs import Line, TariffFile
from core.store.models.detection import TariffRate, TariffVersion
from core.ui import numbers, reading, session, times
from core.ui.attempts import attempt
from core.ui.detectors import tuning
from core.ui.text import escaped, named, t
from core.ui.who import person_name

SHOWN = 200
FEW_PROBLEMS, PROBLEMS_HEIGHT = 8, 420
EXAMPLE_SECONDS = 300
PERMISSION = tuning.PERMISSION


def board() -> None:
    """What a call costs, and where that comes from."""
    may = session.may(PERMISSION)
    with session.services().database.read() as opened:
        versions = tariffs.versions(opened)
        used = next((version for version in versions if version.is_in_use), None)
        lines = tariffs.rates(opened, used.id, limit=SHOWN) if used else []
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _in_use(used, lines)
    with right:
        if may:
            _load()
        _versions(versions, may)


def _in_use(used: TariffVersion | None, lines: Sequence[TariffRate]) -> None:
    with st.container(border=True, key="card-tariff"):
        st.markdown(f"**{t('tuning.tariffs.title')}**")
        if used is None:
            st.markdown(t("tuning.tariffs.default"))
            return
        at = times.to_the_minute(used.created_at)
        name, who = escaped(used.name), escaped(person_name(used.created_by))
        words = t(
            "tuning.tariffs.in_use", name=name, rates=numbers.whole(used.rates), currency=used.currency, at=at, who=who
        )
        st.markdown(words)
        _table(lines, used.currency, used.per_dollar)


def _table(lines: Sequence[TariffRate | Line], currency: str, per_dollar: float) -> None:
    countries = reading.country_names()
    rows = [
        {
            t("tuning.tariffs.destination"): f"+{line.prefix}"
            if line.prefix
            else countries.get(line.country, line.country),
            t("tuning.tariffs.kind"): named("tuning.tariffs.kinds", line.kind),
            t("tuning.tariffs.price", currency=currency): line.price,
            t("tuning.tariffs.increment"): line.increment,
            t("tuning.tariffs.connection_fee"): line.connection_fee,
            t("tuning.tariffs.example"): round(
                Rate(line.price / per_dollar, line.increment, line.connection_fee / per_dollar).cost(EXAMPLE_SECONDS), 2
            ),
        }
        for line in lines[:SHOWN]
    ]
    st.dataframe(
        rows, hide_index=True, alt=t("tuning.tariffs.alt"), height=min(420, 38 + 35 * len(rows)), row_height=35
    )


def _load() -> None:
    with st.container(border=True, key="card-tariff-load"):
        st.caption(t("tuning.tariffs.help"))
        uploaded = st.file_uploader(t("tuning.tariffs.file"), type=["csv", "txt"], key="tariff_file", max_upload_size=4)
        if uploaded is None:
            return
        content = tariffs.read_file(uploaded.getvalue())
        if content.problems:
            _problems(content)
        if content.is_usable:
            st.success(t("tuning.tariffs.lines", n=numbers.whole(len(content.lines)), currency=content.currency))
            _load_form(content, uploaded.name)


def _problems(content: TariffFile) -> None:
    lines = "problem_lines" if len(content.problems) > 1 else "problem_lines_one"
    st.error(t(f"tuning.tariffs.{lines}", n=len(content.problems)), icon=":material/error:")
    rows = [
        {
            t("tuning.tariffs.line"): str(problem.line),
            t("tuning.tariffs.problem"): t(f"tuning.tariffs.problems.{problem.reason}"),
            t("tuning.tariffs.value"): escaped(problem.value) or t("ui.none"),
        }
        for problem in content.problems
    ]
    with st.container(height=PROBLEMS_HEIGHT if len(rows) > FEW_PROBLEMS else "content", border=False):
        st.table(rows, border="horizontal", hide_index=True, alt=t("tuning.tariffs.problem"))


def _load_form(content: TariffFile, name: str) -> None:
    per_dollar: float | None = 1.0
    if content.currency != "USD":
        per_dollar = st.number_input(
            t("tuning.tariffs.per_dollar", currency=content.currency),
            min_value=tariffs.LOWEST_RATE,
            value=None,
            format="%g",
            key="tariff_per_dollar",
            placeholder=t("tuning.tariffs.per_dollar_hint"),
        )
    if per_dollar is None:
        st.caption(t("tuning.tariffs.per_dollar_first", currency=content.currency))
        return
    _table(content.lines, content.currency, per_dollar)
    st.text_input(t("tuning.tariffs.name"), name[:200], key="tariff_name", max_chars=200)
    st.text_input(t("tuning.tariffs.reason"), key="tariff_reason", max_chars=500)
    st.button(
        t("tuning.tariffs.load"),
        key="tariff_load",
        icon=":material/upload:",
        type="primary",
        on_click=_loaded,
        args=(content, per_dollar),
    )


def _loaded(content: TariffFile, per_dollar: float) -> None:
    person, parts, state = session.check(PERMISSION), session.services(), st.session_state
    name, reason = state["tariff_name"], state["tariff_reason"]

    def load() -> None:
        at = parts.clock.now()
        with parts.database.write() as opened:
            tariffs.load(opened, content, name=name, per_dollar=per_dollar, reason=reason, actor=person.name, at=at)

    attempt(load, t("tuning.tariffs.loaded"))


def _versions(versions: Sequence[TariffVersion], may: bool) -> None:
    if not versions:
        return
    with st.container(border=True, key="card-tariff-versions"):
        st.markdown(f"**{t('tuning.tariffs.versions')}**")
        for version in versions:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    t(
                        "tuning.tariffs.version_line",
                        name=escaped(version.name),
                        rates=numbers.whole(version.rates),
                        currency=version.currency,
                        at=times.to_the_minute(version.created_at),
                        who=escaped(person_name(version.created_by)),
                        reason=escaped(version.reason),
                    )
                )
                if may and not version.is_in_use:
                    key = f"tariff_use_{version.id}"
                    st.button(t("tuning.tariffs.use"), key=key, on_click=_use, args=(version.id,))
        if may and any(version.is_in_use for version in versions):
            st.button(t("tuning.tariffs.use_default"), key="tariff_use_default", on_click=_use, args=(None,))


def _use(tariff_id: int | None) -> None:
    person, parts = session.check(PERMISSION), session.services()

    def use() -> None:
        with parts.database.write() as opened:
            tariffs.use(opened, tariff_id, actor=person.name, at=parts.clock.now())

    attempt(use, t("tuning.tariffs.used"))
