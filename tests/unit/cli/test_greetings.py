"""`renvoi greeting`: a number's own greeting, and the way back."""

import math
import struct
import wave
from pathlib import Path

import pytest

from renvoi.application.errors import OperatorError
from renvoi.bootstrap import Renvoi
from renvoi.cli import numbers
from tests.unit.cli.conftest import Cli

NUMBER = "+33199001234"


@pytest.fixture
def upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file to upload; its conversion puts `WAV:` before it."""
    monkeypatch.setattr(Renvoi, "read_greeting", lambda _, content: b"WAV:" + content)
    path = tmp_path / "hello.mp3"
    path.write_bytes(b"hello")
    return path


def test_a_greeting_is_set_shown_saved_and_reset(acme: Cli, upload: Path, tmp_path: Path) -> None:
    assert acme("greeting", "show", NUMBER, "--json").json == {
        "number": NUMBER, "greeting": "default", "version": None, "bytes": None,
    }  # fmt: skip
    own = acme("greeting", "set", "01 99 00 12 34", str(upload), "--json").json
    assert (own["number"], own["greeting"], own["bytes"]) == (NUMBER, "own", 9)
    assert acme("greeting", "show", NUMBER, "--json").json == own
    saved = tmp_path / "saved.wav"
    assert acme("greeting", "show", NUMBER, "--save", str(saved)).out == f"{NUMBER} has a greeting of its own\n"
    assert saved.read_bytes() == b"WAV:hello"
    assert "give --force" in acme("greeting", "show", NUMBER, "--save", str(saved)).err
    assert acme("greeting", "show", NUMBER, "--save", str(saved), "--force").code == 0
    spoken = acme("greeting", "reset", NUMBER, "--speak-number", "--json").json
    assert (spoken["greeting"], spoken["bytes"]) == ("spoken-number", None)
    assert spoken["version"] > own["version"]
    assert acme("greeting", "reset", NUMBER).out == f"{NUMBER} has the included greeting\n"
    assert acme("greeting", "reset", NUMBER, "--json").json["greeting"] == "default"


def test_a_default_greeting_is_not_saved(acme: Cli, tmp_path: Path) -> None:
    for reset in ((), ("--speak-number",)):
        acme("greeting", "reset", NUMBER, *reset)
        ran = acme("greeting", "show", NUMBER, "--save", str(tmp_path / "a.wav"))
        assert (ran.code, ran.out) == (1, "")
        assert "no greeting of its own" in ran.err
    assert not (tmp_path / "a.wav").exists()


@pytest.mark.parametrize("words", [("set", "FILE"), ("reset",), ("show",)])
def test_a_number_that_is_none_of_ours(acme: Cli, upload: Path, words: tuple[str, ...]) -> None:
    named = ["greeting", words[0], "+33199001299", *(str(upload) if word == "FILE" else word for word in words[1:])]
    ran = acme(*named)
    assert (ran.code, ran.out) == (1, "")
    assert "not one of our numbers" in ran.err


def test_a_file_that_cannot_be_a_greeting_changes_nothing(
    acme: Cli, upload: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Renvoi, __: bytes) -> bytes:
        raise OperatorError("this is not audio: give a WAV or MP3 file")

    monkeypatch.setattr(numbers, "MAX_FILE_BYTES", 5)
    acme("greeting", "set", NUMBER, str(upload))
    before = acme("greeting", "show", NUMBER, "--json").json
    assert before["greeting"] == "own"
    upload.write_bytes(b"longer")
    assert "is larger than" in acme("greeting", "set", NUMBER, str(upload)).err
    assert "cannot be read: No such file" in acme("greeting", "set", NUMBER, str(tmp_path / "none")).err
    monkeypatch.setattr(Renvoi, "read_greeting", refuse)
    upload.write_bytes(b"junk")
    ran = acme("greeting", "set", NUMBER, str(upload))
    assert (ran.code, ran.err) == (1, "renvoi: this is not audio: give a WAV or MP3 file\n")
    assert acme("greeting", "show", NUMBER, "--json").json == before


def test_audio_is_converted(acme: Cli, tmp_path: Path) -> None:
    """By the real reader, and what is none is refused."""
    path, saved = tmp_path / "tone.wav", tmp_path / "saved.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44100)
        for index in range(44100):
            file.writeframesraw(struct.pack("<h", int(8000 * math.sin(index / 16))) * 2)
    assert acme("greeting", "set", NUMBER, str(path)).code == 0
    assert acme("greeting", "show", NUMBER, "--save", str(saved)).code == 0
    with wave.open(str(saved), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16000)
        assert abs(file.getnframes() - 16000) < 800
    path.write_text("no audio at all")
    ran = acme("greeting", "set", NUMBER, str(path))
    assert (ran.code, ran.err.count("\n")) == (1, 1)
