"""The generated part of docs/trunks.md."""

from tests.support.caller_table import BEGIN, DOCUMENT, END, block


def test_the_tables_of_who_is_named_are_what_is_done() -> None:
    written = DOCUMENT.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    assert written == block(), "write them: PYTHONPATH=src:. .venv/bin/python -m tests.support.caller_table"
