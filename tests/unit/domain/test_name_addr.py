"""Address headers that peers write as they like (RFC 3261 §20.10)."""

import pytest

from renvoi.domain.name_addr import NameAddr, split


@pytest.mark.parametrize("mark", ["<", '"<', '<"', '" <', '\\"', " ", ",", "; ="])
def test_a_hostile_value_is_read_in_one_go(mark: str) -> None:
    """What opens and never closes is looked for once; it took seconds when each one was looked for again."""
    value = f"<sip:+33199001234@x>;counter=2,{mark * 20_000}"
    assert NameAddr.parse_list(value)[0] == NameAddr("sip:+33199001234@x", {"counter": "2"})


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("a,b", ["a", "b"]),
        ('"x,y" <sip:a@b>,c', ['"x,y" <sip:a@b>', "c"]),
        ("<sip:a@b;m=1,2>,c", ["<sip:a@b;m=1,2>", "c"]),
        ('"\\",",c', ['"\\","', "c"]),
        ('"open,c', ['"open', "c"]),
        ("<open,c", ["<open", "c"]),
    ],
)
def test_commas_within_quotes_and_brackets_split_nothing(value: str, parts: list[str]) -> None:
    assert list(split(value)) == parts


@pytest.mark.parametrize(("written", "name"), [(r'"A \"B\", \\ C"', r'A "B", \ C'), ('"A"', "A"), (r"A \B", r"A \B")])
def test_a_quoted_name_is_read_without_its_escapes(written: str, name: str) -> None:
    assert NameAddr.parse_list(f"{written} <sip:a@b>") == (NameAddr("sip:a@b", {}, name),)
