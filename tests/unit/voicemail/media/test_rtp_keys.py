"""Keys from telephone-event packets (RFC 4733)."""

from collections.abc import Iterable

import pytest

from renvoi.voicemail.media.rtp import Keypad, Packet

HASH = 11


class Phone:
    """Presses keys, by packets that come every 20 ms; returns what is understood."""

    def __init__(self) -> None:
        self.keypad = Keypad()
        self.sequence, self.timestamp, self.ssrc, self.now = 65530, 1000, 1, 10.0

    def send(
        self, code: int, duration: int = 160, *, end: bool = False, marker: bool = False, timestamp: int | None = None
    ) -> str:
        payload = bytes([code, 0x8A if end else 0x0A]) + duration.to_bytes(2)
        when = self.timestamp if timestamp is None else timestamp
        packet = Packet(101, self.sequence & 0xFFFF, when, self.ssrc, payload, marker)
        self.sequence += 1
        self.now += 0.02
        return self.keypad.press(packet, self.now) or ""

    def press(self, code: int, packets: int = 4, ends: int = 3, *, marker: bool = True) -> str:
        """Press a key as RFC 4733 has it."""
        heard = [self.send(code, 160 * (n + 1), marker=marker and n == 0) for n in range(packets)]
        heard += [self.send(code, 160 * packets, end=True) for _ in range(ends)]
        return "".join(heard)

    def pause(self, seconds: float, *, audio: bool = True) -> None:
        """Send nothing, or audio."""
        self.now += seconds
        self.timestamp += int(seconds * 8000)
        if audio:
            self.sequence += int(seconds * 50)


def test_a_key_counts_at_its_first_packet_and_once() -> None:
    phone = Phone()
    assert phone.send(HASH, marker=True) == "#"
    assert [phone.send(HASH, 320), phone.send(HASH, 480), *(phone.send(HASH, 640, end=True) for _ in range(3))] == [
        ""
    ] * 5


def test_a_key_counts_when_only_one_of_its_packets_arrives() -> None:
    assert Phone().send(5, 800, end=True) == "5"


@pytest.mark.parametrize("ends", [0, 1, 3])
@pytest.mark.parametrize("audio", [True, False])
def test_the_same_key_again_counts_again(ends: int, audio: bool) -> None:
    phone = Phone()
    heard = ""
    for _ in range(3):
        heard += phone.press(1, ends=ends)
        phone.pause(0.1, audio=audio)
    assert heard == "111"


def test_without_marker_and_end_a_pause_tells() -> None:
    phone = Phone()
    assert phone.press(1, ends=0, marker=False) == "1"
    phone.pause(0.3)
    assert phone.press(1, ends=0, marker=False) == "1"


def test_late_packets_and_copies_do_not_count() -> None:
    phone = Phone()
    assert phone.press(1) + phone.press(2) == "12"
    phone.sequence -= 14
    assert phone.press(1) + phone.press(2) == ""


def test_another_stream_is_another_press() -> None:
    phone = Phone()
    assert phone.send(1) == "1"
    phone.ssrc = 2
    assert phone.send(1) == "1"


def test_a_stream_that_counts_from_elsewhere_is_heard() -> None:
    phone = Phone()
    assert phone.press(1) == "1"
    phone.pause(1)
    phone.sequence -= 3000
    assert phone.press(1) == "1"


def stamps(kind: str, phone: Phone, packets: int) -> Iterable[tuple[int, int, bool, bool]]:
    """Yield timestamp, duration, end and marker of each packet of one press, as odd phones send it."""
    for n in range(packets):
        match kind:
            case "timestamps go on":
                yield phone.timestamp + 160 * n, 160, False, n == 0
            case "timestamps and durations go on":
                yield phone.timestamp + 160 * n, 160 * (n + 1), n >= packets - 3, n == 0
            case "an end each":
                yield phone.timestamp + 160 * n, 160, True, n == 0
            case "a marker each":
                yield phone.timestamp + 160 * n, 160, False, True
            case "a marker each, one timestamp":
                yield phone.timestamp, 160 * (n + 1), False, True
            case "segments":
                # RFC 4733 §2.5.1.3: a long press goes on in another event.
                yield phone.timestamp + 160 * (n // 10 * 10), 160 * (n % 10 + 1), n >= packets - 3, n == 0
            case "no durations":
                yield phone.timestamp, 0, False, False


@pytest.mark.parametrize("lost", [set[int](), {0}, {3}, {5, 6}, {20}])
@pytest.mark.parametrize(
    "kind",
    [
        "timestamps go on",
        "timestamps and durations go on",
        "an end each",
        "a marker each",
        "a marker each, one timestamp",
        "segments",
        "no durations",
    ],
)
def test_one_press_is_one_key_however_it_is_stamped(kind: str, lost: set[int]) -> None:
    """Also when it is held for a second, and packets are lost."""
    phone = Phone()
    heard = ""
    for n, (timestamp, duration, end, marker) in enumerate(stamps(kind, phone, 50)):
        if n in lost:
            phone.sequence += 1
            phone.now += 0.02
        else:
            heard += phone.send(HASH, duration, end=end, marker=marker, timestamp=timestamp)
    assert heard == "#"
    phone.pause(0.3)
    assert phone.press(HASH) == "#"


def test_a_press_whose_packets_are_read_late_and_together_is_one() -> None:
    """The process was held up in the middle of it."""
    phone = Phone()
    assert phone.send(HASH, marker=True) == "#"
    phone.now += 2
    assert [phone.send(HASH, timestamp=1000 + 160 * n) for n in range(1, 20)] == [""] * 19


@pytest.mark.parametrize(
    "second",
    [
        {"marker": True, "duration": 160},
        {"marker": False, "duration": 160},
    ],
)
def test_two_presses_with_one_timestamp_are_two(second: dict[str, int]) -> None:
    """By the end of the first; the phone's clock stands still while it sends no audio."""
    phone = Phone()
    assert phone.press(1) == "1"
    assert phone.send(1, second["duration"], marker=bool(second["marker"])) == "1"
    assert phone.send(1, 320) == ""


def test_two_presses_with_one_timestamp_and_no_end_are_two() -> None:
    """By the marker and a duration that begins again, or by the pause."""
    phone = Phone()
    assert phone.press(1, ends=0) == "1"
    assert phone.press(1, ends=0) == "1"
    phone.now += 0.3
    assert phone.press(1, ends=0, marker=False) == "1"
    phone.now += 0.3
    # Some send a single packet.
    assert phone.send(1, 160, end=True) == "1"
    phone.now += 0.3
    assert phone.send(1, 160, end=True) == "1"


def test_all_keys_are_known() -> None:
    phone = Phone()
    assert "".join(phone.send(code) for code in range(16)) == "0123456789*#ABCD"


@pytest.mark.parametrize("payload", [b"", b"\x0b", b"\x0b\x8a\x00", b"\x10\x0a\0\xa0", b"\xff\x0a\0\xa0"])
def test_what_is_no_key_is_none(payload: bytes) -> None:
    assert Keypad().press(Packet(101, 1, 0, 1, payload), 0.0) is None
