"""A number of an account that is being closed, on every store: nobody changes it, and it goes."""

from collections.abc import Callable
from operator import methodcaller

import pytest

from renvoi.application import managed_numbers, operators_numbers
from renvoi.application.auth import operator_everywhere
from renvoi.application.numbers import reset_greeting, set_greeting, set_state
from renvoi.application.operators_numbers import NumberWish
from renvoi.application.ports.holidays import NoHolidays
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.removals import close_account, move_number, remove_number, show_account
from renvoi.application.rules import RuleChange, change_rule
from renvoi.domain.problem import Problem
from renvoi.domain.rules.rule import Rule
from tests.support.outbox_harness import MovedClock
from tests.support.removals import WHO, fill, settle
from tests.support.stores import A, Scenario

Run = Callable[[Scenario], None]


def test_a_number_of_an_account_that_is_being_closed_stays_and_goes_with_it(run: Run) -> None:
    async def scenario(store: Store) -> None:
        clock = MovedClock()
        account_id = await fill(store, clock)
        other = await store.write(lambda writer: writer.add_account("other", "en", "FR", 1))
        await close_account(store, clock, "demo")
        before = await store.read(methodcaller("number", A))
        greeting = await store.read(methodcaller("greeting", A))
        everywhere = operator_everywhere()
        for refused in (
            move_number(store, clock, A, "other"),
            remove_number(store, clock, A, keeps_messages=True),
            operators_numbers.change_number(store, clock, A, NumberWish(account=other.id), WHO, lambda _: None),
            operators_numbers.change_number(store, clock, A, NumberWish(label="mine"), WHO, lambda _: None),
            managed_numbers.change_number(store, clock, everywhere, A, "mine", None, lambda _: None),
            set_state(store, clock, A, active=False),
            set_greeting(store, clock, A, b"WAV2"),
            reset_greeting(store, clock, A, spoken=True),
            change_rule(store, clock, NoHolidays(), everywhere, RuleChange(A, lambda _: Rule())),
        ):
            with pytest.raises(Problem, match="account_closing"):
                await refused
        assert await store.read(methodcaller("number", A)) == before
        assert await store.read(methodcaller("greeting", A)) == greeting
        await settle(store, clock)
        assert await store.read(methodcaller("number", A)) is None
        assert (await show_account(store, str(account_id))).name == "closed"

    run(scenario)
