"""Which greeting the callers of a number hear."""

import array
import math
import time
from itertools import pairwise

import pytest

from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.numbers.number import E164
from renvoi.voicemail import wav
from renvoi.voicemail.call_flow import FIRST_PACKET_S
from renvoi.voicemail.greetings import RATE_HZ, CustomGreeting, Greetings
from renvoi.voicemail.media.codec import Codec
from tests.support.rtp_talker import FRAME_S
from tests.support.stores import A, B
from tests.support.waiting import wait_for
from tests.support.worker_harness import WorkerCaller, WorkerHarness, WorkerResources

UPLOADED, BROKEN = E164("+33199001299"), E164("+33199001298")
FRAMES = 45
"""So many tell the greetings apart: they begin with 20 of silence."""


def beginning(caller: WorkerCaller) -> list[bytes]:
    """Wait for the first frames that a caller hears; return them."""
    wait_for(lambda: len(caller.talker.heard) >= FRAMES, "the greeting")
    return [payload for *_, payload in caller.talker.heard[:FRAMES]]


def tone() -> bytes:
    """Return a greeting of a second, as it is stored."""
    samples = array.array("h", (int(8000 * math.sin(n * 0.3)) for n in range(RATE_HZ)))
    return wav.header(RATE_HZ, 2 * RATE_HZ) + samples.tobytes()


def furnish(writer: Writer) -> None:
    writer.put_greeting(B, None, 1, spoken=True)
    for number, audio in ((UPLOADED, tone()), (BROKEN, b"no audio")):
        if writer.number(number) is None:
            account = writer.account("demo")
            assert account is not None
            writer.add_number(account.id, NumberRow(number), 1)
        writer.put_greeting(number, audio, 1)


def test_each_number_has_its_greeting(resources: WorkerResources, worker: WorkerHarness) -> None:
    resources.write(furnish)
    ours = Greetings(lambda *_: None)
    uploaded = CustomGreeting(UPLOADED, 1, tone())
    # The account speaks French, the node English: that is what is left when the store does not tell.
    wanted = {
        "default": ours.frames(Codec.PCMA, "fr").greeting,
        "spoken": ours.frames(Codec.PCMA, "fr", B).greeting,
        "uploaded": ours.frames(Codec.PCMA, "fr", custom=uploaded).greeting,
        "broken": ours.frames(Codec.PCMA, "fr").greeting,
        "store away": ours.frames(Codec.PCMA, "en").greeting,
    }
    boxes = {"default": A, "spoken": B, "uploaded": UPLOADED, "broken": BROKEN, "store away": UPLOADED}
    assert len({tuple(frames[:FRAMES]) for frames in wanted.values()}) == 4
    guests = {name: WorkerCaller(worker, mailbox=box) for name, box in boxes.items()}
    try:
        for name, caller in guests.items():
            resources.store.away = name == "store away"
            assert caller.connect() == 200
            resources.store.away = False
        for name, caller in guests.items():
            assert beginning(caller) == wanted[name][:FRAMES], name
            assert caller.hang_up() == 200
    finally:
        for caller in guests.values():
            caller.__exit__()


BEHIND_NAT = "127.0.0.9"
"""What the SDP of a caller behind a NAT says: nothing that is sent there arrives."""


def test_nothing_of_the_greeting_is_lost_behind_a_nat(caller: WorkerCaller) -> None:
    """It begins when the caller's first packet tells where to, and goes there from its first frame on."""
    caller.call.invite.body = caller.talker.sdp.replace("IN IP4 127.0.0.1", f"IN IP4 {BEHIND_NAT}").encode()
    assert caller.connect() == 200
    caller.phone.expect_silence(0.3)
    assert caller.talker.heard == []
    # A single one: what comes next comes much later.
    caller.send(0.02)
    heard = beginning(caller)
    assert heard == Greetings(lambda *_: None).frames(Codec.PCMA, "fr").greeting[:FRAMES]
    caller.hang_up()


def test_who_never_sends_anything_hears_the_greeting_after_a_second(caller: WorkerCaller) -> None:
    assert caller.connect() == 200
    heard = beginning(caller)
    # What comes at once has the time of FRAMES besides the wait.
    waited_s = time.monotonic() - caller.answered_at - FRAMES * FRAME_S
    assert FIRST_PACKET_S - 0.1 <= waited_s <= FIRST_PACKET_S + 0.5 + caller.stutter_s
    assert heard == Greetings(lambda *_: None).frames(Codec.PCMA, "fr").greeting[:FRAMES]
    caller.hang_up()


@pytest.mark.parametrize(
    ("wish", "length"), [("ptime:20", 160), ("ptime:30", 240), ("ptime:40", 320), ("maxptime:10", 80)]
)
def test_packets_are_as_long_as_the_caller_wants_them(caller: WorkerCaller, wish: str, length: int) -> None:
    caller.call.invite.body = caller.talker.sdp.replace("a=ptime:20", f"a={wish}").encode()
    assert caller.connect() == 200
    caller.send(0.02)
    count = FRAMES * 160 // length
    wait_for(lambda: len(caller.talker.heard) >= count, "the greeting")
    heard = caller.talker.heard[:count]
    assert {len(payload) for *_, payload in heard} == {length}
    assert {(late - early) & 0xFFFFFFFF for (_, _, early, _), (_, _, late, _) in pairwise(heard)} == {length}
    greeting = b"".join(Greetings(lambda *_: None).frames(Codec.PCMA, "fr").greeting)
    assert greeting.startswith(b"".join(payload for *_, payload in heard))
    caller.hang_up()


def test_a_change_is_heard_by_the_next_call(resources: WorkerResources, worker: WorkerHarness) -> None:
    def change(writer: Writer) -> None:
        writer.remove_greeting(UPLOADED)

    resources.write(furnish)
    ours = Greetings(lambda *_: None)
    with WorkerCaller(worker, mailbox=UPLOADED) as before:
        assert before.connect() == 200
        heard = beginning(before)
        before.hang_up()
    resources.write(change)
    with WorkerCaller(worker, mailbox=UPLOADED) as after:
        assert after.connect() == 200
        assert beginning(after) == ours.frames(Codec.PCMA, "fr").greeting[:FRAMES] != heard
        after.hang_up()
