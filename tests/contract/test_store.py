"""What every adapter of the `Store` port must do (`application/ports.py`).

The suite knows nothing of SQL: another adapter joins by one more line in `STORES`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from operator import methodcaller
from typing import Any

import pytest

from renvoi.application.forwarding import IDEMPOTENCY_WINDOW_MS, RuleRequest, set_rule
from renvoi.application.numbers import numbers_page
from renvoi.application.ports.accounts import AuditEntry, RememberedAnswer
from renvoi.application.ports.errors import Conflict, StoreUnavailable
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.domain.access.api_key import KeyRecord, Principal
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.outcome import Outcome
from renvoi.domain.rules.rule import NumberRecord, Rule, RuleType
from renvoi.domain.rules.rule_change import OptionChange
from renvoi.domain.trunks.choices import DiversionHeaders, NumberFormat
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from tests.support.http_api import FixedClock
from tests.support.stores import A, B, C, Scenario, seed


def test_accounts_are_found_by_name_and_by_id(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        other = await store.write(lambda writer: writer.add_account("autre", "en", "BE", 5))

        def check(reader: Reader) -> None:
            account = reader.account("demo")
            assert account is not None
            assert (account.id, account.locale, account.region, account.created_at_ms) == (account_id, "fr", "FR", 1)
            assert reader.account(str(account_id)) == account
            assert reader.account("nobody") is None
            assert reader.account("9" * 30) is None
            assert list(reader.accounts()) == [account, other]

        await store.read(check)
        with pytest.raises(Conflict, match="demo"):
            await store.write(lambda writer: writer.add_account("demo", "fr", "FR", 1))

    run(scenario)


def test_keys_come_back_whole_and_are_revoked_once(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        key = KeyRecord("0a0a0a0a0a0a", account_id, b"\x00" * 32, "FR", "ci", ("numbers:read", "calls:read"), 7, 99)
        await store.write(lambda writer: writer.add_key(key))
        assert await store.read(lambda reader: reader.key(key.id)) == key
        assert await store.read(lambda reader: reader.key("ffffffffffff")) is None
        assert await store.write(lambda writer: writer.revoke_key(key.id, 50))
        assert await store.write(lambda writer: writer.revoke_key(key.id, 60))
        assert not await store.write(lambda writer: writer.revoke_key("ffffffffffff", 60))
        revoked = replace(key, revoked_at_ms=50, revision=1)
        assert list(await store.read(lambda reader: reader.keys())) == [revoked]
        assert list(await store.read(lambda reader: reader.keys(account_id + 1))) == []

    run(scenario)


def test_a_new_number_is_disabled_and_its_rule_comes_back_as_put(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        assert await store.read(lambda reader: reader.number(A)) == NumberRecord(A, account_id, label="front desk")
        assert await store.read(lambda reader: reader.number(C)) is None
        rules = [
            Rule(RuleType.FORWARD, target=C, revision=1, ring_timeout=timedelta(seconds=20)),
            Rule(RuleType.VOICEMAIL, emails=(EmailAddress("é@exemple.fr"),), revision=2),
            Rule(revision=3),
        ]
        for rule in rules:
            await store.write(methodcaller("put_rule", A, rule, 1000 + rule.revision))
            record = await store.read(lambda reader: reader.number(A))
            assert record is not None
            assert record.rule == rule
            assert record.updated_at_ms == 1000 + rule.revision
        assert await store.write(lambda writer: writer.number_for_change(A)) == record

    run(scenario)


def test_a_number_belongs_to_one_account_only(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        other = await store.write(lambda writer: writer.add_account("other", "en", "FR", 1))
        with pytest.raises(Conflict, match=r"\+33199001234"):
            await store.write(lambda writer: writer.add_number(other.id, NumberRow(A), 3))

    run(scenario)


def test_number_states_and_labels(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        assert await store.write(lambda writer: writer.set_number_state(A, active=False))
        assert await store.write(lambda writer: writer.set_number_state(B, forwarding_enabled=True))
        assert not await store.write(lambda writer: writer.set_number_state(C, active=False))
        await store.write(lambda writer: writer.set_label(B, "Zoë's"))
        a, b = await store.read(lambda reader: reader.numbers())
        assert (a.active, a.forwarding_enabled, a.label) == (False, True, "front desk")
        assert (b.active, b.forwarding_enabled, b.label) == (True, True, "Zoë's")

    run(scenario)


def test_numbers_are_listed_in_order_and_in_pages(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        other = await store.write(lambda writer: writer.add_account("other", "en", "FR", 1))
        await store.write(lambda writer: writer.add_number(other.id, NumberRow(C), 3))

        def listed(reader: Reader, **keywords: Any) -> list[E164]:
            return [record.number for record in reader.numbers(**keywords)]

        assert await store.read(listed) == [A, B, C]
        assert await store.read(lambda r: listed(r, after=A, limit=1)) == [B]
        assert await store.read(lambda r: listed(r, account_id=account_id)) == [A, B]
        assert await store.read(lambda r: listed(r, account_id=account_id, after=B)) == []
        ahead = [
            await store.read(methodcaller("number_ahead", account_id, after, places))
            for after, places in ((None, 1), (None, 2), (A, 1), (None, 3), (B, 1))
        ]
        assert ahead == [A, B, B, None, None]
        principal = Principal(account_id, "FR", None, "192.0.2.7")
        pages = [await numbers_page(store, principal, page, 1) for page in (1, 2, 3, 100_000)]
        assert [[record.number for record in page] for page in pages] == [[A], [B], [], []]

    run(scenario)


def test_many_numbers_are_added_all_or_none(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        rows = [NumberRow(E164(f"+3319900{n:04}"), f"n{n}") for n in range(100)]
        assert await store.write(lambda writer: writer.add_numbers(account_id, iter(rows), 3)) == 100
        more = [NumberRow(E164("+33199005555")), NumberRow(A), NumberRow(E164("+33199006666"))]
        with pytest.raises(Conflict, match=r"\+33199001234"):
            await store.write(lambda writer: writer.add_numbers(account_id, iter(more), 3))
        assert len(await store.read(lambda reader: reader.numbers(limit=1000))) == 102

    run(scenario)


OPTIONS = (
    OptionChange("ring_timeout_s", 60, 20),
    OptionChange("no_answer", "release", "voicemail"),
    OptionChange("email", None, '"d\'été"@b.example'),
)


def test_the_audit_trail_tells_before_and_after(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        first = Rule(RuleType.FORWARD, target=C, revision=1)
        second = Rule(RuleType.VOICEMAIL, emails=(EmailAddress("a@b.example"),), revision=2)
        entries = [
            AuditEntry(10, A, account_id, "0a0a0a0a0a0a", "192.0.2.1", Rule(), first),
            AuditEntry(20, A, account_id, None, "cli", first, second),
            AuditEntry(30, A, account_id, None, "cli", second, replace(second, revision=3), OPTIONS),
        ]
        for entry in entries:
            await store.write(methodcaller("add_audit", entry))
        assert list(await store.read(lambda reader: reader.history(A))) == entries[::-1]
        assert list(await store.read(lambda reader: reader.history(A, limit=1))) == entries[-1:]
        assert list(await store.read(lambda reader: reader.history(B))) == []

    run(scenario)


def test_changes_that_come_together_each_leave_their_options_in_the_trail(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        await store.write(methodcaller("set_number_state", B, forwarding_enabled=True))
        principal = Principal(account_id, "FR", None, "cli")

        async def change(number: E164, seconds: int) -> None:
            request = RuleRequest(str(number), "1", str(C), ring_timeout=timedelta(seconds=seconds))
            assert (await set_rule(store, FixedClock(), principal, request)).outcome is Outcome.FORWARD_ENABLED

        await asyncio.gather(*(change(number, seconds) for number in (A, B) for seconds in (20, 30, 40)))
        for number in (A, B):
            (third,), (second,), (first,) = (
                entry.options for entry in await store.read(methodcaller("history", number))
            )
            assert [first.before, second.before, third.before] == [60, first.after, second.after]
            assert {first.after, second.after, third.after} == {20, 30, 40}

    run(scenario)


def test_an_answer_is_remembered_replaced_and_forgotten(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        first = RememberedAnswer(b"h" * 32, "FORWARD_ENABLED", 4, 100)
        expiry_ms = 100 + IDEMPOTENCY_WINDOW_MS
        second = RememberedAnswer(b"i" * 32, "NUMBER_UNKNOWN", None, expiry_ms)
        await store.write(lambda writer: writer.remember(1, "k", first))
        assert await store.read(lambda reader: reader.remembered(1, "k")) == first
        assert await store.read(lambda reader: reader.remembered(2, "k")) is None
        await store.write(lambda writer: writer.remember(1, "k", second))
        assert await store.read(lambda reader: reader.remembered(1, "k")) == second
        assert await store.write(lambda writer: writer.forget_answers(expiry_ms - 1, 10)) == 0
        assert await store.write(lambda writer: writer.forget_answers(expiry_ms, 10)) == 1
        assert await store.read(lambda reader: reader.remembered(1, "k")) is None

    run(scenario)


def test_trunks_come_back_whole_and_each_change_raises_the_revision(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        inbound = InboundTrunk("in", (parse_network("192.0.2.0/24"), parse_network("2001:db8::/32")), "BE")
        outbound = OutboundTrunk(
            "out", "sip:[::1]:5090;transport=tcp", 7, NumberFormat.PLAIN, "FR", DiversionHeaders.NONE
        )
        assert (await store.read(lambda reader: reader.trunks())).revision == 0
        assert await store.write(lambda writer: writer.add_trunk(inbound)) == 1
        assert await store.write(lambda writer: writer.add_trunk(outbound)) == 2
        trunks = await store.read(lambda reader: reader.trunks())
        assert (trunks.revision, trunks.inbound, trunks.outbound) == (2, (inbound,), (outbound,))
        with pytest.raises(Conflict, match="out"):
            await store.write(lambda writer: writer.add_trunk(outbound))
        assert await store.write(lambda writer: writer.remove_trunk("nobody")) is None
        assert await store.write(lambda writer: writer.remove_trunk("in")) == 3
        assert (await store.read(lambda reader: reader.trunks())).inbound == ()

    run(scenario)


def test_a_trunk_of_two_sides_is_one_trunk_with_its_options(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        inbound = InboundTrunk("both", (parse_network("192.0.2.0/24"),), "BE")
        outbound = OutboundTrunk(
            "both", "sip:[::1]", 0, region="BE", header_format=NumberFormat.PLAIN, strip="+", prefix="9*", host="ours"
        )
        await store.write(lambda writer: writer.add_trunk(inbound, outbound))
        trunks = await store.read(lambda reader: reader.trunks())
        assert (trunks.inbound, trunks.outbound) == ((inbound,), (outbound,))
        plain = replace(outbound, header_format=NumberFormat.E164, strip="", prefix="", host="", priority=7)
        assert await store.write(lambda writer: writer.set_trunk(plain)) == trunks.revision + 1
        trunks = await store.read(lambda reader: reader.trunks())
        assert (trunks.inbound, trunks.outbound) == ((), (plain,))
        assert await store.write(lambda writer: writer.set_trunk(replace(plain, name="nobody"))) is None
        assert await store.write(lambda writer: writer.remove_trunk("both")) == trunks.revision + 1

    run(scenario)


def test_a_failed_change_leaves_nothing_and_its_neighbours_alone(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)

        def half(writer: Writer) -> None:
            writer.set_label(A, "half")
            raise ZeroDivisionError

        results = await asyncio.gather(
            store.write(lambda writer: writer.set_label(B, "before")),
            store.write(half),
            store.write(lambda writer: writer.put_rule(B, Rule(revision=9), 1)),
            return_exceptions=True,
        )
        assert isinstance(results[1], ZeroDivisionError)
        a, b = await store.read(lambda reader: reader.numbers())
        assert (a.label, b.label, b.rule.revision) == ("front desk", "before", 9)

    run(scenario)


def test_concurrent_changes_are_serialised(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)

        def raise_revision(writer: Writer) -> int:
            record = writer.number_for_change(A)
            assert record is not None
            rule = replace(record.rule, revision=record.rule.revision + 1)
            writer.put_rule(A, rule, 1)
            return rule.revision

        revisions = await asyncio.gather(*(store.write(raise_revision) for _ in range(300)))
        assert sorted(revisions) == list(range(1, 301))

    run(scenario)


def test_a_reader_sees_a_change_whole_or_not_at_all(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)

        def both(writer: Writer, revision: int) -> None:
            writer.put_rule(A, Rule(revision=revision), 1)
            writer.put_rule(B, Rule(revision=revision), 1)

        async def write() -> None:
            for revision in range(1, 100):
                await store.write(partial(both, revision=revision))

        writing = asyncio.create_task(write())
        while not writing.done():
            a, b = await store.read(lambda reader: reader.numbers())
            assert a.rule.revision == b.rule.revision
            await asyncio.sleep(0)
        await writing

    run(scenario)


def test_a_closed_store_is_unavailable(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await store.close()
        with pytest.raises(StoreUnavailable):
            await store.read(lambda reader: reader.accounts())
        with pytest.raises(StoreUnavailable):
            await store.write(lambda writer: writer.set_label(A, "x"))

    run(scenario)
