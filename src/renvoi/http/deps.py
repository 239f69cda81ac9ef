"""What the HTTP layer is given by the composition root."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Literal

from renvoi.application.ports.unit_of_work import Clock, Store

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


@dataclass(frozen=True, slots=True)
class Deps:
    """Everything that the HTTP layer needs from the outside.

    `language` is the one of answers to clients that ask for none. `trusted_proxies` are the peers whose
    `X-Forwarded-For` is believed; without any, a request comes from its socket's peer. `public_url` is where people
    reach this server, for what a page tells them to type. `refusal` returns why the store takes no changes, None when
    it does.
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
