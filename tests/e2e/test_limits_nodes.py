"""Limits of calls at once at three nodes on one PostgreSQL, which count together (docs/operating/limits.md#limits)."""

import json
from collections.abc import Iterator

import pytest

from renvoi.count_files import OTHERS
from tests.support.call_load import Load
from tests.support.node import Node
from tests.support.postgres import shared_cluster
from tests.support.sip import Call, Incoming, Phone
from tests.support.waiting import wait_for

NUMBERS = [f"+331990020{index:02}" for index in range(100)]
FREED_S = PATIENCE_S = 60.0
LONGEST_RINGING_S = 170


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    """Run three nodes with a hundred numbers."""
    cluster = shared_cluster()
    first = Node(tmp_path_factory.mktemp("first"), database_url=cluster.url(cluster.create_database()))
    url = first.environment["RENVOI_DATABASE_URL"]
    others = [Node(tmp_path_factory.mktemp(name), database_url=url, only="edge", beside=first) for name in "bc"]
    rows = first.data.parent / "numbers.csv"
    rows.write_text("number\n" + "\n".join(NUMBERS) + "\n")
    first.renvoi("number", "import", str(rows), "--account", "acme")
    try:
        for node in (first, *others):
            node.configure(edge_workers=2, voicemail_workers=0)
            node.launch()
        for node in (first, *others):
            node.wait_ready()
        forward_all(first)
        yield [first, *others]
    finally:
        for node in (first, *others):
            node.stop()


def forward_all(node: Node) -> None:
    """Forward each number to one of its own, where calls ring on while others are made at busy nodes."""
    rules = [
        {"action": "forward", "to": [f"+336100000{index:02}"], "ring_timeout_s": LONGEST_RINGING_S}
        for index in range(len(NUMBERS))
    ]
    changes = [{"number": number, "forwarding": rule} for number, rule in zip(NUMBERS, rules, strict=True)]
    headers = {"Authorization": f"Bearer {node.key}"}
    done = node.api.post("/v2/forwarding:batch", headers=headers, json={"changes": changes}, timeout=PATIENCE_S)
    assert done.json()["changed"] == len(NUMBERS), done.text


def elsewhere(node: Node, kind: str = "n") -> dict[str, int]:
    """Return what a node's edge knows of calls at numbers (`n`) or trunks (`T`) at other nodes."""
    try:
        found: dict[str, int] = json.loads((node.data / "edge" / OTHERS).read_text())
    except FileNotFoundError:
        return {}
    return {name: count for name, count in found.items() if name.startswith(kind) and "/" not in name}


def send_to(nodes: list[Node], trunk: Phone, *options: str) -> None:
    """Give all nodes one outbound trunk, of its own name for each test."""
    name = f"out-{trunk.port}"
    for listed in nodes[0].renvoi("trunk", "list"):
        if listed["name"].startswith("out-"):
            nodes[0].renvoi("trunk", "remove", listed["name"])
    nodes[0].renvoi("trunk", "add", name, "--outbound", trunk.uri, *options)

    def all_know() -> bool:
        return all(f'renvoi_trunk_up{{trunk="{name}"}} 1.0' in node.inner.get("/metrics").text for node in nodes)

    wait_for(all_know, "the trunk at each node", PATIENCE_S)


def make(carrier: Phone, trunk: Phone, node: Node, *, each: int = 1) -> Load:
    """Call each number at a node so many times."""
    load = Load(carrier, trunk, [Call(carrier, node.edge, number) for number in NUMBERS * each])
    wait_for(load.settled, load.state, PATIENCE_S)
    return load


def test_a_trunk_at_its_limit(nodes: list[Node]) -> None:
    a, b, _ = nodes
    with Phone() as carrier, Phone() as trunk:
        send_to(nodes, trunk, "--max-calls", "1")
        call = Call(carrier, a.edge, NUMBERS[0]).start()
        incoming = Incoming.wait(trunk)
        # Else it would be called again, and given up as silent.
        incoming.reply(180)
        call.expect(180)
        wait_for(lambda: set(elsewhere(b, "T").values()) == {1}, "the call at the other node", PATIENCE_S)
        assert Call(carrier, b.edge, NUMBERS[1]).start().expect(503)["Reason"] == "Q.850;cause=34"
        incoming.reply(486)
        call.expect(486)
        wait_for(lambda: not elsewhere(b, "T"), "the end of the call", PATIENCE_S)
        trunk.forget()
        call = Call(carrier, b.edge, NUMBERS[1]).start()
        Incoming.wait(trunk).reply(486)
        call.expect(486)


def test_a_hundred_numbers_at_their_limit(nodes: list[Node]) -> None:
    a, b, c = nodes
    everywhere = {f"n{number[1:]}": 2 for number in NUMBERS}
    with Phone() as carrier, Phone() as trunk:
        send_to(nodes, trunk)
        a.renvoi("limits", "set", "acme", "--number-calls", "2")
        at_a, at_b = make(carrier, trunk, a), make(carrier, trunk, b)
        assert len(at_a.arrived) == len(at_b.arrived) == len(NUMBERS)
        wait_for(
            lambda: elsewhere(c) == everywhere, lambda: f"the calls of both at the third ({elsewhere(c)})", PATIENCE_S
        )
        refused = make(carrier, trunk, c)
        assert (len(refused.arrived), set(refused.refused.values())) == (0, {486})

        at_b.end()
        wait_for(lambda: set(elsewhere(c).values()) == {1}, "the end of the calls at one of them", PATIENCE_S)
        more = make(carrier, trunk, c)
        assert len(more.arrived) == len(NUMBERS)
        # Less than there are, in force with the next call.
        a.renvoi("limits", "set", "acme", "--number-calls", "1")
        assert not make(carrier, trunk, a).arrived
        more.end()
        assert not make(carrier, trunk, a).arrived, "it has one of its own"

        a.kill()
        wait_for(lambda: elsewhere(c) == {}, "the dead node's calls to be free", FREED_S)
        last = make(carrier, trunk, c)
        assert len(last.arrived) == len(NUMBERS)
        last.end()
