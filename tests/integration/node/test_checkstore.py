"""What `renvoi check` says of a store: most of it on PostgreSQL."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from renvoi.adapters.sql.schema import HEAD
from renvoi.configuration.settings import read_settings
from renvoi.node.checks.results import Finding
from renvoi.node.checks.store import check_store
from tests.integration.store.test_migrations import connected, old_store
from tests.support.pgbouncer import shared_pgbouncer
from tests.support.ports import free_port
from tests.support.postgres import PASSWORD, PostgresCluster, shared_cluster
from tests.support.stores import new_database

READER = "edge_reader"


def check(**settings: object) -> dict[str, Finding]:
    found = asyncio.run(check_store(read_settings(settings)))
    assert all(finding.ok or finding.advice for finding in found)
    assert PASSWORD not in repr(found)
    return {finding.name: finding for finding in found}


@pytest.fixture
def cluster() -> PostgresCluster:
    return shared_cluster()


@pytest.fixture
def database(cluster: PostgresCluster) -> Iterator[str]:
    """Make a database with our schema, and a role that may connect to it."""
    with asyncio.Runner() as runner:
        made = new_database(cluster)
        name = runner.run(made.__aenter__())
        with cluster.admin(name) as connection:
            connection.execute(f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}'")
        try:
            yield name
        finally:
            with cluster.admin(name) as connection:
                connection.execute(f"DROP OWNED BY {READER}; DROP ROLE {READER}")
            runner.run(made.__aexit__(None, None, None))


def test_a_store_on_postgresql(cluster: PostgresCluster, database: str) -> None:
    found = check(database_url=cluster.url(database))
    trunks = ["inbound trunks", "outbound trunks"]
    assert list(found) == ["store", "PostgreSQL", "edge's role", "destinations", "limits", *trunks]
    role = found["edge's role"]
    assert (role.ok, role.needed) == (False, False)
    assert "RENVOI_EDGE_DATABASE_URL" in role.advice
    assert found["store"].ok
    assert f"127.0.0.1:{cluster.port}/{database}: 0 accounts" in found["store"].text
    with psycopg.connect(cluster.url(database)) as connection:
        version = connection.info.parameter_status("server_version")
    assert found["PostgreSQL"].ok
    assert found["PostgreSQL"].text == f"{version}, synchronous_commit on, no synchronous standby"


def tables(url: str) -> list[str]:
    """Return what tables there are, and the revision of the schema."""
    with connected(url) as connection:
        found = sorted(sqlalchemy.inspect(connection).get_table_names())
        if "alembic_version" in found:
            found += connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")).scalars()
        return found


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, cluster: PostgresCluster, tmp_path: Path) -> Iterator[str]:
    """Make a database without tables."""
    if request.param == "sqlite":
        (tmp_path / "renvoi.db").touch()
        yield f"sqlite:///{tmp_path}/renvoi.db"
        return
    name = cluster.create_database()
    yield cluster.url(name)
    cluster.drop_database(name)


def check_at(url: str, **settings: object) -> dict[str, Finding]:
    """Check the store at this URL; it must be as it was."""
    before = tables(url)
    if url.startswith("sqlite"):
        found = check(data_dir=Path(url.removeprefix("sqlite:///")).parent, **settings)
    else:
        found = check(database_url=url, **settings)
    assert tables(url) == before
    return found


def test_a_database_without_a_schema_is_left_so(empty: str) -> None:
    found = check_at(empty)
    store = found["store"]
    assert (store.ok, store.needed) == (False, False)
    assert store.text.endswith(": no schema yet")
    assert store.advice == "`renvoi serve` or `renvoi migrate` makes it"
    assert list(found) == (["store"] if empty.startswith("sqlite") else ["store", "PostgreSQL", "edge's role"])


def test_of_a_database_without_a_schema_no_rights_are_asked(cluster: PostgresCluster) -> None:
    name = cluster.create_database()
    try:
        found = check_at(cluster.url(name), edge_database_url=cluster.url(name, READER))
    finally:
        cluster.drop_database(name)
    assert list(found) == ["store", "PostgreSQL"]


@pytest.mark.parametrize("revision", ["0001", "0004"])
def test_a_database_with_an_older_schema_is_left_so(empty: str, revision: str) -> None:
    """Its nodes may still run, and decide themselves when they are upgraded."""
    old_store(empty, revision)
    store = check_at(empty)["store"]
    assert (store.ok, store.needed) == (False, False)
    assert f"schema {revision}, and this renvoi works on {HEAD}" in store.text
    assert "renvoi migrate" in store.advice


def test_a_database_of_another_program_is_a_fault(empty: str) -> None:
    with connected(empty) as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE theirs (it INTEGER)"))
    store = check_at(empty)["store"]
    assert (store.ok, store.needed) == (False, True)
    assert "tables of another program" in store.text


def test_a_pooler_in_between_is_recognised(database: str) -> None:
    assert check(database_url=shared_pgbouncer().url(database))["PostgreSQL"].text.endswith(
        "pooler in transaction mode"
    )


def test_a_standby_that_commits_do_not_wait_for(cluster: PostgresCluster, database: str) -> None:
    """Here the role's own setting, since nobody can be a standby of a cluster that all tests share."""
    with cluster.admin() as connection:
        connection.execute(f"ALTER DATABASE {database} SET synchronous_commit = local")
    url = cluster.url(database)
    assert check(database_url=url)["PostgreSQL"].ok
    cluster.configure(synchronous_standby_names="nobody")
    try:
        found = check(database_url=url)["PostgreSQL"]
    finally:
        cluster.configure(synchronous_standby_names="")
    assert (found.ok, found.needed) == (False, False)
    assert "synchronous_commit local, synchronous standbys nobody" in found.text
    assert "remote_apply" in found.advice


def test_the_edges_own_role(cluster: PostgresCluster, database: str) -> None:
    settings = {"database_url": cluster.url(database), "edge_database_url": cluster.url(database, READER)}
    found = check(**settings)["edge's PostgreSQL"]
    assert (found.ok, found.needed, found.text) == (False, True, "the edge may not look up numbers")
    with cluster.admin(database) as connection:
        connection.execute(f"GRANT SELECT ON numbers, usage TO {READER}")
    assert not check(**settings)["edge's PostgreSQL"].ok, "it cannot read the policy of an account"
    with cluster.admin(database) as connection:
        connection.execute(f"GRANT SELECT (id, region, policy_version, policy, closed_at_ms) ON accounts TO {READER}")
    assert check(**settings)["edge's PostgreSQL"].ok
    assert "edge's role" not in check(**settings)
    with cluster.admin(database) as connection:
        connection.execute(f"GRANT INSERT ON audit TO {READER}")
    found = check(**settings)["edge's PostgreSQL"]
    assert (found.ok, found.needed, found.text) == (False, False, "the edge may look up numbers, and change tables")
    assert "edge's PostgreSQL" not in check(**settings, only="api")
    wrong = settings["edge_database_url"].replace(READER, "nobody")
    assert not check(**settings | {"edge_database_url": wrong})["edge's PostgreSQL"].ok


def test_a_server_that_is_not_there() -> None:
    port = free_port()
    found = check(database_url=f"postgresql://renvoi:secret@127.0.0.1:{port}/renvoi")
    assert list(found) == ["store"]
    assert not found["store"].ok
    assert f"port {port} failed" in found["store"].text
    assert "secret" not in repr(found)
