"""The mark in Record-Route: nobody without the key can make one, or use one for anything else than it was made for."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renvoi.domain.calls.call_mark import DIGEST_BYTES, WORKER, Alias, CallMark, MarkInvalid, NextHop, Towards
from renvoi.domain.shared_key import ROTATION_MS, SPREAD_MS, KeyRing
from tests.support.keys import new_key, new_keys

NOW = 1_700_000_000_000
RING = new_keys()
MARK = CallMark(Towards.CALLEE, "carrier", "main", NOW // 1000 + 60, b"123456789")

NAMES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,31}", fullmatch=True)
TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
MARKS = st.builds(
    CallMark,
    st.sampled_from(Towards),
    NAMES,
    NAMES | st.just(f"{WORKER}127.0.0.1:5080") | st.just(f"{WORKER}[2001:db8::1]:5080"),
    st.integers(NOW // 1000 + 1, 2**32 - 1),
    st.binary(min_size=DIGEST_BYTES, max_size=DIGEST_BYTES),
    st.none() | st.builds(Alias, TEXTS, st.none() | TEXTS),
    st.booleans(),
    st.booleans(),
)
IDS = st.binary(max_size=40)


def written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@given(MARKS, IDS, IDS)
def test_a_mark_says_what_it_was_made_to_say(mark: CallMark, call_id: bytes, tag: bytes) -> None:
    text = mark.encode(RING, NOW, call_id, tag)
    assert CallMark.decode(text, RING, NOW, call_id, tag) == mark
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(MARKS, IDS, IDS, IDS, IDS)
def test_it_is_of_one_call(mark: CallMark, call_id: bytes, tag: bytes, other_id: bytes, other_tag: bytes) -> None:
    """Also what stands at the border between the two cannot move from one to the other."""
    text = mark.encode(RING, NOW, call_id, tag)
    for key in ((other_id, other_tag), (call_id + tag, b""), (b"", call_id + tag), (tag, call_id)):
        if key != (call_id, tag):
            with pytest.raises(MarkInvalid, match="not made for this call"):
                CallMark.decode(text, RING, NOW, *key)


@given(MARKS, st.data())
def test_no_byte_of_it_can_be_changed_taken_away_or_added(mark: CallMark, data: st.DataObject) -> None:
    """Neither peers, direction, next hop, end, nor the key's name."""
    good = read(mark.encode(RING, NOW, "call", "tag"))
    place = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda value: value != good[place]))
    changed = good[:place] + bytes([other]) + good[place + 1 :]
    cut = data.draw(st.integers(0, len(good) - 1))
    for wrong in (changed, good[:cut], good[cut + 1 :], good + b"x", b"x" + good, good[:cut] + b"x" + good[cut:]):
        if wrong != good:
            with pytest.raises(MarkInvalid):
                CallMark.decode(written(wrong), RING, NOW, "call", "tag")


@given(MARKS, MARKS)
def test_halves_of_two_marks_make_none(first: CallMark, second: CallMark) -> None:
    """The proof of one does not fit what another says."""
    one, other = (read(mark.encode(RING, NOW, "call", "tag")) for mark in (first, second))
    spliced = one[:-16] + other[-16:]
    if first != second:
        with pytest.raises(MarkInvalid):
            CallMark.decode(written(spliced), RING, NOW, "call", "tag")


def test_its_time_ends() -> None:
    text = MARK.encode(RING, NOW, "call", "tag")
    assert CallMark.decode(text, RING, MARK.ends_at_s * 1000 - 1, "call", "tag") == MARK
    for at_ms in (MARK.ends_at_s * 1000, MARK.ends_at_s * 1000 + 10**12):
        with pytest.raises(MarkInvalid, match="its time is over"):
            CallMark.decode(text, RING, at_ms, "call", "tag")


def test_only_a_shared_key_makes_one() -> None:
    with pytest.raises(MarkInvalid, match="its key is unknown"):
        CallMark.decode(MARK.encode(new_keys(), NOW, "call", "tag"), RING, NOW, "call", "tag")


def test_a_key_of_the_same_name_is_not_the_same_key() -> None:
    key = RING.keys[0]
    impostor = KeyRing([type(key)(key.id, bytes(32), key.created_at_ms)])
    with pytest.raises(MarkInvalid, match="not made for this call"):
        CallMark.decode(MARK.encode(impostor, NOW, "call", "tag"), RING, NOW, "call", "tag")


def test_marks_from_before_a_rotation_hold_and_new_ones_have_the_new_key() -> None:
    old, new = new_key(NOW - ROTATION_MS), new_key(NOW)
    before = MARK.encode(KeyRing([old]), NOW, "call", "tag")
    later = NOW + SPREAD_MS
    ring = KeyRing([old, new])
    assert CallMark.decode(before, ring, NOW + 1, "call", "tag") == MARK
    after = CallMark(Towards.CALLER, "a", "b", later // 1000 + 60).encode(ring, later, "call", "tag")
    assert CallMark.decode(after, KeyRing([new]), later, "call", "tag").towards is Towards.CALLER


@given(st.text(max_size=120) | st.binary(max_size=90).map(written), st.binary(max_size=20))
def test_garbage_is_told_apart_and_raises_nothing_else(text: str, call_id: bytes) -> None:
    with pytest.raises(MarkInvalid):
        CallMark.decode(text, RING, NOW, call_id, "tag")


@given(st.binary(max_size=60))
def test_garbage_behind_a_good_beginning_is_told_apart(rest: bytes) -> None:
    head = read(MARK.encode(RING, NOW, "call", "tag"))[:6]
    with pytest.raises(MarkInvalid):
        CallMark.decode(written(head + rest), RING, NOW, "call", "tag")


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("sip:127.0.0.1", NextHop("sip", "127.0.0.1", None, "", "")),
        ("SIP:+331@Host.Example:5070;Transport=TCP;lr", NextHop("sip", "host.example", 5070, "tcp", "")),
        ("sips:a;user=phone:x@[2001:DB8::1]:5061", NextHop("sips", "2001:db8::1", 5061, "", "")),
        ("sip:a@h;maddr=10.0.0.1", NextHop("sip", "h", None, "", "10.0.0.1")),
        ("sip:a@h;%6Daddr=10.0.0.1", NextHop("sip", "h", None, "", "10.0.0.1")),
    ],
)
def test_a_uri_is_read(uri: str, expected: NextHop) -> None:
    assert NextHop.of(uri) == expected


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "sip:",
        "tel:+331",
        "http://h",
        "sip:a@b@c",
        "sip:a@h?Route=x",
        "sip:a@h;x?y=@z",
        "sip:a@h ;x",
        "sip:a@h;x=<y>",
        'sip:a@h;x="y"',
        "sip:a@h:123456",
        "sip:a@h\r\nVia: x",
        "sip:a@[::1",
        "sip:a@h_h",
        "sip:a@h;maddr=10.0.0.1;maddr=10.0.0.2",
        "sip:a@h;maddr=;maddr=10.0.0.2",
        "sip:a@h;maddr;MADDR=10.0.0.2",
        "sip:a@h;transport=udp;transport=tcp",
    ],
)
def test_what_two_readers_could_read_differently_leads_nowhere(uri: str) -> None:
    assert NextHop.of(uri) is None


def test_a_parameter_counts_however_many_stand_before_it() -> None:
    hop = NextHop.of("sip:a@h" + ";x" * 5000 + ";maddr=10.0.0.1;transport=tcp")
    assert hop is not None
    assert (hop.maddr, hop.transport) == ("10.0.0.1", "tcp")


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("sip:a@127.0.0.1:5", "127.0.0.1"),
        ("sip:[::1]", "::1"),
        ("sip:host", None),
        ("sip:127.1", None),
        ("sip:127.0.0.1;maddr=127.0.0.2", None),
    ],
)
def test_an_address_is_known_for_certain_or_not_at_all(uri: str, address: str | None) -> None:
    hop = NextHop.of(uri)
    assert hop is not None
    assert (None if hop.address is None else str(hop.address)) == address


PARTS = st.tuples(
    st.sampled_from(["sip", "sips"]),
    st.sampled_from(["a", "b.example", "10.0.0.1", "10.0.0.2", "[::1]"]),
    st.sampled_from(["", ":1", ":5060", ":15060"]),
    st.sampled_from(["", ";transport=tcp", ";transport=udp"]),
    st.sampled_from(["", ";maddr=a", ";maddr=10.0.0.1"]),
)


@given(PARTS, PARTS)
def test_a_digest_stands_for_one_place(first: tuple[str, ...], second: tuple[str, ...]) -> None:
    hops = [NextHop.of(f"{scheme}:u@{''.join(rest)}") for scheme, *rest in (first, second)]
    assert hops[0] is not None
    assert hops[1] is not None
    assert (hops[0].digest() == hops[1].digest()) == (first == second)


@given(st.text(max_size=60), st.sampled_from(["", "sip:", "sip:a@", "sip:a@h;"]))
def test_no_text_raises_anything(text: str, before: str) -> None:
    hop = NextHop.of(before + text)
    assert hop is None or hop.digest()


def test_nobody_else_reads_what_a_side_calls_the_caller() -> None:
    """And the names of two calls cannot be told to be the same."""
    mark = CallMark(Towards.CALLER, "carrier", "main", NOW // 1000 + 60, alias=Alias("sip:+33140000001@a.example", "u"))
    texts = [mark.encode(RING, NOW, call_id, "tag") for call_id in ("one", "two")]
    tails = [read(text)[-len("sip:+33140000001@a.example") - 20 : -16] for text in texts]
    assert tails[0] != tails[1]
    for text in texts:
        assert b"+33140000001" not in read(text)
        assert b"a.example" not in read(text)
    assert CallMark.recall(texts[0], RING, "one", "tag") == mark


def test_what_is_recalled_for_another_call_is_refused() -> None:
    """A trunk chooses what Call-ID and tags its answers have."""
    text = replace(MARK, alias=Alias("sip:a@b")).encode(RING, NOW, "call", "tag")
    for call_id, tag in (("other", "tag"), ("call", ""), ("call", "other")):
        with pytest.raises(MarkInvalid, match="not made for this call"):
            CallMark.recall(text, RING, call_id, tag)
