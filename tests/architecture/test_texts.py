"""Every text a person reads stands in the table, in both languages, and nowhere in a page."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

from core.language import LANGUAGES, catalogue

ROOT = Path(__file__).parent.parent.parent
SCREEN = sorted([*(ROOT / "pages").rglob("*.py"), *(ROOT / "core" / "ui").rglob("*.py")])
TRANSLATING = {"t": 0, "translate": 0, "is_text": 0}
WORD = re.compile(r"[A-Za-zÁÉÍÓÚÑáéíóúñ]{2,}")
MARKUP = re.compile(r":material/[a-z_]+:|:[a-z]+\[|<[^>]*>?|&[a-z]+;|[a-z]+=\"|\"[^>]*>")
UNSEEN = {
    "args",
    "autocomplete",
    "key", "icon", "type", "color", "colour", "bind", "format", "mime", "file_name", "shortcut", "on_change",
    "on_click", "on_select", "selection_mode", "border", "width", "height", "gap", "layout", "position", "size",
    "chart_type", "delta_color", "delta_arrow", "language", "horizontal_alignment", "vertical_alignment",
    "text_alignment",
    "alignment", "label_visibility", "icon_position", "run_every", "path", "url_path", "visibility", "duration",
    "page_icon", "icon_image", "css", "js", "html", "pinned",
}  # fmt: skip
READ = {
    "title", "header", "subheader", "markdown", "caption", "text", "write", "error", "warning", "info", "success",
    "toast", "badge", "button", "link_button", "download_button", "form_submit_button", "text_input", "text_area",
    "number_input", "date_input", "selectbox", "multiselect", "pills", "segmented_control", "toggle", "checkbox",
    "radio", "file_uploader", "metric", "popover", "expander", "tabs", "dialog", "page_link", "menu_button",
    "status", "spinner", "TextColumn", "NumberColumn", "Page", "set_page_config", "html", "progress", "dataframe",
    "table", "plotly_chart",
}  # fmt: skip
NAMES_OF_CODE = {".py", "tollwatch.css"}


def calls_of(path: Path) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def pattern_of(key: ast.expr) -> str | None:
    """The key as a pattern: what is filled in at run time may be any part; ``None`` for a bare variable."""
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return re.escape(key.value)
    if isinstance(key, ast.JoinedStr):
        parts = [re.escape(str(p.value)) if isinstance(p, ast.Constant) else r".+" for p in key.values]
        return "".join(parts)
    if isinstance(key, ast.IfExp):
        return f"({pattern_of(key.body)}|{pattern_of(key.orelse)})"
    return None


def audited() -> Iterator[str]:
    """The actions that are written into the audit by their whole names."""
    for path in [*(ROOT / "core").rglob("*.py"), *(ROOT / "jobs").rglob("*.py")]:
        for call in calls_of(path):
            if isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "audit.record":
                named = (word.value for word in call.keywords if word.arg == "action")
                yield from (str(node.value) for node in named if isinstance(node, ast.Constant))


def test_every_audited_action_has_words() -> None:
    actions = set(audited())
    assert {"dialer.policy_changed", "session.started"} <= actions
    assert sorted(one for one in actions if f"users.actions.{one}" not in catalogue()) == []


def used_patterns() -> Iterator[tuple[str, str]]:
    for path in [*SCREEN, *(ROOT / "core").rglob("*.py"), *(ROOT / "jobs").rglob("*.py")]:
        for call in calls_of(path):
            if called(call) in TRANSLATING and call.args and (pattern := pattern_of(call.args[0])):
                yield f"{path.relative_to(ROOT)}:{call.lineno}", pattern


def test_every_key_that_is_used_exists() -> None:
    keys = list(catalogue())
    missing = [
        f"{where} {pattern}"
        for where, pattern in set(used_patterns())
        if not any(re.fullmatch(pattern, key) for key in keys)
    ]
    assert sorted(missing) == []


def test_every_key_stands_in_both_languages() -> None:
    assert [key for key, texts in catalogue().items() if set(texts) != set(LANGUAGES)] == []


def test_no_text_is_empty() -> None:
    assert [key for key, texts in catalogue().items() if not all(text.strip() for text in texts.values())] == []


def test_both_languages_fill_the_same_placeholders() -> None:
    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert [key for key, texts in catalogue().items() if names(texts["en"]) != names(texts["es"])] == []


OTHERS = {"address", "figures", "frame", "explorer", "job_board", "navigation", "page", "api_keys", "queries"}


def is_streamlits(call: ast.Call) -> bool:
    """Whether the call draws: a method of anything but our own modules, which draw through Streamlit themselves."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return not (isinstance(owner, ast.Name) and owner.id in OTHERS)


def visible_literals(call: ast.Call) -> Iterator[str]:
    read = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg not in UNSEEN)]
    for argument in read:
        yield from literals(argument)


def literals(node: ast.expr) -> Iterator[str]:
    """The words a drawing call would show as they stand: not those inside calls, subscripts and comparisons."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if WORD.search(MARKUP.sub(" ", node.value)):
            yield node.value
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from literals(part)
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)
    elif isinstance(node, ast.BinOp):
        yield from literals(node.left)
        yield from literals(node.right)
    elif isinstance(node, ast.List | ast.Tuple):
        for element in node.elts:
            yield from literals(element)


def test_no_text_is_written_in_a_page() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno} {text!r}"
        for path in SCREEN
        for call in calls_of(path)
        if called(call) in READ and is_streamlits(call)
        for text in visible_literals(call)
        if text not in NAMES_OF_CODE
    ]
    assert found == []


def test_the_search_for_literals_finds_one() -> None:
    sample = ast.parse("st.button('Save ' + name)\nst.caption(f'{n} calls')\nst.markdown(t('ui.product'))")
    found = [
        text for node in ast.walk(sample) if isinstance(node, ast.Call) if called(node) in READ
        for text in visible_literals(node)
    ]  # fmt: skip
    assert found == ["Save ", " calls"]
