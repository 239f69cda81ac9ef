"""Calls while the store goes away, comes back and changes, on PostgreSQL and for once on SQLite."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from renvoi.documents.routing_document import VERSION
from renvoi.domain.access.limits import AccountLimits, Limits
from renvoi.domain.calls.usage import day_of
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Fallback, Fallbacks, Otherwise, Rule, RuleType
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.router.postgres_lookup import TIMEOUT_S
from tests.support.edge import EdgeNode, connect_store, edge_url
from tests.support.postgres import PASSWORD, PostgresCluster
from tests.support.sip import Call, Incoming, Phone
from tests.support.sip_message import SipMessage
from tests.support.waiting import wait_for

NUMBER, IDLE, UNHEARD = "+33199001234", "+33199005678", "+33199009999"
TARGET, OTHER = "+33612345678", "+33687654321"
CALLS = 6
"""Enough for each of the edge's two processes to get some."""
SLACK_S = 2.0
"""What a busy machine may add to a time."""
RECOVERY_S = 5.0
LIMIT_S = 8
"""Longer than two calls take on a busy machine."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresCluster]:
    """Run a server that the tests of this file may stop; each leaves it running."""
    with PostgresCluster(durable=False) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def peer() -> Iterator[Phone]:
    """Play the peer behind the outbound trunk."""
    with Phone() as phone:
        yield phone


@pytest.fixture
def gateway(peer: Phone) -> Phone:
    """`peer`, with nothing left over from the test before."""
    peer.forget()
    return peer


@contextmanager
def edge_on(cluster: PostgresCluster, directory: Path, gateway: Phone, **settings: Any) -> Iterator[EdgeNode]:
    """Run an edge on a store of its own, as a user that may do nothing but read numbers."""
    database = cluster.create_database()
    store = cluster.url(database)
    connect_store(store).close()
    url = edge_url(cluster, database)
    with EdgeNode(directory, [OutboundTrunk("main", gateway.uri)], store=store, database=url, **settings) as node:
        node.put(NUMBER, target=TARGET)
        yield node


@pytest.fixture(scope="module")
def rejecting(cluster: PostgresCluster, peer: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge that refuses calls without the store."""
    with edge_on(cluster, tmp_path_factory.mktemp("edge"), peer) as node:
        yield node


@pytest.fixture(scope="module")
def remembering(cluster: PostgresCluster, peer: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    """Run an edge that knows for 60 s what it has read."""
    settings = {"on_store_loss": "last-known", "store_loss_max_s": 60}
    with edge_on(cluster, tmp_path_factory.mktemp("edge"), peer, **settings) as node:
        yield node


def forwarded_to(node: EdgeNode, carrier: Phone, gateway: Phone) -> tuple[str, bool]:
    """Make a call that is forwarded; return where to, and whether its record says that the store was away.

    Where the machine is too busy for the database to answer in time, which is not a fault, it is made again.
    """
    call, decided = decided_call(node, carrier)
    while decided["decision"] == "reject":
        call.expect(503)
        assert any("in time from the database" in line for line in node.logged().splitlines() if call.call_id in line)
        call, decided = decided_call(node, carrier)
    incoming = Incoming.wait(gateway)
    incoming.reply(486)
    call.expect(486)
    node.wait_for_events(call.call_id, "decided", "failed")
    assert decided["decision"] == "forward"
    assert f"sip:{decided['target']}@" in incoming.invite.uri
    return decided["target"], decided["last_known"]


def decided_call(node: EdgeNode, carrier: Phone) -> tuple[Call, dict[str, Any]]:
    """Make a call, and return it and what was decided."""
    call = Call(carrier, node.address, NUMBER).start()
    (decided,) = wait_for(lambda: node.events(call.call_id)[:1], "a decision")
    return call, decided


def wait_until_read(node: EdgeNode, carrier: Phone, gateway: Phone) -> None:
    """Make calls until one is decided by what the store says now."""
    wait_for(lambda: forwarded_to(node, carrier, gateway) == (TARGET, False), "a call that the store decides")


def refusal(node: EdgeNode, carrier: Phone, number: str = NUMBER) -> float:
    """Make a call that is refused because the store is away; return how many seconds that takes."""
    begin = time.monotonic()
    call = Call(carrier, node.address, number).start()
    refused = call.expect(503)
    took_s = time.monotonic() - begin
    assert refused["Retry-After"]
    assert refused["Reason"] == "Q.850;cause=41"
    (decided,) = node.wait_for_events(call.call_id, "decided")
    assert decided["reason"] == "store-unavailable"
    assert not decided["last_known"]
    return took_s


def is_refused(node: EdgeNode, carrier: Phone, gateway: Phone) -> bool:
    """Make a call; tell whether it is refused, and not forwarded by what was known before.

    As it may be where the machine is too busy for the database to answer in time, which is not a fault.
    """
    call, decided = decided_call(node, carrier)
    if decided["last_known"]:
        Incoming.wait(gateway).reply(486)
        call.expect(486)
        return False
    refused = call.expect(503)
    assert (decided["reason"], refused["Reason"]) == ("store-unavailable", "Q.850;cause=41")
    assert refused["Retry-After"]
    return True


def status_of(node: EdgeNode, number: str) -> int:
    """Make a call that is refused, and return how."""
    with Phone() as phone:
        Call(phone, node.address, number).start()
        while (status := phone.receive().status) == 100:
            pass
        assert status is not None
        return status


def wait_for_recovery(node: EdgeNode) -> None:
    """Wait until each process of the edge reads from the store again, by a number whose rule refuses calls."""
    node.put(IDLE)
    wait_for(
        lambda: {status_of(node, IDLE) for _ in range(CALLS)} == {480},
        "the recovery of the edge",
        RECOVERY_S + 5 * SLACK_S,
    )


def test_a_change_is_obeyed_by_the_next_call(rejecting: EdgeNode, carrier: Phone, gateway: Phone) -> None:
    for target in (TARGET, OTHER) * 3:
        rejecting.put(NUMBER, target=target)
        assert forwarded_to(rejecting, carrier, gateway) == (target, False)


def test_a_rule_of_a_newer_renvoi_is_refused_though_an_earlier_one_was_known(
    remembering: EdgeNode, carrier: Phone, gateway: Phone
) -> None:
    wait_until_read(remembering, carrier, gateway)
    remembering.store.execute(f"UPDATE numbers SET routing_version = {VERSION + 1}")
    try:
        wait_for(lambda: is_refused(remembering, carrier, gateway), "a call that the store decides")
    finally:
        remembering.put(NUMBER, target=TARGET)
    assert (
        f"is a document of version {VERSION + 1}, and this renvoi reads versions up to {VERSION}"
        in remembering.logged()
    )
    wait_until_read(remembering, carrier, gateway)


def test_a_damaged_document_costs_no_call(rejecting: EdgeNode, carrier: Phone, gateway: Phone) -> None:
    rejecting.put(NUMBER, target=TARGET)
    rejecting.store.execute("UPDATE numbers SET routing = '{'")
    assert forwarded_to(rejecting, carrier, gateway) == (TARGET, False)
    assert f"the routing document of {NUMBER} cannot be read, its columns are used" in rejecting.logged()


def test_connections_that_end_cost_no_call(
    cluster: PostgresCluster, rejecting: EdgeNode, carrier: Phone, gateway: Phone
) -> None:
    rejecting.put(NUMBER, target=TARGET)
    end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'renvoi-edge'"
    assert cluster.query(end)
    for _ in range(CALLS):
        assert forwarded_to(rejecting, carrier, gateway) == (TARGET, False)


def test_without_the_store_calls_are_refused_in_time(
    cluster: PostgresCluster, rejecting: EdgeNode, carrier: Phone
) -> None:
    cluster.stop()
    try:
        for _ in range(CALLS):
            assert refusal(rejecting, carrier) < TIMEOUT_S + SLACK_S
    finally:
        cluster.start()
    wait_for_recovery(rejecting)


def test_a_store_that_hangs_holds_no_call_for_longer(
    cluster: PostgresCluster, rejecting: EdgeNode, carrier: Phone
) -> None:
    cluster.freeze()
    try:
        for _ in range(CALLS):
            assert refusal(rejecting, carrier) < TIMEOUT_S + SLACK_S
    finally:
        cluster.thaw()
    wait_for_recovery(rejecting)


def test_the_edge_starts_without_the_store(cluster: PostgresCluster, rejecting: EdgeNode, carrier: Phone) -> None:
    rejecting.stop()
    cluster.stop()
    try:
        rejecting.start()
        refusal(rejecting, carrier)
    finally:
        cluster.start()
    wait_for_recovery(rejecting)


def test_a_target_that_rings_in_vain_is_left_for_the_second_number_unless_the_store_is_away(
    cluster: PostgresCluster, rejecting: EdgeNode, carrier: Phone, gateway: Phone
) -> None:
    """Another process of the edge sees the end of the ringing, and asks the store for the second number."""

    def ring() -> Call:
        call = Call(carrier, rejecting.address, NUMBER).start()
        incoming = Incoming.wait(gateway)
        incoming.reply(180)
        call.expect(180)
        return call

    second = Fallback(Otherwise.FORWARD, E164(OTHER))
    rule = Rule(RuleType.FORWARD, E164(TARGET), revision=2, ring_timeout=timedelta(seconds=5))
    rejecting.put_rule(NUMBER, replace(rule, fallbacks=Fallbacks(no_answer=second)))
    wait_for_recovery(rejecting)
    gateway.forget()
    call = ring()
    wait_for(lambda: any(f"INVITE sip:{OTHER}@" in each.start_line for each in drained(gateway)), "the second number")
    call.cancel()
    carrier.forget()
    gateway.forget()
    call = ring()
    cluster.stop()
    try:
        assert call.expect(480, 10)["Reason"] == "Q.850;cause=19"
        assert f"{NUMBER}: the second number is not tried: " in rejecting.logged()
    finally:
        cluster.start()
    rejecting.put(NUMBER, target=TARGET)
    wait_for_recovery(rejecting)


def drained(phone: Phone) -> list[SipMessage]:
    """Return all that has come to a phone so far; nothing of it is answered."""
    while phone.receive_now() is not None:
        pass
    return phone.seen


def test_last_known_rules_decide_while_the_store_is_away(
    cluster: PostgresCluster, remembering: EdgeNode, carrier: Phone, gateway: Phone
) -> None:
    """Whichever process of the edge has read them. Their records say so, and they are counted."""
    wait_until_read(remembering, carrier, gateway)
    before = remembering.statistics()["last_known"]
    cluster.stop()
    try:
        for _ in range(CALLS):
            assert forwarded_to(remembering, carrier, gateway) == (TARGET, True)
        refusal(remembering, carrier, UNHEARD)
        assert remembering.statistics()["last_known"] == before + CALLS
        assert "the store is away, calls are decided by the rules that were read last" in remembering.logged()
    finally:
        cluster.start()
    wait_for_recovery(remembering)
    remembering.put(NUMBER, target=OTHER)
    wait_for(lambda: forwarded_to(remembering, carrier, gateway) == (OTHER, False), "the end of what was known")


def test_what_was_used_up_counts_while_the_store_is_away(
    cluster: PostgresCluster, remembering: EdgeNode, carrier: Phone, gateway: Phone
) -> None:
    def over() -> bool:
        """Make a call that is refused; tell whether by what was known before."""
        call, decided = decided_call(remembering, carrier)
        assert decided["reason"] == "limit-minutes"
        call.expect(480)
        return bool(decided["last_known"])

    remembering.put(NUMBER, target=TARGET)
    wait_until_read(remembering, carrier, gateway)
    remembering.limit(AccountLimits(account=Limits(minutes_per_day=1)))
    today = day_of(time.time_ns() // 1_000_000)
    remembering.store.execute("INSERT INTO usage VALUES ('a1', %s, 60000, 0, 0, 0)", (today,))
    wait_for(lambda: not over(), "a call that the store refuses")
    cluster.stop()
    try:
        assert {over() for _ in range(CALLS)} == {True}
    finally:
        cluster.start()
    wait_for(lambda: {over() for _ in range(CALLS)} == {False}, "the recovery of the edge", RECOVERY_S + 5 * SLACK_S)
    remembering.limit()
    wait_until_read(remembering, carrier, gateway)


def test_last_known_rules_decide_while_the_store_hangs(
    cluster: PostgresCluster, remembering: EdgeNode, carrier: Phone, gateway: Phone
) -> None:
    remembering.put(NUMBER, target=TARGET)
    wait_until_read(remembering, carrier, gateway)
    cluster.freeze()
    try:
        for _ in range(CALLS):
            assert forwarded_to(remembering, carrier, gateway) == (TARGET, True)
    finally:
        cluster.thaw()
    wait_for_recovery(remembering)


def test_last_known_rules_decide_for_a_limited_time(tmp_path: Path, carrier: Phone, gateway: Phone) -> None:
    """And without SQLite's store too."""
    trunks = [OutboundTrunk("main", gateway.uri)]
    with EdgeNode(tmp_path, trunks, on_store_loss="last-known", store_loss_max_s=LIMIT_S) as node:
        node.put(NUMBER, target=TARGET)
        node.put(IDLE)
        assert forwarded_to(node, carrier, gateway) == (TARGET, False)
        begin = time.monotonic()
        assert status_of(node, IDLE) == 480
        node.store.execute("ALTER TABLE numbers RENAME TO hidden")
        assert forwarded_to(node, carrier, gateway) == (TARGET, True)
        wait_for(lambda: status_of(node, IDLE) == 503, "the end of what is known", LIMIT_S + 5 * SLACK_S)
        assert time.monotonic() - begin >= LIMIT_S
        # It was read before the other one.
        refusal(node, carrier)


def test_the_password_is_in_no_log_and_in_no_file_that_others_read(rejecting: EdgeNode, remembering: EdgeNode) -> None:
    for node in (rejecting, remembering):
        assert PASSWORD not in node.logged()
        assert quote(PASSWORD, safe="") not in node.logged()
        (settings,) = node.directory.glob("**/edge.json")
        assert quote(PASSWORD, safe="") in settings.read_text("utf-8")
        assert settings.stat().st_mode & 0o007 == 0
        for pid in node.pids():
            for name in ("cmdline", "environ"):
                assert b"s3cret" not in Path(f"/proc/{pid}/{name}").read_bytes()
