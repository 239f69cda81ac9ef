"""What every adapter of the `Store` port finds of calls and messages a page at a time, and whose they are."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import methodcaller

import pytest

from renvoi.adapters.sql import pages
from renvoi.application.ports.calls import CallQuery
from renvoi.application.ports.errors import StoreRefused
from renvoi.application.ports.messages import MessageQuery
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.pages import Place
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.messages.message import MailState, Message
from tests.contract.test_messages import mail, message
from tests.support.stores import A, B, C, Scenario, seed

CALLERS = ("+33140000001", "+33140000002", "anonymous", "é")
FAR = 2**63


def record(index: int, chance: random.Random) -> CallRecord:
    """Return one of many calls, of which several come in the same millisecond."""
    return CallRecord(
        CallKey(f"c{index}", "t", 1),
        chance.choice(CALLERS),
        "sip:x",
        chance.choice((A.value, B.value, C.value, None)),
        3,
        chance.choice(("forward", "voicemail", "reject")),
        None,
        None,
        None,
        chance.randrange(1000, 1040),
        status=chance.choice((None, 200, 486)),
        withheld=chance.random() < 0.3,
    )


async def seed_two(store: Store) -> tuple[int, int]:
    """Make two accounts: A and B belong to the first, C to the second."""
    first = await seed(store)

    def work(writer: Writer) -> int:
        account = writer.add_account("other", "en", "FR", 1)
        writer.add_number(account.id, NumberRow(C), 2)
        return account.id

    return first, await store.write(work)


async def all_calls(store: Store, only: CallQuery, limit: int) -> list[str]:
    """Return the Call-IDs of all pages, and check that each is as a page has to be."""
    found: list[str] = []
    after: Place | None = None
    while True:
        page = await store.read(methodcaller("call_page", only, after, limit))
        assert len(page.items) <= limit
        found += [stored.record.key.call_id for stored in page.items]
        if page.next is None:
            return found
        assert after is None or page.next < after
        after = page.next


CALL_QUERIES = {
    "all": CallQuery(),
    "of a number": CallQuery(number=A),
    "of a caller": CallQuery(caller=CALLERS[3]),
    "refused": CallQuery(decision="reject"),
    "busy": CallQuery(status=486),
    "of a time": CallQuery(since_ms=1010, until_ms=1025),
    "known callers": CallQuery(caller=CALLERS[0], withheld=False),
    "withheld": CallQuery(withheld=True),
    "all at once": CallQuery(None, A, CALLERS[0], "forward", 200, 1005, 1035, False),
    "of nobody": CallQuery(caller="nobody"),
}


def is_wanted(each: CallRecord, owner: int, only: CallQuery) -> bool:
    return (
        only.account_id in (None, owner)
        and (only.number is None or each.number == only.number.value)
        and only.caller in (None, each.caller)
        and only.decision in (None, each.decision)
        and only.status in (None, each.status)
        and (only.since_ms is None or each.setup_at_ms >= only.since_ms)
        and (only.until_ms is None or each.setup_at_ms < only.until_ms)
        and only.withheld in (None, each.withheld)
    )


@pytest.mark.parametrize("looked_at", [pages.LOOKED_AT, (3, 8)])
def test_pages_of_calls_have_each_call_once(
    run: Callable[[Scenario], None], looked_at: Sequence[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LOOKED_AT", looked_at)
    chance = random.Random(11)
    records = [record(index, chance) for index in range(80)]

    async def scenario(store: Store) -> None:
        first, second = await seed_two(store)
        owners = {A.value: first, B.value: first, C.value: second, None: 0}

        def put(writer: Writer) -> None:
            for each in records:
                writer.put_call(each)

        await store.write(put)
        places = {each.key.call_id: index for index, each in enumerate(records)}
        for name, query in CALL_QUERIES.items():
            for account_id, limit in ((None, 7), (first, 1), (first, 200), (second, 7)):
                only = replace(query, account_id=account_id)
                expected = [each for each in records if is_wanted(each, owners[each.number], only)]
                expected.sort(key=lambda each: (each.setup_at_ms, places[each.key.call_id]), reverse=True)
                assert await all_calls(store, only, limit) == [each.key.call_id for each in expected], name

    run(scenario)


def test_a_page_with_few_of_many_says_where_to_go_on(
    run: Callable[[Scenario], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LOOKED_AT", (2, 3))
    chance = random.Random(3)
    records = [replace(record(index, chance), status=200, setup_at_ms=index) for index in range(20)]
    records[3] = replace(records[3], status=486)

    async def scenario(store: Store) -> None:
        for each in records:
            await store.write(methodcaller("put_call", each))
        assert await all_calls(store, CallQuery(status=486), 5) == ["c3"]
        assert await all_calls(store, CallQuery(status=404), 5) == []

    run(scenario)


def test_a_call_stays_with_the_account_whose_number_was_called(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        first, second = await seed_two(store)
        answered = replace(record(1, random.Random(1)), number=A.value)
        other = replace(answered, key=CallKey("other", "t", 1), number=C.value)
        unowned = replace(answered, key=CallKey("unowned", "t", 1), number="+33199009999")
        for each in (answered, other, unowned, replace(answered, status=200)):
            await store.write(methodcaller("put_call", each))
        page = await store.read(methodcaller("call_page", CallQuery(), None, 9))
        owners = {stored.record.key.call_id: stored.account_id for stored in page.items}
        assert owners == {"c1": first, "other": second, "unowned": 0}
        for stored in page.items:
            assert await store.read(methodcaller("stored_call", stored.id)) == stored
        assert await store.read(methodcaller("stored_call", 10**9)) is None
        assert await store.write(methodcaller("assign_calls", 9)) == 0

    run(scenario)


MESSAGE_QUERIES = {
    "all": MessageQuery(),
    "of a number": MessageQuery(number=A),
    "of a caller": MessageQuery(caller=CALLERS[1]),
    "of a time": MessageQuery(since_ms=1020),
    "heard": MessageQuery(heard=True),
    "unheard": MessageQuery(heard=False),
    "all at once": MessageQuery(None, A, CALLERS[0], 1010, True),
    "of nobody": MessageQuery(caller="nobody"),
}


async def all_messages(store: Store, only: MessageQuery, limit: int) -> list[Message]:
    """Return the messages of all pages."""
    found: list[Message] = []
    after: Place | None = None
    while True:
        page = await store.read(methodcaller("message_page", only, after, limit))
        assert len(page.items) <= limit
        found += [stored.message for stored in page.items]
        if page.next is None:
            return found
        after = page.next


@pytest.mark.parametrize("looked_at", [pages.LOOKED_AT, (3, 8)])
def test_pages_of_messages_have_each_message_once(
    run: Callable[[Scenario], None], looked_at: Sequence[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LOOKED_AT", looked_at)
    chance = random.Random(12)

    async def scenario(store: Store) -> None:
        first, second = await seed_two(store)
        owners = {A: first, B: first, C: second}
        left = [
            message(
                owners[number],
                f"m{index:03}",
                chance.randrange(1000, 1040),
                number,
                caller=chance.choice(CALLERS),
                heard_at_ms=chance.choice((None, 5000)),
                transcript=chance.choice((None, "allô ?")),
                peaks=chance.choice((None, b"", bytes(range(200)))),
            )
            for index, number in enumerate(chance.choices((A, B, C), k=60))
        ]

        def put(writer: Writer) -> None:
            for each in left:
                writer.add_message(each, mail(each.id, 1000))

        await store.write(put)
        for name, query in MESSAGE_QUERIES.items():
            for account_id, limit in ((None, 7), (first, 1), (first, 200), (second, 7)):
                only = replace(query, account_id=account_id)
                expected = [
                    each
                    for each in left
                    if only.account_id in (None, each.account_id)
                    and only.number in (None, each.number)
                    and only.caller in (None, each.caller)
                    and (only.since_ms is None or each.received_at_ms >= only.since_ms)
                    and only.heard in (None, each.heard_at_ms is not None)
                ]
                expected.sort(key=lambda each: (each.received_at_ms, each.id), reverse=True)
                assert await all_messages(store, only, limit) == expected, name

    run(scenario)


def test_a_message_is_heard_and_unheard(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        left = message(account_id, "it", 1000)
        await store.write(methodcaller("add_message", left, mail("it", 1000)))
        for at_ms in (7000, None):
            assert await store.write(methodcaller("set_heard", "it", at_ms))
            stored = await store.read(methodcaller("message", "it"))
            assert stored.message == replace(left, heard_at_ms=at_ms)
        assert not await store.write(methodcaller("set_heard", "other", 7000))
        with pytest.raises(StoreRefused):
            await store.write(methodcaller("set_heard", "it", FAR))

    run(scenario)


def test_a_mail_is_queued_again_unless_a_node_is_sending_it(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        await store.write(methodcaller("add_message", message(account_id, "it", 1000), mail("it", 1000)))
        again = mail("it", 2000, scheduled_at_ms=2000)
        assert await store.write(methodcaller("queue_mail", again, 2000))
        assert list(await store.write(methodcaller("lease_mails", ["it"], "node", 2000, 9000))) == ["it"]
        assert not await store.write(methodcaller("queue_mail", mail("it", 3000), 3000))
        assert (await store.read(methodcaller("message", "it"))).mail == again
        # Nobody has it any more, whoever that was.
        assert await store.write(methodcaller("queue_mail", mail("it", 9000), 9000))
        sent = mail("it", 9000, state=MailState.SENT, ended_at_ms=9500)
        await store.write(methodcaller("put_mail", sent))
        assert await store.write(methodcaller("queue_mail", again, 9600))
        assert not await store.write(methodcaller("queue_mail", mail("other", 9000), 9000))

    run(scenario)


ODD = {
    "NUL": CallQuery(caller="a\0"),
    "half a surrogate pair": CallQuery(caller="\ud800"),
    "a decision with NUL": CallQuery(decision="\0"),
    "64 kB": CallQuery(caller="x" * 65_536),
    "a status of 16 bits": CallQuery(status=32_768),
    "a time of 64 bits": CallQuery(since_ms=FAR),
    "an account of 64 bits": CallQuery(account_id=FAR),
    "a message's caller with NUL": MessageQuery(caller="\0"),
    "a message's time of 64 bits": MessageQuery(since_ms=-FAR - 1),
}


@pytest.mark.parametrize("only", ODD.values(), ids=ODD)
def test_what_no_store_can_hold_is_refused(run: Callable[[Scenario], None], only: CallQuery | MessageQuery) -> None:
    how = "call_page" if isinstance(only, CallQuery) else "message_page"

    async def scenario(store: Store) -> None:
        with pytest.raises(StoreRefused):
            await store.read(methodcaller(how, only, None, 9))

    run(scenario)


@pytest.mark.parametrize(
    ("how", "after"),
    [
        ("call_page", Place(FAR, 1)),
        ("call_page", Place(1, FAR)),
        ("message_page", Place(-FAR - 1, "a")),
        ("message_page", Place(1, "\0")),
    ],
)
def test_places_that_no_store_has_are_refused(run: Callable[[Scenario], None], how: str, after: Place) -> None:
    query = CallQuery() if how == "call_page" else MessageQuery()

    async def scenario(store: Store) -> None:
        with pytest.raises(StoreRefused):
            await store.read(methodcaller(how, query, after, 9))

    run(scenario)
