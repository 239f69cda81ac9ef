"""The tables of `docs/api.md` and the program say the same."""

import re
from pathlib import Path

from renvoi.domain.outcome import Outcome
from renvoi.http.responses import http_status

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
_SUCCESSES = r"\| [^|]+ \| (?:true|false) \| (\d+) \| (\d+) \| ([^|]+) \| ([^|]+) \|"
_OWN_CODES = r"\| (\d+) \| (\d+)[^|]* \| [^|]+ \| ([^|]+) \| ([^|]+) \|"


def test_the_tables_hold_every_outcome_with_its_status_and_texts() -> None:
    """No row is missing on either side; the other statuses of 100 are told in its row."""
    text = PAGE.read_text(encoding="utf-8")
    rows = {
        (int(code), int(status), en, fr)
        for pattern in (_SUCCESSES, _OWN_CODES)
        for code, status, en, fr in re.findall(f"^{pattern}$", text, re.MULTILINE)
    }
    told_in_words = {
        Outcome.OK,
        Outcome.BODY_TOO_LARGE,
        Outcome.CONTENT_TYPE_UNKNOWN,
        Outcome.HEAD_TOO_LARGE,
        Outcome.TRANSFER_CODING_UNKNOWN,
    }
    outcomes = {
        (outcome.code, http_status(outcome, "semantic"), outcome.text("en"), outcome.text("fr"))
        for outcome in Outcome
        if outcome not in told_in_words
    }
    assert rows == outcomes
    assert "413 over the limit; 431 for a head over it; 415 for a content type" in text
    assert "501 for a transfer coding" in text
