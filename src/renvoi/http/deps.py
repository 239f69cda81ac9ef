"""What the HTTP layer is given by the composition root."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Literal, Protocol

from renvoi.application.errors import OperatorError
from renvoi.application.messages import MessageStorage
from renvoi.application.ports.audio import AudioConverter
from renvoi.application.ports.holidays import Holidays, NoHolidays
from renvoi.application.ports.mails import KeptMails, NoKeptMails
from renvoi.application.ports.people import Passwords
from renvoi.application.ports.secrets import Sealer
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.application.webhooks.endpoints import HTTPS_OUTSIDE, SealerFor, UrlRules
from renvoi.application.write_behind import KeyUses
from renvoi.domain.access.limits import NO_LIMITS, AccountLimits

ErrorStatus = Literal["semantic", "ok"]
Condition = Literal["ok", "degraded", "failed", "starting", "absent"]


@dataclass(frozen=True, slots=True)
class PartState:
    """The state of one part of the node.

    `state` is `ok`; `degraded` when `detail` needs somebody's attention, but the node does its work (the part is being
    restarted, one of several workers is away, mail waits); `failed` when the node should get no traffic for it;
    `starting` until it works for the first time; `absent` when it was left out on purpose. `restarts` counts since the
    node started.
    """

    state: Condition
    detail: str = ""
    restarts: int = 0

    @property
    def is_ready(self) -> bool:
        """Whether the node may get traffic, as far as this part goes."""
        return self.state not in ("failed", "starting")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number that another part measured, for `/metrics`. Names carry their unit; counters end in `_total`."""

    name: str
    help: str
    value: float
    kind: Literal["counter", "gauge"] = "gauge"
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process takes from the network at most. Rates are per second, 0 means no limit."""

    requests_per_key_per_s: float = 0.0
    refusals_per_address_per_s: float = 2.0
    refusals_burst: float = 120.0
    buckets: int = 10_000
    body_bytes: int = 64 * 1024
    body_timeout_s: float = 10.0
    requests_in_flight: int = 2000


async def no_parts() -> Mapping[str, PartState]:
    """Return no part: a node of an HTTP server alone."""
    return {}


def no_refusal() -> str | None:
    """Return no reason: a store of which nothing else is known."""
    return None


async def no_measurements() -> Sequence[Measurement]:
    """Return no measurement: a node without an edge."""
    return ()


class NodeAway(Exception):
    """The node that this process is a part of does not do what it was asked; the text says why.

    `texts` has it in each language.
    """

    def __init__(self, english: str, french: str | None = None) -> None:
        super().__init__(english)
        self.texts: Mapping[str, str] = {"en": english, "fr": french or english}


def _no_node() -> NodeAway:
    return NodeAway("no node runs here", "aucun nœud ne fonctionne ici")


@dataclass(frozen=True, slots=True)
class PreparedTrunk:
    """Certificates of a trunk as they are kept, and its secrets, sealed, by their names."""

    certificates: Mapping[str, str]
    sealed: Mapping[str, bytes]


class TrunkControl(Protocol):
    """What the node does for this part about trunks: it alone has the key of their passwords."""

    async def prepare(
        self, name: str, certificates: Mapping[str, str], secrets: Mapping[str, str], client_cert: str
    ) -> PreparedTrunk | str:
        """Check certificates and seal secrets, or return what is wrong with them; `client_cert` is the one so far.

        Raises:
            NodeAway: it is not done.
        """

    async def test(self, name: str) -> Mapping[str, Any]:
        """Try an outbound trunk; return what came of it.

        Raises:
            NodeAway: it is not done; the text says why.
        """

    async def states(self) -> Mapping[str, Mapping[str, Any]]:
        """Return what the node says of its outbound trunks, by name; nothing where it cannot be asked."""


class NoTrunkControl:
    """That of a process without a node: nothing is done."""

    async def prepare(
        self,
        name: str,  # noqa: ARG002 - see `TrunkControl`
        certificates: Mapping[str, str],  # noqa: ARG002
        secrets: Mapping[str, str],  # noqa: ARG002
        client_cert: str,  # noqa: ARG002
    ) -> PreparedTrunk | str:
        """See `TrunkControl.prepare`."""
        raise _no_node()

    async def test(self, name: str) -> Mapping[str, Any]:  # noqa: ARG002 - see `TrunkControl`
        """See `TrunkControl.test`."""
        raise _no_node()

    async def states(self) -> Mapping[str, Mapping[str, Any]]:
        """See `TrunkControl.states`."""
        return {}


class NodeControl(Protocol):
    """What the node's supervisor tells this part, and does for it, about the node itself.

    Each method raises `NodeAway` when it is not done; the text says why.
    """

    async def facts(self) -> Mapping[str, Any]:
        """Return what the node says of itself.

        `data_dir`, `disk_free` and `disk_total` (bytes), `store` and `mail_server` (addresses without passwords; an
        empty `mail_server`: mails are kept as files), `calls` and `voicemail`: why it carries or takes none, empty
        where it does.
        """

    async def check(self) -> Sequence[Mapping[str, Any]]:
        """Return what `renvoi check` finds: `name`, `ok`, `needed`, `text` and `advice` of each thing."""

    async def start_call(self, called: str, caller: str) -> str:
        """Have a test call placed between two E.164 numbers, as `renvoi try` does; return what it is asked for by."""

    async def test_call(self, name: str) -> Mapping[str, Any] | None:
        """Return how far a test call is; None when it is not known, any more.

        `called`, `caller`, `is_over`, `error` (why it could not be placed, or empty), `status` (what the caller was
        answered, or None), `note`, `call_id`, and `messages`: `at_ms`, `sender`, `receiver`, `line` of each so far.
        """


class NoNodeControl:
    """That of a process without a node."""

    async def facts(self) -> Mapping[str, Any]:
        """See `NodeControl.facts`."""
        raise _no_node()

    async def check(self) -> Sequence[Mapping[str, Any]]:
        """See `NodeControl.check`."""
        raise _no_node()

    async def start_call(self, called: str, caller: str) -> str:  # noqa: ARG002 - see `NodeControl`
        """See `NodeControl.start_call`."""
        raise _no_node()

    async def test_call(self, name: str) -> Mapping[str, Any] | None:  # noqa: ARG002 - see `NodeControl`
        """See `NodeControl.test_call`."""
        raise _no_node()


def no_sealer(_: Mapping[str, bytes]) -> Sealer:
    """Seal nothing: a server without a key."""
    raise OperatorError("this server has no key for secrets")


def never() -> bool:
    """Return False."""
    return False


@dataclass(frozen=True, slots=True)
class Deps:
    """Everything that the HTTP layer needs from the outside.

    `language` is the one of answers to clients that ask for none. `trusted_proxies` are the peers whose
    `X-Forwarded-For` is believed; without any, a request comes from its socket's peer. `public_url` is where people
    reach this server, for what a page tells them to type. `refusal` returns why the store takes no changes, None when
    it does. When keys were used is noted in `key_uses`, which somebody else writes to the store. `files` are those of
    messages, `converter` converts audio; without them nobody is given any. `holidays` gives the dates that rules are
    stored with. Calls to countries that an account begins to use wait for `cooling_off_ms`. `sip_domain` is
    the host part of the node's own SIP addresses.
    `sealer_for` seals secrets of webhooks, whose addresses obey `webhook_urls`. `is_stopping` tells whether what has no
    end of its own should end. `passwords` compares those of people; without it none can sign in with one.
    """

    store: Store
    clock: Clock
    error_status: ErrorStatus = "semantic"
    language: str = "en"
    limits: Limits = Limits()
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    public_url: str = "http://127.0.0.1:8080"
    parts: Callable[[], Awaitable[Mapping[str, PartState]]] = no_parts
    measurements: Callable[[], Awaitable[Sequence[Measurement]]] = no_measurements
    refusal: Callable[[], str | None] = no_refusal
    key_uses: KeyUses = field(default_factory=KeyUses)
    files: MessageStorage | None = None
    converter: AudioConverter | None = None
    limits_of_new_accounts: AccountLimits = NO_LIMITS
    sealer_for: SealerFor = no_sealer
    webhook_urls: UrlRules = HTTPS_OUTSIDE
    is_stopping: Callable[[], bool] = never
    holidays: Holidays = field(default_factory=NoHolidays)
    cooling_off_ms: int = 0
    sip_domain: str = "renvoi.invalid"
    trunks: TrunkControl = field(default_factory=NoTrunkControl)
    passwords: Passwords | None = None
    node: NodeControl = field(default_factory=NoNodeControl)
    kept_mails: KeptMails = field(default_factory=NoKeptMails)
