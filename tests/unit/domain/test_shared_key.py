"""The keys that nodes share: which one signs, when another is made, when one goes, and what no file may do to them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renvoi.domain.shared_key import ROTATION_MS, SECRET_BYTES, SPREAD_MS, KeyRing, KeysInvalid, SharedKey

HOUR_MS = 3600 * 1000
NOW = 2000 * 24 * HOUR_MS
DAY_MS = 24 * HOUR_MS


def key(created_at_ms: int = 0, name: str = "00000001", fill: bytes = b"k") -> SharedKey:
    return SharedKey(name, fill * SECRET_BYTES, created_at_ms)


def test_a_key_signs_when_every_node_has_had_the_time_to_take_it() -> None:
    old, new = key(NOW - DAY_MS, "0000000a"), key(NOW, "0000000b")
    ring = KeyRing([new, old])
    assert ring.signing(NOW) == old
    assert ring.signing(NOW + SPREAD_MS - 1) == old
    assert ring.signing(NOW + SPREAD_MS) == new
    # Both verify, whichever signs.
    assert [ring.get(each.id) for each in (old, new)] == [old, new]
    assert ring.get("0000000c") is None


def test_the_first_key_signs_at_once() -> None:
    """There is no other; of two that were made at the same time all nodes take the same one."""
    first, second = key(NOW, "0000000a"), key(NOW, "0000000b")
    assert KeyRing([first]).signing(NOW) == first
    assert KeyRing([second, first]).signing(NOW) == KeyRing([first, second]).signing(NOW) == first


@pytest.mark.parametrize(
    ("ages_ms", "needed"),
    [
        ([0], False),
        ([ROTATION_MS - 1], False),
        ([ROTATION_MS], True),
        ([ROTATION_MS * 3, ROTATION_MS], True),
        ([ROTATION_MS * 3, 5], False),
        # Clocks of nodes differ a little.
        ([-HOUR_MS], False),
        # A node whose clock was wrong made a key in the year 2099: the others go on to rotate theirs.
        ([ROTATION_MS, -DAY_MS * 20_000], True),
        ([5, -DAY_MS * 20_000], False),
        ([-DAY_MS * 20_000], True),
    ],
)
def test_a_new_key_is_made_once_a_day(ages_ms: list[int], needed: bool) -> None:
    ring = KeyRing(key(NOW - age_ms, f"{number:08x}") for number, age_ms in enumerate(ages_ms))
    assert ring.needs_another(NOW) is needed


def test_a_key_goes_when_nothing_that_it_signed_is_valid() -> None:
    """It has signed until the next one did, a minute after that was made; an hour more is for clocks that differ."""
    old, new = key(NOW - 3 * DAY_MS, "0000000a"), key(NOW - 2 * DAY_MS, "0000000b")
    ring, validity_ms = KeyRing([old, new]), 5 * HOUR_MS
    gone_at_ms = new.created_at_ms + SPREAD_MS + validity_ms + HOUR_MS
    assert ring.expired(gone_at_ms - 1, validity_ms) == []
    assert ring.expired(gone_at_ms, validity_ms) == [old]
    # The newest stays, however old it is.
    assert ring.expired(NOW + 1000 * DAY_MS, validity_ms) == [old]


@given(st.lists(st.integers(0, 40 * DAY_MS), min_size=1, max_size=8, unique=True), st.integers(1, 30 * DAY_MS))
def test_no_key_goes_by_which_something_valid_was_signed(ages_ms: list[int], validity_ms: int) -> None:
    """Whatever was signed within the validity verifies, and some key always remains."""
    ring = KeyRing(key(NOW - age_ms, f"{number:08x}") for number, age_ms in enumerate(ages_ms))
    expired = ring.expired(NOW, validity_ms)
    assert len(expired) < len(ring.keys)
    for at_ms in {NOW, NOW - validity_ms, NOW - validity_ms // 2}:
        assert ring.signing(at_ms) not in expired


@given(st.lists(st.text() | st.binary(), max_size=3), st.lists(st.text() | st.binary(), max_size=3))
def test_borders_and_purpose_count(first: list[str | bytes], second: list[str | bytes]) -> None:
    signer = key()

    def plain(parts: list[str | bytes]) -> list[bytes]:
        return [part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part for part in parts]

    assert (signer.sign("p", *first) == signer.sign("p", *second)) == (plain(first) == plain(second))
    assert signer.sign("p", *first) != signer.sign("q", *first)
    assert signer.sign("p", *first) != key(fill=b"x").sign("p", *first)


def test_text_that_is_no_text_is_signed_too() -> None:
    assert key().sign("p", "\ud800") != key().sign("p", "\udfff")


def test_a_key_shows_no_secret() -> None:
    ring = KeyRing([key(fill=b"S")])
    assert "SSSS" not in repr(ring.keys)
    assert b"S".hex() * 4 not in repr(ring.keys)
    with pytest.raises(KeysInvalid) as refused:
        SharedKey("00000001", b"SSSSSSSS", 0)
    assert "SSSS" not in str(refused.value)


@pytest.mark.parametrize("name", ["", "0000000", "000000001", "0000000G", "0000000A", "../../x.", "é0000000"])
def test_a_name_that_no_mark_can_carry_is_refused(name: str) -> None:
    with pytest.raises(KeysInvalid, match="8 hexadecimal digits"):
        key(name=name)


@given(
    st.dictionaries(
        st.from_regex(r"[0-9a-f]{8}", fullmatch=True),
        st.tuples(st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES), st.integers(-(2**62), 2**62)),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_dumped_is_loaded(found: dict[str, tuple[bytes, int]]) -> None:
    ring = KeyRing(SharedKey(name, secret, at) for name, (secret, at) in found.items())
    assert KeyRing.load(ring.dump()) == ring
    for cut in range(len(ring.dump())):
        with pytest.raises(KeysInvalid):
            KeyRing.load(ring.dump()[:cut])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '"keys"',
        '{"keys": []}',
        '{"keys": 7}',
        '{"keys": ["abc"]}',
        '{"keys": [["00000001", "00"]]}',
        '{"keys": [["00000001", "00", 0]]}',
        '{"keys": [["00000001", null, 0]]}',
        json.dumps({"keys": [["00000001", "00" * SECRET_BYTES, None]]}),
        json.dumps({"keys": [["00000001", "00" * SECRET_BYTES, float("inf")]]}),
        json.dumps({"keys": [["00000001", "00" * SECRET_BYTES, float("nan")]]}),
        json.dumps({"keys": [[1, "00" * SECRET_BYTES, 0]]}),
        "[" * 100_000,
        "\0" * 300,
    ],
)
def test_what_is_no_keys_is_refused_in_one_way(text: str) -> None:
    with pytest.raises(KeysInvalid):
        KeyRing.load(text)


@given(st.text(max_size=80) | st.recursive(st.none() | st.text() | st.floats(), st.lists, max_leaves=6).map(json.dumps))
def test_no_text_raises_anything_else(text: str) -> None:
    for written in (text, f'{{"keys": {text}}}', f'{{"keys": [{text}]}}'):
        with pytest.raises(KeysInvalid):
            KeyRing.load(written)
