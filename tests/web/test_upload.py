"""A file comes in by a real session: what a browser sends, over the wires that it uses."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.Element_pb2 import Element

from core.access import people, sessions
from core.access.people import NewPerson
from core.access.sessions import Origin
from core.services import Services, open_services
from core.settings import load_settings
from core.store import commands
from jobs.import_upload import import_upload
from jobs.registry import JobContext
from tests.calls.records import leg
from tests.web.page_wire import PageSession, page_session, read, web_process

NAME = "september feed.json"
CONTENT = json.dumps({"items": [leg(1), leg(2)]}).encode()
FILE = {"file": (NAME, CONTENT, "application/json")}
XSRF = "_streamlit_xsrf"


@dataclass
class Product:
    """A web process, its stores, and a supervisor's session in it."""

    address: str
    services: Services
    token: str


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("upload")
    services = open_services(load_settings({"data_dir": folder / "var"}))
    new = NewPerson("eva@example.com", "Eva", "supervisor")
    person = people.add(services.database, services.clock, new, actor="test")
    token = sessions.start(services.database, services.clock, person.id, Origin("test"))
    with web_process("app.py", folder) as address:
        yield Product(address, services, token)
    services.database.close()


@dataclass
class Form:
    """The upload's form as a page drew it, and where its file goes."""

    session: PageSession
    uploader: str
    button: str
    urls: FileURLs


def opened_form(session: PageSession) -> Form:
    messages = [read(one) for one in session.run("connections", {"view": ["imports"]})]
    number = next(one.new_session.initialize.session_id for one in messages if one.WhichOneof("type") == "new_session")
    drawn: list[Element] = [one.delta.new_element for one in messages if one.WhichOneof("type") == "delta"]
    uploader = next(one.file_uploader.id for one in drawn if one.WhichOneof("type") == "file_uploader")
    button = next(one.button.id for one in drawn if one.button.is_form_submitter)
    asking = BackMsg()
    asking.file_urls_request.request_id = "one"
    asking.file_urls_request.file_names.append(NAME)
    asking.file_urls_request.session_id = number
    answer = read(session.ask(asking, "file_urls_response")[-1]).file_urls_response
    return Form(session, uploader, button, answer.file_urls[0])


def submit(form: Form) -> None:
    sent = BackMsg()
    sent.rerun_script.page_name = "connections"
    sent.rerun_script.query_string = "view=imports"
    file = sent.rerun_script.widget_states.widgets.add(id=form.uploader)
    info = file.file_uploader_state_value.uploaded_file_info.add(name=NAME, size=len(CONTENT))
    info.file_id = form.urls.file_id
    info.file_urls.CopyFrom(form.urls)
    sent.rerun_script.widget_states.widgets.add(id=form.button, trigger_value=True)
    form.session.ask(sent)


@contextmanager
def browser(product: Product, *, signed_in: bool = True) -> Iterator[httpx.Client]:
    """A browser that has asked for what every page asks for, which puts the token against forgery into it."""
    cookies = {sessions.COOKIE: product.token} if signed_in else {}
    with httpx.Client(base_url=product.address, cookies=cookies, timeout=30) as client:
        client.get("/_stcore/health")
        yield client


def test_a_file_uploaded_in_a_session_becomes_calls(product: Product) -> None:
    with page_session(product.address, product.token) as session, browser(product) as client:
        form = opened_form(session)
        answer = client.put(form.urls.upload_url, files=FILE, headers={"X-Xsrftoken": client.cookies[XSRF]})
        assert answer.status_code == 204, answer.text
        submit(form)
    with product.services.database.read() as opened:
        (command,) = commands.recent(opened)
    assert (command.requested_by, command.arguments["job"]) == ("eva@example.com", "import_upload")
    arguments = {name: value for name, value in command.arguments.items() if name != "job"}
    outcome = import_upload(JobContext(product.services, arguments=arguments))
    assert (outcome["read"], outcome["new"]) == (2, 2)


@pytest.mark.parametrize(
    ("signed_in", "forged", "status"), [(False, False, 401), (True, True, 403), (False, True, 401)]
)
def test_a_file_of_a_stranger_or_another_site_is_refused(
    product: Product, signed_in: bool, forged: bool, status: int
) -> None:
    with page_session(product.address, product.token) as session, browser(product, signed_in=signed_in) as client:
        form = opened_form(session)
        headers = {} if forged else {"X-Xsrftoken": client.cookies[XSRF]}
        assert client.put(form.urls.upload_url, files=FILE, headers=headers).status_code == status


def test_a_file_for_no_session_is_refused(product: Product) -> None:
    with browser(product) as client:
        headers = {"X-Xsrftoken": client.cookies[XSRF]}
        assert client.put("/_stcore/upload_file/nobody/1", files=FILE, headers=headers).status_code == 400
        assert not list((product.services.settings.data_dir / "uploads").glob("*/*"))
