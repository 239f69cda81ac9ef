"""Audio is converted in processes of their own, bounded in number and time: a file that breaks one breaks no more."""

import asyncio
import sys
from pathlib import Path

import pytest

from renvoi.adapters.audio import read_greeting, wav_to_mp3
from renvoi.adapters.audio_converter import ProcessConverter
from renvoi.application.ports.audio import AudioInvalid
from tests.support.waiting import wait_for
from tests.unit.adapters.test_audio import tone, wav

SPEECH = wav(tone(1.0))


def worker(code: str) -> list[str]:
    """Return the command of a worker that does something else."""
    return [sys.executable, "-c", code]


def test_it_converts_as_the_functions_do(tmp_path: Path) -> None:
    file = tmp_path / "it.wav"
    file.write_bytes(SPEECH)

    async def main() -> None:
        converter = ProcessConverter()
        assert await converter.to_mp3(file) == wav_to_mp3(file)
        assert await converter.read_greeting(SPEECH) == read_greeting(SPEECH)

    asyncio.run(main())


@pytest.mark.parametrize("upload", [b"", b"\0" * 1000, b"RIFF\xff\xff\xff\xffWAVE" + b"\xff" * 100, SPEECH[:60]])
def test_what_is_no_audio_is_refused_in_two_languages(upload: bytes) -> None:
    with pytest.raises(AudioInvalid) as refused:
        asyncio.run(ProcessConverter().read_greeting(upload))
    assert str(refused.value)
    assert refused.value.french != str(refused.value)


@pytest.mark.parametrize("code", ["import os; os.abort()", "raise SystemExit(9)", "while True: pass"])
def test_a_worker_that_dies_or_hangs_is_a_file_that_cannot_be_read(code: str, tmp_path: Path) -> None:
    file = tmp_path / "it.wav"
    file.write_bytes(SPEECH)

    async def main() -> None:
        converter = ProcessConverter(worker(code), timeout_s=1.0)
        with pytest.raises(AudioInvalid, match="cannot be read"):
            await converter.read_greeting(SPEECH)
        with pytest.raises((AudioInvalid, OSError)):
            await converter.to_mp3(file)

    asyncio.run(main())


def test_no_more_run_at_once_than_may(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.touch()
    code = f"import time; f = open({str(log)!r}, 'a'); f.write('+'); f.flush(); time.sleep(0.2); f.write('-')"

    async def main() -> None:
        converter = ProcessConverter(worker(code), at_once=2)
        await asyncio.gather(*(converter.read_greeting(SPEECH) for _ in range(6)))

    asyncio.run(main())
    running = most = 0
    for sign in log.read_text():
        running += 1 if sign == "+" else -1
        most = max(most, running)
    assert (running, most) == (0, 2)


def test_who_goes_away_takes_the_conversion_along(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = f"import time; open({str(log)!r}, 'w').write('+'); time.sleep(600)"

    async def main() -> None:
        converter = ProcessConverter(worker(code))
        task = asyncio.create_task(converter.read_greeting(SPEECH))
        await asyncio.to_thread(wait_for, log.exists, "the worker to begin")
        task.cancel()
        await asyncio.wait([task], timeout=60)
        assert task.cancelled()

    asyncio.run(main())
