"""What features of trunks cost a forwarded call: `python -m bench.features`.

CPU time of all of Kamailio's processes for a call at an even rate, best of the rounds, for the floor of `bench.calls`
and for nodes with ever more switched on. The floor's trunk and that of the first two nodes are the same; the trunk of
the others challenges each INVITE, so that a call takes two. All edges run side by side and are measured in turn.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import sipp
from bench.calls import FORWARDED, Edge, cpu_per_call, floor, prepare
from bench.report import progress, table
from renvoi.edge.identity.files import FETCHED, name_of
from tests.support.identity import CALLER, URL, Authority, Token, provider
from tests.support.node import Node
from tests.support.waiting import wait_for

OURS = "https://certificates.example/ours.pem"
LIMITS = [f"--{of}{what}" for of in ("", "number-", "target-") for what in ("calls", "calls-per-minute")]
LIMITS += ["--minutes-per-day", "--number-minutes-per-day"]
NONE, AMPLE = "0", "1000000"


@dataclass(frozen=True)
class Case:
    """An edge, and the calls that it gets: a scenario, and for each number a line of what SIPp injects."""

    edge: Edge
    scenario: str = "forwarded"
    lines: Callable[[], Sequence[str]] = lambda: FORWARDED


@contextmanager
def node(directory: Path, name: str, set_up: Callable[[Node], None]) -> Iterator[Edge]:
    """Run a node with the bench's numbers that `set_up` has given what it needs."""
    directory.mkdir(mode=0o755)
    made = Node(directory)
    prepare(made.data / "renvoi.db")
    set_up(made)
    made.start()
    try:
        yield Edge(name, made.sip_port, made.pids("kamailio"))
        (last,) = wait_for(lambda: made.renvoi("calls", "--limit", "1"), "a record")
        progress(f"{name}: the last call had status {last['status']}, identity {last['identity']}")
    finally:
        made.stop()


def limit(node: Node, most: str) -> None:
    """Limit the account in each way, by what it never reaches or not at all."""
    node.renvoi("limits", "set", "acme", *(word for name in LIMITS for word in (name, most)))


def plain(trunk_port: int, node: Node) -> None:
    """Set up a node with a trunk that takes calls as they are."""
    node.renvoi("trunk", "add", "bench", "--outbound", f"sip:127.0.0.1:{trunk_port}")
    limit(node, NONE)


def policed(trunk_port: int, node: Node) -> None:
    """Add limits, a policy that is not the default, and callers that the trunk knows."""
    plain(trunk_port, node)
    limit(node, AMPLE)
    node.renvoi("policy", "set", "acme", "--countries", "own,BE,DE", "--refused-prefixes", "3389")
    node.renvoi("trunk", "set", "bench", "--caller-id", "served-user", "--ppi", "account", "--account", "+33199000000")
    node.renvoi("trunk", "set", "bench", "--max-calls", AMPLE, "--max-rate", AMPLE)


def challenged(trunk_port: int, node: Node) -> None:
    """Add a user: the trunk challenges each call."""
    policed(trunk_port, node)
    password = node.data.parent / "password"
    password.write_text("bench")
    node.renvoi("trunk", "set", "bench", "--user", "bench", "--password-file", str(password))


def signed(trunk_port: int, authority: Authority, certificate: bytes, node: Node) -> None:
    """Add identity tokens: that of each call is verified, and one for its diversion is signed."""
    challenged(trunk_port, node)
    own = authority.signer(provider("2002"), url=OURS)
    files = {"key": own.key_pem, "certificate": own.pem, "trusted": authority.trusted}
    for name, content in files.items():
        (node.data.parent / name).write_bytes(content)
    node.configure(
        identity_certificate_url=OURS,
        identity_hosts="certificates.example",
        **{f"identity_{name}_file": str(node.data.parent / name) for name in files},
    )
    node.renvoi("trunk", "set", "bench", "--sign", "div")
    node.renvoi("trunk", "set", "carrier", "--identity", "verify")
    fetched = node.data / "edge" / FETCHED
    fetched.mkdir(mode=0o755, parents=True)
    (fetched / name_of(URL)).write_bytes(certificate)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=200, help="calls a second")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    authority = Authority()
    caller = authority.signer(provider("1001"))

    def tokens() -> Sequence[str]:
        # Each is good for a minute, and for any number of calls.
        now_s = int(time.time())
        claims = ({"dest": {"tn": [number[1:]]}, "orig": {"tn": CALLER}} for number in FORWARDED)
        values = (caller.header(Token(now_s, claims=each)).partition(";")[0] for each in claims)
        return [f"{number};{value}" for number, value in zip(FORWARDED, values, strict=True)]

    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        directory = Path(name)
        directory.chmod(0o755)
        target = stack.enter_context(sipp.trunk(directory))
        guard = stack.enter_context(sipp.trunk(directory, "challenging"))
        sets = {
            "renvoi": partial(plain, target),
            "+ limits, policy, callers": partial(policed, target),
            "+ digest at the trunk": partial(challenged, guard),
            "+ verify and sign": partial(signed, guard, authority, caller.pem),
        }
        cases = [Case(stack.enter_context(floor(directory, target)))]
        for number, (what, set_up) in enumerate(sets.items()):
            edge = stack.enter_context(node(directory / str(number), what, set_up))
            cases.append(Case(edge) if "sign" not in what else Case(edge, "signed", tokens))
        for case in cases:
            progress(f"{case.edge.name}, warming up")
            sipp.call(case.scenario, directory, case.edge.port, case.lines(), given.rate, given.seconds)
        best = {case.edge.name: float("inf") for case in cases}
        for number in range(given.rounds):
            for case in cases:
                progress(f"{case.edge.name}, round {number + 1}")
                lines = case.lines()
                spent = cpu_per_call(case.edge, case.scenario, lines, directory, given.rate, given.seconds)
                best[case.edge.name] = min(best[case.edge.name], spent)
        floor_us = best["floor"]
        rows = [(what, us, f"{us / floor_us:.2f}") for what, us in best.items()]
        table(["edge", "CPU µs a forwarded call", "to the floor"], rows)


if __name__ == "__main__":
    main()
