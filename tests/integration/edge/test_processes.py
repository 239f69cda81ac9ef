"""Which processes Kamailio has, and what each of them keeps for itself: there are many, so it counts many times."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from renvoi.edge.kamailio import render, rpc
from tests.support.edge import EdgeNode, children
from tests.support.waiting import PATIENCE_S

MOST_KIB = 4.6 * 1024
"""Of its own, for a process. It had 5.3 MiB when each made its router after the fork, and has 3.4 MiB."""


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    directory = tmp_path_factory.mktemp("edge")
    directory.chmod(0o755)
    with EdgeNode(directory) as node:
        yield node


def test_no_timer_but_that_of_the_load_has_a_process_of_its_own(edge: EdgeNode) -> None:
    socket = edge.kamailio.directory / render.RUNTIME / render.SOCKET
    listed = asyncio.run(rpc.call(socket, "core.psx", timeout_s=PATIENCE_S))
    timers = [each["DSC"] for each in listed if each["DSC"].startswith("RTIMER EXEC")]
    assert [re.sub(r".*timer=", "", each) for each in timers] == ["load"]


def test_processes_share_what_they_only_read(edge: EdgeNode) -> None:
    assert edge.process is not None
    own = [_private_kib(pid) for pid in children(edge.process.pid)]
    assert sum(own) / len(own) < MOST_KIB, own


def _private_kib(pid: int) -> int:
    found = re.search(r"^Private_Dirty:\s*(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])
