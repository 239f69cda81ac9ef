"""`renvoi forward` sets each option that a rule of the management API has."""

import json
from pathlib import Path
from typing import Any

import pytest

from renvoi.cli.rule_options import RuleOptions
from renvoi.http.v2.rule_models import ForwardingIn, ScheduleIn
from tests.unit.cli.conftest import Cli

NUMBER, TARGET, OTHER = "+33199001234", "+33199005678", "+33261910123"
FORWARD = ("forward", NUMBER)
HOURS = ("--time-zone", "Europe/Paris", "--hours", "mon-fri 09:00-18:00", "--hours", "sat,sun 22:00-02:00")


def rule(cli: Cli, *words: str) -> dict[str, Any]:
    """Return the rule after a change."""
    ran = cli(*FORWARD, *words, "--json")
    assert ran.code == 0, ran.err
    found: dict[str, Any] = ran.json["rule"]
    return found


def test_all_options_at_once(acme: Cli) -> None:
    found = rule(
        acme,
        *("--to", TARGET, "--ring-timeout", "25", "--no-answer", "voicemail", "--busy", f"{OTHER},voicemail"),
        *("--unreachable", OTHER, "--email", "a@example.net", "--email", "b@example.net", "--missed-calls"),
        *(*HOURS, "--holidays", "FR-57", "--exception", "2026-12-24..2026-12-26"),
        *("--exception", "2026-12-31 10:00-12:00 20:00-02:00", "--closed", "voicemail"),
        *("--anonymous", "reject", "--block", "+33162*", "--block", "+33163*", "--allow", "+33162000000"),
        *("--blocked", "voicemail"),
    )
    del found["updated_at"], found["summary"]
    assert found == {
        "action": "forward",
        "to": [TARGET],
        "ring_timeout_s": 25,
        "on_no_answer": {"action": "voicemail"},
        "on_busy": {"action": "forward", "to": [OTHER], "then": "voicemail"},
        "on_unreachable": {"action": "forward", "to": [OTHER]},
        "voicemail": {"emails": ["a@example.net", "b@example.net"], "missed_call_mail": True},
        "schedule": {
            "time_zone": "Europe/Paris",
            "open": [
                {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "18:00"},
                {"days": ["sat", "sun"], "from": "22:00", "to": "02:00"},
            ],
            "holidays": "FR-57",
            "exceptions": [
                {"from": "2026-12-24", "to": "2026-12-26", "open": []},
                {
                    "from": "2026-12-31",
                    "to": "2026-12-31",
                    "open": [{"from": "10:00", "to": "12:00"}, {"from": "20:00", "to": "02:00"}],
                },
            ],
            "closed": {"action": "voicemail"},
        },
        "callers": {
            "anonymous": "reject",
            "block": ["+33162*", "+33163*"],
            "allow": ["+33162000000"],
            "blocked": "voicemail",
        },
        "revision": 1,
    }
    shown = acme("number", "show", NUMBER, "--json").json
    assert shown["holidays_until"] is not None
    assert shown["rule"]["schedule"] == found["schedule"]


def test_what_is_not_given_stays(acme: Cli) -> None:
    rule(acme, "--voicemail", "a@example.net", *HOURS, "--holidays", "FR", "--block", "+33162*")
    found = rule(acme, "--closed", OTHER)
    assert found["action"] == "voicemail"
    assert found["schedule"]["closed"] == {"action": "forward", "to": [OTHER]}
    assert len(found["schedule"]["open"]) == 2
    found = rule(acme, "--closed", "off", "--holidays", "none", "--hours", "fri-mon 08:00-20:00", "--block", "none")
    assert found["schedule"]["closed"] == {"action": "off"}
    assert found["schedule"]["holidays"] is None
    assert found["schedule"]["open"] == [{"days": ["fri", "sat", "sun", "mon"], "from": "08:00", "to": "20:00"}]
    assert found["callers"]["block"] == []
    assert rule(acme, "--hours", "none")["schedule"]["open"] == []
    found = rule(acme, "--always-open", "--voicemail", "b@example.net", "--voicemail", "c@example.net")
    assert (found["schedule"], found["voicemail"]["emails"]) == (None, ["b@example.net", "c@example.net"])
    # The core endpoint's own way keeps all of it too.
    assert acme(*FORWARD, "--to", TARGET, "--json").json["email"] == "b@example.net, c@example.net"


def test_who_does_not_answer_is_unreachable_too_unless_it_is_said(acme: Cli) -> None:
    found = rule(acme, "--to", TARGET, "--no-answer", OTHER)
    assert found["on_no_answer"] == found["on_unreachable"] == {"action": "forward", "to": [OTHER]}
    assert rule(acme, "--unreachable", "release")["on_unreachable"] == {"action": "release"}


def test_the_same_again_is_no_change_and_a_trial_stores_nothing(acme: Cli) -> None:
    tried = acme(*FORWARD, "--to", TARGET, "--dry-run", "--json").json
    assert (tried["changed"], tried["dry_run"], tried["rule"]["revision"]) == (True, True, 1)
    assert acme("number", "list", "--json").json[0]["revision"] == 0
    words = ("--to", TARGET, "--anonymous", "reject")
    assert acme(*FORWARD, *words).out == (
        f"{NUMBER}: Rings +33 1 99 00 56 78 for 60 s. Anonymous callers are rejected. (revision 1)\n"
    )
    again = acme(*FORWARD, *words)
    assert again.out.endswith("(revision 1, as before)\n")
    assert not acme(*FORWARD, *words, "--json").json["changed"]
    shown = acme(*FORWARD, "--off", "--dry-run")
    assert (shown.out, shown.err) == (
        f"{NUMBER}: Calls are refused. (revision 2)\n",
        "nothing was stored: leave --dry-run out to store it\n",
    )


def test_a_whole_rule_from_a_file(acme: Cli, tmp_path: Path) -> None:
    rule(acme, "--voicemail", "a@example.net", "--block", "+33162*")
    file = tmp_path / "rule.json"
    file.write_text(json.dumps({"action": "forward", "to": [TARGET]}), "utf-8")
    found = rule(acme, "--rule", str(file))
    assert (found["action"], found["callers"]["block"], found["revision"]) == ("forward", [], 2)
    file.write_text(json.dumps(found), "utf-8")  # what was shown can be given back
    assert acme(*FORWARD, "--rule", str(file), "--json").json["changed"] is False


def test_back_to_an_earlier_rule(acme: Cli) -> None:
    first = rule(acme, "--voicemail", "a@example.net", *HOURS, "--holidays", "FR")
    rule(acme, "--off", "--anonymous", "reject")
    back = rule(acme, "--undo")
    same = ("action", "voicemail", "schedule", "callers")
    assert {name: back[name] for name in same} == {name: first[name] for name in same}
    assert back["revision"] == 3
    assert acme(*FORWARD, "--undo", "--revision", "0").out == f"{NUMBER}: Calls are refused. (revision 4)\n"
    assert rule(acme, "--undo", "--revision", "1")["schedule"] == first["schedule"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--undo",), 1),
        (("--undo", "--revision", "7"), 1),
        (("--undo", "--revision", "-1"), 2),
        (("--undo", "--to", TARGET), 2),
        (("--undo", "--dry-run"), 2),
        (("--revision", "1", "--off"), 2),
    ],
)
def test_what_cannot_be_undone(acme: Cli, words: tuple[str, ...], code: int) -> None:
    ran = acme(*FORWARD, *words)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((), 2, "give one of --to"),
        (("--off", "--rule", "x"), 2, "give one of --to"),
        (("--rule", "x", "--closed", "off"), 2, "give no other option"),
        (("--always-open", "--closed", "off"), 2, "give no other option of a schedule"),
        (("--hours", "monday 09:00-18:00"), 2, "mon-fri 09:00-18:00"),
        (("--hours", "mon 9-18"), 2, "mon-fri 09:00-18:00"),
        (("--hours", "mon-fri"), 2, "mon-fri 09:00-18:00"),
        (("--exception", "2026-12-24 9-12"), 2, "2026-12-31 20:00-02:00"),
        (("--exception", ""), 2, "2026-12-31 20:00-02:00"),
        (("--busy", f"{OTHER},forward"), 2, "behind the number comes"),
        (("--busy", "nonsense"), 1, "not a valid phone number"),
        (("--anonymous", "maybe"), 2, "maybe"),
        (("--hours", "mon 09:00-18:00"), 1, "schedule time_zone is required"),
        (("--time-zone", "Mars/Olympus"), 1, "schedule time_zone is not a time zone"),
        (("--time-zone", "Europe/Paris", "--hours", "mon 09:00-25:00"), 1, "schedule open 0 to has to look like"),
        (("--time-zone", "Europe/Paris", "--holidays", "XX"), 1, "schedule holidays is none of the codes"),
        (("--time-zone", "Europe/Paris", "--exception", "tomorrow"), 1, "schedule exceptions 0 from has to look like"),
        (("--time-zone", "\udcff"), 1, "schedule time_zone"),
        (("--voicemail", "\udcff@example.net", "--anonymous", "reject"), 1, "voicemail emails 0"),
        (("--block", "\udcff"), 1, "callers block 0"),
        (("--block", "33162"), 1, "callers block 0 has to look like"),
        (("--anonymous", "voicemail"), 1, "voicemail emails is required"),
        (("--to", NUMBER, "--anonymous", "reject"), 1, "leads back"),
        (("--to", TARGET, "--busy", NUMBER), 1, "leads back"),
        (("--voicemail", "a@example.net", "--voicemail", "b"), 1, "voicemail emails 1 is not an e-mail address"),
        (("--rule", "missing.json"), 1, "cannot be read"),
    ],
)
def test_what_cannot_be_set_says_why(acme: Cli, words: tuple[str, ...], code: int, says: str) -> None:
    ran = acme(*FORWARD, *words)
    assert (ran.code, ran.out) == (code, ""), ran.err
    assert says in ran.err
    assert acme("number", "list", "--json").json[0]["revision"] == 0


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b"null", b"[]", b'{"action": "off", "x": 1}'])
def test_files_that_hold_no_rule(acme: Cli, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "rule.json"
    file.write_bytes(content)
    ran = acme(*FORWARD, "--rule", str(file))
    assert (ran.code, ran.out) == (1, "")
    file.write_bytes(b" " * 300_000)
    assert "longer than 256 KiB" in acme(*FORWARD, "--rule", str(file)).err


def test_a_number_that_is_not_ours(acme: Cli) -> None:
    ran = acme("forward", "+33199009999", "--anonymous", "reject")
    assert ran.code == 1
    assert ran.err


def test_no_field_of_a_rule_is_without_an_option() -> None:
    whole = RuleOptions(
        to=TARGET,
        emails=("a@example.net",),
        action="forward",
        ring_timeout_s=5,
        no_answer="release",
        busy="release",
        unreachable="release",
        missed_call_mail=False,
        time_zone="UTC",
        hours=("mon 09:00-18:00",),
        holidays="FR",
        exceptions=("2026-12-24",),
        closed="off",
        anonymous="accept",
        block=("none",),
        allow=("none",),
        blocked="reject",
    ).patch(str)
    of_clients = {"revision", "updated_at", "summary"}
    assert set(whole) == {field.alias or name for name, field in ForwardingIn.model_fields.items()} - of_clients
    assert set(whole["schedule"]) == set(ScheduleIn.model_fields)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            ("--to", "x", "--busy", "y", "--hours", "mon 9-18", "--exception", "2026-12-24 9-12"),
            2,
            ["'x' is not", "'y' is not", "--hours: 'mon 9-18'", "--exception: '2026-12-24 9-12'"],
        ),
        (("--to", "x", "--no-answer", "y", "--anonymous", "reject"), 1, ["'x' is not", "'y' is not"]),
        (
            ("--time-zone", "Europe/Paris", "--holidays", "QQ", "--block", "1", "--anonymous", "voicemail"),
            1,
            ["callers block 0 has", "voicemail emails is", "schedule holidays is none"],
        ),
        (
            ("--to", NUMBER, "--time-zone", "Europe/Paris", "--holidays", "QQ"),
            1,
            ["to 0 leads back", "schedule holidays is none"],
        ),
        (("--rule", "wrong.json"), 1, ["ring_timeout_s has", "x is not a field", "schedule holidays is none"]),
    ],
)
def test_all_that_is_wrong_is_told_a_line_each(
    acme: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, said: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rule = '{"action": "off", "ring_timeout_s": 1, "x": 1, "schedule": {"time_zone": "Europe/Paris", "holidays": "QQ"}}'
    (tmp_path / "wrong.json").write_text(rule)
    ran = acme(*FORWARD, *words)
    assert (ran.code, ran.out) == (code, "")
    lines = ran.err.splitlines()
    assert len(lines) == len(said), ran.err
    for line, part in zip(lines, said, strict=True):
        assert line.startswith(f"renvoi: {part}"), ran.err
    assert lines[-1].endswith("see --help") == (code == 2)
