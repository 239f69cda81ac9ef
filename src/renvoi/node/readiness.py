"""What `/readyz` and `/metrics` say of the other parts: the supervisor's word, and the edge's own."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from renvoi.http.wiring import Measurement, PartState
from renvoi.node import control, voicemail
from renvoi.node.edge import Edge, edge_of
from renvoi.node.part import State
from renvoi.settings import Settings

ANSWER_TIMEOUT_S = 1.0
"""How long the supervisor or the edge may take; `/readyz` as a whole has two seconds."""


class NodeStatus:
    """Asks the node that this process is a part of."""

    def __init__(self, settings: Settings) -> None:
        self._run_dir = settings.run_dir
        self._edge: Edge = edge_of(settings)

    async def parts(self) -> Mapping[str, PartState]:
        """Return the state of every part; the API is this one, so it runs if the node has it."""
        try:
            answer = await control.ask(self._run_dir, "status", ANSWER_TIMEOUT_S)
        except control.NoNode:
            return {"supervisor": PartState("failed", "no supervisor runs")}
        except control.ControlError as error:
            return {"supervisor": PartState("failed", str(error))}
        found = answer["parts"]
        workers = {name: _state(part) for name, part in found.items() if name.startswith(voicemail.PART)}
        parts = {name: _state(part) for name, part in found.items() if name != "http" and name not in workers}
        answers, loads = await asyncio.gather(self._edge_answers(parts["edge"]), _loads(answer))
        if not answers:
            parts["edge"] = PartState("failed", "does not answer OPTIONS", parts["edge"].restarts)
        absent = {name: PartState("absent", str(why)) for name, why in answer["absent"].items()}
        parts["voicemail"] = absent.get("voicemail") or _voicemail(workers, loads)
        parts["api"] = absent.get("api") or PartState("ok", restarts=_state(found["http"]).restarts)
        return parts

    async def _edge_answers(self, edge: PartState) -> bool:
        return edge.state != "ok" or await self._edge.probe(ANSWER_TIMEOUT_S)

    async def measurements(self) -> Sequence[Measurement]:
        """Return what the edge counted since it started, and the load of the voicemail; nothing of what is away."""
        edge, loads = await asyncio.gather(self._edge.measurements(), self._loads())
        return [*edge, *voicemail.measurements(loads)]

    async def _loads(self) -> Sequence[voicemail.Load | None]:
        try:
            answer = await control.ask(self._run_dir, "status", ANSWER_TIMEOUT_S)
        except (control.NoNode, control.ControlError):
            return ()
        return await _loads(answer)


async def _loads(status: Mapping[str, Any]) -> Sequence[voicemail.Load | None]:
    """Ask each worker that runs; one that does not would only be waited for."""
    states = [part["state"] for name, part in status["parts"].items() if name.startswith(voicemail.PART)]

    async def load(state: str, address: tuple[str, int]) -> voicemail.Load | None:
        return await voicemail.load_of(*address) if state == State.RUNNING else None

    return await asyncio.gather(*map(load, states, status["workers"]))


def _voicemail(workers: Mapping[str, PartState], loads: Sequence[voicemail.Load | None]) -> PartState:
    """Return the state of all workers as one: it is ready when each of them is, and there is room for recordings."""
    restarts = sum(worker.restarts for worker in workers.values())
    for (name, worker), load in zip(workers.items(), loads, strict=True):
        if worker.state != "ok":
            return PartState(worker.state, f"{name}: {worker.detail}", restarts)
        if load is None:
            return PartState("failed", f"{name} does not answer OPTIONS", restarts)
        if load.disk_full:
            free = load.free_bytes // (1024 * 1024)
            return PartState("failed", f"the disk is full: {free} MiB are free", restarts)
    return PartState("ok", restarts=restarts)


def _state(found: Mapping[str, object]) -> PartState:
    state = State(str(found["state"]))
    word = {State.RUNNING: "ok", State.WAITING: "failed"}.get(state, state.value)
    detail = "" if state is State.RUNNING else str(found["detail"] or "")
    return PartState(word, detail, int(str(found["restarts"])))
