"""A Debian in a directory: commands in it, programs that go on in it, and its boot, by systemd-nspawn."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.node import descendants
from tests.support.waiting import wait_for

INSTALL_S, START_S = 300.0, 90.0
HOME = "/root"
"""The home of root in such a system."""
_NSPAWN = ("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--directory")
_ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": HOME,
    "DEBIAN_FRONTEND": "noninteractive",
}
_DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")


class CommandFailed(Exception):
    """A command in there ended with another exit code than 0; the text is its output."""


def _done(command: Sequence[str], timeout_s: float, accepted: Sequence[int] = (0,)) -> str:
    """Return what a command printed; of one that failed, as was accepted, what it complained of as well."""
    found = subprocess.run(
        command,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=timeout_s,
        check=False,
        text=True,
        errors="replace",
    )
    if found.returncode not in accepted:
        raise CommandFailed(f"{' '.join(command)} ended with {found.returncode}:\n{found.stdout}{found.stderr}")
    return found.stdout if found.returncode == 0 else found.stdout + found.stderr


class Running:
    """What runs in namespaces of a Debian, which has no network but its own loopback."""

    def __init__(self, process: "subprocess.Popen[bytes]", output: Path) -> None:
        self.process, self.output = process, output
        self.leader = wait_for(self._leader, lambda: f"its first process: {self.printed()}", START_S)

    def printed(self) -> str:
        """Return what it has printed so far."""
        return self.output.read_text(errors="replace")

    def run(self, *command: str, timeout_s: float = START_S, accepted: Sequence[int] = (0,)) -> str:
        """Run a command beside it as root; return what that printed.

        Raises:
            CommandFailed: it ended with another exit code than those that are accepted.
        """
        words = [f"{name}={value}" for name, value in _ENVIRONMENT.items()]
        entered = [
            "nsenter",
            "--target",
            str(self.leader),
            "--mount",
            "--uts",
            "--ipc",
            "--net",
            "--pid",
            "--root",
            "--wd",
        ]
        return _done([*_DIES_WITH_US, *entered, "env", "-i", *words, *command], timeout_s, accepted)

    def paste(self, lines: str, directory: str = HOME, timeout_s: float = START_S) -> str:
        """Run lines of a page one after the other, each of which has to succeed."""
        return self.run("sh", "-c", f"set -e\ncd {directory}\n{lines}", timeout_s=timeout_s)

    def _leader(self) -> int | None:
        for pid in descendants(self.process.pid):
            try:
                ids = re.search(r"^NSpid:\s*(.*)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
            except OSError:
                continue
            if ids is not None and ids[1].split()[1:] == ["1"]:
                return pid
        assert self.process.poll() is None, self.printed()
        return None


class Debian:
    """One system in a directory, copied from a bare one."""

    def __init__(self, bare: Path, directory: Path, archives: Path, apt_settings: Path) -> None:
        """Copy it. `archives` keeps packages that were fetched, `apt_settings` leads to where they are."""
        self.directory = directory
        self._bound = f"--bind={archives}:/var/cache/apt/archives"
        (archives / "partial").mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", f"{bare}/.", directory], check=True)
        asked = 'APT::Get::Assume-Yes "true";\n'
        (directory / "etc/apt/apt.conf.d/99machine").write_text(apt_settings.read_text() + asked)
        # As Debian's installer writes it.
        (directory / "etc/hosts").write_text("127.0.0.1\tlocalhost\n127.0.1.1\tbare\n::1\tlocalhost\n")
        (directory / "etc/hostname").write_text("bare\n")

    def install(self, lines: str, directory: str = HOME, timeout_s: float = INSTALL_S) -> str:
        """Paste lines that install Debian packages, with the network."""
        words = [f"--setenv={name}={value}" for name, value in _ENVIRONMENT.items()]
        script = f"set -e\napt-get -q update\ncd {directory}\n{lines}"
        return _done(
            [*_DIES_WITH_US, *_NSPAWN, str(self.directory), self._bound, "--pipe", *words, "sh", "-c", script],
            timeout_s,
        )

    def run(self, *command: str, accepted: Sequence[int] = (0,), options: Sequence[str] = ()) -> str:
        """Run a command without a network as root, with options of systemd-nspawn; return what it printed.

        Raises:
            CommandFailed: it ended with another exit code than those that are accepted.
        """
        return _done([*_DIES_WITH_US, *self._private(), *options, "--pipe", *command], INSTALL_S, accepted)

    @contextmanager
    def running(self, *command: str) -> Iterator[Running]:
        """Have a program run, which is ended by SIGTERM at the end."""
        with self._started("--pipe", "--as-pid2", *command) as running:
            yield running
            running.run("sh", "-c", "kill -TERM 2")
            running.process.wait(START_S)

    @contextmanager
    def booted(self) -> Iterator[Running]:
        """Boot it, and power it off at the end; apt finds what was fetched, and nothing else."""
        with self._started("--boot", self._bound) as running:
            running.run("sh", "-c", "until systemctl list-units >/dev/null 2>&1; do :; done")
            try:
                yield running
            except BaseException as error:
                error.add_note(running.run("journalctl", "--lines", "100", "--output", "cat"))
                raise
            running.run("systemctl", "poweroff")
            running.process.wait(START_S)

    @contextmanager
    def _started(self, *words: str) -> Iterator[Running]:
        output = self.directory.with_suffix(".output")
        with output.open("wb") as written:
            process = subprocess.Popen(
                [*_DIES_WITH_US, *self._private(), *words],
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
            )
        try:
            running = Running(process, output)
            try:
                yield running
            finally:
                # With process 1 all ends that is in its namespaces.
                with suppress(ProcessLookupError):
                    os.kill(running.leader, signal.SIGKILL)
        finally:
            process.kill()
            process.wait()

    def _private(self) -> list[str]:
        words = [f"--setenv={name}={value}" for name, value in _ENVIRONMENT.items()]
        return [*_NSPAWN, str(self.directory), "--private-network", *words]
