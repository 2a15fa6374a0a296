"""``python -m jobs doctor [--prod]``: what is well, what is not, and what to do; also before anything else works."""

import argparse
import json
import sys

from core.doctor import LEVELS, Finding, findings
from core.services import Services
from jobs.terminal import say, terminal_language

_MARKS = {"ok": "✓", "warning": "!", "problem": "✗"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``--prod`` is the check list before going live."""
    parser.add_argument("--prod", action="store_true")
    parser.add_argument("--json", action="store_true")


def run(services: Services, arguments: argparse.Namespace) -> int:
    """0 without problems (warnings allowed), else 1."""
    found = findings(services, production=arguments.prod)
    if arguments.json:
        sys.stdout.write(json.dumps([_described(finding) for finding in found], ensure_ascii=False, indent=1) + "\n")
    else:
        for finding in reversed(found):
            _show(finding)
        counts = {level: sum(finding.level == level for finding in found) for level in LEVELS}
        say("doctor.summary", problems=counts["problem"], warnings=counts["warning"], well=counts["ok"])
    return 1 if any(finding.level == "problem" for finding in found) else 0


def _show(finding: Finding) -> None:
    language = terminal_language()
    sys.stdout.write(f"{_MARKS[finding.level]} {finding.message(language)}\n")
    if remedy := finding.remedy(language):
        sys.stdout.write(f"    {remedy}\n")


def _described(finding: Finding) -> dict[str, object]:
    language = terminal_language()
    return {
        "code": finding.code,
        "level": finding.level,
        "message": finding.message(language),
        "remedy": finding.remedy(language),
    }
