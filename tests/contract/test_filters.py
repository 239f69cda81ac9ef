"""What every adapter of the `Store` port finds of calls and changes when less than all of them is wanted."""

from collections.abc import Callable
from dataclasses import replace
from operator import methodcaller

import pytest

from renvoi.application.ports.accounts import AuditEntry, AuditFilter
from renvoi.application.ports.calls import CallFilter
from renvoi.application.ports.errors import StoreRefused
from renvoi.application.ports.removals import Removal, RemovalKind
from renvoi.application.ports.unit_of_work import Reader, Store
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.rules.rule import Rule, RuleType
from tests.support.stores import A, B, C, Scenario, seed

FORWARDED = CallRecord(CallKey("1", "t", 1), "+33140000001", "sip:x", A.value, 3, "forward", None, C.value, "out", 1000)
CALLS = (
    replace(FORWARDED, status=200, answer_at_ms=1100),
    replace(FORWARDED, key=CallKey("2", "t", 1), setup_at_ms=2000, status=486, caller="+33140000002"),
    replace(FORWARDED, key=CallKey("3", "t", 1), setup_at_ms=3000, decision="reject", status=486, number=B.value),
    replace(FORWARDED, key=CallKey("4", "t", 1), setup_at_ms=4000, decision="voicemail", withheld=True),
)
ENTRIES = tuple(
    AuditEntry(at_ms, number, account_id, None, "command line", Rule(), Rule(RuleType.FORWARD, C, revision=revision))
    for at_ms, number, account_id, revision in ((1000, A, 1, 1), (2000, B, 2, 1), (2000, A, 1, 2), (4000, A, 1, 3))
)


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (CallFilter(), "4321"),
        (CallFilter(since_ms=2000), "432"),
        (CallFilter(until_ms=2000), "1"),
        (CallFilter(since_ms=2000, until_ms=4000), "32"),
        (CallFilter(since_ms=4001), ""),
        (CallFilter(status=486), "32"),
        (CallFilter(status=200), "1"),
        (CallFilter(decision="voicemail"), "4"),
        (CallFilter(decision="forward", status=486), "2"),
        (CallFilter(caller="+33140000001"), "431"),
        (CallFilter(caller="+33140000001", number=A, until_ms=4000), "1"),
        (CallFilter(call_id="3"), "3"),
        (CallFilter(call_id="3", number=A), ""),
    ],
)
def test_calls_are_found_to_which_all_of_it_applies(
    run: Callable[[Scenario], None], only: CallFilter, expected: str
) -> None:
    async def scenario(store: Store) -> None:
        for record in CALLS:
            await store.write(methodcaller("put_call", record))
        found = await store.read(lambda reader: reader.calls(100, only))
        assert "".join(record.key.call_id for record in found) == expected
        assert set(found) <= set(CALLS)
        first = await store.read(lambda reader: reader.calls(1, only))
        assert "".join(record.key.call_id for record in first) == expected[:1]

    run(scenario)


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (AuditFilter(), [(A, 3), (A, 2), (B, 1), (A, 1)]),
        (AuditFilter(number=A), [(A, 3), (A, 2), (A, 1)]),
        (AuditFilter(account_id=2), [(B, 1)]),
        (AuditFilter(since_ms=2000, until_ms=4000), [(A, 2), (B, 1)]),
        (AuditFilter(number=B, account_id=1), []),
    ],
)
def test_changes_are_found_by_number_account_and_time(
    run: Callable[[Scenario], None], only: AuditFilter, expected: list[tuple[object, int]]
) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        for entry in ENTRIES:
            await store.write(methodcaller("add_audit", entry))
        found = await store.read(lambda reader: reader.changes(100, only))
        assert [(entry.number, entry.after.revision) for entry in found] == expected
        assert len(await store.read(lambda reader: reader.changes(1, only))) == min(1, len(expected))

    run(scenario)


HARMLESS = {
    "a quote": CallFilter(caller="' OR 1=1 --"),
    "wildcards": CallFilter(caller="%", decision="_"),
    "no decision of ours": CallFilter(decision="'; DROP TABLE calls; --"),
    "the far past": CallFilter(until_ms=-(2**62)),
}
REFUSED: dict[str, CallFilter | AuditFilter] = {
    "NUL": CallFilter(caller="a\0b"),
    "half a surrogate pair": CallFilter(caller="\ud800"),
    "a decision with NUL": CallFilter(decision="\0"),
    "a caller of 64 kB": CallFilter(caller="x" * 65_536),
    "a long Call-ID": CallFilter(call_id="x" * 1001),
    "a status of 16 bits": CallFilter(status=32_768),
    "a time of 64 bits": CallFilter(since_ms=2**63),
    "an end of 64 bits": CallFilter(until_ms=-(2**63) - 1),
    "changes since 64 bits": AuditFilter(since_ms=2**63),
    "an account of 64 bits": AuditFilter(account_id=2**63),
}


@pytest.mark.parametrize("only", HARMLESS.values(), ids=HARMLESS)
def test_odd_filters_find_nothing(run: Callable[[Scenario], None], only: CallFilter) -> None:
    async def scenario(store: Store) -> None:
        for record in CALLS:
            await store.write(methodcaller("put_call", record))
        assert list(await store.read(lambda reader: reader.calls(100, only))) == []
        assert len(await store.read(lambda reader: reader.calls())) == len(CALLS)

    run(scenario)


@pytest.mark.parametrize("only", REFUSED.values(), ids=REFUSED)
def test_filters_that_no_store_can_hold_are_refused(
    run: Callable[[Scenario], None], only: CallFilter | AuditFilter
) -> None:
    async def scenario(store: Store) -> None:
        def ask(reader: Reader) -> object:
            return reader.calls(100, only) if isinstance(only, CallFilter) else reader.changes(100, only)

        with pytest.raises(StoreRefused):
            await store.read(ask)

    run(scenario)


def test_the_latest_changes_are_told_page_by_page(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        for number in (A, B):
            for revision in range(1, 8):
                rules = Rule(revision=revision - 1), Rule(revision=revision)
                at_ms = 1000 if revision < 6 else 2000
                await store.write(methodcaller("add_audit", AuditEntry(at_ms, number, account_id, None, "cli", *rules)))
        for read in ("changes", "past_changes"):
            whole = list(await store.read(methodcaller(read, 100)))
            assert len(whole) == 14
            seen: list[AuditEntry] = []
            place = None
            while page := await store.read(methodcaller(read, 3, AuditFilter(account_id=account_id), place)):
                seen += page
                last = page[-1]
                place = last.at_ms, last.number.digits, last.after.revision
            assert seen == whole
            for n, number in enumerate((A, B)):
                removal = Removal(n + 1, RemovalKind.NUMBER, account_id, 1, None, "cli", number, 7)
                await store.write(methodcaller("archive_changes", removal, 100))

    run(scenario)
