"""What operators' requests have in common: which account they name, and refusals of use cases."""

from collections.abc import Awaitable
from typing import Annotated, TypeVar

from fastapi import Path
from pydantic import AfterValidator

from renvoi.application.errors import OperatorError
from renvoi.application.ports.accounts import Account
from renvoi.domain.field_error import FieldCode, FieldFault
from renvoi.domain.ids import IdKind, parsed_number
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.v2.deps import V2Deps

T = TypeVar("T")

AccountPath = Annotated[str, Path(description="The account's id.", examples=["acc_1"])]


async def account_of(deps: V2Deps, text: str, *, for_change: bool = False) -> Account:
    """Return the account of an id as `/v2` writes it; to change it, it has to be open.

    Raises:
        Problem: there is none, or it is closed.
    """
    account_id = parsed_number(IdKind.ACCOUNT, text)
    found = None
    if account_id is not None:
        found = await deps.store.read(lambda reader: reader.account(str(account_id)))
    if found is None or found.id != account_id:
        raise Problem(ProblemCode.ACCOUNT_UNKNOWN)
    if for_change and found.closed_at_ms is not None:
        raise Problem(ProblemCode.ACCOUNT_CLOSED)
    return found


async def possible(asked: Awaitable[T]) -> T:
    """Return what a use case does; what it says of what cannot be done is the answer.

    Raises:
        Problem: it cannot be done.
    """
    try:
        return await asked
    except OperatorError as error:
        raise Problem(ProblemCode.NOT_POSSIBLE, reason=error.texts) from error


def _account_id(value: str) -> str:
    if parsed_number(IdKind.ACCOUNT, value) is None:
        raise FieldFault(FieldCode.BAD_FORMAT, expected="acc_1")
    return value


AccountId = Annotated[str, AfterValidator(_account_id)]
"""A field of a request that is written like an account's id."""
