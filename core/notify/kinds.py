"""The kinds of channel: every folder ``channels/<kind>`` with its ``channel.toml`` and ``transport.py``.

A kind is found by its folder alone; nothing else names it. CONTRIBUTING.md shows how to add one.
"""

import importlib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from core.errors import InvalidInputError
from core.language import Language
from core.notify.addresses import check_address
from core.notify.errors import ChannelKindUnknownError
from core.notify.notice import Transport
from core.settings import Settings

FOLDER = Path(__file__).parent / "channels"
FieldKind = Literal["text", "url", "emails"]
LONGEST_VALUE = 2000
MOST_RECIPIENTS = 50
RECIPIENTS = "recipients"
_FIELD_KINDS = get_args(FieldKind)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?", re.ASCII)
"""An address as RFC 5321 has it without quoting; what lies outside ASCII not every mail server takes."""
_SEPARATORS = re.compile(r"[\s,;]+")


@dataclass(frozen=True)
class Field:
    """One thing a person fills in. A ``secret`` is encrypted and never shown again; ``emails`` are the recipients."""

    name: str
    kind: FieldKind
    label: Mapping[str, str]
    help: Mapping[str, str]
    secret: bool = False
    required: bool = False


@dataclass(frozen=True)
class ChannelKind:
    """One kind of channel: what it is called, what it needs, how it sends, and a check over all its values."""

    id: str
    name: Mapping[str, str]
    about: Mapping[str, str]
    icon: str
    order: int
    fields: tuple[Field, ...]
    send: Transport
    check: Callable[[Mapping[str, str]], None] | None
    made_up: Callable[[], Mapping[str, str]] | None

    def named(self, language: Language) -> str:
        """Its name."""
        return self.name[language]

    @property
    def has_recipients(self) -> bool:
        """Whether it tells several people by address, one after the other."""
        return any(field.kind == "emails" for field in self.fields)


@cache
def kinds() -> dict[str, ChannelKind]:
    """Every kind by its id, in the order people read them."""
    found = (_load(path.parent) for path in FOLDER.glob("*/channel.toml"))
    return {kind.id: kind for kind in sorted(found, key=lambda kind: (kind.order, kind.id))}


def kind_of(kind_id: str) -> ChannelKind:
    """One kind. Raises ``ChannelKindUnknownError``."""
    found = kinds().get(kind_id)
    if found is None:
        raise ChannelKindUnknownError(kind=kind_id)
    return found


def kind_name(kind_id: str, language: Language) -> str:
    """What a kind is called, a kind that is no more by its id."""
    found = kinds().get(kind_id)
    return found.named(language) if found else kind_id


def checked_values(kind: ChannelKind, values: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """The values a person gave, trimmed and found usable. Raises ``InvalidInputError``, ``AddressRefusedError``."""
    checked = {field.name: _checked(field, values.get(field.name, ""), settings) for field in kind.fields}
    if kind.check:
        kind.check(checked)
    return checked


def addresses_in(text: str) -> list[str]:
    """The e-mail addresses in a text, parted by commas, semicolons or spaces. Raises ``InvalidInputError``."""
    found = list(dict.fromkeys(filter(None, _SEPARATORS.split(text))))
    for address in found:
        if not _is_address(address):
            raise InvalidInputError(field=RECIPIENTS, problem=f"no e-mail address: {address[:80]}")
    if len(found) > MOST_RECIPIENTS:
        raise InvalidInputError(field=RECIPIENTS, problem=f"> {MOST_RECIPIENTS}")
    return found


@lru_cache(maxsize=4096)
def _is_address(text: str) -> bool:
    return bool(_EMAIL.fullmatch(text)) and parseaddr(text)[1] == text


def _checked(field: Field, value: str, settings: Settings) -> str:
    value = value.strip()
    if field.required and not value:
        raise InvalidInputError(field=field.name, problem="–")
    if len(value) > LONGEST_VALUE or not all(sign.isprintable() or sign == "\n" for sign in value):
        raise InvalidInputError(field=field.name, problem=f"1..{LONGEST_VALUE}")
    if field.kind == "url" and value:
        check_address(value, settings)
    if field.kind == "emails":
        return ", ".join(addresses_in(value))
    return value


def _load(folder: Path) -> ChannelKind:
    told = tomllib.loads((folder / "channel.toml").read_text(encoding="utf-8"))
    module = importlib.import_module(f"core.notify.channels.{folder.name}.transport")
    return ChannelKind(
        id=folder.name,
        name=told["name"],
        about=told["about"],
        icon=told["icon"],
        order=int(told["order"]),
        fields=tuple(_field(entry) for entry in told.get("fields", ())),
        send=module.send,
        check=getattr(module, "check", None),
        made_up=getattr(module, "made_up", None),
    )


def _field(entry: dict[str, Any]) -> Field:
    if entry["kind"] not in _FIELD_KINDS:
        raise ValueError(f"field {entry['name']} is of no kind we know: {entry['kind']}")
    return Field(**entry)
