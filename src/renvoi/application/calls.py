"""Call records: read back."""

from collections.abc import Sequence

from renvoi.application.ports.calls import CallFilter
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.calls.call_record import CallRecord, identifier
from renvoi.domain.calls.name_addr import MAX_VALUE
from renvoi.domain.numbers.number import E164, NumberInvalid
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
