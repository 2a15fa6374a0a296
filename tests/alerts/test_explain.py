"""The written explanation stands in both languages for every rule, from the alert's own fields alone."""

import ast
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.alerts import query
from core.alerts.cases import Entity
from core.alerts.explain import explain, title, written_explanation
from core.alerts.manual import ManualAlert, create
from core.alerts.receive import receive_drafts
from core.alerts.work import Actor
from core.detection.registry import FOLDER, detectors
from core.language import LANGUAGES, Language, is_text
from core.store.engine import Database
from core.store.models.alerts import AlertRow
from tests.alerts.drafts import draft, legs
from tests.conftest import NOON


def received(database: Database, **fields: Any) -> AlertRow:
    made = draft(**fields)
    with database.write() as session:
        number = receive_drafts(session, [made], at=NOON, legs=legs(*made.evidence))[0].alert_id
        return query.one(session, number)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_is_explained(sqlite_database: Database, language: Language) -> None:
    for known in detectors():
        row = received(sqlite_database, key=known.id, who=known.id, detector=known.id, evidence=(known.id,))
        told = explain(row, language)
        assert all((told.summary, told.purpose, told.innocent, told.runbook)), known.id
        assert title(row, language) == known.about["name"][language]


def test_figures_stand_beside_what_was_expected(sqlite_database: Database) -> None:
    row = received(sqlite_database)
    told = explain(row, "en", ZoneInfo("America/Bogota"))
    figures = {one.name: (one.observed, one.expected) for one in told.figures}
    assert figures["Points"] == ("9.5", "4")
    assert figures["Calls"] == ("2", "")
    assert figures["Calls abroad a day"] == ("", "0.2")
    assert "Ana at Bogotá: 2 calls between 2026-11-20 11:58 and" in told.summary
    assert "Cuba" in told.summary
    assert "US$ 25.00" in told.summary
    assert told.context == ("Outside the site's office hours.",)


def test_strange_fields_neither_break_nor_show_code(sqlite_database: Database) -> None:
    odd = {"observed": {"new_thing": 3.25, "bad": "x"}, "expected": None, "destinations": ["?"], "notes": ["unknown"]}
    row = received(sqlite_database, explanation=odd)
    text = written_explanation(row, "es")
    assert "new thing: 3,25" in text
    assert "unknown" not in text


def test_what_is_usual_stands_alone_where_nothing_was_counted(sqlite_database: Database) -> None:
    figures = {"observed": {"calls": 3}, "expected": {"score": 4.0, "calls_a_day": 0.73}}
    row = received(sqlite_database, explanation=figures)
    assert "Calls abroad a day: usual 0.73." in written_explanation(row, "en").splitlines()
    assert "Llamadas al exterior por día: habitual 0,73." in written_explanation(row, "es").splitlines()


def test_every_figure_that_detectors_give_has_its_name() -> None:
    names = {
        key.value
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword) and node.arg in ("observed", "expected") and isinstance(node.value, ast.Dict)
        for key in node.value.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    assert len(names) > 10
    assert sorted(name for name in names if not is_text(f"alerts.figures.{name}")) == []


def test_an_alert_by_hand_speaks_its_maker_s_words(sqlite_database: Database) -> None:
    made = ManualAlert("Strange voicemail", "medium", Entity("user", "ana"), description="Somebody left a code.")
    with sqlite_database.write() as session:
        row = create(session, made, Actor("grace", NOON))
        assert title(row, "es") == "Strange voicemail"
        assert "Somebody left a code." in written_explanation(row, "es")
        again = create(session, ManualAlert("Other", "low", Entity("user", "ana"), key="k"), Actor("grace", NOON))
        same = create(session, ManualAlert("Other", "low", Entity("user", "ana"), key="k"), Actor("grace", NOON))
        assert again.id == same.id
        assert row.case_id == again.case_id
