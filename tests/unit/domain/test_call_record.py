"""Call-IDs and tags as keys of records."""

import hashlib

import pytest

from renvoi.domain.calls.call_record import MAX_IDENTIFIER, identifier


@pytest.mark.parametrize("raw", [b"", b"a84b4c76e66710@pc33.example", b"x" * MAX_IDENTIFIER, b"two words"])
def test_what_real_peers_send_is_kept(raw: bytes) -> None:
    assert identifier(raw) == raw.decode()


@pytest.mark.parametrize(
    "raw", [b"x" * (MAX_IDENTIFIER + 1), b"c" * 65_000, b"\xff\xe9", "é".encode(), b"a\x00b", b"a\r\nb", b"\\ud800\x7f"]
)
def test_anything_else_is_bounded_and_still_its_own(raw: bytes) -> None:
    made = identifier(raw)
    assert len(made) <= MAX_IDENTIFIER
    assert made.isascii()
    assert made.isprintable()
    assert made.endswith("~" + hashlib.sha256(raw).hexdigest())
    assert identifier(raw + b"x") != made
    assert identifier(made.encode()) == made
