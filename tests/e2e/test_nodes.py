"""Several nodes as installed on one PostgreSQL: what one has answered holds at all, and each can do without others."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any, Self

import pytest

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import HEADER, VoicemailHandoff
from renvoi.domain.numbers.number import E164
from tests.support.callers import Caller
from tests.support.node import NUMBER, OTHER_TARGET, RECORD_TIMEOUT_S, SECOND, START_TIMEOUT_S, TARGET, Node
from tests.support.ports import free_port
from tests.support.postgres import PostgresCluster
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.smtp import Inbox
from tests.support.waiting import BESIDE_S, wait_for

PATH = "/v1/vn/callforward"
OWNER = "owner@example.com"
ROUNDS = 100
IDENTICAL = 200
RECOVERY_S = 5.0 + BESIDE_S / 2
ANSWER_S = 4.0
"""How long /readyz may take: two seconds, on a machine that has time."""
HANG_S = 8.0
"""How long a change may take that the database does not answer: five seconds, likewise."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresCluster]:
    """Run a PostgreSQL."""
    with PostgresCluster() as running:
        yield running


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, cluster: PostgresCluster) -> Iterator[Node]:
    """Fill a database; the node that did is not started yet."""
    made = Node(tmp_path_factory.mktemp("first"), database_url=cluster.url(cluster.create_database()))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, first: Node) -> Iterator[tuple[Node, Node]]:
    """Run two nodes alike, on one database."""
    second = beside(first, tmp_path_factory.mktemp("second"))
    try:
        for each in (first, second):
            each.configure(voicemail_workers=1, edge_workers=2)
            each.launch()
        for each in (first, second):
            each.wait_ready()
        yield first, second
    finally:
        second.stop()


def beside(first: Node, directory: Path, only: str | None = None) -> Node:
    """Make another node on the database of `first`."""
    return Node(directory, database_url=first.environment["RENVOI_DATABASE_URL"], only=only, beside=first)


class Trunk:
    """An outbound trunk that is busy for every call, and knows where each was to go."""

    def __init__(self) -> None:
        self.phone = Phone()
        self.uri = self.phone.uri
        self._targets: dict[str, str] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._answer)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.phone.close()

    def _answer(self) -> None:
        while not self._over.is_set():
            with suppress(TimeoutError):
                message = self.phone.receive(0.1)
                if message.method == "INVITE":
                    self._targets[message["Call-ID"]] = message.uri.removeprefix("sip:").partition("@")[0]
                    Incoming(self.phone, message).reply(486)

    def call(self, node: Node, number: str = NUMBER) -> tuple[str, int, str | None]:
        """Call `number` at a node's edge; return Call-ID, final status, and the target if it was forwarded."""
        with Phone() as carrier:
            call = Call(carrier, node.edge, number).start()
            deadline = time.monotonic() + 10
            while True:
                answer = carrier.receive(max(0.0, deadline - time.monotonic()))
                if answer.status is not None and answer.status >= 200:
                    call._acknowledge(answer)
                    return call.call_id, answer.status, self._targets.get(call.call_id)


@pytest.fixture(scope="module")
def trunk(pair: tuple[Node, Node]) -> Iterator[Trunk]:
    """Add an outbound trunk at the first node: in force there when the command returns, and at the second soon."""
    first, second = pair
    with Trunk() as made:
        first.set_rule(0, number=SECOND)
        first.forward(TARGET, SECOND)
        first.renvoi("trunk", "add", "main", "--outbound", made.uri)
        assert made.call(first, SECOND)[1:] == (486, TARGET)
        wait_for(lambda: made.call(second, SECOND)[1:] == (486, TARGET), "the trunk at the other node", START_TIMEOUT_S)
        yield made


def test_three_nodes_with_a_part_each(tmp_path_factory: pytest.TempPathFactory, first: Node) -> None:
    """A call comes to the edge, its message is taken by the voicemail node and mailed from there, all see it."""
    with Inbox() as inbox, ExitStack() as stack:
        port = free_port()
        nodes = {only: beside(first, tmp_path_factory.mktemp(only), only) for only in ("api", "edge", "voicemail")}
        api, edge, voicemail = nodes.values()
        edge.configure(voicemail_nodes=f"127.0.0.1:{port}", edge_workers=2)
        voicemail.configure(voicemail_port=port, voicemail_workers=1, smtp_url=inbox.url())
        for node in nodes.values():
            stack.callback(node.stop)
            node.launch()
        for node in nodes.values():
            node.wait_ready()
        check_parts(nodes)
        assert api.set_rule(2, OWNER).json()["code"] == 4
        with Caller(edge.edge, NUMBER) as caller:
            assert caller.connect() == 200
            assert caller.wait_for_beep()
            caller.talk(1.5)
            assert caller.hang_up() == 200
        (mail,) = wait_for(lambda: inbox.mails, "the mail", 20)
        assert mail.recipients == (OWNER,)
        (message,) = api.renvoi("messages")
        assert message["from"] == caller.number
        record = edge.record(caller.call_id)
        assert (record["decision"], record["status"]) == ("voicemail", 200)
        check_strangers(port)
        # Without its voicemail the edge says so, as it would without any.
        voicemail.stop()
        with Caller(edge.edge, NUMBER) as caller:
            assert caller.connect() == 480
        assert edge.record(caller.call_id)["reason"] == "voicemail-absent"


def has_parts(node: Node, wanted: set[str]) -> bool:
    """Tell whether /readyz says that these parts are ok, and others absent."""
    parts = node.inner.get("/readyz").json()["parts"]
    is_ok = {part for part, found in parts.items() if found["state"] == "ok"}
    return is_ok == wanted and {found["state"] for found in parts.values()} == {"ok", "absent"}


def check_parts(nodes: Mapping[str, Node]) -> None:
    """Each node has what it was told to do, and answers what machines ask; the API answers at one."""
    wanted = {
        "api": {"api"},
        "edge": {"edge", "collector"},
        "voicemail": {"voicemail", "collector", "mailer"},
    }
    for name, node in nodes.items():
        wait_for(partial(has_parts, node, wanted[name] | {"store", "fork-server"}), f"the parts of {name}")
        assert node.api.get("/healthz").status_code == 200
        assert node.api.get("/readyz").json() == {"status": "ready"}
        assert node.api.get("/metrics").status_code == 404
        node.wait_metric(f'renvoi_part_up{{part="{name}"}} 1.0')
        assert node.set_rule(0).status_code == (404 if name != "api" else 409)
    # A node claims only the ports that it needs.
    with Phone(port=nodes["api"].sip_port), Phone(port=nodes["voicemail"].sip_port):
        pass


def check_strangers(port: int) -> None:
    """See that what the edge alone may say is not heard from anybody else."""
    handoff = VoicemailHandoff(E164(NUMBER), 1, EmailAddress(OWNER), "+33612345678").encode()
    with Phone(host="127.0.0.2") as stranger:
        Call(stranger, ("127.0.0.1", port), NUMBER, headers=[(HEADER, handoff)]).start()
        stranger.expect_silence()


def test_an_invite_at_one_node_obeys_what_the_other_has_answered(pair: tuple[Node, Node], trunk: Trunk) -> None:
    """Each change is followed at once by a call elsewhere; not one is decided by the rule before."""
    first, second = pair
    first.set_rule(0)
    calls = []
    for number in range(ROUNDS):
        changed, called = (first, second) if number % 2 else (second, first)
        target = (TARGET, OTHER_TARGET)[number % 2]
        revision = changed.forward(target)
        call_id, status, went_to = trunk.call(called)
        assert (status, went_to) == (486, target), f"round {number}, revision {revision}"
        calls.append((call_id, target, revision))
    # What one edge did is seen at the other node too.
    first.record(calls[-1][0])
    for node in pair:
        (shown,) = node.renvoi("calls", "show", calls[-1][0])
        assert [(leg["trunk"], leg["status"]) for leg in shown["ladder"]] == [("main", 486)]
    for node in pair:
        found: dict[str, Any] = {}

        def collected(node: Node = node, found: dict[str, Any] = found) -> bool:
            found |= {call["call_id"]: call for call in node.renvoi("calls", "--limit", "500") if call["ended_at"]}
            return all(call_id in found for call_id, _, _ in calls)

        wait_for(collected, "the records of all calls", RECORD_TIMEOUT_S)
        seen = [(found[call_id]["target"], found[call_id]["revision"]) for call_id, _, _ in calls]
        assert seen == [(target, revision) for _, target, revision in calls]


def test_identical_changes_have_one_winner(pair: tuple[Node, Node]) -> None:
    first, second = pair
    first.set_rule(0)
    body = {"apiKey": first.key, "number": NUMBER, "type": 1, "param": TARGET}

    def change(number: int) -> int:
        answer = (first, second)[number % 2].api.post(PATH, json=body, timeout=30)
        return int(answer.json()["code"])

    with ThreadPoolExecutor(16) as pool:
        codes = Counter(pool.map(change, range(IDENTICAL)))
    assert codes == {3: 1, 16: IDENTICAL - 1}


def test_one_idempotency_key_makes_one_change(pair: tuple[Node, Node]) -> None:
    """The same request at both nodes at once: both get the answer of the one that was done."""
    first, second = pair
    first.set_rule(0)
    for number in range(5):
        body = {"apiKey": first.key, "number": NUMBER, "type": 1, "param": (TARGET, OTHER_TARGET)[number % 2]}

        def change(node: Node, body: dict[str, object] = body, number: int = number) -> tuple[int, str]:
            answer = node.api.post(PATH, json=body, headers={"Idempotency-Key": f"key-{number}"}, timeout=30)
            return int(answer.json()["code"]), answer.headers["X-Rule-Revision"]

        with ThreadPoolExecutor(4) as pool:
            answers = set(pool.map(change, (first, second, second, first)))
        assert len(answers) == 1
        assert answers.pop()[0] == 3


def test_a_node_at_the_address_of_one_that_died_serves_its_calls(
    tmp_path_factory: pytest.TempPathFactory, first: Node
) -> None:
    """The marks are made with the shared keys, so they hold at each node that the Record-Route leads to."""
    with Phone() as phone, Phone() as carrier, ExitStack() as stack:
        nodes = [beside(first, tmp_path_factory.mktemp(name), "edge") for name in ("gone", "heir")]
        gone, heir = nodes
        heir.sip_port = gone.sip_port
        first.renvoi("trunk", "add", "taker", "--outbound", phone.uri, "--priority", "100")
        stack.callback(first.renvoi, "trunk", "remove", "taker")
        # Whatever the tests before have left; refused if it is off already.
        first.run("forward", NUMBER, "--off")
        first.renvoi("forward", NUMBER, "--to", TARGET)
        for node in nodes:
            node.configure(edge_workers=2)
            stack.callback(node.stop)
        gone.start()
        calls = [talk(carrier, gone, phone) for _ in range(2)]
        for call, _ in calls:
            wait_for(lambda: answered(first, call.call_id), "the record of the answer", 30)  # noqa: B023 - called at once
        gone.kill()
        heir.start()
        call, incoming = calls[0]
        call.send("BYE")
        incoming.answer(phone.expect("BYE", skip=("OPTIONS",)))
        carrier.expect(200)
        call, incoming = calls[1]
        incoming.send("BYE")
        bye = carrier.expect("BYE")
        carrier.send(bye.answer(200), bye.source)
        phone.expect(200, skip=("OPTIONS",))
        assert [heir.record(call.call_id)["hung_up_by"] for call, _ in calls] == ["caller", "callee"]


def talk(carrier: Phone, node: Node, phone: Phone) -> tuple[Call, Incoming]:
    """Set up a call through a node."""
    call = Call(carrier, node.edge, NUMBER).start()
    incoming = Incoming.wait(phone)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    phone.expect("ACK", skip=("OPTIONS",))
    return call, incoming


def answered(node: Node, call_id: str) -> bool:
    """Tell whether the store knows that a call was answered."""
    return any(call["answered_at"] for call in node.renvoi("calls", "--limit", "500") if call["call_id"] == call_id)


def test_a_node_that_is_killed_takes_nobody_along(pair: tuple[Node, Node], trunk: Trunk) -> None:
    first, second = pair
    second.kill()
    first.set_rule(0)
    first.forward(OTHER_TARGET)
    assert trunk.call(first)[1:] == (486, OTHER_TARGET)
    assert first.readiness() == 200
    second.launch()
    second.wait_ready()
    assert trunk.call(second)[1:] == (486, OTHER_TARGET)


def store_of(node: Node) -> dict[str, str]:
    """Return what /readyz says of the store; it must say it in time."""
    asked_at = time.monotonic()
    answer = node.inner.get("/readyz")
    assert time.monotonic() - asked_at < ANSWER_S
    found: dict[str, str] = answer.json()["parts"]["store"]
    assert (answer.status_code == 200) == (found["state"] == "ok")
    return found


def test_nodes_get_over_a_database_that_was_away(
    pair: tuple[Node, Node], trunk: Trunk, cluster: PostgresCluster
) -> None:
    """One has served all the time, the other one is started while there is no database."""
    first, second = pair
    first.set_rule(0)
    cluster.stop("immediate")
    second.kill()
    second.launch()
    wait_for(lambda: "Connection refused" in store_of(first)["detail"], "the reason on /readyz", 20)
    wait_for(lambda: second.readiness() == 503, "an answer of the node that is started", START_TIMEOUT_S)
    answer = first.set_rule(1, TARGET)
    assert (answer.status_code, answer.json()["code"]) == (503, 104)
    assert answer.headers["Retry-After"]
    assert answer.elapsed.total_seconds() < 1 + BESIDE_S / 5
    cluster.start()
    back_at = time.monotonic()
    wait_for(lambda: first.readiness() == 200, "the recovery", 20)
    recovered_s = time.monotonic() - back_at
    assert recovered_s < RECOVERY_S
    second.wait_ready()
    first.forward(TARGET)
    assert trunk.call(second)[1:] == (486, TARGET)
    log = first.log.read_text("utf-8")
    told = [line for line in log.splitlines() if "the store is away" in line and '"part": "http"' in line]
    assert len(told) == 1


def test_a_database_that_hangs_holds_nobody_up(pair: tuple[Node, Node], cluster: PostgresCluster) -> None:
    first, second = pair
    first.set_rule(0)
    cluster.freeze()
    try:
        with ThreadPoolExecutor(4) as pool:
            changes = [pool.submit(node.set_rule, 1, TARGET) for node in pair]
            assert [store_of(node)["state"] for node in pair] == ["failed", "failed"]
            for change in changes:
                answer = change.result()
                assert (answer.status_code, answer.json()["code"]) == (503, 104)
                assert answer.elapsed.total_seconds() < HANG_S
    finally:
        cluster.thaw()
    back_at = time.monotonic()
    wait_for(lambda: [node.readiness() for node in pair] == [200, 200], "the recovery", 20)
    assert time.monotonic() - back_at < RECOVERY_S
    # Nothing was changed, so this is a change.
    assert second.forward(TARGET)
