"""Starting the web process: refusal of unusable settings, and the set-up link in the log."""

import re
from pathlib import Path

import httpx

from tests.conftest import PythonRunner
from tests.web.page_wire import web_process

KEY = "k3Yf0r-tests-0123456789-abcdefghijklmnop"


def test_it_refuses_to_start_without_a_secret_and_says_what_to_do(run_python: type[PythonRunner]) -> None:
    code, output = run_python("-c", "import app", SANDBOX="0").finish()
    assert code == 1
    assert "SECRET_KEY" in output
    assert ".env.example explains it" in output
    assert "Traceback" not in output


def test_the_first_start_logs_a_link_that_opens_once(tmp_path: Path) -> None:
    with web_process("app.py", tmp_path, SANDBOX="0", SECRET_KEY=KEY) as address:
        log = (tmp_path / "web.log").read_text(encoding="utf-8")
        found = re.search(rf"{re.escape(address)}/set-up\?token=([\w-]+)", log)
        assert found is not None
        with httpx.Client(base_url=address, headers={"Accept": "text/html"}) as browser:
            assert browser.get("/").headers["location"] == "/sign-in?next=%2F"
            assert browser.get("/set-up", params={"token": found[1]}).status_code == 200
            form = {
                "token": found[1],
                "form_token": browser.cookies["tollwatch_form"],
                "name": "root",
                "display_name": "Root",
                "password": "siete caballos verdes",
            }
            assert browser.post("/set-up", data=form).status_code == 303
            assert browser.get("/").status_code == 200
            assert browser.get("/set-up", params={"token": found[1]}).status_code == 410
        assert "siete caballos" not in (tmp_path / "web.log").read_text(encoding="utf-8")
