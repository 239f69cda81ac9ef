"""How numbers are said."""

import pytest

from renvoi.domain.numbers.number import E164
from renvoi.voicemail.greetings.clips import spoken


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("+33199001234", "plus33 1 99 00 12 34"),
        ("+12015550123", "plus1 201 555 0123"),
        ("+442079460958", "plus44 20 7946 0958"),
        ("+390612345678", "plus39 06 1234 5678"),
    ],
)
def test_a_number_is_said_in_the_groups_of_its_country(number: str, said: str) -> None:
    assert " ".join("".join(group) for group in spoken(E164(number))) == said


def test_a_number_of_no_country_is_said_as_one_group() -> None:
    assert spoken(E164("+999123")) == (("plus", "9", "9", "9", "1", "2", "3"),)
