"""The number, its keys, what the policy says to it, and the button that dials."""

import contextlib

import streamlit as st

from core.dialer import favorites, policy_book, query
from core.dialer.attempt import attempt
from core.dialer.desk import Dialler, Wish
from core.dialer.policy import LONGEST_INPUT, LONGEST_REASON, Asked, Verdict
from core.dialer.vocabulary import BRIDGE, HOLD, PLAY
from core.errors import TollwatchError
from core.ui import numbers, reading, refusals, session
from core.ui.dialpad import state
from core.ui.dialpad.sounds import FIRST, SOUNDS, sound_words
from core.ui.session import CurrentUser
from core.ui.text import error_texts, escaped, language, t

KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "+", "0", "back")
_LETTERS = {"2": "ABC", "3": "DEF", "4": "GHI", "5": "JKL", "6": "MNO", "7": "PQRS", "8": "TUV", "9": "WXYZ"}
_LIVE = "300ms"
_FIELDS_OF_THE_FORM = frozenset({"reason"})
_PASSING = frozenset({"rate", "hours", "budget"})
"""Rules that may let a number pass later though nothing was changed."""
_LOOK_AGAIN = "5s"


@st.fragment
def draw() -> None:
    """The card of the pad, drawn by itself while somebody types; who may not dial sees the verdict alone."""
    person = session.require("dialer.view")
    if state.was_just_dialled():
        st.rerun()
    with st.container(border=True, key="card-dialpad"):
        _site()
        st.text_input(
            t("dialpad.number"),
            key=state.NUMBER,
            live=_LIVE,
            max_chars=LONGEST_INPUT,
            type="phone",
            autocomplete="off",
            placeholder=t("dialpad.number_hint"),
            icon=":material/dialpad:",
            on_change=_typed,
        )
        _keys()
        found = _verdict(person)
        if person.may("dialer.dial"):
            _form(person, found)
        else:
            st.info(t("dialpad.only_look"), icon=":material/visibility:")
        if problem := st.session_state.pop(state.PROBLEM, None):
            st.error(escaped(problem), icon=":material/error:")


def _typed() -> None:
    state.read_typed()
    state.new_key()


def recent(person: CurrentUser) -> None:
    """Numbers at hand: favourites, then those dialled last; a click fills one in."""
    with session.services().database.read() as opened:
        kept = favorites.of_person(opened, person.name)
        numbers = query.recent_numbers(opened, person.name, limit=8)
    if not kept and not numbers:
        st.caption(t("dialpad.none_recent"))
        return
    with st.container(horizontal=True, gap="xsmall", key="dial_recent"):
        for row in kept:
            label = f"{row.label} {row.number}".strip()
            _chip(label, row.number, ":material/star:")
        for number in numbers:
            if number not in {row.number for row in kept}:
                _chip(number, number, ":material/history:")


def _chip(label: str, number: str, icon: str) -> None:
    st.button(escaped(label), key=f"dial_to_{number}", icon=icon, on_click=_fill, args=(number,))


def _fill(number: str) -> None:
    state.put(number)
    state.new_key()


def _site() -> None:
    with session.services().database.read() as opened:
        known, _ = policy_book.rules(opened)
        names = [place.name for place in policy_book.places(opened, known)]
    if len(names) > 1:
        st.selectbox(t("dialpad.site"), names, key=state.SITE, help=t("dialpad.site_help"))


def _keys() -> None:
    with st.container(key="dial_keys"), st.grid(3, min_column_width=60, gap="xsmall"):
        for sign in KEYS:
            label = ":material/backspace:" if sign == "back" else f"**{sign}** :small[{_LETTERS.get(sign, '')}]"
            st.button(
                label if sign != "+" else r"**\+**",
                key=f"dial_key_{sign}",
                on_click=_press,
                args=(sign,),
                width="stretch",
                help=t("dialpad.back") if sign == "back" else None,
            )


def _press(sign: str) -> None:
    state.press(sign)
    state.new_key()


def _verdict(person: CurrentUser) -> Verdict | None:
    text = (st.session_state.get(state.NUMBER) or "").strip()
    if not text:
        st.caption(t("dialpad.type_first"))
        return None
    try:
        found = _judged(person, text)
    except TollwatchError as error:
        refusals.told(error)
        return None
    _show(found)
    rules = _rules(found)
    if _PASSING & set(rules):
        st.fragment(_redraw_once_judged_otherwise, run_every=_LOOK_AGAIN)(text, rules)
    return found


def _judged(person: CurrentUser, text: str) -> Verdict:
    parts, kept = session.services(), st.session_state
    joined = (kept.get("dial_bridge_to") or "") if kept.get("dial_after") == BRIDGE else ""
    asked = Asked(text, kept.get(state.REASON) or "", kept.get("dial_caller_id") or "", extension=joined.strip())
    with parts.database.read() as opened:
        found, _ = policy_book.verdict(
            opened, parts.settings, asked, site=state.chosen_site(), person=person.name, at=parts.clock.now()
        )
    return found


def _redraw_once_judged_otherwise(text: str, rules: tuple[str, ...]) -> None:
    """A refusal that time takes away goes without anybody touching the page."""
    with contextlib.suppress(TollwatchError):
        if _rules(_judged(session.require("dialer.view"), text)) != rules:
            st.rerun()


def _rules(found: Verdict) -> tuple[str, ...]:
    return tuple(refusal.rule for refusal in found.refusals)


def _show(found: Verdict) -> None:
    country = reading.country_names().get(found.country, found.country)
    with st.container(horizontal=True, gap="xsmall", key="dial_verdict"):
        if found.number:
            st.badge(escaped(f"{found.shown} · {country}"), icon=":material/public:", color="blue")
            price = t("dialpad.price", price=numbers.money(found.price), name=t(f"dialing.prices.{found.price_class}"))
            st.badge(escaped(price), icon=":material/payments:", color="red" if found.price_class == "high" else "gray")
        st.badge(t(f"dialing.kinds.{found.kind}"), icon=":material/category:", color="gray")
        if set(_rules(found)) <= _FIELDS_OF_THE_FORM:
            st.badge(t("dialpad.allowed"), icon=":material/check_circle:", color="green")
        else:
            st.badge(t("dialpad.refused"), icon=":material/block:", color="red")
    if extension := state.extension_left_out():
        st.caption(escaped(t("dialpad.extension_left_out", extension=extension)))
    told = [refusal.words(language()) for refusal in found.refusals if refusal.rule not in _FIELDS_OF_THE_FORM]
    if told:
        with st.container(gap="xsmall"):
            for words in told:
                st.markdown(f":material/block: {escaped(words)}")


def _form(person: CurrentUser, found: Verdict | None) -> None:
    st.text_input(t("dialpad.reason"), key=state.REASON, live=_LIVE, max_chars=LONGEST_REASON)
    _options()
    can_override = found is not None and found.can_be_overridden and person.may("dialer.override")
    if can_override:
        st.text_input(t("dialpad.override"), key="dial_override", live=_LIVE, help=t("dialpad.override_help"))
    is_overridden = can_override and bool((st.session_state.get("dial_override") or "").strip())
    last = state.last_call()
    is_under_way = last is not None and last.is_open and found is not None and last.number == found.number
    # Open while the reason alone is missing: who goes on by keyboard before the page was drawn again finds it there.
    may = found is not None and (set(_rules(found)) <= _FIELDS_OF_THE_FORM or is_overridden) and not is_under_way
    st.button(
        t("dialpad.dial_anyway" if is_overridden else "dialpad.dial"),
        key="dial_now",
        type="primary",
        icon=":material/call:",
        width="stretch",
        disabled=not may,
        on_click=_dial,
        args=(state.key(last, session.services().clock.now()),),
        shortcut="Ctrl+Enter",
    )
    if is_under_way:
        st.caption(t("dialpad.being_called"))
    elif found is not None and _rules(found) == ("reason",):
        st.caption(t("dialpad.give_reason"))


def _options() -> None:
    parts = session.services()
    with parts.database.read() as opened:
        known, _ = policy_book.rules(opened)
    with st.popover(t("dialpad.more"), icon=":material/tune:", width="stretch"):
        offered = ["", *policy_book.caller_ids(known, parts.settings)]
        st.selectbox(
            t("dialpad.caller_id"), offered, key="dial_caller_id", format_func=lambda one: one or t("dialpad.default")
        )
        st.selectbox(
            t("dialpad.after"),
            (PLAY, BRIDGE, HOLD),
            key="dial_after",
            format_func=lambda one: t(f"dialer.after_answer.{one}"),
        )
        if st.session_state.get("dial_after") == BRIDGE:
            st.text_input(t("dialpad.bridge_to"), key="dial_bridge_to", max_chars=20)
        elif st.session_state.get("dial_after") == PLAY:
            st.selectbox(t("dialpad.sound"), list(SOUNDS), key="dial_sound", format_func=sound_words)
        st.number_input(t("dialpad.ring_seconds"), 5, 180, parts.settings.default_timeout, key="dial_ring")
        if known.is_recording_allowed:
            st.checkbox(t("dialpad.record"), key="dial_record", help=t("dialpad.record_help"))


def _dial(key: str) -> None:
    """Dial as the fields stand, once for each key, whatever is clicked again."""
    parts, kept = session.services(), st.session_state
    try:
        person = session.check("dialer.dial")
        wish = Wish(
            text=kept.get(state.NUMBER) or "",
            reason=kept.get(state.REASON) or "",
            site=state.chosen_site(),
            caller_id=kept.get("dial_caller_id") or "",
            after_answer=kept.get("dial_after") or PLAY,
            media=kept.get("dial_sound") or FIRST,
            bridge_to=(kept.get("dial_bridge_to") or "").strip(),
            ring_seconds=int(kept.get("dial_ring") or parts.settings.default_timeout),
            is_recorded=bool(kept.get("dial_record")),
            override=kept.get("dial_override") or "",
            idempotency_key=key,
        )
        by = Dialler(person.name, person.may("dialer.override"))
        state.dialled(attempt(parts.database, parts.settings, wish, by, at=parts.clock.now()))
    except TollwatchError as error:
        kept[state.PROBLEM] = " ".join(error_texts(error))
