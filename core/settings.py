"""Every setting of the product, read once at start from the environment, ``.env`` and ``NAME_FILE`` secrets.

``.env.example`` explains each; a test holds the two lists against each other.
"""

import base64
import os
import ssl
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from core.errors import SettingsError
from core.language import Language

ROOT = Path(__file__).resolve().parent.parent

SHORTEST_SECRET = 32
SANDBOX_RATE_SCALE = 0.002
NEW_KEY_COMMAND = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
PLACEHOLDERS = (
    "change",
    "changeme",
    "placeholder",
    "secret",
    "example",
    "your-",
    "todo",
    "xxxx",
    "dummy",
    "default",
)
WATSON_SCOPES = (
    "watson.use",
    "tickets.work",
    "visits.work",
    "notifications.send",
    "reports.manage",
    "calls.view",
    "alerts.view",
    "recordings.view",
    "tickets.view",
)
"""Permissions that may be given to the bearer of WATSON_API_KEY: those of the four things, and of what reports show."""
DEFAULT_SCOPES = (
    "spark-admin:calling_cdr_read analytics:read_all spark-admin:organizations_read spark-admin:people_read "
    "spark-admin:telephony_config_read spark-admin:locations_read spark-admin:recordings_read audit:events_read"
)


class Settings(BaseSettings):
    """Typed settings; the field names in capitals are the names in the environment."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    sandbox: bool = Field(default=True, description="Use the pretend Webex cloud on loopback (1) or a real one (0).")
    data_dir: Path = Field(default=ROOT / "data" / "var", description="Folder of everything kept at run time.")
    database_url: str = Field(default="", description="Operational database; empty = SQLite in DATA_DIR.")
    secret_key: SecretStr = Field(default=SecretStr(""), description="Encrypts tokens, signs cookies and links.")
    secret_key_previous: SecretStr = Field(
        default=SecretStr(""), description="Former keys, comma separated, still readable."
    )
    base_url: str = Field(default="http://127.0.0.1:8501", description="Address people open; builds links.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    allow_insecure_endpoints: bool = Field(
        default=False, description="Permit endpoints that are not https or not on webexapis.com."
    )

    webex_client_id: str = ""
    webex_client_secret: SecretStr = SecretStr("")
    webex_scopes: str = DEFAULT_SCOPES
    webex_access_token: SecretStr = Field(default=SecretStr(""), description="A token given by hand, no OAuth.")
    webex_org_id: str = ""
    webex_api_url: str = "https://webexapis.com/v1"
    webex_analytics_url: str = "https://analytics-calling.webexapis.com/v1"
    webex_rate_scale: float = Field(default=1.0, gt=0, le=1, description="1 = the real rate limits; less = quicker.")
    webex_use_stream: bool = Field(default=True, description="Steady state by cdr_stream; off = cdr_feed only.")
    webex_page_size: int = Field(default=5000, ge=500, le=5000)
    webex_feed_window_hours: float = Field(default=12, gt=0, le=12)
    webex_feed_history_days: int = Field(default=30, ge=1, le=30)
    webex_feed_lag_minutes: float = Field(default=5, ge=0)
    webex_feed_overlap_hours: float = Field(default=6, ge=0)
    webex_stream_window_hours: float = Field(default=2, gt=0, le=2)
    webex_stream_lag_minutes: float = Field(default=1, ge=0)
    webex_rescan_hours: float = Field(default=48, ge=0, description="How far the nightly re-scan looks back.")
    webex_outgoing_permission_path: Literal["people", "telephony"] = Field(
        default="people", description="Which of Webex's two paths of outgoing permissions is tried first."
    )
    settings_poll_per_minute: int = Field(
        default=60, ge=0, le=600, description="People whose call forwarding is read a minute; 0 = none."
    )
    webex_download_hosts: str = Field(
        default="", description="Domains besides webex.com that recordings may be downloaded from, comma separated."
    )
    recordings_interval_seconds: int = Field(
        default=3600, ge=0, description="How often recordings are listed; 0 = never."
    )
    recordings_history_days: int = Field(default=30, ge=1, le=365, description="How far back the first list goes.")
    recordings_per_owner: Literal["auto", "always", "never"] = Field(
        default="auto", description="Whether each person's recordings are listed; auto = where Webex hides others'."
    )
    recordings_largest_megabytes: int = Field(default=200, ge=1, le=2000)
    recordings_retention_days: int = Field(default=365, ge=1)
    recordings_deleted_days: int = Field(
        default=30, ge=0, description="Days in which a deletion can be taken back; then audio and words are gone."
    )

    anthropic_api_key: SecretStr = Field(
        default=SecretStr(""), description="Lets Claude explain; empty = it is not asked."
    )
    anthropic_base_url: str = "https://api.anthropic.com"
    anthropic_model: str = "claude-haiku-5-5"
    assistant_monthly_budget: float = Field(default=20.0, ge=0, description="US dollars a month, never passed.")
    assistant_input_price: float = Field(default=1.0, ge=0, description="US dollars for a million tokens read.")
    assistant_output_price: float = Field(default=5.0, ge=0, description="US dollars for a million tokens written.")
    assistant_automatic: bool = Field(default=True, description="Explain alerts from HIGH up unasked.")
    assistant_language: Language = Field(default="en", description="Language of what is explained unasked.")

    recording_summaries: Literal["claude", "local"] = Field(
        default="claude", description="local = no transcript leaves; claude needs ANTHROPIC_API_KEY."
    )
    transcription_url: str = Field(default="", description="OpenAI-compatible service, up to /v1; empty = none.")
    transcription_api_key: SecretStr = SecretStr("")
    transcription_model: str = "whisper-1"
    transcription_language: str = Field(default="", description="Code of the calls' language where Webex says none.")
    transcription_largest_mb: int = Field(default=25, ge=1, le=500, description="Largest sound file that is sent.")

    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_metadata_url: str = Field(default="", description="OpenID discovery document; sets sign-in to OIDC.")
    oidc_trust_email: bool = Field(
        default=False, description="Tie accounts to e-mail addresses that the provider does not call verified."
    )
    allowed_hosts: str = Field(default="", description="Further host names of this server, comma separated.")
    cors_origins: str = Field(default="", description="Web origins that may call the API, comma separated.")

    smtp_host: str = Field(default="", description="Mail server; empty in the sandbox = mails are kept as files.")
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_from: str = Field(default="", description="Sender of mails; empty = tollwatch@ and the host of BASE_URL.")
    smtp_security: Literal["auto", "starttls", "tls", "none"] = Field(
        default="auto", description="auto = tls on port 465, starttls on any other."
    )
    notify_private_hosts: str = Field(
        default="", description="Names inside the network that channels may call, comma separated."
    )

    ari_http_url: str = Field(
        default="", description="Asterisk's REST interface; empty = the sandbox's own, or no dialling."
    )
    ari_username: str = ""
    ari_password: SecretStr = SecretStr("")
    ari_app: str = Field(default="tollwatch", pattern=r"^[A-Za-z0-9_.-]{1,60}$")
    ari_ca: str = Field(default="", description="Certificate to trust, in PEM, where Asterisk signs its own.")
    ari_endpoint: str = Field(default="PJSIP/{number}@trunk", description="Whom Asterisk rings for a number.")
    ari_extension_endpoint: str = Field(default="PJSIP/{number}", description="Whom it rings for an extension.")
    default_context: str = Field(default="", description="Dialplan of answered calls; empty = Tollwatch keeps them.")
    default_extension: str = ""
    default_priority: int = Field(default=1, ge=1, le=1000)
    default_timeout: int = Field(default=30, ge=1, le=180, description="Seconds to let it ring.")
    default_caller_id: str = ""
    dial_max_seconds: int = Field(default=300, ge=1, le=14_400, description="Longest length of an answered call.")

    watson_api_key: SecretStr = Field(default=SecretStr(""), description="What Watson shows; empty = API keys only.")
    watson_scopes: str = Field(
        default="watson.use tickets.work visits.work", description="What the bearer of WATSON_API_KEY may."
    )
    watson_signing_secret: SecretStr = Field(
        default=SecretStr(""), description="Secrets whsec_…, parted by spaces, of callers that sign."
    )
    watson_require_signature: bool = Field(default=False, description="Refuse messages that are not signed.")
    watson_per_minute: int = Field(default=60, ge=1, le=600, description="Messages a caller may send in a minute.")
    watson_retention_days: int = Field(default=90, ge=2)
    watson_claude_seconds: float = Field(
        default=8.0, ge=0, le=20, description="A message waits so long for Claude where rules are unsure; 0 = never."
    )

    ingest_interval_seconds: int = Field(default=60, ge=1)
    calls_retention_days: int = Field(default=395, ge=1)
    backup_keep: int = Field(default=7, ge=1)
    backup_calls_keep: int = Field(default=3, ge=0, description="Copies of the call records; 0 = none are made.")
    sandbox_seed: int = 7
    sandbox_port: int = Field(default=8590, ge=0, le=65535)
    sandbox_history_days: int = Field(default=30, ge=1, le=60)
    sandbox_people: int = Field(default=180, ge=10, le=2000)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings, _NameFileSource(settings_cls), env_settings, dotenv_settings)

    @cached_property
    def database(self) -> str:
        """SQLAlchemy address of the operational database."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'state.db'}"
        for scheme in ("postgres://", "postgresql://"):
            if self.database_url.startswith(scheme):
                return "postgresql+psycopg://" + self.database_url.removeprefix(scheme)
        return self.database_url

    @property
    def sandbox_url(self) -> str:
        """Where the pretend Webex cloud listens."""
        return f"http://127.0.0.1:{self.sandbox_port}/v1"

    @property
    def webex_api(self) -> str:
        """Base of the Webex API in use: the sandbox's or the configured one."""
        return self.sandbox_url if self.sandbox else self.webex_api_url.rstrip("/")

    @property
    def webex_analytics(self) -> str:
        """Base of the call-history API in use."""
        return self.sandbox_url if self.sandbox else self.webex_analytics_url.rstrip("/")

    @property
    def rate_scale(self) -> float:
        """Factor on every Webex waiting time; the sandbox keeps the same limits on a quicker clock."""
        return min(self.webex_rate_scale, SANDBOX_RATE_SCALE) if self.sandbox else self.webex_rate_scale

    @property
    def ari_url(self) -> str:
        """Base of Asterisk's REST interface in use, with its ``/ari``; empty where there is none to dial with."""
        if not self.ari_http_url:
            return f"http://127.0.0.1:{self.sandbox_port}/ari" if self.sandbox else ""
        address = self.ari_http_url.rstrip("/")
        return address if urlsplit(address).path else f"{address}/ari"

    @property
    def calls_path(self) -> Path:
        """Folder of the Delta table of call records."""
        return self.data_dir / "calls"

    @property
    def sign_in_method(self) -> Literal["local", "oidc"]:
        """How people sign in."""
        return "oidc" if self.oidc_metadata_url else "local"


class _NameFileSource(PydanticBaseSettingsSource):
    """Reads ``NAME`` from the file that ``NAME_FILE`` names, as container secrets are given."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"{field_name.upper()}_FILE")
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except OSError as error:
            raise SettingsError(setting=f"{field_name.upper()}_FILE", problem=str(error)) from error

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}


def load_settings(overrides: Mapping[str, Any] | None = None, *, secret_key_required: bool = True) -> Settings:
    """Read and check the settings. Raises ``SettingsError`` naming the first that cannot be used.

    A one-shot command that stores no secret (``python -m jobs ingest`` with a token given by hand) needs no key.
    """
    try:
        settings = Settings(**dict(overrides or {}))
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(setting=str(first["loc"][0]).upper(), problem=first["msg"]) from error
    check_secrets(settings, secret_key_required=secret_key_required)
    check_endpoints(settings)
    check_asterisk(settings)
    check_watson(settings)
    return settings


def check_secrets(settings: Settings, *, secret_key_required: bool = True) -> None:
    """Refuse placeholder and short secrets outside the sandbox (S3-23).

    A token given by hand for a permitted test server (``ALLOW_INSECURE_ENDPOINTS``) may be any string.
    """
    if settings.sandbox:
        return
    key = settings.secret_key.get_secret_value()
    if not key and secret_key_required:
        raise SettingsError(setting="SECRET_KEY", problem=f"it is not set. Make one: {NEW_KEY_COMMAND}")
    if key and len(key) < SHORTEST_SECRET:
        raise SettingsError(setting="SECRET_KEY", problem=f"it has {len(key)} characters, {SHORTEST_SECRET} are needed")
    if key and _looks_like_placeholder(key):
        raise SettingsError(setting="SECRET_KEY", problem="it looks like a placeholder")
    names = ["webex_client_secret", "oidc_client_secret", "smtp_password"]
    if not settings.allow_insecure_endpoints:
        names.append("webex_access_token")
    for name in names:
        value = getattr(settings, name).get_secret_value()
        if value and _looks_like_placeholder(value):
            raise SettingsError(setting=name.upper(), problem="it looks like a placeholder")


_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def check_asterisk(settings: Settings) -> None:
    """Refuse an Asterisk whose password would cross the network in clear, or is none."""
    if not settings.ari_http_url:
        return
    parts = urlsplit(settings.ari_http_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(setting="ARI_HTTP_URL", problem="it is no http or https address")
    if parts.username is not None or parts.query:
        raise SettingsError(setting="ARI_HTTP_URL", problem="it holds credentials: use ARI_USERNAME and ARI_PASSWORD")
    if settings.ari_ca:
        try:
            ssl.create_default_context(cadata=settings.ari_ca)
        except (ssl.SSLError, ValueError) as error:
            raise SettingsError(setting="ARI_CA", problem="it is no certificate in PEM") from error
    if parts.hostname in _LOOPBACK or settings.allow_insecure_endpoints:
        return
    if parts.scheme != "https":
        problem = f"http to {parts.hostname} shows the password; ALLOW_INSECURE_ENDPOINTS=1 would permit it"
        raise SettingsError(setting="ARI_HTTP_URL", problem=problem)
    password = settings.ari_password.get_secret_value()
    if not settings.sandbox and password and _looks_like_placeholder(password):
        raise SettingsError(setting="ARI_PASSWORD", problem="it looks like a placeholder")


def check_watson(settings: Settings) -> None:
    """Refuse a key of the Watson door that can be guessed, and one that may what there is not."""
    key = settings.watson_api_key.get_secret_value()
    if key and (len(key) < SHORTEST_SECRET or _looks_like_placeholder(key) or not key.isascii()):
        problem = f"{SHORTEST_SECRET} random characters are needed. Make one: {NEW_KEY_COMMAND}"
        raise SettingsError(setting="WATSON_API_KEY", problem=problem)
    unknown = sorted(set(settings.watson_scopes.split()) - set(WATSON_SCOPES))
    if unknown:
        raise SettingsError(setting="WATSON_SCOPES", problem=f"{unknown[0][:40]} is none of {', '.join(WATSON_SCOPES)}")
    for secret in settings.watson_signing_secret.get_secret_value().split():
        if not _is_signing_secret(secret):
            problem = "whsec_ and 24 to 64 bytes in base64 are needed, as Standard Webhooks says"
            raise SettingsError(setting="WATSON_SIGNING_SECRET", problem=problem)
    if settings.watson_require_signature and not settings.watson_signing_secret.get_secret_value():
        raise SettingsError(setting="WATSON_SIGNING_SECRET", problem="WATSON_REQUIRE_SIGNATURE needs it")


def _is_signing_secret(secret: str) -> bool:
    try:
        return 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
    except ValueError:
        return False


def _looks_like_placeholder(value: str) -> bool:
    lowered = value.lower()
    return len(set(value)) < 8 or any(lowered.startswith(word) for word in PLACEHOLDERS)


def insecure_endpoints(settings: Settings) -> list[str]:
    """The configured Webex addresses that are not https on webexapis.com."""
    addresses = (settings.webex_api_url, settings.webex_analytics_url)
    return [address for address in addresses if not is_webex_address(address)]


def is_webex_address(address: str) -> bool:
    """Whether an address may receive a Webex bearer token: https, on webexapis.com."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    return parts.scheme == "https" and (host == "webexapis.com" or host.endswith(".webexapis.com"))


def check_endpoints(settings: Settings) -> None:
    """Refuse insecure endpoints unless they are allowed by name."""
    if settings.sandbox or settings.allow_insecure_endpoints:
        return
    for address in insecure_endpoints(settings):
        raise SettingsError(
            setting="WEBEX_API_URL",
            problem=f"{address} is not https on webexapis.com; ALLOW_INSECURE_ENDPOINTS=1 would permit it",
        )
