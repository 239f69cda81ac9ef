"""Numbers whose rule cannot be read, among those that are changed together: they are refused, the others changed."""

from collections.abc import Callable, Sequence
from operator import methodcaller
from pathlib import Path

import pytest

from renvoi.application.account_lists import find_accounts
from renvoi.application.ports.holidays import NoHolidays
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.application.removals import remove_number, settle_removals
from renvoi.application.rule_batches import BatchChange, BatchRefused, Result, change_all, change_each
from renvoi.application.rules import Changed, HolidayDates, RuleChange
from renvoi.domain.access.api_key import Principal
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.domain.rules.rule import Rule, RuleType
from tests.integration.store.test_routing_documents import change, with_store
from tests.support.http_api import FixedClock
from tests.support.stores import A, B, C, seed

WHO = Principal(1, "FR", "k", "test")
WAYS = {
    "newer": "UPDATE numbers SET routing_version = 99 WHERE number = :number",
    "damaged": "UPDATE numbers SET routing = '', no_answer = 'dance' WHERE number = :number",
}


@pytest.fixture(params=list(WAYS))
def way(request: pytest.FixtureRequest) -> str:
    return WAYS[request.param]


def batch() -> list[BatchChange]:
    def make(before: Rule) -> Rule:
        return Rule(RuleType.FORWARD, C, revision=before.revision)

    return [BatchChange(RuleChange(number, make), frozenset({C})) for number in (A, B)]


async def each_of(store: Store) -> Sequence[Result]:
    dates = HolidayDates(NoHolidays(), 7)
    found: list[Result] = []

    def around(_first: int, _writer: Writer, run: Callable[[], Sequence[Result]]) -> Sequence[Result]:
        return run()

    async for some in change_each(store, dates, WHO, batch(), around):
        found += some
    return found


def test_one_that_cannot_be_read_keeps_no_other_from_being_changed(url: str, way: str) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        await store.write(methodcaller("set_number_state", B, forwarding_enabled=True))
        change(url, way, number=A.digits)
        refused, made = await each_of(store)
        assert isinstance(refused, Problem)
        assert refused.code is ProblemCode.RULE_UNREADABLE
        assert isinstance(made, Changed)
        assert (await store.read(methodcaller("number", B))).rule.target == C

    with_store(url, scenario)


def test_all_or_none_is_none_and_says_which(url: str, way: str) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        await store.write(methodcaller("set_number_state", B, forwarding_enabled=True))
        change(url, way, number=A.digits)
        with pytest.raises(BatchRefused) as raised:
            await change_all(store, HolidayDates(NoHolidays(), 7), WHO, batch())
        assert {place: each.code for place, each in raised.value.problems.items()} == {0: ProblemCode.RULE_UNREADABLE}
        assert (await store.read(methodcaller("number", B))).rule == Rule()

    with_store(url, scenario)


def test_its_account_is_found_by_it(url: str, way: str) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        await store.write(methodcaller("set_number_state", B, forwarding_enabled=True))
        change(url, way, number=A.digits)
        found, _ = await find_accounts(store, A.value, None, None, 9)
        assert [each.id for each in found] == [1]

    with_store(url, scenario)


@pytest.mark.parametrize("column", ["routing", "label", "email"])
def test_a_row_of_bytes_that_are_no_text_is_refused_alone_and_can_be_removed(tmp_path: Path, column: str) -> None:
    """Only SQLite keeps them."""
    url = f"sqlite:///{tmp_path}/renvoi.db"

    async def scenario(store: Store) -> None:
        await seed(store)
        await store.write(methodcaller("set_number_state", B, forwarding_enabled=True))
        change(url, f"UPDATE numbers SET {column} = CAST(x'7bff7d' AS TEXT) WHERE number = :number", number=A.digits)
        refused, made = await each_of(store)
        assert isinstance(refused, Problem)
        assert refused.code is ProblemCode.RULE_UNREADABLE
        assert isinstance(made, Changed)
        assert made.is_changed
        await remove_number(store, FixedClock(), A)
        await settle_removals(store, FixedClock(), lambda _: None)
        assert [each.number for each in await store.read(methodcaller("numbers"))] == [B]

    with_store(url, scenario)
