"""Workers of the voicemail that a test plays, and calls that they take."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.waiting import wait_for

NUMBER, EMAIL = "+33199001234", "box@example.org"
Workers = tuple[Phone, Phone, Phone]


@contextmanager
def edge_before(phones: Workers, directory: Path, **settings: Any) -> Iterator[EdgeNode]:
    """Run an edge with three workers."""
    addresses = tuple((phone.host, phone.port) for phone in phones)
    with EdgeNode(directory, voicemail=addresses, **settings) as edge:
        edge.put(NUMBER, email=EMAIL, revision=3)
        yield edge


def worker_of(workers: Sequence[Phone], call: Call | None = None) -> Incoming:
    """Wait for the INVITE at whichever worker gets it; that of `call`, as copies of an earlier one may be under way."""
    found: list[Incoming] = []

    def came() -> bool:
        for phone in workers:
            while (message := phone.receive_now()) is not None:
                if (
                    message.status is None
                    and message.method == "INVITE"
                    and (call is None or message["Call-ID"] == call.call_id)
                ):
                    found.append(Incoming(phone, message))
                    return True
        return False

    wait_for(came, "the INVITE at a worker")
    return found[0]


def talk(node: EdgeNode, carrier: Phone, workers: Sequence[Phone]) -> tuple[Call, Incoming]:
    """Set up a call that a worker has answered."""
    call = Call(carrier, node.address, NUMBER).start()
    incoming = worker_of(workers, call)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    incoming.phone.expect("ACK", skip=("OPTIONS",))
    return call, incoming


def hang_up(call: Call, incoming: Incoming) -> None:
    """End a call from the caller's side."""
    call.send("BYE")
    incoming.answer(incoming.phone.expect("BYE", skip=("OPTIONS",)))
    call.phone.expect(200)


def end(incoming: Incoming, carrier: Phone) -> None:
    """End a call from the worker's side."""
    incoming.send("BYE")
    bye = carrier.expect("BYE")
    carrier.send(bye.answer(200), bye.source)
    incoming.phone.expect(200, skip=("OPTIONS",))
