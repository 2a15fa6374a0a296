"""The pages without the web process's own gate in front: what a hole in that gate would leave."""

from pathlib import Path

import streamlit as st

ROOT = Path(__file__).parents[2]

app = st.App(ROOT / "pages" / "_entry.py")
