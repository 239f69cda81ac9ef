"""Removals of numbers on every store: at once for calls, in small steps for the rest, whatever happens in between."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from operator import methodcaller

import pytest

from renvoi.application import removals
from renvoi.application.calls import trace_calls
from renvoi.application.errors import OperatorError
from renvoi.application.forwarding import RuleRequest, RuleResult, set_rule
from renvoi.application.messages import DELETED, MailboxGone, MailboxRemoved, file_message
from renvoi.application.numbers import add_number
from renvoi.application.ports.accounts import AuditFilter
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.removals import Removal
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.application.removals import (
    Progress,
    close_account,
    keep_removing,
    move_number,
    remove_number,
)
from renvoi.application.staging import Errors, Staging
from renvoi.domain.access.limits import number_name
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.calls.missed_call import MissedCall, MissedCallMail, WhyMissed
from renvoi.domain.calls.usage import Usage
from renvoi.domain.messages.message import Mail, Message
from renvoi.domain.outcome import Outcome
from renvoi.domain.rules.rule import RuleType
from tests.contract.test_imports import Watched, is_clean
from tests.support.outbox_harness import MovedClock
from tests.support.removals import (
    OWNER,
    WHO,
    Files,
    change,
    fill,
    messages,
    principal,
    recorded,
    settle,
    take_small_steps,
)
from tests.support.stores import A, B, C, Scenario, seed

Run = Callable[[Scenario], None]


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    take_small_steps(monkeypatch)


def test_a_number_is_gone_at_once_and_the_rest_in_small_steps(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock, files = MovedClock(), Files()
        account_id = await fill(store, clock)
        removal = await remove_number(store, clock, A, actor=WHO)
        assert await store.read(methodcaller("number", A)) is None
        assert await store.read(methodcaller("greeting", A)) is None
        request = RuleRequest(A.value, "0", "")
        assert (await set_rule(store, clock, principal(account_id), request)).outcome is Outcome.NUMBER_UNKNOWN
        assert len(await messages(store, A)) == 9
        watched = Watched(store)
        progress = await settle(watched, clock, files)
        assert (progress.ended, progress.failed) == (1, None)
        assert watched.writes >= 3 + 2
        assert sorted(files.removed) == [f"m{n}" for n in range(9)]
        assert await messages(store, A) == []
        assert await messages(store, B) == ["other0", "other1"]
        assert (await store.read(methodcaller("counts")))[DELETED] == 9
        assert await store.read(methodcaller("history", A)) == []
        past = await store.read(lambda reader: reader.past_changes(100, AuditFilter(number=A)))
        assert [each.after.revision for each in past] == [6, 5, 4, 3, 2, 1]
        assert {name for name, _ in await store.read(lambda r: r.usages([number_name(A), number_name(B)], 0))} == {
            number_name(B)
        }
        done = await store.read(methodcaller("removal", removal.id))
        assert done == replace(removal, messages=9, ended_at_ms=clock.now_ms())
        assert (done.number, done.account_id, done.key_id, done.source) == (A, account_id, WHO.key_id, WHO.source)
        assert await store.read(lambda reader: reader.removals(5, A)) == [done]
        assert await store.read(lambda reader: reader.removals(5, B)) == []
        assert await settle(store, clock) == Progress(0, 0)

    run(scenario)


def test_what_is_not_ours_or_held_is_refused(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        await seed(store)
        with pytest.raises(OperatorError, match="is not one of our numbers"):
            await remove_number(store, clock, C)
        with pytest.raises(OperatorError, match="is not one of our numbers"):
            await move_number(store, clock, C, "demo")
        account = await store.read(lambda reader: reader.accounts()[0])
        each = Staging(store, clock)
        await each.begin(account)
        await each.stage([(2, NumberRow(A))], Errors(20))
        with pytest.raises(OperatorError, match="part of an import that is under way"):
            await remove_number(store, clock, A)
        assert await store.read(methodcaller("number", A)) is not None
        await each.abandon(remove=True)
        await remove_number(store, clock, A)
        with pytest.raises(OperatorError, match="is not one of our numbers"):
            await remove_number(store, clock, A)

    run(scenario)


def test_a_number_is_reserved_until_nothing_of_its_owner_is_left(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        await fill(store, clock)
        await store.write(lambda writer: writer.add_account("other", "en", "FR", 1))
        await remove_number(store, clock, A)
        with pytest.raises(OperatorError, match="is being removed: try again in some seconds"):
            await add_number(store, clock, A.value, "other")
        other = await store.read(lambda reader: reader.accounts()[1])
        importing, errors = Staging(store, clock), Errors(20)
        await importing.begin(other)
        await importing.stage([(2, NumberRow(A))], errors)
        assert errors.first == [(2, f"{A} is being removed: try again in some seconds")]
        await importing.abandon(remove=True)
        await settle(store, clock)
        clock.move(seconds=1)
        record = await add_number(store, clock, A.value, "other")
        # As if it had never been anybody's.
        assert (record.account_id, record.rule.revision, record.rule.type) == (other.id, 0, RuleType.DISABLED)
        assert (record.label, record.updated_at_ms) == ("", None)
        assert await store.read(methodcaller("history", A)) == []
        assert await store.read(methodcaller("greeting", A)) is None
        assert await messages(store, A) == []
        await change(store, clock, other.id, A, 2)
        assert [each.account_id for each in await store.read(methodcaller("history", A))] == [other.id] * 2
        # Once more: the trail of both owners is kept.
        await remove_number(store, clock, A)
        await settle(store, clock)
        past = await store.read(lambda reader: reader.past_changes(100, AuditFilter(number=A)))
        assert [each.after.revision for each in past] == [2, 1, 6, 5, 4, 3, 2, 1]
        assert len(await store.read(lambda r: r.past_changes(100, AuditFilter(account_id=other.id)))) == 2
        assert await is_clean(store)

    run(scenario)


@pytest.mark.parametrize("dies_at", range(9))
def test_whatever_step_it_dies_at_the_next_look_completes_it(run: Run, dies_at: int) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        account_id = await fill(store, clock)
        await store.write(lambda writer: writer.add_number(account_id, NumberRow(C), 1))
        closing = await close_account(store, clock, "demo")
        # Where audio lies in the store there are fewer.
        with suppress(StoreUnavailable):
            await settle(Watched(store, dies_at), clock)
        # Several nodes look at the same time.
        await asyncio.gather(*(settle(store, clock) for _ in range(3)))
        await settle(store, clock)
        done = await store.read(methodcaller("removal", closing.id))
        assert (done.numbers, done.messages) == (3, 11)
        assert done.ended_at_ms is not None
        assert await store.read(methodcaller("open_removals", 10)) == []
        assert await store.read(methodcaller("numbers", account_id)) == []
        assert await store.read(methodcaller("messages")) == []

    run(scenario)


def test_a_file_that_stays_keeps_its_message_and_its_removal_alone(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock, files = MovedClock(), Files("m3")
        await fill(store, clock)
        await remove_number(store, clock, A)
        await remove_number(store, clock, B)
        progress = await settle(store, clock, files)
        assert isinstance(progress.failed, PermissionError)
        assert progress.ended == 1
        assert await messages(store, A) == ["m3"]
        assert [each.number for each in await store.read(methodcaller("open_removals", 10))] == [A]
        files.stuck.clear()
        assert (await settle(store, clock, files)).ended == 1
        assert await messages(store, A) == []

    run(scenario)


@pytest.mark.parametrize("whole", [False, True])
def test_mails_about_missed_calls_go_with_their_number(run: Run, whole: bool) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        account_id = await fill(store, clock)
        at_ms = clock.now_ms()
        calls = [
            MissedCall(f"{owner}-{number.digits}-{n}", owner, number, f"+3314000000{n}", at_ms, WhyMissed.BUSY)
            for owner, number, count in ((account_id, A, 6), (account_id, B, 1), (account_id + 10, A, 1))
            for n in range(count)
        ]

        def add(writer: Writer) -> None:
            for call in calls:
                assert writer.add_missed_call(call, [OWNER])

        await store.write(add)
        if whole:
            await close_account(store, clock, str(account_id), actor=WHO)
        else:
            await remove_number(store, clock, A, actor=WHO)
        await settle(store, clock)
        assert await store.read(lambda reader: reader.open_removals(9)) == []

        def found(reader: Reader) -> list[MissedCallMail | None]:
            return [reader.missed_call(f"{each.id}~0") for each in calls]

        owners = [(each.account_id, each.number) for each in await store.read(found) if each is not None]
        # What is of another account, or of another number, stays.
        assert owners == [*([] if whole else [(account_id, B)]), (account_id + 10, A)]

    run(scenario)


def test_messages_may_stay_with_the_account(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock, files = MovedClock(), Files()
        await fill(store, clock)
        began_at_ms = clock.now_ms()
        clock.move(seconds=1)
        await remove_number(store, clock, A, keeps_messages=True)
        assert (await settle(store, clock, files)).ended == 1
        assert len(await messages(store, A)) == 9
        assert files.removed == []
        # One whose caller was speaking meanwhile is one of them.
        assert await file_message(store, clock, recorded("late", A, began_at_ms), None)
        # Who comes later finds nobody.
        with pytest.raises(MailboxGone):
            await file_message(store, clock, recorded("later", A, clock.now_ms() + 1), None)

    run(scenario)


def test_a_message_that_is_being_left_never_reaches_the_next_owner(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        await seed(store)
        await store.write(lambda writer: writer.add_account("other", "en", "FR", 1))
        began_at_ms = clock.now_ms()
        clock.move(seconds=1)
        await remove_number(store, clock, A)
        with pytest.raises(MailboxRemoved, match="was removed while a message was left"):
            await file_message(store, clock, recorded("late", A, began_at_ms))
        await settle(store, clock)
        await add_number(store, clock, A.value, "other")
        with pytest.raises(MailboxRemoved):
            await file_message(store, clock, recorded("late", A, began_at_ms))
        assert await messages(store, A) == []
        # A number that is moved: it stays with whom it was left for.
        began_at_ms = clock.now_ms()
        clock.move(seconds=1)
        await move_number(store, clock, A, "demo")
        assert await file_message(store, clock, recorded("of-other", A, began_at_ms))
        assert await file_message(store, clock, recorded("of-demo", A, clock.now_ms() + 1))
        owners = {each.message.id: each.message.account_id for each in await store.read(lambda r: r.messages(9, A))}
        assert owners == {"of-other": 2, "of-demo": 1}
        await close_account(store, clock, "other")
        with pytest.raises(MailboxRemoved):
            await file_message(store, clock, recorded("of-closed", A, began_at_ms))

    run(scenario)


def test_a_message_that_is_filed_at_the_same_moment_is_gone_or_refused(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        await seed(store)
        began_at_ms = clock.now_ms() - 1
        filed = [file_message(store, clock, recorded(f"m{n}", A, began_at_ms)) for n in range(5)]
        results = await asyncio.gather(*filed[:3], remove_number(store, clock, A), *filed[3:], return_exceptions=True)
        assert any(isinstance(each, Removal) for each in results)
        assert all(each is True or isinstance(each, Removal | MailboxRemoved) for each in results)
        await settle(store, clock)
        assert await messages(store, A) == []

    run(scenario)


def test_a_change_at_the_same_moment_comes_before_or_finds_nothing(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        account_id = await seed(store)
        changes = [
            set_rule(store, clock, principal(account_id), RuleRequest(A.value, "2", f"o{n}@example.com"))
            for n in range(6)
        ]
        results = await asyncio.gather(*changes[:3], remove_number(store, clock, A), *changes[3:])
        outcomes = [each.outcome for each in results if isinstance(each, RuleResult)]
        assert set(outcomes) <= {Outcome.VOICEMAIL_ENABLED, Outcome.NUMBER_UNKNOWN}
        (removal,) = (each for each in results if isinstance(each, Removal))
        assert removal.revision == outcomes.count(Outcome.VOICEMAIL_ENABLED)
        await settle(store, clock)
        assert await store.read(methodcaller("history", A)) == []
        assert len(await store.read(methodcaller("past_changes"))) == removal.revision

    run(scenario)


def test_calls_are_explained_by_the_change_of_their_own_time(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        account_id = await seed(store)
        await change(store, clock, account_id, A, 2)
        key, at_ms = CallKey("c", "t", 1), clock.now_ms()
        call = CallRecord(key, "+33155500000", A.value, A.value, 2, "voicemail", None, None, None, at_ms)
        await store.write(methodcaller("put_call", call))
        clock.move(hours=1)
        await remove_number(store, clock, A)
        await settle(store, clock)
        await store.write(lambda writer: writer.add_account("other", "en", "FR", 1))
        await add_number(store, clock, A.value, "other")
        await change(store, clock, 2, A, 3)
        (trace,) = await trace_calls(store, "c")
        assert trace.change is not None
        assert (trace.change.account_id, trace.change.after.revision) == (account_id, 2)

    run(scenario)


def test_sums_of_calls_that_still_run_stay_until_they_end(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        await seed(store)
        usages = {(number_name(A), 1): Usage(ms=5), (number_name(A), 2): Usage(ms=-5, running=1)}
        await store.write(lambda writer: writer.add_usages(usages))
        await remove_number(store, clock, A)
        await settle(store, clock)
        assert await store.read(lambda r: r.usages([number_name(A)], 0)) == {
            (number_name(A), 2): Usage(ms=-5, running=1)
        }

    run(scenario)


def test_records_of_removals_go_after_their_time_but_not_before_they_have_ended(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        await fill(store, clock)
        await remove_number(store, clock, A)
        await settle(store, clock)
        clock.move(days=1)
        await remove_number(store, clock, B)
        clock.move(days=1)
        now_ms = clock.now_ms()
        assert await store.write(methodcaller("remove_old_past_changes", now_ms, 4)) == 4
        assert await store.write(methodcaller("remove_old_past_changes", now_ms, 4)) == 2
        assert await store.write(methodcaller("remove_old_removals", now_ms, 4)) == 1
        assert [each.number for each in await store.read(methodcaller("removals"))] == [B]

    run(scenario)


def test_a_node_carries_on_until_it_is_stopped(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removals, "PERIOD_S", 0.01)

    async def scenario(store: Store) -> None:
        clock, stop = MovedClock(), asyncio.Event()
        await fill(store, clock)
        monkeypatch.setattr(removals.log, "info", lambda *_, **__: stop.set())
        keeping = asyncio.create_task(keep_removing(store, clock, Files().remove, stop))
        await remove_number(store, clock, A)
        async with asyncio.timeout(10):
            await keeping
        assert await store.read(methodcaller("open_removals", 1)) == []

    run(scenario)


def test_the_oldest_messages_of_others_are_no_part_of_it(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        account_id = await fill(store, clock)
        await store.write(lambda writer: writer.add_account("other", "en", "FR", 1))
        # Left for the number when it was another account's.
        message = Message("foreign", A, 2, 1, "", "", 1, 4000)
        await store.write(methodcaller("add_message", message, Mail("foreign", OWNER, 1, 1)))
        await remove_number(store, clock, A)
        await settle(store, clock)
        assert await messages(store, A) == ["foreign"]
        await close_account(store, clock, str(account_id))
        await settle(store, clock)
        assert await messages(store, A) == ["foreign"]

    run(scenario)
