"""All words of the dashboard, by key: English and French side by side, a module for each page.

A text may name arguments in braces. One that counts has two forms, `key.one` and `key.many`, chosen by `n`.
"""

from collections.abc import Mapping, Sequence

from renvoi.domain.outcome import LANGUAGES
from renvoi.http.dashboard.words import (
    account,
    calls,
    common,
    first_run,
    keys,
    messages,
    number,
    numbers,
    operator,
    operator_node,
    operator_policies,
    operator_trunks,
    sign_in,
    webhooks,
)

Words = Mapping[str, tuple[str, str]]

MODULES: Sequence[Words] = (
    common.WORDS,
    sign_in.WORDS,
    numbers.WORDS,
    number.WORDS,
    messages.WORDS,
    calls.WORDS,
    keys.WORDS,
    webhooks.WORDS,
    account.WORDS,
    first_run.WORDS,
    operator.WORDS,
    operator_policies.WORDS,
    operator_trunks.WORDS,
    operator_node.WORDS,
)
"""The modules of pages; a new one is listed here."""


def _merged() -> Words:
    found: dict[str, tuple[str, str]] = {}
    for words in MODULES:
        twice = found.keys() & words.keys()
        assert not twice, f"two pages have these words: {sorted(twice)}"
        found |= words
    return found


WORDS = _merged()
_PLACE = {language: place for place, language in enumerate(LANGUAGES)}


def text(language: str, key: str, /, **args: object) -> str:
    """Return the text of `key` in `language`, one of `LANGUAGES`.

    Raises:
        KeyError: there is none, or an argument is missing.
    """
    found = WORDS.get(key)
    if found is None:
        # French counts zero as one.
        is_one = args["n"] == 1 or (language == "fr" and args["n"] == 0)
        found = WORDS[f"{key}.one" if is_one else f"{key}.many"]
    return found[_PLACE[language]].format(**args) if args else found[_PLACE[language]]


def texts(key: str, /, **args: object) -> Mapping[str, str]:
    """Return the text of `key` in each language, as what is wrong with a field is said (`FieldError`)."""
    return {language: text(language, key, **args) for language in LANGUAGES}
