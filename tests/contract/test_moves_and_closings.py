"""Numbers that move to another account, and accounts that are closed, on every store: what goes and what stays."""

from collections.abc import Callable
from dataclasses import replace
from operator import methodcaller

import pytest

from renvoi.application import staging
from renvoi.application.accounts import list_changes
from renvoi.application.auth import authenticate, operator_for
from renvoi.application.errors import OperatorError
from renvoi.application.forwarding import RuleRequest, set_rule
from renvoi.application.keys import KeyWish, create_key
from renvoi.application.numbers import add_number
from renvoi.application.ports.accounts import AuditFilter, RememberedAnswer
from renvoi.application.ports.answers import ApiAnswer
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.removals import RemovalKind
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.removals import close_account, move_number, remove_number, show_account
from renvoi.application.staging import Errors, Staging
from renvoi.domain.access.api_key import Principal
from renvoi.domain.access.limits import account_name, number_name, target_name
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem
from renvoi.domain.rules.rule import RuleType
from tests.support.outbox_harness import MovedClock
from tests.support.removals import WHO, change, fill, messages, settle, take_small_steps
from tests.support.stores import A, B, C, Scenario, seed

Run = Callable[[Scenario], None]


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    take_small_steps(monkeypatch)


def test_a_number_moves_without_what_its_owner_left(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        account_id = await fill(store, clock)
        other = await store.write(lambda writer: writer.add_account("other", "en", "FR", 1))
        with pytest.raises(OperatorError, match="belongs to account 'demo' already"):
            await move_number(store, clock, A, "demo")
        record = await move_number(store, clock, A, "other", actor=WHO)
        assert (record.account_id, record.label, record.rule.type) == (other.id, "", RuleType.DISABLED)
        assert record.rule.revision == 7
        assert await store.read(methodcaller("greeting", A)) is None
        # At once, whatever else is under way.
        await change(store, clock, other.id, A)
        assert (await settle(store, clock)).ended == 1
        assert [each.after.revision for each in await store.read(methodcaller("history", A))] == [8]
        assert len(await store.read(lambda r: r.past_changes(100, AuditFilter(account_id=account_id)))) == 6
        stored = await store.read(lambda reader: reader.messages(100, A))
        assert {each.message.account_id for each in stored} == {account_id}
        assert len(stored) == 9
        (moved,) = await store.read(lambda reader: reader.removals(5, A))
        assert (moved.kind, moved.account_id, moved.to_account_id) == (RemovalKind.MOVE, account_id, other.id)
        assert (moved.key_id, moved.source, moved.revision) == (WHO.key_id, WHO.source, 6)
        # It is its new owner's: the messages of the old one stay when that one loses it.
        await remove_number(store, clock, A)
        await settle(store, clock)
        assert len(await messages(store, A)) == 9

    run(scenario)


def test_a_number_may_move_with_its_rule(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        await fill(store, clock)
        await store.write(lambda writer: writer.add_account("other", "en", "GB", 1))
        before = await store.read(methodcaller("number", A))
        record = await move_number(store, clock, A, "other", with_rule=True)
        assert record == replace(before, account_id=2)
        assert (await store.read(methodcaller("greeting", A))).audio == b"WAV"
        # An account takes no rule over that it could not set.
        request = RuleRequest(A.value, "1", C.value)
        await set_rule(store, clock, Principal(2, "FR", None, "test"), request)
        await store.write(lambda writer: writer.add_account("abroad", "en", "DE", 1))
        with pytest.raises(OperatorError, match="account 'abroad' must not forward to"):
            await move_number(store, clock, A, "abroad", with_rule=True)
        await move_number(store, clock, A, "abroad")

    run(scenario)


def test_a_number_that_moves_and_goes_at_once_stays_reserved(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        await fill(store, clock)
        await store.write(lambda writer: writer.add_account("other", "en", "FR", 1))
        await move_number(store, clock, A, "other")
        clock.move(seconds=1)
        await remove_number(store, clock, A)
        move, removal = await store.read(methodcaller("open_removals", 10))
        assert (move.kind, removal.kind) == (RemovalKind.MOVE, RemovalKind.NUMBER)
        await store.write(lambda writer: writer.end_removal(move, 5))
        with pytest.raises(OperatorError, match="is being removed"):
            await add_number(store, clock, A.value, "demo")

    run(scenario)


def test_a_closed_account_has_no_keys_no_numbers_and_no_name(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        account_id = await fill(store, clock)
        account = await store.read(lambda reader: reader.accounts()[0])
        key = (await create_key(store, clock, operator_for(account), KeyWish("app"))).key
        assert await authenticate(store, clock, key.reveal(), "test") is not None
        await store.write(lambda w: w.remember(account_id, "k", RememberedAnswer(b"h", "OK", None, clock.now_ms())))
        claim = ApiAnswer(b"h", "first", clock.now_ms(), clock.now_ms() + 1000)
        await store.write(lambda w: w.claim_answer(account_id, "k2", claim, 0))
        clock.move(seconds=1)
        closing = await close_account(store, clock, "demo", actor=WHO)
        assert await authenticate(store, clock, key.reveal(), "test") is None
        assert (await show_account(store, str(account_id))).name == "closing"
        for refused in (
            close_account(store, clock, str(account_id)),
            add_number(store, clock, C.value, str(account_id)),
        ):
            with pytest.raises(OperatorError, match="is closed"):
                await refused
        with pytest.raises(Problem, match="account"):
            await create_key(store, clock, operator_for(account), KeyWish("late"))
        # The name is free.
        again = await store.write(lambda writer: writer.add_account("demo", "fr", "FR", 1))
        late = E164.parse("+33199001299", "FR")
        await add_number(store, clock, late.value, "demo")
        with pytest.raises(OperatorError, match="is closed"):
            await move_number(store, clock, late, f"demo (closed {account_id})")
        await settle(store, clock)
        state = await show_account(store, f"demo (closed {account_id})")
        assert (state.name, state.numbers, state.account.id) == ("closed", 0, account_id)
        done = state.closing
        assert done == replace(closing, numbers=2, messages=11, ended_at_ms=clock.now_ms())
        assert state.removals == (done,)
        assert await store.read(methodcaller("removals_since", closing.at_ms, 9)) == [done]
        assert await store.read(methodcaller("removals_since", closing.at_ms + 1, 9)) == []
        (of_a,) = await store.read(lambda reader: reader.removals(5, A))
        assert (of_a.account_id, of_a.closing_id, of_a.ended_at_ms) == (account_id, closing.id, clock.now_ms())
        assert await store.read(methodcaller("remembered", account_id, "k")) is None
        assert await store.read(methodcaller("api_answer", account_id, "k2")) is None
        names = [number_name(A), account_name(account_id), target_name(account_id, C), target_name(account_id * 10, C)]
        left = await store.read(lambda reader: reader.usages(names, 0))
        assert {name for name, _ in left} == {target_name(account_id * 10, C)}
        assert len(await store.read(methodcaller("past_changes"))) == 6
        # Its own trail can be read still.
        assert await list_changes(store, 10, AuditFilter(), str(account_id)) == []
        for number in (A, B):
            assert (await add_number(store, clock, number.value, "demo")).account_id == again.id
        assert (await close_account(store, clock, "demo")).account_id == again.id
        assert (await show_account(store, f"demo (closed {again.id})")).name == "closing"

    run(scenario)


def test_an_import_of_a_closed_account_adds_nothing(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        account_id = await seed(store)
        account = await store.read(lambda reader: reader.accounts()[0])
        importing = Staging(store, clock)
        await importing.begin(account)
        await importing.stage([(2, NumberRow(C))], Errors(20))
        await close_account(store, clock, "demo")
        with pytest.raises(OperatorError, match="given up"):
            await importing.commit()
        # One that began when the account was open, as far as it knew.
        late = Staging(store, clock)
        await late.begin(account)
        await late.stage([(2, NumberRow(C))], Errors(20))
        with pytest.raises(OperatorError, match="given up"):
            await late.commit()
        await late.abandon()
        await settle(store, clock)
        assert (await show_account(store, str(account_id))).name == "closing"
        await staging.settle(store, clock)
        await settle(store, clock)
        assert (await show_account(store, str(account_id))).name == "closed"
        assert await store.read(methodcaller("numbers")) == []

    run(scenario)


def test_an_import_that_is_accepted_ends_before_the_account_does(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        account_id = await seed(store)
        account = await store.read(lambda reader: reader.accounts()[0])
        importing = Staging(store, clock)
        await importing.begin(account)
        await importing.stage([(2, NumberRow(C))], Errors(20))
        imports = await store.read(methodcaller("imports"))
        assert await store.write(methodcaller("commit_import", imports[0].id))
        await close_account(store, clock, "demo")
        await settle(store, clock)
        assert (await show_account(store, str(account_id))).name == "closing"
        await staging.settle(store, clock)
        await settle(store, clock)
        assert (await show_account(store, str(account_id))).name == "closed"
        assert await store.read(methodcaller("numbers")) == []
        done = await show_account(store, str(account_id))
        assert done.closing is not None
        assert done.closing.numbers == 3

    run(scenario)
