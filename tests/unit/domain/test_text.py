"""Text of strangers."""

import pytest

from renvoi.domain.text import clean_text


@pytest.mark.parametrize("unfit", ["\0", "\r", "\n", "\x1b", "\x85", "\ud800", "\u202e", "\u200b", "\u2028", "\u2029"])
def test_what_stores_logs_and_headers_refuse_is_replaced(unfit: str) -> None:
    assert clean_text(f"a{unfit}b", 128) == "a\ufffdb"


@pytest.mark.parametrize("fit", ["", "+33644630000", "Zoé Lefèvre", "山田", "a b", "😀"])
def test_what_people_write_is_kept(fit: str) -> None:
    assert clean_text(fit, 128) == fit


def test_no_more_than_the_limit_is_kept() -> None:
    assert clean_text("é" * 1000, 128) == "é" * 128
