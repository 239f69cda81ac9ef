"""Calls: their records, read back, and what would happen to one, by the decision of the edge itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from renvoi.application.errors import OperatorError
from renvoi.application.numbers import parse_number
from renvoi.application.policies import owner_of
from renvoi.application.ports.calls import CallFilter
from renvoi.application.ports.errors import NotUnderstood
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Reader, Store
from renvoi.domain.access.account_policy import Owner
from renvoi.domain.calls.call_record import CallRecord, identifier
from renvoi.domain.calls.name_addr import MAX_VALUE
from renvoi.domain.numbers.number import E164, NumberInvalid
from renvoi.domain.numbers.rule import NumberRecord
from renvoi.domain.routing.routing import Call, Decision, NeedRecord, route_call
from renvoi.domain.text import clean_text


async def list_calls(store: Store, limit: int, only: CallFilter) -> Sequence[CallRecord]:
    """Return up to `limit` of the latest call records that are wanted, newest first."""
    return await store.read(lambda reader: reader.calls(limit, only))


def caller_text(text: str, region: str) -> str:
    """Return a caller as records have it: a number, read in `region`, in E.164, anything else as clean text."""
    try:
        return E164.parse(text, region).value
    except NumberInvalid:
        return clean_text(text, MAX_VALUE)


async def find_call(store: Store, call_id: str) -> CallRecord | None:
    """Return the latest record of the call with that Call-ID, as sent or as recorded; None without one."""
    name = identifier(call_id.encode("utf-8", "surrogateescape"))
    found = await store.read(lambda reader: reader.calls(1, CallFilter(call_id=name)))
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision about a call from `caller` to `called`, what it was made from, in order, and the trunks."""

    caller: str
    called: E164
    decision: Decision
    records: tuple[tuple[E164, NumberRecord | None], ...]
    trunks: Trunks


async def explain(store: Store, called: str, caller: str, region: str, now_ms: int) -> Explanation:
    """Decide about a call from `caller` to `called` as the edge would at `now_ms`, by the rules as they are now.

    Both numbers are read in `region`; `now_ms` is in ms since 1970-01-01 UTC. A caller that is not a number, such as
    `anonymous`, is taken as it is: no rule depends on it.

    Raises:
        OperatorError: `called` is not a phone number, or a row that the call needs is damaged or a newer program's.
    """
    number = parse_number(called, region)
    call = Call(number)

    def work(reader: Reader) -> Explanation:
        records: dict[E164, NumberRecord | None] = {}
        owners: dict[int, Owner] = {}
        while isinstance(step := route_call(call, records, owners, now_ms), NeedRecord):
            record = records[step.number] = reader.number(step.number)
            if record is not None:
                owners[record.account_id] = owner_of(reader, record.account_id)
        return Explanation(caller, number, step, tuple(records.items()), reader.trunks())

    try:
        return await store.read(work)
    except NotUnderstood as error:
        raise OperatorError(f"a call gets 503 (reason store-unavailable): {error}") from error
