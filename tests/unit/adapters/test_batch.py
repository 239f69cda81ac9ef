"""What changes of rules may call to share a transaction is listed, and the batch does exactly that."""

import inspect
from types import FunctionType
from typing import Any

import pytest

from renvoi.adapters.sql import batch
from renvoi.application.ports.unit_of_work import RuleWriter, Writer


def calls_of(port: type) -> dict[str, inspect.Signature]:
    """Return the calls that a class has, those of its bases included."""
    found = inspect.getmembers(port, lambda member: isinstance(member, FunctionType))
    return {name: inspect.signature(function) for name, function in found if not name.startswith("_")}


LISTED = calls_of(RuleWriter)
OTHERS = calls_of(Writer).keys() - LISTED.keys()


def changes_of_one() -> Any:
    """Return what a change gets as its writer; nothing has been read yet."""
    connection: Any = None
    return batch._Changes(batch._Numbers(connection))


def test_what_is_listed_is_what_a_batch_does() -> None:
    done = calls_of(batch._Changes)
    del done["keep"]  # the batch's own
    assert done == LISTED


def test_what_is_listed_is_as_every_writer_has_it() -> None:
    assert {name: calls_of(Writer)[name] for name in LISTED} == LISTED


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_any_other_call_of_a_writer_leaves_the_work_to_be_run_alone(name: str) -> None:
    with pytest.raises(batch._NotHere):
        getattr(changes_of_one(), name)


def test_what_no_writer_has_is_a_fault_of_the_work() -> None:
    with pytest.raises(AttributeError, match="a writer has no 'put_rules'"):
        changes_of_one().put_rules()
