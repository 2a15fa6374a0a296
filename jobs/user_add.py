"""``python -m jobs user add NAME --role ROLE``: add a person without the web, for a first administrator or a script."""

import argparse
import getpass
import sys

from core.access import password_links, people
from core.access.permissions import ROLES
from core.language import LANGUAGES, translate
from core.services import Services
from jobs.terminal import say, terminal_language

ACTOR = "command line"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The password is asked for, or read from the first line of standard input; never from the command line."""
    parser.add_argument("name", help="the e-mail address or name to sign in with")
    parser.add_argument("--role", choices=ROLES, default="analyst")
    parser.add_argument("--display-name", default="")
    parser.add_argument("--language", choices=LANGUAGES, default=terminal_language())
    parser.add_argument("--time-zone", default="", help="IANA name, such as America/Bogota")
    parser.add_argument("--link", action="store_true", help="prints a one-time link by which they set a password")
    parser.add_argument("--no-password", action="store_true", help="signs in by OIDC only")


def run(services: Services, arguments: argparse.Namespace) -> int:
    """Add the person. Raises what ``people.add`` does: a taken name, a weak password."""
    person = people.add(
        services.database,
        services.clock,
        people.NewPerson(
            name=arguments.name,
            display_name=arguments.display_name or arguments.name,
            role=arguments.role,
            password=None if arguments.no_password or arguments.link else _password(),
            language=arguments.language,
            time_zone=arguments.time_zone,
        ),
        actor=ACTOR,
    )
    if arguments.link:
        link = password_links.make(services, person.id, actor=ACTOR)
        until = f"{link.expires_at:%Y-%m-%d %H:%M} UTC"
        say("jobs.user_add.link", name=person.name, role=person.role, until=until, address=link.address)
        return 0
    say("jobs.user_add.done", name=person.name, role=person.role)
    return 0


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass(translate("jobs.user_add.password", terminal_language()) + " ")
    return sys.stdin.readline().rstrip("\n")
