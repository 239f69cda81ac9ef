"""What `renvoi check` says of the node that runs, or of none; the e2e tests ask a real one."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from renvoi.call_records.dead_letters import DeadLetters
from renvoi.configuration.settings import Settings, read_settings
from renvoi.domain.bilingual import french_of
from renvoi.node.checks import check
from renvoi.node.checks.results import Finding
from renvoi.node.control import control
from renvoi.node.control.control import public_settings

PART = {"state": "running", "restarts": 0, "alarm": "", "detail": None}


def settings_of(path: Path, **values: Any) -> Settings:
    free = {"http_port": 0, "inner_port": 0, "only": "api"}
    return read_settings({"data_dir": path, **free, **values})


def found_by(own: Settings, node: Settings | None = None, **parts: Mapping[str, object]) -> dict[str, Finding]:
    """Check by the settings `own` where a node with the settings `node` and these parts runs, or none."""

    async def status() -> Mapping[str, object]:
        return {"parts": {name: {**PART, **part} for name, part in parts.items()}, "absent": {}, "trunks": []}

    async def told() -> Mapping[str, object]:
        assert node is not None
        return public_settings(node)

    async def main() -> list[Finding]:
        if node is None:
            return await check.check(own)
        own.run_dir.mkdir(parents=True)
        async with control.serve_control(own.run_dir, {"status": status, "settings": told}):
            return await check.check(own)

    found = asyncio.run(main())
    assert all(finding.ok or finding.advice for finding in found)
    return {finding.name: finding for finding in found}


def test_without_a_node_its_ports_are_tried(tmp_path: Path) -> None:
    found = found_by(settings_of(tmp_path))
    assert (found["node"].ok, found["node"].needed) == (False, False)
    assert found["node"].text == f"no node runs on {tmp_path}"
    assert found["HTTP port"].text == "a free port of 127.0.0.1, chosen at each start"


def test_beside_a_node_everything_is_by_its_settings(tmp_path: Path) -> None:
    node = settings_of(tmp_path, only="api,voicemail", voicemail_workers=3, voicemail_calls=7)
    found = found_by(settings_of(tmp_path), node, http={})
    assert found["voicemail"].text == "3 workers take 7 calls each"
    assert "RENVOI_VOICEMAIL_CALLS is 7 there, 500 here" in found["node"].text
    assert "HTTP port" not in found
    assert found["part http"] == Finding("part http", True, "running", found["part http"].advice, False)


def test_parts_say_what_is_wrong_with_them(tmp_path: Path) -> None:
    own = settings_of(tmp_path)
    found = found_by(
        own,
        own,
        mailer={"alarm": "the server refuses our greeting"},
        collector={"state": "waiting", "restarts": 3, "detail": "exit code 1"},
        edge={"state": "absent", "detail": "not among what this node does: api"},
        http={"state": "starting"},
    )
    shown = {name: (f.ok, f.needed, f.text) for name, f in found.items() if name.startswith("part ")}
    assert shown == {
        "part mailer": (False, False, "running: the server refuses our greeting"),
        "part collector": (False, True, "waiting, restarts: 3: exit code 1"),
        "part edge": (True, False, "absent: not among what this node does: api"),
        "part http": (False, True, "starting"),
    }


def test_dead_letters_are_found(tmp_path: Path) -> None:
    own = settings_of(tmp_path)
    assert "dead letters" not in found_by(own)
    DeadLetters(own.dead_letters_dir).keep_event(b"garbage", "f:0", "no event", 1)
    letters = found_by(own)["dead letters"]
    assert (letters.ok, letters.needed) == (False, False)
    assert letters.text == f"1 event and 0 recordings in {own.dead_letters_dir}"
    assert french_of(letters.text) == f"1 événement et 0 enregistrement dans {own.dead_letters_dir}"


def test_tracing_is_said_to_be_on_or_off(tmp_path: Path) -> None:
    assert found_by(settings_of(tmp_path))["tracing"].text.startswith("off: ")
    on = settings_of(tmp_path, hep_url="udp://capture.example", hep_id=7, hep_key="sesame")
    finding = found_by(on)["tracing"]
    assert finding.ok
    assert finding.text == "on: copies of all SIP messages go to udp://capture.example:9060, capture id 7"


@pytest.mark.parametrize(
    ("told", "ok", "words"),
    [
        ({"address": "192.0.2.7", "error": ""}, True, ", at 192.0.2.7"),
        ({"address": "", "error": "DNS does not answer"}, False, "not from the edge: DNS does not answer"),
        ({"address": "", "error": ""}, False, "not from the edge: the server is being looked up"),
        ({"address": "192.0.2.7", "error": "cannot be reached"}, False, "not from the edge: cannot be reached"),
    ],
)
def test_a_node_that_sends_no_copies_says_why(tmp_path: Path, told: dict[str, str], ok: bool, words: str) -> None:
    finding = check._tracing(settings_of(tmp_path, hep_url="udp://capture.example"), told)
    assert (finding.ok, finding.needed) == (ok, ok)
    assert finding.text.endswith(words)


def test_the_settings_file_is_told_with_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "renvoi.toml"
    assert found_by(settings_of(tmp_path))["settings file"].text == f"none: {file} is not there"
    file.touch(0o640)
    assert found_by(settings_of(tmp_path))["settings file"].text == f"{file}, mode 0640"
    named = tmp_path / "named.toml"
    named.touch(0o600)
    assert found_by(settings_of(tmp_path, config_file=named))["settings file"].text == f"{named}, mode 0600"
