"""Links to the audio of a message: proven by the shared keys, for one message and form, until they end."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renvoi.domain.messages.audio_link import AudioLink, read_link
from renvoi.domain.shared_key import KeyRing, SharedKey

NOW_MS = 1_790_000_000_000
RING = KeyRing([SharedKey("0a0a0a0a", bytes(32), 1), SharedKey("0b0b0b0b", bytes([1]) * 32, NOW_MS)])
LINK = AudioLink("4f" * 16, "wav", NOW_MS + 60_000, "0d0d0d0d0d0d")
TOKEN = LINK.token(RING, NOW_MS)


def test_a_link_is_read_by_any_node_until_it_ends() -> None:
    assert read_link(TOKEN, RING, NOW_MS) == LINK
    assert read_link(TOKEN, KeyRing(RING.keys), LINK.expires_at_ms - 1) == LINK
    assert read_link(TOKEN, RING, LINK.expires_at_ms) is None


@pytest.mark.parametrize("asked_by", ["", "op_0d0d0d0d0d0d"])
def test_a_link_names_the_key_that_asked_for_it_if_there_is_one(asked_by: str) -> None:
    link = AudioLink("m1", "mp3", NOW_MS + 1, asked_by)
    assert read_link(link.token(RING, NOW_MS), RING, NOW_MS) == link


def test_a_link_holds_no_secret_and_is_signed_by_a_key_that_every_node_has() -> None:
    assert TOKEN.startswith("0a0a0a0a.")
    assert bytes(32).hex() not in TOKEN


@pytest.mark.parametrize(
    "changed",
    [
        TOKEN.replace(".wav.", ".mp3."),
        TOKEN.replace("4f4f", "4f4e", 1),
        TOKEN.replace(str(LINK.expires_at_ms), str(LINK.expires_at_ms + 1)),
        TOKEN.replace("0a0a0a0a", "0b0b0b0b"),
        TOKEN.replace("0a0a0a0a", "0c0c0c0c"),
        TOKEN.replace("0d0d", "0d0e", 1),
        TOKEN.replace("0d0d0d0d0d0d", "op_0d0d0d0d0d0d"),
        TOKEN.replace("0d0d0d0d0d0d", ""),
        TOKEN[:-1],
        TOKEN + "A",
        TOKEN + "\n",
        "",
        "x" * 100_000,
        TOKEN.replace("4f", "４f", 1),
    ],
)
def test_what_was_changed_is_no_link(changed: str) -> None:
    assert read_link(changed, RING, NOW_MS) is None


def test_what_was_signed_for_something_else_is_no_link() -> None:
    signature = RING.keys[0].sign("deposit", str(LINK.expires_at_ms), "wav", LINK.message_id, LINK.asked_by)
    shown = base64.urlsafe_b64encode(signature).decode().rstrip("=")
    assert read_link(TOKEN.rpartition(".")[0] + "." + shown, RING, NOW_MS) is None


def test_a_link_ends_with_the_key_that_has_signed_it() -> None:
    assert read_link(TOKEN, KeyRing(RING.keys[1:]), NOW_MS) is None


@given(st.text(max_size=300))
def test_no_text_is_a_link(text: str) -> None:
    assert read_link(text, RING, NOW_MS) is None
