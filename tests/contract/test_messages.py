"""What every adapter of the `Store` port must do with messages, their mails and greetings."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import methodcaller
from typing import Any

import pytest

from renvoi.application.ports import Conflict, Greeting, MailQueue, Store, StoredMessage
from renvoi.domain.mailbox import EmailAddress
from renvoi.domain.message import Mail, MailState, Message
from renvoi.domain.number import E164
from renvoi.domain.rule import Fallback, Otherwise, Rule
from tests.support.stores import A, B, Scenario, seed

OWNER = EmailAddress("é@exemple.fr")
DAY_MS = 24 * 3600 * 1000


def message(account_id: int, name: str, at_ms: int, number: E164 = A, **changes: Any) -> Message:
    """Return a message that came at `at_ms`."""
    whole = Message(name, number, account_id, 3, "+33140000001", f"call-{name}", at_ms, 4200)
    return replace(whole, **changes)


def mail(name: str, at_ms: int, **changes: Any) -> Mail:
    """Return the mail of a message, due at `at_ms`."""
    return replace(Mail(name, OWNER, at_ms, at_ms), **changes)


async def add(store: Store, *pairs: tuple[Message, Mail]) -> None:
    """Store messages with their mails."""
    for each, its_mail in pairs:
        await store.write(methodcaller("add_message", each, its_mail))


def names(mails: Sequence[Mail]) -> list[str]:
    """Return which messages these mails bring."""
    return [each.message_id for each in mails]


def test_a_message_comes_back_with_its_mail(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        first = message(account_id, "first", 1000, cut_off=True, caller="")
        second = message(account_id, "second", 2000, B)
        await add(store, (first, mail("first", 1000)), (second, mail("second", 2000)))
        assert await store.read(lambda reader: reader.message("first")) == StoredMessage(first, mail("first", 1000))
        assert await store.read(lambda reader: reader.message("third")) is None
        latest = await store.read(lambda reader: reader.messages())
        assert [stored.message for stored in latest] == [second, first]
        assert [stored.message for stored in await store.read(lambda reader: reader.messages(1))] == [second]
        assert [stored.message for stored in await store.read(lambda reader: reader.messages(9, A))] == [first]

    run(scenario)


def test_a_message_is_stored_once(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        await add(store, (message(account_id, "it", 1000), mail("it", 1000)))
        with pytest.raises(Conflict, match="it"):
            await add(store, (message(account_id, "it", 5000), mail("it", 5000)))
        stored = await store.read(lambda reader: reader.message("it"))
        assert stored is not None
        assert stored.message.received_at_ms == 1000

    run(scenario)


def test_mails_are_due_in_their_order_until_they_have_ended(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        for name, due_ms in (("a", 3000), ("b", 1000), ("c", 2000), ("d", 9000)):
            await add(store, (message(account_id, name, 500), mail(name, 500, due_at_ms=due_ms)))
        assert names(await store.read(lambda reader: reader.due_mails(3000, 9))) == ["b", "c", "a"]
        assert names(await store.read(lambda reader: reader.due_mails(3000, 2))) == ["b", "c"]
        assert names(await store.read(lambda reader: reader.due_mails(3000, 2, {"b"}))) == ["c", "a"]
        assert await store.read(lambda reader: reader.mail_queue()) == MailQueue(4, 500)
        sent = mail("b", 500, due_at_ms=1000, state=MailState.SENT, attempts=2, note="250 OK", ended_at_ms=1100)
        assert await store.write(lambda writer: writer.put_mail(sent))
        assert names(await store.read(lambda reader: reader.due_mails(3000, 9))) == ["c", "a"]
        assert await store.read(lambda reader: reader.mail_queue()) == MailQueue(3, 500)
        stored = await store.read(lambda reader: reader.message("b"))
        assert stored is not None
        assert stored.mail == sent

    run(scenario)


def test_a_removed_message_takes_its_mail_along(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        await add(store, (message(account_id, "it", 1000), mail("it", 1000)))
        assert await store.write(lambda writer: writer.remove_message("it"))
        assert not await store.write(lambda writer: writer.remove_message("it"))
        assert await store.read(lambda reader: reader.mail_queue()) == MailQueue(0, None)
        assert not await store.write(lambda writer: writer.put_mail(mail("it", 1000)))
        assert await store.read(lambda reader: reader.message("it")) is None

    run(scenario)


def test_messages_expire_by_the_retention_of_their_account(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        other = await store.write(lambda writer: writer.add_account("other", "en", "FR", 1))
        now_ms = 100 * DAY_MS
        await add(
            store,
            (message(account_id, "old", now_ms - 31 * DAY_MS), mail("old", 1)),
            (message(account_id, "recent", now_ms - 29 * DAY_MS), mail("recent", 1)),
            (message(other.id, "short", now_ms - 3 * DAY_MS), mail("short", 1)),
        )
        await store.write(lambda writer: writer.put_account(replace(other, retention_days=2)))
        expired = await store.read(lambda reader: reader.expired_messages(now_ms, 9))
        assert [each.id for each in expired] == ["old", "short"]
        assert len(await store.read(lambda reader: reader.expired_messages(now_ms, 1))) == 1

    run(scenario)


def test_an_account_is_changed(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        account = await store.read(lambda reader: reader.account("demo"))
        assert account is not None
        assert (account.time_zone, account.retention_days) == (None, 30)
        changed = replace(account, locale="en", region="BE", time_zone="Europe/Brussels", retention_days=7)
        await store.write(lambda writer: writer.put_account(changed))
        assert await store.read(lambda reader: reader.account("demo")) == changed

    run(scenario)


def test_a_greeting_has_a_new_version_with_every_change(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        assert await store.read(lambda reader: reader.greeting(A)) is None
        assert await store.read(lambda reader: reader.greeting_version(A)) is None
        await store.write(lambda writer: writer.put_greeting(A, b"RIFF", 1000))
        assert await store.read(lambda reader: reader.greeting(A)) == Greeting(A, 1000, b"RIFF")
        await store.write(lambda writer: writer.put_greeting(A, None, 900, spoken=True))
        assert await store.read(lambda reader: reader.greeting(A)) == Greeting(A, 1001, None, spoken=True)
        assert await store.read(lambda reader: reader.greeting_version(A)) == 1001
        assert await store.write(lambda writer: writer.remove_greeting(A))
        assert not await store.write(lambda writer: writer.remove_greeting(A))
        assert await store.read(lambda reader: reader.greeting(A)) is None

    run(scenario)


def test_counters_add_up(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        assert dict(await store.read(lambda reader: reader.counts())) == {}
        await store.write(lambda writer: writer.count("messages"))
        await store.write(lambda writer: writer.count("messages"))
        await store.write(lambda writer: writer.count("recorded_ms", 4200))
        assert dict(await store.read(lambda reader: reader.counts())) == {"messages": 2, "recorded_ms": 4200}

    run(scenario)


def test_a_rule_keeps_what_it_does_with_calls_that_are_not_taken(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        rule = Rule(revision=1, fallback=Fallback(Otherwise.VOICEMAIL, Otherwise.RELEASE, OWNER))
        await store.write(lambda writer: writer.put_rule(A, rule, 5))
        record = await store.read(lambda reader: reader.number(A))
        assert record is not None
        assert record.rule == rule

    run(scenario)
