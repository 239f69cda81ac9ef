"""Everything that can be set; `setting_sources` says where it comes from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints
from urllib.parse import urlsplit

from renvoi.configuration import setting_types as kinds
from renvoi.configuration.setting_places import DataDirectory, PlacesRead
from renvoi.configuration.setting_types import EDGE, PARTS, SECRETS, SQLITE, Reader, without_password
from renvoi.domain.access.limits import MOST_CALLS, MOST_MINUTES, AccountLimits, Limits
from renvoi.domain.bilingual import Bilingual

ENV_PREFIX = "RENVOI_"
DATABASE_NAME = "renvoi.db"
SECRETS_KEY_NAME = "secrets.key"

EDGE_SHARES_ROLE = Bilingual(
    "the edge uses the store's own role of PostgreSQL, which may change everything: give it one that may only SELECT "
    "from numbers, accounts and usage, in RENVOI_EDGE_DATABASE_URL",
    "l’edge utilise le rôle PostgreSQL du stockage, qui peut tout modifier\u00a0: donnez-lui un rôle limité à SELECT "
    "sur numbers, accounts et usage, dans RENVOI_EDGE_DATABASE_URL",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(DataDirectory, PlacesRead):
    """Everything that can be set: its type, what reads it, what it is, its default.

    `docs/operating/settings.md` lists them for operators. Values given here are not checked; `read_settings` does that.
    """

    data_dir: Annotated[Path, kinds.path, "directory that holds the database, the spool and renvoi.toml"] = Path("var")
    config_file: Annotated[
        Path | None, kinds.path, "the settings file, which may name data_dir too; default {data_dir}/renvoi.toml"
    ] = None
    database_url: Annotated[
        str | None,
        kinds.database_url,
        "where the store is: sqlite:///PATH, or postgresql://user:password@host/database for several "
        "nodes; default sqlite:///{data_dir}/renvoi.db",
    ] = None
    edge_database_url: Annotated[
        str | None,
        kinds.postgresql_url,
        "the same PostgreSQL database for the edge, whose user needs SELECT on numbers, accounts and usage alone; "
        "default database_url",
    ] = None
    secrets_key_file: Annotated[
        Path | None,
        kinds.path,
        "key that passwords in the store are sealed with, the same on all nodes; default {data_dir}/secrets.key",
    ] = None
    database_connections: Annotated[
        int, kinds.whole(2, 64), "connections of the API to PostgreSQL, at most; other parts have two"
    ] = 4
    only: Annotated[
        str | None, kinds.parts, "what this node does: one or more of api, edge, voicemail; default all"
    ] = None
    on_store_loss: Annotated[
        Literal["reject", "last-known"],
        kinds.one_of("reject", "last-known"),
        "what the edge does while the store is away: refuse calls (503), or decide by the rules that it read last",
    ] = "reject"
    store_loss_max_s: Annotated[
        float, kinds.number(1, 86_400), "age, seconds, up to which a rule that was read serves as last known"
    ] = 900
    http_host: Annotated[str, kinds.host, "address that the API listens on"] = "127.0.0.1"
    http_port: Annotated[int, kinds.whole(0, 65535), "port that the API listens on; 0 takes a free one"] = 8080
    inner_host: Annotated[
        str, kinds.host, "address of the inner listener: /metrics, and /readyz with each part's state"
    ] = "127.0.0.1"
    inner_port: Annotated[int, kinds.whole(0, 65535), "port of the inner listener; 0 takes a free one"] = 8081
    sip_host: Annotated[
        str, kinds.one_or_two(kinds.address), "address that calls come to; or two, one of IPv4 and one of IPv6"
    ] = "127.0.0.1"
    sip_port: Annotated[int, kinds.whole(1, 65535), "port that calls come to, UDP and TCP"] = 5060
    sip_advertised: Annotated[
        str | None,
        kinds.one_or_two(kinds.place),
        "host that peers are told to answer to, behind NAT, as HOST:PORT where the outer port is another one; "
        "for each SIP address, default that itself",
    ] = None
    sip_tls_port: Annotated[
        int, kinds.whole(1, 65535), "TLS port of the edge, bound from the first trunk by TLS on"
    ] = 5061
    sip_tls_certificate_file: Annotated[
        Path | None, kinds.path, "certificate (PEM, with its chain) that is shown by TLS; read again when it changes"
    ] = None
    sip_tls_key_file: Annotated[Path | None, kinds.path, "its private key"] = None
    sip_domain: Annotated[
        str | None, kinds.host, "host part of our URIs in Diversion and History-Info; default the advertised host"
    ] = None
    region: Annotated[str, kinds.region, "region of new accounts and trunks"] = "FR"
    locale: Annotated[Literal["en", "fr"], kinds.one_of("en", "fr"), "language of new accounts"] = "en"
    new_account_calls: Annotated[
        int, kinds.whole(0, MOST_CALLS), "calls at once that a new account may have; 0: no limit"
    ] = 10
    country_cooling_off_s: Annotated[
        int, kinds.whole(0, 31 * 86_400), "seconds that calls to a country wait which an account begins to use"
    ] = 0
    new_account_minutes: Annotated[
        int, kinds.whole(0, MOST_MINUTES), "minutes a day for which a new account's calls are forwarded; 0: no limit"
    ] = 600
    error_status: Annotated[
        Literal["semantic", "ok"],
        kinds.one_of("semantic", "ok"),
        "HTTP status of API errors: by meaning, or always 200",
    ] = "semantic"
    rate_limit_per_key: Annotated[float, kinds.number(0), "requests per second allowed to one API key; 0: no limit"] = 0
    bad_key_limit: Annotated[
        int, kinds.whole(0), "refused requests without a good key per minute allowed to one address; 0: no limit"
    ] = 120
    trusted_proxies: Annotated[
        str, kinds.networks, "networks whose X-Forwarded-For is believed, such as 127.0.0.1/32, ::1/128"
    ] = ""
    shutdown_grace_s: Annotated[float, kinds.number(0, 600), "seconds that calls and requests may take to end"] = 5
    edge_workers: Annotated[
        int | None,
        kinds.whole(1, 256),
        "Kamailio's processes for each of UDP and TCP; default one per core, on PostgreSQL four",
    ] = None
    trunk_retry_s: Annotated[
        int, kinds.whole(1, 3600), "seconds after which a trunk that failed gets calls again though it answers no probe"
    ] = 30
    edge_user: Annotated[str | None, kinds.user, "user that Kamailio runs as when renvoi is started as root"] = None
    smtp_url: Annotated[
        str | None,
        kinds.smtp_url,
        "mail server: smtp://, smtps:// or smtp+starttls://user:password@host:port; "
        "without it mails are kept as files in {data_dir}/mail",
    ] = None
    smtp_ehlo: Annotated[
        str | None,
        kinds.ehlo_name,
        "name to greet mail servers with (EHLO); default this machine's full name, else its address",
    ] = None
    mail_from: Annotated[str, kinds.email, "sender of mails"] = "voicemail@localhost"
    operator_email: Annotated[
        str | None, kinds.email, "who gets a mail, at most one an hour, about mails that failed for good"
    ] = None
    mail_audio: Annotated[Literal["wav", "mp3"], kinds.one_of("wav", "mp3"), "form of the recording in a mail"] = "wav"
    mail_retry_s: Annotated[
        float, kinds.number(0.1, 3600), "seconds before a mail is tried again; doubled each time, up to 1 h"
    ] = 15
    dkim_key_file: Annotated[
        Path | None, kinds.path, "private key (PEM) that mails are signed with by DKIM; default none"
    ] = None
    dkim_selector: Annotated[str, kinds.text, "DKIM selector, under which the public key is found"] = "renvoi"
    dkim_domain: Annotated[str | None, kinds.host, "DKIM domain; default that of mail_from"] = None
    public_url: Annotated[
        str | None,
        kinds.web_url,
        "where people reach the HTTP server, for links in mails; default: mails have no links",
    ] = None
    voicemail_workers: Annotated[
        int | None, kinds.whole(0, 64), "processes that take messages; default one per core; 0: no voicemail"
    ] = None
    voicemail_calls: Annotated[int, kinds.whole(1, 10_000), "calls that one worker takes at once"] = 500
    voicemail_max_s: Annotated[float, kinds.number(1, 3600), "longest message, seconds"] = 120
    voicemail_silence_s: Annotated[float, kinds.number(1, 60), "seconds of silence that end a message"] = 5
    voicemail_end_keys: Annotated[str, kinds.keys, "keys that end a message"] = "#"
    voicemail_min_free_mib: Annotated[
        int, kinds.whole(0), "free space, MiB, below which the data directory counts as full"
    ] = 64
    call_retention_days: Annotated[int, kinds.whole(0, 36_500), "days that records of calls are kept; 0: for ever"] = (
        400
    )
    ladder_retention_days: Annotated[
        int,
        kinds.whole(0, 36_500),
        "days that is kept where calls were sent and what was answered; 0: as long as their records",
    ] = 30
    audit_retention_days: Annotated[
        int, kinds.whole(0, 36_500), "days that the audit trail of changes is kept; 0: for ever"
    ] = 0
    event_retention_days: Annotated[
        int, kinds.whole(0, 36_500), "days that events are kept, for who reads the log of an account; 0: for ever"
    ] = 30
    delivery_retention_days: Annotated[
        int, kinds.whole(0, 36_500), "days that deliveries of webhooks are kept after they ended; 0: for ever"
    ] = 30
    webhook_http: Annotated[
        Literal["no", "yes"], kinds.one_of("no", "yes"), "whether webhooks may go to http:// as well as https://"
    ] = "no"
    webhook_networks: Annotated[
        str, kinds.networks, "inner networks that webhooks may go to, such as 10.1.2.0/24; others get none"
    ] = ""
    voicemail_host: Annotated[str, kinds.address, "address that calls come to from the edges, SIP over UDP"] = (
        "127.0.0.1"
    )
    voicemail_port: Annotated[
        int, kinds.whole(0, 65_000), "port of the first worker, the others follow; 0: free ports"
    ] = 0
    voicemail_nodes: Annotated[
        str, kinds.peers, "workers of other nodes that the edge may choose, such as 10.0.0.5:5080, 10.0.0.5:5081"
    ] = ""
    voicemail_peers: Annotated[str, kinds.networks, "networks of the edges: calls from elsewhere are not taken"] = (
        "127.0.0.1/32"
    )
    rtp_host: Annotated[
        str | None, kinds.one_or_two(kinds.address), "address that audio comes to, or two; default the SIP address"
    ] = None
    rtp_advertised: Annotated[
        str | None,
        kinds.one_or_two(kinds.host),
        "address that peers are told to send audio to, behind NAT; default sip_advertised",
    ] = None
    rtp_ports: Annotated[str, kinds.ports, "ports that audio comes to, UDP; each call takes an even one"] = (
        "20000-29999"
    )
    rtpengine: Annotated[
        str | None,
        kinds.relay_url,
        "media relay of this node, for trunks with --relay or --nat: udp:ADDRESS:PORT of rtpengine; default none",
    ] = None
    answer_strangers: Annotated[
        Literal["no", "yes"],
        kinds.one_of("no", "yes"),
        "whether the edge answers those who belong to no trunk (OPTIONS 200, all else 403)",
    ] = "no"
    identity_key_file: Annotated[
        Path | None, kinds.path, "private key (PEM, P-256) that diversions are signed with; default none"
    ] = None
    identity_certificate_url: Annotated[
        str | None, kinds.certificate_url, "https address at which others fetch the certificate of that key"
    ] = None
    identity_certificate_file: Annotated[
        Path | None, kinds.path, "that certificate (PEM): only its numbers are signed for; default: all are"
    ] = None
    identity_trusted_file: Annotated[
        Path | None, kinds.path, "certificates (PEM) that the chains of callers' certificates must end at"
    ] = None
    identity_hosts: Annotated[
        str,
        kinds.host_patterns,
        "hosts that callers' certificates are fetched from, such as certificates.example.com, *.example.net",
    ] = ""
    longest_call_h: Annotated[
        int, kinds.whole(1, 720), "hours after its INVITE for which requests inside a call are relayed"
    ] = 24
    sip_memory_mib: Annotated[
        int, kinds.whole(64, 65536), "MiB of memory for calls that are set up, of which each takes 28 KiB"
    ] = 512
    hep_url: Annotated[
        str | None,
        kinds.hep_url,
        "capture server that gets copies of all SIP messages by HEP3: udp://HOST:PORT; default none",
    ] = None
    hep_id: Annotated[int, kinds.whole(0, 2**31 - 1), "capture id of this node in those copies"] = 1
    hep_key: Annotated[str | None, kinds.hep_key, "authentication key in those copies; default none"] = None
    hep_key_file: Annotated[Path | None, kinds.path, "file that holds that key instead"] = None
    log_format: Annotated[
        Literal["console", "json"] | None,
        kinds.one_of("console", "json"),
        "form of the log; default console on a terminal, else json",
    ] = None
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        kinds.one_of("debug", "info", "warning", "error"),
        "least level that is logged",
    ] = "info"

    @property
    def database(self) -> str:
        """The store's URL."""
        return self.database_url or f"{SQLITE}{self.data_dir / DATABASE_NAME}"

    @property
    def secrets_key(self) -> Path:
        """The file of the key that secrets in the store are sealed with."""
        return self.secrets_key_file or self.data_dir / SECRETS_KEY_NAME

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
    def identity_host_names(self) -> tuple[str, ...]:
        """The hosts that certificates are fetched from."""
        return tuple(filter(None, self.identity_hosts.split(", ")))

    @property
    def has_identity_files(self) -> bool:
        """Whether a key or certificates are set."""
        return any((self.identity_key_file, self.identity_certificate_file, self.identity_trusted_file))

    @property
    def limits_of_new_accounts(self) -> AccountLimits:
        """The limits that an account is made with."""
        return AccountLimits(account=Limits(calls=self.new_account_calls, minutes_per_day=self.new_account_minutes))

    @property
    def edge_shares_role(self) -> bool:
        """Whether the edge opens PostgreSQL by the very role of the store, which may change everything."""
        if self.database_path is not None or EDGE not in self.parts:
            return False
        return urlsplit(self.edge_database).username == urlsplit(self.database).username

    def environment(self, secrets: Collection[str] = SECRETS) -> dict[str, str]:
        """Return these settings as environment variables for a child process, of `SECRETS` only those in `secrets`."""
        names = SETTINGS.keys() - (SECRETS - set(secrets))
        values = {name: getattr(self, name) for name in names}
        return {variable_of(name): str(value) for name, value in values.items() if value is not None}


def variable_of(name: str) -> str:
    """Return the environment variable of a setting."""
    return ENV_PREFIX + name.upper()


@dataclass(frozen=True, slots=True)
class Setting:
    """One of `Settings`: what reads a value for it, what it is, and its default."""

    read: Reader
    description: str
    default: Any


def _settings() -> dict[str, Setting]:
    hints = get_type_hints(Settings, include_extras=True)
    found = {}
    for each in fields(Settings):
        _, read, description = get_args(hints[each.name])
        found[each.name] = Setting(read, description, each.default)
    return found


SETTINGS = _settings()


class ValueRefused(ValueError):
    """A value is not allowed for the setting `name`; the text says what is allowed."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason


def read_settings(values: Mapping[str, object]) -> Settings:
    """Make settings of values as they are written in files, flags and variables; None stands for the default None.

    Raises:
        ValueRefused: one of them is not allowed.
        KeyError: there is no such setting.
    """
    found: dict[str, Any] = {}
    for name, value in values.items():
        setting = SETTINGS[name]
        try:
            found[name] = None if value is None and setting.default is None else setting.read(value)
        except ValueError as error:
            raise ValueRefused(name, str(error)) from None
    return Settings(**found)
