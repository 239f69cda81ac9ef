"""Text of strangers."""

import pytest

from renvoi.domain.text import clean_text, counted, counted_in_french, is_storable


@pytest.mark.parametrize("unfit", ["\0", "\r", "\n", "\x1b", "\x85", "\ud800", "\u202e", "\u200b", "\u2028", "\u2029"])
def test_what_stores_logs_and_headers_refuse_is_replaced(unfit: str) -> None:
    assert clean_text(f"a{unfit}b", 128) == "a\ufffdb"


@pytest.mark.parametrize("fit", ["", "+33644630000", "Zoé Lefèvre", "山田", "a b", "😀"])
def test_what_people_write_is_kept(fit: str) -> None:
    assert clean_text(fit, 128) == fit


def test_no_more_than_the_limit_is_kept() -> None:
    assert clean_text("é" * 1000, 128) == "é" * 128


@pytest.mark.parametrize("text", ["\0", "a\0b", "é\0", "\ud800", "a\udfffb"])
def test_what_no_database_holds_is_not_storable(text: str) -> None:
    assert not is_storable(text)


@pytest.mark.parametrize("text", ["", "a\r\n\tb", "Zoé", "😀", "\ufffd", "\u202e"])
def test_what_databases_hold_is_storable(text: str) -> None:
    assert is_storable(text)


def test_one_is_singular_and_nothing_in_french_too() -> None:
    assert [counted(n, "rate") for n in (0, 1, 2)] == ["0 rates", "1 rate", "2 rates"]
    assert [counted(n, "mail waits", "mails wait") for n in (0, 1)] == ["0 mails wait", "1 mail waits"]
    assert [counted_in_french(n, "compte") for n in (0, 1, 2)] == ["0 compte", "1 compte", "2 comptes"]
