"""Calling settings of a person as Webex holds them, said in words."""

from core.ui.text import named, t


def field_name(field: str, aspect: str) -> str:
    """What of a setting is meant: a call type or a kind of forwarding, and which side of it."""
    name = named("respond.fields", field)
    return f"{name}: {named('respond.aspects', aspect)}" if aspect else name


def value_name(value: object) -> str:
    """What it is set to, as plain text."""
    if value is None:
        return t("ui.none")
    if isinstance(value, bool):
        return t("respond.values.on" if value else "respond.values.off")
    return named("respond.values", str(value)).replace("\\", "")
