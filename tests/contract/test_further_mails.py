"""What every adapter of the `Store` port must do with mails to the second and further recipients of a message."""

from collections.abc import Callable
from dataclasses import replace

from renvoi.application.ports.mails import MailQueue
from renvoi.application.ports.messages import MessageQuery, StoredMessage
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail, MailState, Message
from tests.support.stores import A, Scenario, seed

FIRST, SECOND, THIRD = (EmailAddress(f"{name}@{name}.example") for name in ("first", "second", "third"))
MAIL = Mail("m1", FIRST, 500, 500, scheduled_at_ms=500)
OTHERS = (replace(MAIL, recipient=SECOND, place=1), replace(MAIL, recipient=THIRD, place=2))


async def add(store: Store) -> StoredMessage:
    """Store a message with three recipients, and one with one; return the first."""
    account_id = await seed(store)
    message = Message("m1", A, account_id, 3, "+33140000001", "call", 500, 4200)
    await store.write(lambda writer: writer.add_message(message, MAIL, None, OTHERS))
    other = replace(message, id="m2", received_at_ms=400)
    await store.write(lambda writer: writer.add_message(other, replace(MAIL, message_id="m2", due_at_ms=400)))
    return StoredMessage(message, MAIL, OTHERS)


async def due(store: Store, *skipped: str) -> list[str]:
    return [mail.id for mail in await store.read(lambda reader: reader.due_mails(1000, 9, skipped))]


def test_they_are_read_with_their_message(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        stored = await add(store)
        assert await store.read(lambda reader: reader.message("m1")) == stored
        assert [each.others for each in await store.read(lambda reader: reader.messages())] == [OTHERS, ()]
        page = await store.read(lambda reader: reader.message_page(MessageQuery(number=A), None, 9))
        assert [each.others for each in page.items] == [OTHERS, ()]

    run(scenario)


def test_each_is_due_leased_and_ended_by_itself(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await add(store)
        assert await due(store) == ["m2", "m1", "m1~1", "m1~2"]
        assert await due(store, "second.example", "first.example") == ["m1~2"]
        assert [mail.id for mail in await store.read(lambda reader: reader.due_mails(1000, 2))] == ["m2", "m1"]
        assert await store.read(lambda reader: reader.mail_queue()) == MailQueue(4, 500)
        wanted = ["m1~1", "m1", "m1~9"]
        assert set(await store.write(lambda writer: writer.lease_mails(wanted, "x", 1000, 2000))) == {"m1", "m1~1"}
        assert set(await store.write(lambda writer: writer.lease_mails(wanted, "y", 1000, 2000))) == set()
        assert await due(store) == ["m2", "m1~2"]
        sent = replace(OTHERS[0], state=MailState.SENT, attempts=1, note="250", ended_at_ms=900)
        assert not await store.write(lambda writer: writer.put_mail(sent, "y"))
        assert await store.write(lambda writer: writer.put_mail(sent, "x"))
        stored = await store.read(lambda reader: reader.message("m1"))
        assert stored is not None
        assert stored.mails == (MAIL, sent, OTHERS[1])
        assert await store.write(lambda writer: writer.release_mails("x")) == 1
        assert await due(store) == ["m2", "m1", "m1~2"]

    run(scenario)


def test_each_is_queued_again_unless_it_is_being_sent(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await add(store)
        await store.write(lambda writer: writer.lease_mails(["m1~1"], "x", 1000, 2000))
        assert not await store.write(lambda writer: writer.queue_mail(OTHERS[0], 1500))
        assert await store.write(lambda writer: writer.queue_mail(replace(OTHERS[1], due_at_ms=700), 1500))
        assert await store.write(lambda writer: writer.queue_mail(OTHERS[0], 2500))
        assert not await store.write(lambda writer: writer.put_mail(replace(MAIL, place=7)))

    run(scenario)


def test_those_that_failed_are_reported_with_the_others(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await add(store)
        for mail, at_ms in ((MAIL, 600), (OTHERS[0], 800), (OTHERS[1], 700)):
            failed = replace(mail, state=MailState.FAILED, ended_at_ms=at_ms)
            await store.write(lambda writer, failed=failed: writer.put_mail(failed))  # type: ignore[misc]  # a default binds it
        latest = await store.read(lambda reader: [reader.failed_mails(limit) for limit in (9, 2)])
        assert [[mail.id for mail in mails] for mails in latest] == [["m1~1", "m1~2", "m1"], ["m1~1", "m1~2"]]
        found = await store.read(lambda reader: reader.unreported_mails(1000, 9))
        assert [mail.id for mail in found] == ["m1~1", "m1~2", "m1"]
        assert await store.write(lambda writer: writer.claim_reports(1000, 5000, 2)) == 2
        assert await store.write(lambda writer: writer.claim_reports(1000, 5000, 2)) == 1
        assert await store.read(lambda reader: reader.unreported_mails(1000, 9)) == []
        assert await store.write(lambda writer: writer.end_reports(5000, 2)) == 2
        assert await store.write(lambda writer: writer.end_reports(5000, 2)) == 1
        assert await store.read(lambda reader: reader.unreported_mails(6000, 9)) == []
        assert await store.write(lambda writer: writer.queue_mail(OTHERS[0], 1500))
        assert [mail.id for mail in await store.read(lambda reader: reader.failed_mails(9))] == ["m1~2", "m1"]

    run(scenario)


def test_they_go_with_their_message(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await add(store)
        assert await store.write(lambda writer: writer.remove_message("m1"))
        assert await due(store) == ["m2"]
        assert not await store.write(lambda writer: writer.put_mail(OTHERS[0]))

    run(scenario)
