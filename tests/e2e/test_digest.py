"""A node whose trunk wants a password, which nobody else gets to see (docs/trunks.md)."""

import os
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.digest import challenge, proves
from tests.support.node import NUMBER, TARGET, Node, descendants
from tests.support.sip import Call, Incoming, Phone
from tests.support.sip_message import SipMessage, uri_in
from tests.support.waiting import wait_for

PASSWORD, SECOND = "correct-horse-battery", "staple-of-another-kind"


@pytest.fixture
def trunk() -> Iterator[Phone]:
    with Phone() as phone:
        yield phone


@pytest.fixture
def node(tmp_path: Path, trunk: Phone) -> Iterator[Node]:
    made = Node(tmp_path)
    made.renvoi("trunk", "add", "out", "--outbound", trunk.uri)
    made.renvoi("forward", NUMBER, "--to", TARGET)
    try:
        yield made.start()
    finally:
        made.stop()


def call_is_proven(node: Node, trunk: Phone, password: str) -> bool:
    """Make a call that the trunk challenges; tell whether it came again with the right answer."""
    trunk.forget()
    with Phone() as carrier:
        call = Call(carrier, node.edge, NUMBER).start()
        incoming = Incoming.wait(trunk)
        incoming.reply(401, headers=[challenge(401, "n1")])
        trunk.expect("ACK", skip=("INVITE",))
        again: list[SipMessage] = []

        def is_over() -> bool:
            while (message := trunk.receive_now()) is not None:
                if message.method == "INVITE" and message not in trunk.seen[:-1]:
                    Incoming(trunk, message).reply(486)
                    again.append(message)
            while (message := carrier.receive_now()) is not None:
                if (message.status or 0) >= 300:
                    call._acknowledge(message)
                    return True
            return False

        wait_for(is_over, "the end of the call")
        assert carrier.seen[-1].status == (486 if again else 503)
        return bool(again) and proves(again[0], 401, "bob", password, "n1")


def written(node: Node) -> Iterator[tuple[str, bytes]]:
    """Yield all that the node has written, and what its processes were started with."""
    assert node.process is not None
    processes = (node.process.pid, *descendants(node.process.pid))
    known = (Path(f"/proc/{pid}/{name}") for pid in processes for name in ("environ", "cmdline"))
    for path in (*node.data.rglob("*"), node.log, *known):
        # A file that is written in another's place, and a process, may be gone by now.
        with suppress(FileNotFoundError, ProcessLookupError):
            if path.is_file():
                yield str(path), path.read_bytes()


def kill(pids: Iterable[int]) -> None:
    """Kill processes, of which the end of one may have been the end of others."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_a_password_reaches_the_trunk_and_nobody_else(node: Node, trunk: Phone, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD, "utf-8")
    # The first one: the edge is started again, with the module.
    edge = set(node.pids("kamailio"))
    node.renvoi("trunk", "set", "out", "--user", "bob", "--password-file", str(file))
    assert not edge & set(node.pids("kamailio"))
    assert call_is_proven(node, trunk, PASSWORD)

    # A change needs no start.
    edge = set(node.pids("kamailio"))
    file.write_text(SECOND + "\n", "utf-8")
    node.renvoi("trunk", "set", "out", "--password-file", str(file))
    assert edge == set(node.pids("kamailio"))
    assert call_is_proven(node, trunk, SECOND)

    # An edge that is started again has it before it takes calls.
    kill(edge)
    node.wait_for_another_edge(edge)
    assert call_is_proven(node, trunk, SECOND)

    for where, content in written(node):
        assert PASSWORD.encode() not in content, where
        assert SECOND.encode() not in content, where

    # A key that is not the one: the node serves on, and says so.
    key = node.data / "secrets.key"
    key.rename(tmp_path / "key")
    node.renvoi("trunk", "set", "out", "--priority", "7")
    assert not call_is_proven(node, trunk, SECOND)
    node.wait_part("trunk out", "degraded", "secrets.key is not here")
    assert "in the store, and their key is not here" in node.run("check").stdout
    (tmp_path / "key").rename(key)
    node.renvoi("trunk", "set", "out", "--priority", "8")
    assert call_is_proven(node, trunk, SECOND)


def registered(registrar: Phone, password: str) -> SipMessage:
    """Challenge the next REGISTER at the registrar, and take the one that follows."""
    asked = registrar.expect_new("REGISTER", 30, skip=("ACK",))
    registrar.send(asked.answer(401, headers=[challenge(401, "n1")]), asked.source)
    proven = registrar.expect_new("REGISTER", skip=("ACK",))
    assert proves(proven, 401, "bob", password, "n1")
    registrar.send(proven.answer(200, headers=[("Contact", f"{proven['Contact']};expires=600")]), proven.source)
    return proven


def test_a_node_registers_and_takes_the_calls_that_come_of_it(node: Node, trunk: Phone, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD, "utf-8")
    flags = ("--user", "bob", "--password-file", str(file), "--register", "--contact-user", NUMBER)
    with Phone() as registrar:
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(node.renvoi, "trunk", "set", "out", *flags, "--registrar", registrar.uri)
            contact = uri_in(registered(registrar, PASSWORD)["Contact"])
            done.result(60)
        wait_for(lambda: state(node) == "registered", "the registration")
        node.wait_part("trunk out", "ok")
        node.wait_metric('renvoi_trunk_registered{trunk="out"} 1.0')

        # A call comes to what was registered.
        assert contact == f"sip:{NUMBER}@127.0.0.1:{node.sip_port}"
        call = Call(registrar, node.edge, contact).start()
        Incoming.wait(trunk).reply(486)
        call.expect(486)

        # The registrar has new credentials for us, and an edge that is started again registers again.
        file.write_text(SECOND, "utf-8")
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(node.renvoi, "trunk", "set", "out", "--password-file", str(file))
            registered(registrar, SECOND)
            done.result(60)
        kill(node.pids("kamailio"))
        registered(registrar, SECOND)
        wait_for(lambda: state(node) == "registered", "the registration")

        # It lets go of what it does not register any more.
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(node.renvoi, "trunk", "set", "out", "--no-register")
            assert registered(registrar, SECOND)["Expires"] == "0"
            done.result(60)
        assert state(node) is None


def state(node: Node) -> object:
    return next(each["registration"] for each in node.renvoi("trunk", "list") if each["name"] == "out")
