"""What things of one call are called at Asterisk: all follow from the channel id we chose, and are found by it."""

import re

from core.dialer.vocabulary import CHANNEL_PREFIX

CALLEE, EXTENSION = "dialpad", "extension"
"""The first argument by which a channel of ours enters our application, by the leg it was made for."""
_OURS = re.compile(re.escape(CHANNEL_PREFIX) + r"[0-9a-f]{32}", re.ASCII)
_LEG, _PLAYBACK, _BRIDGE = "-extension", "-prompt", "-bridge"


def is_ours(channel_id: str) -> bool:
    """Whether a channel is the callee's leg of a call of ours; the far half of a Local channel is not."""
    return _OURS.fullmatch(channel_id) is not None


def bridge_leg(channel_id: str) -> str:
    """The channel to the extension that a call is joined to."""
    return channel_id + _LEG


def playback(channel_id: str) -> str:
    """What is played to the callee."""
    return channel_id + _PLAYBACK


def bridge(channel_id: str) -> str:
    """Where the legs of a call meet."""
    return channel_id + _BRIDGE


def call_of_bridge_leg(name: str) -> str:
    """The call's channel id behind the channel to an extension; empty for anything else."""
    return _without(name, _LEG)


def call_of_playback(name: str) -> str:
    """The call's channel id behind a playback; empty for anything else."""
    return _without(name, _PLAYBACK)


def call_of_leg(channel_id: str) -> str:
    """The call's channel id behind either of its legs; empty for anything else."""
    return channel_id if is_ours(channel_id) else call_of_bridge_leg(channel_id)


def is_substitute(channel_id: str, arguments: tuple[str, ...], replaced: str = "") -> bool:
    """Whether a channel entered our application in place of one of ours, by a forwarding or a transfer."""
    if call_of_leg(channel_id):
        return False
    return call_of_leg(replaced) != "" or arguments[:1] in ((CALLEE,), (EXTENSION,))


def _without(name: str, ending: str) -> str:
    base = name.removesuffix(ending)
    return base if base != name and is_ours(base) else ""
