"""Settings: flags of `renvoi serve`, else `RENVOI_*` environment variables, else `renvoi.toml` in the data."""

import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from renvoi.setting_types import (
    PARTS,
    SQLITE,
    Address,
    DatabaseUrl,
    EhloName,
    Email,
    Host,
    Networks,
    Parts,
    Peers,
    Ports,
    PostgresqlUrl,
    Region,
    SmtpUrl,
    WebUrl,
    without_password,
)

ENV_PREFIX = "RENVOI_"
TOML_NAME = "renvoi.toml"
DATABASE_NAME = "renvoi.db"

SECRETS = frozenset({"database_url", "edge_database_url", "smtp_url", "dkim_key_file"})
"""Settings that hold, or lead to, a secret."""
EDGE_SHARES_ROLE = (
    "the edge uses the store's own role of PostgreSQL, which may change everything: give it one that may only SELECT "
    "from numbers, in RENVOI_EDGE_DATABASE_URL"
)


class SettingsInvalid(Exception):
    """A setting is wrong; the text is one line that names it, where it came from, and what is allowed."""


class Settings(BaseModel):
    """Everything that can be set, with its default. `docs/operating.md` lists them for operators."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = Field(
        default=Path("var"), description="directory that holds the database, the spool and renvoi.toml"
    )
    database_url: DatabaseUrl | None = Field(
        default=None,
        description="where the store is: sqlite:///PATH, or postgresql://user:password@host/database for several "
        "nodes; default sqlite:///{data_dir}/renvoi.db",
    )
    edge_database_url: PostgresqlUrl | None = Field(
        default=None,
        description="the same PostgreSQL database for the edge, whose user needs no more than SELECT on numbers; "
        "default database_url",
    )
    database_connections: int = Field(
        default=4, ge=2, le=64, description="connections to PostgreSQL of the API at the most; other parts have two"
    )
    only: Parts | None = Field(
        default=None, description="what this node does: one or more of api, edge, voicemail; default all"
    )
    on_store_loss: Literal["reject", "last-known"] = Field(
        default="reject",
        description="what the edge does while the store is away: refuse calls (503), or decide by the rules that it "
        "read last",
    )
    store_loss_max_s: float = Field(
        default=900, ge=1, le=86_400, description="age, seconds, up to which a rule that was read serves as last known"
    )
    http_host: Host = Field(default="127.0.0.1", description="address that the API listens on")
    http_port: int = Field(default=8080, ge=0, le=65535, description="port that the API listens on; 0 takes a free one")
    inner_host: Host = Field(
        default="127.0.0.1", description="address of the inner listener: /metrics, and /readyz with each part's state"
    )
    inner_port: int = Field(default=8081, ge=0, le=65535, description="port of the inner listener; 0 takes a free one")
    sip_host: Address = Field(default="127.0.0.1", description="address that calls come to")
    sip_port: int = Field(default=5060, ge=1, le=65535, description="port that calls come to, UDP and TCP")
    sip_advertised: Host | None = Field(
        default=None, description="host that peers are told to answer to, behind NAT; default the SIP address"
    )
    sip_domain: Host | None = Field(
        default=None, description="host part of our URIs in Diversion and History-Info; default the advertised host"
    )
    region: Region = Field(default="FR", description="region of new accounts and trunks")
    locale: Literal["en", "fr"] = Field(default="en", description="language of new accounts")
    error_status: Literal["semantic", "ok"] = Field(
        default="semantic", description="HTTP status of API errors: by meaning, or always 200"
    )
    rate_limit_per_key: float = Field(
        default=0, ge=0, allow_inf_nan=False, description="requests per second allowed to one API key; 0: no limit"
    )
    bad_key_limit: int = Field(
        default=120,
        ge=0,
        description="refused requests without a good key per minute allowed to one address; 0: no limit",
    )
    trusted_proxies: Networks = Field(
        default="", description="networks whose X-Forwarded-For is believed, such as 127.0.0.1/32, ::1/128"
    )
    shutdown_grace_s: float = Field(
        default=5, ge=0, le=600, description="seconds that calls and requests may take to end"
    )
    edge_workers: int | None = Field(
        default=None,
        ge=1,
        le=256,
        description="Kamailio's processes for each of UDP and TCP; default one per core, on PostgreSQL four",
    )
    trunk_retry_s: int = Field(
        default=30,
        ge=1,
        le=3600,
        description="seconds after which a trunk that failed gets calls again though it answers no probe",
    )
    edge_user: str | None = Field(
        default=None,
        pattern=r"^[a-z_][a-z0-9_-]*$",
        description="user that Kamailio runs as when renvoi is started as root",
    )
    smtp_url: SmtpUrl | None = Field(
        default=None,
        description="mail server: smtp://, smtps:// or smtp+starttls://user:password@host:port; "
        "without it mails are kept as files in {data_dir}/mail",
    )
    smtp_ehlo: EhloName | None = Field(
        default=None,
        description="name to greet mail servers with (EHLO); default this machine's full name, else its address",
    )
    mail_from: Email = Field(default="voicemail@localhost", description="sender of mails")
    operator_email: Email | None = Field(
        default=None, description="who gets a mail, at most one an hour, about mails that failed for good"
    )
    mail_audio: Literal["wav", "mp3"] = Field(default="wav", description="form of the recording in a mail")
    mail_retry_s: float = Field(
        default=15, ge=0.1, le=3600, description="seconds before a mail is tried again; doubled each time, up to 1 h"
    )
    dkim_key_file: Path | None = Field(
        default=None, description="private key (PEM) that mails are signed with by DKIM; default none"
    )
    dkim_selector: str = Field(default="renvoi", description="DKIM selector, under which the public key is found")
    dkim_domain: Host | None = Field(default=None, description="DKIM domain; default that of mail_from")
    public_url: WebUrl | None = Field(
        default=None, description="where people reach the HTTP server, for links in mails; default: mails have no links"
    )
    voicemail_workers: int | None = Field(
        default=None, ge=0, le=64, description="processes that take messages; default one per core; 0: no voicemail"
    )
    voicemail_calls: int = Field(default=500, ge=1, le=10_000, description="calls that one worker takes at once")
    voicemail_max_s: float = Field(default=120, ge=1, le=3600, description="longest message, seconds")
    voicemail_silence_s: float = Field(default=5, ge=1, le=60, description="seconds of silence that end a message")
    voicemail_end_keys: Annotated[str, Field(pattern=r"^[0-9*#]+$")] = Field(
        default="#", description="keys that end a message"
    )
    voicemail_min_free_mib: int = Field(
        default=64, ge=0, description="free space, MiB, below which the data directory counts as full"
    )
    call_retention_days: int = Field(
        default=400, ge=0, le=36_500, description="days that records of calls are kept; 0: for ever"
    )
    audit_retention_days: int = Field(
        default=0, ge=0, le=36_500, description="days that the audit trail of changes is kept; 0: for ever"
    )
    voicemail_host: Address = Field(
        default="127.0.0.1", description="address that calls come to from the edges, SIP over UDP"
    )
    voicemail_port: int = Field(
        default=0, ge=0, le=65_000, description="port of the first worker, the others follow; 0: free ports"
    )
    voicemail_nodes: Peers = Field(
        default="", description="workers of other nodes that the edge may choose, such as 10.0.0.5:5080, 10.0.0.5:5081"
    )
    voicemail_peers: Networks = Field(
        default="127.0.0.1/32", description="networks of the edges: calls from elsewhere are not taken"
    )
    rtp_host: Address | None = Field(default=None, description="address that audio comes to; default the SIP address")
    rtp_advertised: Host | None = Field(
        default=None, description="address that peers are told to send audio to, behind NAT; default sip_advertised"
    )
    rtp_ports: Ports = Field(
        default="20000-29999", description="ports that audio comes to, UDP; each call takes an even one"
    )
    answer_strangers: Literal["no", "yes"] = Field(
        default="no",
        description="whether the edge answers those who belong to no trunk (OPTIONS 200, all else 403)",
    )
    longest_call_h: int = Field(
        default=24, ge=1, le=720, description="hours after its INVITE for which requests inside a call are relayed"
    )
    log_format: Literal["console", "json"] | None = Field(
        default=None, description="form of the log; default console on a terminal, else json"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least level that is logged"
    )

    @property
    def database(self) -> str:
        """The store's URL."""
        return self.database_url or f"{SQLITE}{self.data_dir / DATABASE_NAME}"

    @property
    def database_path(self) -> Path | None:
        """The file of the SQLite store; None where the store is on PostgreSQL."""
        return Path(self.database.removeprefix(SQLITE)) if self.database.startswith(SQLITE) else None

    @property
    def database_shown(self) -> str:
        """The store as it may be told: without a password."""
        if self.database_path is not None:
            return str(self.database_path)
        return without_password(self.database)

    @property
    def edge_database(self) -> str:
        """The store's URL as the edge opens it."""
        return self.edge_database_url or self.database

    @property
    def parts(self) -> frozenset[str]:
        """What this node does."""
        return frozenset((self.only or ",".join(PARTS)).split(","))

    @property
    def voicemail_addresses(self) -> tuple[tuple[str, int], ...]:
        """The workers of other nodes."""
        found = (peer.rpartition(":") for peer in self.voicemail_nodes.split(", ") if peer)
        return tuple((host.strip("[]"), int(port)) for host, _, port in found)

    @property
    def voicemail_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks that workers take calls from."""
        return tuple(ip_network(part) for part in self.voicemail_peers.split(", ") if part)

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks whose `X-Forwarded-For` is believed."""
        return tuple(ip_network(part) for part in self.trusted_proxies.split(", ") if part)

    @property
    def run_dir(self) -> Path:
        """The directory of the control socket."""
        return self.data_dir / "run"

    @property
    def spool_dir(self) -> Path:
        """The directory that takes call events."""
        return self.data_dir / "spool"

    @property
    def dead_letters_dir(self) -> Path:
        """The directory of what the store refuses for its content."""
        return self.data_dir / "dead-letters"

    @property
    def recordings_dir(self) -> Path:
        """The directory of recordings that are being made."""
        return self.data_dir / "recordings"

    @property
    def messages_dir(self) -> Path:
        """The directory of the messages' audio."""
        return self.data_dir / "messages"

    @property
    def mail_dir(self) -> Path:
        """The directory of mails that are kept because there is no mail server."""
        return self.data_dir / "mail"

    @property
    def rtp_range(self) -> range:
        """The even ports that audio comes to."""
        first, last = (int(port) for port in self.rtp_ports.split("-"))
        return range(first + first % 2, last + 1, 2)

    @property
    def edge_shares_role(self) -> bool:
        """Whether the edge opens PostgreSQL by the very role of the store, which may change everything."""
        if self.database_path is not None or "edge" not in self.parts:
            return False
        return urlsplit(self.edge_database).username == urlsplit(self.database).username

    def environment(self, secrets: Collection[str] = SECRETS) -> dict[str, str]:
        """Return these settings as environment variables for a child process, of `SECRETS` only those in `secrets`."""
        values = self.model_dump(exclude_none=True, exclude=set(SECRETS - set(secrets)))
        return {ENV_PREFIX + name.upper(): str(value) for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and warnings worth a line each."""

    settings: Settings
    warnings: tuple[str, ...] = ()


def load(flags: Mapping[str, object], environ: Mapping[str, str]) -> Loaded:
    """Load the settings; a flag that is None was not given, an empty variable is not set.

    Raises:
        SettingsInvalid: one of them is wrong, or `renvoi.toml` cannot be read.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    variables, unknown = _variables(environ)
    data_dir = given.get("data_dir") or variables.get("data_dir") or Settings().data_dir
    path = Path(str(data_dir)) / TOML_NAME
    settings = _validate((given, _flag), (variables, _variable), (_read_toml(path), lambda name: f"{name} in {path}"))
    absolute = settings.model_copy(update={"data_dir": settings.data_dir.expanduser().absolute()})
    return Loaded(absolute, tuple(f"{variable}: unknown setting, ignored" for variable in unknown))


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Load the settings that a parent process gave by `Settings.environment`.

    From there alone, not from `renvoi.toml`: a child has no more secrets than it was given.

    Raises:
        SettingsInvalid: one of them is wrong.
    """
    variables, _ = _variables(environ)
    return _validate((variables, _variable))


def _validate(*sources: tuple[Mapping[str, object], Callable[[str], str]]) -> Settings:
    """Make settings of what each source has, the first before the next; each says what it calls a setting."""
    merged = {name: value for values, _ in reversed(sources) for name, value in values.items()}
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        called = next((called(name) for values, called in sources if name in values), name)
        reason = first["msg"].removeprefix("Value error, ").replace("Input should", "it should")
        # These URLs may hold a password, which belongs in no log. The cause would repeat it, so there is none.
        shown = "this value" if name in ("database_url", "edge_database_url", "smtp_url") else repr(first["input"])
        raise SettingsInvalid(f"{called}: {shown} is not allowed: {reason}") from None


def _flag(name: str) -> str:
    return "--data" if name == "data_dir" else "--" + name.replace("_", "-")


def _variable(name: str) -> str:
    return ENV_PREFIX + name.upper()


def _variables(environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the settings in an environment, and its variables that look like one and are unknown."""
    given = {variable: value for variable, value in environ.items() if variable.startswith(ENV_PREFIX) and value}
    found = {name: given.pop(_variable(name)) for name in Settings.model_fields if _variable(name) in given}
    return found, list(given)


def _read_toml(path: Path) -> dict[str, object]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsInvalid(f"{path}: cannot be read: {error}") from error
    for name in found:
        if name == "data_dir":
            raise SettingsInvalid(f"data_dir in {path}: the file lies in that directory; set RENVOI_DATA_DIR or --data")
        if name not in Settings.model_fields:
            names = ", ".join(name for name in Settings.model_fields if name != "data_dir")
            raise SettingsInvalid(f"{name} in {path}: unknown setting; the settings are {names}")
    return found
