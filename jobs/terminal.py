"""What commands print: texts in the language of the terminal, on standard output."""

import os
import sys
from typing import Any

from core.language import Language, preferred_language, translate


def terminal_language() -> Language:
    """The language of the terminal, in the order POSIX gives its variables."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return preferred_language(next((name for name in names if name), None))


def say(key: str, **values: Any) -> None:
    """Print a text of the table."""
    sys.stdout.write(translate(key, terminal_language(), **values) + "\n")
    sys.stdout.flush()
