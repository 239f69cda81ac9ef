"""Packets that go out."""

import pytest

from renvoi.voicemail.media.player import Packing, Player
from renvoi.voicemail.media.rtp import Packet, parse

FRAMES = [bytes([n]) * 160 for n in range(1, 4)]
PCMA = Packing(8)


def packets(player: Player, ticks: int) -> list[Packet | None]:
    """Return what is sent at so many ticks, None for nothing, without the marker bits."""
    sent: list[Packet | None] = []
    for _ in range(ticks):
        due = [parse(datagram) for datagram in player.tick()]
        sent += [each._replace(marker=False) for each in due if each is not None] or [None]
    return sent


def test_frames_go_out_in_order_and_wrap_around() -> None:
    player = Player(FRAMES, PCMA, 7, 0xFFFE, 0xFFFFFFFF - 160)
    assert packets(player, 4) == [
        Packet(8, 0xFFFE, 0xFFFFFFFF - 160, 7, FRAMES[0]),
        Packet(8, 0xFFFF, 0xFFFFFFFF, 7, FRAMES[1]),
        Packet(8, 0, 159, 7, FRAMES[2]),
        None,
    ]
    assert player.finished


def test_it_is_finished_with_the_last_packet() -> None:
    player = Player(FRAMES, PCMA, 7)
    finished = [(bool(player.tick()), player.finished) for _ in range(4)]
    assert finished == [(True, False), (True, False), (True, True), (False, True)]


def test_the_marker_is_where_sound_begins() -> None:
    player = Player(FRAMES, PCMA, 7)
    markers = []
    for _ in range(2):
        markers += [datagram[1] >= 0x80 for _ in range(3) for datagram in player.tick()]
        player.play(FRAMES)
    assert markers == [True, False, False, True, False, False]


def test_time_goes_on_while_nothing_is_sent() -> None:
    player = Player(FRAMES[:1], PCMA, 7)
    packets(player, 11)
    player.play(FRAMES[1:2])
    assert packets(player, 1) == [Packet(8, 1, 11 * 160, 7, FRAMES[1])]


def test_another_codec_goes_on_at_the_same_place() -> None:
    player = Player(FRAMES, PCMA, 7)
    packets(player, 1)
    player.change_codec([b"A" * 160, b"B" * 160, b"C" * 160], Packing(9))
    assert packets(player, 2) == [Packet(9, 1, 160, 7, b"B" * 160), Packet(9, 2, 320, 7, b"C" * 160)]


def test_silence_can_be_sent_between() -> None:
    player = Player(FRAMES[:1], PCMA, 7)
    packets(player, 2)
    assert parse(player.keep_alive(b"\xd5" * 160)) == Packet(8, 1, 320, 7, b"\xd5" * 160)
    assert packets(player, 1) == [None]


@pytest.mark.parametrize(
    ("packet_ms", "lengths"),
    [
        (10, [[80, 80], [80, 80], [80, 80], []]),
        (30, [[], [240], [240], []]),
        (40, [[], [320], [160], []]),
        (60, [[], [], [480], []]),
        (120, [[], [], [480], []]),
        (25, [[], [200], [200, 80], []]),
    ],
)
def test_packets_are_as_long_as_the_peer_wants_them(packet_ms: int, lengths: list[list[int]]) -> None:
    """Each when its time has come, the last one shorter where nothing more comes; and nothing is lost or moved."""
    player = Player(FRAMES, Packing(8, packet_ms), 7)
    sent = [[parse(datagram) for datagram in player.tick()] for _ in range(4)]
    assert [[len(each.payload) for each in due if each is not None] for due in sent] == lengths
    flat = [each for due in sent for each in due if each is not None]
    assert b"".join(each.payload for each in flat) == b"".join(FRAMES)
    assert [each.sequence for each in flat] == list(range(len(flat)))
    begins = [sum(len(each.payload) for each in flat[:n]) for n in range(len(flat))]
    assert [each.timestamp for each in flat] == begins
    player.play(FRAMES)
    assert next(each.timestamp for each in packets(player, 6) if each is not None) == 4 * 160
    silence = parse(player.keep_alive(b"\xd5" * 160))
    assert silence is not None
    assert silence.payload == b"\xd5" * (8 * packet_ms)


def test_what_is_broken_off_before_its_packet_was_full_takes_its_time() -> None:
    player = Player(FRAMES, Packing(8, 60), 7)
    assert packets(player, 2) == [None, None]
    player.play(FRAMES)
    assert packets(player, 3) == [None, None, Packet(8, 0, 320, 7, b"".join(FRAMES))]


def test_timestamps_count_by_the_clock_of_the_peer() -> None:
    player = Player(FRAMES, Packing(9, clock_hz=16000), 7)
    assert [each.timestamp for each in packets(player, 3) if each is not None] == [0, 320, 640]
