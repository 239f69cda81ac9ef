"""Each command: its JSON keys, its exit codes, and what it says when it refuses."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from renvoi.bootstrap import Renvoi
from renvoi.cli.app import app
from renvoi.domain.access.api_key import ApiKey
from tests.unit.cli.conftest import Cli


@pytest.mark.parametrize(
    "words",
    [
        ("account", "list"),
        ("key", "list"),
        ("number", "list"),
        ("trunk", "list"),
        ("calls",),
        ("messages",),
        ("messages", "delete", "m1"),
        ("greeting", "show", "+33199001234"),
        ("account", "set", "acme", "--locale", "fr"),
        ("forward", "+33199001234", "--off"),
        ("explain", "+33199001234", "--from", "+33199009876"),
        ("try", "+33199001234"),
    ],
)
def test_without_data_a_command_says_which_ones_make_it(cli: Cli, data: Path, words: tuple[str, ...]) -> None:
    ran = cli(*words)
    assert ran.code == 1
    assert "`renvoi serve`, `renvoi demo` or `renvoi account add` makes it" in ran.err
    assert ran.err.count("\n") == 1
    assert not data.exists()


def test_key_add_list_revoke(acme: Cli) -> None:
    added = acme("key", "add", "acme", "--name", "web", "--scope", "calls:read", "--json").json
    key = ApiKey.parse(added["key"])
    assert key is not None
    assert key.id == added["id"]
    listed = acme("key", "list", "--account", "acme", "--json")
    assert key.secret not in listed.out
    assert (listed.json[0]["label"], listed.json[0]["scopes"]) == ("web", ["calls:read"])
    assert acme("key", "revoke", added["id"], "--json").code == 0
    assert acme("key", "list", "--json").json[0]["revoked_at"] is not None


def test_key_commands_refuse(acme: Cli) -> None:
    assert "'nobody'" in acme("key", "add", "nobody").err
    unknown = acme("key", "add", "acme", "--scope", "calls:read", "--scope", "everything")
    assert unknown.code == 2
    assert "unknown scope 'everything': the scopes are numbers:read, numbers:write, forwarding:write" in unknown.err
    assert acme("key", "revoke", "ffffffffffff").code == 1
    assert acme("key", "list", "--json").json == []


def test_number_add_and_its_switches(acme: Cli) -> None:
    added = acme("number", "add", "01 99 00 12 99", "--account", "acme", "--no-forwarding", "--json").json
    assert (added["number"], added["account"], added["forwarding"]) == ("+33199001299", "acme", False)
    assert acme("number", "enable-forwarding", "+33199001299", "--json").json["forwarding"] is True
    assert acme("number", "disable-forwarding", "+33199001299", "--json").json["forwarding"] is False
    assert acme("number", "deactivate", "+33199001299", "--json").json["active"] is False
    assert acme("number", "activate", "+33199001299", "--json").json["active"] is True
    assert [row["number"] for row in acme("number", "list", "--json").json] == ["+33199001234", "+33199001299"]
    assert acme("number", "list").out.splitlines()[0].startswith("number\taccount\t")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("add", "+33199001234", "--account", "acme"), "exists already"),
        (("add", "12", "--account", "acme"), "not a valid phone number"),
        (("add", "112", "--account", "acme"), "short number"),
        (("add", "+33199001299", "--account", "nobody"), "no account 'nobody'"),
        (("deactivate", "+33199001299"), "not one of our numbers"),
    ],
)
def test_number_commands_refuse(acme: Cli, words: tuple[str, ...], reason: str) -> None:
    ran = acme("number", *words)
    assert ran.code == 1
    assert reason in ran.err


def test_forward_sets_the_rule_and_its_ring_timeout(acme: Cli) -> None:
    set_to = acme("forward", "+33199001234", "--to", "+33199005678", "--ring-timeout", "20", "--json").json
    assert set_to == {
        "number": "+33199001234", "type": 1, "param": "+33199005678", "revision": 1, "ring_timeout_s": 20,
        "no_answer": "release", "busy": "release", "unreachable": "release", "email": None,
        "missed_call_mail": 0, "schedule": None, "callers": None,
    }  # fmt: skip
    longer = acme("forward", "+33199001234", "--to", "+33199005678", "--ring-timeout", "30", "--json").json
    assert (longer["revision"], longer["ring_timeout_s"]) == (2, 30)
    kept = acme("forward", "+33199001234", "--voicemail", "a@example.net", "--json").json
    assert (kept["type"], kept["param"], kept["ring_timeout_s"]) == (2, "a@example.net", 30)
    assert acme("forward", "+33199001234", "--off", "--json").json["type"] == 0


def test_forward_keeps_the_options_that_are_not_named(acme: Cli) -> None:
    to = ("forward", "+33199001234", "--to", "+33199005678")

    def row(*options: str) -> tuple[object, ...]:
        found = acme(*to, *options, "--json").json
        return tuple(found[name] for name in ("revision", "no_answer", "busy", "email", "ring_timeout_s"))

    assert row("--no-answer", "voicemail", "--email", "A@Example.net") == (
        1, "voicemail", "release", "A@example.net", 60,
    )  # fmt: skip
    assert row("--busy", "voicemail") == (2, "voicemail", "voicemail", "A@example.net", 60)
    assert row("--email", "b@example.net") == (3, "voicemail", "voicemail", "b@example.net", 60)
    assert row("--no-answer", "release", "--ring-timeout", "10") == (4, "release", "voicemail", "b@example.net", 10)
    assert "already enabled" in acme(*to, "--busy", "voicemail").err
    off = acme("forward", "+33199001234", "--off", "--json").json
    assert (off["type"], off["busy"], off["email"]) == (0, "voicemail", "b@example.net")
    back = acme("forward", "+33199001234", "--to", "+33199005679").out
    assert back == (
        "+33199001234: calls are forwarded to +33199005679, ringing up to 10 s; "
        "not answered: released; busy: a message is taken for b@example.net (revision 6)\n"
    )


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--no-answer", "voicemail"), "give --email ADDRESS"),
        (("--busy", "voicemail"), "give --email ADDRESS"),
        (("--busy", "voicemail", "--email", "nonsense"), "Email is invalid"),
        (("--email", "a@example.net"), "give --no-answer voicemail or --busy voicemail"),
    ],
)
def test_forward_refuses_options_that_lead_nowhere(acme: Cli, options: tuple[str, ...], reason: str) -> None:
    ran = acme("forward", "+33199001234", "--to", "+33199005678", *options)
    assert (ran.code, ran.out) == (1, "")
    assert reason in ran.err
    assert acme("number", "list", "--json").json[0]["revision"] == 0


@pytest.mark.parametrize("aim", [("--off",), ("--voicemail", "a@example.net")])
@pytest.mark.parametrize(
    "option",
    [
        ("--ring-timeout", "20"),
        ("--no-answer", "release"),
        ("--busy", "release"),
        ("--email", "a@example.net"),
    ],
)
def test_options_of_a_forward_go_with_a_forward(acme: Cli, aim: tuple[str, ...], option: tuple[str, ...]) -> None:
    ran = acme("forward", "+33199001234", *aim, *option)
    assert ran.code == 2
    assert "go with --to" in ran.err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--to", "+33199001234"), "Forwarding would loop"),
        (("--to", "nonsense"), "Forwarding number is invalid"),
        (("--to", "+33899001234"), "Destination is not allowed"),
        (("--voicemail", "nonsense"), "Email is invalid"),
        (("--off",), "Call forwarding is already disabled"),
        (("--to", "+33199005678", "--ring-timeout", "4"), "give 5 to 170"),
    ],
)
def test_forward_refuses_as_the_api_does(acme: Cli, words: tuple[str, ...], reason: str) -> None:
    ran = acme("forward", "+33199001234", *words)
    assert (ran.code, ran.out) == (1, "")
    assert reason in ran.err


@pytest.mark.parametrize("words", [(), ("--off", "--to", "+33199005678"), ("--ring-timeout", "x", "--off")])
def test_forward_wants_exactly_one_aim(acme: Cli, words: tuple[str, ...]) -> None:
    assert acme("forward", "+33199001234", *words).code == 2


def test_explain_follows_the_chain(acme: Cli) -> None:
    acme("number", "add", "+33199001299", "--account", "acme")
    acme("forward", "+33199001234", "--to", "+33199001299")
    refused = acme("explain", "+33199001234", "--from", "anonymous", "--json").json
    assert (refused["decision"], refused["reason"], refused["revision"]) == ("reject", "disabled", 1)
    acme("forward", "+33199001299", "--to", "+33199005678")
    found = acme("explain", "+33199001234", "--from", "+33199009876", "--json").json
    assert (found["decision"], found["target"]) == ("forward", "+33199005678")
    assert found["via"] == ["+33199001234", "+33199001299"]
    assert "is not one of our numbers" in acme("explain", "+33199001234", "--from", "+33199009876").out


def rules_of(text: str) -> str:
    """Return what `explain` says by the rules alone, without its notes on trunks and the node."""
    return text.partition("  note: ")[0]


def test_explain_tells_what_becomes_of_a_call_that_is_not_taken(acme: Cli) -> None:
    words = ("explain", "+33199001234", "--from", "+33199009876")
    acme("forward", "+33199001234", "--to", "+33199005678")
    assert rules_of(acme(*words).out).endswith("     not answered: released\n     busy: released\n")
    options = ("--no-answer", "voicemail", "--email", "a@example.net")
    acme("forward", "+33199001234", "--to", "+33199005678", *options)
    found = acme(*words, "--json").json
    assert (found["no_answer"], found["busy"], found["email"]) == ("voicemail", "release", "a@example.net")
    taken = "     not answered: a message is taken for a@example.net\n     busy: released\n"
    assert rules_of(acme(*words).out).endswith(taken)


def test_explain_tells_where_a_message_goes(acme: Cli) -> None:
    acme("forward", "+33199001234", "--voicemail", "a@example.net")
    words = ("explain", "+33199001234", "--from", "+33199009876")
    taken = "  => a message for +33199001234 is taken and mailed to a@example.net\n"
    assert rules_of(acme(*words).out).endswith(taken)
    found = acme(*words, "--json").json
    assert (found["decision"], found["target"], found["no_answer"]) == ("voicemail", "a@example.net", None)


def test_demo_is_seeded_once_and_then_gives_another_key(cli: Cli) -> None:
    first, second = cli("demo", "--json").json, cli("demo", "--json").json
    assert (first["fresh"], second["fresh"]) == (True, False)
    assert first["key"] != second["key"]
    assert first["numbers"] == ["+33199001234", "+33261910123"]
    assert [row["number"] for row in cli("number", "list", "--json").json] == first["numbers"]
    trunks = {row["name"]: row for row in cli("trunk", "list", "--json").json}
    assert trunks["demo-in"]["networks"] == ["127.0.0.0/8"]
    assert trunks["demo-out"]["uri"] == "sip:127.0.0.1:5090"
    assert "one more key" in cli("demo").out


def test_calls_of_a_number_without_any(acme: Cli) -> None:
    assert acme("calls", "--json").json == []
    assert acme("calls").err == "no calls yet\n"


def test_try_needs_a_running_node(cli: Cli) -> None:
    cli("demo")
    ran = cli("try", "+33199001234")
    assert ran.code == 1
    assert "start one with `renvoi serve`" in ran.err


def test_check_tells_of_a_node_that_does_not_run(acme: Cli) -> None:
    found = {row["name"]: row for row in acme("check", "--json").json}
    assert found["store"]["ok"] is True
    assert (found["node"]["ok"], found["node"]["needed"], found["node"]["advice"]) == (False, False, "renvoi serve")
    assert found["inbound trunks"]["advice"].startswith("renvoi trunk add")


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("number", "add"),
        ("calls", "--limit", "0"),
        ("calls", "--limit", "1_0"),
        ("audit", "--limit", "１"),
        ("account", "list", "-x"),
    ],
)
def test_what_is_not_understood_exits_with_2(cli: Cli, words: tuple[str, ...]) -> None:
    assert cli(*words).code == 2


def test_a_wrong_setting_exits_with_2(acme: Cli, data: Path) -> None:
    (data / "renvoi.toml").write_text("http_port = 'x'\n")
    ran = acme("account", "list")
    assert ran.code == 2
    assert ran.err.startswith(f"renvoi: http_port in {data}/renvoi.toml: 'x' is not allowed")
    assert ran.err.count("\n") == 1


@pytest.mark.usefixtures("acme")
def test_a_settings_file_is_named_before_a_command_or_behind_serve(data: Path, tmp_path: Path) -> None:
    named = tmp_path / "named.toml"
    named.write_text(f"data_dir = '{data}'\n")
    listed = CliRunner().invoke(app, ["--config", str(named), "account", "list", "--json"], obj=Renvoi({}))
    assert [account["name"] for account in json.loads(listed.stdout)] == ["acme"]
    for words in (["serve", "--config", "none.toml"], ["--config", "none.toml", "serve"]):
        served = CliRunner().invoke(app, words, obj=Renvoi({}))
        assert (served.exit_code, served.stderr) == (
            2,
            "renvoi: none.toml: cannot be read: No such file or directory\n",
        )


def test_a_file_that_is_no_database_is_left_alone(cli: Cli, data: Path) -> None:
    data.mkdir()
    (data / "renvoi.db").write_text("something else entirely")
    ran = cli("account", "add", "acme")
    assert ran.code == 1
    assert "is not a database of renvoi" in ran.err
    assert ran.err.count("\n") == 1
    assert (data / "renvoi.db").read_text() == "something else entirely"


def test_data_that_is_a_file_is_refused(cli: Cli, data: Path) -> None:
    data.write_text("")
    assert "give another --data" in cli("account", "add", "acme").err


@pytest.mark.parametrize("words", [[], ["calls"], ["number"], ["number", "add"]])
def test_help_has_a_short_word_too(words: list[str]) -> None:
    short, long = (CliRunner().invoke(app, [*words, word], obj=Renvoi({})) for word in ("-h", "--help"))
    assert (short.exit_code, short.output) == (0, long.output)


@pytest.mark.parametrize("words", [["account", "list"], ["number", "list"], ["calls"]])
def test_the_data_directory_may_be_named_before_the_command(acme: Cli, data: Path, words: list[str]) -> None:
    """The one behind the command is the one that is meant when there are two."""
    before = ["--data", str(data), *words, "--json"]
    assert CliRunner().invoke(app, before, obj=Renvoi({})).stdout == acme(*words, "--json").out
    elsewhere = ["--data", str(data / "elsewhere"), *words, "--json", "--data", str(data)]
    assert CliRunner().invoke(app, elsewhere, obj=Renvoi({})).stdout == acme(*words, "--json").out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_may_complete(shell: str) -> None:
    words = {"COMP_WORDS": "renvoi ca", "COMP_CWORD": "1", "_TYPER_COMPLETE_ARGS": "renvoi ca"}
    environment = {"_RENVOI_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_FISH_ACTION": "get-args", **words}
    done = CliRunner().invoke(app, [], prog_name="renvoi", env=environment)
    assert "calls" in done.output
    assert "account" not in done.output
