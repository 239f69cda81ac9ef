"""What a mail server says of the largest mail that it takes."""

import pytest

from renvoi.adapters.mail.smtp import _size


@pytest.mark.parametrize(
    ("said", "size"),
    [("", 0), ("0", 0), ("33554432", 33_554_432), ("many", 0), ("1_000", 0), ("+1", 0), ("1 2", 0), ("１", 0)],
)
def test_a_size_is_digits_or_none(said: str, size: int) -> None:
    assert _size(said) == size
