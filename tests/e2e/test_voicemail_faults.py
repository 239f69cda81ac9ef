"""What the voicemail makes of a full disk, of mail servers that fail, and of junk among the audio."""

import os
import random
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.callers import Caller
from tests.support.node import NUMBER, Node
from tests.support.rtp_talker import PCMA, RtpTalker
from tests.support.smtp import Behaviour, Inbox, Received
from tests.support.sound import Sound
from tests.support.waiting import BESIDE_S, wait_for, wait_for_reader

OWNER = "owner@example.com"
QUICK = {"mail_retry_s": 0.2, "shutdown_grace_s": 2, "voicemail_workers": 1}
"""Mails are tried again soon, the node ends soon, and all calls are in one process."""
DISK_MIB, MIN_FREE_MIB = 48, 16
MIB = 1024 * 1024
HUNG_UP_ON_WITHIN_S = 20.0
"""How long callers may talk to nobody when their worker has died."""
STRANGERS_PACKETS = 5
"""Junk packets to each port, every 5 ms."""


@pytest.fixture(autouse=True)
def _behaving(inbox: Inbox) -> None:
    """Have the server forget how it failed."""
    inbox.behaviour = Behaviour()


def voicemail_node(directory: Path, **settings: object) -> Node:
    """Make a node whose number takes messages."""
    node = Node(directory)
    node.configure(**QUICK, **settings)
    node.renvoi("forward", NUMBER, "--voicemail", OWNER)
    return node


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, inbox: Inbox) -> Iterator[Node]:
    """Run a node that sends its mail to `inbox`."""
    made = voicemail_node(tmp_path_factory.mktemp("node"), smtp_url=inbox.url())
    try:
        yield made.start()
    finally:
        made.stop()


def terminate(node: Node) -> int:
    """End the node as an operator does; return its exit code."""
    assert node.process is not None
    node.process.send_signal(signal.SIGTERM)
    return node.process.wait(20)


def leave_message(node: Node) -> str:
    """Leave a message of 1.2 s; return its caller."""
    with Caller(node.edge, NUMBER) as caller:
        assert caller.connect() == 200
        assert caller.wait_for_beep()
        assert caller.talk(1.2).hang_up() == 200
        return caller.number


def message_in_state(node: Node, caller: str, state: str) -> dict[str, Any]:
    """Wait until the mail of the message that a caller left is in that state; return the message."""
    with closing(sqlite3.connect(node.data / "renvoi.db", timeout=10)) as store:
        # Asking the command line again and again would keep a core busy.
        query = "SELECT state FROM mails JOIN messages ON messages.id = message_id WHERE caller = ?"
        what = f"{state} for the message of {caller}"
        wait_for(lambda: store.execute(query, (caller,)).fetchone() == (state,), what, 20)
    (message,) = (each for each in node.renvoi("messages") if each["from"] == caller)
    assert message["mail_state"] == state
    return dict(message)


def mails_of(inbox: Inbox, message: dict[str, Any]) -> list[Received]:
    """Return the mails that came for a message, all of them the same."""
    mails = [mail for mail in inbox.mails if mail.message["Message-ID"].startswith(f"<{message['id']}@")]
    assert all(mail.content == mails[0].content for mail in mails)
    return mails


def sound_of(inbox: Inbox, node: Node, caller: Caller) -> Sound:
    """Wait for the mail of a caller's message; return its recording."""
    message = message_in_state(node, caller.number, "sent")
    (mail,) = mails_of(inbox, message)
    (part,) = mail.message.iter_attachments()
    return Sound.of_wav(part.get_content())


def metric(node: Node, name: str) -> float:
    """Return a metric's value, 0 while it has none."""
    lines = node.inner.get("/metrics").text.splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} ")), 0.0)


# A full disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a small disk."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    path = tmp_path / "disk"
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=755", "tmpfs", str(path)]
    mounted = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr}")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], timeout=10, check=True)


def fill(path: Path, leave: int) -> None:
    """Make the file at `path` longer, until so many bytes of its disk are free."""
    # The node writes as well: it may be the one that gets the last page.
    with path.open("ab", buffering=0) as file, suppress(OSError):
        while (excess := free_bytes(path) - leave) > 0:
            file.write(bytes(min(excess, MIB)))
    assert free_bytes(path) <= leave + MIB


def free_bytes(path: Path) -> int:
    """Return how much space the disk of `path` has left."""
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


def test_a_full_disk_ends_calls_cleanly_and_loses_nothing(small_disk: Path, tmp_path: Path, inbox: Inbox) -> None:
    """Below the reserve no call is taken, but those in progress go on; with nothing left they end; all of it passes."""
    node = voicemail_node(small_disk, smtp_url=inbox.url(), voicemail_min_free_mib=MIN_FREE_MIB)
    node.log = tmp_path / "node.log"
    filler = small_disk / "filler"
    try:
        node.start()
        with Caller(node.edge, NUMBER, hz=500) as caller:
            assert caller.connect() == 200
            assert caller.wait_for_beep()
            caller.talk(1.5)
            fill(filler, MIN_FREE_MIB * MIB // 2)
            wait_for(lambda: metric(node, "renvoi_disk_full") == 1, "the news of the full disk")
            assert_refused(node)
            node.wait_part("voicemail", "failed", "disk is full")
            assert node.inner.get("/readyz").status_code == 503
            assert caller.ended_at is None
            fill(filler, 0)
            full_at = time.monotonic()
            caller.expect_bye()
            assert_refused(node)
        filler.unlink()
        node.wait_ready()
        node.wait_metric("renvoi_disk_full 0.0")
        caller.assert_whole(sound_of(inbox, node, caller), full_at)
        assert message_in_state(node, caller.number, "sent")["cut_off"]
        message_in_state(node, leave_message(node), "sent")
    finally:
        node.stop()


def assert_refused(node: Node) -> None:
    """Check that a caller is turned away at once."""
    with Caller(node.edge, NUMBER) as late:
        began = time.monotonic()
        assert late.connect() == 480
        assert time.monotonic() - began < 2 + BESIDE_S / 5


# Mail servers that fail


@contextmanager
def away(inbox: Inbox) -> Iterator[None]:
    """Have nobody listen where the mail server was, for a while."""
    inbox.__exit__(None, None, None)
    try:
        yield
    finally:
        inbox.__enter__()


def test_a_mail_waits_for_a_server_that_is_not_there(node: Node, inbox: Inbox) -> None:
    failed = metric(node, "renvoi_mail_attempts_failed_total")
    with away(inbox):
        caller = leave_message(node)
        wait_for(lambda: metric(node, "renvoi_mail_attempts_failed_total") >= failed + 2, "two attempts")
        assert "refuses connections" in message_in_state(node, caller, "pending")["mail_note"]
    message = message_in_state(node, caller, "sent")
    assert message["mail_attempts"] >= 3
    assert len(mails_of(inbox, message)) == 1


def test_a_mail_that_is_refused_for_now_is_tried_again(node: Node, inbox: Inbox) -> None:
    """First after MAIL, then after RCPT, then after DATA."""
    inbox.behaviour.mail_reply = inbox.behaviour.rcpt_reply = inbox.behaviour.data_reply = "451 4.3.0 come back later"
    before = metric(node, "renvoi_mail_attempts_failed_total")
    caller = leave_message(node)
    for failed, stage in enumerate(("mail_reply", "rcpt_reply", "data_reply"), 1):
        wait_for(lambda: metric(node, "renvoi_mail_attempts_failed_total") >= before + failed, stage)  # noqa: B023 - called at once
        assert "come back later" in message_in_state(node, caller, "pending")["mail_note"]
        setattr(inbox.behaviour, stage, None)
    message = message_in_state(node, caller, "sent")
    assert message["mail_attempts"] >= 4
    assert len(mails_of(inbox, message)) == 1


def test_a_server_that_refuses_this_site_keeps_mails_and_raises_an_alarm(node: Node, inbox: Inbox) -> None:
    """As Postfix does where the sender is not the login's: `/readyz` says what to do, and no mail is lost."""
    inbox.behaviour.rcpt_reply = "553 5.7.1 <renvoi@example.net>: Sender address rejected: not owned by user"
    caller = leave_message(node)
    mailer = wait_for(
        lambda: (part := node.inner.get("/readyz").json()["parts"]["mailer"])["state"] == "degraded" and part,
        "the alarm",
    )
    assert "not owned by user" in mailer["detail"]
    assert "check RENVOI_MAIL_FROM" in mailer["detail"]
    assert node.readiness() == 200
    assert metric(node, "renvoi_mail_site_refused_total") >= 1
    inbox.behaviour.rcpt_reply = None
    message_in_state(node, caller, "sent")
    node.wait_ready()


def test_a_mail_that_is_refused_for_good_is_reported_and_can_be_sent_again(node: Node, inbox: Inbox) -> None:
    inbox.behaviour.rcpt_reply = "550 5.1.1 nobody of that name lives here"
    failed = metric(node, 'renvoi_mails_total{state="failed"}')
    message = message_in_state(node, leave_message(node), "failed")
    assert "550" in message["mail_note"]
    assert "nobody of that name lives here" in message["mail_note"]
    assert message["mail_attempts"] == 1
    node.wait_metric(f'renvoi_mails_total{{state="failed"}} {failed + 1}')
    words = message["id"], '"level": "error"', "nobody of that name lives here", OWNER
    lines = node.log.read_text
    wait_for(lambda: any(all(word in line for word in words) for line in lines().splitlines()), "the line in the log")
    inbox.behaviour.rcpt_reply = None
    node.renvoi("messages", "resend", message["id"])
    message_in_state(node, message["from"], "sent")
    assert len(mails_of(inbox, message)) == 1


@pytest.mark.parametrize("answers", [True, False])
def test_a_node_that_is_stopped_while_a_mail_is_sent(node: Node, inbox: Inbox, answers: bool) -> None:
    """A server that answers in time gets the mail once; one that does not holds nobody up, and gets it afterwards."""
    inbox.behaviour.data_s = 0.5
    inbox.behaviour.hang_after_data = not answers
    attempts = inbox.attempts
    caller = leave_message(node)
    wait_for(lambda: inbox.attempts > attempts, "the mail on its way")
    began = time.monotonic()
    assert terminate(node) == 0
    assert time.monotonic() - began < 10 + BESIDE_S
    assert "does not end, killed" not in node.log.read_text()
    inbox.behaviour.hang_after_data = False
    node.start()
    assert len(mails_of(inbox, message_in_state(node, caller, "sent"))) == 1


@contextmanager
def without_smtp(node: Node) -> Iterator[None]:
    """Run the node without a mail server for a while, so that mails are kept as files."""
    file = node.data / "renvoi.toml"
    before = file.read_text()
    terminate(node)
    node.configure(**QUICK)
    node.start()
    try:
        yield
    finally:
        terminate(node)
        file.write_text(before)
        node.start()


def test_old_messages_are_deleted_with_all_that_belongs_to_them(node: Node) -> None:
    """The mailer looks for them when it starts. One that is not old enough stays."""
    node.renvoi("account", "set", "acme", "--retention-days", "1")
    with without_smtp(node):
        old, young = (message_in_state(node, leave_message(node), "kept") for _ in range(2))
        files = [Path(old["audio"]), Path(old["mail_note"])]
        assert all(path.is_file() for path in files)
        with closing(sqlite3.connect(node.data / "renvoi.db", timeout=10)) as store, store:
            more_than_a_day_ms = int(timedelta(days=1, minutes=1).total_seconds() * 1000)
            store.execute(
                "UPDATE messages SET received_at_ms = received_at_ms - ? WHERE id = ?", (more_than_a_day_ms, old["id"])
            )
        (mailer,) = node.pids("renvoi.node mailer")
        os.kill(mailer, signal.SIGKILL)
        wait_for(lambda: metric(node, "renvoi_messages_deleted_total") == 1, "the end of the old message", 20)
        assert not any(path.exists() for path in files)
        ids = [message["id"] for message in node.renvoi("messages")]
        assert old["id"] not in ids
        assert young["id"] in ids
        assert Path(young["audio"]).is_file()


# Junk among the audio


def junk(dice: random.Random) -> bytes:
    """Return a packet that is not RTP, or one that is not the caller's."""
    kind = dice.randrange(5)
    if kind == 0:
        return dice.randbytes(1)
    if kind == 1:
        return dice.randbytes(dice.randrange(1500))
    payload_type = PCMA if kind == 2 else dice.randrange(128)
    head = bytes([0x80 | dice.randrange(64), payload_type | dice.choice((0, 0x80))]) if kind == 3 else b"\x80\x08"
    return head + dice.randbytes(10) + dice.randbytes(dice.choice((0, 1, 159, 160, 161)))


def test_junk_ends_no_call_and_disturbs_no_other_one(node: Node, inbox: Inbox) -> None:
    """One phone sends junk in its own call, strangers send it to both, and one of them a voice to the other call."""
    dice = random.Random(3)
    workers = node.pids("renvoi.node voicemail")
    with (
        Caller(node.edge, NUMBER, hz=600) as victim,
        Caller(node.edge, NUMBER, hz=900) as mad,
        RtpTalker(hz=1200) as impostor,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger,
    ):
        for caller in (victim, mad):
            assert caller.connect() == 200
            assert caller.wait_for_beep()
        honest = mad.talker.mangle
        mad.talker.mangle = lambda number, packet: [*honest(number, packet), *(junk(dice) for _ in range(10))]
        impostor.ssrc += 1
        assert victim.call.answer is not None
        impostor.talk(victim.call.answer.body.decode())
        assert victim.began_at is not None
        while time.monotonic() < victim.began_at + 3:
            wait_for_reader(victim.rtp_port)
            for _ in range(STRANGERS_PACKETS):
                stranger.sendto(junk(dice), ("127.0.0.1", victim.rtp_port))
                stranger.sendto(junk(dice), ("127.0.0.1", mad.rtp_port))
            threading.Event().wait(0.005)
        assert victim.hang_up() == 200
        assert mad.hang_up() == 200
        victim.assert_whole(sound_of(inbox, node, victim))
    assert node.pids("renvoi.node voicemail") == workers


def new_worker(node: Node) -> None:
    """Kill the worker, and wait until the next one takes messages."""
    (worker,) = node.pids("renvoi.node voicemail")
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: node.pids("renvoi.node voicemail") not in ([], [worker]), "the next worker")
    node.wait_ready()


def test_callers_of_a_worker_that_died_are_hung_up_on_and_their_messages_arrive(node: Node, inbox: Inbox) -> None:
    """By the next worker, through the edge, before they have talked for long to nobody; one is still greeted."""
    with Caller(node.edge, NUMBER, hz=500) as talking, Caller(node.edge, NUMBER, hz=800) as greeted:
        assert talking.connect() == 200
        assert talking.wait_for_beep()
        assert greeted.connect() == 200
        talking.talk(1.5)
        (worker,) = node.pids("renvoi.node voicemail")
        os.kill(worker, signal.SIGKILL)
        killed_at = time.monotonic()
        byes = [caller.expect_bye(HUNG_UP_ON_WITHIN_S) for caller in (talking, greeted)]
        assert time.monotonic() - killed_at < HUNG_UP_ON_WITHIN_S
        assert all("cause=41" in bye["Reason"] for bye in byes)
        for caller in (talking, greeted):
            wait_for(lambda: node.record(caller.call_id)["hung_up_by"] == "callee", "the end of the call", 30)  # noqa: B023 - called at once
        talking.assert_whole(sound_of(inbox, node, talking), killed_at)
        assert message_in_state(node, talking.number, "sent")["cut_off"]
    assert [*(node.data / "run").glob("calls-*/*")] == []


def test_who_was_cut_off_by_a_crash_is_not_heard_in_the_next_call(node: Node, inbox: Inbox) -> None:
    """A phone goes on sending to the port of its dead call, while the next caller does not say a word at first."""
    new_worker(node)
    with Caller(node.edge, NUMBER, hz=500) as before, Caller(node.edge, NUMBER, hz=800) as after:
        assert before.connect() == 200
        assert before.wait_for_beep()
        new_worker(node)
        after.talker.silent.set()
        assert after.connect() == 200
        assert after.wait_for_beep()
        after.talker.silent.clear()
        after.talk(1.5).hang_up()
        after.assert_whole(sound_of(inbox, node, after))
