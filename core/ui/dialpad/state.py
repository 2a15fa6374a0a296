"""What the parts of the dial pad share: the number being typed, the call last made, and one key for each press."""

from datetime import datetime, timedelta
from uuid import uuid4

import streamlit as st

from core.dialer import policy_book, query
from core.dialer.pasted import read_pasted
from core.errors import NotFoundError
from core.store.models.dialer import OutboundCallRow
from core.ui import session

NUMBER, SITE, REASON = "dial_number", "dial_site", "dial_reason"
TO, CALL = "to", "call"
"""Parameters of an address: a number to fill in, a call of the history to show."""
PROBLEM = "dial_problem"
_KEY, _LAST, _TAKEN, _BESIDE = "dial_key", "dial_last", "dial_taken", "dial_beside"
_JUST_NOW = "dial_just_now"
_DOUBLE_CLICK = timedelta(seconds=2)


def fill_from_address() -> None:
    """Put the number of ``?to=`` into the field, once; nothing is dialled by it."""
    given = st.query_params.get(TO, "")[:60]
    if given and st.session_state.get(_TAKEN) != given:
        put(given)
        read_typed()
    st.session_state[_TAKEN] = given


def put(number: str) -> None:
    """Callback: this number into the field."""
    st.session_state[NUMBER] = number


def read_typed() -> None:
    """Callback: of a pasted text leave the number alone in the field."""
    typed = (st.session_state.get(NUMBER) or "").strip()
    found = read_pasted(typed, _country())
    if found.text != typed:
        st.session_state[NUMBER] = found.text
        st.session_state[_BESIDE] = found


def extension_left_out() -> str:
    """The extension that was pasted together with the number in the field; empty where there was none."""
    found = st.session_state.get(_BESIDE)
    return found.extension if found is not None and found.text == st.session_state.get(NUMBER) else ""


def chosen_site() -> str:
    """The name of the site that is dialled from; empty for the first one."""
    return str(st.session_state.get(SITE) or "")


def _country() -> str:
    with session.services().database.read() as opened:
        known, _ = policy_book.rules(opened)
        return policy_book.place_of(opened, known, chosen_site()).country


def press(sign: str) -> None:
    """Callback: a key of the pad; ``back`` takes the last sign away, ``clear`` all."""
    typed = st.session_state.get(NUMBER) or ""
    st.session_state[NUMBER] = {"back": typed[:-1], "clear": ""}.get(sign, (typed + sign)[:60])


def dialled(call_id: str) -> None:
    """Keep which call was made last in this session."""
    st.session_state[_LAST] = call_id
    st.session_state[_JUST_NOW] = True


def was_just_dialled() -> bool:
    """Whether a call was made since this was asked last: the rest of the page does not show it yet."""
    return bool(st.session_state.pop(_JUST_NOW, False))


def last_call() -> OutboundCallRow | None:
    """The call made last in this session, as it stands."""
    call_id = st.session_state.get(_LAST)
    if not call_id:
        return None
    try:
        with session.services().database.read() as opened:
            return query.one(opened, call_id)
    except NotFoundError:
        return None


def key(last: OutboundCallRow | None, now: datetime) -> str:
    """The idempotency key of the next press: another one only once the call of the former has ended a while ago."""
    is_over = last is not None and not last.is_open and now - last.created_at > _DOUBLE_CLICK
    if _KEY not in st.session_state or (is_over and last and (last.idempotency_key or "").endswith(_kept())):
        st.session_state[_KEY] = uuid4().hex
    return _kept()


def new_key() -> None:
    """Callback: another number is another call."""
    st.session_state.pop(_KEY, None)


def _kept() -> str:
    return str(st.session_state.get(_KEY, ""))
