"""A node whose trunk is reached by TLS (docs/trunks.md, "TLS")."""

import asyncio
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from renvoi.adapters.sql import open_store
from renvoi.application.trunks import add_trunk
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.node import NUMBER, TARGET, Node
from tests.support.sip import Call, Incoming, Phone
from tests.support.tls import Authority, SecurePhone, needs_tls, server_side, tls_is_missing

AUTHORITY = Authority("carriers of the test")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = Node(tmp_path)
    made.renvoi("forward", NUMBER, "--to", TARGET)
    try:
        yield made
    finally:
        made.stop()


@pytest.mark.skipif(not tls_is_missing(), reason="this Kamailio can do TLS")
def test_tls_is_refused_where_kamailio_cannot_do_it(node: Node, tmp_path: Path) -> None:
    """When a trunk is set; and one that another node has set does no harm."""
    done = node.run("trunk", "add", "out", "--outbound", "sips:192.0.2.9")
    assert done.returncode == 1
    assert "corrupts its memory with TLS" in done.stderr
    assert "use Debian 13" in done.stderr

    done = node.run("trunk", "add", "in", "--certificate", "a.example", "--ca", str(written(tmp_path, "ca.pem")))
    assert done.returncode == 1
    assert "use Debian 13" in done.stderr

    node.environment |= {"RENVOI_SIP_TLS_CERTIFICATE_FILE": "/nowhere", "RENVOI_SIP_TLS_KEY_FILE": "/nowhere"}
    refused = node.run("serve")
    assert refused.returncode == 1
    assert "RENVOI_SIP_TLS_CERTIFICATE_FILE cannot be used: Kamailio 5" in refused.stderr
    del node.environment["RENVOI_SIP_TLS_KEY_FILE"]
    assert "belong together" in node.run("serve").stderr
    del node.environment["RENVOI_SIP_TLS_CERTIFICATE_FILE"]

    async def set_elsewhere() -> None:
        store = await open_store(f"sqlite:///{node.data / 'renvoi.db'}", migrates=False)
        await add_trunk(store, OutboundTrunk("secure", "sip:192.0.2.9;transport=tls", 90))
        await store.close()

    asyncio.run(set_elsewhere())
    with Phone() as trunk, Phone() as carrier:
        node.renvoi("trunk", "add", "plain", "--outbound", trunk.uri)
        node.launch()
        node.wait_degraded("trunk secure", "use Debian 13")
        assert "use Debian 13" in node.run("check").stdout
        call = Call(carrier, node.edge, NUMBER).start()
        Incoming.wait(trunk).reply(486)
        call.expect(486)


def written(directory: Path, name: str) -> Path:
    """Return a file with the certificate of the authority."""
    path = directory / name
    path.write_text(AUTHORITY.pem, "ascii")
    return path


def fault(node: Node) -> str:
    """Return why the trunk gets no calls, as /readyz says; empty while it does not say."""
    found = node.inner.get("/readyz").json()["parts"]["trunk out"]["detail"].partition(": ")[2]
    return str(found)


@needs_tls
def test_a_trunk_by_tls_is_set_up_by_commands(node: Node, tmp_path: Path) -> None:
    """The edge is started again for the first one; our certificate is shown, and its key is in no command's output."""
    ours = AUTHORITY.issue("edge.example")
    certificate, key = ours.write(tmp_path, "ours")
    ca = written(tmp_path, "ca.pem")
    context = server_side(tmp_path, AUTHORITY.issue("127.0.0.1"), AUTHORITY.pem)
    with SecurePhone(context) as trunk, Phone() as carrier:
        node.start()
        before = set(node.pids("kamailio"))
        words = ["--ca", str(ca), "--client-cert", str(certificate), "--client-key", str(key)]
        added = node.renvoi("trunk", "add", "out", "--outbound", trunk.uri, *words)
        assert not before & set(node.pids("kamailio"))
        assert added["client_cert"] == ours.certificate
        trunk.serve(node.is_ready, "the trunk's connection")
        call = Call(carrier, node.edge, NUMBER).start()
        Incoming.wait(trunk).reply(486)
        call.expect(486)
        trunk.expect("ACK")
        assert trunk.client_certificates

        # Who asks for it sees what the edge sees.
        with ThreadPoolExecutor(1) as asking:
            asked = asking.submit(node.run, "trunk", "test", "out")
            trunk.serve(asked.done, "the answer of a command")
        shown = asked.result().stdout
        assert "200 OK, verified (TLSv1.3), certificate for 127.0.0.1, signed by CN=carriers of the test," in shown

        # Another authority: the connection that there was does not count any more, and no start is needed.
        before = set(node.pids("kamailio"))
        ca.write_text(Authority("another one").pem, "ascii")
        node.renvoi("trunk", "set", "out", "--ca", str(ca))
        assert before == set(node.pids("kamailio"))
        Call(carrier, node.edge, NUMBER).start().expect(503)
        trunk.serve(lambda: fault(node) != "", "the reason")
        with ThreadPoolExecutor(1) as asking:
            # Served meanwhile, as another fault would be found of a trunk that takes no connection.
            listed = asking.submit(node.run, "trunk", "list")
            trunk.serve(listed.done, "the answer of a command")
        found = fault(node)
        assert found.startswith("not verified: its chain does not hold: ")
        assert "certificate for 127.0.0.1, signed by CN=carriers of the test, until" in found
        assert found in listed.result().stdout
        ca.write_text(AUTHORITY.pem, "ascii")
        node.renvoi("trunk", "set", "out", "--ca", str(ca))
        trunk.serve(node.is_ready, "the trunk's connection")

        # An edge that dies comes back with TLS, whose port its processes held.
        before = set(node.pids("kamailio"))
        os.kill(min(before), signal.SIGKILL)
        trunk.serve(lambda: not before & set(node.pids("kamailio")), "the edge's end")
        trunk.serve(lambda: bool(node.pids("kamailio")) and node.is_ready(), "another edge, and the trunk's connection")
        shown = node.run("trunk", "list").stdout + node.log.read_text("utf-8", "replace")
        assert ours.key.splitlines()[1] not in shown
