"""What only the store on PostgreSQL does: several nodes change it at once, each as if it were alone."""

import asyncio
import os
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from operator import methodcaller
from typing import Any

import psycopg
import pytest
from psycopg import sql

from renvoi.adapters.sql import batch
from renvoi.adapters.sql.compiled_statements import Connection
from renvoi.adapters.sql.postgres_pool import is_pooled
from renvoi.application.forwarding import RuleRequest, RuleResult, set_rule
from renvoi.application.ports.errors import Conflict, StoreMismatch
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.application.shared_keys import keep_keys
from renvoi.domain.access.api_key import Principal
from renvoi.domain.calls.call_record import CallKey, Decided, begin
from renvoi.domain.numbers.number import E164
from renvoi.domain.outcome import Outcome
from renvoi.domain.rules.rule import Rule
from renvoi.domain.shared_key import ROTATION_MS
from tests.support.http_api import FixedClock
from tests.support.pgbouncer import shared_pgbouncer
from tests.support.postgres import shared_cluster
from tests.support.stores import A, B, new_database, opened, seed

C = E164("+33199009999")
TARGET = E164("+33644630000")
RULES = (("1", str(TARGET)), ("1", str(B)), ("2", "owner@example.com"), ("0", ""))
CALLS = 200
ROUNDS = 10
DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True)
class Nodes:
    """Stores on one database, and the owner of the numbers A, B and C in it."""

    database: str
    stores: list[Store]
    principal: Principal

    @contextmanager
    def holding(self, number: E164) -> Iterator[None]:
        """Keep everybody from changing a number."""
        with shared_cluster().admin(self.database) as connection, connection.transaction():
            connection.execute("SELECT FROM numbers WHERE number = %s FOR UPDATE", (number.digits,))
            yield


@asynccontextmanager
async def opened_nodes(count: int) -> AsyncIterator[Nodes]:
    """Open as many stores."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(new_database(shared_cluster()))
        url = shared_cluster().url(database)
        stores = [await stack.enter_async_context(opened(url)) for _ in range(count)]
        account_id = await seed(stores[0])

        def work(writer: Writer) -> None:
            writer.add_number(account_id, NumberRow(C), 2)
            writer.set_number_state(B, forwarding_enabled=True)

        await stores[0].write(work)
        yield Nodes(database, stores, Principal(account_id, "FR", None, "127.0.0.1"))


def run(scenario: Callable[[Nodes], Awaitable[None]], count: int = 2) -> None:
    """Run a scenario on `count` stores of one database."""

    async def main() -> None:
        async with opened_nodes(count) as these:
            await scenario(these)

    asyncio.run(main())


async def forward(store: Store, principal: Principal, number: E164, target: E164, key: str | None = None) -> RuleResult:
    """Forward a number to a target as the API does."""
    return await set_rule(store, FixedClock(), principal, RuleRequest(str(number), "1", str(target)), key)


async def disable(store: Store, principal: Principal, *numbers: E164) -> None:
    """Put numbers back as they were."""
    for number in numbers:
        answer = await set_rule(store, FixedClock(), principal, RuleRequest(str(number), "0", ""))
        assert answer.outcome in (Outcome.DISABLED, Outcome.ALREADY_DISABLED)


def test_of_200_identical_changes_one_wins() -> None:
    async def scenario(nodes: Nodes) -> None:
        stores, principal = nodes.stores, nodes.principal
        changes = (forward(stores[n % 2], principal, A, TARGET) for n in range(200))
        answers = Counter(await asyncio.gather(*changes))
        assert answers == {RuleResult(Outcome.FORWARD_ENABLED, 1): 1, RuleResult(Outcome.ALREADY_FORWARDING): 199}
        history = await stores[1].read(lambda reader: reader.history(A))
        assert [entry.after.revision for entry in history] == [1]

    run(scenario)


def test_numbers_that_are_set_to_each_other_at_once_make_no_loop() -> None:
    async def scenario(nodes: Nodes) -> None:
        stores, principal = nodes.stores, nodes.principal
        for _ in range(ROUNDS):
            pairs = ((A, B), (B, C), (C, A))
            changes = (forward(store, principal, *pair) for store, pair in zip(stores, pairs, strict=True))
            outcomes = Counter(answer.outcome for answer in await asyncio.gather(*changes))
            assert outcomes == {Outcome.FORWARD_ENABLED: 2, Outcome.LOOP: 1}
            await disable(stores[0], principal, A, B, C)

    run(scenario, 3)


@pytest.mark.parametrize(
    ("key", "is_shared"), [(None, True), ("key", False)], ids=["a change", "one with an Idempotency-Key"]
)
def test_changes_of_rules_share_transactions(monkeypatch: pytest.MonkeyPatch, key: str | None, is_shared: bool) -> None:
    """One more call of the writer in `set_rule` would end that for every change, and nothing else would show it."""
    run_batch, together = batch.run, Counter[bool]()

    def run_and_count(connection: Connection, works: Sequence[Callable[[Any], Any]]) -> tuple[list[Any], int]:
        results, rules = run_batch(connection, works)
        together.update(result is not batch.ALONE for result in results)
        return results, rules

    async def scenario(nodes: Nodes) -> None:
        store, principal = nodes.stores[0], nodes.principal
        # The first finds the store idle and goes alone; no other wants its number.
        first = RuleRequest(str(C), "1", str(TARGET))
        rules = [RuleRequest(str(n), *rule) for _ in range(5) for n in (A, B) for rule in RULES]
        changes = (
            set_rule(store, FixedClock(), principal, rule, key and f"{key} {number}")
            for number, rule in enumerate([first, *rules])
        )
        outcomes = {answer.outcome for answer in await asyncio.gather(*changes)}
        assert outcomes >= {Outcome.FORWARD_ENABLED, Outcome.LOOP, Outcome.VOICEMAIL_ENABLED, Outcome.DISABLED}
        assert together == {is_shared: len(rules)}

    monkeypatch.setattr(batch, "run", run_and_count)
    run(scenario, 1)


def test_one_idempotency_key_at_two_nodes_makes_one_change() -> None:
    async def scenario(nodes: Nodes) -> None:
        stores, principal = nodes.stores, nodes.principal
        for attempt in range(ROUNDS):
            again = (forward(store, principal, A, TARGET, f"key {attempt}") for store in stores * 2)
            answers = await asyncio.gather(*again)
            assert set(answers) == {RuleResult(Outcome.FORWARD_ENABLED, 2 * attempt + 1)}
            assert sorted(answer.replayed for answer in answers) == [False, True, True, True]
            await disable(stores[0], principal, A)

    run(scenario)


def test_changes_that_wait_for_each_other_both_succeed() -> None:
    async def scenario(nodes: Nodes) -> None:
        is_held = {A: threading.Event(), B: threading.Event()}

        def raise_both(writer: Writer, first: E164, second: E164) -> None:
            for number in (first, second):
                record = writer.number_for_change(number)
                assert record is not None
                writer.put_rule(number, replace(record.rule, revision=record.rule.revision + 1), 1)
                is_held[number].set()
                assert is_held[second].wait(10)

        one, other = nodes.stores
        changes = (
            one.write(partial(raise_both, first=A, second=B)),
            other.write(partial(raise_both, first=B, second=A)),
        )
        await asyncio.gather(*changes)
        a, _c, b = await one.read(lambda reader: reader.numbers())
        assert (a.rule.revision, b.rule.revision) == (2, 2)

    run(scenario)


def test_counters_lose_nothing() -> None:
    async def scenario(nodes: Nodes) -> None:
        stores = nodes.stores

        def count(writer: Writer) -> None:
            writer.count("messages")
            writer.count("recorded_ms", 20)
            writer.count_calls({("forward", 200): 2, ("reject", 404): 3})

        await asyncio.gather(*(store.write(count) for store in stores * 100))
        assert dict(await stores[0].read(lambda reader: reader.counts())) == {"messages": 200, "recorded_ms": 4000}
        counted = await stores[1].read(lambda reader: reader.call_counts())
        assert dict(counted) == {("forward", 200): 400, ("reject", 404): 600}

    run(scenario)


def test_nodes_do_not_wait_for_each_other_to_count() -> None:
    """One is in the middle of its transaction while another one counts the same."""

    async def scenario(nodes: Nodes) -> None:
        url = shared_cluster().url(nodes.database)
        counted, told = threading.Event(), threading.Event()

        def count(writer: Writer) -> None:
            writer.count("messages")
            writer.count_calls({("forward", 200): 1})

        def count_slowly(writer: Writer) -> bool:
            count(writer)
            counted.set()
            return told.wait(10)

        async with opened(url, node="one") as one, opened(url, node="other") as other:
            slow = asyncio.create_task(one.write(count_slowly))
            await asyncio.to_thread(counted.wait, 10)
            await other.write(count)
            told.set()
            assert await slow
            assert await one.read(lambda reader: dict(reader.counts())) == {"messages": 2}
            assert await one.read(lambda reader: dict(reader.call_counts())) == {("forward", 200): 2}

    run(scenario)


def test_two_nodes_that_write_about_the_same_calls_lose_nothing() -> None:
    """The edge's node reports the end of a call while the voicemail's reports its message."""
    keys = [CallKey(f"call-{number}", "tag", 1) for number in range(CALLS)]

    def answer(writer: Writer) -> None:
        for key in keys:
            record = begin(Decided(key, 1, "+33612345678", str(A), str(A), 1, "voicemail"))
            writer.put_call(replace(record, status=200, answer_at_ms=2))

    def hang_up(writer: Writer) -> None:
        for key in keys:
            record = writer.answered_call(key.call_id, key.from_tag)
            assert record is not None
            writer.put_call(replace(record, end_at_ms=3, hung_up_by="caller"))

    def leave_message(writer: Writer) -> None:
        for key in keys:
            record = writer.call(key)
            assert record is not None
            writer.put_call(replace(record, missed=False))

    async def scenario(nodes: Nodes) -> None:
        first, second = nodes.stores
        await first.write(answer)
        await asyncio.gather(first.write(hang_up), second.write(leave_message))
        records = await first.read(lambda reader: reader.calls(2 * CALLS))
        assert Counter((record.end_at_ms, record.missed) for record in records) == {(3, False): CALLS}

    run(scenario)


def test_a_name_that_two_take_at_once_has_one_owner() -> None:
    async def scenario(nodes: Nodes) -> None:
        stores = nodes.stores
        for attempt in range(ROUNDS):
            add = methodcaller("add_account", f"account {attempt}", "en", "FR", 1)
            made = await asyncio.gather(*(store.write(add) for store in stores), return_exceptions=True)
            assert sorted(isinstance(each, Conflict) for each in made) == [False, True], made

    run(scenario)


def test_nodes_that_start_at_the_same_time_share_their_first_key() -> None:
    """Of two first keys one node would not know the other's until it looks again, and refuse its calls."""

    async def scenario(nodes: Nodes) -> None:
        for _ in range(ROUNDS):
            clock = FixedClock()
            for age_ms in (0, ROTATION_MS, ROTATION_MS):
                clock.now += age_ms
                made = (keep_keys(store, clock, os.urandom, DAY_MS, pytest.fail) for store in nodes.stores * 2)
                rings = await asyncio.gather(*made)
                assert len(set(rings)) == 1, rings
            for row in await nodes.stores[0].read(lambda reader: reader.shared_keys()):
                await nodes.stores[0].write(methodcaller("remove_shared_key", row[0]))

    run(scenario)


def test_a_change_is_seen_by_every_node_once_it_is_answered() -> None:
    async def scenario(nodes: Nodes) -> None:
        stores = nodes.stores
        for revision in range(1, 100):
            await stores[0].write(partial(put_revision, revision=revision))
            record = await stores[1].read(lambda reader: reader.number(A))
            assert record is not None
            assert record.rule.revision == revision

    run(scenario)


def put_revision(writer: Writer, revision: int) -> None:
    """Give A's rule a revision."""
    writer.put_rule(A, Rule(revision=revision), 1)


def test_a_read_does_not_wait_for_a_writer() -> None:
    async def scenario(nodes: Nodes) -> None:
        stores, principal = nodes.stores, nodes.principal
        with nodes.holding(A):
            changes = [asyncio.create_task(forward(store, principal, A, TARGET)) for store in stores * 20]
            for store in stores:
                record = await asyncio.wait_for(store.read(lambda reader: reader.number(A)), 30)
                assert record is not None
                assert record.rule.revision == 0
            assert not any(change.done() for change in changes)
        outcomes = Counter(answer.outcome for answer in await asyncio.gather(*changes))
        assert outcomes == {Outcome.FORWARD_ENABLED: 1, Outcome.ALREADY_FORWARDING: 39}

    run(scenario)


def test_pgbouncer_is_recognised() -> None:
    for url, pooled in ((shared_cluster().url(), False), (shared_pgbouncer().url("postgres"), True)):
        with psycopg.connect(url, autocommit=True) as connection:
            assert is_pooled(connection) is pooled


def test_a_database_that_acknowledges_before_it_has_written_is_refused() -> None:
    cluster = shared_cluster()
    name = cluster.create_database()
    try:
        with cluster.admin() as connection:
            change = sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name))
            connection.execute(change)

        async def main() -> None:
            async with opened(cluster.url(name)):
                pass

        with pytest.raises(StoreMismatch, match="synchronous_commit"):
            asyncio.run(main())
    finally:
        cluster.drop_database(name)


def test_who_comes_again_at_once_is_served() -> None:
    """Clients that have the next change ready as they get their answer: nobody is left waiting."""

    async def scenario(nodes: Nodes) -> None:
        store, principal = nodes.stores[0], nodes.principal

        async def client(number: E164) -> None:
            for n in range(60):
                answer = await forward(store, principal, number, E164.from_digits(33644630000 + n))
                assert answer.outcome.success

        async with asyncio.timeout(60):
            await client(C)
            await asyncio.gather(*map(client, (A, B)))

    run(scenario, 1)
