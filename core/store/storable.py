"""Which texts the databases can hold."""

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether both databases can hold a text: PostgreSQL takes no U+0000, UTF-8 no surrogate."""
    return _UNSTORABLE.search(text) is None
