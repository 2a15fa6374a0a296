"""The menu of saved views: keep the page's filter under a name, come back to it, share it, forget it."""

from urllib.parse import parse_qs, urlencode

import streamlit as st

from core.calls import saved_views
from core.errors import TollwatchError
from core.store.models.calls import SavedView
from core.ui import navigation, refusals, session
from core.ui.components.copying import copy_button
from core.ui.text import escaped, t

_NAME, _PROBLEM = "view_name", "view_problem"


def menu(page: str, query: dict[str, list[str]]) -> None:
    """A button with the person's views of ``page``; ``query`` is what saving keeps."""
    person = session.current_user()
    if person is None:
        return
    with session.services().database.read() as opened:
        views = saved_views.listed(opened, owner=person.name, page=page)
    with st.popover(t("ui.views.title"), icon=":material/bookmark:", key=f"views_{page}"):
        for view in views:
            _row(page, view)
        if not views:
            st.caption(t("ui.views.none"))
        with st.form(f"save_view_{page}", border=False, clear_on_submit=True):
            st.text_input(t("ui.views.name"), key=_NAME, max_chars=saved_views.LONGEST_NAME)
            st.form_submit_button(
                t("ui.views.save"), icon=":material/bookmark_add:", on_click=_save, args=(page, query), width="stretch"
            )
        if problem := st.session_state.pop(_PROBLEM, None):
            refusals.told(problem)


def _row(page: str, view: SavedView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.page_link(
            navigation.script(page),
            label=escaped(view.name),
            icon=":material/bookmark:",
            query_params=parse_qs(view.query),
            width="stretch",
        )
        copy_button(t("ui.copy_link"), t("ui.copied"), key=f"view_link_{view.id}", address=_address(page, view.query))
        st.button(
            t("ui.views.forget"),
            key=f"view_forget_{view.id}",
            icon=":material/delete:",
            type="tertiary",
            on_click=_forget,
            args=(view.id,),
        )


def _address(page: str, query: str) -> str:
    return f"{navigation.address(page)}?{query}"


def _save(page: str, query: dict[str, list[str]]) -> None:
    parts, person = session.services(), session.current_user()
    if person is None:
        return
    try:
        with parts.database.write() as opened:
            saved_views.save(
                opened,
                owner=person.name,
                page=page,
                name=st.session_state[_NAME],
                query=urlencode(query, doseq=True),
                at=parts.clock.now(),
            )
    except TollwatchError as error:
        st.session_state[_PROBLEM] = error
        return
    st.toast(t("ui.views.saved"), icon=":material/bookmark_added:")


def _forget(view_id: int) -> None:
    person = session.current_user()
    if person:
        with session.services().database.write() as opened:
            saved_views.remove(opened, owner=person.name, view_id=view_id)
