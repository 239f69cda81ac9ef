"""What a supervisor that is killed leaves behind: nothing; and who knows its secrets: nobody who was not given them."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.memory import memory_has
from tests.support.node import command_line, descendants, is_alive
from tests.support.waiting import wait_for

PARTS = "tests.support.forked_parts"
WATCHWORD = "w4tchw0rd"
SUPERVISOR = f"""
import asyncio
from pathlib import Path
from renvoi.node import fork_server
first = fork_server.begin({PARTS!r})
# As settings are read: after that.
password = Path(__file__).with_name("password").read_text()

from renvoi import logs
from renvoi.node.supervisor.forks import Forks
from renvoi.node.parts.processes import Command

logs.configure("json", "error")

async def main():
    forks = Forks(first, {PARTS!r})
    forks.start()
    environment = {{"PASSWORD": password}}
    knowing = await forks.run(Command(("wait",), environment, run=forks.run))
    other = await forks.run(Command(("wait",), {{}}, run=forks.run))
    # Both have begun, not only been made.
    for process in (knowing, other):
        await process.stdout.readline()
    print(first.pid, knowing.pid, other.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
"""A program that has secrets, a fork server, a part that is given one, and a part that is given none."""


def supervise(tmp_path: Path, **environment: str) -> tuple["subprocess.Popen[bytes]", list[int]]:
    """Start `SUPERVISOR`; return it with the ids of what it has started."""
    script = tmp_path / "supervisor.py"
    script.write_text(SUPERVISOR)
    (tmp_path / "password").write_text(WATCHWORD)
    root = Path(__file__).parents[3]
    given = {**os.environ, "PYTHONPATH": f"{root / 'src'}:{root}", **environment}
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, env=given)
    assert process.stdout is not None
    return process, [int(word) for word in process.stdout.readline().split()]


@pytest.mark.parametrize("killed", ["supervisor", "fork server and supervisor"])
def test_nothing_outlives_a_supervisor_that_is_killed(tmp_path: Path, killed: str) -> None:
    process, pids = supervise(tmp_path)
    with process:
        assert all(map(is_alive, pids))
        assert set(pids) <= set(descendants(process.pid))
        if killed.startswith("fork server"):
            os.kill(pids[0], signal.SIGKILL)
            wait_for(lambda: not is_alive(pids[0]), "the end of the fork server")
            assert all(map(is_alive, pids[1:]))
        process.kill()
    wait_for(lambda: not any(map(is_alive, pids)), "the end of the orphans")


@pytest.mark.parametrize("given", [{}, {"RENVOI_SMTP_URL": WATCHWORD * 1000}], ids=len)
def test_secrets_are_known_to_nobody_who_was_not_given_them(tmp_path: Path, given: Mapping[str, str]) -> None:
    """Neither to the fork server nor to a part, in memory or environment; whether or not it shares the memory."""
    process, (server, knowing, other) = supervise(tmp_path, **given)
    with process:
        try:
            assert command_line(server).strip() == "renvoi.node fork-server"
            assert memory_has(knowing, WATCHWORD)
            assert not memory_has(server, WATCHWORD)
            assert not memory_has(other, WATCHWORD)
            for pid in (server, knowing, other):
                assert not Path(f"/proc/{pid}/environ").read_bytes().strip(b"\0")
        finally:
            process.kill()
