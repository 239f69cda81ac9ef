"""What comes in by RTP."""

import pytest

from renvoi.voicemail.media import codec as g711
from renvoi.voicemail.media.codec import Codec, encode_frames
from renvoi.voicemail.media.receiver import COMFORT_NOISE, Audio, Key, Receiver
from renvoi.voicemail.media.rtp import build
from tests.unit.voicemail.media.signals import level, share_of, tone

REMOTE, STRANGER = ("127.0.0.1", 4000), ("127.0.0.2", 4000)
EVENT = 101
X = b"x" * 160
X_PCM = bytes(g711.PCMA.decode(X))


class Sound:
    """A recording in memory, and the caller who sends to it in real time."""

    def __init__(self, rate: int, codecs: dict[int, Codec], max_seconds: float = 120.0) -> None:
        self.receiver = Receiver(codecs, {EVENT}, rate, int(max_seconds * rate), REMOTE)
        self.receiver.start(0.0)
        self.pcm = bytearray()
        self.keys = ""
        self.sequence = 0

    def send(self, payload_type: int, payload: bytes, source: tuple[str, int] = REMOTE) -> None:
        datagram = build(payload_type, self.sequence, self.sequence * 160, 1, payload)
        self.receive(datagram, source)
        self.sequence += 1

    def receive(self, datagram: bytes, source: tuple[str, int] = REMOTE) -> None:
        heard = self.receiver.receive(datagram, source, self.sequence / 50)
        if isinstance(heard, Key):
            self.keys += heard.name
        elif isinstance(heard, Audio):
            start = 2 * heard.offset
            self.pcm.extend(bytes(max(0, start - len(self.pcm))))
            self.pcm[start : start + len(heard.pcm)] = heard.pcm


@pytest.mark.parametrize("codec", Codec)
@pytest.mark.parametrize("rate", [8000, 16000])
def test_audio_of_each_codec_fills_recordings_of_each_rate(codec: Codec, rate: int) -> None:
    sound = Sound(rate, {codec.payload_type: codec})
    for frame in encode_frames(tone(440, 1, 8000), 8000, codec):
        sound.send(codec.payload_type, frame)
    assert len(sound.pcm) / 2 / rate == pytest.approx(1, abs=0.003)
    assert share_of(440, sound.pcm[1000:], rate) > 0.98
    assert level(sound.pcm[1000:]) == pytest.approx(8000 / 2**0.5, rel=0.05)


@pytest.mark.parametrize("codec", Codec)
@pytest.mark.parametrize("rate", [8000, 16000])
def test_a_lost_packet_is_silence_in_its_place(codec: Codec, rate: int) -> None:
    sound = Sound(rate, {codec.payload_type: codec})
    for n, frame in enumerate(encode_frames(tone(440, 1, 8000), 8000, codec)):
        if n == 20:
            sound.sequence += 1
        else:
            sound.send(codec.payload_type, frame)
    assert len(sound.pcm) / 2 / rate == pytest.approx(1, abs=0.003)
    gap = sound.pcm[2 * 20 * rate // 50 : 2 * 21 * rate // 50]
    assert level(gap) < 50 or (codec.rate != rate and level(gap[100:]) < 50)
    assert level(sound.pcm[2 * 21 * rate // 50 + 100 : 2 * 22 * rate // 50]) > 4000


@pytest.mark.parametrize("rate", [8000, 16000])
def test_repeated_packets_of_g722_are_decoded_once(rate: int) -> None:
    frames = encode_frames(tone(440, 1, 16000), 16000, Codec.G722)
    once, thrice = Sound(rate, {9: Codec.G722}), Sound(rate, {9: Codec.G722})
    for frame in frames:
        once.send(9, frame)
        for _ in range(3):
            thrice.receive(build(9, thrice.sequence, thrice.sequence * 160, 1, frame))
        thrice.sequence += 1
    assert once.pcm == thrice.pcm


def test_a_change_of_codec_keeps_the_rate_of_the_recording() -> None:
    sound = Sound(16000, {9: Codec.G722})
    for frame in encode_frames(tone(440, 1, 16000), 16000, Codec.G722):
        sound.send(9, frame)
    sound.receiver.renegotiate({8: Codec.PCMA}, {EVENT})
    for frame in encode_frames(tone(440, 1, 8000), 8000, Codec.PCMA):
        sound.send(8, frame)
    assert len(sound.pcm) / 2 / 16000 == pytest.approx(2, abs=0.003)
    assert share_of(440, sound.pcm[1000:32000], 16000) > 0.98
    assert share_of(440, sound.pcm[33000:], 16000) > 0.98


def test_the_previous_type_is_heard_for_as_long_as_it_comes() -> None:
    """Unless the new description gives it another meaning."""
    sound = Sound(8000, {97: Codec.PCMU, 8: Codec.PCMA})
    sound.receiver.renegotiate({0: Codec.PCMU, 97: Codec.PCMA}, {96})
    for payload_type in (8, 0, 97):
        sound.send(payload_type, X)
    assert bytes(sound.pcm) == X_PCM + bytes(g711.PCMU.decode(X)) + X_PCM
    for payload_type in (EVENT, 96):
        sound.send(payload_type, bytes([payload_type % 10, 10, 0, 160]))
    assert sound.keys == "16"
    sound.receiver.renegotiate({EVENT: Codec.PCMA}, {97})
    sound.send(97, bytes([3, 10, 0, 160]))
    sound.send(EVENT, X)
    assert sound.keys == "163"
    assert sound.pcm.endswith(X_PCM)


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("heard_before", [True, False])
@pytest.mark.parametrize("lost", [set[int](), {1}, {1, 2, 3, 50}])
def test_g722_by_a_clock_of_16_khz_keeps_its_length(rate: int, heard_before: bool, lost: set[int]) -> None:
    """Its timestamps count the samples, 320 in a packet, though RFC 3551 wants 160."""
    sound = Sound(rate, {9: Codec.G722})
    if heard_before:
        receiver = sound.receiver = Receiver({9: Codec.G722}, (), rate, 120 * rate, REMOTE)
        for n in range(5):
            receiver.receive(build(9, n - 5 & 0xFFFF, (n - 5) * 320 & 0xFFFFFFFF, 1, bytes(160)), REMOTE, 0.0)
        receiver.start(0.0)
    frames = encode_frames(tone(440, 6, 16000), 16000, Codec.G722)
    for n, frame in enumerate(frames):
        if n not in lost:
            sound.receive(build(9, n, n * 320, 1, frame))
        sound.sequence += 1
    assert len(sound.pcm) / 2 / rate == pytest.approx(6, abs=0.003)
    assert share_of(440, sound.pcm[2 * rate :], rate) > 0.95


def test_pauses_of_g722_that_look_like_another_clock_change_little() -> None:
    """A sender that leaves silence out: first one packet, then two of ten are missing, and the numbers go on."""
    sound = Sound(16000, {9: Codec.G722})
    said = [n for n in range(200) if n != 1 and n % 10 not in (4, 5)]
    frames = encode_frames(tone(440, 4, 16000), 16000, Codec.G722)
    for sequence, n in enumerate(said):
        sound.sequence = n
        sound.receive(build(9, sequence, n * 160, 1, frames[n]))
    assert len(sound.pcm) / 2 / 16000 == pytest.approx(4, abs=0.03)


def test_nothing_is_kept_before_the_start_but_keys_and_the_address() -> None:
    receiver = Receiver({8: Codec.PCMA}, {EVENT}, 8000, 8000, REMOTE)
    for n in range(5):
        assert receiver.receive(build(8, n, n * 160, 1, X), STRANGER, n / 50) is None
    assert receiver.last_heard == 0.08
    assert receiver.destination == STRANGER
    assert receiver.receive(build(EVENT, 5, 800, 1, bytes([11, 10, 0, 160])), STRANGER, 0.1) == Key("#")
    receiver.start(1.0)
    assert receiver.receive(build(8, 50, 8000, 1, X), STRANGER, 1.0) == Audio(0, X_PCM)


def test_keys_are_reported_once() -> None:
    sound = Sound(8000, {8: Codec.PCMA})
    for n in range(6):
        sound.receive(build(EVENT, n, 0, 1, bytes([5, 10 if n < 3 else 0x8A, 0, 160])))
    assert sound.keys == "5"
    assert not sound.pcm


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"x",
        b"\x80\xc8\x00\x06" + bytes(24),
        build(0, 1, 160, 1, bytes(160)),
        build(96, 1, 160, 1, bytes(160)),
        build(COMFORT_NOISE, 1, 160, 1, b"\x05\x0a\x00\xa0"),
        build(EVENT, 1, 160, 1, b"\x0b"),
    ],
    ids=["empty", "one byte", "RTCP", "codec not agreed", "unknown type", "comfort noise", "short event"],
)
def test_what_is_no_audio_changes_nothing(datagram: bytes) -> None:
    sound = Sound(8000, {8: Codec.PCMA})
    sound.send(8, X)
    sound.receive(datagram)
    sound.send(8, X)
    assert len(sound.pcm) == 640
    assert sound.keys == ""


def test_comfort_noise_is_a_sign_of_life_and_junk_is_none() -> None:
    sound = Sound(8000, {8: Codec.PCMA})
    heard_at = []
    for payload_type in (96, COMFORT_NOISE, EVENT, 8, 96):
        sound.send(payload_type, bytes(160))
        heard_at.append(sound.receiver.last_heard)
    assert heard_at == [None, 0.02, 0.04, 0.06, 0.06]


def test_packets_of_strangers_are_not_heard() -> None:
    sound = Sound(8000, {8: Codec.PCMA})
    sound.send(8, X)
    for n in range(100):
        sound.receive(build(8, n, n * 160, 2, bytes(160)), STRANGER)
    assert bytes(sound.pcm) == X_PCM
    assert sound.receiver.destination == REMOTE


def test_a_new_address_of_sdp_is_believed() -> None:
    sound = Sound(8000, {8: Codec.PCMA})
    sound.send(8, X)
    sound.receiver.relearn(STRANGER)
    assert sound.receiver.destination == STRANGER
    sound.send(8, X, STRANGER)
    assert len(sound.pcm) == 640
    assert sound.receiver.destination == STRANGER


def test_a_new_stream_is_not_put_over_what_was_recorded() -> None:
    sound = Sound(8000, {8: Codec.PCMA})
    sound.send(8, b"x" * 4000)
    for n in range(2):
        sound.receive(build(8, n, n * 160, 2, b"y" * 160))
    assert bytes(sound.pcm) == bytes(g711.PCMA.decode(b"x" * 4000 + b"y" * 160))


def test_no_audio_lies_beyond_the_longest_recording() -> None:
    sound = Sound(8000, {8: Codec.PCMA}, max_seconds=0.05)
    for _ in range(5):
        sound.send(8, X)
    assert len(sound.pcm) == 800


def test_what_belongs_before_the_start_is_cut_off() -> None:
    sound = Sound(8000, {8: Codec.PCMA})
    sound.receive(build(8, 10, 1600, 1, X))
    sound.receive(build(8, 9, 1540, 1, b"y" * 160))
    assert bytes(sound.pcm) == bytes(g711.PCMA.decode(b"y" * 100)) + X_PCM[200:]
    sound.receive(build(8, 8, 1400, 1, b"z" * 160))
    assert len(sound.pcm) == 320
