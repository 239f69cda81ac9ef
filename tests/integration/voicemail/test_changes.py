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


def ring_without_offer(guest: WorkerCaller) -> str:
    """Call without an offer; return the one that the answer brings."""
    guest.withhold_offer()
    return guest.call.start().expect(200).body.decode()


def confirm(guest: WorkerCaller, sdp: str, cseq: int = 1) -> None:
    """Send an ACK with an answer to a late offer."""
    guest.phone.send(guest.call.request("ACK", cseq, SDP_TYPE, sdp), guest.call.edge)


def test_an_offer_that_cannot_be_taken_changes_nothing(house: WorkerResources, guest: WorkerCaller) -> None:
    guest.skip_greeting().say(0.6)
    guest.offer_again(RUBBISH, 488)
    guest.say(0.6)
    assert guest.hang_up() == 200
    assert house.message_of(guest).message.duration_ms >= 1200


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_new_codec_goes_on_with_the_message(house: WorkerResources, guest: WorkerCaller, method: str) -> None:
    """And the caller does not hear anything of the greeting again."""
    guest.skip_greeting().say(0.6)
    heard = len(guest.talker.heard)
    guest.talker.offers = [PCMU, *guest.talker.offers[1:]]
    guest.call.send(method, SDP_TYPE, guest.talker.sdp)
    assert f"RTP/AVP {PCMU} " in guest.phone.expect(200).body.decode()
    if method == "INVITE":
        guest.call.ack()
    guest.talker.payload_type = PCMU
    guest.say(0.6)
    guest.phone.expect_silence(0.1)
    assert guest.hang_up() == 200
    assert house.message_of(guest).message.duration_ms >= 1200
    assert guest.talker.heard[heard:] == []


def test_silence_on_hold_ends_nothing(house: WorkerResources) -> None:
    with worker_harness(house, limits=MessageLimits(silence_s=1.2)) as place, WorkerCaller(place) as guest:
        guest.skip_greeting().say(1.2)
        assert "a=recvonly" in guest.offer_again(guest.talker.sdp + "a=sendonly\r\n")
        guest.phone.expect_silence(1.6)
        back_at = time.monotonic()
        assert "a=sendrecv" in guest.offer_again(guest.talker.sdp)
        guest.expect_bye()
        # What was silence before is not counted when the caller is back.
        assert guest.ended_at is not None
        assert guest.ended_at - back_at > 0.3


def test_a_caller_who_calls_on_hold_hears_nothing_until_he_is_back(house: WorkerResources, guest: WorkerCaller) -> None:
    sdp = guest.talker.sdp
    guest.call.invite.body = (sdp + "a=sendonly\r\n").encode()
    assert guest.connect() == 200
    guest.phone.expect_silence(0.2)
    assert guest.talker.heard == []
    guest.offer_again(sdp)
    assert guest.wait_for_beep()
    guest.say(1.2)
    assert guest.hang_up() == 200
    house.message_of(guest)


def test_nobody_stays_on_hold_for_ever(house: WorkerResources) -> None:
    with worker_harness(house, limits=MessageLimits(max_s=0.3)) as place, WorkerCaller(place) as guest:
        guest.call.invite.body += b"a=inactive\r\n"
        assert guest.connect() == 200
        guest.expect_bye()
        wait_for(lambda: place.calls == 0, "the end of the call")
        assert house.events_of(guest) == ["Missed"]


def test_a_late_offer_is_answered_in_the_ack(house: WorkerResources, guest: WorkerCaller) -> None:
    offered = ring_without_offer(guest)
    assert [f"a=rtpmap:{each} {RTPMAP[each]}" in offered for each in RTPMAP] == [True] * 4
    confirm(guest, guest.talker.sdp)
    guest.talker.talk(offered)
    assert guest.wait_for_beep()
    guest.say(1.2)
    assert guest.hang_up() == 200
    house.message_of(guest)


def test_every_type_of_a_late_answer_is_heard(house: WorkerResources, guest: WorkerCaller) -> None:
    """The caller answers with two codecs, and speaks by the second of them."""
    offered = ring_without_offer(guest)
    guest.talker.offers = [PCMA, PCMU, EVENTS]
    confirm(guest, guest.talker.sdp)
    guest.talker.talk(offered)
    assert guest.wait_for_beep()
    guest.talker.change_codec(PCMU)
    guest.say(1.2)
    assert guest.hang_up() == 200
    assert guest.faults(house.sound_of(guest)) == []


@pytest.mark.parametrize(
    ("types", "maps", "spoken", "codec"),
    [
        ("8 0 101", "a=rtpmap:101 telephone-event/8000\r\n", PCMU, PCMU),
        ("8 101", "a=rtpmap:101 telephone-event/8000\r\n", G722, G722),
        ("8 97 101", "a=rtpmap:97 PCMU/8000\r\n", 97, PCMU),
    ],
)
def test_every_type_of_an_offer_is_heard(
    house: WorkerResources, guest: WorkerCaller, types: str, maps: str, spoken: int, codec: int
) -> None:
    """Whichever we chose; and the static ones, though they were not offered."""
    offer = f"{HEAD}m=audio {guest.talker.port} RTP/AVP {types}\r\na=rtpmap:101 telephone-event/8000\r\n{maps}"
    guest.call.invite.body = offer.encode()
    guest.skip_greeting()
    guest.talker.change_codec(codec)
    guest.talker.payload_type = spoken
    guest.say(1.2)
    assert guest.hang_up() == 200
    assert guest.faults(house.sound_of(guest)) == []


def test_a_type_mapped_twice_stands_for_what_is_of_use(house: WorkerResources, guest: WorkerCaller) -> None:
    """The first mapping of the keys has a clock that the audio has not."""
    maps = "a=rtpmap:101 telephone-event/16000\r\na=rtpmap:101 telephone-event/8000\r\n"
    guest.call.invite.body = (HEAD + f"m=audio {guest.talker.port} RTP/AVP 8 101\r\n" + maps).encode()
    guest.skip_greeting().say(1.2)
    guest.talker.press("#")
    guest.expect_bye()
    house.message_of(guest)


def test_the_codec_from_before_is_heard_for_as_long_as_it_comes(house: WorkerResources, guest: WorkerCaller) -> None:
    """The phone was told that the codec changes, and its media gateway was not."""
    guest.skip_greeting().say(0.6)
    guest.talker.offers = [PCMU, EVENTS]
    assert f"RTP/AVP {PCMU} " in guest.offer_again(guest.talker.sdp)
    guest.say(0.6)
    guest.talker.change_codec(PCMU)
    guest.say(0.6)
    assert guest.hang_up() == 200
    sound = house.sound_of(guest)
    assert sound.length_s >= 1.8
    # The seams are heard: the tone begins again at each.
    assert len(guest.faults(sound)) <= 4


@pytest.mark.parametrize("clock", [160, 320])
def test_six_seconds_of_g722_are_six_whatever_their_clock(
    house: WorkerResources, guest: WorkerCaller, monkeypatch: pytest.MonkeyPatch, clock: int
) -> None:
    """Some count its samples, 320 in each packet, where 160 are right."""
    guest.talker.change_codec(G722)
    guest.talker.offers = [G722, EVENTS]
    guest.call.invite.body = guest.talker.sdp.encode()
    monkeypatch.setattr("tests.support.worker_harness.TICKS", clock)
    guest.skip_greeting()
    guest.say(3).say(3)
    assert guest.hang_up() == 200
    sound = house.sound_of(guest)
    assert sound.length_s == pytest.approx(6, abs=0.2 + guest.stutter_s)
    # The seam of what was said in two goes is heard, in one codec of the two only.
    assert len(guest.faults(sound)) <= 2


@pytest.mark.parametrize("answer", [RUBBISH, "nonsense", ""])
def test_a_late_answer_that_is_of_no_use_ends_the_call(
    house: WorkerResources, place: WorkerHarness, guest: WorkerCaller, answer: str
) -> None:
    ring_without_offer(guest)
    confirm(guest, answer)
    assert guest.expect_bye()["Reason"] == "SIP;cause=488"
    wait_for(lambda: place.calls == 0, "the end of the call")
    assert house.files() == []


def test_a_message_goes_on_after_an_offer_of_ours(house: WorkerResources, guest: WorkerCaller) -> None:
    """A re-INVITE without an offer asks for ours; its answer comes in the ACK, and may name another address."""
    guest.skip_greeting().say(0.6)
    guest.call.send("INVITE")
    answer = guest.call.expect(200)
    assert f"RTP/AVP {PCMA} {PCMU} 9 101" in answer.body.decode()
    confirm(guest, guest.talker.sdp, guest.call.cseq)
    guest.say(0.6)
    assert guest.hang_up() == 200
    assert house.message_of(guest).message.duration_ms >= 1200


def test_each_description_of_ours_is_a_newer_one(guest: WorkerCaller) -> None:
    """And names the same port (RFC 3264 §8)."""
    assert guest.connect() == 200
    assert guest.call.answer is not None
    first = guest.call.answer.body.decode()
    second = guest.offer_again(guest.talker.sdp)
    (session, version), (same, later) = (sdp.partition("o=renvoi ")[2].split()[:2] for sdp in (first, second))
    assert (same, int(later)) == (session, int(version) + 1)
    assert address_of(first) == address_of(second)
    guest.hang_up()


def test_something_is_sent_while_a_message_is_recorded(guest: WorkerCaller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gateways end calls that send nothing; timestamps go on with time, sequence numbers with packets."""
    every = 4
    monkeypatch.setattr("renvoi.voicemail.call_flow.KEEP_ALIVE_TICKS", every)
    guest.skip_greeting()
    heard = guest.talker.heard
    before = len(heard)
    wait_for(lambda: len(heard) >= before + 4, "packets of silence")
    packets = heard[before : before + 4]
    assert {(kind, payload) for kind, _, _, payload in packets} == {(PCMA, silence_frame(Codec.PCMA))}
    numbers, times = [number for _, number, _, _ in packets], [timestamp for _, _, timestamp, _ in packets]
    assert [(later - earlier) & 0xFFFF for earlier, later in pairwise(numbers)] == [1] * 3
    assert [(later - earlier) & 0xFFFFFFFF for earlier, later in pairwise(times)] == [160 * every] * 3
    guest.hang_up()


@pytest.mark.parametrize("step", [0, -TICKS, 90_000])
def test_a_caller_whose_timestamps_are_of_no_use_is_heard(house: WorkerResources, step: int) -> None:
    with worker_harness(house) as place, WorkerCaller(place) as guest:
        guest.skip_greeting()
        talker = guest.talker
        for number in range(100):
            talker.send(
                talker.payload_type, talker._frames[number % 50], (talker.timestamp + step * number) & 0xFFFFFFFF
            )
        wait_for(lambda: house.recorded_s() > 1.8, "the recording")
        assert guest.hang_up() == 200
    assert house.sound_of(guest).length_s > 1.8
