"""Dial pad: a number, what the policy says to it, its call, the calls made before; and the scheduled tests."""

import streamlit as st

from core.errors import TollwatchError
from core.ui import address, frame, states
from core.ui.dialpad import history, live, pad, policy, state, tests
from core.ui.session import require
from core.ui.text import t

person = require("dialer.view")

with frame.heading("dialpad"):
    live.health()
try:
    if address.tabs("view", ("pad", "tests"), lambda name: t(f"dialpad.tabs.{name}")) == "tests":
        tests.draw(person)
    else:
        state.fill_from_address()
        left, right = st.columns([5, 6], gap="medium")
        with left:
            pad.draw()
        with right:
            st.markdown(f"**{t('dialpad.under_way')}**")
            live.calls()
            st.markdown(f"**{t('dialpad.at_hand')}**")
            pad.recent(person)
        policy.draw(person)
        history.draw(person)
except TollwatchError as error:
    states.failed(error)
