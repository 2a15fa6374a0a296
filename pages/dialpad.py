"""Dial pad: a number, what the policy says to it, its call, the calls made before; and the scheduled tests."""

import streamlit as st

from core.errors import TollwatchError
from core.ui import address, dial_history, dial_live, dial_pad, dial_policy, dial_state, dial_tests, frame, states
from core.ui.session import require
from core.ui.text import t

person = require("dialer.view")

with frame.heading("dialpad"):
    dial_live.health()
try:
    if address.tabs("view", ("pad", "tests"), lambda name: t(f"dialpad.tabs.{name}")) == "tests":
        dial_tests.draw(person)
    else:
        dial_state.fill_from_address()
        left, right = st.columns([5, 6], gap="medium")
        with left:
            dial_pad.draw()
        with right:
            st.markdown(f"**{t('dialpad.under_way')}**")
            dial_live.calls()
            st.markdown(f"**{t('dialpad.at_hand')}**")
            dial_pad.recent(person)
        dial_policy.draw(person)
        dial_history.draw(person)
except TollwatchError as error:
    states.failed(error)
