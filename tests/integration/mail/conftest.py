"""A recording to send."""

from pathlib import Path

import pytest

from tests.support.voicemail_mail import write_tone


@pytest.fixture(name="audio")
def audio_(tmp_path: Path) -> Path:
    return write_tone(tmp_path / "recording.wav")
