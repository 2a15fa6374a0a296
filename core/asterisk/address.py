"""Where Asterisk is and as whom we speak to it. Credentials travel in a header, never in an address."""

import base64
import ssl
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode, urlsplit

from core.asterisk.errors import AsteriskUnreachableError


@dataclass(frozen=True)
class AsteriskAddress:
    """The base of the REST interface (``…/ari``), a user of ari.conf, and the name of our application.

    ``certificate`` is one to trust besides the usual ones, in PEM, for an Asterisk that signs its own.
    """

    base: str
    username: str
    password: str = field(repr=False)
    application: str
    certificate: str = ""

    @property
    def host(self) -> str:
        """Host and port, for messages."""
        return urlsplit(self.base).netloc.rpartition("@")[2]

    @property
    def events(self) -> str:
        """The address of the event socket of our application."""
        scheme, _, rest = self.base.partition("://")
        query = urlencode({"app": self.application, "subscribeAll": "false"})
        return f"{'wss' if scheme == 'https' else 'ws'}://{rest}/events?{query}"

    @property
    def authorization(self) -> str:
        """The value of the ``Authorization`` header: HTTP Basic."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    @cached_property
    def tls(self) -> ssl.SSLContext | None:
        """How Asterisk's certificate is checked; ``None`` without TLS. Raises ``AsteriskUnreachableError``."""
        if not self.base.startswith("https://"):
            return None
        context = ssl.create_default_context()
        if self.certificate:
            try:
                context.load_verify_locations(cadata=self.certificate)
            except (ssl.SSLError, ValueError) as error:
                raise AsteriskUnreachableError(host=self.host, problem="ARI_CA: PEM?") from error
        return context
