"""What every adapter of the `Store` port must do with messages, their mails and greetings."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from operator import methodcaller
from typing import Any

import pytest

from renvoi.application.ports.errors import Conflict
from renvoi.application.ports.mails import MAX_SKIPPED, MailQueue
from renvoi.application.ports.messages import StoredMessage
from renvoi.application.ports.numbers import Greeting
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import CLOCKS_AGREE_MS, FARTHEST_MS, Mail, MailState, Message
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Otherwise, Rule
from tests.support.rules import fallbacks
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


def test_messages_that_nobody_has_heard_are_counted_up_to_a_limit(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account = await seed(store)
        assert await store.read(methodcaller("unheard_messages", account, 9)) == 0
        await add(store, *((message(account, name, 5), mail(name, 5)) for name in ("a", "b", "c")))
        await store.write(methodcaller("set_heard", "b", 7))
        for limit, expected in ((9, 2), (2, 2), (1, 1)):
            assert await store.read(methodcaller("unheard_messages", account, limit)) == expected
        assert await store.read(methodcaller("unheard_messages", account + 1, 9)) == 0

    run(scenario)


def test_a_message_comes_back_with_its_mail(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        first = message(account_id, "first", 1000, cut_off=True, caller="", peaks=bytes(range(56, 256)))
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
        assert await store.read(lambda reader: reader.mail_queue()) == MailQueue(4, 500)
        sent = mail("b", 500, due_at_ms=1000, state=MailState.SENT, attempts=2, note="250 OK", ended_at_ms=1100)
        assert await store.write(lambda writer: writer.put_mail(sent))
        assert names(await store.read(lambda reader: reader.due_mails(3000, 9))) == ["c", "a"]
        assert await store.read(lambda reader: reader.mail_queue()) == MailQueue(3, 500)
        stored = await store.read(lambda reader: reader.message("b"))
        assert stored is not None
        assert stored.mail == sent

    run(scenario)


@pytest.mark.parametrize(
    ("skipped", "left"),
    [
        ((), ["a", "b", "c", "d", "e"]),
        (["slow.example"], ["b", "c", "d", "e"]),
        (["slow.example", "not-slow.example", "bücher.example"], ["c", "e"]),
        # What is a pattern to SQL is none here.
        (["%", "s_ow.example", "example"], ["a", "b", "c", "d", "e"]),
        (["a_b%/c", "slow.example"], ["b", "c", "d"]),
        # The first ones count where there are too many.
        ([*(f"{number}.example" for number in range(MAX_SKIPPED - 1)), "slow.example", "a_b%/c"], ["b", "c", "d", "e"]),
    ],
)
def test_mails_to_some_domains_can_be_left_out(
    run: Callable[[Scenario], None], skipped: Collection[str], left: Sequence[str]
) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        domains = {"a": "slow.example", "b": "not-slow.example", "c": "sub.slow.example", "d": "bücher.example"}
        for name, domain in (domains | {"e": "a_b%/c"}).items():
            address = EmailAddress(f"slow.example@{domain}")
            await add(store, (message(account_id, name, 500), replace(mail(name, 500), recipient=address)))
        assert names(await store.read(lambda reader: reader.due_mails(500, 9, skipped))) == left

    run(scenario)


def test_a_time_further_ahead_than_any_pause_was_noted_before_the_clock_was_set_back(
    run: Callable[[Scenario], None],
) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        now_ms = 10_000_000
        for name, due_ms in (("soon", now_ms + FARTHEST_MS), ("late", now_ms + FARTHEST_MS + 1), ("due", now_ms)):
            await add(store, (message(account_id, name, 500), mail(name, 500, due_at_ms=due_ms)))
        assert names(await store.read(lambda reader: reader.due_mails(now_ms, 9))) == ["due", "late"]
        assert await leased(store, "x", ["due"], now_ms, now_ms + FARTHEST_MS) == ["due"]
        assert await leased(store, "x", ["late"], now_ms, now_ms + FARTHEST_MS + 1) == ["late"]
        assert names(await store.read(lambda reader: reader.due_mails(now_ms, 9))) == ["late"]
        assert await leased(store, "y", ["due", "late"], now_ms, now_ms + 1) == ["late"]

    run(scenario)


def test_a_mail_scheduled_in_the_future_was_so_before_the_clock_was_set_back(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        now_ms = 10_000_000
        due_ms, latest_ms = now_ms + 60_000, now_ms + CLOCKS_AGREE_MS
        for name, at_ms in (("future", latest_ms + 1), ("now", latest_ms), ("past", now_ms - 1), ("unknown", None)):
            its_mail = mail(name, 500, due_at_ms=due_ms, scheduled_at_ms=at_ms)
            await add(store, (message(account_id, name, 500), its_mail))
        assert names(await store.read(lambda reader: reader.due_mails(now_ms, 9))) == ["future"]
        # In its place among the others.
        due = await store.read(lambda reader: reader.due_mails(due_ms, 9))
        assert names(due) == ["future", "now", "past", "unknown"]
        assert [each.scheduled_at_ms for each in due] == [latest_ms + 1, latest_ms, now_ms - 1, None]

    run(scenario)


def failed(name: str, at_ms: int) -> Mail:
    """Return a mail that failed then."""
    return mail(name, 500, state=MailState.FAILED, attempts=1, note="550 no", ended_at_ms=at_ms)


def test_a_mail_that_failed_is_to_be_reported_until_that_is_done(run: Callable[[Scenario], None]) -> None:
    async def unreported(store: Store, now_ms: int, limit: int = 9) -> list[str]:
        return names(await store.read(lambda reader: reader.unreported_mails(now_ms, limit)))

    async def claim(store: Store, now_ms: int, until_ms: int, limit: int = 9) -> int:
        return await store.write(lambda writer: writer.claim_reports(now_ms, until_ms, limit))

    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        for name in ("a", "b", "c", "sent", "waits"):
            await add(store, (message(account_id, name, 500), mail(name, 500)))
        ended = mail("sent", 500, state=MailState.SENT, ended_at_ms=900)
        for its_mail in (failed("a", 1000), failed("b", 2000), failed("c", 2000), ended):
            await store.write(methodcaller("put_mail", its_mail))
        assert await unreported(store, 999) == []
        assert await unreported(store, 1999) == ["a"]
        assert await unreported(store, 2000) == ["b", "c", "a"]
        assert await unreported(store, 2000, 2) == ["b", "c"]
        assert await store.read(lambda reader: reader.unreported_mails(1000, 9)) == [failed("a", 1000)]
        # Claimed: nobody else reports it before that time, and then it is to be reported again.
        assert await claim(store, 1000, 5000) == 1
        assert await unreported(store, 4999) == ["b", "c"]
        assert await claim(store, 4999, 6000, 1) == await claim(store, 4999, 6000, 1) == 1
        assert await claim(store, 4999, 6000, 1) == 0
        assert await unreported(store, 5000) == ["a"]
        assert await unreported(store, 6000) == ["b", "c", "a"]
        # The clock was set back.
        assert await unreported(store, 5999 - FARTHEST_MS) == ["b", "c"]
        # Reported.
        assert await store.write(methodcaller("end_reports", 6000, 1)) == 1
        assert await store.write(methodcaller("end_reports", 6000, 9)) == 1
        assert await store.write(methodcaller("end_reports", 6000, 9)) == 0
        assert await unreported(store, 9000) == ["a"]
        # One that is sent again has not failed; when it does, that is reported.
        await store.write(methodcaller("put_mail", mail("a", 7000)))
        await store.write(methodcaller("put_mail", mail("b", 7000)))
        assert await unreported(store, 9000) == []
        await store.write(methodcaller("put_mail", failed("b", 8000)))
        await store.write(methodcaller("put_mail", failed("a", 8000)))
        assert await unreported(store, 9000) == ["a", "b"]
        await store.write(methodcaller("remove_message", "a"))
        assert await unreported(store, 9000) == ["b"]

    run(scenario)


def test_of_those_who_report_at_once_one_reports_each_failure(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        for number in range(40):
            await add(store, (message(account_id, f"m{number}", 500), failed(f"m{number}", 500)))
        claims = (store.write(methodcaller("claim_reports", 600, 1000 + owner, 10)) for owner in range(8))
        claimed = await asyncio.gather(*claims)
        while await store.write(methodcaller("claim_reports", 600, 1008, 10)):
            claimed.append(10)
        assert sum(claimed) == 40
        ended = [await store.write(methodcaller("end_reports", 1000 + owner, 100)) for owner in range(9)]
        assert sum(ended) == 40

    run(scenario)


async def leased(store: Store, owner: str, message_ids: Sequence[str], now_ms: int, until_ms: int) -> list[str]:
    """Lease mails; return which were obtained."""
    return sorted(await store.write(lambda writer: writer.lease_mails(message_ids, owner, now_ms, until_ms)))


def test_a_leased_mail_is_its_owners_until_the_lease_ends(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        for name in ("a", "b", "c"):
            await add(store, (message(account_id, name, 500), mail(name, 500)))
        assert await leased(store, "x", ["b", "a", "nobody's"], 1000, 2000) == ["a", "b"]
        assert await leased(store, "y", ["a", "b", "c"], 1999, 2999) == ["c"]
        assert names(await store.read(lambda reader: reader.due_mails(1999, 9))) == []
        # A lease is not part of the mail, and hides it from nobody else.
        assert await store.read(lambda reader: reader.mail_queue()) == MailQueue(3, 500)
        assert names(await store.read(lambda reader: reader.due_mails(2000, 9))) == ["a", "b"]
        assert await leased(store, "x", ["a", "c"], 1999, 3000) == ["a"]
        assert await leased(store, "y", ["a", "b"], 2000, 3000) == ["b"]
        assert await store.write(lambda writer: writer.release_mails("y")) == 2
        assert await store.write(lambda writer: writer.release_mails("y")) == 0
        assert names(await store.read(lambda reader: reader.due_mails(2000, 9))) == ["b", "c"]

    run(scenario)


def test_what_became_of_a_mail_is_noted_by_who_leases_it(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        await add(store, (message(account_id, "it", 500), mail("it", 500)))
        later = mail("it", 500, due_at_ms=700, attempts=1)
        assert not await store.write(lambda writer: writer.put_mail(later, "x"))
        await leased(store, "x", ["it"], 1000, 2000)
        assert not await store.write(lambda writer: writer.put_mail(later, "y"))
        assert await store.write(lambda writer: writer.put_mail(later, "x"))
        # Which has ended the lease.
        assert not await store.write(lambda writer: writer.put_mail(later, "x"))
        assert await store.read(lambda reader: reader.due_mails(1000, 9)) == [later]
        # One that ended is still its owner's as long as nobody else has it.
        await leased(store, "x", ["it"], 1000, 2000)
        assert await leased(store, "y", ["it"], 2000, 3000) == ["it"]
        assert not await store.write(lambda writer: writer.put_mail(later, "x"))
        # The command line asks nobody.
        assert await store.write(lambda writer: writer.put_mail(mail("it", 900)))
        assert await leased(store, "x", ["it"], 2000, 3000) == ["it"]
        sent = mail("it", 900, state=MailState.SENT)
        assert await store.write(lambda writer: writer.put_mail(sent, "x"))
        assert await leased(store, "x", ["it"], 2000, 3000) == []

    run(scenario)


def test_of_those_who_lease_at_once_one_obtains_each_mail(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        every = [f"m{number}" for number in range(20)]
        for name in every:
            await add(store, (message(account_id, name, 500), mail(name, 500)))
        obtained = await asyncio.gather(*(leased(store, f"node {n}", every, 1000, 2000) for n in range(5)))
        assert sorted(name for names_ in obtained for name in names_) == sorted(every)

    run(scenario)


def test_a_recording_is_kept_with_its_message(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        audio = bytes(range(256)) * 4000
        await store.write(lambda writer: writer.add_message(message(account_id, "it", 5), mail("it", 5), audio))
        await add(store, (message(account_id, "file", 5), mail("file", 5)))
        assert await store.read(lambda reader: reader.message_audio("it")) == audio
        assert await store.read(lambda reader: reader.message_audio("file")) is None
        with pytest.raises(Conflict):
            await store.write(lambda writer: writer.add_message(message(account_id, "it", 9), mail("it", 9), b"other"))
        assert await store.read(lambda reader: reader.message_audio("it")) == audio
        assert await store.write(lambda writer: writer.remove_message("it"))
        assert await store.read(lambda reader: reader.message_audio("it")) is None

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
        changed = replace(account, locale="en", region="BE", time_zone="Europe/Brussels", retention_days=7, email=OWNER)
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
        rule = Rule(emails=(OWNER,), revision=1, fallbacks=fallbacks(Otherwise.VOICEMAIL))
        await store.write(lambda writer: writer.put_rule(A, rule, 5))
        record = await store.read(lambda reader: reader.number(A))
        assert record is not None
        assert record.rule == rule

    run(scenario)
