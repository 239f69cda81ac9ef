"""What the simulation is told. `Costs` were measured; all others are assumptions, to be replaced by one's own."""

from dataclasses import dataclass, field

MESSAGE_BYTES = 2304
"""What a SIP message of 0.9 to 1.4 kB takes of a socket's receive buffer (`SO_MEMINFO`, Linux 6.18)."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of one core of the machine of docs/performance.md, from the bench that each comment names."""

    set_up_s: float = 600.0e-6  # bench.calls, a rejected call: from the INVITE to the decision and its record
    forwarded_s: float = 1531.3e-6  # bench.calls, a forwarded call from the INVITE to the end of the BYE
    shed_s: float = 293.7e-6  # bench.calls, the floor's rejected call: more than a 503 without a transaction takes
    look_up_s: float = 84e-6  # bench.footprint, of the database server
    change_s: float = 1200e-6  # bench.footprint, of the database server; here also for replaying one on a standby

    ringing_share: float = 0.6
    """The part of a forwarded call's work after its set-up that comes with 180, 200 and ACK: three of five messages.
    The rest comes with BYE and its 200."""

    @property
    def later_s(self) -> float:
        """The work for a forwarded call after its set-up."""
        return self.forwarded_s - self.set_up_s


@dataclass(frozen=True, slots=True)
class Traffic:
    """Calls of the fleet in its busiest hour. What is not forwarded and goes to no voicemail is refused by rule."""

    calls_per_s: float = 50_000.0
    forward: float = 0.75
    voicemail: float = 0.05
    answered: float = 0.7
    """Share of the forwarded calls."""
    ring_s: float = 8.0
    hold_s: float = 120.0
    message_s: float = 30.0
    """Greeting and message. These three are means of exponential times."""
    redial: float = 0.7
    """Share of the callers who try again when a call failed because no node worked, up to `attempts` in all."""
    redial_after_s: float = 10.0
    attempts: int = 3
    changes_per_s: float = 1_200.0

    def work_a_call_s(self, costs: Costs) -> float:
        """Return the CPU seconds that a call takes of an edge."""
        relayed = self.forward + self.voicemail
        return relayed * costs.forwarded_s + (1 - relayed) * costs.set_up_s


@dataclass(frozen=True, slots=True)
class Fleet:
    """Regions that are alike. A node has `cores` for its edge; the voicemail and the databases are beside them."""

    regions: int = 3
    nodes: int = 20
    """Edge nodes of one region."""
    cores: int = 2
    workers: int = 8
    """Kamailio's processes for UDP of one node (`RENVOI_EDGE_WORKERS`)."""
    buffer_bytes: int = 4 * 1024 * 1024
    """Receive buffer of the edge's socket, as docs/operating/README.md asks for."""
    voicemail_calls: int = 40_000
    """Messages that one region takes at once."""
    database_cores: int = 8
    """Of the database that one region's edges read."""
    network_s: float = 300e-6
    """Round trip from an edge to that database."""
    look_up_limit_s: float = 0.5
    """The edge's bound for a look-up (docs/calls.md §2)."""
    simulated_nodes: int = 1
    """Nodes of each region that are simulated. They get their part of the calls, the voicemail and the database."""

    @property
    def scale(self) -> float:
        """How many real calls one simulated call stands for."""
        return self.nodes / self.simulated_nodes

    def load(self, traffic: Traffic, costs: Costs, regions: int) -> float:
        """Return the edges' load, 1 for all cores busy, when `regions` of them share the calls."""
        return traffic.calls_per_s * traffic.work_a_call_s(costs) / (regions * self.nodes * self.cores)


@dataclass(frozen=True, slots=True)
class Steering:
    """How calls leave a region that is lost: none for `notice_s`, then evenly over `spread_s`.

    DNS: the name loses the region's addresses after `notice_s`, and caches forget them within the TTL, `spread_s`.
    Anycast: the route is withdrawn after `notice_s`, all at once. A share of the calls, `failover`, comes from carriers
    who try the next address by themselves (RFC 3263 §4.3) when the first has been silent for `failover_s`.
    """

    name: str
    notice_s: float
    spread_s: float
    failover: float = 0.0
    failover_s: float = 4.0

    def stuck(self, since_loss_s: float) -> float:
        """Return the share of a lost region's calls that still go there."""
        if since_loss_s < self.notice_s:
            return 1.0
        if since_loss_s >= self.notice_s + self.spread_s:
            return 0.0
        return 1 - (since_loss_s - self.notice_s) / self.spread_s


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run: its length, and the loss of the first region at `loss_at_s` (None: no loss)."""

    traffic: Traffic = field(default_factory=Traffic)
    fleet: Fleet = field(default_factory=Fleet)
    costs: Costs = field(default_factory=Costs)
    steering: Steering = field(default_factory=lambda: Steering("DNS, TTL 60 s", notice_s=10, spread_s=60))
    loss_at_s: float | None = 10.0
    length_s: float = 120.0
    seed: int = 1
