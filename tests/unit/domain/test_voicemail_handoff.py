"""What the edge tells a voicemail worker, through a SIP header."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renvoi.domain.calls.call_mark import CallMark, Towards
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import CLOCK_SKEW_S, VALID_S, HandoffInvalid, VoicemailHandoff
from renvoi.domain.numbers.number import E164
from renvoi.domain.shared_key import KeyRing, SharedKey
from tests.support.keys import new_keys

GOOD = {"number": "+33199001234", "revision": 3, "email": "é@exemple.fr", "caller": ""}


def encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


@given(st.text(max_size=80), st.integers(0, 2**53))
def test_whatever_a_caller_is_called_comes_back(caller: str, revision: int) -> None:
    handoff = VoicemailHandoff(E164("+33199001234"), revision, EmailAddress("é@exemple.fr"), caller)
    text = handoff.encode()
    assert VoicemailHandoff.decode(text) == handoff
    assert text.isascii()
    assert not set(text) & set(' \t\r\n";,<>')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "é",
        "e30",
        encoded({})[:-1],
        encoded([]),
        encoded("x"),
        encoded(None),
        *(encoded({name: value for name, value in GOOD.items() if name != missing}) for missing in GOOD),
        encoded(GOOD | {"number": 33199001234}),
        encoded(GOOD | {"email": None}),
        encoded(GOOD | {"caller": ["x"]}),
        encoded(GOOD | {"revision": "x"}),
        encoded(GOOD | {"revision": float("inf")}),
        encoded(GOOD | {"number": "+33199001234\r\n"}),
        encoded(GOOD | {"number": "alice"}),
        encoded(GOOD | {"email": "a@b.example\r\nBcc: c@d.example"}),
        encoded(GOOD | {"email": "a\r\n@b.example"}),
        encoded(GOOD | {"email": "nobody"}),
        encoded(GOOD | {"email": "@b.example"}),
        encoded(GOOD | {"email": "a" * 400 + "@b.example"}),
        base64.b64encode(b"[" * 100_000).decode(),
        base64.b64encode(b"\xff\xfe").decode(),
    ],
)
def test_anything_else_is_told_apart(text: str) -> None:
    assert VoicemailHandoff.decode(encoded(GOOD)).revision == 3
    with pytest.raises(HandoffInvalid, match="X-Renvoi-Deposit"):
        VoicemailHandoff.decode(text)


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda junk: base64.b64encode(junk).decode()))
def test_junk_raises_nothing_else(text: str) -> None:
    with pytest.raises(HandoffInvalid):
        VoicemailHandoff.decode(text)


HANDOFF = VoicemailHandoff(E164("+33199001234"), 3, EmailAddress("é@exemple.fr"), "Zoé")
RING, NOW = new_keys(), 1_700_000_000_000


@given(st.text(max_size=80), st.binary(max_size=40))
def test_what_an_edge_has_sealed_is_taken_for_its_call(caller: str, call_id: bytes) -> None:
    handoff = VoicemailHandoff(HANDOFF.number, 3, HANDOFF.email, caller)
    text = handoff.seal(RING, NOW, call_id)
    assert VoicemailHandoff.unseal(text, RING, NOW, call_id) == handoff
    assert text.isascii()
    assert not set(text) & set(' \t\r\n";,<>')
    with pytest.raises(HandoffInvalid, match="not written by an edge for this call"):
        VoicemailHandoff.unseal(text, RING, NOW, call_id + b"x")


@given(st.data())
def test_no_character_of_a_seal_can_be_changed_taken_away_or_added(data: st.DataObject) -> None:
    text = HANDOFF.seal(RING, NOW, "call")
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(max_codepoint=300).filter(lambda each: each != text[place]))
    for wrong in (
        text[:place] + other + text[place + 1 :],
        text[:place],
        text[place + 1 :],
        text[:place] + other + text[place:],
        text + other,
        text + "." + other,
    ):
        with pytest.raises(HandoffInvalid):
            VoicemailHandoff.unseal(wrong, RING, NOW, "call")


def test_a_seal_holds_for_as_long_as_a_call_may_ring_and_for_clocks_that_differ() -> None:
    text = HANDOFF.seal(RING, NOW, "call")
    for age_s in (-CLOCK_SKEW_S, 0, VALID_S):
        assert VoicemailHandoff.unseal(text, RING, NOW + age_s * 1000, "call") == HANDOFF
    for age_s in (-CLOCK_SKEW_S - 1, VALID_S + 1, 10**9):
        with pytest.raises(HandoffInvalid, match="compare the clocks"):
            VoicemailHandoff.unseal(text, RING, NOW + age_s * 1000, "call")


def test_only_a_shared_key_seals() -> None:
    with pytest.raises(HandoffInvalid, match="not sealed with a key that we know"):
        VoicemailHandoff.unseal(HANDOFF.seal(new_keys(), NOW, "call"), RING, NOW, "call")
    with pytest.raises(HandoffInvalid, match="not sealed with a key that we know"):
        VoicemailHandoff.unseal(HANDOFF.encode(), RING, NOW, "call")
    impostor = KeyRing([SharedKey(RING.keys[0].id, bytes(32), 0)])
    with pytest.raises(HandoffInvalid, match="not written by an edge for this call"):
        VoicemailHandoff.unseal(HANDOFF.seal(impostor, NOW, "call"), RING, NOW, "call")


def test_a_mark_is_no_seal() -> None:
    """The same key proves both, and neither can stand for the other."""
    mark = CallMark(Towards.CALLER, "carrier", "main", NOW // 1000 + 60).encode(RING, NOW, "call", "tag")
    for text in (mark, f"{mark}.0.{RING.keys[0].id}.{mark}"):
        with pytest.raises(HandoffInvalid):
            VoicemailHandoff.unseal(text, RING, NOW, "call")


@given(st.text(max_size=60), st.text(max_size=60), st.text(st.characters(), max_size=20))
def test_garbage_in_the_place_of_a_seal_raises_nothing_else(first: str, second: str, call_id: str) -> None:
    known = RING.keys[0].id
    for text in (first, f"{first}.0.{known}.{second}", f"{first}.{second}.{known}", f"...{known}", f"a.b.{known}."):
        with pytest.raises(HandoffInvalid):
            VoicemailHandoff.unseal(text, RING, NOW, call_id)


def test_half_a_surrogate_pair_raises_nothing_else() -> None:
    for text in ("\ud800", f"\ud800.0.{RING.keys[0].id}.x", f"a.0.{RING.keys[0].id}.\udc80"):
        with pytest.raises(HandoffInvalid):
            VoicemailHandoff.unseal(text, RING, NOW, "\ud800")


def test_it_has_up_to_ten_addresses_and_older_workers_read_the_first() -> None:
    others = tuple(EmailAddress(f"box{number}@example.org") for number in range(1, 10))
    handoff = VoicemailHandoff(E164("+33199001234"), 3, EmailAddress("box@example.org"), "x", others)
    assert VoicemailHandoff.decode(handoff.encode()) == handoff
    assert json.loads(base64.b64decode(handoff.encode()))["email"] == "box@example.org"
    values = json.loads(base64.b64decode(handoff.encode()))
    for wrong in (["b@example.org"] * 10, ["b@example.org", 7], "b@example.org", {"a": 1}, ["no address"], [None]):
        with pytest.raises(HandoffInvalid):
            VoicemailHandoff.decode(base64.b64encode(json.dumps(values | {"others": wrong}).encode()).decode())
