"""The table of codes and texts (docs/api.md §1)."""

from renvoi.domain.outcome import LANGUAGES, Outcome

CODES = [
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    10,
    12,
    13,
    14,
    15,
    16,
    17,
    18,
    100,
    100,
    100,
    100,
    100,
    101,
    102,
    103,
    104,
    105,
    106,
    200,
    404,
    500,
]


def test_every_code_of_the_contract_is_there_and_no_other() -> None:
    assert sorted(outcome.code for outcome in Outcome) == CODES


def test_only_2_3_4_and_200_are_successes() -> None:
    assert {outcome.code for outcome in Outcome if outcome.success} == {2, 3, 4, 200}


def test_every_outcome_has_a_text_without_stray_spaces_in_every_language() -> None:
    for outcome in Outcome:
        for language in LANGUAGES:
            text = outcome.text(language)
            assert text
            assert text == text.strip()
