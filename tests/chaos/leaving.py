"""Callers who leave messages in mailboxes, and the mails that come of it."""

import hashlib
import random
import threading
import time
from collections.abc import Iterable, Iterator, Sequence

from tests.chaos.history import NEVER, Call, Fault, MailSeen, Taking
from tests.support.callers import GIVES_UP_AFTER_S, Caller
from tests.support.node import Node
from tests.support.smtp import Received

FIRST_RTP_PORT, PORTS_OF_A_NODE = 20_000, 2000
WORKERS = 2
"""Voicemail workers of each node."""


def rtp_ports(index: int) -> str:
    """Return the range of ports that node `index` gets, as the setting wants it."""
    first = FIRST_RTP_PORT + index * PORTS_OF_A_NODE
    return f"{first}-{first + PORTS_OF_A_NODE - 1}"


def worker_of(rtp_port: int) -> int:
    """Return which worker of its node has a call with that port: each has ports of its own."""
    return (rtp_port - FIRST_RTP_PORT) // 2 % WORKERS


class Left:
    """A call to a mailbox, to be judged when all kills are known."""

    def __init__(self, node: str, number: str, caller: Caller) -> None:
        self._node = node
        self._number = number
        self._caller = caller
        self._begun = time.monotonic()
        self._status = 0
        self._hung_up = False

    def make(self, seconds: float) -> bool:
        """Call, and talk for so long after the beep; tell whether anybody answered."""
        caller = self._caller
        self._status = caller.connect(GIVES_UP_AFTER_S)
        if self._status != 200:
            return False
        if caller.wait_for_beep():
            caller.talk(seconds)
        self._hung_up = caller.hang_up() == 200
        return True

    @property
    def call(self) -> Call:
        """The call as the caller knows it."""
        ended = self._caller.answered_at if self._status == 200 else NEVER
        status = self._status or None
        call_id = self._caller.call_id
        return Call(self._begun, ended, self._node, self._number, call_id, status, hung_up=self._hung_up)

    def taking(self, faults: Iterable[Fault]) -> Taking:
        """Return what must have been heard: nothing that was said after the death of its worker."""
        caller = self._caller
        killers = ("node", f"voicemail {worker_of(caller.rtp_port)}")
        deaths = (fault.at for fault in faults if fault.node == self._node and fault.what in killers)
        death = min((at for at in deaths if at >= caller.answered_at), default=None)
        return Taking(caller.call_id, max(0.0, caller.heard_s(death) - caller.stutter_s))


class Leaving:
    """Calls mailboxes at random edges, one call after the other in each of its threads."""

    def __init__(self, nodes: dict[str, Node], mailboxes: Sequence[str], dice: random.Random) -> None:
        self._nodes = nodes
        self._mailboxes = mailboxes
        self._seeds = dice
        self.calls: list[Left] = []
        self._stop = threading.Event()

    def stop(self) -> None:
        """Have nobody call again."""
        self._stop.set()

    def run(self, index: int) -> None:
        """Call until told to stop."""
        dice = random.Random(self._seeds.random())
        while not self._stop.is_set():
            node, number = dice.choice(list(self._nodes)), dice.choice(self._mailboxes)
            with Caller(self._nodes[node].edge, number, hz=400 + 50 * index) as caller:
                left = Left(node, number, caller)
                self.calls.append(left)
                answered = left.make(dice.uniform(0.5, 3.5))
            # A caller takes breath, or there was nobody just now.
            self._stop.wait(dice.uniform(0, 0.2) if answered else 0.3)


def mails_seen(mails: Iterable[Received]) -> Iterator[MailSeen]:
    """Yield the mails that a server took, as the history writes them."""
    for mail in mails:
        message_id, audio = _parse(mail)
        yield MailSeen(message_id, mail.recipients[0], hashlib.sha256(audio).hexdigest()[:16])


def _parse(mail: Received) -> tuple[str, bytes]:
    message = mail.message
    (part,) = message.iter_attachments()
    audio = part.get_content()
    assert isinstance(audio, bytes)
    return message["Message-ID"].strip("<>").partition("@")[0], audio
