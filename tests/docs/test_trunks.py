"""The generated parts of docs/trunks.md."""

from tests.support import preset_table
from tests.support.caller_table import BEGIN, DOCUMENT, END, block


def test_the_tables_of_who_is_named_are_what_is_done() -> None:
    written = DOCUMENT.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    assert written == block(), "write them: PYTHONPATH=src:. .venv/bin/python -m tests.support.caller_table"


def test_the_table_of_presets_is_what_they_are() -> None:
    written = DOCUMENT.read_text("utf-8").partition(preset_table.BEGIN)[2].partition(preset_table.END)[0]
    assert written == preset_table.block(), "write it: PYTHONPATH=src:. .venv/bin/python -m tests.support.preset_table"
