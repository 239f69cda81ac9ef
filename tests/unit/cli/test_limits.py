"""`renvoi limits`."""

import pytest

from tests.unit.cli.conftest import Cli


def test_limits_are_changed_and_keep_the_rest(acme: Cli) -> None:
    said = acme("limits", "set", "acme", "--calls", "10", "--number-calls", "2").out
    assert said == "account 1: account: 10 at once; number: 2 at once; target: no limit\n"
    changed = acme("limits", "set", "1", "--target-calls", "1", "--target-calls-per-minute", "5", "--json").json
    limits = {
        "account": {"calls": 10, "calls_per_minute": 0},
        "number": {"calls": 2, "calls_per_minute": 0},
        "target": {"calls": 1, "calls_per_minute": 5},
    }
    assert changed == {"account_id": 1, "limits": limits}
    assert acme("limits", "show").out.splitlines() == [
        "account_id\taccount\tof the account\tof the number\tof the target",
        "1\tacme\t10 at once\t2 at once\t1 at once, 5 a minute",
    ]
    acme("policy", "set", "acme", "--countries", "FR,BE")
    assert acme("limits", "show", "acme", "--json").json == [{"account_id": 1, "account": "acme", "limits": limits}]
    newest, *_, oldest = acme("policy", "history", "--json").json
    assert (newest["before"]["limits"], newest["after"]["limits"]) == (limits, limits)
    assert (oldest["before"]["limits"]["account"]["calls"], oldest["after"]["limits"]["account"]["calls"]) == (0, 10)
    assert "limits: account: 10 at once" in acme("policy", "history").out
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
    assert acme("limits", "show", "acme", "--json").json[0]["limits"]["account"]["calls"] == 0
