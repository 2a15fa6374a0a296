"""The colours that Streamlit has for badges and words."""

from typing import Literal

BadgeColor = Literal["red", "orange", "yellow", "green", "blue", "violet", "gray"]
