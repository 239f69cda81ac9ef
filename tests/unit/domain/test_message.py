"""The waveform of a recording."""

from array import array

import pytest

from renvoi.domain.messages.message import LOUDEST, PEAKS, peaks_of


def of(samples: "array[int]") -> bytes:
    return peaks_of(lambda offset, count: samples[offset : offset + count], len(samples))


def test_each_part_has_its_largest_amplitude_whichever_sample_has_it() -> None:
    samples = array("h", [0]) * (PEAKS * 100)
    samples[0] = 32767
    samples[199] = -32768
    samples[100 * 100 + 50] = 8192
    samples[-1] = -1
    peaks = of(samples)
    assert peaks == bytes([LOUDEST, LOUDEST, *([0] * 98), LOUDEST // 2, *([0] * 98), 1])


@pytest.mark.parametrize("count", [0, 1, 7, PEAKS - 1, PEAKS, PEAKS + 1, 5 * PEAKS + 3])
def test_every_sample_counts_in_a_recording_of_any_length(count: int) -> None:
    silence = array("h", [0]) * count
    assert of(silence) == bytes(PEAKS)
    for loud in range(count):
        samples = silence[:]
        samples[loud] = -2000
        assert max(of(samples)) > 0, loud


def test_quiet_speech_is_seen() -> None:
    """30 dB below full scale."""
    assert set(of(array("h", [1036, -1036]) * 1000)) == {round(0.177 * LOUDEST)}


def test_what_ends_in_a_gap_is_silent_there() -> None:
    """A file may have fewer samples than the recording."""
    peaks = peaks_of(lambda offset, _: array("h", [400] if offset == 0 else []), 8000)
    assert peaks[0] > 0
    assert set(peaks[1:]) == {0}


def test_long_recordings_are_read_in_small_pieces() -> None:
    """15 minutes at 16 kHz."""
    counts = []

    def read(_: int, count: int) -> "array[int]":
        counts.append(count)
        return array("h")

    peaks_of(read, 15 * 60 * 16000)
    assert max(counts) <= 8000
    assert sum(counts) == 15 * 60 * 16000
