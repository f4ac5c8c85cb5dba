"""Settings: environment variables named `WUFANG_…`; each one has an effect and a sentence that says which."""

import re
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from models.signatures import read_public_key

SMTP_URL = re.compile(r"smtps?://(?:[^:@/\s]+:[^:@/\s]*@)?[\w.-]+(?::\d{1,5})?/?(?:\?starttls=[01])?")


class Settings(BaseSettings):
    """All settings with their defaults. A wrong value raises `pydantic.ValidationError` naming the variable."""

    model_config = SettingsConfigDict(env_prefix="WUFANG_", env_file=".env", extra="ignore")

    state_dir: Path = Field(default=Path("var"), description="Folder of everything the system keeps")
    database_url: str = Field(default="", description="SQLAlchemy address; empty: SQLite in the state folder")
    host: str = Field(default="127.0.0.1", description="Address that the web application listens on")
    port: int = Field(default=8000, ge=1, le=65535, validation_alias="PORT", description="Its port (variable PORT)")
    public_url: str = Field(default="", description="Address that letters and QR codes name; empty: from host and port")
    prefect_port: int = Field(default=4200, ge=1, le=65535, description="Port of the Prefect server that we start")
    prefect_api_url: str = Field(default="", description="Another Prefect server's API address; empty: ours")
    work_pool: str = Field(default="wufang", description="Prefect work pool that the deployments use")
    look_seconds: float = Field(default=0.1, gt=0, le=60, description="How often the engine looks at the alarms")
    round_size: int = Field(default=200, ge=1, le=5000, description="Most matters that one round takes")
    sendgrid_api_key: SecretStr = Field(default=SecretStr(""), description="Empty: letters go to the local mailbox")
    sendgrid_host: str = Field(default="https://api.sendgrid.com", description="Address of SendGrid's API")
    chat_gateway: str = Field(
        default="", description="Address that chat messages go through; empty: the vendors' own hosts"
    )
    mail_from: str = Field(default="wufang@shanyang.example", description="Sender of letters")
    sendgrid_webhook_key: str = Field(
        default="", description="Public key of SendGrid's signed Event Webhook; empty: its events are not taken"
    )
    smtp_url: SecretStr = Field(
        default=SecretStr(""), description="A mail server instead of SendGrid, such as smtps://user:password@host"
    )
    mail_mode: Literal["live", "sandbox", "team"] = Field(
        default="live", description="Of a pilot: team sends to WUFANG_MAIL_TEAM only, sandbox delivers to nobody"
    )
    mail_team: str = Field(default="", description="Addresses and @domains that get letters in team mode, with commas")
    mail_threads: int = Field(default=16, ge=1, le=64, description="Calls to the mail provider at once")
    mail_timeout_seconds: float = Field(default=20.0, gt=0, le=120, description="How long one may take")
    language: Literal["zh", "en"] = Field(default="zh", description="Language where a reader has chosen none")
    password_length: int = Field(default=10, ge=8, le=64, description="Fewest characters of a new password")
    password_days: int = Field(default=0, ge=0, le=3650, description="After so many days a new one is asked; 0: never")
    second_factor: Literal["auto", "offered", "required"] = Field(
        default="auto", description="Of department and street officers; auto: required unless it is a demo"
    )
    session_hours: int = Field(default=12, ge=1, le=168, description="Longest life of a portal session")
    session_idle_minutes: int = Field(default=120, ge=5, le=1440, description="A session unused so long ends")
    limits_url: str = Field(
        default="memory://", description="Where rates are counted; redis://host:6379 for several web processes"
    )
    trusted_proxies: str = Field(default="", description="Networks whose X-Forwarded-For is believed, with commas")
    oidc_issuer: str = Field(default="", description="OpenID Connect issuer for single sign-on; empty: none")
    oidc_client_id: str = Field(default="", description="The client's id that the issuer gave us")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""), description="The client's secret; empty: public client"
    )
    oidc_name: str = Field(default="SSO", description="What the log-in page calls the issuer")
    photo_workers: int = Field(default=2, ge=1, le=32, description="Processes that decode photos at once")
    map_tiles: str = Field(
        default="", description="Address of map tiles (WGS84) with {z}, {x} and {y}; empty: a map of places only"
    )
    roads: Path | None = Field(
        default=None, description="OpenStreetMap extract of the town (.osm, .osm.pbf); none: ways are straight lines"
    )
    demo: bool = Field(default=True, description="Load the demo district into an empty database; show its log-ins")

    @field_validator("state_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("roads", mode="before")
    @classmethod
    def _given(cls, value: object) -> object:
        return value or None

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not _is_ours(value):
            raise ValueError("it must be postgresql+psycopg://user@host/name or sqlite:////folder/file.db")
        return value

    @field_validator("public_url", "prefect_api_url", "sendgrid_host", "chat_gateway", "oidc_issuer")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("it must begin with http:// or https://")
        return value

    @field_validator("map_tiles")
    @classmethod
    def _tile_address(cls, value: str) -> str:
        if value and not (value.startswith("https://") and all(part in value for part in ("{z}", "{x}", "{y}"))):
            raise ValueError("it must begin with https:// and hold {z}, {x} and {y}")
        return value

    @field_validator("sendgrid_webhook_key")
    @classmethod
    def _public_key(cls, value: str) -> str:
        if value:
            read_public_key(value)
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if url and not SMTP_URL.fullmatch(url):
            raise ValueError("it must be smtp://user:password@host:25, with ?starttls=1 at its end, or smtps://…")
        return value

    @field_validator("limits_url")
    @classmethod
    def _counted_where(cls, value: str) -> str:
        if not value.startswith(("memory://", "redis://", "rediss://")):
            raise ValueError("it must be memory:// or redis://host:port")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        try:
            networks_in(value)
        except ValueError as error:
            raise ValueError("it must list networks such as 10.0.0.0/8, with commas between") from error
        return value

    @cached_property
    def database(self) -> str:
        """SQLAlchemy address of the domain's database."""
        return self.database_url or f"sqlite:///{self.state_dir / 'wufang.db'}"

    @cached_property
    def address(self) -> str:
        """Public address without a closing slash, e.g. `http://127.0.0.1:8000`."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def has_mail_provider(self) -> bool:
        """Whether there is a way for letters out of the house."""
        return bool(self.sendgrid_api_key.get_secret_value() or self.smtp_url.get_secret_value())

    @property
    def is_pilot(self) -> bool:
        """Whether letters are kept in the mailbox that would otherwise leave: a mail server has no sandbox."""
        has_sandbox = bool(self.sendgrid_api_key.get_secret_value())
        return self.mail_mode == "team" or (self.mail_mode == "sandbox" and not has_sandbox)

    @cached_property
    def team(self) -> frozenset[str]:
        """Who gets letters in team mode: addresses, and domains with an @ before them; lower case."""
        return frozenset(part.strip().lower() for part in self.mail_team.split(",") if part.strip())

    @cached_property
    def prefect_api(self) -> str:
        """API address of the Prefect server in use."""
        return self.prefect_api_url or f"http://127.0.0.1:{self.prefect_port}/api"

    @property
    def is_prefect_ours(self) -> bool:
        """Whether `wufang up` starts the Prefect server itself."""
        return not self.prefect_api_url


def networks_in(text: str) -> list[IPv4Network | IPv6Network]:
    """The networks that a setting lists. Raises `ValueError`."""
    return [ip_network(part.strip()) for part in text.split(",") if part.strip()]


def _is_ours(url: str) -> bool:
    """Whether it names a database that we speak to; SQLite in memory would be another one in each process."""
    try:
        address = make_url(url)
        driver = address.get_backend_name(), address.get_driver_name()
    except (ArgumentError, ValueError):  # neither an address nor a kind of database that SQLAlchemy knows
        return False
    return driver in {("sqlite", "pysqlite"), ("postgresql", "psycopg")} and bool(address.database)
