"""Packets that go out."""

from renvoi.voicemail.media.player import Player
from renvoi.voicemail.media.rtp import Packet, parse

FRAMES = [bytes([n]) * 160 for n in range(1, 4)]


def packets(player: Player, ticks: int) -> list[Packet | None]:
    sent = [player.next_packet() for _ in range(ticks)]
    return [None if datagram is None else parse(datagram) for datagram in sent]


def test_frames_go_out_in_order_and_wrap_around() -> None:
    player = Player(FRAMES, 8, 7, 0xFFFE, 0xFFFFFFFF - 160)
    assert packets(player, 4) == [
        Packet(8, 0xFFFE, 0xFFFFFFFF - 160, 7, FRAMES[0]),
        Packet(8, 0xFFFF, 0xFFFFFFFF, 7, FRAMES[1]),
        Packet(8, 0, 159, 7, FRAMES[2]),
        None,
    ]
    assert player.finished


def test_it_is_finished_with_the_last_packet() -> None:
    player = Player(FRAMES, 8, 7)
    finished = [(player.next_packet() is not None, player.finished) for _ in range(4)]
    assert finished == [(True, False), (True, False), (True, True), (False, True)]


def test_the_marker_is_where_sound_begins() -> None:
    player = Player(FRAMES, 8, 7)
    markers = []
    for _ in range(2):
        sent = [player.next_packet() for _ in range(3)]
        markers += [datagram is not None and datagram[1] >= 0x80 for datagram in sent]
        player.play(FRAMES)
    assert markers == [True, False, False, True, False, False]


def test_time_goes_on_while_nothing_is_sent() -> None:
    player = Player(FRAMES[:1], 8, 7)
    packets(player, 11)
    player.play(FRAMES[1:2])
    assert packets(player, 1) == [Packet(8, 1, 11 * 160, 7, FRAMES[1])]


def test_another_codec_goes_on_at_the_same_place() -> None:
    player = Player(FRAMES, 8, 7)
    packets(player, 1)
    player.change_codec([frame.upper() for frame in [b"a" * 160, b"b" * 160, b"c" * 160]], 9)
    assert packets(player, 2) == [Packet(9, 1, 160, 7, b"B" * 160), Packet(9, 2, 320, 7, b"C" * 160)]


def test_silence_can_be_sent_between() -> None:
    player = Player(FRAMES[:1], 8, 7)
    packets(player, 2)
    assert parse(player.keep_alive(b"\xd5" * 160)) == Packet(8, 1, 320, 7, b"\xd5" * 160)
    assert packets(player, 1) == [None]
