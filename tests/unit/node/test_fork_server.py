"""What a part is told at its birth, and which descriptors it has then."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from renvoi.node.fork_server import LENGTH, Birth, receive

PLACE = """
import os, sys
from pathlib import Path
from renvoi.node.fork_server import place_descriptors
reader, writer = os.pipe()
other, filled = os.pipe()
os.write(filled, b" swapped ")
# The last two change places.
place_descriptors((writer, reader, other), (1, other, reader))
os.write(1, b"out ")
os.write(2, b"err")
opened = [int(each.name) for each in Path("/proc/self/fd").iterdir() if each.exists()]
said = (os.read(other, 100) + os.read(reader, 100)).decode() + repr(os.read(0, 1))
Path(sys.argv[1]).write_text(said + str(set(opened) == {0, 1, 2, reader, other}))
"""


LOAD = """
import os
from renvoi.node import fork_server
before = os.listdir("/proc/self/fd")
fork_server.load(fork_server.PARTS)
print(len(os.listdir("/proc/self/task")), os.listdir("/proc/self/fd") == before)
"""

MODULES = """
import sys
from renvoi.node import fork_server
fork_server.load(fork_server.PARTS)
before = set(sys.modules)
from fastapi import APIRouter
def count(text: str) -> int:
    return len(text)
APIRouter().add_api_route("/", count)
print(sorted(set(sys.modules) - before))
"""


def sent(birth: Birth, *fds: int) -> socket.socket:
    """Return the end of a connection at which `birth` lies; the other one is closed."""
    ours, theirs = socket.socketpair()
    with theirs:
        body = birth.encoded()
        socket.send_fds(theirs, [LENGTH.pack(len(body))], fds)
        theirs.sendall(body)
    return ours


@pytest.mark.parametrize("value", ["", "é", "\udcff", "two\nlines", "x" * 50_000])
def test_what_is_told_arrives_as_it_was(value: str) -> None:
    birth = Birth(["http", "7"], {"NAME": value}, [7])
    with sent(birth, 0, 1) as connection:
        found, fds = receive(connection)
    for fd in fds:
        os.close(fd)
    assert (found, len(fds)) == (birth, 2)


@pytest.mark.parametrize("text", [b"", b"\0", LENGTH.pack(3), LENGTH.pack(3) + b"[]"])
def test_what_is_cut_short_is_not_taken(text: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(text)
        with pytest.raises(EOFError):
            receive(ours)


def test_descriptors_may_change_places(tmp_path: Path) -> None:
    told = tmp_path / "told"
    subprocess.run([sys.executable, "-c", PLACE, str(told)], input=b"not for it", check=True, timeout=60)
    assert told.read_text() == "out err swapped b''True"


def test_what_parts_share_has_no_thread_and_no_file() -> None:
    """A fork would have it without the thread, and each part would have the one file."""
    done = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["1", "True"]


def test_libraries_load_nothing_more_when_they_are_used() -> None:
    """What `http` loaded for itself would be in the memory of no other part, and with it each page that this writes."""
    done = subprocess.run([sys.executable, "-c", MODULES], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


SHOW = """
import os, sys
from pathlib import Path
from renvoi.node.fork_server import forget_environment, set_title
forget_environment()
for title in sys.argv[1:]:
    set_title(title)
os.environ["LATER"] = "yes"
print(Path("/proc/self/cmdline").read_bytes().rstrip(bytes(1)).decode("utf-8", "replace"))
print(Path("/proc/self/environ").read_bytes().strip(bytes(1)).decode("utf-8", "replace"))
print(os.popen("echo $PASSWORD$LATER").read())
"""


def shown(*titles: str, environment: dict[str, str]) -> list[str]:
    """Return command line and environment as others see them, and what a child has of the latter."""
    root = Path(__file__).parents[3] / "src"
    done = subprocess.run(
        [sys.executable, "-c", SHOW, *titles],
        env={"PYTHONPATH": str(root), "PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("titles", [("short",), ("renvoi.node http 7 8",), ("one that is long", "short"), ("é",)])
def test_a_title_is_shown_and_the_environment_is_not(titles: tuple[str, ...]) -> None:
    assert shown(*titles, environment={"PASSWORD": "hunter2"})[:3] == [titles[-1], "", "yes"]


def test_a_title_has_as_much_room_as_there_is() -> None:
    title = "x" * 100_000
    command_line, environment, inherited = shown(title, environment={"PASSWORD": "hunter2"})[:3]
    assert 1000 < len(command_line) <= len(title)
    assert set(command_line + environment) == {"x"}
    assert inherited == "yes"
