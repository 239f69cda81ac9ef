"""No message is lost: 100 times something is killed while callers talk, and the mail of each one arrives."""

import contextlib
import logging
import os
import random
import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.callers import GIVES_UP_AFTER_S, TOLERANCE_S, Caller
from tests.support.node import NUMBER, Node, command_line
from tests.support.smtp import Inbox
from tests.support.sound import Sound
from tests.support.waiting import wait_for

WORKERS = 2
FIRST_RTP_PORT = 20_000
CALLERS = 6
DATA_S = 0.3
"""How long the mail server takes for each mail: time enough for the mailer to die in."""
ROUNDS = Counter(
    {
        ("worker", "talking"): 45,
        ("worker", "hung up"): 15,
        ("mailer", "any time"): 16,
        ("mailer", "DATA"): 16,
        ("node", "talking"): 5,
        ("node", "hung up"): 3,
    }
)
"""What is killed how often, and with regard to what the instant is chosen."""
LEAST_S = 1.0
"""Messages that are shorter need not arrive (`docs/calls.md §4`)."""
DEAD_AIR_S = 1.5
"""How long a caller listens to nothing before he gives up: his worker is dead."""
PATIENCE_S = 60.0
"""How long anything may take that normally takes a moment, or a second or two after a crash."""
UNREAD_S = 1.0
"""What of a call that was cut off may have come to the worker, but not to its turn on a busy machine."""
LOG = logging.getLogger(__name__)


@dataclass
class Crowd:
    """Callers who leave messages, one after the other, until told to stop."""

    node: Node
    seed: int
    calls: list[Caller] = field(default_factory=list)
    """Everybody who was answered."""
    talking: dict[int, set[Caller]] = field(default_factory=lambda: defaultdict(set))
    """Who leaves a message now, by worker."""
    hung_up: threading.Event = field(default_factory=threading.Event)
    last_worker: int = 0
    """The worker of who hung up last."""
    _enough: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def calling(self) -> Iterator[None]:
        """Have them call."""
        with ThreadPoolExecutor(CALLERS) as threads:
            callers = [threads.submit(self._keep_calling, number) for number in range(CALLERS)]
            try:
                yield
            finally:
                self._enough.set()
        for caller in callers:
            caller.result()

    def _keep_calling(self, index: int) -> None:
        dice = random.Random(self.seed + index)
        while not self._enough.is_set():
            with Caller(self.node.edge, NUMBER, hz=400 + 50 * index) as caller:
                self._leave_message(caller, dice.uniform(1.2, 3.0))

    def _leave_message(self, caller: Caller, seconds: float) -> None:
        if caller.connect(GIVES_UP_AFTER_S) != 200:
            # Nobody there just now.
            self._enough.wait(0.2)
            return
        worker = worker_of(caller)
        self.calls.append(caller)
        if caller.wait_for_beep(dead_air_s=DEAD_AIR_S):
            self.talking[worker].add(caller)
            caller.talk(seconds)
            self.talking[worker].discard(caller)
            self.last_worker = worker
            self.hung_up.set()
        # There is no answer from who is dead.
        caller.hang_up(2.0)


@dataclass
class Killer:
    """Kills parts of the node, or all of it, at random instants, and notes when."""

    node: Node
    crowd: Crowd
    inbox: Inbox
    dice: random.Random
    kills: list[tuple[float, int | None]] = field(default_factory=list)
    """When, and which worker died by it; None: all of them."""

    def kill(self, what: str, moment: str) -> None:
        """Do one round; return when what was killed is gone, and a node is back."""
        if what == "worker":
            self._kill_worker(moment)
        elif what == "mailer":
            (pid,) = wait_for(lambda: self.node.pids("renvoi.node mailer"), "a mailer", PATIENCE_S)
            self._wait_for(moment)
            self._kill(pid)
        else:
            self._wait_for(moment)
            self.kills.append((self.node.kill(), None))
            self.node.start()

    def _kill_worker(self, moment: str) -> None:
        index, pids = -1, dict[int, int]()
        while index not in pids:
            pids = self._workers()
            index = self._choose_worker(moment, pids)
        self.kills.append((time.monotonic(), index))
        self._kill(pids[index])

    def _choose_worker(self, moment: str, pids: dict[int, int]) -> int:
        if moment == "hung up":
            self._wait_for(moment)
            return self.crowd.last_worker
        used: list[int] = wait_for(lambda: [index for index in pids if self.crowd.talking[index]], "talk", PATIENCE_S)
        self._pause(0.8)
        return used[0]

    def _workers(self) -> dict[int, int]:
        """Return the process ids of the workers by their indices, as soon as there is one, in random order."""
        word = "renvoi.node voicemail "
        pids: list[int] = wait_for(lambda: self.node.pids(word), "a worker", PATIENCE_S)
        self.dice.shuffle(pids)
        found = ((command_line(pid).split(), pid) for pid in pids)
        return {int(words[-2]): pid for words, pid in found if words}

    def _wait_for(self, moment: str) -> None:
        match moment:
            case "talking":
                wait_for(lambda: any(self.crowd.talking.values()), "talk", PATIENCE_S)
                self._pause(0.8)
            case "hung up":
                self.crowd.hung_up.clear()
                assert self.crowd.hung_up.wait(PATIENCE_S), "nobody hung up"
                self._pause(0.1)
            case "DATA":
                before = self.inbox.attempts
                wait_for(lambda: self.inbox.attempts > before, "a mail", PATIENCE_S)
                self._pause(DATA_S)
            case _:
                self._pause(0.5)

    def _pause(self, longest_s: float) -> None:
        threading.Event().wait(self.dice.uniform(0, longest_s))

    def _kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not command_line(pid), "the end of what was killed")


def worker_of(caller: Caller) -> int:
    """Return which worker has a call: each has its own ports."""
    return (caller.rtp_port - FIRST_RTP_PORT) // 2 % WORKERS


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """Run a mail server that takes its time."""
    with Inbox() as server:
        server.behaviour.data_s = DATA_S
        yield server


@pytest.fixture
def node(tmp_path: Path, inbox: Inbox) -> Iterator[Node]:
    """Run a node that sends its mail to `inbox`."""
    made = Node(tmp_path)
    made.configure(smtp_url=inbox.url(), mail_retry_s=0.2, voicemail_workers=WORKERS)
    try:
        made.start()
        assert made.set_rule(2, "owner@example.com").json()["code"] == 4
        yield made
    finally:
        made.stop()


def wait_for_quiet(node: Node) -> None:
    """Wait until no recording is left over, and no mail waits."""

    def quiet() -> bool:
        left = [path for path in (node.data / "recordings").iterdir() if path.suffix != ".new"]
        return not left and "renvoi_mail_queue_length 0.0" in node.inner.get("/metrics").text

    wait_for(quiet, lambda: f"quiet, {sorted((node.data / 'recordings').iterdir())}", 2 * PATIENCE_S)


def audio_by_call(node: Node, inbox: Inbox) -> dict[str, Sound]:
    """Return the recording that arrived for each call; there must be one, however many copies of its mail came."""
    messages = {message["id"]: message for message in node.renvoi("messages", "--limit", "10000")}
    assert {message["mail_state"] for message in messages.values()} == {"sent"}
    call_ids = Counter(message["call_id"] for message in messages.values())
    assert max(call_ids.values()) == 1, "two messages of one call"
    arrived: dict[str, bytes] = {}
    for mail in inbox.mails:
        (part,) = mail.message.iter_attachments()
        message_id = mail.message["Message-ID"].strip("<>").partition("@")[0]
        audio = part.get_content()
        assert arrived.setdefault(messages[message_id]["call_id"], audio) == audio, "two mails differ"
    assert set(arrived) == set(call_ids)
    copies = len(inbox.mails) - len(arrived)
    LOG.info("%d messages, %d copies of mails", len(arrived), copies)
    return {call_id: Sound.of_wav(audio) for call_id, audio in arrived.items()}


def damage(caller: Caller, killed_at: float | None, sound: Sound | None) -> tuple[float, str]:
    """Return how many seconds too few arrived of a call, and what is wrong with those that did."""
    said_s = caller.heard_s(killed_at)
    if sound is None:
        return max(0.0, said_s - LEAST_S), ""
    bad = caller.faults(sound)
    return said_s - sound.length_s, f"not {caller.hz} Hz at {bad} of {sound.length_s:.2f} s" if bad else ""


def first_kill(kills: list[tuple[float, int | None]], caller: Caller) -> float | None:
    """Return when the worker of a call died."""
    worker = worker_of(caller)
    return next((at for at, index in kills if at > caller.answered_at and index in (None, worker)), None)


def check(crowd: Crowd, kills: list[tuple[float, int | None]], arrived: dict[str, Sound]) -> None:
    """Compare what was said with what arrived."""
    faults: list[str] = []
    unread: list[float] = []
    for caller in crowd.calls:
        killed_at = first_kill(kills, caller)
        lack_s, wrong = damage(caller, killed_at, arrived.get(caller.call_id))
        was_cut_off = killed_at is not None and caller.ended_at is not None and killed_at < caller.ended_at
        if was_cut_off:
            unread.append(lack_s - caller.stutter_s)
        tolerance_s = TOLERANCE_S + caller.stutter_s
        if wrong or not -tolerance_s <= lack_s <= (max(UNREAD_S, tolerance_s) if was_cut_off else tolerance_s):
            faults.append(f"{caller.call_id} at port {caller.rtp_port}: {lack_s:.2f} s are lost {wrong}")
    assert not faults, "\n".join(faults)
    assert len(unread) > 20, "hardly a call was hit"
    assert sorted(unread)[len(unread) * 9 // 10] < TOLERANCE_S, "workers do not keep up with what they hear"
    LOG.info("%d calls, %d of them cut off by %d kills", len(crowd.calls), len(unread), len(kills))


def test_no_message_is_lost_whatever_is_killed(node: Node, inbox: Inbox) -> None:
    """100 rounds of SIGKILL: workers, the mailer, the whole node; while callers talk, hang up, and mails are sent."""
    seed = int(os.environ.get("RENVOI_TEST_SEED", random.randrange(10**6)))
    LOG.warning("RENVOI_TEST_SEED=%d", seed)
    dice = random.Random(seed)
    rounds = list(ROUNDS.elements())
    dice.shuffle(rounds)
    assert len(rounds) == 100
    crowd = Crowd(node, seed)
    killer = Killer(node, crowd, inbox, dice)
    with crowd.calling():
        for what, moment in rounds:
            killer.kill(what, moment)
    node.wait_ready()
    wait_for_quiet(node)
    check(crowd, killer.kills, audio_by_call(node, inbox))
    calls = Counter(call["call_id"] for call in node.renvoi("calls", "--limit", "100000"))
    assert max(calls.values()) == 1, "two records of one call"
