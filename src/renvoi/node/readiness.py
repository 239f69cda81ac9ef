"""What `/readyz` and `/metrics` say of the other parts: the supervisor's word, and the edge's own."""

from collections.abc import Mapping, Sequence

from renvoi.http.wiring import Measurement, PartState
from renvoi.node import control
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
        """Return the state of every part but this one."""
        try:
            answer = await control.ask(self._run_dir, "status", ANSWER_TIMEOUT_S)
        except control.NoNode:
            return {"supervisor": PartState("failed", "no supervisor runs")}
        except control.ControlError as error:
            return {"supervisor": PartState("failed", str(error))}
        parts = {name: _state(found) for name, found in answer["parts"].items() if name != "http"}
        if parts["edge"].state == "ok" and not await self._edge.probe(ANSWER_TIMEOUT_S):
            parts["edge"] = PartState("failed", "does not answer OPTIONS", parts["edge"].restarts)
        return parts

    async def edge_metrics(self) -> Sequence[Measurement]:
        """Return what the edge counted since it started; nothing while it is away."""
        return await self._edge.measurements()


def _state(found: Mapping[str, object]) -> PartState:
    state = State(str(found["state"]))
    word = {State.RUNNING: "ok", State.WAITING: "failed"}.get(state, state.value)
    detail = "" if state is State.RUNNING else str(found["detail"] or "")
    return PartState(word, detail, int(str(found["restarts"])))
