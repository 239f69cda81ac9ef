"""Calls: their records, read back, and what would happen to one, by the decision of the edge itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from renvoi.application.errors import OperatorError
from renvoi.application.numbers import parse_number
from renvoi.application.policies import owner_of
from renvoi.application.ports.accounts import AuditEntry, AuditFilter
from renvoi.application.ports.calls import CallFilter
from renvoi.application.ports.errors import NotUnderstood
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Reader, Store
from renvoi.domain.access.account_policy import Owner
from renvoi.domain.calls.call_record import CallRecord, identifier
from renvoi.domain.calls.ladder import Ladder
from renvoi.domain.ids import IdKind, parsed_number
from renvoi.domain.messages.message import CLOCKS_AGREE_MS
from renvoi.domain.name_addr import MAX_VALUE
from renvoi.domain.numbers.number import E164, NumberInvalid
from renvoi.domain.routing.policies import cooled_off
from renvoi.domain.routing.routing import Call, Decision, NeedRecord, route_call
from renvoi.domain.rules.rule import NumberRecord
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


MAX_TRACES = 100
"""Calls of one Call-ID that are shown, the latest."""
_CHANGES = 1000
"""Changes of a number among which that is looked for which made its rule."""


@dataclass(frozen=True, slots=True)
class Trace:
    """All that is kept of one call.

    `ladder` is None where none is kept; `change` is the one that made the rule which the call obeyed, None where the
    audit trail does not have it any more.
    """

    record: CallRecord
    ladder: Ladder | None
    change: AuditEntry | None


class NoLadder(Enum):
    """Why there is nothing, or not all, of where a call was sent."""

    DAMAGED = "damaged"
    """It is kept, but cannot be read."""
    LATER = "later"
    """It comes with the final answer."""
    GONE = "gone"
    """It is not kept any more, or never was."""


def no_ladder(trace: Trace) -> NoLadder | None:
    """Return why the ladder of a call is missing; None if it is there, or the call was sent nowhere."""
    record, ladder = trace.record, trace.ladder
    if ladder is not None and ladder.damaged:
        return NoLadder.DAMAGED
    if record.decision == "reject" or (ladder is not None and ladder.legs):
        return None
    return NoLadder.LATER if record.status is None else NoLadder.GONE


async def trace_calls(store: Store, call_id: str) -> Sequence[Trace]:
    """Return what is kept of the calls with that Call-ID, as sent or as recorded, the earliest first.

    `call_…`, as the API and CSV write it, is one call, unless that is a Call-ID.
    They may be several: a carrier may use a Call-ID again, and an INVITE that was refused may come once more.
    """
    name = identifier(call_id.encode("utf-8", "surrogateescape"))

    number = parsed_number(IdKind.CALL, call_id)

    def work(reader: Reader) -> list[Trace]:
        found = list(reader.calls(MAX_TRACES, CallFilter(call_id=name)))
        if not found and number is not None and (stored := reader.stored_call(number)) is not None:
            found = [stored.record]
        return [trace_of(reader, record) for record in found]

    return sorted(await store.read(work), key=lambda trace: trace.record.setup_at_ms)


def trace_of(reader: Reader, record: CallRecord) -> Trace:
    """Return what is kept of a call."""
    ladder = reader.ladder(record.key)
    change = None
    if record.number is not None and record.revision:
        change = _change_of(reader, E164.from_digits(int(record.number)), record.revision, record.setup_at_ms)
    return Trace(record, ladder and ladder.since(record.setup_at_ms), change)


def _change_of(reader: Reader, number: E164, revision: int, at_ms: int) -> AuditEntry | None:
    """Return the latest change before the call that made this revision: a former owner may have had one as well."""
    own, former = reader.history(number, _CHANGES), reader.past_changes(_CHANGES, AuditFilter(number))
    made = [each for each in (*own, *former) if each.after.revision == revision]
    # Where nobody else had the number, clocks that disagree do no harm.
    before = [each for each in made if not former or each.at_ms <= at_ms + CLOCKS_AGREE_MS]
    return max(before, key=lambda each: each.at_ms, default=None)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision about a call from `caller` to `called`, what it was made from, in order, and the trunks."""

    caller: str
    called: E164
    decision: Decision
    records: tuple[tuple[E164, NumberRecord | None], ...]
    trunks: Trunks


async def explain(
    store: Store, called: str, caller: str, region: str, now_ms: int, cooling_off_ms: int = 0
) -> Explanation:
    """Decide about a call from `caller` to `called` as the edge would at `now_ms`, by the rules as they are now.

    Both numbers are read in `region`; `now_ms` is in ms since 1970-01-01 UTC. A caller that is not a number, such as
    `anonymous`, is taken as it is. Calls to a country that an account begins to use wait for
    `cooling_off_ms`.

    Raises:
        OperatorError: `called` is not a phone number, or the rule or policy that the call needs cannot be read.
    """
    number = parse_number(called, region)
    caller = caller_text(caller, region)
    call = Call(number, caller=caller)

    def work(reader: Reader) -> Explanation:
        records: dict[E164, NumberRecord | None] = {}
        owners: dict[int, Owner] = {}
        while isinstance(step := route_call(call, records, owners, now_ms), NeedRecord):
            record = records[step.number] = reader.number(step.number)
            if record is not None:
                owners[record.account_id] = owner_of(reader, record.account_id)
        decision = cooled_off(step, records, owners, now_ms, cooling_off_ms)
        return Explanation(caller, number, decision, tuple(records.items()), reader.listed_trunks())

    try:
        return await store.read(work)
    except NotUnderstood as error:
        raise OperatorError(f"a call gets 503 (reason store-unavailable): {error}") from error
