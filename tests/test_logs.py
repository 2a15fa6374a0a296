"""Known secrets go in by every way there is; none comes out."""

import json
import logging

import pytest
import structlog

from core.logs import configure, redact
from core.settings import load_settings
from core.web.middleware.context import on_one_line
from tests.conftest import PythonRunner

SECRETS = (
    "NzU0YjE4MzAtYmVhcmVy-token",
    "refresh-YmU5OWQ4",
    "client-s3cr3t-value",
    "authorization-code-77",
    "state-of-oauth-4711-abcdef",
    "ticket-xyz-123456",
    "ana.perez@example.com",
    "hunter2-password",
    "abcdefghijk0123456789",
)
BEARER, REFRESH, CLIENT, CODE, STATE, TICKET, MAIL, PASSWORD, _KEY = SECRETS

LINES = (
    f"GET /v1/people Authorization: Bearer {BEARER}",
    f"headers {{'Authorization': 'Bearer {BEARER}', 'Accept': '*/*'}}",
    f'{{"access_token": "{BEARER}", "refresh_token":"{REFRESH}", "expires_in": 1}}',
    f"grant_type=refresh_token&refresh_token={REFRESH}&client_secret={CLIENT}",
    f'127.0.0.1:5 - "GET /webex/callback?code={CODE}&state={STATE} HTTP/1.1" 302',
    "key tw_abcdefghijk0123456789 used",
    f"wss://host/stream?ticket={TICKET}",
    f"sign-in of {MAIL} with password={PASSWORD}",
    f"postgresql+psycopg://tollwatch:{PASSWORD}@db/state",
)


@pytest.mark.parametrize("line", LINES)
def test_no_secret_survives_in_a_line(line: str) -> None:
    assert [secret for secret in SECRETS if secret in redact(line)] == []


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("call to +573167046747 failed", "call to +5731******47 failed"),
        ("+1 (415) 555-0134", "+1 (415) ***-**34"),
        ("dialled 3167046747", "dialled 3167****47"),
        ("+57 1 234 5678", "+57 1 2** **78"),
    ],
)
def test_middle_digits_of_phone_numbers_are_masked(number: str, shown: str) -> None:
    assert redact(number) == shown


@pytest.mark.parametrize(
    "text",
    [
        "read 5000 new 4990 duplicate 10",
        "2026-11-20T17:00:00.000Z ingest done",
        "report 7f9d1b1e-2d39-4f9a-8a53-0123456789ab",
        "extension 1042 at 127.0.0.1:8501",
        "state=running code=transient",
        "open http://127.0.0.1:8501/set-up?token=once-only-3Fq8",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize("form", ["text", "json"])
def test_every_way_into_the_log_is_redacted(form: str, run_python: type[PythonRunner], tmp_path: object) -> None:
    program = f"""
import logging, structlog, sys
from core.logs import configure
from core.settings import load_settings
configure(load_settings(), process="test")
log, library = structlog.get_logger("ours"), logging.getLogger("library")
LINES = {LINES!r}
for line in LINES:
    log.info(line)
    log.warning("sent", headers={{"Authorization": "Bearer {BEARER}"}}, body=line, url=[line])
    log.info("fields", access_token="{BEARER}", code="{CODE}", state="{STATE}", ticket="{TICKET}", user="{MAIL}")
    library.info(line)
    library.warning("%s and %s", line, {{"refresh_token": "{REFRESH}"}})
    for logger in (log, library):
        try:
            raise RuntimeError(line)
        except RuntimeError:
            logger.exception("broke")
web = logging.getLogger("uvicorn.access")
web.addHandler(logging.StreamHandler(sys.stderr))
web.propagate = {form == "text"}
for line in LINES:
    web.warning("%s", line)
    try:
        raise ValueError(line)
    except ValueError:
        web.exception("%s", line)
log.info("job ended", state="done", code="transient")
"""
    code, output = run_python("-c", program, LOG_FORMAT=form, DATA_DIR=str(tmp_path)).finish()
    assert code == 0, output
    assert [secret for secret in SECRETS if secret in output] == []
    assert output.count("RuntimeError") >= 2 * len(LINES)
    assert output.count("ValueError") >= len(LINES)
    assert "transient" in output
    if form == "json":
        own = [json.loads(line) for line in output.splitlines() if '"event"' in line]
        assert {line["process"] for line in own} == {"test"}


def test_the_level_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers
    try:
        configure(load_settings({"log_level": "WARNING"}), process="test")
        structlog.get_logger("ours").info("quiet")
        structlog.get_logger("ours").warning("loud")
        shown = capsys.readouterr().err
        assert "loud" in shown
        assert "quiet" not in shown
    finally:
        logging.getLogger().handlers = before
        structlog.contextvars.clear_contextvars()
        structlog.reset_defaults()


@pytest.mark.parametrize(
    "sent", ["/x\n2026 [info] signed in", "/x\r", "/x\x1b[31m", "/x\x00", "/x\u202egnp", "/x\x9b2J", "/x\u2028y"]
)
def test_an_address_forges_no_line_of_the_log(sent: str) -> None:
    told = on_one_line(sent)
    assert told.isprintable()
    assert told.encode().decode("unicode_escape") == sent


def test_an_ordinary_address_is_told_as_it_is() -> None:
    assert on_one_line("/alerts?q=Bogotá%20sur") == "/alerts?q=Bogotá%20sur"
