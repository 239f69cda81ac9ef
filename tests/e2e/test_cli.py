"""The program as installed: the first minute of a newcomer, and what a node does when parts of it die."""

import json
import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import RENVOI
from tests.support.memory import memory_has
from tests.support.ports import free_port
from tests.support.waiting import wait_for

DEADLINE_S = 30.0
NUMBER, TARGET, OTHER_TARGET = "+33199001234", "+33199005678", "+33199005679"


def _environment() -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RENVOI_")}
    return clean | {"RENVOI_INNER_PORT": "0"}


@dataclass
class RunningNode:
    """A node, and the ways to talk to it."""

    process: subprocess.Popen[str]
    data: Path
    sip_port: int
    output: list[str] = field(default_factory=list)

    def cli(self, *words: str, code: int = 0, **variables: str) -> Any:
        """Run a command with `--json` on the node's data; return its document, or stderr when it shall fail."""
        command = [RENVOI, *words, "--data", str(self.data), "--json"]
        environment = _environment() | variables
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)
        assert ran.returncode == code, ran.stderr
        return json.loads(ran.stdout) if code == 0 else ran.stderr

    @property
    def url(self) -> str:
        return next(line.split()[1] for line in self.output if line.startswith("API"))

    @property
    def inner(self) -> str:
        """What the inner listener's paths begin with."""
        line = next(line for line in self.output if line.startswith("inner"))
        return line.split()[1].removesuffix("/readyz")

    def ready(self) -> dict[str, Any]:
        """Return what `/readyz` says in detail, whatever its status."""
        return self.get(f"{self.inner}/readyz")

    def get(self, url: str) -> dict[str, Any]:
        """Return the document at `url`, whatever its status."""
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            with error:
                return dict(json.load(error))

    def pids(self) -> dict[str, int]:
        """Return the process ids of the parts, by the supervisor's own children."""
        found = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rsplit(")", 1)[1].split()
                words = (path.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode().split()
            except OSError:
                continue
            if int(fields[1]) == self.process.pid and fields[0] != "Z":
                name = "edge" if "kamailio" in words[0] else words[1] if words[0] == "renvoi.node" else "?"
                found[name] = int(path.parent.name)
        return found


@contextmanager
def _serve(data: Path, *flags: str) -> Iterator[RunningNode]:
    sip_port = free_port()
    command = [RENVOI, "serve", "--data", str(data), "--http-port", "0", "--sip-port", str(sip_port), *flags]
    log = data.with_suffix(".log")
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=_environment()) as process,
    ):
        node = RunningNode(process, data, sip_port)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                node.output.append(line.rstrip("\n"))
                if line.startswith("data "):
                    break
            else:
                pytest.fail(log.read_text())
            if "--demo-if-new" in flags:
                while not node.output[-1].startswith("  ") or " try " not in node.output[-1]:
                    node.output.append(process.stdout.readline().rstrip("\n"))
            yield node
        finally:
            process.terminate()
            try:
                process.wait(DEADLINE_S)
            finally:
                process.kill()


def test_the_first_minute(tmp_path: Path) -> None:
    """Start, paste the curl line, try, change the rule, try again: as the README has it."""
    with _serve(tmp_path / "var", "--demo-if-new") as node:
        assert node.ready()["status"] == "ready"
        # The demo trunk's port may be somebody else's on a machine that runs tests side by side.
        node.cli("trunk", "remove", "demo-out")
        node.cli("trunk", "add", "demo-out", "--outbound", f"sip:127.0.0.1:{free_port()}")
        refused = node.cli("try", NUMBER)
        assert refused["status"] == 480
        assert (refused["record"]["decision"], refused["record"]["reason"]) == ("reject", "disabled")
        curl = next(line for line in node.output if line.startswith("  curl"))
        answered = subprocess.run(["sh", "-c", curl], capture_output=True, text=True, timeout=30, check=True).stdout
        assert json.loads(answered)["code"] == 3
        _assert_forwarded(node.cli("try", NUMBER, "--from", "+33199009999"), TARGET, 1)
        node.cli("forward", NUMBER, "--to", OTHER_TARGET)
        _assert_forwarded(node.cli("try", NUMBER, "--from", "+33199009999"), OTHER_TARGET, 2)
        calls = node.cli("calls", "--number", NUMBER)
        assert [call["decision"] for call in calls] == ["forward", "forward", "reject"]
        assert all(call["ended_at"] for call in calls)
        _stop_and_check(node)


def _assert_forwarded(trial: dict[str, Any], target: str, revision: int) -> None:
    assert (trial["status"], trial["note"]) == (200, None)
    asked = next(m for m in trial["messages"] if m["receiver"] == "trunk" and m["line"].startswith("INVITE"))
    assert asked["line"].startswith(f"INVITE sip:{target}@127.0.0.1:")
    assert "+33199009999" in asked["headers"]["From"]
    assert asked["headers"]["Diversion"].startswith(f"<sip:{NUMBER}@")
    record = trial["record"]
    assert (record["decision"], record["target"], record["revision"]) == ("forward", target, revision)
    assert (record["status"], record["hung_up_by"], record["last_known"]) == (200, "caller", False)


def _stop_and_check(node: RunningNode) -> None:
    """SIGTERM ends everything, with exit code 0."""
    pids = node.pids()
    assert set(pids) == {"fork-server", "http", "collector", "edge", "mailer", "voicemail"}
    node.process.terminate()
    assert node.process.wait(DEADLINE_S) == 0
    assert not [pid for pid in pids.values() if Path(f"/proc/{pid}").exists()]


def test_trunks_are_in_force_when_the_command_returns(tmp_path: Path) -> None:
    """Without its inbound trunk the next call is a stranger's, who gets no answer; with it again, it is not."""
    with _serve(tmp_path / "var", "--demo-if-new") as node:
        node.cli("trunk", "remove", "demo-in")
        refused = node.cli("try", NUMBER, code=1)
        assert "there is no inbound trunk: `renvoi trunk add try --inbound 127.0.0.1/32` admits it" in refused
        node.cli("trunk", "add", "elsewhere", "--inbound", "192.0.2.0/24")
        assert "no inbound trunk has the address 127.0.0.1" in node.cli("try", NUMBER, code=1)
        node.cli("trunk", "add", "me", "--inbound", "127.0.0.0/8")
        assert node.cli("try", NUMBER)["status"] == 480


def test_commands_say_what_is_true_of_the_running_node(tmp_path: Path) -> None:
    """It has settings from flags that they are not given, no outbound trunk, and one command looks elsewhere."""
    elsewhere = {"RENVOI_DATABASE_URL": "postgresql://renvoi:hunter2@127.0.0.1:1/other"}
    with _serve(tmp_path / "var", "--demo-if-new") as node:
        found = {finding["name"]: finding for finding in node.cli("check")}
        assert found["node"]["ok"]
        assert f"RENVOI_SIP_PORT is {node.sip_port} there, 5060 here" in found["node"]["text"]
        assert not {"HTTP port", "SIP port", "node's settings"} & found.keys()
        node.cli("forward", NUMBER, "--to", TARGET)
        assert node.cli("explain", NUMBER, "--from", "x")["notes"] == []
        node.cli("trunk", "remove", "demo-out")
        (note,) = node.cli("explain", NUMBER, "--from", "x")["notes"]
        assert note.startswith("the caller gets 503, as there is no outbound trunk: `renvoi trunk add")
        trial = node.cli("try", NUMBER)
        assert (trial["status"], trial["note"].partition(":")[0]) == (503, "there is no outbound trunk")
        for words in (("try", NUMBER), ("explain", NUMBER, "--from", "x")):
            refused = node.cli(*words, code=1, **elsewhere)
            assert refused.startswith("renvoi: the running node has another store: RENVOI_DATABASE_URL is sqlite:///")
            assert "hunter2" not in refused
        command = [RENVOI, "check", "--data", str(node.data)]
        environment = _environment() | elsewhere
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)
        assert ran.returncode == 1
        assert "note  node's settings: RENVOI_DATABASE_URL is sqlite:///" in ran.stdout
        assert "FAULT store: " in ran.stdout
        assert "hunter2" not in ran.stdout + ran.stderr


def test_parts_that_die_come_back_and_none_outlives_the_supervisor(tmp_path: Path) -> None:
    with _serve(tmp_path / "var", "--demo-if-new") as node:
        before = node.pids()
        for name in ("fork-server", "edge", "collector"):
            os.kill(before[name], signal.SIGKILL)
        wait_for(lambda: node.ready()["status"] != "ready", "the bad news on /readyz")
        wait_for(lambda: node.ready()["status"] == "ready", "the return of the parts", 30)
        assert node.pids()["http"] == before["http"]
        assert node.cli("try", NUMBER)["status"] == 480
        os.kill(before["http"], signal.SIGKILL)
        # The supervisor holds both listening sockets: a request waits for the new process rather than being refused.
        assert node.get(f"{node.url}/readyz") == {"status": "ready"}
        assert node.ready()["parts"]["api"] == {"state": "ok", "detail": ""}
        after = node.pids()
        node.process.kill()
        node.process.wait(DEADLINE_S)
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in after.values()), "the end of the orphans", 10)


def test_only_the_mailer_gets_the_secrets_of_mail(tmp_path: Path) -> None:
    """In no way: what they have is in their memory. None gets the edge's."""
    data = tmp_path / "var"
    data.mkdir()
    (data / "renvoi.toml").touch(0o600)
    (data / "renvoi.toml").write_text("smtp_url = 'smtps://user:watchword@127.0.0.1:1'\n")
    with _serve(data, "--demo-if-new") as node:
        for name, pid in node.pids().items():
            assert memory_has(pid, "watchword") == (name == "mailer"), name


def test_what_is_taken_is_refused_in_one_line(tmp_path: Path) -> None:
    with _serve(tmp_path / "var", "--no-calls") as node:
        parts = node.ready()["parts"]
        assert (node.ready()["status"], parts["edge"]["state"]) == ("ready", "absent")
        node.cli("demo")
        assert "the edge is absent: started with --no-calls" in node.cli("try", NUMBER, code=1)
        taken = node.url.rsplit(":", 1)[1]
        other = tmp_path / "other"
        _assert_refused(["--data", str(node.data)], "another `renvoi serve` runs on")
        _assert_refused(["--data", str(other), "--http-port", taken], f"HTTP port {taken} on 127.0.0.1 is in use")
        inner = node.inner.rsplit(":", 1)[1]
        flags = ["--data", str(other), "--http-port", "0"]
        reason = f"inner port {inner} on 127.0.0.1 is in use by another program: stop it, or set RENVOI_INNER_PORT"
        _assert_refused(flags, reason, RENVOI_INNER_PORT=inner)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", 0))
            port = str(udp.getsockname()[1])
            flags = ["--data", str(other), "--http-port", "0", "--sip-port", port]
            _assert_refused(flags, f"SIP port {port} on 127.0.0.1 is in use")
        assert not (other / "renvoi.db").exists()


def _assert_refused(flags: list[str], reason: str, **settings: str) -> None:
    environment = _environment() | settings
    ran = subprocess.run(
        [RENVOI, "serve", *flags], capture_output=True, text=True, timeout=60, env=environment, check=False
    )
    assert ran.returncode == 1
    assert reason in ran.stderr
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "streams", "code", "said"),
    [
        ("account list", ">/dev/full", 1, "the output cannot be written: No space left on device"),
        ("account list --json", ">/dev/full", 1, "the output cannot be written: No space left on device"),
        ("--help", ">/dev/full", 1, "the output cannot be written: No space left on device"),
        ("account list", ">&-", 0, ""),
        ("account show nobody", ">&-", 1, "there is no account"),
        ("number import - --account acme", "<&-", 1, "standard input: line 1 is ''"),
        ("account list", ">&- 2>&- <&-", 0, ""),
    ],
)
def test_a_command_whose_streams_are_full_or_closed(
    tmp_path: Path, words: str, streams: str, code: int, said: str
) -> None:
    """One line says so, where anything is to be said; a file that is opened never takes the place of a stream."""
    environment = _environment() | {"RENVOI_DATA_DIR": str(tmp_path)}
    subprocess.run([RENVOI, "account", "add", "acme"], env=environment, check=True, capture_output=True)
    ran = subprocess.run(
        ["/bin/sh", "-c", f'"$0" {words} {streams}', RENVOI],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    assert (ran.returncode, ran.stdout) == (code, "")
    assert len(ran.stderr.splitlines()) == (1 if said else 0), ran.stderr
    assert said in ran.stderr
