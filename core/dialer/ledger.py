"""The stored calls as their keeper reads and writes them: each method is one transaction, fenced by the lease.

Nothing about a call is kept in memory alone: a keeper that dies leaves rows that say how far it was.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from core.asterisk.call_state import (
    CallState,
    Status,
    accepted,
    after,
    given_up,
    lost,
    not_accepted,
    observed,
    transferred,
)
from core.asterisk.events import (
    Channel,
    ChannelEvent,
    Destroyed,
    Dialled,
    DigitPressed,
    EnteredApplication,
    Event,
    HangupRequested,
    LeftApplication,
    PlaybackEnded,
    RecordingEnded,
    StateChanged,
)
from core.asterisk.listener import Heard
from core.clock import Clock
from core.dialer import connection, steps
from core.dialer.errors import CallNotPlacedError
from core.dialer.names import call_of_leg, call_of_playback, is_ours
from core.dialer.record import state_of, write
from core.dialer.vocabulary import (
    BY_END_OF_PROMPT,
    BY_LIMIT,
    BY_OTHER_SIDE,
    DATA_VERSION,
    DIALPLAN,
    LONGEST_PENDING_SECONDS,
    PLAY,
)
from core.errors import TollwatchError
from core.store import commands, data_version
from core.store.engine import Database
from core.store.models.dialer import AsteriskConnectionRow, OutboundCallRow

MOST_AT_ONCE = 5000
_MOST_DIGITS = 64


@dataclass(frozen=True)
class Happening:
    """What an event asks its keeper to do.

    ``word`` is entered, left, leg_up, leg_ended, recording_ended, ended, stray, forwarded or transferred;
    ``channel_id`` is the channel that Asterisk dials in place of ours where the callee forwards.
    """

    word: str
    call: OutboundCallRow
    channel_id: str = ""


class Ledger:
    """The calls of one database. ``fence`` raises in the transaction of a keeper that was replaced."""

    def __init__(self, database: Database, clock: Clock, fence: Callable[[Session], None]) -> None:
        self._database = database
        self._clock = clock
        self._fence = fence

    def urgent(self, longest: int) -> list[OutboundCallRow]:
        """Calls somebody waits for now: to be placed, at most ``longest`` of them, or to be hung up. Oldest first."""
        row = OutboundCallRow
        with self._database.read() as session:
            asked = select(row).where(row.is_open)
            fresh = asked.where(row.placing_at.is_(None)).order_by(row.id).limit(longest)
            ending = asked.where(row.placing_at.is_not(None), row.hangup_requested_at.is_not(None))
            return [*session.scalars(fresh), *session.scalars(ending.order_by(row.id).limit(MOST_AT_ONCE))]

    def unfinished(self) -> list[OutboundCallRow]:
        """Calls that have not ended or of which something may be left at Asterisk, oldest first."""
        row = OutboundCallRow
        left = and_(row.is_open.is_(False), row.cleared_at.is_(None))
        with self._database.read() as session:
            return list(session.scalars(select(row).where(or_(row.is_open, left)).order_by(row.id).limit(MOST_AT_ONCE)))

    def current(self, call_id: int) -> OutboundCallRow:
        """A call as it stands."""
        with self._database.read() as session:
            return session.get_one(OutboundCallRow, call_id)

    def take(self, ids: Iterable[int]) -> list[OutboundCallRow]:
        """Mark calls as leaving for Asterisk; gives those that are ours to place: nobody else gets the same ones."""
        at = self._clock.now()
        row = OutboundCallRow
        with self._writing() as session:
            free = and_(row.id.in_(list(ids)), row.is_open, row.placing_at.is_(None))
            taken = list(session.scalars(select(row).where(free).order_by(row.id).with_for_update()))
            for call in taken:
                call.placing_at = at
                steps.note(session, call, "placing", at)
            self._changed(session, taken)
        return taken

    def put_back(self, call_id: int) -> None:
        """Undo ``take``: the request did not leave."""
        with self._writing() as session:
            call = _locked(session, call_id)
            if call.status == Status.PENDING.value:
                call.placing_at = None

    def give_up_old(self) -> None:
        """End the calls that could not be placed while anybody expected them."""
        at = self._clock.now()
        row = OutboundCallRow
        oldest = at - timedelta(seconds=LONGEST_PENDING_SECONDS)
        old = and_(row.is_open, row.placing_at.is_(None), row.created_at < oldest)
        with self._database.read() as session:
            if session.scalars(select(row.id).where(old).limit(1)).first() is None:
                return
        with self._writing() as session:
            found = list(session.scalars(select(row).where(old).with_for_update()))
            for call in found:
                call.error = commands.describe(CallNotPlacedError(seconds=round(LONGEST_PENDING_SECONDS)))
                call.cleared_at = at
                write(session, call, given_up(state_of(call), at), at)
            self._changed(session, found)

    def accepted(self, call_id: int) -> OutboundCallRow:
        """Asterisk took the call."""
        return self._step(call_id, accepted)

    def refused(self, call_id: int, error: TollwatchError) -> OutboundCallRow:
        """Asterisk did not take the call; ``error`` is kept for people to read."""
        at = self._clock.now()
        with self._writing() as session:
            call = _locked(session, call_id)
            if write(session, call, not_accepted(state_of(call), at), at):
                call.error = commands.describe(error)
                self._changed(session, [call])
        return call

    def observed(self, call_id: int, channel: Channel) -> OutboundCallRow:
        """What looking the channel up told."""
        return self._step(call_id, lambda state, at: observed(state, channel, at))

    def lost(self, call_id: int) -> OutboundCallRow:
        """The channel is gone and its end was not seen."""
        return self._step(call_id, lost)

    def end_by(self, call_id: int, who: str) -> None:
        """Have a call hung up for one of ``HANGUP_REASONS``, unless it ended or somebody else asked for it."""
        at = self._clock.now()
        with self._writing() as session:
            self._end(session, _locked(session, call_id), who, at)

    def note(self, call_id: int, word: str, facts: Mapping[str, str | int] | None = None) -> None:
        """Add a step to a call."""
        with self._writing() as session:
            call = _locked(session, call_id)
            steps.note(session, call, word, self._clock.now(), facts=facts)
            self._changed(session, [call])

    def answer_done(self, call_id: int, word: str = "", facts: Mapping[str, str | int] | None = None) -> None:
        """What is to happen after the answer was set going; with ``word``, a step says so."""
        with self._writing() as session:
            call = _locked(session, call_id)
            call.answer_done_at = self._clock.now()
            if word:
                steps.note(session, call, word, call.answer_done_at, facts=facts)
            self._changed(session, [call])

    def cleared(self, ids: Sequence[int]) -> None:
        """Nothing is left of those calls at Asterisk."""
        with self._writing() as session:
            for call in session.scalars(select(OutboundCallRow).where(OutboundCallRow.id.in_(ids)).with_for_update()):
                call.cleared_at = self._clock.now()

    def publish(self, state: str, **told: Any) -> None:
        """Write how the connection stands."""
        with self._writing() as session:
            connection.publish(session, state, self._clock.now(), **told)

    def reconnect_requested_since(self, moment: datetime) -> bool:
        """Whether a person asked after that moment that our application name be taken back."""
        with self._database.read() as session:
            row = session.get(AsteriskConnectionRow, connection.NAME)
            wished = row.reconnect_requested_at if row else None
        return wished is not None and wished > moment

    def apply(self, heard: Sequence[Heard]) -> list[Happening]:
        """Store what events mean for their calls, in their order; gives what is to be done about it."""
        concerned = {name for word in heard if (name := _channel_of(word))}
        if not concerned:
            return []
        happenings: list[Happening] = []
        with self._writing() as session:
            asked = select(OutboundCallRow).where(OutboundCallRow.channel_id.in_(concerned)).with_for_update()
            calls = {call.channel_id: call for call in session.scalars(asked.order_by(OutboundCallRow.id))}
            changed = []
            for word in heard:
                call = calls.get(_channel_of(word))
                if call is not None and self._apply(session, call, word, happenings):
                    changed.append(call)
            self._changed(session, changed)
        return happenings

    def _apply(self, session: Session, call: OutboundCallRow, word: Heard, happenings: list[Happening]) -> bool:
        event, at = word.event, word.at
        if not isinstance(event, ChannelEvent):
            return self._of_media(session, call, event, at, happenings)
        if isinstance(event, Dialled) and event.forward:
            steps.note(session, call, "forwarded", at, facts={"number": event.forward})
            write(session, call, after(state_of(call), event, at), at)
            happenings.extend([Happening("forwarded", call, event.forwarded)] if event.forwarded else [])
            return True
        if isinstance(event, EnteredApplication) and event.replaced:
            return self._transferred(session, call, event.replaced, at, happenings)
        if event.channel.id != call.channel_id:
            return self._of_leg(session, call, event, at, happenings)
        return self._of_callee(session, call, event, at, happenings)

    def _of_callee(
        self, session: Session, call: OutboundCallRow, event: ChannelEvent, at: datetime, happenings: list[Happening]
    ) -> bool:
        if not call.is_open:
            if isinstance(event, StateChanged | EnteredApplication):
                happenings.append(Happening("stray", call))
            return False
        state = after(state_of(call), event, at)
        has_changed = write(session, call, state, at)
        if isinstance(event, DigitPressed) and len(call.digits) < _MOST_DIGITS:
            call.digits += event.digit
            steps.note(session, call, "digit", at, facts={"digit": event.digit})
            has_changed = True
        if isinstance(event, HangupRequested) and state.status is Status.ANSWERED:
            has_changed |= self._other_hung_up(session, call, event, at)
        if isinstance(event, EnteredApplication) and state.status is Status.ANSWERED:
            happenings.append(Happening("entered", call))
        if isinstance(event, LeftApplication) and call.after_answer != DIALPLAN:
            happenings.append(Happening("left", call))
        if state.is_final:
            happenings.append(Happening("ended", call))
        return has_changed

    def _of_media(
        self, session: Session, call: OutboundCallRow, event: Event, at: datetime, happenings: list[Happening]
    ) -> bool:
        """Sounds and recordings of a call; those that its end cuts short say nothing."""
        is_ending = call.hangup_requested_at is not None or steps.has(session, call, "other_hung_up")
        if not call.is_open or is_ending:
            return False
        if isinstance(event, PlaybackEnded):
            self._played(session, call, event, at)
            return True
        if not isinstance(event, RecordingEnded):
            return False
        if not event.has_failed:
            happenings.append(Happening("recording_ended", call))
            return False
        steps.note(session, call, "recording_failed", at)
        return True

    def _other_hung_up(self, session: Session, call: OutboundCallRow, event: HangupRequested, at: datetime) -> bool:
        if event.is_soft or call.hangup_requested_at is not None or steps.has(session, call, "other_hung_up"):
            return False
        steps.note(session, call, "other_hung_up", at)
        return True

    def _played(self, session: Session, call: OutboundCallRow, event: PlaybackEnded, at: datetime) -> None:
        steps.note(session, call, "play_failed" if event.has_failed else "played", at)
        if call.after_answer == PLAY:
            self._end(session, call, BY_END_OF_PROMPT, at)

    def _of_leg(
        self, session: Session, call: OutboundCallRow, event: ChannelEvent, at: datetime, happenings: list[Happening]
    ) -> bool:
        if isinstance(event, EnteredApplication) and event.channel.state == "Up":
            happenings.append(Happening("leg_up", call))
            return False
        if not isinstance(event, Destroyed) or not call.is_open:
            return False
        if event.channel.state != "Up":
            steps.note(session, call, "bridge_failed", at, facts={"cause": event.cause})
        self._end(session, call, BY_OTHER_SIDE, at)
        happenings.append(Happening("leg_ended", call))
        return True

    def _transferred(
        self, session: Session, call: OutboundCallRow, replaced: str, at: datetime, happenings: list[Happening]
    ) -> bool:
        """A side of the call passed it on to somebody the policy knows nothing of: it ends."""
        if not call.is_open:
            return False
        steps.note(session, call, "transferred", at)
        if replaced != call.channel_id:
            self._end(session, call, BY_OTHER_SIDE, at)
            return True
        write(session, call, transferred(state_of(call), at), at)
        happenings.extend([Happening("transferred", call), Happening("ended", call)])
        return True

    def _end(self, session: Session, call: OutboundCallRow, who: str, at: datetime) -> None:
        if call.is_open and call.hangup_requested_at is None:
            call.hangup_requested_at, call.hangup_by = at, who
            steps.note(session, call, "hangup_requested", at, actor=who)
            self._changed(session, [call])

    def _step(self, call_id: int, move: Callable[[CallState, datetime], CallState]) -> OutboundCallRow:
        at = self._clock.now()
        with self._writing() as session:
            call = _locked(session, call_id)
            if write(session, call, move(state_of(call), at), at):
                self._changed(session, [call])
        return call

    def over_limit(self, calls: Iterable[OutboundCallRow]) -> None:
        """Have those answered calls hung up that have lasted as long as they may."""
        now = self._clock.now()
        for call in calls:
            if call.answered_at is None or call.hangup_requested_at is not None or not call.is_open:
                continue
            if now - call.answered_at >= timedelta(seconds=call.max_seconds):
                self.end_by(call.id, BY_LIMIT)

    def _changed(self, session: Session, calls: Sequence[OutboundCallRow]) -> None:
        if calls:
            data_version.bump(session, DATA_VERSION, self._clock.now())

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        """A writing session in which a keeper that was replaced is refused first."""
        with self._database.write() as session:
            self._fence(session)
            yield session


def _locked(session: Session, call_id: int) -> OutboundCallRow:
    return session.get_one(OutboundCallRow, call_id, with_for_update=True)


def _channel_of(word: Heard) -> str:
    """The channel of the call that an event concerns; empty for one of somebody else."""
    event = word.event
    if isinstance(event, EnteredApplication) and event.replaced:
        return call_of_leg(event.replaced)
    if isinstance(event, ChannelEvent):
        return call_of_leg(event.channel.id)
    if isinstance(event, PlaybackEnded):
        return call_of_playback(event.playback_id)
    if isinstance(event, RecordingEnded):
        return event.name if is_ours(event.name) else ""
    return ""
