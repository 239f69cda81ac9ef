"""Call records: read back."""

from collections.abc import Sequence

from renvoi.application.ports import Store
from renvoi.domain.callrecord import CallRecord
from renvoi.domain.identifier import identifier
from renvoi.domain.number import E164


async def list_calls(store: Store, limit: int, number: E164 | None = None) -> Sequence[CallRecord]:
    """Return up to `limit` of the latest call records, newest first, of one number or all."""
    return await store.read(lambda reader: reader.calls(limit, number))


async def find_call(store: Store, call_id: str) -> CallRecord | None:
    """Return the latest record of the call with that Call-ID, as sent or as recorded; None without one."""
    name = identifier(call_id.encode("utf-8", "surrogateescape"))
    found = await store.read(lambda reader: reader.calls(1, call_id=name))
    return found[0] if found else None
