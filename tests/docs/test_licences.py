"""docs/licences.md names each package with the licence that its own metadata say."""

from tests.support.licence_table import BEGIN, DOCUMENT, END, block


def test_the_table_of_packages_is_what_their_metadata_say() -> None:
    written = DOCUMENT.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    assert written == block(), "write it: PYTHONPATH=src:.:packaging .venv/bin/python -m tests.support.licence_table"
