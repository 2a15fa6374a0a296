"""The keyword lists as an administrator keeps them: each with what it heard, one form to make or change one."""

from collections.abc import Mapping

import streamlit as st

from core.detection.finding import SEVERITIES
from core.recordings import keyword_lists, query
from core.recordings.keyword_lists import LANGUAGES, LONGEST_NAME, ListContent
from core.store.models.recordings import KeywordListRow
from core.ui import navigation, numbers, session, states, times
from core.ui.recordings import actions
from core.ui.text import escaped, t
from core.ui.who import person_name

_NONE = ""
LONGEST_TYPED = 20_000


def board() -> None:
    """Every list, and a form for a new one."""
    with session.services().database.read() as opened:
        lists = keyword_lists.every(opened)
        heard = query.heard(opened)
    st.caption(t("recordings_page.keywords.help"))
    if not lists:
        states.empty(t("recordings_page.keywords.none"), t("recordings_page.keywords.none_help"))
    for row in lists:
        _list(row, heard)
    with st.expander(t("recordings_page.keywords.new"), icon=":material/add:", expanded=not lists):
        _form(None)


def _list(row: KeywordListRow, heard: Mapping[int, int]) -> None:
    with st.container(border=True, key=f"card-keywords-{row.id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{escaped(row.name)}**", width="content")
            name = "active" if row.is_active else "paused"
            st.badge(t(f"recordings_page.keywords.{name}"), color="green" if row.is_active else "gray")
            st.space("stretch")
            if heard.get(row.id):
                st.page_link(
                    navigation.script("recordings"),
                    label=t("recordings_page.keywords.show"),
                    icon=":material/graphic_eq:",
                    query_params={"list": str(row.id)},
                )
        st.markdown(escaped(" · ".join(row.phrases)))
        told = t(
            "recordings_page.keywords.line",
            n=len(row.phrases),
            tongue=_language(row.language),
            severity=_severity(row.severity).lower(),
            recordings=numbers.whole(heard.get(row.id, 0)),
        )
        changed = t(
            "recordings_page.keywords.changed",
            who=escaped(person_name(row.changed_by)),
            at=times.to_the_minute(row.changed_at),
        )
        st.caption(f"{told}  \n{changed}")
        with st.expander(t("recordings_page.keywords.edit"), icon=":material/edit:"):
            _form(row)
            st.button(
                t("recordings_page.keywords.remove"),
                key=f"keywords_remove_{row.id}",
                icon=":material/delete:",
                help=t("recordings_page.keywords.remove_help"),
                on_click=actions.remove_list,
                args=(row.id, row.version),
            )


def _language(code: str) -> str:
    return t(f"recordings_page.tongues.{code}") if code else t("recordings_page.keywords.any_language")


def _severity(severity: str) -> str:
    return t(f"alerts.severities.{severity}") if severity else t("recordings_page.keywords.no_alert")


def _form(row: KeywordListRow | None) -> None:
    key = f"keywords_{row.id}_{row.version}" if row else "keywords_new"
    severities = (_NONE, *SEVERITIES)
    with st.form(key, border=True, clear_on_submit=row is None):
        st.text_input(
            t("recordings_page.keywords.name"), row.name if row else "", max_chars=LONGEST_NAME, key=f"{key}_name"
        )
        st.text_area(
            t("recordings_page.keywords.phrases"),
            "\n".join(row.phrases) if row else "",
            max_chars=LONGEST_TYPED,
            height=140,
            key=f"{key}_phrases",
        )
        left, middle, right = st.columns(3, vertical_alignment="bottom")
        left.selectbox(
            t("recordings_page.keywords.language"),
            LANGUAGES,
            index=LANGUAGES.index(row.language) if row and row.language in LANGUAGES else 0,
            format_func=_language,
            key=f"{key}_language",
        )
        middle.selectbox(
            t("recordings_page.keywords.severity"),
            severities,
            index=severities.index(row.severity) if row and row.severity in severities else 0,
            format_func=_severity,
            key=f"{key}_severity",
        )
        right.toggle(t("recordings_page.keywords.active"), row.is_active if row else True, key=f"{key}_active")
        st.form_submit_button(
            t("recordings_page.keywords.save"),
            icon=":material/save:",
            type="primary",
            on_click=_save,
            args=(key, row.id if row else None, row.version if row else 0),
        )


def _save(key: str, list_id: int | None, version: int) -> None:
    state = st.session_state
    content = ListContent(
        name=str(state[f"{key}_name"] or ""),
        language=state[f"{key}_language"],
        phrases=str(state[f"{key}_phrases"] or "").splitlines(),
        severity=state[f"{key}_severity"],
        is_active=bool(state[f"{key}_active"]),
    )
    actions.keep_list(content, list_id, version)
