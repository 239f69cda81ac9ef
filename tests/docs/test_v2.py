"""The lines of docs/v2.md, as pasted, against a server; what each shows is what comes."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from renvoi.adapters.audio import wav_to_mp3
from renvoi.adapters.message_files import MessageFiles
from renvoi.domain.access.api_key import EVERY_ACCOUNT, KeyRecord
from renvoi.domain.numbers.number import NO_REGION
from renvoi.domain.problem import ProblemCode
from renvoi.http.v2.pages import DEFAULT_LIMIT, MAX_LIMIT
from tests.support.http_api import KEY
from tests.support.http_server import run, running
from tests.support.v2_api import OPERATOR_KEY, DirectConverter, V2Api
from tests.support.v2_examples import difference
from tests.unit.adapters.test_audio import tone, wav

PAGE = Path(__file__).parents[2] / "docs" / "v2.md"
SERVER = "https://renvoi.example"
BLOCKS = re.findall(r"^```sh\n(.*?)^```$(?:\n\n^```json\n(.*?)^```$)?", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def as_shown(answer: str, url: str) -> Any:
    return json.loads(answer.replace(url, SERVER).replace("http://127.0.0.1:8080", SERVER))


def test_its_lines_do_what_it_says(tmp_path: Path) -> None:
    """In their order, as who reads it from top to bottom pastes them."""

    async def scenario() -> None:
        parts = {"files": MessageFiles(tmp_path, tmp_path), "converter": DirectConverter()}
        async with running(tmp_path, deps=parts) as node:
            url = f"http://127.0.0.1:{node.port}"
            operator = KeyRecord(OPERATOR_KEY.id, EVERY_ACCOUNT, OPERATOR_KEY.hash(), NO_REGION)
            await node.store.write(lambda writer: writer.add_key(operator))
            for lines, shown in BLOCKS:
                if lines.startswith("export "):
                    continue
                process = await asyncio.create_subprocess_exec(
                    "bash",
                    "-euc",
                    lines.replace(SERVER, url).replace("curl ", "curl --no-progress-meter "),
                    cwd=tmp_path,
                    env={"KEY": KEY.reveal(), "OPERATOR_KEY": OPERATOR_KEY.reveal(), "PATH": "/usr/bin:/bin"},
                    stdout=asyncio.subprocess.PIPE,
                )
                printed, _ = await process.communicate()
                assert process.returncode == 0, lines
                answer = printed.decode()
                if shown:
                    assert difference(json.loads(shown), as_shown(answer, url)) is None, (lines, answer)
                elif answer:
                    assert "/problems/" not in answer, (lines, answer)

    make_greeting(tmp_path)
    run(scenario)


def make_greeting(directory: Path) -> None:
    """Put the file there that a line sends."""
    source = directory / "greeting.wav"
    source.write_bytes(wav(tone(2.0)))
    (directory / "greeting.mp3").write_bytes(wav_to_mp3(source))


def test_every_line_is_tried() -> None:
    assert len(BLOCKS) == PAGE.read_text().count("```sh\n")
    assert sum(bool(shown) for _, shown in BLOCKS) == PAGE.read_text().count("```json\n")


def test_its_table_has_every_status() -> None:
    text = PAGE.read_text()
    section = text[text.index("## Errors") : text.index("## Lists")]
    for code in ProblemCode:
        assert str(code.status) in section, code.word
    assert f"1 to {MAX_LIMIT}, {DEFAULT_LIMIT} without" in text


@pytest.fixture(scope="module")
def description() -> str:
    return json.dumps(V2Api().v2.describe())


@pytest.mark.parametrize("code", sorted(set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", PAGE.read_text()))))
def test_the_words_that_it_names_exist(code: str, description: str) -> None:
    """Codes of problems, fields and parameters: as many names as there are in the description."""
    assert f'"{code}"' in description or code == "rate_limit_per_key"
