"""`renvoi try`: the caller's SIPp, and who may call at all."""

import asyncio
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from renvoi.application.errors import OperatorError
from renvoi.application.ports.trunks import Trunks
from renvoi.domain.trunks.trunk import InboundTrunk, parse_network
from renvoi.node.checks import test_call
from tests.support.ports import free_port
from tests.support.sip import Incoming, Phone

SCENARIO = Path(test_call.__file__).parent / "trial_caller.xml"


def call(tmp_path: Path, edge: Phone) -> list[test_call.SippMessage]:
    options = ["-s", "+33199001234", "-key", "caller", "+33199009876", "-d", "10", f"{edge.host}:{edge.port}"]
    command = [shutil.which("sipp") or "sipp", *options]
    return asyncio.run(test_call.run_caller(tmp_path, edge.host, command, SCENARIO))


def test_a_port_that_somebody_took_meanwhile_costs_no_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Phone() as edge, Phone() as quicker, Phone() as quickest:
        chosen: Iterator[int] = iter((quickest.port, quicker.port, free_port()))
        monkeypatch.setattr(test_call, "free_port", lambda _: next(chosen))
        answering = threading.Thread(target=lambda: Incoming.wait(edge, 20).reply(486))
        answering.start()
        try:
            found = call(tmp_path, edge)
        finally:
            answering.join()
    assert [message.status for message in found if not message.sent] == [486]
    assert next(chosen, None) is None


def test_when_no_port_can_be_had_nobody_is_said_to_have_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Phone() as edge, Phone() as quicker:
        monkeypatch.setattr(test_call, "free_port", lambda _: quicker.port)
        with pytest.raises(OperatorError, match="SIPp ended without calling"):
            call(tmp_path, edge)
        edge.expect_silence(0.05)


@pytest.mark.parametrize(
    ("networks", "host", "reason"),
    [
        (("127.0.0.0/8",), "127.0.0.1", None),
        (("192.0.2.0/24", "::1/128"), "::1", None),
        ((), "127.0.0.1", "as there is no inbound trunk: `renvoi trunk add try --inbound 127.0.0.1/32` admits it"),
        (("192.0.2.0/24",), "127.0.0.1", "as no inbound trunk has the address 127.0.0.1: `renvoi trunk add try"),
        (("127.0.0.0/8",), "::1", "--inbound ::1/128"),
    ],
)
def test_who_would_get_no_answer_does_not_call(networks: tuple[str, ...], host: str, reason: str | None) -> None:
    inbound = (InboundTrunk("in", tuple(map(parse_network, networks))),) if networks else ()
    if reason is None:
        test_call.check_admitted(host, Trunks(1, inbound, ()))
        return
    with pytest.raises(OperatorError) as refused:
        test_call.check_admitted(host, Trunks(1, inbound, ()))
    assert reason in str(refused.value)
