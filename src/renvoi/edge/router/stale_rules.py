"""Look-ups while the store is away, where `on_store_loss` is `last-known`: what was read last decides."""

import hashlib
import logging
import mmap
import struct
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass

import msgspec

from renvoi.documents import policy_document
from renvoi.documents.routing_document import decode_with_version, encode_with_version
from renvoi.domain.access.account_policy import NO_POLICY, AccountPolicy, Owner
from renvoi.domain.calls.usage import Usage, Usages
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord
from renvoi.edge.router.lookup import Lookup, LookupFailed, Reading, RuleNotUnderstood
from renvoi.removed_file import RemovedFile

_WAYS = 4
"""Places that a key may have: a new entry takes that of the oldest of so many."""
_HEAD = struct.Struct("<IQdI")
"""Checksum of what follows, key, time, length of the value."""
_CHECKSUM = struct.Struct("<I")
_SPREAD = 0x9E3779B97F4A7C15
"""2^64 divided by the golden ratio: spreads keys that follow each other (Knuth, TAOCP vol. 3, §6.4)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A value, and the time that it was put in with."""

    at: float
    value: bytes


class SharedTable:
    """Values by integer keys up to 64 bits. Made before the fork; its memory is used as it fills."""

    def __init__(self, entries: int, value_bytes: int) -> None:
        """Make a table for about so many entries, with values of so many bytes at the most."""
        self._sets = -(-entries // _WAYS)
        self._value_bytes = value_bytes
        self._slot_bytes = _HEAD.size + value_bytes
        # The last byte tells whether anything was ever put in: for most edges nothing is long.
        self._memory = mmap.mmap(-1, self._sets * _WAYS * self._slot_bytes + 1)

    def put(self, key: int, entry: Entry) -> None:
        """Keep an entry, unless the key has one of a later time, or the value is too long."""
        if len(entry.value) > self._value_bytes:
            return
        slots = self._slots(key)
        heads = [_HEAD.unpack_from(self._memory, slot) for slot in slots]
        same = next((index for index, head in enumerate(heads) if head[1] == key), None)
        if same is None:
            same = min(range(_WAYS), key=lambda index: heads[index][2])
        elif heads[same][2] > entry.at and self._read(slots[same], key) is not None:
            return
        content = _HEAD.pack(0, key, entry.at, len(entry.value))[_CHECKSUM.size :] + entry.value
        data = _CHECKSUM.pack(zlib.crc32(content)) + content
        self._memory[slots[same] : slots[same] + len(data)] = data
        self._memory[-1] = 1

    def get(self, key: int) -> Entry | None:
        """Return the key's entry, None when it has none, or none any more."""
        return next((entry for slot in self._slots(key) if (entry := self._read(slot, key)) is not None), None)

    def remove_older(self, key: int, at: float) -> None:
        """Forget the key's entry unless it is of a later time than `at`."""
        if not self._memory[-1]:
            return
        for slot in self._slots(key):
            head = _HEAD.unpack_from(self._memory, slot)
            if head[1] == key and head[2] <= at:
                # The checksum of no content: whoever reads finds nothing.
                self._memory[slot : slot + _HEAD.size] = bytes(_HEAD.size)

    def _slots(self, key: int) -> list[int]:
        first = (key * _SPREAD & 0xFFFFFFFFFFFFFFFF) * self._sets >> 64
        return [(first * _WAYS + way) * self._slot_bytes for way in range(_WAYS)]

    def _read(self, slot: int, key: int) -> Entry | None:
        # One copy, which nobody can change while it is looked at.
        data = self._memory[slot : slot + self._slot_bytes]
        checksum, found, at, length = _HEAD.unpack_from(data)
        content = data[_CHECKSUM.size : _HEAD.size + length]
        if found != key or length > self._value_bytes or zlib.crc32(content) != checksum:
            return None
        return Entry(at, content[_HEAD.size - _CHECKSUM.size :])

    def close(self) -> None:
        """Release the memory."""
        self._memory.close()


class SizedTables:
    """Values by integer keys, in the smallest of several tables that has room: most values are short, a few are long.

    What no table has room for is not kept, and nor is then what the key had before: it would be out of date.
    """

    def __init__(self, *sizes: tuple[int, int]) -> None:
        """Make a table for each size (entries, bytes of a value), which ascend."""
        self._tables = [(most, SharedTable(entries, most)) for entries, most in sizes]

    def put(self, key: int, entry: Entry) -> None:
        """Keep an entry, unless the key has one of a later time."""
        is_kept = False
        for most, table in self._tables:
            if not is_kept and len(entry.value) <= most:
                table.put(key, entry)
                is_kept = True
            else:
                table.remove_older(key, entry.at)

    def get(self, key: int) -> Entry | None:
        """Return the key's newest entry, None when it has none, or none any more."""
        found = (entry for _, table in self._tables if (entry := table.get(key)) is not None)
        return max(found, key=lambda entry: entry.at, default=None)

    def close(self) -> None:
        """Release the memory."""
        for _, table in self._tables:
            table.close()


NUMBERS = 100_000
"""Numbers that are remembered, about: those read last."""
MOST_BYTES = 720
"""Of what is remembered of most of them: room for two e-mail addresses of the greatest length."""
LONG = (20_000, 4 * 1024)
"""Numbers that are remembered, about, which have a schedule or some blocked callers, and the bytes of each."""
LONGEST = (1_000, 128 * 1024)
"""The same for the longest rules that there can be."""
ACCOUNTS = 4_000
"""Accounts with a policy whose policies are remembered, about: those read last."""
MOST_POLICY_BYTES = 8 * 1024
MOST_USAGE_BYTES = 128
"""Of what is remembered of the usage under one name: that of two days."""
_NOT_OURS = b""
_encode = msgspec.msgpack.Encoder().encode
_decode_usages = msgspec.msgpack.Decoder(list[list[int]]).decode
_decode = msgspec.msgpack.Decoder(tuple[int, str, bool, bool, bool, int | None, str]).decode

_log = logging.getLogger("renvoi.edge")


class Memory:
    """What was read last: of each number, of each account that has, or had, a policy of its own, and of usage.

    Made before the fork: what one process of an edge has read all of them know.
    """

    def __init__(self) -> None:
        self.numbers = SizedTables((NUMBERS, MOST_BYTES), LONG, LONGEST)
        self.policies = SharedTable(ACCOUNTS, MOST_POLICY_BYTES)
        self.usages = SharedTable(NUMBERS, MOST_USAGE_BYTES)

    def close(self) -> None:
        """Release the memory."""
        self.numbers.close()
        self.policies.close()
        self.usages.close()


class StaleRulesLookup:
    """Look-ups in a store that is asked each time; only when it does not answer, what it said before counts.

    Numbers that are not ours are remembered as well: most targets are such, and are looked up too.
    """

    def __init__(
        self,
        store: Lookup,
        memory: Memory,
        max_age_s: float,
        now: Callable[[], float] = time.monotonic,
        removed: RemovedFile | None = None,
    ) -> None:
        """Wrap `store`; nothing counts that was read more than `max_age_s` seconds ago, or before it was `removed`.

        `now` is a clock that does not jump and that all processes sharing `memory` share too.
        """
        self._store = store
        self._memory = memory
        self._max_age_s = max_age_s
        self._now = now
        self._away = False
        self._removed = removed

    def find(self, number: E164) -> Reading:
        """Read the number's record, or return what was read last; see `Lookup.find`."""
        at = self._now()
        try:
            reading = self._store.find(number)
        except RuleNotUnderstood:
            raise
        except LookupFailed as error:
            self._note(error)
            return self._recall(number, error)
        self._note(None)
        self._memory.numbers.put(number.digits, Entry(at, _value(reading)))
        if reading.record is not None:
            self._remember_policy(reading.record.account_id, reading.owner.policy, at)
        return reading

    def usages(self, names: Sequence[str], since_day: int) -> Usages:
        """Read what was used up, or return what was read last of each name; see `Lookup.usages`."""
        at = self._now()
        try:
            found = self._store.usages(names, since_day)
        except LookupFailed as error:
            self._note(error)
            return self._recall_usages(names)
        for name in names:
            sums = [(day, *astuple(usage)) for (of, day), usage in found.items() if of == name]
            self._memory.usages.put(_key_of(name), Entry(at, _encode(sums)))
        return found

    def _recall_usages(self, names: Sequence[str]) -> Usages:
        found: dict[tuple[str, int], Usage] = {}
        for name in names:
            entry = self._memory.usages.get(_key_of(name))
            if entry is not None:
                found |= {(name, day): Usage(*sums) for day, *sums in _decode_usages(entry.value)}
        return found

    def check(self) -> None:
        """Read something; see `Lookup.check`."""
        self._store.check()

    def _remember_policy(self, account_id: int, policy: AccountPolicy, at: float) -> None:
        # Most accounts have none; one that has been taken away must not come back.
        if policy is not NO_POLICY or self._memory.policies.get(account_id) is not None:
            self._memory.policies.put(account_id, Entry(at, policy_document.encode(policy).encode()))

    def _recall(self, number: E164, error: LookupFailed) -> Reading:
        entry = self._memory.numbers.get(number.digits)
        if entry is None or self._now() - entry.at > self._max_age_s:
            raise self._unknown(error)
        if entry.value == _NOT_OURS:
            return Reading(None, last_known=True)
        account_id, region, has_policy, active, enabled, updated_at_ms, document = _decode(entry.value)
        if self._removed is not None and self._removed.is_removed(number, account_id, entry.at):
            return Reading(None, last_known=True)
        if self._removed is not None and self._removed.is_moved(number, entry.at):
            # What its new owner wants is not known here.
            raise self._unknown(error)
        record = NumberRecord(
            number, account_id, decode_with_version(document), active, enabled, updated_at_ms=updated_at_ms
        )
        policy = self._recall_policy(account_id, entry.at, error, has_one=has_policy)
        return Reading(record, last_known=True, owner=Owner(region, policy))

    def _recall_policy(self, account_id: int, at: float, error: LookupFailed, *, has_one: bool) -> AccountPolicy:
        """Return the policy that was read last, with whichever number of the account, but not before `at`."""
        entry = self._memory.policies.get(account_id)
        if entry is not None and entry.at >= at:
            return policy_document.decode(entry.value)
        if has_one:
            raise self._unknown(error)
        return NO_POLICY

    def _unknown(self, error: LookupFailed) -> LookupFailed:
        failure = LookupFailed(f"{error}; nor is it known from the last {self._max_age_s:g} s")
        failure.__cause__ = error
        return failure

    def _note(self, error: LookupFailed | None) -> None:
        """Log when the store goes and when it comes back, not each call in between."""
        if error is not None and not self._away:
            _log.warning("the store is away, calls are decided by the rules that were read last: %s", error)
        elif error is None and self._away:
            _log.warning("the store answers again")
        self._away = error is not None


def _key_of(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def _value(reading: Reading) -> bytes:
    """Return what decides calls of a number; its label, which may be of any length, does not."""
    record, owner = reading.record, reading.owner
    if record is None:
        return _NOT_OURS
    state = record.active, record.forwarding_enabled, record.updated_at_ms, encode_with_version(record.rule)
    return _encode((record.account_id, owner.region, owner.policy is not NO_POLICY, *state))
