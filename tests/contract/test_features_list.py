"""The table of features against the list of what was asked for."""

import csv
import os
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parent.parent.parent
SHARED = Path(os.environ.get("SHARED", ROOT.parent / "shared"))


def test_the_table_holds_exactly_the_rows_that_were_asked_for() -> None:
    asked = re.findall(r"^\| (S\d-\d\d) \|", (SHARED / "FEATURES.md").read_text(encoding="utf-8"), re.MULTILINE)
    with (ROOT / "docs" / "features.csv").open(encoding="utf-8", newline="") as file:
        kept = [row["id"] for row in csv.DictReader(file)]
    assert kept == asked
