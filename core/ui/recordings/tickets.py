"""From something promised in a call to a ticket, by a person's click; and the tickets a recording already has."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from core.store.models.recordings import RecordingRow
from core.store.models.tickets import TicketRow
from core.tickets import links, rules
from core.tickets.create import key_of
from core.tickets.vocabulary import public_id
from core.ui import navigation, session, times
from core.ui.attempts import attempt, say
from core.ui.recordings import names
from core.ui.text import escaped, t

MOST_OF_CUE = 10
"""Things promised in one breath that are told apart."""

_PAGE = "tickets"


def of_recording(recording_id: int) -> list[TicketRow]:
    """The tickets about a recording, the open and newest first, for those who may see tickets."""
    if not session.may("tickets.view"):
        return []
    with session.services().database.read() as opened:
        return links.tickets_of(opened, "recording", [str(recording_id)]).get(str(recording_id), [])


def item_numbers(cues: Sequence[int]) -> list[int]:
    """A number for each item of a summary by the cue it rests on, the same in whatever words it is summed up again."""
    seen: Counter[int] = Counter()
    numbers = []
    for cue in cues:
        numbers.append(cue * MOST_OF_CUE + min(seen[cue], MOST_OF_CUE - 1))
        seen[cue] += 1
    return numbers


def button(row: RecordingRow, item: int, text: str, known: Sequence[TicketRow]) -> None:
    """The ticket of an item of a summary, or the button that makes it."""
    made = next((one for one in known if _is_of(one, row, item)), None)
    if made is not None:
        _link(made)
    elif session.may("tickets.work"):
        st.button(
            t("recordings_page.summary.ticket"),
            key=f"ticket_{item}",
            icon=":material/confirmation_number:",
            on_click=_make,
            args=(row.id, item, text, row.site, _label(row)),
        )


def _is_of(ticket: TicketRow, row: RecordingRow, item: int) -> bool:
    return ticket.source_key == key_of("recording", "", f"{row.id}:{item}")


def _label(row: RecordingRow) -> str:
    return f"{names.title(row)} · {times.to_the_minute(row.recorded_at)}"


def _link(ticket: TicketRow) -> None:
    label = escaped(public_id(ticket.id))
    if any(screen.name == _PAGE for screen in navigation.SCREENS):
        st.page_link(
            navigation.script(_PAGE),
            label=label,
            icon=":material/confirmation_number:",
            query_params={"ticket": str(ticket.id)},
        )
    else:
        st.badge(label, icon=":material/confirmation_number:")


def _make(recording_id: int, item: int, text: str, site: str, label: str) -> None:
    def act() -> None:
        person, parts = session.check("tickets.work"), session.services()
        with parts.database.write() as opened:
            number = rules.from_recording_item(
                opened,
                recording_id,
                item=item,
                text=text,
                actor=person.name,
                at=parts.clock.now(),
                label=label,
                site=site,
            )
        say(t("recordings_page.done.ticket", id=public_id(number)))

    attempt(act)
