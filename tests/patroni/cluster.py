"""PostgreSQL with a standby by Patroni and etcd, as docs/guide/postgresql.md sets it up, on addresses of loopback."""

import json
import os
import random
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

import psycopg

from tests.support.guide import files, here, run_blocks
from tests.support.node import command_line, descendants
from tests.support.postgres import programs, server_user
from tests.support.waiting import wait_for
from tests.support.watchdog import GuardedDirectory

PAGE = "postgresql.md"
START_S, TAKE_OVER_S = 60.0, 60.0
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
ADDRESSES = {"db1": "10.0.0.11", "db2": "10.0.0.12", "db3": "10.0.0.13"}


class PatroniCluster:
    """Three etcd and two PostgreSQL with Patroni; everything ends with it."""

    def __init__(self) -> None:
        self._directory = GuardedDirectory("renvoi-patroni-")
        self.home = self._directory.path
        # Every address of 127.0.0.0/8 is this machine's, so the guide's ports can stay as they are.
        network = f"127.{random.randrange(16, 255)}.{random.randrange(255)}."
        self._words = {
            # Connections to them come from 127.0.0.1.
            "10.0.0.0/24": "127.0.0.0/8",
            "10.0.0.": network,
            "/usr/lib/postgresql/15/bin": str(programs()),
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        if server_user():
            subprocess.run(["chown", str(server_user()), str(self.home)], check=True)

    def __enter__(self) -> Self:
        try:
            self._start_etcd()
            self.start("db1")
            wait_for(lambda: self.role("db1") == "leader", lambda: f"the leader: {self.log('db1')}", START_S)
            self.start("db2")
            wait_for(lambda: self.role("db2") == "sync_standby", lambda: f"the standby: {self.log('db2')}", START_S)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all, and remove what they left."""
        self._directory.close()
        for process in self._running.values():
            process.wait()

    def words_of(self, name: str) -> Mapping[str, str]:
        """Return what stands here for the words of the guide, for the machine of that name."""
        home = self.home / name
        return {
            "=db1\n": f"={name}\n",
            "name: db1\n": f"name: {name}\n",
            **{f"{key}http://10.0.0.11": f"{key}http://{ADDRESSES[name]}" for key in _OWN_URLS},
            **{f"{key}: 10.0.0.11": f"{key}: {ADDRESSES[name]}" for key in ("listen", "connect_address")},
            "/run/postgresql": str(home),
            "/var/lib/etcd/renvoi": f"{home}/etcd",
            "/var/lib/postgresql/renvoi": f"{home}/data",
            "/etc/patroni/config.yml": f"{home}/config.yml",
            **self._words,
        }

    def _start_etcd(self) -> None:
        (settings,) = files(PAGE, "etcd")
        for name in ADDRESSES:
            (self.home / name).mkdir()
            if server_user():
                subprocess.run(["chown", str(server_user()), str(self.home / name)], check=True)
            lines = here(settings, self.words_of(name)).splitlines()
            self._run(
                name,
                "etcd",
                ["/usr/bin/etcd"],
                {name: value for name, _, value in (line.partition("=") for line in lines)},
            )

    def start(self, name: str) -> None:
        """Start Patroni on a machine, with its database."""
        (settings,) = files(PAGE, "Patroni")
        file = self.home / name / "config.yml"
        file.write_text(here(settings, self.words_of(name)), "utf-8")
        self._run(name, "patroni", ["/usr/bin/patroni", str(file)], {})

    def _run(self, name: str, program: str, command: list[str], environment: Mapping[str, str]) -> None:
        with (self.home / name / f"{program}.log").open("ab") as log:
            self._running[f"{program} {name}"] = subprocess.Popen(
                command,
                cwd=self.home / name,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.home), **environment},
                user=server_user(),
                group=server_user(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def log(self, name: str) -> str:
        """Return the last things that Patroni wrote on a machine."""
        return (self.home / name / "patroni.log").read_text("utf-8", "replace")[-3000:]

    def members(self) -> list[dict[str, Any]]:
        """Return what the guide's command lists."""
        (command,) = run_blocks(PAGE, "Patroni")
        line = here(command, self.words_of("db2" if "patroni db2" in self._running else "db1")).strip()
        done = subprocess.run([*line.split(), "--format", "json"], capture_output=True, text=True, check=False)
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout else []

    def role(self, name: str) -> str:
        """Return a machine's role while its database runs, "" else."""
        for each in self.members():
            if each["Member"] == name and each["State"] in ("running", "streaming"):
                return str(each["Role"]).lower().replace(" ", "_")
        return ""

    def kill(self, name: str) -> None:
        """Kill Patroni and its database at once, as when their machine dies."""
        patroni = self._running[f"patroni {name}"]
        pid_file = self.home / name / "data" / "postmaster.pid"
        postmaster = int(pid_file.read_text().splitlines()[0])
        for pid in (patroni.pid, postmaster, *descendants(postmaster)):
            # Those of a postmaster that has gone end by themselves.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        patroni.wait()

    def hold_back(self, name: str) -> None:
        """Freeze what sends changes at a leader, until its death: its next ones are nowhere else."""
        postmaster = int((self.home / name / "data" / "postmaster.pid").read_text().splitlines()[0])
        (sender,) = (pid for pid in descendants(postmaster) if "walsender" in command_line(pid))
        os.kill(sender, signal.SIGSTOP)

    def waiting_commits(self, name: str) -> int:
        """Return how many commits wait for the standby at the leader."""
        host = here(ADDRESSES[name], self._words)
        with psycopg.connect(host=host, user="postgres", password="SUPERUSER-PASSWORD", dbname="postgres") as leader:
            (found,) = leader.execute(_WAITING).fetchone() or (0,)
        return int(found)

    def paste(self, script: str) -> None:
        """Run a block of the guide."""
        script = here(script, self._words)
        done = subprocess.run(["bash", "-ec", script], capture_output=True, text=True, check=False, timeout=START_S)
        assert done.returncode == 0, f"{script}: {done.stderr}"

    def url(self) -> str:
        """Return the URL that the guide gives renvoi's nodes."""
        (settings,) = files(PAGE, "The database")
        return here(settings, self._words).split('"')[1]


_OWN_URLS = (
    "ETCD_INITIAL_ADVERTISE_PEER_URLS=",
    "ETCD_LISTEN_CLIENT_URLS=",
    "ETCD_ADVERTISE_CLIENT_URLS=",
    "ETCD_LISTEN_PEER_URLS=",
)
