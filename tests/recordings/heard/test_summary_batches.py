"""Many recordings at once: answers in any order find their recording, at half the price, once."""

from typing import Any

import pytest

from core.assistant import batches
from core.assistant.budget import spent
from core.assistant.errors import AssistantBusyError, AssistantKeyError, AssistantOffError, BudgetSpentError
from core.clock import SteppedClock
from core.recordings.summary_batches import FEWEST, hand_over, is_worth_a_batch, take_back
from core.services import Services
from core.store.models.assistant import AssistantSpendRow
from tests.assistant.messages_server import MessagesServer, failed, message
from tests.recordings.heard.conftest import with_settings
from tests.recordings.heard.told import conversation, summary

CALLS = {number: conversation(f"Caso número {number}.") for number in range(1, 5)}


def line(name: str, kind: str = "succeeded", **told: Any) -> dict[str, Any]:
    return {"custom_id": name, "result": {"type": kind, **told}}


def ledger(services: Services) -> list[AssistantSpendRow]:
    with services.database.read() as session:
        return list(session.query(AssistantSpendRow).order_by(AssistantSpendRow.id))


def test_answers_find_their_recordings_in_any_order(services: Services, server: MessagesServer) -> None:
    batch = hand_over(services, CALLS)
    assert batch == "msgbatch_01"
    names = [request["custom_id"] for request in server.sent[0]["requests"]]
    assert take_back(services, batch, CALLS.get) is None
    assert batches.waiting(services) == [batch]
    [entry] = ledger(services)
    assert (entry.purpose, entry.cost, entry.reserved > 0) == ("batch", None, True)
    server.batch_lines = [
        line(names[3], message=message(summary())),
        line(names[1], "errored", error={"type": "error", "error": {"type": "api_error", "message": "x"}}),
        line(names[0], message=message(summary())),
        line(names[2], message=message("", stop_reason="refusal")),
        line("99-summary-1-0000000000000000", message=message(summary())),
        line("nonsense", "expired"),
    ]
    made = take_back(services, batch, CALLS.get)
    assert made is not None
    assert {number: (one.source, one.error_code) for number, one in made.items()} == {
        4: ("claude", ""),
        2: ("local", "assistant_busy"),
        1: ("claude", ""),
        3: ("local", "assistant_declined"),
    }
    assert made[1].transcript_hash == CALLS[1].transcript_hash()
    assert made[1].text.startswith("Ana Núñez")
    assert made[1].cost == pytest.approx(((900 + 10) * 1e-6 + 200 * 5e-6) / 2)
    assert take_back(services, batch, CALLS.get) is not None
    [entry] = ledger(services)
    assert entry.cost == pytest.approx(made[1].cost * 4)
    assert batches.waiting(services) == []


def test_no_name_or_number_leaves_in_a_batch_and_a_changed_transcript_is_left_out(
    services: Services, server: MessagesServer
) -> None:
    batch = hand_over(services, {1: CALLS[1]}) or ""
    assert all(private not in str(server.sent) for private in ("Núñez", "4111", "acme"))
    server.batch_lines = [line(server.sent[0]["requests"][0]["custom_id"], message=message(summary()))]
    assert take_back(services, batch, {1: CALLS[2]}.get) == {}
    assert take_back(services, batch, {2: CALLS[2]}.get) == {}


def test_results_are_fetched_from_the_service_alone(services: Services, server: MessagesServer) -> None:
    batch = hand_over(services, CALLS) or ""
    server.batch_lines, server.results_elsewhere = [], "http://127.0.0.1:9"
    with pytest.raises(AssistantBusyError):
        take_back(services, batch, CALLS.get)


def test_refusals_give_the_reserve_back(services: Services, server: MessagesServer, clock: SteppedClock) -> None:
    server.answers.append(failed(401, "authentication_error"))
    with pytest.raises(AssistantKeyError):
        hand_over(services, CALLS)
    with services.database.read() as session:
        assert spent(session, clock.now()) == 0.0


def test_a_batch_needs_a_key_and_a_budget_for_all_of_it(
    services: Services, server: MessagesServer, clock: SteppedClock, tmp_path: Any
) -> None:
    key = {"anthropic_api_key": "k" * 20, "anthropic_base_url": server.url}
    poor = with_settings(services.database, clock, tmp_path, assistant_monthly_budget=0.01, **key)
    with pytest.raises(BudgetSpentError):
        hand_over(poor, CALLS)
    keyless = with_settings(services.database, clock, tmp_path)
    with pytest.raises(AssistantOffError):
        hand_over(keyless, CALLS)
    assert is_worth_a_batch(services, FEWEST + 1)
    assert not is_worth_a_batch(services, FEWEST)
    assert not is_worth_a_batch(keyless, 1000)
    assert server.sent == []
