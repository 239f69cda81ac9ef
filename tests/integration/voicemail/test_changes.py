"""What changes in the middle of a call: codec, hold, late and unusable answers."""

import time
from itertools import pairwise

import pytest

from renvoi.voicemail.call_flow import MessageLimits
from renvoi.voicemail.media.codec import Codec, silence_frame
from tests.support.rtp_talker import EVENTS, G722, PCMA, PCMU, RTPMAP, TICKS, address_of
from tests.support.waiting import wait_for
from tests.support.worker_harness import WorkerCaller, WorkerHarness, WorkerResources, worker_harness

SDP_TYPE = [("Content-Type", "application/sdp")]
HEAD = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
RUBBISH = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 4000 RTP/AVP 96\r\n"


def ring_without_offer(caller: WorkerCaller) -> str:
    """Call without an offer; return the one that the answer brings."""
    caller.withhold_offer()
    return caller.call.start().expect(200).body.decode()


def confirm(caller: WorkerCaller, sdp: str, cseq: int = 1) -> None:
    """Send an ACK with an answer to a late offer."""
    caller.phone.send(caller.call.request("ACK", cseq, SDP_TYPE, sdp), caller.call.edge)


def test_an_offer_that_cannot_be_taken_changes_nothing(resources: WorkerResources, caller: WorkerCaller) -> None:
    caller.skip_greeting().say(0.6)
    caller.offer_again(RUBBISH, 488)
    caller.say(0.6)
    assert caller.hang_up() == 200
    assert resources.message_of(caller).message.duration_ms >= 1200


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_new_codec_goes_on_with_the_message(resources: WorkerResources, caller: WorkerCaller, method: str) -> None:
    """And the caller does not hear anything of the greeting again."""
    caller.skip_greeting().say(0.6)
    heard = len(caller.talker.heard)
    caller.talker.offers = [PCMU, *caller.talker.offers[1:]]
    caller.call.send(method, SDP_TYPE, caller.talker.sdp)
    assert f"RTP/AVP {PCMU} " in caller.phone.expect(200).body.decode()
    if method == "INVITE":
        caller.call.ack()
    caller.talker.payload_type = PCMU
    caller.say(0.6)
    caller.phone.expect_silence(0.1)
    assert caller.hang_up() == 200
    assert resources.message_of(caller).message.duration_ms >= 1200
    assert caller.talker.heard[heard:] == []


def test_silence_on_hold_ends_nothing(resources: WorkerResources) -> None:
    with worker_harness(resources, limits=MessageLimits(silence_s=1.2)) as worker, WorkerCaller(worker) as caller:
        caller.skip_greeting().say(1.2)
        assert "a=recvonly" in caller.offer_again(caller.talker.sdp + "a=sendonly\r\n")
        caller.phone.expect_silence(1.6)
        back_at = time.monotonic()
        assert "a=sendrecv" in caller.offer_again(caller.talker.sdp)
        caller.expect_bye()
        # What was silence before is not counted when the caller is back.
        assert caller.ended_at is not None
        assert caller.ended_at - back_at > 0.3


def test_a_caller_who_calls_on_hold_hears_nothing_until_he_is_back(
    resources: WorkerResources, caller: WorkerCaller
) -> None:
    sdp = caller.talker.sdp
    caller.call.invite.body = (sdp + "a=sendonly\r\n").encode()
    assert caller.connect() == 200
    caller.phone.expect_silence(0.2)
    assert caller.talker.heard == []
    caller.offer_again(sdp)
    assert caller.wait_for_beep()
    caller.say(1.2)
    assert caller.hang_up() == 200
    resources.message_of(caller)


def test_nobody_stays_on_hold_for_ever(resources: WorkerResources) -> None:
    with worker_harness(resources, limits=MessageLimits(max_s=0.3)) as worker, WorkerCaller(worker) as caller:
        caller.call.invite.body += b"a=inactive\r\n"
        assert caller.connect() == 200
        caller.expect_bye()
        wait_for(lambda: worker.calls == 0, "the end of the call")
        assert resources.events_of(caller) == ["Missed"]


def test_a_late_offer_is_answered_in_the_ack(resources: WorkerResources, caller: WorkerCaller) -> None:
    offered = ring_without_offer(caller)
    assert [f"a=rtpmap:{each} {RTPMAP[each]}" in offered for each in RTPMAP] == [True] * 4
    confirm(caller, caller.talker.sdp)
    caller.talker.talk(offered)
    assert caller.wait_for_beep()
    caller.say(1.2)
    assert caller.hang_up() == 200
    resources.message_of(caller)


def test_every_type_of_a_late_answer_is_heard(resources: WorkerResources, caller: WorkerCaller) -> None:
    """The caller answers with two codecs, and speaks by the second of them."""
    offered = ring_without_offer(caller)
    caller.talker.offers = [PCMA, PCMU, EVENTS]
    confirm(caller, caller.talker.sdp)
    caller.talker.talk(offered)
    assert caller.wait_for_beep()
    caller.talker.change_codec(PCMU)
    caller.say(1.2)
    assert caller.hang_up() == 200
    assert caller.faults(resources.sound_of(caller)) == []


@pytest.mark.parametrize(
    ("types", "maps", "spoken", "codec"),
    [
        ("8 0 101", "a=rtpmap:101 telephone-event/8000\r\n", PCMU, PCMU),
        ("8 101", "a=rtpmap:101 telephone-event/8000\r\n", G722, G722),
        ("8 97 101", "a=rtpmap:97 PCMU/8000\r\n", 97, PCMU),
    ],
)
def test_every_type_of_an_offer_is_heard(
    resources: WorkerResources, caller: WorkerCaller, types: str, maps: str, spoken: int, codec: int
) -> None:
    """Whichever we chose; and the static ones, though they were not offered."""
    offer = f"{HEAD}m=audio {caller.talker.port} RTP/AVP {types}\r\na=rtpmap:101 telephone-event/8000\r\n{maps}"
    caller.call.invite.body = offer.encode()
    caller.skip_greeting()
    caller.talker.change_codec(codec)
    caller.talker.payload_type = spoken
    caller.say(1.2)
    assert caller.hang_up() == 200
    assert caller.faults(resources.sound_of(caller)) == []


def test_a_type_mapped_twice_stands_for_what_is_of_use(resources: WorkerResources, caller: WorkerCaller) -> None:
    """The first mapping of the keys has a clock that the audio has not."""
    maps = "a=rtpmap:101 telephone-event/16000\r\na=rtpmap:101 telephone-event/8000\r\n"
    caller.call.invite.body = (HEAD + f"m=audio {caller.talker.port} RTP/AVP 8 101\r\n" + maps).encode()
    caller.skip_greeting().say(1.2)
    caller.talker.press("#")
    caller.expect_bye()
    resources.message_of(caller)


def test_the_codec_from_before_is_heard_for_as_long_as_it_comes(
    resources: WorkerResources, caller: WorkerCaller
) -> None:
    """The phone was told that the codec changes, and its media gateway was not."""
    caller.skip_greeting().say(0.6)
    caller.talker.offers = [PCMU, EVENTS]
    assert f"RTP/AVP {PCMU} " in caller.offer_again(caller.talker.sdp)
    caller.say(0.6)
    caller.talker.change_codec(PCMU)
    caller.say(0.6)
    assert caller.hang_up() == 200
    sound = resources.sound_of(caller)
    assert sound.length_s >= 1.8
    # The seams are heard: the tone begins again at each.
    assert len(caller.faults(sound)) <= 4


@pytest.mark.parametrize("clock", [160, 320])
def test_six_seconds_of_g722_are_six_whatever_their_clock(
    resources: WorkerResources, caller: WorkerCaller, monkeypatch: pytest.MonkeyPatch, clock: int
) -> None:
    """Some count its samples, 320 in each packet, where 160 are right."""
    caller.talker.change_codec(G722)
    caller.talker.offers = [G722, EVENTS]
    caller.call.invite.body = caller.talker.sdp.encode()
    monkeypatch.setattr("tests.support.worker_harness.TICKS", clock)
    caller.skip_greeting()
    caller.say(3).say(3)
    assert caller.hang_up() == 200
    sound = resources.sound_of(caller)
    assert sound.length_s == pytest.approx(6, abs=0.2 + caller.stutter_s)
    # The seam of what was said in two goes is heard, in one codec of the two only.
    assert len(caller.faults(sound)) <= 2


@pytest.mark.parametrize("answer", [RUBBISH, "nonsense", ""])
def test_a_late_answer_that_is_of_no_use_ends_the_call(
    resources: WorkerResources, worker: WorkerHarness, caller: WorkerCaller, answer: str
) -> None:
    ring_without_offer(caller)
    confirm(caller, answer)
    assert caller.expect_bye()["Reason"] == "SIP;cause=488"
    wait_for(lambda: worker.calls == 0, "the end of the call")
    assert resources.files() == []


def test_a_message_goes_on_after_an_offer_of_ours(resources: WorkerResources, caller: WorkerCaller) -> None:
    """A re-INVITE without an offer asks for ours; its answer comes in the ACK, and may name another address."""
    caller.skip_greeting().say(0.6)
    caller.call.send("INVITE")
    answer = caller.call.expect(200)
    assert f"RTP/AVP {PCMA} {PCMU} 9 101" in answer.body.decode()
    confirm(caller, caller.talker.sdp, caller.call.cseq)
    caller.say(0.6)
    assert caller.hang_up() == 200
    assert resources.message_of(caller).message.duration_ms >= 1200


def test_each_description_of_ours_is_a_newer_one(caller: WorkerCaller) -> None:
    """And names the same port (RFC 3264 §8)."""
    assert caller.connect() == 200
    assert caller.call.answer is not None
    first = caller.call.answer.body.decode()
    second = caller.offer_again(caller.talker.sdp)
    (session, version), (same, later) = (sdp.partition("o=renvoi ")[2].split()[:2] for sdp in (first, second))
    assert (same, int(later)) == (session, int(version) + 1)
    assert address_of(first) == address_of(second)
    caller.hang_up()


def test_something_is_sent_while_a_message_is_recorded(caller: WorkerCaller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gateways end calls that send nothing; timestamps go on with time, sequence numbers with packets."""
    every = 4
    monkeypatch.setattr("renvoi.voicemail.call_flow.KEEP_ALIVE_TICKS", every)
    caller.skip_greeting()
    heard = caller.talker.heard
    before = len(heard)
    wait_for(lambda: len(heard) >= before + 4, "packets of silence")
    packets = heard[before : before + 4]
    assert {(kind, payload) for kind, _, _, payload in packets} == {(PCMA, silence_frame(Codec.PCMA))}
    numbers, times = [number for _, number, _, _ in packets], [timestamp for _, _, timestamp, _ in packets]
    assert [(later - earlier) & 0xFFFF for earlier, later in pairwise(numbers)] == [1] * 3
    assert [(later - earlier) & 0xFFFFFFFF for earlier, later in pairwise(times)] == [160 * every] * 3
    caller.hang_up()


@pytest.mark.parametrize("step", [0, -TICKS, 90_000])
def test_a_caller_whose_timestamps_are_of_no_use_is_heard(resources: WorkerResources, step: int) -> None:
    with worker_harness(resources) as worker, WorkerCaller(worker) as caller:
        caller.skip_greeting()
        talker = caller.talker
        for number in range(100):
            talker.send(
                talker.payload_type, talker._frames[number % 50], (talker.timestamp + step * number) & 0xFFFFFFFF
            )
        wait_for(lambda: resources.recorded_s() > 1.8, "the recording")
        assert caller.hang_up() == 200
    assert resources.sound_of(caller).length_s > 1.8
