"""The language of an answer (docs/api.md §1)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renvoi.http.responses import negotiate
from tests.support.http_api import Api


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CA, en;q=0.8", "fr"),
        ("de, fr;q=0.2", "fr"),
        ("en;q=0.5, fr;q=0.6", "fr"),
        ("en, fr", "en"),
        ("fr, en", "fr"),
        ("de", "en"),
        ("*", "en"),
        ("en;q=0, *", "fr"),
        ("*;q=0", "en"),
        ("fr;q=0", "en"),
        ("fr;q=nonsense, en;q=0.1", "en"),
        ("FR ; Q=0.9", "fr"),
        (",,;;=,", "en"),
        ("fr;q=1e9,en", "en"),
        ("fr;q=0_1, en;q=0.1", "en"),
        ("fr;q=+1, en;q=0.1", "en"),
        ("fr;q=１, en;q=0.1", "en"),
        ("fr;q=1.000, en;q=0.999", "fr"),
    ],
)
def test_accept_language_is_negotiated(accept: str, language: str) -> None:
    """RFC 9110 §12.5.4, with en where nothing fits."""
    assert negotiate(accept, "en") == language


@given(st.text(max_size=200))
def test_any_accept_language_gives_a_language(accept: str) -> None:
    """Whatever a header holds."""
    assert negotiate(accept, "en") in ("en", "fr")


def test_lang_beats_accept_language_wherever_it_stands() -> None:
    """Body before query string before header; an unknown language is ignored."""
    api = Api()
    french = {"accept-language": "fr"}

    def message(fields: dict[str, object], **keywords: Any) -> str:
        return str(api.post({"apiKey": ..., **fields}, **keywords).json()["message"])

    assert message({}, headers=french) == "La Clé API est requise"
    assert message({"lang": "en"}, headers=french) == "API key is required"
    assert message({"lang": "en"}, params={"lang": "fr"}) == "API key is required"
    assert message({"lang": "de"}, params={"lang": "fr"}) == "La Clé API est requise"
    assert message({"lang": "de"}, headers=french) == "La Clé API est requise"
    assert message({"lang": 7}, headers=french) == "La Clé API est requise"
