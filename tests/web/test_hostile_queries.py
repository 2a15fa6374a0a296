"""Whatever stands in an address about calls: an answer or a refusal that names the field, never a breakdown."""

import string
from urllib.parse import quote

import httpx
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.calls.fields import RECORD_SCHEMA
from core.web.api.calls import ExportParameters, FilterParameters, PageParameters, StatsParameters
from tests.calls.legs_table import history
from tests.web.serving import Desk

PATHS: dict[str, type[FilterParameters]] = {
    "/api/v1/cdr": PageParameters,
    "/api/v1/cdrs/": PageParameters,
    "/api/v1/cdr/stats": StatsParameters,
    "/api/v1/cdr/export": ExportParameters,
}
HOSTILE = (
    "", " ", "0", "-1", "1e309", "NaN", "9" * 400, "true", "null", "[]", "{}", "%", "_", "'", '"', "\\", ";--",
    "' OR 1=1 --", "\x00", "\x1b[2J", "\ud7ff", "٣", "ñandú", "＋57", "+", "+57*", "2026-02-30",
    "0001-01-01", "9999-12-31T23:59:59Z", "2026-11-20T10:00:00+99:00", "today", "24h", "999999999999d", "-5m",
    "../../etc/passwd", "America/../Bogota", "CO,CO,,",
)  # fmt: skip
VALUES = st.sampled_from(HOSTILE) | st.text(alphabet=string.printable + "éñ日\u202e😀", max_size=40)


def names(path: str) -> list[str]:
    fields = {**FilterParameters.model_fields, **PATHS[path].model_fields}
    return sorted(field.alias or name for name, field in fields.items())


@pytest.fixture
def supervisor(desk: Desk) -> httpx.Client:
    desk.services.calls.append(pa.Table.from_pylist(history(count=40, seed=7, days=3), schema=RECORD_SCHEMA))
    return desk.browser("supervisor")


@pytest.mark.parametrize("path", PATHS)
def test_parameters(supervisor: httpx.Client, path: str) -> None:
    asked = st.lists(st.tuples(st.sampled_from(names(path)), VALUES), min_size=1, max_size=4)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(asked)
    def ask(parameters: list[tuple[str, str]]) -> None:
        answer = supervisor.get(path, params=tuple(parameters))
        assert answer.status_code in (200, 422, 400, 429), (answer.status_code, answer.text[:300])
        if answer.status_code in (400, 422):
            error = answer.json()["error"]
            assert error["code"]
            assert error["remedy"]

    ask()


def test_the_name_of_a_record(supervisor: httpx.Client) -> None:
    for value in HOSTILE:
        address = f"/api/v1/cdr/{quote(value or 'x', safe='')}"
        assert supervisor.get(address).status_code in (307, 400, 404, 405, 422), value
