"""Keys from telephone-event packets (RFC 4733)."""

import pytest

from renvoi.voicemail.media.dtmf import Keypad


def event(code: int, duration: int = 160, *, end: bool = False) -> bytes:
    return bytes([code, 0x8A if end else 0x0A]) + duration.to_bytes(2)


def test_a_key_counts_at_its_first_packet_and_once() -> None:
    keypad = Keypad()
    assert keypad.press(1, 1000, event(11)) == "#"
    packets = [event(11, 320), event(11, 480), *[event(11, 640, end=True)] * 3]
    assert [keypad.press(1, 1000, packet) for packet in packets] == [None] * 5


def test_a_key_counts_when_only_one_of_its_packets_arrives() -> None:
    assert Keypad().press(1, 1000, event(5, 800, end=True)) == "5"


def test_the_same_key_again_counts_again() -> None:
    keypad = Keypad()
    assert [keypad.press(1, timestamp, event(1)) for timestamp in (0, 2000, 4000)] == ["1", "1", "1"]


def test_late_packets_of_an_earlier_key_do_not_count() -> None:
    keypad = Keypad()
    pressed = [keypad.press(1, timestamp, event(code)) for timestamp, code in [(0, 1), (2000, 2), (0, 1), (2000, 2)]]
    assert pressed == ["1", "2", None, None]


def test_another_stream_has_timestamps_of_its_own() -> None:
    keypad = Keypad()
    assert [keypad.press(ssrc, 0, event(1)) for ssrc in (1, 2)] == ["1", "1"]


def test_all_keys_are_known() -> None:
    keypad = Keypad()
    assert "".join(keypad.press(1, code, event(code)) or "" for code in range(16)) == "0123456789*#ABCD"


@pytest.mark.parametrize("payload", [b"", b"\x0b", b"\x0b\x8a\x00", event(16), event(255)])
def test_what_is_no_key_is_none(payload: bytes) -> None:
    assert Keypad().press(1, 0, payload) is None
