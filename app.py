"""The launcher of the web process: ``streamlit run app.py``. Pages are in ``pages``, routes in ``core.web``."""

from pathlib import Path

import streamlit as st

from core.services import keep_private
from core.web.options import options

ROOT = Path(__file__).parent

keep_private()
app = st.App(ROOT / "pages" / "_entry.py", **options())
