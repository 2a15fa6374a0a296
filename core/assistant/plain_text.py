"""Answers as plain text: whatever a model writes is shown to people and put into files, and obeyed by neither."""

import re
from typing import Any

_LINK = re.compile(
    r"!?\[([^\]\n]{0,400})\]\([^)\n]{0,2000}\)|(?:[a-z][a-z0-9+.-]{1,20}://|www\.|data:|javascript:)\S+", re.I
)
_TAG = re.compile(r"<(?![A-Z]+(?:_\d+)?>)/?[A-Za-z!][^<>]{0,2000}>?")
"""HTML of any kind; placeholders of names, in capitals, stay."""
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_MARKDOWN = re.compile(r"(?m)^\s{0,3}(?:#{1,6}|>|[*+-])\s+|\*\*|__|`+")
_FORMULA = re.compile(r"^[\s=+@|-]+(?=\S)")
"""What begins like this is computed by a spreadsheet."""
REMOVED = "…"


def plain(node: Any) -> Any:
    """A text, or every text of an answer, on one line without links, tags, Markdown, unseen signs and formulas."""
    if isinstance(node, str):
        return _plain(node)
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    return node


def _plain(text: str) -> str:
    seen = _UNSEEN.sub("", text)
    bare = _MARKDOWN.sub("", _TAG.sub(REMOVED, _LINK.sub(lambda match: match.group(1) or REMOVED, seen)))
    return _FORMULA.sub("", " ".join(bare.split())) or REMOVED
