"""PostgreSQL for tests: temporary clusters made by Debian's package, on free ports of 127.0.0.1.

Each has a superuser `postgres` and a role `renvoi` that owns the databases; both must give a password.
"""

import atexit
import itertools
import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Literal, LiteralString, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from tests.support.node import command_line, descendants
from tests.support.ports import free_port
from tests.support.waiting import wait_for
from tests.support.watchdog import GuardedDirectory

SUPERUSER, ROLE = "postgres", "renvoi"
PASSWORD = "s3cret/of:renvoi@%é"
"""Of both roles; in a URL it must be quoted."""

_PATIENCE_S = 60.0
_UNSAFE = {"fsync": "off", "full_page_writes": "off"}
"""Faster, and safe as long as the machine itself does not fall over, whatever happens to the server."""


def programs() -> Path:
    """Return the directory with the newest PostgreSQL's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    assert found, "no PostgreSQL here: sudo apt-get install postgresql"
    return found[-1].parent


def server_user() -> str | None:
    """Return the user that servers are started as; None for our own: only root must change, as they refuse it."""
    return SUPERUSER if os.geteuid() == 0 else None


class PostgresServer:
    """A data directory with its server, which can be started, stopped and killed."""

    def __init__(self) -> None:
        self.directory = GuardedDirectory("renvoi-postgres-")
        self.home = self.directory.path
        self.data = self.home / "data"
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._names = (f"db_{number}" for number in itertools.count(1))
        if server_user():
            subprocess.run(["chown", SUPERUSER, str(self.home)], check=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, program: str, *words: str, **environment: str) -> None:
        """Run one of PostgreSQL's programs to its end."""
        done = subprocess.run(
            [programs() / program, *words],
            cwd=self.home,
            user=server_user(),
            group=server_user(),
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"} | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_S,
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> Self:
        """Start the server, and wait until it takes connections."""
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.home}
        flags = itertools.chain.from_iterable(("-c", f"{name}={value}") for name, value in settings.items())
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [programs() / "postgres", "-D", self.data, *flags],
                cwd=self.data,
                user=server_user(),
                group=server_user(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(self._is_ready, "the start of PostgreSQL", _PATIENCE_S)
        return self

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        # The file of a server that was killed stays until the next one writes its own.
        return len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() in ("ready", "standby")

    def log(self) -> str:
        """Return the last things that the server wrote."""
        return (self.home / "log").read_text("utf-8", "replace")[-3000:]

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop the server: connections are cut, `immediate` does not even write down what is in memory."""
        self._end(signal.SIGINT if mode == "fast" else signal.SIGQUIT)

    def kill(self) -> None:
        """Kill the server with SIGKILL; its backends notice, and end."""
        assert self.process is not None
        backends = descendants(self.process.pid)
        self._end(signal.SIGKILL)
        wait_for(lambda: not any(map(command_line, backends)), "the end of the backends", _PATIENCE_S)

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(_PATIENCE_S)
            self.process = None

    def freeze(self) -> None:
        """Stop the server and its backends where they are: whoever asks gets neither an answer nor an error."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the server go on after `freeze`."""
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        assert self.process is not None
        for pid in (self.process.pid, *descendants(self.process.pid)):
            # A backend may end by itself in between.
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def restart(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop the server, and start it again on the same port."""
        self.stop(mode)
        self.start()

    def close(self) -> None:
        """End the server, and remove its data."""
        self.directory.close()
        if self.process is not None:
            self.process.wait(_PATIENCE_S)

    def url(self, database: str = SUPERUSER, user: str = ROLE) -> str:
        """Return a database's URL, password included."""
        return f"postgresql://{user}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{database}"

    def admin(self, database: str = SUPERUSER) -> psycopg.Connection[tuple[Any, ...]]:
        """Connect as the superuser; every statement commits."""
        return psycopg.connect(self.url(database, SUPERUSER), autocommit=True)

    def query(self, statement: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement as the superuser; return its rows."""
        with self.admin() as connection:
            return connection.execute(statement, values).fetchall()

    def configure(self, **settings: str) -> None:
        """Change settings that take effect at once, for good."""
        with self.admin() as connection:
            for name, value in settings.items():
                change = sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
                connection.execute(change)
            connection.execute("SELECT pg_reload_conf()")

    def terminate_backends(self) -> int:
        """Cut all connections of the role `renvoi`; return how many there were."""
        statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s"
        return len(self.query(statement, ROLE))

    def create_database(self, template: str | None = None) -> str:
        """Make a database, empty or a copy of `template`; return its name."""
        name = next(self._names)
        with self.admin() as connection:
            words = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
            connection.execute(words.format(*map(sql.Identifier, (name, ROLE, template or "template1"))))
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        with self.admin() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


class PostgresCluster(PostgresServer):
    """A new cluster, started.

    `durable`: commits are on disk, as in service; else in the system's memory, which is faster.
    """

    def __init__(self, *, durable: bool = True, settings: Mapping[str, str] | None = None) -> None:
        super().__init__()
        try:
            self._make({} if durable else _UNSAFE, settings or {})
            self.start()
            with self.admin() as connection:
                role = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(ROLE), sql.Literal(PASSWORD))
                connection.execute(role)
        except BaseException:
            self.close()
            raise

    def _make(self, *settings: Mapping[str, str]) -> None:
        password = self.home / "password"
        password.write_text(PASSWORD, "utf-8")
        flags = ("--no-sync", "--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--locale=C.UTF-8")
        self.run("initdb", f"--pgdata={self.data}", f"--username={SUPERUSER}", *flags)
        chosen = {
            "max_connections": "200",
            "shared_buffers": "32MB",
            # In the data directory, which goes, not in /dev/shm, where a killed server leaves it.
            "dynamic_shared_memory_type": "mmap",
            "autovacuum_naptime": "5min",
            # How long two wait for each other before the server has a look: with the usual second tests take long.
            "deadlock_timeout": "50ms",
        }
        for each in settings:
            chosen |= each
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in chosen.items())


@cache
def shared_cluster() -> PostgresCluster:
    """Return a cluster that lives as long as this process, for tests that leave it running."""
    cluster = PostgresCluster(durable=False)
    atexit.register(cluster.close)
    return cluster
