"""The part `http` asks the supervisor, about the node itself and about trunks.

`node_requests` and `trunk_requests` of the supervisor answer.
"""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from renvoi.http.deps import NodeAway, PreparedTrunk
from renvoi.node.control import control, trunk_reports

FACTS_S = 2.0
CHECK_S = 20.0
"""How long all checks may take: each listener, the store, certificates."""
CALL_S = 2.0
PREPARE_S = 5.0
TEST_S = 30.0
"""How long a trunk may take to be tried: its name, each address, the registrar."""
STATES_S = 1.0


class _Supervised:
    """Asks the supervisor, whose control socket lies in `run_dir`."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir

    async def _ask(self, what: str, timeout_s: float, **asked: Any) -> Mapping[str, Any]:
        try:
            return await control.ask(self._run_dir, what, timeout_s, **asked)
        except control.NoNode as error:
            raise NodeAway("no supervisor runs", "aucun superviseur ne fonctionne") from error
        except control.ControlError as error:
            raise NodeAway(str(error), error.french) from error


class SupervisedNode(_Supervised):
    """See `NodeControl`."""

    async def facts(self) -> Mapping[str, Any]:
        """See `NodeControl.facts`."""
        return await self._ask("node-facts", FACTS_S)

    async def check(self) -> Sequence[Mapping[str, Any]]:
        """See `NodeControl.check`."""
        found: Sequence[Mapping[str, Any]] = (await self._ask("check", CHECK_S))["findings"]
        return found

    async def start_call(self, called: str, caller: str) -> str:
        """See `NodeControl.start_call`."""
        return str((await self._ask("start-test-call", CALL_S, called=called, caller=caller))["name"])

    async def test_call(self, name: str) -> Mapping[str, Any] | None:
        """See `NodeControl.test_call`."""
        found: Mapping[str, Any] | None = (await self._ask("test-call", CALL_S, name=name))["call"]
        return found


class SupervisedTrunks(_Supervised):
    """See `TrunkControl`."""

    async def prepare(
        self, name: str, certificates: Mapping[str, str], secrets: Mapping[str, str], client_cert: str
    ) -> PreparedTrunk | str:
        """See `TrunkControl.prepare`."""
        asked = {"name": name, "certificates": certificates, "secrets": secrets, "client_cert": client_cert}
        answer = await self._ask("prepare-trunk", PREPARE_S, **asked)
        if "refused" in answer:
            return str(answer["refused"])
        sealed = {key: base64.b64decode(value) for key, value in answer["sealed"].items()}
        return PreparedTrunk(answer["certificates"], sealed)

    async def test(self, name: str) -> Mapping[str, Any]:
        """See `TrunkControl.test`."""
        return await self._ask("test-trunk", TEST_S, name=name)

    async def states(self) -> Mapping[str, Mapping[str, Any]]:
        """See `TrunkControl.states`."""
        try:
            status = await self._ask("status", STATES_S)
        except NodeAway:
            return {}
        return {
            each["name"]: {"state": each["state"], "text": str(said), "french": said.french}
            for each in status["trunks"]
            for said in [trunk_reports.describe(each)]
        }
