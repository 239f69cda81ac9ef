"""What the part http asks the supervisor about trunks, over the real control socket."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from renvoi.adapters import sealing
from renvoi.application.ports.unit_of_work import Store
from renvoi.configuration.settings import Settings, read_settings
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.http.deps import NodeAway, PreparedTrunk
from renvoi.node.control import control
from renvoi.node.control.supervised import SupervisedTrunks
from renvoi.node.supervisor.trunk_requests import TrunkRequests
from tests.support.memory_store import MemoryStore
from tests.support.tls import Authority

NAME = "trunk/carrier/outbound"


async def no_status() -> Sequence[Mapping[str, Any]]:
    return []


def asking(tmp_path: Path, scenario: Callable[[SupervisedTrunks, Store, Settings], Awaitable[None]]) -> None:
    """Run `scenario` beside a control socket that answers requests about trunks."""
    settings = read_settings({"data_dir": str(tmp_path)})
    settings.run_dir.mkdir(parents=True, exist_ok=True)

    async def main() -> None:
        store = MemoryStore()
        requests = TrunkRequests(settings, lambda: store, no_status).all
        async with control.serve_control(settings.run_dir, {}, requests):
            await scenario(SupervisedTrunks(settings.run_dir), store, settings)

    asyncio.run(main())


def test_a_password_is_sealed_by_the_key_of_the_node(tmp_path: Path) -> None:
    async def scenario(trunks: SupervisedTrunks, _: Store, settings: Settings) -> None:
        found = await trunks.prepare("carrier", {}, {"outbound": "sécret", "inbound": "12345678"}, "")
        assert isinstance(found, PreparedTrunk)
        assert set(found.sealed) == {NAME, "trunk/carrier/inbound"}
        sealer = sealing.load(settings.secrets_key)
        assert sealer is not None
        assert sealer.open(NAME, found.sealed[NAME]) == "sécret"

    asking(tmp_path, scenario)


def test_certificates_are_checked_with_their_key(tmp_path: Path) -> None:
    authority = Authority("ours")
    own, other = authority.issue("us.example"), authority.issue("them.example")

    async def scenario(trunks: SupervisedTrunks, _: Store, __: Settings) -> None:
        found = await trunks.prepare(
            "carrier", {"ca": authority.pem, "client_cert": own.certificate}, {"client-key": own.key}, ""
        )
        assert isinstance(found, PreparedTrunk)
        assert found.certificates["client_cert"].startswith("-----BEGIN CERTIFICATE-----")
        assert set(found.sealed) == {"trunk/carrier/client-key"}
        # The key of the certificate that the trunk has already.
        assert isinstance(await trunks.prepare("carrier", {}, {"client-key": own.key}, own.certificate), PreparedTrunk)
        for wrong, secrets in (
            ({"client_cert": own.certificate}, {"client-key": other.key}),
            ({"ca": "no certificate"}, {}),
            ({}, {"root": "x"}),
        ):
            assert isinstance(await trunks.prepare("carrier", wrong, secrets, ""), str)

    asking(tmp_path, scenario)


def test_what_cannot_be_asked_is_told(tmp_path: Path) -> None:
    async def scenario(trunks: SupervisedTrunks, _: Store, __: Settings) -> None:
        with pytest.raises(NodeAway, match="trunk name"):
            await trunks.prepare("No Trunk", {}, {"outbound": "x"}, "")
        with pytest.raises(NodeAway, match="there is no trunk 'carrier'"):
            await trunks.test("carrier")
        assert await trunks.states() == {}

    asking(tmp_path, scenario)
    with pytest.raises(NodeAway, match="no supervisor runs"):
        asyncio.run(SupervisedTrunks(tmp_path).test("carrier"))


def test_a_trunk_that_nobody_answers_for_is_tried(tmp_path: Path) -> None:
    async def scenario(trunks: SupervisedTrunks, store: Store, _: Settings) -> None:
        trunk = OutboundTrunk("carrier", "sip:127.0.0.1:9;transport=tcp", region="FR")
        await store.write(lambda writer: writer.add_trunk(trunk))
        found = await trunks.test("carrier")
        assert found["well"] is False
        assert [each["name"] for each in found["findings"]] == ["address", "answer"]

    asking(tmp_path, scenario)
