"""A database that answers and takes no changes: `/readyz` says what waits and why, and all is well after by itself."""

from collections.abc import Callable, Iterator, Mapping

import pytest
from psycopg import sql

from renvoi.call_records.events import encode
from renvoi.domain.calls.call_record import CallKey, Decided
from tests.support.node import TARGET, Node
from tests.support.postgres import ROLE, PostgresCluster
from tests.support.waiting import BESIDE_S, wait_for

SHOWN_S = 5.0 + BESIDE_S / 2
"""How long `/readyz` may take to say what is wrong, and that it is over."""
UNAVAILABLE, CHANGED = 104, 3
Admin = Callable[[str], None]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Admin]]:
    """Run a node on a PostgreSQL; yield it, and what runs a statement there, after which connections begin again."""
    with PostgresCluster(durable=False) as cluster:
        database = cluster.create_database()
        node = Node(tmp_path_factory.mktemp("node"), database_url=cluster.url(database))
        node.configure(voicemail_workers=1, edge_workers=2)

        def admin(statement: str) -> None:
            with cluster.admin(database) as connection:
                connection.execute(sql.SQL(statement).format(role=sql.Identifier(ROLE)))
            cluster.terminate_backends()

        try:
            node.start()
            # A table is its owner's: only another role can be without rights.
            admin("ALTER TABLE calls OWNER TO postgres; GRANT ALL ON calls TO {role}")
            admin("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}")
            node.wait_part("store", "ok")
            yield node, admin
        finally:
            node.stop()


def state(node: Node, part: str) -> Mapping[str, str]:
    """Return what the inner `/readyz` says of a part."""
    found: Mapping[str, str] = node.inner.get("/readyz").json()["parts"][part]
    return found


def changes(node: Node) -> bool:
    """Change a rule, whatever it was; tell whether that was taken."""
    node.set_rule(0)
    return bool(node.set_rule(1, TARGET).json()["code"] == CHANGED)


def spool(node: Node, call_id: str, name: str) -> None:
    """Put the event of a refused call into the spool, as a writer of its own that has ended."""
    event = Decided(CallKey(call_id, "tag", 1), 1_800_000_000_000, "+331", "+332", None, None, "reject", status=404)
    written = node.data / name
    written.write_bytes(encode(event))
    written.chmod(0o640)
    written.rename(node.data / "spool" / f"{name}.jsonl")


def test_a_shared_database_gets_no_demo_account(served: tuple[Node, Admin]) -> None:
    """And `./run`, which asks for one, says so."""
    node, _ = served
    node.stop()
    node.start("--demo-if-new")
    wait_for(lambda: "demo     no account on PostgreSQL: `" in node.log.read_text(), "the line")
    assert [account["name"] for account in node.renvoi("account", "list")] == ["acme"]


def test_a_read_only_database_is_shown_without_a_change_and_after_one(served: tuple[Node, Admin]) -> None:
    node, admin = served
    admin("ALTER ROLE {role} SET default_transaction_read_only = on")
    try:
        # Nobody changes anything.
        node.wait_part("store", "degraded", "default_transaction_read_only")
        node.wait_part("api", "degraded")

        assert node.set_rule(1, TARGET).json()["code"] == UNAVAILABLE
        spool(node, "waits", "readonly-1-0")
        said = node.wait_part("collector", "degraded", "1 call record waits: ")
        assert "read-only" in said["parts"]["collector"]["detail"]
        assert said["status"] == "degraded"

        # Calls and questions are answered.
        public = node.api.get("/readyz")
        assert (public.status_code, public.json()) == (200, {"status": "ready"})
        node.wait_metric('renvoi_part_degraded{part="store"} 1.0')
    finally:
        admin("ALTER ROLE {role} RESET ALL")
    node.wait_ready(2 * SHOWN_S)
    assert node.record("waits")["status"] == 404
    wait_for(lambda: changes(node), "a change", SHOWN_S)


@pytest.mark.parametrize(
    ("trouble", "remedy", "reason"),
    [
        (
            "REVOKE INSERT, UPDATE ON calls FROM {role}",
            "GRANT ALL ON calls TO {role}",
            "permission denied for table calls",
        ),
        ("ALTER TABLE calls RENAME called TO dialled", "ALTER TABLE calls RENAME dialled TO called", "called"),
    ],
    ids=["rights", "column"],
)
def test_records_that_the_database_refuses_wait_and_that_is_shown(
    served: tuple[Node, Admin], trouble: str, remedy: str, reason: str
) -> None:
    """While changes of rules are taken."""
    node, admin = served
    admin(trouble)
    call_id = f"waits-for-{trouble.split(maxsplit=1)[0].lower()}"
    try:
        node.wait_part("store", "ok")
        spool(node, call_id, f"{call_id}-1-0")
        said = node.wait_part("collector", "degraded", "1 call record waits: ")
        assert reason in said["parts"]["collector"]["detail"]
        # The connections of before are gone.
        wait_for(lambda: changes(node), "a change", SHOWN_S)
        node.wait_part("store", "ok")
    finally:
        admin(remedy)
    node.wait_ready(2 * SHOWN_S)
    assert node.record(call_id)["status"] == 404
