"""Identity tokens on a whole node: the fetcher of certificates comes and goes with the trunks, and records tell."""

import time
from pathlib import Path

import httpx

from tests.support.identity import CALLER, Authority, Signer, Token
from tests.support.node import NUMBER, TARGET, Node
from tests.support.sip import Call, Incoming, Phone
from tests.support.waiting import wait_for


def part(node: Node) -> str | None:
    """Return the state of the fetcher, None while there is none."""
    try:
        found = node.inner.get("/readyz").json()["parts"].get("certificates")
    except httpx.TransportError:
        return None
    return found["state"] if found is not None else None


def test_certificates_are_fetched_while_a_trunk_verifies(tmp_path: Path) -> None:
    node = Node(tmp_path)
    authority = Authority()
    signer = authority.signer(url="https://certificates.example/a.pem")
    (node.data / "trusted.pem").write_bytes(authority.trusted)
    node.configure(identity_trusted_file=str(node.data / "trusted.pem"), identity_hosts="other.example")
    try:
        serve_a_call(node, signer)
    finally:
        node.stop()


def serve_a_call(node: Node, signer: Signer) -> None:
    with Phone() as carrier, Phone() as target:
        node.start()
        assert part(node) is None
        node.forward(TARGET)
        node.renvoi("trunk", "set", "carrier", "--identity", "verify", "--outbound", target.uri)
        wait_for(lambda: part(node) == "ok", "the fetcher of certificates", 30)
        headers = [("Identity", signer.header(Token(int(time.time()))))]
        call = Call(carrier, node.edge, NUMBER, f"+{CALLER}", headers).start()
        Incoming.wait(target).reply(486)
        assert 'STIR;cause=436;text="Bad Identity Info"' in call.expect(486).all("Reason")
        wait_for(
            lambda: "certificates.example is not named in RENVOI_IDENTITY_HOSTS" in node.log.read_text(),
            "the request",
            30,
        )
        identity = node.record(call.call_id)["identity"]
        assert (identity["verstat"], identity["faults"]) == ("No-TN-Validation", ["certificate-unknown"])
        node.renvoi("trunk", "set", "carrier", "--identity", "pass")
        wait_for(lambda: part(node) is None, "the end of the fetcher", 30)
        assert not node.pids("renvoi.node certificates")
