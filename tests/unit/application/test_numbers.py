"""What the owner of a number does with it: the use cases behind `GET /v1/vn/callforward` and `POST /v1/vn/name`."""

import asyncio

import pytest

from renvoi.application.errors import OperatorError
from renvoi.application.numbers import MAX_LABEL_LENGTH, read_number, set_label
from renvoi.domain.access.api_key import Principal
from renvoi.domain.outcome import Outcome
from tests.support.http_api import FOREIGN, NUMBER, FixedClock, seed
from tests.support.memory_store import MemoryStore

OWNER = Principal(1, "FR", None, "192.0.2.7")
NOT_FOUND = {
    "": Outcome.NUMBER_REQUIRED,
    " \u200b": Outcome.NUMBER_REQUIRED,
    "desk": Outcome.NUMBER_UNKNOWN,
    "+33199000000": Outcome.NUMBER_UNKNOWN,
    FOREIGN.value: Outcome.NUMBER_UNKNOWN,
}


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    asyncio.run(made.write(seed))
    return made


@pytest.mark.parametrize("text", [NUMBER.value, "0199001234", "01 99 00 12 34"])
def test_the_owner_reads_and_labels_a_number_as_written_at_home(store: MemoryStore, text: str) -> None:
    assert asyncio.run(set_label(store, FixedClock(), OWNER, text, "desk")) is Outcome.OK
    found = asyncio.run(read_number(store, OWNER, text))
    assert not isinstance(found, Outcome)
    assert (found.number, found.label) == (NUMBER, "desk")


@pytest.mark.parametrize(("text", "outcome"), NOT_FOUND.items())
def test_another_accounts_number_is_as_unknown_as_one_that_is_nobodys(
    store: MemoryStore, text: str, outcome: Outcome
) -> None:
    assert asyncio.run(read_number(store, OWNER, text)) is outcome
    assert asyncio.run(set_label(store, FixedClock(), OWNER, text, "mine")) is outcome
    foreign = asyncio.run(store.read(lambda reader: reader.number(FOREIGN)))
    assert foreign is not None
    assert not foreign.label


@pytest.mark.parametrize("label", ["x" * (MAX_LABEL_LENGTH + 1), "two\nlines"])
def test_a_label_that_is_not_allowed_changes_nothing(store: MemoryStore, label: str) -> None:
    with pytest.raises(OperatorError):
        asyncio.run(set_label(store, FixedClock(), OWNER, NUMBER.value, label))
    found = asyncio.run(read_number(store, OWNER, NUMBER.value))
    assert not isinstance(found, Outcome)
    assert not found.label
