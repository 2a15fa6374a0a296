"""A button that puts a text, or the address of the page as it stands, on the clipboard."""

from collections.abc import Callable
from typing import Any

import streamlit as st

_STYLE = """
button {
  font: inherit; font-size: 0.875rem; line-height: 1.6; cursor: pointer; padding: 0.4rem 0.85rem; white-space: nowrap;
  color: var(--st-text-color); background: var(--st-secondary-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
}
button:hover, button:focus-visible { border-color: var(--st-primary-color); color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
"""

_SCRIPT = """
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  button.textContent = data.label;
  button.onclick = async () => {
    const text = data.address ? window.location.origin + data.address : data.text ?? window.location.href;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = data.done;
    } catch {
      window.prompt(data.label, text);
    }
    setTimeout(() => { button.textContent = data.label; }, 1500);
  };
}
"""

_mount: Callable[..., Any] = st.components.v2.component(
    "tollwatch_copy",
    html="<button type='button'></button>",
    css=_STYLE,
    js=_SCRIPT,
)


def copy_button(label: str, done: str, *, key: str, text: str | None = None, address: str | None = None) -> None:
    """Copy ``text``, or the ``address`` of a page here, or without either the address of this one.

    The button says ``done`` for a moment.
    """
    data = {"label": label, "done": done, "text": text, "address": address}
    _mount(data=data, key=key, width="content", height="content")
