"""``python -m jobs migrate``: bring the operational database to this version's shape, as start-up does."""

import argparse

from core.services import Services
from core.store.migrate import current_revision, upgrade
from jobs.terminal import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options: the way back is a restored backup."""


def run(services: Services, _arguments: argparse.Namespace) -> int:
    """Migrate; safe while others run and when there is nothing to do."""
    services.settings.data_dir.mkdir(parents=True, exist_ok=True)
    before = current_revision(services.database)
    upgrade(services.database)
    say("jobs.migrate.done", before=before or "–", after=current_revision(services.database))
    return 0
