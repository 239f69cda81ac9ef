"""PgBouncer for tests: Debian's, in transaction mode, in front of a cluster."""

import atexit
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from functools import cache
from typing import Self
from urllib.parse import quote

import psycopg

from tests.support.ports import free_port
from tests.support.postgres import PASSWORD, ROLE, PostgresServer, server_user, shared_cluster
from tests.support.waiting import wait_for
from tests.support.watchdog import GuardedDirectory


class PgBouncer:
    """A pooler for the databases of `server`, started. `settings` are those of its section [pgbouncer]."""

    def __init__(self, server: PostgresServer, settings: Mapping[str, str] | None = None) -> None:
        self._server = server
        self._directory = GuardedDirectory("renvoi-pgbouncer-")
        self._home = self._directory.path
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        try:
            self._configure(settings or {})
            self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _configure(self, settings: Mapping[str, str]) -> None:
        chosen = {
            "listen_addr": "127.0.0.1",
            "listen_port": str(self.port),
            "unix_socket_dir": "",
            "auth_type": "scram-sha-256",
            "auth_file": f"{self._home}/users",
            "admin_users": ROLE,
            "pool_mode": "transaction",
            "default_pool_size": "10",
            "max_client_conn": "200",
            # As we advise (docs/operating/nodes.md): else clients wait for two minutes for a server that is away,
            # and it looks only each 15 s whether it came back.
            "query_wait_timeout": "3",
            "server_login_retry": "1",
            **settings,
        }
        lines = ["[databases]", f"* = host=127.0.0.1 port={self._server.port}", "[pgbouncer]"]
        lines += [f"{name} = {value}" for name, value in chosen.items()]
        (self._home / "pgbouncer.ini").write_text("\n".join(lines) + "\n", "utf-8")
        (self._home / "users").write_text(f'"{ROLE}" "{PASSWORD}"\n', "utf-8")

    def start(self) -> Self:
        """Start it, and wait until it takes connections."""
        program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin")
        assert program is not None, "no PgBouncer here: sudo apt-get install pgbouncer"
        with (self._home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [program, self._home / "pgbouncer.ini"],
                cwd=self._home,
                user=server_user(),
                group=server_user(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(self._is_ready, "the start of PgBouncer", 60)
        return self

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self._home / "log").read_text("utf-8", "replace")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        """End it, and remove its directory."""
        self._directory.close()
        if self.process is not None:
            self.process.wait()

    def forget_connections(self) -> None:
        """Have it give nobody a connection that it has now: the server may have ended one, and it not know yet."""
        with psycopg.connect(self.url("pgbouncer"), autocommit=True) as console:
            console.execute("RECONNECT")

    def url(self, database: str) -> str:
        """Return a database's URL through the pooler, password included."""
        return f"postgresql://{ROLE}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{database}"


@cache
def shared_pgbouncer() -> PgBouncer:
    """Return a pooler before the shared cluster that lives as long as this process."""
    pooler = PgBouncer(shared_cluster())
    atexit.register(pooler.close)
    return pooler
