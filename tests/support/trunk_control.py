"""A `TrunkControl` without a node: it seals with a key of its own, and finds what a test wants."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from renvoi.adapters.sealing import AesSealer
from renvoi.application.trunks import client_key_of, password_of
from renvoi.configuration.settings import read_settings
from renvoi.domain.bilingual import Bilingual
from renvoi.http.deps import NodeAway, PreparedTrunk
from renvoi.node.checks.results import Finding
from renvoi.node.control.supervised import SupervisedTrunks
from renvoi.node.supervisor.trunk_requests import TrunkRequests
from tests.support.memory_store import MemoryStore


class FakeTrunkControl:
    """See the module. `asked` has what it was given; `away` has it do nothing, `refused` is what it answers instead."""

    def __init__(self) -> None:
        self.sealer = AesSealer(bytes(32))
        self.asked: list[Any] = []
        self.away = ""
        self.refused = ""

    async def prepare(
        self, name: str, certificates: Mapping[str, str], secrets: Mapping[str, str], client_cert: str
    ) -> PreparedTrunk | str:
        self.asked.append((name, dict(certificates), dict(secrets), client_cert))
        self._check()
        if self.refused:
            return self.refused
        names = {kind: client_key_of(name) if kind == "client-key" else password_of(name, kind) for kind in secrets}
        sealed = {names[kind]: self.sealer.seal(names[kind], secret) for kind, secret in secrets.items()}
        return PreparedTrunk(certificates, sealed)

    async def test(self, name: str) -> Mapping[str, Any]:
        self.asked.append(name)
        self._check()
        findings = [
            Finding("address", True, "192.0.2.1:5060 (UDP)").fields(),
            Finding(
                "registration", False, Bilingual("does not hold", "n’est pas en vigueur"), Bilingual("ask", "demandez")
            ).fields(),
        ]
        return {"well": True, "text": "200 OK", "took_ms": 12.5, "findings": findings}

    async def states(self) -> Mapping[str, Mapping[str, Any]]:
        said = {"state": "up", "text": "sip:192.0.2.1 up", "french": "sip:192.0.2.1 joignable"}
        return {} if self.away else {"carrier": said}

    def _check(self) -> None:
        if self.away:
            raise NodeAway(self.away)


class SupervisorsControl(FakeTrunkControl):
    """The same, but certificates and secrets are judged as a supervisor does, whose key is in `directory`."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._asked = _WithoutSocket(directory)

    async def prepare(
        self, name: str, certificates: Mapping[str, str], secrets: Mapping[str, str], client_cert: str
    ) -> PreparedTrunk | str:
        return await self._asked.prepare(name, certificates, secrets, client_cert)


class _WithoutSocket(SupervisedTrunks):
    """What the part `http` asks, answered by what the supervisor answers with."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        settings = read_settings({"data_dir": str(directory)})
        store = MemoryStore()
        self._requests = TrunkRequests(settings, lambda: store, _no_status).all

    async def _ask(self, what: str, timeout_s: float, **asked: Any) -> Mapping[str, Any]:  # noqa: ARG002 - it answers at once
        return await self._requests[what](asked)


async def _no_status() -> Sequence[Mapping[str, Any]]:
    return ()
