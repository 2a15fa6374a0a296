"""Waiting for Claude's reading of a message for a short while, without a transaction or a thread held meanwhile."""

import asyncio

from fastapi.concurrency import run_in_threadpool

from core.services import Services
from core.watson import asking, book
from core.watson.carrying_out import DoorCaller
from core.watson.dialogue import Help
from core.watson.door import Message

LOOK_SECONDS = 0.25


async def heard(services: Services, caller: DoorCaller, message: Message) -> Help | None:
    """What Claude reads in a message that the rules are unsure of; ``None`` for one they are sure of.

    After ``WATSON_CLAUDE_SECONDS`` the rules' reading stands, whatever may come later.
    """
    asked = await run_in_threadpool(_ask, services, caller, message)
    if asked.question is None:
        return asked.help
    try:
        async with asyncio.timeout(services.settings.watson_claude_seconds):
            while (found := await run_in_threadpool(asking.answer, services, asked.question)) is None:
                await asyncio.sleep(LOOK_SECONDS)
            return found
    except TimeoutError:
        return asked.help
    finally:
        await run_in_threadpool(asking.forget, services, asked.question)


def _ask(services: Services, caller: DoorCaller, message: Message) -> asking.Asked:
    return asking.ask(services, book.load(services), caller, message)
