"""`renvoi rates`, and limits of spend."""

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Cli

GOOD = "prefix,price,currency\n33,0.012,EUR\n+336,0.05,EUR\n\n3361,0.000001,EUR\n1,0,EUR\n"


def importing(cli: Cli, tmp_path: Path, content: str | bytes) -> tuple[int, str, str]:
    file = tmp_path / "rates.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    ran = cli("rates", "import", str(file))
    return ran.code, ran.out, ran.err.replace(str(file), "FILE")


def test_rates_are_imported_in_place_of_those_before(acme: Cli, tmp_path: Path) -> None:
    assert acme("rates", "show").err.startswith("no rates: `renvoi rates import")
    assert importing(acme, tmp_path, "currency,prefix,price\r\nUSD,44,1\r\n") == (0, "1 rate imported\n", "")
    assert importing(acme, tmp_path, "\ufeff" + GOOD) == (0, "4 rates imported\n", "")
    assert acme("rates", "show").out.splitlines() == [
        "prefix\tprice\tcurrency",
        "1\t0\tEUR",
        "33\t0.012\tEUR",
        "336\t0.05\tEUR",
        "3361\t0.000001\tEUR",
    ]
    prices = {"+33612345678": "3361", "0650000000": "336", "+33140000001": "33", "+12025550123": "1"}
    for number, prefix in prices.items():
        assert acme("rates", "show", number, "--json").json[0]["prefix"] == prefix
    assert acme("rates", "show", "+447400123456", "--json").json == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1: the first line names the columns: give prefix,price,currency"),
        ("prefix;price;currency\n33;1;EUR\n", "line 1: the first line names"),
        ("prefix,price,currency\n", "FILE has 0 rates: give 1 to 200000"),
        ("prefix,price,currency\n0033,1,EUR\n", "line 2: '0033' is not a prefix: give 1 to 15 digits, country code"),
        ("prefix,price,currency\n33,1e3,EUR\n", "line 2: '1e3' is not an amount: give digits, and up to six more"),
        ("prefix,price,currency\n33,-1,EUR\n", "line 2: '-1' is not an amount"),
        ("prefix,price,currency\n33,0.0000001,EUR\n", "line 2: '0.0000001' is not an amount"),
        ("prefix,price,currency\n33,1001,EUR\n", "line 2: 1001 is too much for a minute: give at most 1000"),
        ("prefix,price,currency\n33,1,eur\n", "line 2: 'eur' is not a currency: give the three letters of ISO 4217"),
        ("prefix,price,currency\n33,1,EUR\n44,1,GBP\n", "line 3: GBP beside EUR of line 2: give one currency"),
        ("prefix,price,currency\n33,1,EUR\n+33,2,EUR\n", "line 3: prefix 33 is on line 2 already: give it once"),
        ("prefix,price,currency\n33,1\n", "line 2: it has 2 values: give 3"),
        (b"prefix,price,currency\n33,1,EUR\n\xff", "line 3: this is not UTF-8"),
        ('prefix,price,currency\n33,"1,EUR\n', "cannot be read as CSV"),
    ],
)
def test_a_table_with_a_wrong_row_changes_nothing(acme: Cli, tmp_path: Path, content: str, said: str) -> None:
    importing(acme, tmp_path, GOOD)
    code, out, err = importing(acme, tmp_path, content)
    assert (code, out, said in err) == (1, "", True), err
    assert len(acme("rates", "show", "--json").json) == 4


def test_all_wrong_rows_are_named(acme: Cli, tmp_path: Path) -> None:
    rows = "".join("x,1,EUR\n" for _ in range(25))
    _, _, err = importing(acme, tmp_path, "prefix,price,currency\n33,1,EUR\n" + rows)
    assert err.startswith("renvoi: FILE: 25 rows are wrong; nothing was imported\nline 3: 'x' is not a prefix")
    assert err.endswith("and 5 more\n")


def test_spend_is_limited_in_decimals(acme: Cli, tmp_path: Path) -> None:
    said = acme("limits", "set", "acme", "--spend-per-day", "25.50", "--number-spend-per-day", "0.000001").out
    assert "account: 10 at once, 600 minutes a day, spend of 25.5 a day; number: spend of 0.000001 a day;" in said
    limits = acme("limits", "show", "acme", "--json").json[0]["limits"]
    assert (limits["account"]["spend_per_day"], limits["number"]["spend_per_day"]) == ("25.5", "0.000001")
    for wrong, reason in (
        ("1,5", "is not an amount"),
        ("-1", "is not an amount"),
        ("1000000001", "at most 1000000000"),
    ):
        refused = acme("limits", "set", "acme", f"--spend-per-day={wrong}")
        assert (refused.code, reason in refused.err) == (2, True), refused.err

    def finding() -> bool:
        (found,) = [each for each in acme("check", "--json").json if each["name"] == "limits"]
        return bool(found["ok"])

    assert not finding(), "there are no rates"
    importing(acme, tmp_path, GOOD)
    assert finding()
