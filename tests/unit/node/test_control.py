"""The control socket."""

import asyncio
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from renvoi.node.supervisor import control


async def _status() -> Mapping[str, object]:
    return {"parts": {"http": "running"}}


async def _broken() -> Mapping[str, object]:
    raise RuntimeError("the edge is away")


async def _slow() -> Mapping[str, object]:
    await asyncio.Event().wait()
    return {}


HANDLERS = {"status": _status, "reload-trunks": _broken, "slow": _slow}


def test_a_question_is_answered_in_a_directory_of_any_depth(tmp_path: Path) -> None:
    """A socket's address has 108 bytes at most, a data directory may lie deeper."""
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)

    async def scenario() -> None:
        async with control.serve_control(deep, HANDLERS):
            assert (await control.ask(deep, "status", 5))["parts"] == {"http": "running"}
            assert stat.S_IMODE((deep / control.SOCKET_NAME).stat().st_mode) == 0o600
        assert not (deep / control.SOCKET_NAME).exists()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("what", "reason"), [("reload-trunks", "the edge is away"), ("nonsense", "give one of"), ("slow", "within 0.1 s")]
)
def test_what_cannot_be_done_is_told(tmp_path: Path, what: str, reason: str) -> None:
    async def scenario() -> None:
        async with control.serve_control(tmp_path, HANDLERS):
            with pytest.raises(control.ControlError, match=reason):
                await control.ask(tmp_path, what, 0.1 if what == "slow" else 5)

    asyncio.run(scenario())


def test_no_node_is_told_from_a_broken_one(tmp_path: Path) -> None:
    """Neither a missing directory nor a socket that a killed node left behind is an error of the node."""
    with pytest.raises(control.NoNode):
        asyncio.run(control.ask(tmp_path / "nowhere", "status", 5))

    async def leave_behind() -> None:
        server = await asyncio.start_unix_server(lambda _r, w: w.close(), tmp_path / control.SOCKET_NAME)
        server.close()
        await server.wait_closed()

    asyncio.run(leave_behind())
    with pytest.raises(control.NoNode):
        asyncio.run(control.ask(tmp_path, "status", 5))
