"""The outbox decides what leaves and when: no page, no route and no area delivers anything by itself.

Whatever is to be told is written in the transaction of its change; one job claims what was written and hands it over.
A button that tries a channel writes a message like any other, so the rule has no exception for it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.test_imports import ROOT, imported, sources

PRODUCT = sources("core", "jobs", "pages")
SEEN = [path for path in sources("core/ui", "core/web", "pages") if path.name != "__init__.py"]
"""What people and programs reach: pages, their parts, routes."""

DELIVERING = ("smtplib", "aiosmtplib", "core.notify.sending", "core.notify.outbound", "core.notify.channels")
ALLOWED = {
    ("jobs/send_outbox.py", "core.notify.sending"),
    # A name, no delivery: the address that an invitation says it comes from.
    ("core/ui/visits/form.py", "core.notify.channels.email.letter.sender_address"),
    ("core/web/api/visits.py", "core.notify.channels.email.letter.sender_address"),
    ("core/watson/carrying_out.py", "core.notify.channels.email.letter.sender_address"),
    ("core/visits/founding.py", "core.notify.channels.email.letter.sender_address"),
}
WORKING = {"claim", "delivered", "failed", "hand_back"}
"""What the one who sends does with the outbox."""

SENDING = {"send", "sendmail", "send_message", "hand_over", "send_due"}


def deliveries(path: Path) -> set[str]:
    """What a module imports of that which delivers; a module that something is imported from is not named twice."""
    found = {name for name in imported(path) if any(f"{name}.".startswith(f"{one}.") for one in DELIVERING)}
    return {name for name in found if not any(other.startswith(f"{name}.") for other in found)}


def attributes(tree: ast.AST, name: str) -> Iterator[str]:
    """The attributes of a module of that name that are used, and what is imported from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
            yield node.attr
        elif isinstance(node, ast.ImportFrom) and node.module == f"core.store.{name}":
            yield from (alias.name for alias in node.names)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_only_the_job_that_empties_the_outbox_delivers() -> None:
    outside = [path for path in PRODUCT if not path.is_relative_to(ROOT / "core" / "notify")]
    found = {(str(path.relative_to(ROOT)), name) for path in outside for name in deliveries(path)}
    assert found == ALLOWED


def test_nobody_but_the_sender_works_the_outbox() -> None:
    found = {
        str(path.relative_to(ROOT)) for path in PRODUCT if WORKING & set(attributes(tree_of(path), "outbox"))
    }  # fmt: skip
    assert found == {"core/notify/sending.py"}


def test_nothing_that_is_seen_calls_a_channel() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SEEN
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in SENDING
    ]
    assert found == []


def test_the_rules_find_who_breaks_them(tmp_path: Path) -> None:
    page = tmp_path / "page.py"
    page.write_text(
        "import smtplib\n"
        "from core.notify import sending\n"
        "from core.notify.channels.email.conversation import hand_over\n"
        "from core.store.outbox import claim\n"
        "outbox.delivered(1)\n"
    )
    assert deliveries(page) == {
        "smtplib", "core.notify.sending", "core.notify.channels.email.conversation.hand_over",
    }  # fmt: skip
    assert set(attributes(tree_of(page), "outbox")) >= {"claim", "delivered"}
