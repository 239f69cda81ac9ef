"""What a service manager is told, on a real datagram socket."""

import asyncio
import os
import secrets
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from renvoi.node.parts.service_manager import ServiceManager
from tests.support.service_manager import Manager, manager_at


@pytest.fixture(params=["path", "abstract"])
def listening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@renvoi-{secrets.token_hex(8)}"
    with manager_at(address) as manager:
        yield manager


def test_a_start_a_reload_and_an_end(listening: Manager) -> None:
    told = ServiceManager.of({"NOTIFY_SOCKET": listening.address})
    before_usec = time.monotonic_ns() // 1000
    told.starting("the store is brought up to date", 60)
    told.tell_status("serving\nall")
    told.tell_status("serving all")
    told.ready()
    told.reloading()
    told.stopping(7.5)
    *first, reloading, stopping = listening.read()
    assert first == [
        {"STATUS": "the store is brought up to date", "EXTEND_TIMEOUT_USEC": "60000000"},
        {"STATUS": "serving all"},
        {"READY": "1"},
    ]
    assert reloading["RELOADING"] == "1"
    assert before_usec <= int(reloading["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
    assert stopping == {"STOPPING": "1", "EXTEND_TIMEOUT_USEC": "7500000"}


def test_the_watchdog_is_fed_while_the_loop_turns(listening: Manager) -> None:
    told = ServiceManager.of({"NOTIFY_SOCKET": listening.address, "WATCHDOG_USEC": "40000"})

    async def scenario() -> None:
        keeping = asyncio.create_task(told.keep_told(lambda: "serving"))
        async with asyncio.timeout(10):
            while sum("WATCHDOG" in message for message in listening.read()) < 3:  # noqa: ASYNC110 - a socket of another
                await asyncio.sleep(0.005)
        # A loop that stands still feeds nothing.
        fed = len(listening.read())
        threading.Event().wait(0.2)
        assert len(listening.read()) == fed
        keeping.cancel()

    asyncio.run(scenario())
    assert [message for message in listening.messages if "STATUS" in message] == [{"STATUS": "serving"}]


@pytest.mark.parametrize(
    "environ",
    [
        {"WATCHDOG_USEC": "40000", "WATCHDOG_PID": str(os.getpid() + 1)},
        {"WATCHDOG_USEC": "nonsense"},
        {},
    ],
)
def test_a_watchdog_of_others_is_not_fed(listening: Manager, environ: dict[str, str]) -> None:
    told = ServiceManager.of({"NOTIFY_SOCKET": listening.address, **environ})

    async def scenario() -> None:
        keeping = asyncio.create_task(told.keep_told(lambda: "serving"))
        while not listening.read():  # noqa: ASYNC110 - a socket of another
            await asyncio.sleep(0)
        keeping.cancel()

    asyncio.run(scenario())
    assert listening.messages == [{"STATUS": "serving"}]


def test_a_manager_that_is_gone_is_logged_once_and_harms_nothing(tmp_path: Path) -> None:
    told = ServiceManager.of({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    with capture_logs() as logs:
        told.ready()
        told.ready()
    assert [entry["event"] for entry in logs] == ["the service manager cannot be notified"]


def test_a_manager_that_does_not_read_gets_what_matters_later(listening: Manager) -> None:
    told = ServiceManager.of({"NOTIFY_SOCKET": listening.address, "WATCHDOG_USEC": "40000"})
    most = int(Path("/proc/sys/net/unix/max_dgram_qlen").read_text()) + 1
    for each in range(most):
        told.tell_status(f"{each}")
    told.ready()
    assert {"READY": "1"} not in listening.read()

    async def scenario() -> None:
        keeping = asyncio.create_task(told.keep_told(lambda: "serving"))
        async with asyncio.timeout(10):
            while {"STATUS": "serving"} not in listening.read():  # noqa: ASYNC110 - a socket of another
                await asyncio.sleep(0.005)
        keeping.cancel()

    asyncio.run(scenario())
    assert listening.messages[most:][:3] == [{"READY": "1"}, {"WATCHDOG": "1"}, {"STATUS": "serving"}]


def test_without_a_manager_nothing_is_told() -> None:
    told = ServiceManager.of({})
    with capture_logs() as logs:
        told.ready()
        asyncio.run(asyncio.wait_for(told.keep_told(lambda: "serving"), 1))
    assert logs == []
