"""Tables on a terminal: what does not fit is shown another way, not cut."""

import io
import sys
from collections.abc import Sequence

import pytest

from renvoi.cli.output import show_table

CALLS = ("started_at", "from", "number", "decision", "reason", "target", "status", "answered_at", "ended_at")
CALL = (
    "2026-11-28T15:00:59.123Z",
    "+33261910123",
    "+33199001234",
    "forward",
    None,
    "+33644630000",
    200,
    "2026-11-28T15:01:04.456Z",
    "2026-11-28T15:02:00.789Z",
)
MESSAGES = ("id", "received_at", "number", "from", "duration_s", "mail_state", "recipient")
MESSAGE = ("01j" * 9, "2026-11-28T15:00:59.123Z", "+33199001234", "+33261910123", 4.2, "sent", "a.long.one@example.com")


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def seen(monkeypatch: pytest.MonkeyPatch, columns: Sequence[str], *rows: Sequence[object]) -> str:
    """Return what a person sees of a table on a terminal of 80 columns."""
    with monkeypatch.context() as patch, Screen() as screen:
        patch.setenv("COLUMNS", "80")
        patch.setattr(sys, "stdout", screen)
        show_table(columns, rows)
        return screen.getvalue()


@pytest.mark.parametrize(
    ("columns", "row"), [(CALLS, CALL), (MESSAGES, MESSAGE), (("number", "label"), ("+33199001234", "漢" * 40))]
)
def test_nothing_is_cut_that_does_not_fit(
    monkeypatch: pytest.MonkeyPatch, columns: tuple[str, ...], row: tuple[object, ...]
) -> None:
    shown = seen(monkeypatch, columns, row, row)
    assert "…" not in shown
    for column, value in zip(columns, row, strict=True):
        lines = [line for line in shown.splitlines() if line.startswith(f"{column} ")]
        assert [line.split()[-1] for line in lines] == [str(value or "-")] * 2


def test_what_fits_is_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    row = "+33199001234", "x" * 61
    assert f"│ {row[0]} │ {row[1]} │" in seen(monkeypatch, ("number", "label"), row)
    assert "│" not in seen(monkeypatch, ("number", "label"), (row[0], "x" * 62))


def test_a_pipe_gets_lines_of_any_length(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    show_table(CALLS, [CALL])
    assert capsys.readouterr().out.splitlines()[1].split("\t") == [str(value or "-") for value in CALL]
