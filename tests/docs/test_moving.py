"""The examples of docs/moving.md, each run against a server: they set a rule, and understand a refusal."""

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.support.http_api import KEY, NUMBER
from tests.support.http_server import Node, run, running

PAGE = Path(__file__).parents[2] / "docs" / "moving.md"
PROGRAMS = {
    "sh": ("bash", ["bash", "{}"]),
    "php": ("php", ["php", "{}"]),
    "python": (sys.executable, [sys.executable, "{}"]),
    "javascript": ("node", ["node", "{}"]),
    "go": ("go", ["go", "run", "{}"]),
}
ENDINGS = {"javascript": "js", "python": "py"}


def example(language: str) -> str:
    """Return the one example of a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return str(found)


async def said(language: str, directory: Path, node: Node, key: str) -> str:
    """Run an example against a server; return what it prints."""
    words = {"https://renvoi.example.com": f"http://127.0.0.1:{node.port}", "YOUR_API_KEY": key}
    text = example(language)
    for written, meant in words.items():
        assert written in text
        text = text.replace(written, meant)
    file = directory / f"example.{ENDINGS.get(language, language)}"
    file.write_text(text, "utf-8")
    process = await asyncio.create_subprocess_exec(
        *(word.format(file) for word in PROGRAMS[language][1]),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"HOME": str(directory)},
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


@pytest.mark.parametrize("language", PROGRAMS)
def test_an_example_sets_a_rule_and_understands_a_refusal(tmp_path: Path, language: str) -> None:
    if shutil.which(PROGRAMS[language][0]) is None:
        pytest.skip(f"{PROGRAMS[language][0]} is not installed here")

    async def scenario() -> None:
        async with running(tmp_path) as node:
            assert re.search(r"\b3\b.*Callforward enabled", await said(language, tmp_path, node, KEY.reveal()))
            rule = await node.store.read(lambda reader: reader.number(NUMBER))
            assert rule is not None
            assert rule.rule.param == "+33199005678"
            assert re.search(r"\b10\b.*Incorrect API key", await said(language, tmp_path, node, "wrong"))

    run(scenario)
