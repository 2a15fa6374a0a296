"""``python -m jobs rotate-keys``: stored secrets go over to a new ``SECRET_KEY``, so that the former one can go."""

import argparse

from core.services import Services
from core.store.encryption import Vault
from core.store.key_rotation import rotate_keys
from jobs.terminal import say

ACTOR = "command line"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: the keys are settings."""


def run(services: Services, _arguments: argparse.Namespace) -> int:
    """0 when every secret is under the present key, 1 when some could be read by no configured key."""
    vault = Vault(services.settings, services.clock)
    found = rotate_keys(services.database, vault, services.clock, actor=ACTOR)
    if found.unreadable:
        say("jobs.rotate_keys.unreadable", rotated=found.rotated, unreadable=found.unreadable)
        return 1
    say("jobs.rotate_keys.done", rotated=found.rotated)
    return 0
