"""Lists of numbers: what every adapter of the `Store` port finds, page by page."""

from collections.abc import Callable
from itertools import product
from operator import methodcaller

import pytest

from renvoi.application.number_lists import START, NumberFilter, list_numbers
from renvoi.application.ports.number_lists import MOST_COUNTED, NumberFacts, NumberQuery
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.domain.access.api_key import EVERY_ACCOUNT, Principal
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164, NO_REGION
from renvoi.domain.rules.rule import NumberRecord, Rule, RuleType
from tests.contract.test_messages import mail, message
from tests.support.stores import A, B, C, Scenario, seed

Run = Callable[[Scenario], None]
LABELS = ("", "Reception", "reception 2", "Réception", "RECEPTION", "accueil", "33", "Zoë", "%", "a_b", "\U0001f4de")
RULES = (
    Rule(),
    Rule.forward(E164("+33644630000")),
    Rule.voicemail(EmailAddress("owner@example.com")),
)
NUMBERS = [E164(f"+33199001{place:03}") for place in range(40)] + [E164("+3219900100"), E164("+331990010001")]


async def filled(store: Store) -> list[NumberRecord]:
    """Add numbers of every kind to the first of two accounts, and return them."""

    def work(writer: Writer) -> None:
        owner = writer.add_account("owner", "en", "FR", 5)
        other = writer.add_account("other", "en", "FR", 5)
        for place, number in enumerate(NUMBERS):
            writer.add_number(owner.id, NumberRow(number, LABELS[place % len(LABELS)]), 5)
            writer.put_rule(number, RULES[place % 3], 6)
            writer.set_number_state(number, active=place % 4 != 0)
        for place in range(5):
            writer.add_number(other.id, NumberRow(E164(f"+3319900900{place}"), "Reception"), 5)

    await store.write(work)
    found = await store.read(lambda reader: reader.numbers(1, None, 1000))
    assert len(found) == len(NUMBERS)
    return list(found)


async def walked(store: Store, who: Principal, wanted: NumberFilter, limit: int) -> list[NumberRecord]:
    """Return all pages together; no page is longer than `limit`."""
    found: list[NumberRecord] = []
    after = START
    while True:
        part = await list_numbers(store, who, wanted, after, limit)
        assert len(part.records) <= limit
        found += part.records
        if part.next is None:
            return found
        assert part.next.order > after.order
        after = part.next


def expected(records: list[NumberRecord], wanted: NumberFilter, begun: str | None) -> list[NumberRecord]:
    """Return what a list has, by another way: everything is looked at, and sorted."""
    kept = [record for record in records if wanted.admits(record)]
    if wanted.prefix is None:
        return kept
    by_number = [record for record in kept if begun is not None and str(record.number.digits).startswith(begun)]
    lowered = {record.number: fold(record.label) for record in kept}
    by_label = [record for record in kept if lowered[record.number].startswith(fold(wanted.prefix))]
    by_label.sort(key=lambda record: (lowered[record.number].encode(), record.number.digits))
    return by_number + [record for record in by_label if record not in by_number]


def fold(text: str) -> str:
    return text.translate({upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)})


@pytest.mark.parametrize(
    ("prefix", "begun"),
    [
        (None, None),
        ("+33199001", "33199001"),
        ("0033 1 99", "33199"),
        ("01 99 00 10 0", "3319900100"),
        ("33", "33"),
        ("+3", "3"),
        ("recep", None),
        ("RÉ", None),
        ("zo", None),
        ("a_", None),
        ("aXb", None),
        ("\U0001f4de", None),
        ("+", None),
        ("0", "33"),
        ("9" * 30, None),
    ],
)
def test_lists_have_what_is_wanted_in_order(run: Run, prefix: str | None, begun: str | None) -> None:
    async def scenario(store: Store) -> None:
        records = await filled(store)
        who = Principal(1, "FR", None, "test")
        for kind, active in product((None, *RuleType), (None, True, False)):
            wanted = NumberFilter(prefix, kind, active)
            for limit in (5, 200):
                found = await walked(store, who, wanted, limit)
                assert [each.number for each in found] == [each.number for each in expected(records, wanted, begun)], (
                    wanted,
                    limit,
                )

    run(scenario)


def test_a_limited_key_finds_its_own_in_the_same_order(run: Run) -> None:
    async def scenario(store: Store) -> None:
        records = await filled(store)
        few = frozenset({*NUMBERS[3:20], E164("+33199009001"), E164("+33199999999")})
        who = Principal(1, "FR", None, "test", numbers=few)
        for prefix, begun in ((None, None), ("33", "33"), ("rec", None)):
            wanted = NumberFilter(prefix, None, True)
            found = await walked(store, who, wanted, 3)
            own = [record for record in records if record.number in few]
            assert [each.number for each in found] == [each.number for each in expected(own, wanted, begun)]

    run(scenario)


def test_an_operator_finds_those_of_all_accounts(run: Run) -> None:
    async def scenario(store: Store) -> None:
        await filled(store)
        operator = Principal(EVERY_ACCOUNT, NO_REGION, None, "test", is_operator=True)
        found = await walked(store, operator, NumberFilter(), 7)
        assert [each.number.digits for each in found] == sorted(
            [number.digits for number in NUMBERS] + [33199009000 + place for place in range(5)]
        )
        assert len(await walked(store, operator, NumberFilter("RECEPTION", RuleType.DISABLED), 2)) == 8
        nobody = Principal(EVERY_ACCOUNT, NO_REGION, None, "test")
        assert await walked(store, nobody, NumberFilter(), 7) == []

    run(scenario)


def test_another_accounts_numbers_are_in_no_list(run: Run) -> None:
    async def scenario(store: Store) -> None:
        await filled(store)
        for query in (NumberQuery(2), NumberQuery(2, RuleType.DISABLED), NumberQuery(2, None, True)):
            found = await store.read(methodcaller("numbers_between", query, 0, 10**15, 100))
            assert {record.account_id for record in found} == {2}
            assert len(found) == 5

    run(scenario)


def call(number: E164, at_ms: int) -> CallRecord:
    """Return a call to a number."""
    key = CallKey(f"{number}-{at_ms}", "t", 1)
    return CallRecord(key, "+33140000001", "sip:x", number.value, 3, "reject", None, None, None, at_ms)


def test_facts_say_when_the_last_call_came_and_how_many_messages_are_new(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)

        def work(writer: Writer) -> None:
            for number, at_ms in ((A, 1000), (A, 3000), (A, 2000), (B, 500)):
                writer.put_call(call(number, at_ms))

        await store.write(work)
        for name, number, heard_at_ms in (("new", A, None), ("newer", A, None), ("heard", A, 5), ("other", B, 5)):
            one = message(account_id, name, 1000, number, heard_at_ms=heard_at_ms)
            await store.write(methodcaller("add_message", one, mail(name, 1000)))
        found = await store.read(lambda reader: reader.number_facts([B, A, C]))
        assert found == {A: NumberFacts(3000, 2), B: NumberFacts(500, 0)}
        assert await store.read(lambda reader: reader.number_facts([])) == {}

    run(scenario)


def test_facts_tell_nothing_of_the_account_that_had_the_number_before(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)

        def work(writer: Writer) -> int:
            writer.put_call(call(C, 1000))  # nobody's: the number is not ours yet
            account = writer.add_account("second", "en", "FR", 5)
            writer.add_number(account.id, NumberRow(C), 6)
            return account.id

        second = await store.write(work)
        assert await store.read(lambda reader: reader.number_facts([C])) == {C: NumberFacts()}
        await store.write(lambda writer: writer.put_call(call(C, 7000)))
        await store.write(methodcaller("add_message", message(second, "new", 8000, C), mail("new", 8000)))
        assert await store.read(lambda reader: reader.number_facts([C])) == {C: NumberFacts(7000, 1)}

    run(scenario)


def test_new_messages_are_counted_up_to_a_bound(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)

        def work(writer: Writer) -> None:
            for place in range(MOST_COUNTED + 5):
                writer.add_message(message(account_id, f"m{place}", 1000), mail(f"m{place}", 1000))

        await store.write(work)
        assert await store.read(lambda reader: reader.number_facts([A])) == {A: NumberFacts(None, MOST_COUNTED)}

    run(scenario)
