"""Words of the dashboard: both languages have them all, and pages use no others."""

import re
from pathlib import Path
from string import Formatter

import pytest

import renvoi.http.dashboard
from renvoi.http.dashboard.words import WORDS, text

PACKAGE = Path(renvoi.http.dashboard.__file__).parent
_USED = re.compile(r"""["']([a-z_]+(?:\.[a-z0-9_]+)+)["']""")
_CALLED = re.compile(
    r"""\b(?:t|text|words\.text)\(\s*(?:self\.language,\s*|language,\s*)?["']([a-z_]+(?:\.[a-z0-9_]*[a-z0-9])+)["']"""
)
"""What is called by its whole key; a key that ends with `_` is put together, `"state_" ~ state`."""

_BREAKABLE = re.compile(r" [:;?!»](?: |$|\.)|« ")


def sources() -> str:
    pages = [*PACKAGE.glob("**/*.py"), *PACKAGE.glob("templates/**/*.j2")]
    return "\n".join(page.read_text("utf-8") for page in pages)


def names(written: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(written) if name is not None}


@pytest.mark.parametrize("key", sorted(WORDS))
def test_both_languages_say_it_with_the_same_arguments(key: str) -> None:
    english, french = WORDS[key]
    assert english.strip()
    assert french.strip()
    assert names(english) == names(french)
    assert "'" not in french, "French has the typographic apostrophe"
    assert not _BREAKABLE.search(french), "French has no-break spaces before its double signs"


def test_whatever_pages_say_is_there() -> None:
    # One that ends so is put together: `"state_" ~ state`.
    called = {key for key in _CALLED.findall(sources()) if not key.endswith("_")}
    counted = {key.rpartition(".")[0] for key in WORDS if key.endswith((".one", ".many"))}
    assert called, "the pages' words are found"
    assert called - WORDS.keys() - counted == set()


def test_a_text_that_counts_has_two_forms() -> None:
    languages = {"en": {0: "many", 1: "one", 2: "many"}, "fr": {0: "one", 1: "one", 2: "many"}}
    counted = sorted({key.rpartition(".")[0] for key in WORDS if key.endswith(".one")})
    for key in counted:
        for language, forms in languages.items():
            for n, form in forms.items():
                arguments = dict.fromkeys(names(WORDS[f"{key}.one"][0]), "x") | {"n": n}
                assert text(language, key, **arguments) == text(language, f"{key}.{form}", **arguments)


def test_no_words_are_left_over() -> None:
    used = set(_USED.findall(sources()))
    # A key may be put together: `"state." + state`.
    prefixes = tuple(re.findall(r"""["'f]([a-z_]+(?:\.[a-z0-9_]+)*[._])["'{]""", sources()))
    left = {
        key
        for key in WORDS
        if key not in used and key.rpartition(".")[0] not in used and not (prefixes and key.startswith(prefixes))
    }
    assert left == set()
