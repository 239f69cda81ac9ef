"""What `/readyz` and `/metrics` say of the other parts: the supervisor's word, and the edge's own."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from renvoi.call_records.dead_letters import DeadLetters, Held
from renvoi.edge import relay_client
from renvoi.http.deps import Measurement, PartState
from renvoi.node.supervisor import control, health, trunk_reports
from renvoi.node.supervisor.edge import Edge, edge_of
from renvoi.node.supervisor.roles import CERTIFICATES, COLLECTOR, MAILER
from renvoi.node.supervisor.supervised_process import State
from renvoi.setting_types import EDGE
from renvoi.settings import EDGE_SHARES_ROLE, Settings

ANSWER_TIMEOUT_S = 1.0
"""How long the supervisor or the edge may take; `/readyz` as a whole has two seconds."""
RESTART_ALLOWANCE_S = 10.0
"""How long a part that worked may be away before the node should get no more traffic for it. Longer than a restart
takes, and than what is noticed by the watchdog; shorter, and each crash would send all traffic elsewhere and back."""
BEHIND_TRAFFIC = frozenset({COLLECTOR, MAILER, CERTIFICATES})
"""Parts that no call and no request waits for: what they should do stays on the disk or in the store meanwhile."""


class NodeStatus:
    """Asks the node that this process is a part of."""

    def __init__(self, settings: Settings) -> None:
        self._run_dir = settings.run_dir
        self._edge: Edge = edge_of(settings)
        self._relay = settings.relay_address if EDGE in settings.parts else None
        self._letters = DeadLetters(settings.dead_letters_dir)

    async def parts(self) -> Mapping[str, PartState]:
        """Return the state of every part; the API is this one, so it runs if the node has it."""
        try:
            answer = await control.ask(self._run_dir, "status", ANSWER_TIMEOUT_S)
        except control.NoNode:
            return {"supervisor": PartState("failed", "no supervisor runs")}
        except control.ControlError as error:
            # The parts go on without it; only nobody restarts one that dies meanwhile.
            return {"supervisor": PartState("degraded", str(error))}
        found = answer["parts"]
        workers = {name: _state(part) for name, part in found.items() if name.startswith(health.PART)}
        parts = {name: _state(part) for name, part in found.items() if name != "http" and name not in workers}
        for name in BEHIND_TRAFFIC & parts.keys():
            parts[name] = _behind_traffic(parts[name])
        answers, loads, relay = await asyncio.gather(
            self._edge_answers(parts["edge"]), _loads(answer), self._relay_answers()
        )
        if not answers:
            # The watchdog of the supervisor decides what a silence means.
            parts["edge"] = PartState("degraded", "does not answer OPTIONS", parts["edge"].restarts)
        elif parts["edge"].state == "ok" and (trouble := await self._edge.spool_trouble()):
            parts["edge"] = PartState("degraded", trouble, parts["edge"].restarts)
        if answer.get("edge_shares_role") and parts["edge"].state == "ok":
            parts["edge"] = PartState("ok", EDGE_SHARES_ROLE, parts["edge"].restarts)
        absent = {name: PartState("absent", str(why)) for name, why in answer["absent"].items()}
        parts["voicemail"] = absent.get("voicemail") or _voicemail(workers, loads)
        if relay is not None:
            parts["relay"] = PartState("ok") if relay else PartState("degraded", "rtpengine does not answer")
        elif unrelayed := answer.get("unrelayed"):
            parts["relay"] = PartState("degraded", trunk_reports.describe_unrelayed(unrelayed))
        parts.update(trunk_reports.parts(answer["trunks"]))
        parts.update(trunk_reports.unheard_parts(answer.get("unheard", {}), parts))
        parts["api"] = absent.get("api") or PartState("ok", restarts=_state(found["http"]).restarts)
        held = await asyncio.to_thread(self._held)
        if held:
            parts["dead-letters"] = PartState("degraded", f"{held} in {self._letters.directory}")
        return parts

    def _held(self) -> Held:
        try:
            return self._letters.held()
        except OSError:
            return Held()  # a folder that cannot be read says nothing of what a node does

    async def _edge_answers(self, edge: PartState) -> bool:
        return edge.state != "ok" or await self._edge.probe(ANSWER_TIMEOUT_S)

    async def _relay_answers(self) -> bool | None:
        """Tell whether the media relay answers, None where there is none."""
        if self._relay is None:
            return None
        return await asyncio.to_thread(relay_client.answers, self._relay, ANSWER_TIMEOUT_S)

    async def measurements(self) -> Sequence[Measurement]:
        """Return what the edge counted since it started, and the load of the voicemail; nothing of what is away."""
        edge, others, relay = await asyncio.gather(self._edge.measurements(), self._measured(), self._relay_answers())
        held = await asyncio.to_thread(self._held)
        return [*edge, *others, *_relay(relay), *_dead_letters(held)]

    async def _measured(self) -> Sequence[Measurement]:
        try:
            answer = await control.ask(self._run_dir, "status", ANSWER_TIMEOUT_S)
        except (control.NoNode, control.ControlError):
            return ()
        return [*health.measurements(await _loads(answer)), *trunk_reports.measurements(answer["trunks"])]


def _relay(answers: bool | None) -> Sequence[Measurement]:
    if answers is None:
        return ()
    return [Measurement("renvoi_relay_up", "1 when the media relay answers, else 0.", int(answers))]


def _dead_letters(held: Held) -> Sequence[Measurement]:
    help_text = "What lies in the folder of dead letters: refused by the store for its content."
    found = {"event": held.events, "recording": held.recordings}
    name = "renvoi_dead_letters_held"
    return [Measurement(name, help_text, n, labels={"kind": kind}) for kind, n in found.items()]


async def _loads(status: Mapping[str, Any]) -> Sequence[health.Load | None]:
    """Ask each worker that runs; one that does not would only be waited for."""
    states = [part["state"] for name, part in status["parts"].items() if name.startswith(health.PART)]

    async def load(state: str, address: tuple[str, int]) -> health.Load | None:
        return await health.load_of(*address) if state == State.RUNNING else None

    return await asyncio.gather(*map(load, states, status["workers"]))


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
        return PartState("failed", f"the disk is full: {free} MiB are free", worker.restarts)
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
