"""`renvoi limits`, and the limits that accounts are made with."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from renvoi.domain.calls.usage import day_of
from tests.unit.cli.conftest import Cli


def of_account(cli: Cli, account: str, **limits: int) -> bool:
    """Tell whether an account as a whole has these limits."""
    found = cli("limits", "show", account, "--json").json[0]["limits"]["account"]
    return bool({name: found[name] for name in limits} == limits)


def test_a_new_account_has_limits(cli: Cli, data: Path) -> None:
    cli("account", "add", "acme")
    assert of_account(cli, "acme", calls=10)
    (made,) = cli("policy", "history", "acme", "--json").json
    assert (made["before"]["limits"]["account"]["calls"], made["after"]["limits"]["account"]["calls"]) == (0, 10)
    assert made["after"]["limits"]["account"]["minutes_per_day"] == 600
    (data / "renvoi.toml").write_text("new_account_calls = 3\nnew_account_minutes = 45\n")
    cli("account", "add", "beta")
    cli("demo")
    assert of_account(cli, "beta", calls=3, minutes_per_day=45)
    assert of_account(cli, "demo", calls=3)
    (data / "renvoi.toml").write_text("new_account_calls = 0\nnew_account_minutes = 0\n")
    cli("account", "add", "gamma")
    assert of_account(cli, "gamma", calls=0)


def test_check_names_accounts_without_limits(acme: Cli, data: Path) -> None:
    def finding() -> tuple[bool, str]:
        (found,) = [each for each in acme("check", "--json").json if each["name"] == "limits"]
        return found["ok"], found["text"]

    assert finding() == (True, "each account has limits")
    acme("account", "add", "beta")
    # As accounts are after the upgrade from a version that had no limits.
    with closing(sqlite3.connect(data / "renvoi.db")) as store, store:
        store.execute("UPDATE accounts SET policy_version = NULL, policy = NULL WHERE name = 'acme'")
    assert finding() == (False, "1 of 2 accounts has none: acme")
    acme("limits", "set", "acme", "--number-calls", "1")
    assert finding()[0]


def test_limits_are_changed_and_keep_the_rest(acme: Cli) -> None:
    said = acme("limits", "set", "acme", "--calls", "20", "--number-calls", "2").out
    assert said == "account 1: account: 20 at once, 600 minutes a day; number: 2 at once; target: no limit\n"
    acme("limits", "set", "acme", "--minutes-per-day", "90", "--number-minutes-per-day", "30")
    changed = acme("limits", "set", "1", "--target-calls", "1", "--target-calls-per-minute", "5", "--json").json
    limits = {
        "account": {"calls": 20, "calls_per_minute": 0, "minutes_per_day": 90, "spend_per_day": "0"},
        "number": {"calls": 2, "calls_per_minute": 0, "minutes_per_day": 30, "spend_per_day": "0"},
        "target": {"calls": 1, "calls_per_minute": 5},
    }
    assert changed == {"account_id": 1, "limits": limits}
    assert acme("limits", "show").out.splitlines() == [
        "account_id\taccount\tof the account\tof the number\tof the target\tused today",
        "1\tacme\t20 at once, 90 minutes a day\t2 at once, 30 minutes a day\t1 at once, 5 a minute\t0.0 minutes",
    ]
    acme("policy", "set", "acme", "--countries", "FR,BE")
    assert acme("limits", "show", "acme", "--json").json == [
        {
            "account_id": 1,
            "account": "acme",
            "limits": limits,
            "used_today": {"minutes": 0.0, "spend": "0"},
            "unreadable": None,
        }
    ]
    newest, *_, oldest = acme("policy", "history", "--json").json
    assert (newest["before"]["limits"], newest["after"]["limits"]) == (limits, limits)
    assert (oldest["before"]["limits"]["account"]["calls"], oldest["after"]["limits"]["account"]["calls"]) == (0, 10)
    assert "limits: account: 20 at once, 90 minutes a day" in acme("policy", "history").out
    acme("limits", "set", "acme", "--calls", "0")
    assert acme("limits", "show", "--json").json[0]["limits"]["account"]["calls"] == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("acme",), 2, "give one of the limits"),
        (("acme", "--calls", "-1"), 2, "greater than or equal to 0"),
        (("acme", "--target-calls-per-minute", "1000001"), 2, "less than or equal to 1000000"),
        (("acme", "--calls", "1_000"), 2, "1_000"),
        (("nobody", "--calls", "1"), 1, "no account"),
    ],
)
def test_what_is_no_limit_is_refused(acme: Cli, words: tuple[str, ...], code: int, said: str) -> None:
    ended = acme("limits", "set", *words)
    assert (ended.code, said in ended.err) == (code, True), ended
    assert of_account(acme, "acme", calls=10)


def test_what_was_used_today_is_shown(acme: Cli, data: Path) -> None:
    acme("account", "add", "beta")
    row = "INSERT INTO usage (name, day, ms, running, spend, price) VALUES ('a1', ?, 90000, 0, 2500000, 0)"
    with closing(sqlite3.connect(data / "renvoi.db")) as store, store:
        # Tomorrow's would be shown where midnight is in between.
        today = day_of(time.time_ns() // 1_000_000)
        store.executemany(row, [(today,), (today + 1,)])
    used = {held["account"]: held["used_today"] for held in acme("limits", "show", "--json").json}
    assert used == {"acme": {"minutes": 1.5, "spend": "2.5"}, "beta": {"minutes": 0.0, "spend": "0"}}
    assert acme("limits", "show", "acme").out.endswith("\t1.5 minutes, spend of 2.5\n")
