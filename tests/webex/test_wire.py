"""Answers made to hurt: bombs, drips, secrets given back, and pages without end."""

import gzip
import json
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.clock import SteppedClock, SystemClock
from core.services import Services
from core.store.models.webex import SyncLogEntry, WebexConnection
from core.webex.addresses import next_link
from core.webex.client import MOST_EMPTY_PAGES, TRIES, open_client
from core.webex.errors import (
    AnswerTooLargeError,
    MalformedAnswerError,
    RequestRefusedError,
    SlowAnswerError,
    StopRequestedError,
)
from core.webex.grants import GrantRefusedError, request_grant
from core.webex.ingest import ingest_once
from core.webex.wire import Wire
from tests.calls.records import leg
from tests.webex.scripted_cloud import Responder, ScriptedCloud, fails, says, sends

MEGABYTE = 1_000_000
GENEROUS_SECONDS = 20.0


@pytest.mark.parametrize(
    "encoding", ["gzip, gzip", "deflate", "br", "gzip,identity", "gzip, gzip, gzip", "GZIP ,\tgzip"]
)
def test_an_encoding_that_was_not_asked_for_is_refused_unread(
    by_hand: Services, cloud: ScriptedCloud, encoding: str
) -> None:
    bomb = gzip.compress(gzip.compress(bytes(100 * MEGABYTE)))
    cloud.answer("/people/me", sends(bomb, Content_Encoding=encoding))
    tracemalloc.start()
    try:
        with pytest.raises(MalformedAnswerError) as caught:
            Wire(by_hand.clock).send("GET", f"{cloud.url}/people/me")
        assert tracemalloc.get_traced_memory()[1] < 20 * MEGABYTE
    finally:
        tracemalloc.stop()
    assert caught.value.facts["problem"] == "encoding"


def test_a_bomb_never_takes_more_memory_than_the_cap(by_hand: Services, cloud: ScriptedCloud) -> None:
    bomb = gzip.compress(b" " * 100 * MEGABYTE)
    cloud.answer("/people/me", sends(bomb, Content_Encoding="gzip"))
    tracemalloc.start()
    try:
        with pytest.raises(AnswerTooLargeError):
            Wire(by_hand.clock, largest=MEGABYTE).send("GET", f"{cloud.url}/people/me")
        assert tracemalloc.get_traced_memory()[1] < 20 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_gzip_is_asked_for_and_read_whole_and_a_cut_one_is_not_taken_for_whole(
    by_hand: Services, cloud: ScriptedCloud
) -> None:
    content = json.dumps({"items": list(range(500_000))}).encode()
    asked: list[str] = []

    def compressed(request: Request) -> Response:
        asked.append(request.headers["accept-encoding"])
        return Response(gzip.compress(content), headers={"Content-Encoding": "gzip"})

    cloud.answer("/people/me", compressed, sends(gzip.compress(content)[:-20], Content_Encoding="gzip"))
    wire = Wire(by_hand.clock)
    assert wire.send("GET", f"{cloud.url}/people/me").body == content
    assert asked == ["gzip"]
    with pytest.raises(MalformedAnswerError):
        wire.send("GET", f"{cloud.url}/people/me")


@contextmanager
def dripping(head: bytes, drop: bytes) -> Iterator[str]:
    """A server that sends ``head`` and then ``drop`` every few milliseconds until nobody listens; gives its origin."""
    closing = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)

        def drip(caller: socket.socket) -> None:
            with caller:
                try:
                    caller.recv(65536)
                    caller.sendall(head)
                    while not closing.wait(0.02):
                        caller.sendall(drop)
                except OSError:
                    return

        def serve() -> None:
            while not closing.is_set():
                try:
                    caller, _ = listener.accept()
                except TimeoutError:
                    continue
                drip(caller)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            closing.set()
            thread.join(GENEROUS_SECONDS)


DRIPS = {
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{", b" "),
    "body without an end told": (b"HTTP/1.1 200 OK\r\n\r\n{}", b" "),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "one header": (b"HTTP/1.1 200 OK\r\nX-A: ", b"a"),
}


@pytest.mark.parametrize("drip", DRIPS)
def test_an_answer_that_drips_ends_at_the_deadline(drip: str) -> None:
    began = time.monotonic()
    with dripping(*DRIPS[drip]) as origin:
        wire = Wire(SystemClock(), trust_environment=False, longest_seconds=0.5)
        with pytest.raises(SlowAnswerError) as caught:
            wire.send("GET", f"{origin}/v1/people")
        wire.close()
    assert time.monotonic() - began < GENEROUS_SECONDS
    assert (caught.value.facts["path"], caught.value.facts["problem"]) == ("/v1/people", "SlowAnswer")


@pytest.mark.parametrize("drip", ["body", "one header"])
def test_an_answer_that_drips_ends_soon_after_the_process_is_asked_to_stop(drip: str) -> None:
    began = time.monotonic()
    with dripping(*DRIPS[drip]) as origin:
        wire = Wire(SystemClock(), trust_environment=False, stopping=lambda: True)
        with pytest.raises(StopRequestedError):
            wire.send("GET", f"{origin}/v1/people")
        wire.close()
    assert time.monotonic() - began < GENEROUS_SECONDS


def test_a_connection_used_again_is_watched_as_well(cloud: ScriptedCloud) -> None:
    release = threading.Event()

    def stuck(_request: Request) -> Response:
        release.wait(GENEROUS_SECONDS)
        return JSONResponse({})

    async def in_a_thread(request: Request) -> Response:
        return await run_in_threadpool(stuck, request)

    cloud.answer("/slow", says({}), in_a_thread)
    wire = Wire(SystemClock(), trust_environment=False, longest_seconds=0.5)
    assert wire.send("GET", f"{cloud.url}/slow").status == 200
    with pytest.raises(SlowAnswerError):
        wire.send("GET", f"{cloud.url}/slow")
    release.set()


def test_a_slow_answer_is_not_asked_for_again_at_once(by_hand: Services, cloud: ScriptedCloud) -> None:
    client = open_client(by_hand)
    with dripping(*DRIPS["body"]) as origin:
        client.wire = Wire(SystemClock(), trust_environment=False, longest_seconds=0.3)
        client.base = f"{origin}/v1"
        began = time.monotonic()
        with pytest.raises(SlowAnswerError):
            client.get("/people")
        assert time.monotonic() - began < 2 * TRIES


TOKEN = "by-hand-token"


def _echo(request: Request) -> Response:
    told = request.headers.get("authorization", "")
    return JSONResponse({"message": f"bad {told}, {told.split()[-1].upper()}"}, 400, {"trackingid": told.split()[-1]})


def test_a_token_given_back_is_neither_told_nor_stored_nor_logged(
    by_hand: Services, cloud: ScriptedCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.answer("/cdr_stream", _echo)
    cloud.answer("/cdr_feed", _echo)
    with pytest.raises(RequestRefusedError) as caught:
        ingest_once(by_hand, lambda *_: None, lambda: False)
    with by_hand.database.read() as session:
        kept = [str(vars(row)) for table in (SyncLogEntry, WebexConnection) for row in session.scalars(select(table))]
    assert kept
    printed = capsys.readouterr()
    for text in (caught.value.message("en"), str(caught.value.facts), *kept, printed.out, printed.err):
        assert TOKEN not in text.lower()
    assert "bad" in caught.value.facts["detail"]


def test_a_secret_is_hidden_before_a_long_explanation_is_cut(by_hand: Services, cloud: ScriptedCloud) -> None:
    cloud.answer("/people/me", fails(400, "x" * 290 + " " + TOKEN))
    with pytest.raises(RequestRefusedError) as caught:
        open_client(by_hand).get("/people/me")
    assert TOKEN[:8] not in caught.value.facts["detail"]


def test_an_integrations_credentials_given_back_are_hidden(services: Services, cloud: ScriptedCloud) -> None:
    secret = services.settings.webex_client_secret.get_secret_value()
    cloud.answer("/access_token", fails(400, f"no {secret} / refresh-secret-77"))
    with pytest.raises(GrantRefusedError) as caught:
        request_grant(services, {"grant_type": "refresh_token", "refresh_token": "refresh-secret-77"})
    assert secret not in str(caught.value.facts)
    assert "refresh-secret-77" not in str(caught.value.facts)


@pytest.mark.parametrize("sin", ['"User": "\\ud800"', '"User": NaN', '"Ring duration": 1e999'])
def test_a_record_that_is_not_quite_json_does_not_cost_its_page(
    by_hand: Services, cloud: ScriptedCloud, clock: SteppedClock, sin: str
) -> None:
    cloud.has_stream = False
    told = (clock.now() - timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    times = {"Start time": told, "Report time": told}
    good, bad = (json.dumps({**leg(number), **times}) for number in (1, 2))
    page = f'{{"items": [{good}, {bad[:-1]}, {sin}}}]}}'.encode()
    cloud.answer("/cdr_feed", sends(page))
    counts = ingest_once(by_hand, lambda *_: None, lambda: len(cloud.requests("/cdr_feed")) >= 1)
    assert counts.read == 2
    assert counts.new >= 1
    assert counts.new + counts.quarantined == 2


def test_page_after_page_of_nothing_ends(by_hand: Services, cloud: ScriptedCloud) -> None:
    def empty(number: int) -> Responder:
        return says({"items": []}, Link=f'<{cloud.url}/people?p={number}>; rel="next"')

    cloud.answer("/people", *map(empty, range(200)))
    with pytest.raises(MalformedAnswerError) as caught:
        list(open_client(by_hand).pages("/people"))
    assert len(cloud.seen) == MOST_EMPTY_PAGES
    assert "empty pages" in caught.value.message("en")


def test_a_few_empty_pages_between_full_ones_are_followed(by_hand: Services, cloud: ScriptedCloud) -> None:
    for number in range(4 * MOST_EMPTY_PAGES):
        items = [{"id": str(number)}] if number % (MOST_EMPTY_PAGES - 1) == 0 else []
        cloud.answer("/people", says({"items": items}, Link=f'<{cloud.url}/people?p={number}>; rel="next"'))
    cloud.answer("/people", says({"items": []}))
    assert sum(map(len, open_client(by_hand).pages("/people"))) == 5


@pytest.mark.parametrize("items", [{"a": 1}, "text", 7, None])
def test_items_of_another_type_are_refused(by_hand: Services, cloud: ScriptedCloud, items: object) -> None:
    cloud.answer("/people", *[says({"items": items})] * TRIES)
    with pytest.raises(MalformedAnswerError):
        list(open_client(by_hand).pages("/people"))


NASTY_LINKS: dict[str, Callable[[int], str]] = {
    "relations": lambda size: "<a>;" + "rel=" * size,
    "blanks": lambda size: "<a>" + " " * size + "x",
    "openings": lambda size: "<" * size,
    "quotes": lambda size: "<a>" + ';rel="' * size,
    "targets": lambda size: "<a>;" * size,
    "names": lambda size: "<a>;" + "rel" * size + " " * size,
    "bare": lambda size: "https://a" * size + " rel" * size,
}


@pytest.mark.parametrize("form", NASTY_LINKS)
def test_a_nasty_link_header_is_read_in_time_about_linear(form: str) -> None:
    header = NASTY_LINKS[form](100_000)
    began = time.process_time()
    assert next_link(header, "https://webexapis.com/v1/people") is None
    assert time.process_time() - began < 2


def test_a_relation_inside_another_parameter_is_none() -> None:
    assert next_link('<https://a/b>; title="x; rel=next"', "https://a/") is None
