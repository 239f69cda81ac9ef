"""Presets of trunks on the command line."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
from typer.testing import CliRunner

from renvoi.cli.app import app
from renvoi.cli.trunk_options import OutboundOptions
from renvoi.domain.trunks.presets import PRESETS
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.unit.cli.conftest import Cli

NEEDED = ("--user", "acc-12", "--account", "+33199000000")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_set_of_options(acme: Cli, tmp_path: Path, name: str) -> None:
    password = tmp_path / "password"
    password.write_text("secret")
    password.chmod(0o600)
    options = PRESETS[name].options
    assert options.keys() <= OutboundOptions.__annotations__.keys()
    needed = (*NEEDED, "--password-file", str(password))
    added = acme("trunk", "add", "x", "--outbound", "sip:192.0.2.9", "--preset", name, *needed, "--json")
    assert added.code == 0, added.err
    defaults = {field.name: field.default for field in fields(OutboundTrunk)} | {"user": "acc-12"}
    for key, value in {**defaults, "account": NEEDED[3], **options}.items():
        if key not in ("name", "uri", "region"):
            assert added.json[key] == value, key
    assert name not in added.json.values(), "the preset itself is not kept"


def test_what_is_given_wins_whatever_its_place(acme: Cli) -> None:
    words = ("--diversion-headers", "none", "--preset", "ovh", "--no-register", "--expires", "60")
    added = acme("trunk", "add", "x", "--outbound", "sip:192.0.2.9", *words, "--json").json
    assert (added["diversion_headers"], added["register"], added["expires"]) == ("none", False, 60)
    assert (added["caller_id"], added["number_format"]) == ("served-user", "international")


def test_a_trunk_that_exists_gets_what_the_preset_has_and_keeps_the_rest(acme: Cli) -> None:
    acme("trunk", "add", "x", "--outbound", "sip:192.0.2.9", "--priority", "7", "--number-format", "plain")
    assert acme("trunk", "set", "x", "--preset", "didww").out == "trunk x is changed\n"
    (trunk,) = acme("trunk", "list", "--json").json
    assert (trunk["priority"], trunk["number_format"], trunk["diversion_headers"]) == (7, "e164", "diversion")


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("--outbound", "sip:192.0.2.9", "--preset", "acme"), 2, "there is no preset 'acme': give one of telnyx, "),
        (("--inbound", "192.0.2.9", "--preset", "telnyx"), 2, "--preset is for --outbound trunks"),
        (("--outbound", "sip:192.0.2.9", "--preset", "ovh"), 1, "give one and its password (--user"),
        (("--outbound", "sip:192.0.2.9", "--preset", "nfon"), 1, "give it (--account)"),
    ],
)
def test_what_a_preset_lacks_is_asked_for(acme: Cli, words: tuple[str, ...], code: int, reason: str) -> None:
    ran = acme("trunk", "add", "x", *words)
    assert (ran.code, reason in ran.err) == (code, True), ran.err
    assert acme("trunk", "list", "--json").json == []


def test_presets_are_shown() -> None:
    shown = CliRunner().invoke(app, ["trunk", "presets"]).stdout
    assert "ovh  --number-format international" in shown
    assert "--register --expires 1800\n  unproven: " in shown
    rows = {row["name"]: row for row in json.loads(CliRunner().invoke(app, ["trunk", "presets", "--json"]).stdout)}
    assert rows.keys() == PRESETS.keys()
    assert rows["ovh"]["options"] == {
        "number_format": "international",
        "header_format": "international",
        "caller_id": "served-user",
        "diversion_headers": "diversion",
        "register": True,
        "expires": 1800,
    }
    assert rows["telnyx"]["proven"] is True
