"""What somebody reaches of messages and calls: the account's, those of the numbers of the key, an operator all."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from operator import methodcaller

import pytest

from renvoi.application import call_log, inbox, reach
from renvoi.application.ports.calls import CallQuery, StoredCall
from renvoi.application.ports.messages import MessageQuery
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.pages import Page, Place
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.access.api_key import EVERY_ACCOUNT, Principal
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.messages.message import MailState
from tests.contract.test_messages import mail, message
from tests.support.http_api import FixedClock
from tests.support.memory_state import MemoryReader
from tests.support.memory_store import MemoryStore
from tests.support.stores import A, B, C, seed

ALL = Principal(1, "FR", "k", "127.0.0.1")
ONE = replace(ALL, numbers=frozenset({B}))
TWO = replace(ALL, numbers=frozenset({A, B, C}))
OTHER = replace(ALL, account_id=2)
OPERATOR = replace(ALL, account_id=EVERY_ACCOUNT, is_operator=True)
ACTING = replace(OPERATOR, account_id=2)
NUMBERS = (A, B, A, C, B, A, C, B)
REACHED = {
    "all of an account": (ALL, "012457"),
    "one number": (ONE, "147"),
    "numbers, one of them another account's": (TWO, "012457"),
    "the other account": (OTHER, "36"),
    "an operator": (OPERATOR, "01234567"),
    "an operator who acts for an account": (ACTING, "36"),
}


@pytest.fixture
def store() -> MemoryStore:
    """Return a store with calls and messages of two accounts, numbered in the order of time."""
    made = MemoryStore()

    def fill(writer: Writer) -> None:
        writer.add_number(writer.add_account("other", "en", "FR", 1).id, NumberRow(C), 2)
        for index, number in enumerate(NUMBERS):
            caller = f"+3314000000{index % 2}"
            key = CallKey(str(index), "t", 1)
            record = CallRecord(key, caller, "x", number.value, 1, "reject", "r", None, None, 100 + index, status=404)
            writer.put_call(replace(record, withheld=index == 5))
            left = message(2 if number == C else 1, str(index), 100 + index, number, caller=caller)
            writer.add_message(left, mail(str(index), 100))

    asyncio.run(seed(made))
    asyncio.run(made.write(fill))
    return made


def names(store: MemoryStore, who: Principal, only: MessageQuery, limit: int = 3) -> str:
    """Return the messages of all pages, the earliest first."""
    found: list[str] = []
    after: Place | None = None
    while True:
        page = asyncio.run(inbox.list_messages(store, who, only, after, limit))
        found += [stored.message.id for stored in page.items]
        if page.next is None:
            return "".join(reversed(found))
        after = page.next


def calls(store: MemoryStore, who: Principal, only: CallQuery, limit: int = 3) -> str:
    """Return the calls of all pages, the earliest first."""
    found: list[str] = []
    after: Place | None = None
    while True:
        page = asyncio.run(call_log.list_calls(store, who, only, after, limit))
        found += [stored.record.key.call_id for stored in page.items]
        if page.next is None:
            break
        after = page.next

    async def whole() -> Sequence[str]:
        return [each.record.key.call_id async for each in call_log.every_call(store, who, only, None)]

    assert asyncio.run(whole()) == found
    return "".join(reversed(found))


@pytest.mark.parametrize(("who", "expected"), REACHED.values(), ids=REACHED)
def test_lists_and_single_things_are_those_within_reach(store: MemoryStore, who: Principal, expected: str) -> None:
    for limit in (1, 3, 100):
        assert names(store, who, MessageQuery(), limit) == expected
        assert calls(store, who, CallQuery(), limit) == expected
    found = [str(n) for n in range(8) if asyncio.run(inbox.show_message(store, who, str(n))) is not None]
    assert "".join(found) == expected
    found = [str(n) for n in range(8) if asyncio.run(call_log.show_call(store, who, n + 1)) is not None]
    assert "".join(found) == expected


def test_a_filter_for_a_number_out_of_reach_finds_nothing(store: MemoryStore) -> None:
    assert names(store, ONE, MessageQuery(number=A)) == calls(store, ONE, CallQuery(number=A)) == ""
    assert names(store, ALL, MessageQuery(number=C)) == calls(store, ALL, CallQuery(number=C)) == ""
    # The account that a caller of the use case names counts for nothing.
    assert names(store, OTHER, MessageQuery(account_id=1)) == "36"


def test_nobody_asks_who_a_withheld_caller_was(store: MemoryStore) -> None:
    wanted = CallQuery(caller="+33140000001")
    assert calls(store, ALL, wanted) == "17"
    assert calls(store, TWO, wanted) == "17"
    assert calls(store, OPERATOR, wanted) == "1357"


@pytest.mark.parametrize("message_id", ["", "x" * 65, "../etc", "a\0", "\ud800", "é"])
def test_what_is_no_id_is_no_message(store: MemoryStore, message_id: str) -> None:
    assert asyncio.run(inbox.show_message(store, ALL, message_id)) is None


def test_a_message_is_heard_once(store: MemoryStore) -> None:
    def mark(now_ms: int, *, heard: bool) -> int | None:
        def work(writer: Writer) -> int | None:
            stored = inbox.find_message(writer, ALL, "0")
            assert stored is not None
            return inbox.mark(writer, stored, now_ms, heard=heard).message.heard_at_ms

        return asyncio.run(store.write(work))

    assert [mark(5, heard=True), mark(9, heard=True), mark(9, heard=False), mark(10, heard=False)] == [5, 5, None, None]
    assert names(store, ALL, MessageQuery(heard=True)) == ""


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 100])
@pytest.mark.parametrize(
    ("heard", "only", "expected"),
    [
        ("", MessageQuery(), "754210"),
        ("4", MessageQuery(), "752104"),
        ("401", MessageQuery(), "752410"),
        ("754210", MessageQuery(), "754210"),
        ("401", MessageQuery(number=A), "520"),
        ("401", MessageQuery(heard=True), "410"),
        ("401", MessageQuery(heard=False), "752"),
    ],
)
def test_unheard_messages_come_first(
    store: MemoryStore, limit: int, heard: str, only: MessageQuery, expected: str
) -> None:
    for name in heard:
        asyncio.run(store.write(methodcaller("set_heard", name, 9)))
    found: list[str] = []
    after: inbox.UnheardPlace | None = None
    while True:
        items, after = asyncio.run(inbox.unheard_first(store, ALL, only, after, limit))
        assert 0 < len(items) <= limit
        found += [stored.message.id for stored in items]
        if after is None:
            break
    assert "".join(found) == expected


def test_a_mail_that_is_being_sent_is_not_queued_again(store: MemoryStore) -> None:
    def resend(now_ms: int) -> inbox.Resending:
        def work(writer: Writer) -> inbox.Resending:
            stored = inbox.find_message(writer, ALL, "0")
            assert stored is not None
            return inbox.resend(writer, stored, now_ms)

        return asyncio.run(store.write(work))

    failed = mail("0", 100, state=MailState.FAILED, attempts=7, ended_at_ms=200, note="550 no")
    asyncio.run(store.write(methodcaller("put_mail", failed)))
    again = resend(1000)
    assert again.result is inbox.Resent.QUEUED
    assert (again.stored.mail.state, again.stored.mail.attempts, again.stored.mail.due_at_ms) == ("pending", 0, 1000)
    asyncio.run(store.write(methodcaller("lease_mails", ["0"], "node", 1000, 9000)))
    assert resend(2000).result is inbox.Resent.UNDER_WAY


def test_deleting_takes_all_of_a_message_and_tells_it_once(store: MemoryStore) -> None:
    removed: list[str] = []

    def delete(who: Principal) -> bool:
        return asyncio.run(inbox.delete_message(store, FixedClock(), who, "0", removed.append))

    assert [delete(OTHER), delete(ONE), removed] == [False, False, []]
    # A node is sending its mail meanwhile: what it writes of it then finds nothing.
    asyncio.run(store.write(methodcaller("lease_mails", ["0"], "node", 1000, 9000)))
    assert [delete(ALL), delete(ALL), removed] == [True, False, ["0"]]
    sent = mail("0", 100, state=MailState.SENT, ended_at_ms=200)
    assert not asyncio.run(store.write(methodcaller("put_mail", sent, "node")))
    assert asyncio.run(store.read(methodcaller("message", "0"))) is None
    told = asyncio.run(store.read(methodcaller("events", 1, 0, 9)))
    assert [(each.type, each.data) for each in told] == [("message.deleted", '{"id":"msg_0"}')]


def test_a_key_with_many_numbers_reads_a_bounded_part_of_each(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    real = MemoryReader.call_page

    def noted(self: MemoryReader, only: CallQuery, after: Place | None, limit: int) -> Page[StoredCall]:
        asked.append(limit)
        return real(self, only, after, limit)

    monkeypatch.setattr(MemoryReader, "call_page", noted)
    monkeypatch.setattr(reach, "MOST_READ", 4)
    assert calls(store, TWO, CallQuery(), 100) == "012457"
    assert set(asked) == {1}
