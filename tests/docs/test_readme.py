"""The README's first minute, as pasted: its lines run against a node that began as `./run` begins."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.commands import RENVOI
from tests.support.ports import fixed_port, free_port
from tests.support.waiting import wait_for

README = Path(__file__).parents[2] / "README.md"
AS_IT_STANDS = "RENVOI_TEST_RUN" in os.environ
"""Set where the README's ports and directory are nobody else's: its lines run as they stand, behind `./run`."""
INSTALL_S, SETTLED_S = 120.0, 30.0
DEMO_PORT = 5090
"""Of the demo trunk, which `renvoi try` stands in for."""


@pytest.fixture
def printed(tmp_path: Path) -> Path:
    """Return the file that the node prints to."""
    return tmp_path / "output"


@pytest.fixture
def shell_of_newcomer(tmp_path: Path, printed: Path) -> Iterator[dict[str, str]]:
    """Start a new node; return what stands for the README's fixed words here."""
    port, data = free_port(), tmp_path / "data"
    command, words = ["./run"], {}
    if not AS_IT_STANDS:
        command = [RENVOI, "serve", "--demo-if-new", "--data", str(data)]
        command += ["--http-port", str(port), "--sip-port", str(free_port())]
        words = {
            "http://127.0.0.1:8080": f"http://127.0.0.1:{port}",
            ".venv/bin/renvoi calls": f"{RENVOI} calls --data {data}",
            ".venv/bin/renvoi messages": f"{RENVOI} messages --data {data}",
            ".venv/bin/renvoi try": f"{RENVOI} try --data {data}",
        }
    environment = os.environ if AS_IT_STANDS else os.environ | {"RENVOI_INNER_PORT": "0"}
    with fixed_port(DEMO_PORT), printed.open("wb") as written, (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=README.parent, stdin=subprocess.DEVNULL, stdout=written, stderr=log, env=environment
        )
        try:
            key = wait_for(lambda: re.search(r"rv_\S{56,}", printed.read_text()), "the demo key", INSTALL_S)
            yield {"$KEY": key[0].strip('",'), **words}
        finally:
            process.terminate()
            process.wait(20)


def as_shown(printed: str) -> str:
    """Return what a node printed with what differs from node to node as in the README."""
    for pattern, shown in (
        (r"rv_[^\s\"]+", "rv_…"),
        (r"(API +|curl -s )http://127\.0\.0\.1:\d+", r"\1http://127.0.0.1:8080"),
        (r"(inner +)http://127\.0\.0\.1:\d+", r"\1http://127.0.0.1:8081"),
        (r"(calls +sip:127\.0\.0\.1):\d+", r"\1:5060"),
        (r"http://127\.0\.0\.1:\d+(/sign-in/link\?token=)\S+", r"http://127.0.0.1:8080\1…"),
        (r"(Another link: )\S*renvoi", r"\1/home/me/renvoi/.venv/bin/renvoi"),
        (r"(kept as files in )\S+/mail", r"\1/home/me/renvoi/var/mail"),
        (r"(data +|--data )\S+$", r"\1/home/me/renvoi/var"),
        (r"^(  )\S*renvoi try", r"\1/home/me/renvoi/.venv/bin/renvoi try"),
    ):
        printed = re.sub(pattern, shown, printed, flags=re.MULTILINE)
    return printed.strip()


def output_of(line: str, words: dict[str, str]) -> str:
    """Run a line of the README, which must succeed; return what it prints."""
    for written, here in words.items():
        line = line.replace(written, here)
    done = subprocess.run(
        ["bash", "-c", line], cwd=README.parent, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"{line}: {done.stderr}"
    return done.stdout


def settled(line: str, words: dict[str, str], is_complete: Callable[[str], bool]) -> str:
    """Run a line that shows something until that is complete; return what it prints then."""
    seen: list[str] = []

    def shows() -> bool:
        seen.append(output_of(line, words))
        return is_complete(seen[-1])

    wait_for(shows, lambda: f"all of {line}: {seen[-1]}", SETTLED_S)
    return seen[-1]


def test_the_first_minute(shell_of_newcomer: dict[str, str], printed: Path) -> None:
    """Start, forward, call, disable, call, take a message: each line of the README does what the README says."""
    text = README.read_text()
    blocks = re.findall(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert [block.strip() for block in blocks] == [as_shown(printed.read_text())]
    lines = re.findall(r"^(?:curl|\.venv/bin/renvoi) .*$", text, re.MULTILINE)
    assert [line.split()[0] for line in lines] == ["curl", ".venv/bin/renvoi"] * 3 + [".venv/bin/renvoi"]
    outputs = [output_of(line, shell_of_newcomer) for line in lines[:-1]]
    # What calls leave behind is there soon after them.
    outputs.append(settled(lines[-1], shell_of_newcomer, lambda shown: "+33261910123" in shown))
    outputs.append(settled(".venv/bin/renvoi calls", shell_of_newcomer, lambda shown: shown.count("+33199001234") >= 3))
    shown = re.findall(r"^\{.*\}$", text, re.MULTILINE)
    assert outputs[0].strip() == shown[0]
    assert "INVITE sip:+33644630000@" in outputs[1]
    assert '"code":2' in outputs[2]
    assert "480" in outputs[3]
    assert "INVITE sip:+33644630000@" not in outputs[3]
    assert '"code":4' in outputs[4]
    assert "200 OK" in outputs[5]
    assert "+33261910123" in outputs[6]
    assert outputs[7].count("+33199001234") == 3


def test_every_page_that_is_named_exists() -> None:
    for page in README.parent.glob("docs/*.md"):
        for target in re.findall(r"\]\(([\w./-]+\.md)(?:#[\w-]+)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} names {target}"
    for target in re.findall(r"\]\(([\w./-]+)\)", README.read_text()):
        assert (README.parent / target).exists(), f"README names {target}"
