"""A Kamailio of its own for a test, with a store that the test fills by hand."""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import sql

from renvoi.adapters.sql.schema_setup import prepare_database
from renvoi.application.ports.trunks import Trunks
from renvoi.documents.number_row import rule_values
from renvoi.documents.policy_document import policy_values
from renvoi.domain.access.account_policy import AccountPolicy
from renvoi.domain.access.limits import NO_LIMITS, AccountLimits
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Otherwise, Rule, RuleType
from renvoi.domain.trunks.digest import Credentials
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from renvoi.edge.config import EdgeConfig
from renvoi.edge.kamailio import render, rpc, trunk_state
from renvoi.edge.kamailio.process import Kamailio
from renvoi.edge.kamailio.render import Addresses
from renvoi.edge.kamailio.rpc import EdgeSilent
from renvoi.edge.kamailio.trunk_state import DestinationState
from renvoi.edge.router.overload_control import REFUSED_SHARE
from renvoi.edge.sandbox import edge_user
from renvoi.node.parts.edge import Edge
from tests.support.keys import new_keys
from tests.support.ports import free_port
from tests.support.postgres import PASSWORD, PostgresServer
from tests.support.rules import fallbacks
from tests.support.sip import Phone, options
from tests.support.sip_message import Address
from tests.support.stores import make_sqlite
from tests.support.waiting import PATIENCE_S, wait_for

READY_S = 60.0
_ACCOUNT = "INSERT INTO accounts (id, name, locale, region, created_at_ms) VALUES (1, 'test', 'en', 'FR', 0)"
LOOPBACK = InboundTrunk("carrier", (parse_network("127.0.0.0/8"),))


class PatientKamailio(Kamailio):
    """One that is asked by tests: a busy machine must not be taken for an edge that is silent."""

    async def _call(self, method: str, *parameters: str | int, timeout_s: float = PATIENCE_S) -> Any:
        return await super()._call(method, *parameters, timeout_s=timeout_s)


RUNNING: list["EdgeNode"] = []
"""Those whose logs are shown with a test that fails (tests/integration/edge/conftest.py)."""


class EdgeNode:
    """A store, a spool and a Kamailio between them, in `directory`."""

    def __init__(
        self,
        directory: Path,
        outbound: Iterable[OutboundTrunk] = (),
        inbound: Iterable[InboundTrunk] = (LOOPBACK,),
        *,
        database: str | None = None,
        store: str | None = None,
        **settings: Any,
    ) -> None:
        """Make a SQLite store, or connect to the PostgreSQL `store`, which the edge opens as `database`."""
        self.directory = directory
        self.trunks = Trunks(1, tuple(inbound), tuple(outbound))
        self.keys = new_keys()
        self.credentials: dict[str, Credentials] = {}
        self.callers: dict[str, Credentials] = {}
        # Tests that play a worker of the voicemail are held up for longer than one is: it may be silent as a trunk may.
        given = {"memory_mib": 64, "workers": 2, "probe_interval_s": 1, "voicemail_answer_ms": 4000}
        settings = {"port": free_port(), **given, **settings}
        path = directory / "renvoi.db"
        self._store_url = store or ""
        self._store: Any = connect_store(store) if store else _make_store(path)
        self.config = EdgeConfig(directory / "edge", database or f"sqlite:///{path}", directory / "spool", **settings)
        self.kamailio = PatientKamailio(self.config, edge_user())
        self.address: Address = (self.config.contact_host, self.config.port)
        self.log = directory / "kamailio.log"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        RUNNING.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        RUNNING.remove(self)
        self.stop()
        self._store.close()
        # Faults of our own configuration, whatever peers sent: each would be a line of the log for each call.
        faults = [line for line in self.logged().splitlines() if "right pvar" in line or "assignment failed" in line]
        assert not faults, faults[:5]

    def start(self) -> None:
        """Start Kamailio and wait until it answers."""
        self.kamailio.prepare(self.trunks, self.keys)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.kamailio.command(),
                cwd=self.kamailio.directory,
                env=self.kamailio.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        wait_for(self._answers, lambda: f"the edge's start ({self.logged()})", READY_S)

    def stop(self) -> None:
        """End Kamailio and everything it started."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def kill(self) -> None:
        """End Kamailio's main process as a crash would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.logged()
        # The process that accepts TCP is the last one to be started.
        with contextlib.suppress(EdgeSilent, OSError, TimeoutError), Phone("tcp", self.address[0]) as phone:
            asyncio.run(self.kamailio.probe(PATIENCE_S))
            asyncio.run(self.kamailio.take_credentials(self.credentials))
            asyncio.run(self.kamailio.take_callers(self.callers))
            options(phone, self.address)
            return all(map(self._has_spool, children(self.process.pid)))
        return False

    def _has_spool(self, pid: int) -> bool:
        """Tell whether a process has opened everything; the first answers come from the quickest ones."""
        with contextlib.suppress(FileNotFoundError):
            return any(fd.readlink() == self.config.spool for fd in Path(f"/proc/{pid}/fd").iterdir())
        return False

    def pids(self) -> set[int]:
        """Return the ids of all of Kamailio's processes."""
        assert self.process is not None
        main = self.process.pid
        return {main, *children(main)}

    def reload(
        self,
        *outbound: OutboundTrunk,
        inbound: Iterable[InboundTrunk] = (LOOPBACK,),
        found: Addresses | None = None,
    ) -> None:
        """Replace the trunks while Kamailio runs; `found` has the addresses of those with a name."""
        self.trunks = Trunks(self.trunks.revision + 1, tuple(inbound), outbound)
        asyncio.run(self.kamailio.reload_trunks(self.trunks, found))

    def statistics(self) -> dict[str, int]:
        """Return Kamailio's counters."""
        return asyncio.run(self.kamailio.statistics())

    def trunk_states(self) -> list[DestinationState]:
        """Return the state of each address of each trunk, in the order in which they are tried."""
        return asyncio.run(self.kamailio.trunk_states())

    def logged(self) -> str:
        """Return Kamailio's log so far; it has what peers sent, which may be anything."""
        return self.log.read_text("utf-8", "replace")

    def has_transactions(self) -> bool:
        """Tell whether Kamailio knows of any, those included that have ended and may meet copies."""
        return bool(self._ask("tm.stats")["current"])

    def shared_text(self, name: str) -> str:
        """Return a variable that Kamailio's processes share."""
        return str(self._ask("pv.shvGet", name)["value"])

    def shared_number(self, name: str) -> int:
        """Return a number that Kamailio's processes share."""
        return int(self._ask("pv.shvGet", name)["value"])

    def trouble(self) -> str:
        """Return why the edge needs attention, as /readyz says it."""
        part = Edge(self.config, None)
        part._kamailio = self.kamailio
        return asyncio.run(part.trouble())

    def process_named(self, name: str) -> int:
        """Return the id of the one process of Kamailio's whose description has this in it."""
        (found,) = (each["PID"] for each in self._ask("core.psx") if name in each["DSC"])
        return int(found)

    def set_refused_share(self, thousandths: int) -> None:
        """Refuse so much of all new calls."""
        self._ask("pv.shvSet", REFUSED_SHARE, "int", thousandths)

    def tcp_connections(self) -> int:
        """Return how many TCP connections Kamailio has."""
        return int(self._ask("core.tcp_info")["opened_connections"])

    def table(self, name: str) -> dict[str, str]:
        """Return a table of Kamailio's."""
        return trunk_state.table(self._ask("htable.dump", name))

    def entries(self, name: str) -> int:
        """Return how many entries a table of Kamailio's has; its contents may be longer than an answer can be."""
        return next(int(table["all"]) for table in self._ask("htable.stats") if table["name"] == name)

    def expire(self, table: str, key: str) -> None:
        """Let an entry of a table of Kamailio's end now, as if its time were over."""
        self._ask("htable.setex", table, key, 1)

    def forget(self, *tables: str) -> None:
        """Empty tables of Kamailio's."""
        for table in tables:
            self._ask("htable.flush", table)

    def revive_workers(self) -> None:
        """Take the mark from every worker that was found to be down."""
        for host, port in self.config.voicemail:
            self._ask("dispatcher.set_state", "a", render.WORKER_SET, f"sip:{host}:{port}")

    def _ask(self, method: str, *parameters: str | int) -> Any:
        socket_path = self.kamailio.directory / render.RUNTIME / render.SOCKET
        return asyncio.run(rpc.call(socket_path, method, *parameters, timeout_s=PATIENCE_S))

    def put(
        self,
        number: str,
        *,
        target: str | None = None,
        email: str | None = None,
        active: bool = True,
        enabled: bool = True,
        ring_timeout_s: int = 60,
        revision: int = 1,
        no_answer: str = "release",
        busy: str = "release",
        fallback_email: str | None = None,
        account_id: int = 1,
    ) -> str:
        """Store a virtual number, replacing the one there was; return it."""
        rule = Rule(
            RuleType.FORWARD if target else RuleType.VOICEMAIL if email else RuleType.DISABLED,
            E164(target) if target else None,
            tuple(EmailAddress(each) for each in (email or fallback_email,) if each),
            revision,
            timedelta(seconds=ring_timeout_s),
            fallbacks(Otherwise(no_answer), Otherwise(busy)),
        )
        return self.put_rule(number, rule, active=active, enabled=enabled, account_id=account_id)

    def put_rule(
        self, number: str, rule: Rule, *, active: bool = True, enabled: bool = True, account_id: int = 1
    ) -> str:
        """Store a virtual number with its rule, replacing the one there was; return it."""
        row = {
            "number": E164(number).digits,
            "account_id": account_id,
            "label": "",
            "active": active,
            "forwarding_enabled": enabled,
            "created_at_ms": 0,
            **rule_values(rule),
        }
        mark = "?" if isinstance(self.store, sqlite3.Connection) else "%s"
        self.store.execute(
            f"INSERT INTO numbers ({', '.join(row)}) VALUES ({', '.join([mark] * len(row))})"
            f" ON CONFLICT (number) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in row)}",
            tuple(row.values()),
        )
        return number

    def limit(self, limits: AccountLimits = NO_LIMITS, *, account_id: int = 1) -> None:
        """Give an account limits, and make it if there is none."""
        values = policy_values(AccountPolicy(limits=limits))
        mark = "?" if isinstance(self.store, sqlite3.Connection) else "%s"
        self.store.execute(
            "INSERT INTO accounts (id, name, locale, region, created_at_ms, policy_version, policy)"
            f" VALUES ({mark}, {mark}, 'en', 'FR', 0, {mark}, {mark}) ON CONFLICT (id) DO UPDATE"
            " SET policy_version = excluded.policy_version, policy = excluded.policy",
            (account_id, f"account {account_id}", *values.values()),
        )

    @property
    def store(self) -> Any:
        """The connection to the store, made again if its server was away since: whichever test had stopped it."""
        if isinstance(self._store, psycopg.Connection):
            try:
                self._store.execute("SELECT 1")
            except psycopg.OperationalError:
                self._store.close()
                self._store = connect_store(self._store_url)
        return self._store

    def lines(self) -> list[bytes]:
        """Return the lines of the spool so far, but for one that is being written: a reader may see a part of it."""
        files = (path.read_bytes() for path in self.config.spool.glob("*.jsonl"))
        return [line for content in files for line in content.split(b"\n")[:-1]]

    def events(self, call_id: str) -> list[dict[str, Any]]:
        """Return what the spool says of a call, in order of time."""
        found = []
        for line in self.lines():
            kind, fields = json.loads(line)
            event = {"kind": kind, **fields}
            if call_id in (event.get("call_id"), event.get("key", {}).get("call_id")):
                found.append(event)
        order = ["decided", "fellback", "answered", "failed", "hungup"]
        return sorted(found, key=lambda event: (event["at_ms"], order.index(event["kind"])))

    def wait_for_events(self, call_id: str, *kinds: str) -> list[dict[str, Any]]:
        """Wait until the spool says just `kinds` of a call; return these events."""

        def seen() -> list[str]:
            return [event["kind"] for event in self.events(call_id)]

        wait_for(lambda: seen() == list(kinds), lambda: f"{kinds} in the spool (it has {seen()})")
        return self.events(call_id)


def children(pid: int) -> set[int]:
    """Return the ids of a process's children."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    return {int(child) for child in listed.split()}


def exists(pid: int) -> bool:
    """Tell whether a process is there and no zombie."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def connect_store(url: str) -> psycopg.Connection[Any]:
    """Make an empty PostgreSQL database a store, and return a connection to it; every statement commits."""
    prepare_database(url)
    store = psycopg.connect(url, autocommit=True)
    store.execute(f"{_ACCOUNT} ON CONFLICT DO NOTHING")
    return store


def _make_store(path: Path) -> sqlite3.Connection:
    make_sqlite(path)
    store = sqlite3.connect(path, isolation_level=None)
    store.execute("PRAGMA synchronous = OFF")
    store.execute(_ACCOUNT)
    return store


def edge_url(server: PostgresServer, database: str) -> str:
    """Make a role that may read the numbers of a store and nothing else; return the store's URL with it."""
    role = f"edge_of_{database}"
    with server.admin(database) as admin:
        name = sql.Identifier(role)
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(name, sql.Literal(PASSWORD)))
        admin.execute(sql.SQL("GRANT SELECT ON numbers, usage TO {}").format(name))
        admin.execute(
            sql.SQL("GRANT SELECT (id, region, policy_version, policy, closed_at_ms) ON accounts TO {}").format(name)
        )
    return server.url(database, role)
