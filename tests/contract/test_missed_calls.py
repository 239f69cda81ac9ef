"""What every adapter of the `Store` port must do with mails about missed calls."""

from collections.abc import Callable
from dataclasses import replace

from renvoi.application.missed_calls import remove_leftovers
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.calls.missed_call import ONE_IN_MS, MissedCall, WhyMissed
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import MailState
from tests.support.stores import A, B, Scenario, seed

OWNERS = (EmailAddress("a@one.example"), EmailAddress("b@two.example"))
AT_MS = 10 * ONE_IN_MS
CALL = MissedCall("call-1", 1, A, "+33140000001", AT_MS, WhyMissed.BUSY)


async def add(store: Store, call: MissedCall) -> bool:
    return await store.write(lambda writer: writer.add_missed_call(call, OWNERS))


async def due(store: Store, now_ms: int = AT_MS, *skipped: str) -> list[str]:
    return [mail.id for mail in await store.read(lambda reader: reader.due_missed_calls(now_ms, 9, skipped))]


def test_one_call_of_a_caller_is_told_of_in_five_minutes(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        assert await add(store, CALL)
        assert not await add(store, replace(CALL, id="call-2", called_at_ms=AT_MS + ONE_IN_MS - 1))
        assert not await add(store, replace(CALL, id="call-2", called_at_ms=AT_MS - ONE_IN_MS + 1))
        assert await add(store, replace(CALL, id="call-3", called_at_ms=AT_MS + ONE_IN_MS))
        assert await add(store, replace(CALL, id="call-4", number=B))
        assert await add(store, replace(CALL, id="call-5", caller=""))
        assert not await add(store, replace(CALL, id="call-6", caller=""))
        assert await add(store, replace(CALL, id="call-7", account_id=2)), "it was another account's number then"

    run(scenario)


def test_each_recipient_has_a_mail_of_its_own(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        await add(store, CALL)
        assert await due(store, AT_MS - 1) == []
        assert await due(store) == ["call-1~0", "call-1~1"]
        assert await due(store, AT_MS, "one.example") == ["call-1~1"]
        (mail, _) = await store.read(lambda reader: reader.due_missed_calls(AT_MS, 9))
        assert (mail.account_id, mail.number, mail.caller, mail.why) == (1, A, CALL.caller, WhyMissed.BUSY)
        assert (mail.recipient, mail.called_at_ms, mail.queued_at_ms) == (OWNERS[0], AT_MS, AT_MS)
        assert await store.read(lambda reader: reader.missed_call("call-1~0")) == mail
        leased = await store.write(lambda writer: writer.lease_missed_calls([mail.id, "x"], "n", AT_MS, AT_MS + 9))
        assert set(leased) == {mail.id}
        assert not await store.write(lambda writer: writer.lease_missed_calls([mail.id], "m", AT_MS, AT_MS + 9))
        assert await due(store) == ["call-1~1"]
        sent = replace(mail, state=MailState.SENT, attempts=1, note="250", ended_at_ms=AT_MS + 1)
        assert not await store.write(lambda writer: writer.put_missed_call(sent, "m"))
        assert await store.write(lambda writer: writer.put_missed_call(sent, "n"))
        assert await store.read(lambda reader: reader.missed_call(mail.id)) == sent
        await store.write(lambda writer: writer.lease_missed_calls(["call-1~1"], "n", AT_MS, AT_MS + 9))
        assert await store.write(lambda writer: writer.release_missed_calls("n")) == 1
        assert await due(store) == ["call-1~1"]

    run(scenario)


def test_old_ones_go(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        await add(store, CALL)
        assert await store.write(lambda writer: writer.remove_old_missed_calls(AT_MS, 9)) == 0
        assert await store.write(lambda writer: writer.remove_old_missed_calls(AT_MS + 1, 1)) == 1
        assert await store.write(lambda writer: writer.remove_old_missed_calls(AT_MS + 1, 9)) == 1
        assert await due(store) == []

    run(scenario)


def test_files_of_mails_that_have_gone_are_removed_and_no_others(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        await add(store, CALL)
        await add(store, replace(CALL, id="call-2", number=B))
        assert await store.write(lambda writer: writer.remove_missed_calls(1, 1, A)) == 1
        assert await store.write(lambda writer: writer.remove_missed_calls(1, 9, A)) == 1
        assert await store.write(lambda writer: writer.remove_missed_calls(2, 9)) == 0
        files = [f"call-{call}~{place}" for call in (1, 2) for place in (0, 1)] + [f"old-{n}~0" for n in range(150)]
        removed: list[str] = []
        assert await remove_leftovers(store, files, removed.append) == 152
        assert set(files) - set(removed) == {"call-2~0", "call-2~1"}

    run(scenario)
