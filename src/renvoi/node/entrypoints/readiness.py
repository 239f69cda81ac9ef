"""What `/readyz` and `/metrics` say of the other parts: the supervisor's word, and the edge's own."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from renvoi.call_records.dead_letters import DeadLetters, Held
from renvoi.configuration.setting_types import EDGE
from renvoi.configuration.settings import EDGE_SHARES_ROLE, Settings
from renvoi.edge import relay_client
from renvoi.http.deps import Measurement, PartState
from renvoi.node.control import control, trunk_reports
from renvoi.node.parts import health
from renvoi.node.parts.edge import Edge, edge_of
from renvoi.node.parts.roles import CERTIFICATES, COLLECTOR, FORK_SERVER, MAILER
from renvoi.node.parts.supervised_process import State

T = TypeVar("T")

WITHIN_S = 0.25
"""How long a source is waited for. Two of them are asked one after the other at the most, so that who allows a second
for the whole gets an answer whatever hangs."""
KEPT_S = 30.0
"""How long what a source said counts."""


class LastKnown(Generic[T]):
    """Sources of one kind, by any name. Each is asked once at a time, whoever wants to know, for as long as it takes.

    A source that hangs must end by itself: it is what its end says that counts for the next one who asks.
    """

    def __init__(self) -> None:
        self._asking: dict[Hashable, asyncio.Task[T]] = {}
        self._said: dict[Hashable, tuple[float, T]] = {}

    async def of(self, source: Hashable, ask: Callable[[], Coroutine[Any, Any, T]], unknown: T) -> T:
        """Return what `ask` does; what it did last when it takes long; `unknown` where that is nothing, or old."""
        asking = self._asking.get(source)
        if asking is None:
            asking = self._asking[source] = asyncio.create_task(self._ask(source, ask))
        await asyncio.wait([asking], timeout=WITHIN_S)
        if asking.done():
            return asking.result()
        at, said = self._said.get(source, (None, unknown))
        return said if at is not None and time.monotonic() - at <= KEPT_S else unknown

    async def _ask(self, source: Hashable, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        try:
            said = await ask()
            self._said[source] = time.monotonic(), said
        finally:
            del self._asking[source]
        return said


ANSWER_TIMEOUT_S = 1.0
"""How long a source may take in the end. Nobody waits so long for it: see `last_known`."""
RESTART_ALLOWANCE_S = 10.0
"""How long a part that worked may be away before the node should get no more traffic for it. Longer than a restart
takes, and than what is noticed by the watchdog; shorter, and each crash would send all traffic elsewhere and back."""
BEHIND_TRAFFIC = frozenset({COLLECTOR, MAILER, CERTIFICATES, FORK_SERVER})
"""Parts that no call and no request waits for: what they should do stays on the disk or in the store meanwhile."""


@dataclass(frozen=True, slots=True)
class _EdgeSays:
    """What the edge says of itself: whether it does at all, and why it needs attention."""

    answers: bool = True
    trouble: str = ""


class NodeStatus:
    """Asks the node that this process is a part of."""

    def __init__(self, settings: Settings) -> None:
        self._run_dir = settings.run_dir
        self._edge: Edge = edge_of(settings)
        self._relay = settings.relay_address if EDGE in settings.parts else None
        self._letters = DeadLetters(settings.dead_letters_dir)
        self._statuses = LastKnown[dict[str, Any] | control.ControlError | control.NoNode]()
        self._loads = LastKnown[health.Load | None]()
        self._edges = LastKnown[_EdgeSays]()
        self._measurements = LastKnown[Sequence[Measurement]]()
        self._relays = LastKnown[bool]()
        self._folders = LastKnown[Held]()

    async def parts(self) -> Mapping[str, PartState]:
        """Return the state of every part; the API is this one, so it runs if the node has it."""
        answer = await self._status()
        if isinstance(answer, control.NoNode):
            return {"supervisor": PartState("failed", "no supervisor runs")}
        if isinstance(answer, control.ControlError):
            # The parts go on without it; only nobody restarts one that dies meanwhile.
            return {"supervisor": PartState("degraded", str(answer))}
        found = answer["parts"]
        workers = {name: _state(part) for name, part in found.items() if name.startswith(health.PART)}
        parts = {name: _state(part) for name, part in found.items() if name != "http" and name not in workers}
        for name in BEHIND_TRAFFIC & parts.keys():
            parts[name] = _behind_traffic(parts[name])
        edge, loads, relay, held = await asyncio.gather(
            self._edge_says(parts["edge"]), self._loads_of(answer), self._relay_answers(), self._held()
        )
        if not edge.answers:
            # The watchdog of the supervisor decides what a silence means.
            parts["edge"] = PartState("degraded", "does not answer OPTIONS", parts["edge"].restarts)
        elif edge.trouble:
            parts["edge"] = PartState("degraded", edge.trouble, parts["edge"].restarts)
        if answer.get("edge_shares_role") and parts["edge"].state == "ok":
            parts["edge"] = PartState("ok", str(EDGE_SHARES_ROLE), parts["edge"].restarts)
        absent = {name: PartState("absent", str(why)) for name, why in answer["absent"].items()}
        parts["voicemail"] = absent.get("voicemail") or _voicemail(workers, loads)
        if relay is not None:
            parts["relay"] = PartState("ok") if relay else PartState("degraded", "rtpengine does not answer")
        elif unrelayed := answer.get("unrelayed"):
            parts["relay"] = PartState("degraded", trunk_reports.describe_unrelayed(unrelayed))
        parts.update(trunk_reports.parts(answer["trunks"]))
        parts.update(trunk_reports.unheard_parts(answer.get("unheard", {}), parts))
        parts["api"] = absent.get("api") or PartState("ok", restarts=_state(found["http"]).restarts)
        if held:
            parts["dead-letters"] = PartState("degraded", f"{held} in {self._letters.directory}")
        return parts

    async def _status(self) -> dict[str, Any] | control.ControlError | control.NoNode:
        """Return what the supervisor says, or why it says nothing."""

        async def ask() -> dict[str, Any] | control.ControlError | control.NoNode:
            try:
                return await control.ask(self._run_dir, "status", ANSWER_TIMEOUT_S)
            except (control.NoNode, control.ControlError) as error:
                return error

        return await self._statuses.of("", ask, control.ControlError("the node does not answer"))

    async def _held(self) -> Held:
        def look() -> Held:
            try:
                return self._letters.held()
            except OSError:
                return Held()  # a folder that cannot be read says nothing of what a node does

        return await self._folders.of("", lambda: asyncio.to_thread(look), Held())

    async def _edge_says(self, edge: PartState) -> "_EdgeSays":
        async def ask() -> _EdgeSays:
            if not await self._edge.probe(ANSWER_TIMEOUT_S):
                return _EdgeSays(answers=False)
            return _EdgeSays(trouble=await self._edge.trouble())

        return await self._edges.of("", ask, _EdgeSays(answers=False)) if edge.state == "ok" else _EdgeSays()

    async def _relay_answers(self) -> bool | None:
        """Tell whether the media relay answers, None where there is none."""
        address = self._relay
        if address is None:
            return None

        def answers() -> bool:
            return relay_client.answers(address, ANSWER_TIMEOUT_S)

        return await self._relays.of("", lambda: asyncio.to_thread(answers), unknown=False)

    async def _loads_of(self, status: Mapping[str, Any]) -> Sequence[health.Load | None]:
        """Ask each worker that runs; one that does not would only be waited for."""
        states = [part["state"] for name, part in status["parts"].items() if name.startswith(health.PART)]

        async def load(state: str, address: tuple[str, int]) -> health.Load | None:
            if state != State.RUNNING:
                return None
            return await self._loads.of(tuple(address), lambda: health.load_of(*address), None)

        return await asyncio.gather(*map(load, states, status["workers"]))

    async def measurements(self) -> Sequence[Measurement]:
        """Return what the edge counted since it started, and the load of the voicemail; nothing of what is away."""
        edge, others, relay, held = await asyncio.gather(
            self._measurements.of("", self._edge.measurements, ()),
            self._measured(),
            self._relay_answers(),
            self._held(),
        )
        return [*edge, *others, *_relay(relay), *_dead_letters(held)]

    async def _measured(self) -> Sequence[Measurement]:
        answer = await self._status()
        if isinstance(answer, Exception):
            return ()
        return [*health.measurements(await self._loads_of(answer)), *trunk_reports.measurements(answer["trunks"])]


def _relay(answers: bool | None) -> Sequence[Measurement]:
    if answers is None:
        return ()
    return [Measurement("renvoi_relay_up", "1 when the media relay answers, else 0.", int(answers))]


def _dead_letters(held: Held) -> Sequence[Measurement]:
    help_text = "What lies in the folder of dead letters: refused by the store for its content."
    found = {"event": held.events, "recording": held.recordings}
    name = "renvoi_dead_letters_held"
    return [Measurement(name, help_text, n, labels={"kind": kind}) for kind, n in found.items()]


def _voicemail(workers: Mapping[str, PartState], loads: Sequence[health.Load | None]) -> PartState:
    """Return the state of all workers as one: the node takes messages as long as one of them does."""
    found = {name: _worker(worker, load) for (name, worker), load in zip(workers.items(), loads, strict=True)}
    restarts = sum(worker.restarts for worker in found.values())
    states = {worker.state for worker in found.values()}
    details = dict.fromkeys(worker.detail and f"{name}: {worker.detail}" for name, worker in found.items())
    detail = ", ".join(filter(None, details))
    if states <= {"ok"}:
        return PartState("ok", restarts=restarts)
    if states & {"ok", "degraded"}:
        return PartState("degraded", detail, restarts)
    return PartState("starting" if "starting" in states else "failed", detail, restarts)


def _worker(worker: PartState, load: health.Load | None) -> PartState:
    """Return the state of one worker, which said `load` when it was asked."""
    if worker.state != "ok":
        return worker
    if load is None:
        return PartState("degraded", "does not answer OPTIONS", worker.restarts)
    if load.disk_full:
        free = load.free_bytes // (1024 * 1024)
        return PartState(
            "failed",
            f"the disk is full: {free} MiB are free, fewer than RENVOI_VOICEMAIL_MIN_FREE_MIB",
            worker.restarts,
        )
    return worker


def _behind_traffic(part: PartState) -> PartState:
    return PartState("degraded", part.detail, part.restarts) if part.state == "failed" else part


def _state(found: Mapping[str, Any]) -> PartState:
    """Return the state of a part by what the supervisor says of it, see `Part.status`."""
    state, restarts = State(found["state"]), int(found["restarts"])
    detail, away_s = str(found["detail"] or ""), found["away_s"]
    if state is State.RUNNING:
        return PartState("degraded", found["alarm"], restarts) if found["alarm"] else PartState("ok", "", restarts)
    if state is State.ABSENT:
        return PartState("absent", detail)
    if state is not State.STOPPED and away_s is not None and away_s <= RESTART_ALLOWANCE_S:
        return PartState("degraded", f"is being restarted: {detail}", restarts)
    if state is not State.WAITING and found["starts"] <= 1 and away_s is None:
        return PartState("starting", detail, restarts)
    return PartState("failed", detail or state.value, restarts)
