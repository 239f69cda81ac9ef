"""Where in the recording a packet belongs."""

import random

import pytest

from renvoi.voicemail.media.receiver import Timeline
from renvoi.voicemail.media.rtp import Packet

SAMPLES = 160


class Sender:
    """Sends packets of 20 ms in real time, to a recording of 8 kHz, which it fills."""

    def __init__(self, rate: int = 8000, start: float = 100.0) -> None:
        self.timeline = Timeline(rate, start)
        self.scale = rate // 8000
        self.now = start
        self.ssrc, self.sequence, self.timestamp = 1, 0xFFF0, 0xFFFFFF00

    def packet(self) -> Packet:
        return Packet(8, self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, self.ssrc, b"")

    def skip(self, packets: int = 1) -> None:
        self.now += packets / 50
        self.sequence += packets
        self.timestamp += packets * SAMPLES

    def place(self, packet: Packet | None = None, clock_hz: int = 8000) -> int | None:
        offset = self.timeline.place(packet or self.packet(), self.now, clock_hz)
        if offset is not None:
            self.timeline.filled(offset + SAMPLES * self.scale)
        return offset

    def send(self, packets: int = 1) -> list[int | None]:
        placed = []
        for _ in range(packets):
            placed.append(self.place())
            self.skip()
        return placed


def test_the_first_packet_is_placed_by_the_clock_and_the_others_by_their_timestamps() -> None:
    sender = Sender()
    sender.now += 0.5
    assert sender.send() == [4000]
    sender.now += 0.3
    assert sender.send(2) == [4160, 4320]


def test_the_first_packet_is_believed_whatever_its_numbers() -> None:
    sender = Sender()
    sender.ssrc, sender.timestamp = 0, 8000
    assert sender.send(2) == [0, 160]


@pytest.mark.parametrize(("rate", "step"), [(8000, 160), (16000, 320)])
def test_sequence_numbers_and_timestamps_wrap_around(rate: int, step: int) -> None:
    sender = Sender(rate)
    assert sender.send(100) == [n * step for n in range(100)]


def test_gaps_stay_gaps() -> None:
    sender = Sender()
    sender.send(10)
    sender.skip(200)
    assert sender.send() == [210 * 160]


def test_late_and_repeated_packets_go_where_they_belong() -> None:
    sender = Sender()
    late = sender.packet()
    sender.send(5)
    assert sender.place(late) == 0
    latest = sender.packet()
    assert (sender.place(latest), sender.place(latest)) == (800, 800)


def test_a_new_stream_goes_on_at_the_clock_from_its_second_packet() -> None:
    sender = Sender()
    sender.send(10)
    sender.now += 1.0
    sender.ssrc, sender.sequence, sender.timestamp = 2, 77, 123456
    assert sender.send(3) == [None, 11 * 160 + 8000, 12 * 160 + 8000]


def test_a_new_stream_does_not_go_over_what_was_recorded() -> None:
    sender = Sender()
    sender.send(5)
    sender.timestamp += 8000
    assert sender.send(5) == [8000 + n * 160 for n in range(5, 10)]
    sender.ssrc = 2
    assert sender.send(2) == [None, 8000 + 10 * 160]


@pytest.mark.parametrize("leap", [-8_000_000, -40_000, -8_000, 48_000, 8_000_000])
def test_a_leap_of_the_timestamps_is_no_leap_in_the_recording(leap: int) -> None:
    """Also one back by less than seconds: a later packet with an earlier timestamp begins another count."""
    sender = Sender()
    sender.send(100)
    sender.timestamp += leap
    assert sender.send(3) == [None, 101 * 160, 102 * 160]


def test_a_stray_packet_moves_nothing() -> None:
    sender = Sender()
    sender.send(10)
    for n in range(10):
        stray = sender.packet()._replace(ssrc=999, timestamp=12345 + n)
        assert sender.place(stray) is None
        assert sender.send() == [(10 + n) * 160]
        wild = sender.packet()._replace(timestamp=(sender.timestamp + 1_000_000) & 0xFFFFFFFF)
        assert sender.place(wild) is None


def test_strays_do_not_confirm_each_other() -> None:
    sender = Sender()
    sender.send(10)
    sender.skip()
    for ssrc, timestamp in [(2, 5000), (3, 5160), (3, 5160), (3, 5000), (3, 5_000_000), (4, 5_000_160)]:
        assert sender.place(sender.packet()._replace(ssrc=ssrc, timestamp=timestamp)) is None


def test_two_streams_mixed_are_one_stream_and_strays() -> None:
    sender = Sender()
    placed = []
    for n in range(50):
        sender.ssrc = 1 + n % 2
        placed += sender.send()
    assert placed == [None if n % 2 else n * 160 for n in range(50)]


def test_a_sender_whose_clock_stood_still_goes_on_where_it_was() -> None:
    """Some stop counting while a call is held. What comes is not put over what came."""
    sender = Sender()
    sender.send(10)
    sender.now += 3.0
    assert sender.send(2) == [1600, 1760]
    sender.now += 3.0
    assert sender.send(2) == [None, int(6.26 * 8000)]


def test_a_sender_whose_clock_runs_twice_as_fast_loses_nothing() -> None:
    sender = Sender()
    placed = []
    for _ in range(1000):
        placed += sender.send()
        sender.timestamp += SAMPLES
    assert placed == [n * 320 for n in range(1000)]


def test_a_sender_that_leaps_ahead_again_and_again_does_not_run_away() -> None:
    sender = Sender()
    ends = []
    for _ in range(50):
        sender.timestamp += 3 * 8000
        ends += sender.send(5)
    assert max(end for end in ends if end is not None) < (5 + 5 + 5) * 8000


def test_another_clock_counts_from_the_latest_packet() -> None:
    sender = Sender(16000)
    assert sender.send(2) == [0, 320]
    # 160 ticks of 16 kHz lie between the latest packet and the next, and 320 between those that follow.
    placed = []
    for _ in range(3):
        placed.append(sender.place(clock_hz=16000))
        sender.skip()
        sender.timestamp += SAMPLES
    assert placed == [480, 800, 1120]


def test_a_renumbered_stream_goes_on_by_its_timestamps() -> None:
    sender = Sender()
    sender.send(10)
    sender.sequence -= 3000
    assert sender.send(3) == [1600, 1760, 1920]


@pytest.mark.parametrize("step", [0, -160, -8000, 50 * 8000, 0x7FFFFFFF])
def test_timestamps_that_are_of_no_use_lose_only_the_first_packets(step: int) -> None:
    """They stand still, go back or leap with each packet: these are placed as they come."""
    sender = Sender()
    placed = []
    for _ in range(300):
        placed.append(sender.place())
        sender.skip()
        sender.timestamp += step - SAMPLES
    assert placed[5:] == [n * 160 for n in range(5, 300)]


def test_random_timestamps_lose_only_the_first_packets() -> None:
    sender, dice = Sender(), random.Random(1)
    placed = []
    for _ in range(300):
        sender.timestamp = dice.randrange(1 << 32)
        placed.append(sender.place())
        sender.skip()
    assert placed[5:] == [n * 160 for n in range(5, 300)]


def test_a_new_stream_whose_timestamps_stand_still_is_believed_by_its_sequence() -> None:
    sender = Sender()
    sender.send(50)
    sender.ssrc = 2
    placed = []
    for _ in range(20):
        sender.timestamp = 77
        placed.append(sender.place())
        sender.skip()
    assert placed[0] is None
    assert placed[6:] == [8000 + n * 160 for n in range(6, 20)]


def test_packets_that_are_sent_twice_are_not_taken_for_useless_timestamps() -> None:
    """With a sequence number of their own, as some gateways repeat them."""
    sender = Sender()
    for n in range(100):
        for _ in range(2):
            assert sender.place() == n * 160
            sender.sequence += 1
        sender.skip()
        sender.sequence -= 1


def test_without_timestamps_late_packets_and_copies_move_nothing() -> None:
    sender = Sender()
    for _ in range(10):
        sender.place()
        sender.skip()
        sender.timestamp -= SAMPLES
    late = sender.packet()._replace(sequence=(sender.sequence - 3) & 0xFFFF)
    copy = sender.packet()._replace(sequence=(sender.sequence - 1) & 0xFFFF)
    assert [sender.place(late), sender.place(copy)] == [None, None]
    assert sender.place() == 1600
