"""The edge's look-up on a real PostgreSQL: what it reads, and how long it waits when a server is ill."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Self

import psycopg
import pytest

from renvoi.documents.number_row import rule_values
from renvoi.domain.access.account_policy import Owner
from renvoi.domain.calls.usage import Usage
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord, Otherwise, Rule
from renvoi.edge.router.lookup import LookupFailed, Reading
from renvoi.edge.router.postgres_lookup import TIMEOUT_S, PostgresLookup
from tests.support.edge import connect_store, edge_url
from tests.support.pgbouncer import PgBouncer
from tests.support.ports import listen_unused
from tests.support.postgres import PASSWORD, PostgresCluster, PostgresServer
from tests.support.replication import Standby, url_of_both
from tests.support.rules import fallbacks
from tests.support.waiting import PATIENCE_S, wait_for

NUMBER, TARGET, STRANGER = E164("+33199001234"), E164("+33612345678"), E164("+33199009999")
RECORD = NumberRecord(NUMBER, 1, Rule.forward(TARGET), label="Été")
OWNER = Owner("FR")
READ = Reading(RECORD, owner=OWNER)
SLACK_S = 2.0
"""What a busy machine may add to a time."""
RECOVERY_S = 5.0

Store = psycopg.Connection[tuple[Any, ...]]
Open = Callable[..., PostgresLookup]


class Silent:
    """A server that takes connections and never says a word."""

    def __init__(self) -> None:
        self._socket = listen_unused()
        self._socket.setblocking(False)
        self._taken: list[socket.socket] = []
        self.port = self._socket.getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._socket, *self._taken):
            each.close()

    def connections(self) -> int:
        """Return how many connections there have been."""
        with suppress(BlockingIOError):
            while True:
                self._taken.append(self._socket.accept()[0])
        return len(self._taken)


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresCluster]:
    """Run a server that the tests of this file may stop; each leaves it running."""
    with PostgresCluster(durable=False) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def database(cluster: PostgresCluster) -> str:
    """Make a store with `RECORD` in it; return its name."""
    name = cluster.create_database()
    with connect_store(cluster.url(name)) as store:
        put(store, RECORD)
    return name


@pytest.fixture(scope="module")
def url(cluster: PostgresCluster, database: str) -> str:
    """Return the store's URL for a role that may do look-ups and nothing else."""
    return edge_url(cluster, database)


@pytest.fixture
def opened() -> Iterator[Open]:
    """Return what opens look-ups, which are closed after the test."""
    lookups: list[PostgresLookup] = []

    def open_lookup(url: str, timeout_s: float = PATIENCE_S) -> PostgresLookup:
        lookups.append(PostgresLookup(url, timeout_s))
        return lookups[-1]

    yield open_lookup
    for lookup in lookups:
        lookup.close()


@pytest.fixture
def lookup(url: str, opened: Open) -> PostgresLookup:
    """Open the store, with all the time that it needs."""
    return opened(url)


@pytest.fixture
def hurried(url: str, opened: Open) -> PostgresLookup:
    """Open the store, with the time that calls have."""
    return opened(url, TIMEOUT_S)


def put(store: Store, record: NumberRecord) -> None:
    """Store a number."""
    row = {
        "number": record.number.digits,
        "account_id": record.account_id,
        "label": record.label,
        "active": record.active,
        "forwarding_enabled": record.forwarding_enabled,
        "updated_at_ms": record.updated_at_ms,
        "created_at_ms": 0,
        **rule_values(record.rule),
    }
    store.execute("DELETE FROM numbers WHERE number = %s", (record.number.digits,))
    words = f"INSERT INTO numbers ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})"
    store.execute(words.encode(), list(row.values()))


def timed_failure(lookup: PostgresLookup) -> float:
    """Return how many seconds a failing look-up takes."""
    begin = time.monotonic()
    with pytest.raises(LookupFailed) as caught:
        lookup.find(NUMBER)
    assert PASSWORD not in str(caught.value)
    return time.monotonic() - begin


def wait_for_recovery(lookup: PostgresLookup) -> None:
    """Wait until look-ups succeed again."""

    def succeeds() -> bool:
        with suppress(LookupFailed):
            return lookup.find(NUMBER) == READ
        return False

    wait_for(succeeds, "the recovery of the look-up", RECOVERY_S + PATIENCE_S)


def edge_sessions(cluster: PostgresServer) -> list[tuple[Any, ...]]:
    """Return the ids of the processes that serve the edge."""
    return cluster.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'renvoi-edge'")


def test_any_record_is_read_as_it_was_written(cluster: PostgresCluster, database: str, lookup: PostgresLookup) -> None:
    email = EmailAddress("é@example.org")
    with_fallbacks = Rule(emails=(email,), revision=2**40, fallbacks=fallbacks(Otherwise.VOICEMAIL))
    with psycopg.connect(cluster.url(database), autocommit=True) as store:
        for record in (
            NumberRecord(STRANGER, 1, Rule.voicemail(email), active=False, updated_at_ms=2**41),
            NumberRecord(STRANGER, 1, with_fallbacks, forwarding_enabled=False),
            NumberRecord(STRANGER, 1, Rule.forward(E164("+999999999999999"))),
        ):
            put(store, record)
            assert lookup.find(STRANGER) == Reading(record, owner=OWNER)
        store.execute("DELETE FROM numbers WHERE number = %s", (STRANGER.digits,))
    assert lookup.find(STRANGER) == Reading(None)


def test_all_look_ups_go_through_one_connection(cluster: PostgresCluster, lookup: PostgresLookup) -> None:
    lookup.check()
    before = edge_sessions(cluster)
    for _ in range(10):
        assert lookup.find(NUMBER) == READ
    assert len(before) == 1
    assert edge_sessions(cluster) == before


def test_a_connection_that_broke_is_replaced_at_once(cluster: PostgresCluster, lookup: PostgresLookup) -> None:
    """The look-up that finds it broken succeeds."""

    def terminate() -> None:
        (pid,) = edge_sessions(cluster)
        assert cluster.query("SELECT pg_terminate_backend(%s, 5000)", *pid) == [(True,)]

    for end in (terminate, cluster.restart, lambda: cluster.restart("immediate")):
        assert lookup.find(NUMBER) == READ
        end()
        assert lookup.find(NUMBER) == READ


def test_a_prepared_statement_that_has_become_invalid_is_prepared_again(
    cluster: PostgresCluster, database: str, lookup: PostgresLookup
) -> None:
    """As after a migration that changes a column's type, which the server does not let it go on with."""
    with psycopg.connect(cluster.url(database), autocommit=True) as store:
        for kind in ("integer", "smallint"):
            assert lookup.find(NUMBER) == READ
            store.execute(f"ALTER TABLE numbers ALTER COLUMN ring_timeout_s TYPE {kind}".encode())
    assert lookup.find(NUMBER) == READ


def test_a_server_that_is_away_is_found_again(cluster: PostgresCluster, lookup: PostgresLookup) -> None:
    lookup.check()
    cluster.stop()
    assert timed_failure(lookup) < TIMEOUT_S + SLACK_S
    cluster.start()
    wait_for_recovery(lookup)


def test_a_server_that_hangs_costs_no_more_than_the_time_limit(
    cluster: PostgresCluster, hurried: PostgresLookup
) -> None:
    """Here it is stopped in the middle: its kernel still takes connections and data."""
    wait_for_recovery(hurried)
    cluster.freeze()
    try:
        assert TIMEOUT_S <= timed_failure(hurried) < TIMEOUT_S + SLACK_S
    finally:
        cluster.thaw()
    wait_for_recovery(hurried)


def test_a_table_that_is_being_altered_costs_no_more_than_the_time_limit(
    cluster: PostgresCluster, database: str, hurried: PostgresLookup
) -> None:
    """And the server does not keep look-ups that nobody waits for any more."""
    wait_for_recovery(hurried)
    with psycopg.connect(cluster.url(database)) as store:
        store.execute("LOCK TABLE numbers")
        assert TIMEOUT_S <= timed_failure(hurried) < TIMEOUT_S + SLACK_S
        wait_for(lambda: not edge_sessions(cluster), "the end of what waits")
    wait_for_recovery(hurried)


def test_after_a_failure_there_is_a_pause(opened: Open) -> None:
    """A dead database must not hold every call of a process."""
    with Silent() as server:
        lookup = opened(f"postgresql://user:secret@127.0.0.1:{server.port}/db", TIMEOUT_S)
        assert TIMEOUT_S <= timed_failure(lookup) < TIMEOUT_S + SLACK_S
        begin, failures = time.monotonic(), 0
        while server.connections() == 1:
            timed_failure(lookup)
            failures += 1
        assert time.monotonic() - begin >= 3 * TIMEOUT_S
        assert failures > 100


def test_a_dead_host_keeps_nobody_from_the_other(url: str, opened: Open) -> None:
    """Whichever comes first in the URL."""
    place = url.rpartition("@")[2].partition("/")[0]
    with Silent() as server:
        dead = f"127.0.0.1:{server.port}"
        for hosts in (f"{dead},{place}", f"{place},{dead}"):
            assert opened(url.replace(place, hosts)).find(NUMBER) == READ
        assert server.connections() >= 1


def test_the_primary_is_found_after_it_moved(opened: Open) -> None:
    with PostgresCluster(durable=False) as primary:
        database = primary.create_database()
        with connect_store(primary.url(database)) as store:
            put(store, RECORD)
        with Standby(primary) as standby:
            lookup = opened(url_of_both(standby, primary, database))
            assert lookup.find(NUMBER) == READ
            assert not edge_sessions(standby)
            primary.kill()
            assert timed_failure(lookup) < TIMEOUT_S + SLACK_S
            standby.promote()
            wait_for_recovery(lookup)


def test_nothing_is_prepared_behind_a_pooler_of_transactions(
    cluster: PostgresCluster, database: str, opened: Open
) -> None:
    """PgBouncer lends a server's process for one transaction, and knows nothing of statements prepared in it."""
    with PgBouncer(cluster, {"default_pool_size": "2"}) as pooler:
        lookups = [opened(pooler.url(database)) for _ in range(4)]
        with psycopg.connect(pooler.url(database)) as other:
            other.execute("SELECT 1")
            for _ in range(3):
                assert [lookup.find(NUMBER) for lookup in lookups] == [READ] * 4
        prepared = "SELECT name FROM pg_prepared_statements"
        limit = "SELECT setting, source FROM pg_settings WHERE name = 'statement_timeout'"
        with psycopg.connect(pooler.url(database), prepare_threshold=None) as other:
            assert other.execute(prepared).fetchall() == []
            assert other.execute(limit).fetchall() == [("0", "default")]


def test_what_the_server_refuses_is_said_without_the_password(
    cluster: PostgresCluster, database: str, opened: Open
) -> None:
    wrong = opened(cluster.url(database).replace("s3cret", "WRONG"))
    with pytest.raises(LookupFailed, match=r"127\.0\.0\.1.*password authentication failed") as caught:
        wrong.check()
    assert "WRONG" not in str(caught.value)
    with cluster.admin() as admin:
        admin.execute("CREATE ROLE stranger LOGIN PASSWORD 'x'")
    unprivileged = opened(f"postgresql://stranger:x@127.0.0.1:{cluster.port}/{database}")
    with pytest.raises(LookupFailed, match="permission denied for table numbers"):
        unprivileged.check()


def test_usage_is_read_by_the_edges_role(database: str, cluster: PostgresCluster, url: str, opened: Open) -> None:
    """On a connection of its own, and through a pooler that lends one for a transaction."""
    words = "INSERT INTO usage (name, day, ms, running, spend, price) VALUES (%s, %s, -5, 1, 5000000000, 7)"
    with connect_store(cluster.url(database)) as store:
        for name, day in (("a1", 6), ("a1", 7), ("n33", 8), ("n34", 8)):
            store.execute(words, (name, day))
    wanted = dict.fromkeys((("a1", 7), ("n33", 8)), Usage(-5, 1, 5_000_000_000, 7))
    with PgBouncer(cluster) as pooler:
        for place in (url, pooler.url(database)):
            assert opened(place).usages(["a1", "n33"], 7) == wanted
