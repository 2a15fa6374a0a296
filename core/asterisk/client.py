"""Asking Asterisk by its REST interface: what a dial pad needs of it, and what its answers mean.

Nothing is sent twice here. A request whose answer was lost raises ``AsteriskSilentError``: whoever sent it looks the
channel up by the id we chose.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from core.asterisk.address import AsteriskAddress
from core.asterisk.errors import (
    AllocationFailedError,
    AsteriskCredentialsError,
    AsteriskFailedError,
    AsteriskMalformedError,
    AsteriskReadOnlyError,
    AsteriskRefusedError,
    AsteriskSilentError,
    ChannelExistsError,
)
from core.asterisk.events import Channel, UnreadableEventError, read_channel
from core.asterisk.unreached import unreached
from core.clock import Clock
from core.json_text import parsed

SECONDS = 10.0
MOST_CONNECTIONS = 50
LONGEST_ANSWER_BYTES = 1024 * 1024
_LONGEST_DETAIL = 200
_LAST_RESORT_SECONDS = 60
_NOWHERE = "tollwatch-no-forwarding"
"""A context that no dialplan has: where a side sends the call on (SIP 302, REFER) Asterisk would dial there, past our
policy. A REFER it answers with 404 then, and the call goes on."""
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_NOT_FOUND, _CONFLICT, _SERVER = 404, 409, 500


@dataclass(frozen=True)
class Origination:
    """A call to be made, whose answer comes to our application: of one that goes into the dialplan at once Asterisk
    sends no events until they are asked for, and its end may come before.

    ``max_seconds`` after the answer Asterisk itself ends the call, a little after we should have done it: the last
    resort for a call whose keeper is gone.
    """

    channel_id: str
    endpoint: str
    application: str
    ring_seconds: int
    max_seconds: int
    arguments: tuple[str, ...] = ()
    caller_id: str = ""

    def body(self) -> dict[str, Any]:
        """The JSON of ``POST /channels``. The timeout is a number: Asterisk ignores a text and takes 30 s."""
        longest = self.ring_seconds + self.max_seconds + _LAST_RESORT_SECONDS
        return {
            "endpoint": self.endpoint,
            "channelId": self.channel_id,
            "timeout": self.ring_seconds,
            **({"callerId": self.caller_id} if self.caller_id else {}),
            "app": self.application,
            "appArgs": ",".join(self.arguments),
            "variables": {
                "TW_CALL": self.channel_id,
                "TIMEOUT(absolute)": str(longest),
                "FORWARD_CONTEXT": _NOWHERE,
                "TRANSFER_CONTEXT": _NOWHERE,
            },
        }


@dataclass(frozen=True)
class _Answer:
    status: int
    body: Any


class AsteriskClient:
    """One Asterisk. Every method may raise the errors of ``core.asterisk.errors``."""

    def __init__(self, address: AsteriskAddress, clock: Clock, *, seconds: float = SECONDS) -> None:
        self.address = address
        self._clock = clock
        self._http = httpx.AsyncClient(
            base_url=address.base,
            headers={"Authorization": address.authorization},
            timeout=httpx.Timeout(seconds, pool=None),
            verify=address.tls or True,
            trust_env=False,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_CONNECTIONS),
        )

    async def close(self) -> None:
        """Give back the connections."""
        await self._http.aclose()

    async def ping(self) -> float:
        """Seconds of a round trip. Raises ``AsteriskMalformedError`` when something else answers."""
        began = self._clock.monotonic()
        answer = await self._done("GET", "/asterisk/ping")
        if not isinstance(answer, Mapping) or answer.get("ping") != "pong":
            raise AsteriskMalformedError(problem="ping")
        return self._clock.monotonic() - began

    async def version(self) -> str:
        """Asterisk's release, such as ``22.10.1``; empty where it does not tell."""
        answer = await self._done("GET", "/asterisk/info", {"only": "system"})
        system = answer.get("system") if isinstance(answer, Mapping) else None
        told = system.get("version") if isinstance(system, Mapping) else None
        return told[:40] if isinstance(told, str) else ""

    async def originate(self, order: Origination) -> Channel:
        """Have a call made; it is accepted then, which is not yet ringing. Its events may have come before.

        Raises ``ChannelExistsError`` when the id is in use, ``AllocationFailedError`` for an endpoint that cannot be
        reached, ``AsteriskSilentError`` when it is not known whether the call is made.
        """
        answer = await self._ask("POST", "/channels", content=order.body())
        if answer.status == _CONFLICT:
            raise ChannelExistsError
        if answer.status == _SERVER and isinstance(answer.body, Mapping) and "error" in answer.body:
            raise AllocationFailedError(endpoint=order.endpoint[:_LONGEST_DETAIL])
        return self._channel(self._good(answer))

    async def channel(self, channel_id: str) -> Channel | None:
        """The channel as it stands; ``None`` when it is gone."""
        answer = await self._ask("GET", f"/channels/{channel_id}")
        return None if answer.status == _NOT_FOUND else self._channel(self._good(answer))

    async def hang_up(self, channel_id: str) -> bool:
        """End a channel; ``False`` when it was gone."""
        return await self._unless_gone("DELETE", f"/channels/{quote(channel_id, safe='')}")

    async def subscribe(self, channel_id: str) -> bool:
        """Have the events of a channel sent to our application; ``False`` when the channel is gone."""
        return await self._subscribed(f"channel:{channel_id}")

    async def subscribe_bridge(self, bridge_id: str) -> bool:
        """Have what is played and recorded in a bridge told to our application; ``False`` when the bridge is gone."""
        return await self._subscribed(f"bridge:{bridge_id}")

    async def _subscribed(self, source: str) -> bool:
        path = f"/applications/{self.address.application}/subscription"
        answer = await self._ask("POST", path, {"eventSource": source})
        if answer.status in (_NOT_FOUND, 422):
            return False
        self._good(answer)
        return True

    async def play(self, target: str, media: str, playback_id: str) -> bool:
        """Play a sound or tone on ``channels/…`` or ``bridges/…``; ``False`` when that is gone."""
        return await self._unless_gone("POST", f"/{target}/play", {"media": media, "playbackId": playback_id})

    async def is_playing(self, playback_id: str) -> bool:
        """Whether a playback is queued or under way."""
        answer = await self._ask("GET", f"/playbacks/{playback_id}")
        if answer.status != _NOT_FOUND:
            self._good(answer)
        return answer.status != _NOT_FOUND

    async def record(self, bridge_id: str, name: str, max_seconds: int) -> bool:
        """Record what is said in a bridge as WAV, under that name at Asterisk; ``False`` when the bridge is gone.

        One that runs under the name already stays as it is; one that ended is gone on with.
        """
        told = {"name": name, "format": "wav", "maxDurationSeconds": str(max_seconds), "ifExists": "append"}
        answer = await self._ask("POST", f"/bridges/{bridge_id}/record", told)
        if answer.status in (_NOT_FOUND, _CONFLICT):
            return answer.status == _CONFLICT
        self._good(answer)
        return True

    async def go_on(self, channel_id: str, context: str, extension: str, priority: int) -> bool:
        """Let Asterisk's dialplan go on with a channel of our application; ``False`` when that is gone."""
        told = {"context": context, "extension": extension, "priority": str(priority)}
        answer = await self._ask("POST", f"/channels/{channel_id}/continue", told)
        if answer.status in (_NOT_FOUND, _CONFLICT):
            return False
        self._good(answer)
        return True

    async def ring(self, channel_id: str) -> bool:
        """Let an answered channel hear ringing; ``False`` when it is gone."""
        return await self._unless_gone("POST", f"/channels/{channel_id}/ring")

    async def stop_ringing(self, channel_id: str) -> bool:
        """End what ``ring`` began; ``False`` when the channel is gone."""
        return await self._unless_gone("DELETE", f"/channels/{channel_id}/ring")

    async def make_bridge(self, bridge_id: str) -> None:
        """Make a mixing bridge of that id; one that is there already stays."""
        answer = await self._ask("POST", "/bridges", {"type": "mixing", "bridgeId": bridge_id, "name": "tollwatch"})
        if answer.status != _CONFLICT:
            self._good(answer)

    async def add_to_bridge(self, bridge_id: str, channel_id: str) -> bool:
        """Bring a channel into a bridge; ``False`` when either is gone or the channel has left our application."""
        answer = await self._ask("POST", f"/bridges/{bridge_id}/addChannel", {"channel": channel_id})
        if answer.status in (400, _NOT_FOUND, _CONFLICT, 422):
            return False
        self._good(answer)
        return True

    async def in_bridge(self, bridge_id: str) -> frozenset[str]:
        """The channels in a bridge; none where it is gone."""
        answer = await self._ask("GET", f"/bridges/{bridge_id}")
        body = None if answer.status == _NOT_FOUND else self._good(answer)
        told = body.get("channels") if isinstance(body, Mapping) else None
        return frozenset(name for name in told if isinstance(name, str)) if isinstance(told, list) else frozenset()

    async def remove_bridge(self, bridge_id: str) -> bool:
        """Remove a bridge; ``False`` when it was gone."""
        return await self._unless_gone("DELETE", f"/bridges/{bridge_id}")

    async def endpoint_state(self, technology: str, resource: str) -> str:
        """``online``, ``offline`` or ``unknown``; empty where Asterisk knows no such endpoint."""
        answer = await self._ask("GET", f"/endpoints/{technology}/{resource}")
        if answer.status == _NOT_FOUND:
            return ""
        body = self._good(answer)
        state = body.get("state") if isinstance(body, Mapping) else None
        return state[:20] if isinstance(state, str) else ""

    async def _unless_gone(self, method: str, path: str, params: Mapping[str, str] | None = None) -> bool:
        answer = await self._ask(method, path, params)
        if answer.status == _NOT_FOUND:
            return False
        self._good(answer)
        return True

    async def _done(self, method: str, path: str, params: Mapping[str, str] | None = None) -> Any:
        return self._good(await self._ask(method, path, params))

    def _good(self, answer: _Answer) -> Any:
        if httpx.codes.is_success(answer.status):
            return answer.body
        told = answer.body if isinstance(answer.body, Mapping) else {}
        detail = str(told.get("message") or told.get("error") or "")[:_LONGEST_DETAIL]
        detail = "".join(letter for letter in detail if letter.isprintable())
        if answer.status == 401:
            raise AsteriskCredentialsError
        if answer.status == 403:
            raise AsteriskReadOnlyError
        if answer.status >= _SERVER:
            raise AsteriskFailedError(status=answer.status, detail=detail)
        raise AsteriskRefusedError(status=answer.status, detail=detail)

    def _channel(self, body: Any) -> Channel:
        try:
            return read_channel(body)
        except UnreadableEventError as error:
            raise AsteriskMalformedError(problem=str(error.facts.get("problem", ""))) from error

    async def _ask(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        content: Mapping[str, Any] | None = None,
    ) -> _Answer:
        try:
            async with self._http.stream(method, path, params=params, json=content) as response:
                body = bytearray()
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > LONGEST_ANSWER_BYTES:
                        raise AsteriskMalformedError(problem="too long")
                return _Answer(response.status_code, _json(bytes(body)))
        except _NOTHING_SENT as error:
            raise unreached(error, self.address.host) from error
        except httpx.HTTPError as error:
            raise AsteriskSilentError(host=self.address.host, problem=type(error).__name__) from error


def _json(body: bytes) -> Any:
    """The answer's JSON; ``None`` for none: error pages of the web server itself are HTML."""
    try:
        return parsed(body) if body else None
    except (orjson.JSONDecodeError, UnicodeError):
        return None
