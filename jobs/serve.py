"""``python -m jobs serve``: web, sidecar and, in the sandbox, the pretend Webex cloud, started and ended together."""

import argparse
import signal
import socket
import sys
from collections.abc import Callable
from http import HTTPStatus
from types import FrameType
from urllib.parse import urlsplit

import httpx

from core.errors import PermanentError
from core.sandbox.connect import connect_sandbox
from core.sandbox.desk import found_desk
from core.services import Services
from core.settings import Settings
from jobs.processes import Child, Family
from jobs.terminal import say
from jobs.web import DEFAULT_HOST, add_arguments, web_arguments

__all__ = ["add_arguments", "run"]

START_SECONDS = 120.0
_LOOK_SECONDS = 0.2


class ChildDiedError(PermanentError):
    """A process of the product ended by itself. Facts: ``name``, ``exit_code``."""

    code = "child_died"


class StartTooSlowError(PermanentError):
    """A process of the product did not answer in time. Facts: ``name``, ``seconds``."""

    code = "start_too_slow"


class PortTakenError(PermanentError):
    """Another program listens where a process of the product has to. Facts: ``port``, ``setting``."""

    code = "port_taken"


def run(services: Services, arguments: argparse.Namespace) -> int:
    """Start everything, tell the address, wait. 0 after Ctrl-C or SIGTERM, 1 when a process died by itself.

    Raises ``PortTakenError`` before anything is started, and ``ChildDiedError`` or ``StartTooSlowError`` when it does
    not come up, with everything ended again.
    """
    check_ports(services, arguments)
    family = Family(services.clock, sys.stdout)

    def stop(_number: int, _frame: FrameType | None) -> None:
        family.stopping = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        address = _start(services, arguments, family)
        if address is None:
            return 0
        _greet(services, address)
        dead = family.watch(lambda: say("jobs.serve.still", address=address))
        if dead is not None:
            raise _died(dead)
        return 0
    finally:
        say("jobs.serve.ending")
        family.end()


def check_ports(services: Services, arguments: argparse.Namespace) -> None:
    """Raise ``PortTakenError`` when somebody else, such as a second start, holds one of the ports."""
    wanted = [("PORT", arguments.host, arguments.port)]
    if services.settings.sandbox:
        wanted.append(("SANDBOX_PORT", DEFAULT_HOST, services.settings.sandbox_port))
    for setting, host, port in wanted:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise PortTakenError(port=port, setting=setting) from error


def _start(services: Services, arguments: argparse.Namespace, family: Family) -> str | None:
    settings = services.settings
    given = "base_url" in settings.model_fields_set
    address = settings.base_url.rstrip("/") if given else f"http://{DEFAULT_HOST}:{arguments.port}"
    environment = {"BASE_URL": address}
    if settings.sandbox:
        port, seed = str(settings.sandbox_port), str(settings.sandbox_seed)
        family.start("webex", ("-m", "core.sandbox", "--port", port, "--seed", seed), environment)
        if not _await(services, family, "webex", f"{settings.sandbox_url}/people/me"):
            return None
        connect_sandbox(services)
        connect_sandbox(services, kind="compliance")
        found_desk(services)
    family.start("sidecar", ("-m", "jobs"), environment)
    family.start("web", web_arguments(arguments.host, arguments.port), environment)
    loopback = DEFAULT_HOST if arguments.host in ("0.0.0.0", "::") else arguments.host  # noqa: S104 - compared only
    ready = _await(services, family, "web", f"http://{loopback}:{arguments.port}/readyz", _is_ready)
    return address if ready else None


def _is_ready(answer: httpx.Response) -> bool:
    is_ours = answer.headers.get("content-type", "").startswith("application/json")
    return answer.status_code == HTTPStatus.OK and is_ours


def _await(
    services: Services,
    family: Family,
    name: str,
    address: str,
    good: Callable[[httpx.Response], bool] = lambda answer: answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR,
) -> bool:
    ends = services.clock.monotonic() + START_SECONDS
    while services.clock.monotonic() < ends:
        if (dead := family.dead()) is not None:
            raise _died(dead)
        try:
            if good(httpx.get(address, timeout=5.0)):
                return True
        except httpx.HTTPError:
            pass
        services.clock.sleep(_LOOK_SECONDS)
        if family.stopping:
            return False
    raise StartTooSlowError(name=name, seconds=round(START_SECONDS))


def _greet(services: Services, address: str) -> None:
    say("jobs.serve.ready", address=address)
    if not services.settings.sandbox:
        say("jobs.serve.real")
        if missing := _missing_client(services.settings):
            say(missing)
        return
    host = urlsplit(address).hostname
    say("jobs.serve.sandbox" if host in ("127.0.0.1", "localhost", "::1") else "jobs.serve.sandbox_not_loopback")


def _missing_client(settings: Settings) -> str:
    """The text that says what cannot be done without the integration's credentials; nothing where they are set."""
    if settings.webex_client_id and settings.webex_client_secret.get_secret_value():
        return ""
    is_by_hand = bool(settings.webex_access_token.get_secret_value())
    return "jobs.serve.token_only" if is_by_hand else "jobs.serve.no_client"


def _died(child: Child) -> ChildDiedError:
    return ChildDiedError(name=child.name, exit_code=child.process.returncode)
