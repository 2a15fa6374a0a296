"""Light, dark or as the system has it: the choice Streamlit keeps in the browser, for all our pages at once.

Streamlit offers no call for it. It keeps the choice under ``stActiveTheme-<path>-v2`` in the browser's storage, one a
path, and reads it when a page loads; a browser test notices when that changes.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.ui import navigation
from core.ui.text import t

_STYLE = """
[role="group"] { display: flex; }
button {
  flex: 1; font: inherit; font-size: 13px; padding: 0.3rem 0; cursor: pointer; color: var(--st-text-color);
  background: transparent; border: 1px solid var(--st-border-color); margin-left: -1px;
}
button:first-child { border-radius: 8px 0 0 8px; margin-left: 0; }
button:last-child { border-radius: 0 8px 8px 0; }
button[aria-pressed="true"] { border-color: var(--st-primary-color); color: light-dark(#A30312, #FF9BA3); z-index: 1; }
button:focus-visible { outline: 2px solid var(--st-primary-color); }
"""

_SCRIPT = """
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector("[role=group]");
  root.replaceChildren();
  const stored = (path) => `stActiveTheme-${path}-v2`;
  const chosen = JSON.parse(window.localStorage.getItem(stored(window.location.pathname)) ?? '"System"');
  for (const [name, label] of data.choices) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.setAttribute("aria-pressed", String(name === chosen));
    button.onclick = () => {
      for (const path of data.paths) {
        if (name === "System") window.localStorage.removeItem(stored(path));
        else window.localStorage.setItem(stored(path), JSON.stringify(name));
      }
      window.location.reload();
    };
    root.append(button);
  }
}
"""

_mount: Callable[..., Any] = st.components.v2.component(
    "tollwatch_theme",
    html="<div role='group'></div>",
    css=_STYLE,
    js=_SCRIPT,
)


def switch() -> None:
    """Three buttons: as the system, light, dark. The page reloads with the choice."""
    choices = [(name, t(f"ui.theme.{name.lower()}")) for name in ("System", "Light", "Dark")]
    paths = [navigation.address(screen.name) for screen in navigation.SCREENS]
    st.caption(t("ui.theme.label"))
    _mount(data={"choices": choices, "paths": paths}, key="menu_theme", height="content")
