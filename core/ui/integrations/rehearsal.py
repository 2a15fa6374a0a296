"""Trying a sentence at the Watson door: what the rules read in it, without anything being made."""

import streamlit as st

from core.language import is_text
from core.store.storable import is_storable
from core.ui.session import services
from core.ui.text import escaped, named, t
from core.watson import status
from core.watson.vocabulary import LONGEST_TEXT

_NAMED = {"priority": "tickets.priorities", "period": "reports.periods"}


def draw() -> None:
    """A field for a sentence, and what is read in it."""
    with st.form("watson_rehearsal", border=True):
        st.subheader(t("integrations.rehearsal.title"), anchor=False)
        st.caption(t("integrations.rehearsal.about"))
        text = st.text_input(
            t("integrations.rehearsal.text"),
            max_chars=LONGEST_TEXT,
            placeholder=t("integrations.rehearsal.example"),
            key="watson_sentence",
        )
        asked = st.form_submit_button(t("integrations.rehearsal.read"), icon=":material/quick_reference_all:")
        if asked and text.strip() and is_storable(text):
            _shown(status.rehearse(services(), text.strip()))


def _shown(read: status.Rehearsal) -> None:
    if not read.intent:
        st.info(t("integrations.rehearsal.nothing"), icon=":material/info:")
        return
    facts = [f"* {t(f'integrations.facts.{name}')}: {_value(name, value)}" for name, value in read.facts.items()]
    st.markdown("\n".join([f"**{t(f'integrations.intents.{read.intent}')}**", "", *facts]))
    if read.missing:
        question = t(f"watson.ask.{read.missing}")
        st.caption(t("integrations.rehearsal.missing", question=question))
    else:
        st.caption(t("integrations.rehearsal.complete"))


def _value(name: str, value: str) -> str:
    title = f"report_{value}.title"
    if name == "report" and is_text(title):
        return t(title)
    area = _NAMED.get(name)
    return named(area, value) if area else escaped(value)
