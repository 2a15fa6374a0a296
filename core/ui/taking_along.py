"""What is offered beside the title of a page with a list: its file, the views kept of it, its address."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from core.ui import saved, states
from core.ui.components.copying import copy_button
from core.ui.text import t


def offer(page: str, query: Mapping[str, Sequence[str]], label: str) -> None:
    """The three in the row they are called in; ``query`` is the page's filter, ``label`` names the file's button."""
    address = f"/api/v1/{page}/export?{urlencode(query, doseq=True)}"
    states.action_link(label, address, primary=False, wide=False)
    saved.menu(page, {name: list(values) for name, values in query.items()})
    copy_button(t("ui.copy_link"), t("ui.copied"), key=f"{page}_link")
