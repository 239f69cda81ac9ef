"""Telling speech from silence."""

import pytest

from renvoi.voicemail.media.voice_activity import VoiceActivityDetector
from tests.unit.voicemail.media.signals import tone


def hear(detector: VoiceActivityDetector, amplitude: int, start: float = 0.0, packets: int = 50) -> None:
    pcm = tone(350, packets / 50, 8000, amplitude)
    for n in range(packets):
        detector.hear(pcm[n * 320 : (n + 1) * 320], start + n / 50)


def amplitude(dbm0: float) -> int:
    """Return the amplitude of a tone of this level; the peak is at +3.14 dBm0 (ITU-T G.711 §4)."""
    return round(32768 * 10 ** ((dbm0 - 3.14) / 20))


@pytest.mark.parametrize(("dbm0", "spoken"), [(0, True), (-20, True), (-38.7, True), (-41, False), (-60, False)])
def test_the_limit_is_near_minus_40_dbm0(dbm0: float, spoken: bool) -> None:
    detector = VoiceActivityDetector(0.0)
    hear(detector, amplitude(dbm0))
    assert detector.spoken is spoken
    assert detector.silent_for(1.0) == pytest.approx(0.02 if spoken else 1.0)


def test_silence_counts_from_the_last_sound() -> None:
    detector = VoiceActivityDetector(10.0)
    assert detector.silent_for(12.0) == 2.0
    hear(detector, 8000, start=12.0, packets=51)
    hear(detector, 0, start=13.02, packets=50)
    assert detector.silent_for(16.0) == pytest.approx(3.0)


def test_no_packets_are_silence() -> None:
    detector = VoiceActivityDetector(0.0)
    hear(detector, 8000, packets=2)
    assert detector.silent_for(5.02) == pytest.approx(5.0)


def test_a_click_is_no_speech() -> None:
    detector = VoiceActivityDetector(0.0)
    for start in range(5):
        hear(detector, 8000, start=start, packets=1)
        hear(detector, 0, start=start + 0.02, packets=1)
    assert not detector.spoken
    assert detector.silent_for(5.0) == 5.0


@pytest.mark.parametrize(("loud", "spoken"), [(9, False), (10, True)])
def test_a_sixteenth_of_the_samples_decides(loud: int, spoken: bool) -> None:
    """Speech is uneven: a few samples stand out of it; a crackling line has fewer."""
    detector = VoiceActivityDetector(0.0)
    for n in range(2):
        detector.hear((b"\0\1" * loud).ljust(320, b"\0"), n / 50)
    assert detector.spoken is spoken


def test_empty_packets_are_silence() -> None:
    detector = VoiceActivityDetector(0.0)
    for n in range(5):
        detector.hear(b"", n / 50)
    assert not detector.spoken
