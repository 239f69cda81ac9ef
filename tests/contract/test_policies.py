"""Policies of accounts: what every adapter of the `Store` port does with them."""

from asyncio import gather
from collections.abc import Callable
from dataclasses import replace
from operator import methodcaller

from renvoi.application.forwarding import RuleRequest, set_rule
from renvoi.application.policies import change_limits
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.domain.access.account_policy import NO_POLICY, NONE_USED, AccountPolicy, CountriesUsed
from renvoi.domain.access.api_key import Principal
from renvoi.domain.access.limits import NO_LIMITS
from renvoi.domain.numbers.destination_policy import DestinationPolicy
from tests.support.http_api import FixedClock
from tests.support.stores import A, B, Scenario, seed

POLICY = AccountPolicy(
    DestinationPolicy(
        frozenset({"FR", "BE", "001"}),
        eea=True,
        refused_types=frozenset({"premium-rate"}),
        allowed_prefixes=frozenset({"33800", "883"}),
        refused_prefixes=frozenset({"339"}),
    )
)
NOTHING = AccountPolicy(DestinationPolicy(frozenset(), refused_types=frozenset()))


def test_a_policy_comes_back_as_put_with_the_trail_of_its_changes(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        other = await store.write(lambda writer: writer.add_account("other", "en", "BE", 5))
        made: list[PolicyChange] = []
        before = NO_POLICY
        for at_ms, after in enumerate((POLICY, NOTHING, NO_POLICY), start=10):
            change = PolicyChange(at_ms, account_id, None, "command line", before, after)

            def put(writer: Writer, change: PolicyChange = change) -> None:
                assert writer.policy_for_change(account_id) == change.before
                writer.put_policy(change)

            await store.write(put)
            assert await store.read(methodcaller("policy", account_id)) == after
            assert await store.read(methodcaller("policy", other.id)) == NO_POLICY
            made.insert(0, change)
            before = after

        assert await store.read(methodcaller("policies")) == {}
        foreign = replace(made[0], account_id=other.id, after=NOTHING, key_id="0a0a0a0a0a0a", source="192.0.2.7")
        await store.write(methodcaller("put_policy", foreign))

        def check(reader: Reader) -> None:
            assert list(reader.policy_changes()) == [foreign, *made]
            assert list(reader.policy_changes(2, account_id)) == made[:2]
            assert reader.policy(999) == NO_POLICY
            assert reader.policies() == {other.id: NOTHING}

        await store.read(check)

    run(scenario)


def test_old_changes_of_policies_go_and_the_policy_stays(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        for at_ms in (10, 20, 30):
            change = PolicyChange(at_ms, account_id, None, "command line", POLICY, POLICY)
            await store.write(methodcaller("put_policy", change))
        assert await store.write(methodcaller("remove_old_policy_changes", 30, 1)) == 1
        assert await store.write(methodcaller("remove_old_policy_changes", 30, 5)) == 1
        assert await store.write(methodcaller("remove_old_policy_changes", 30, 5)) == 0
        assert [each.at_ms for each in await store.read(methodcaller("policy_changes"))] == [30]
        assert await store.read(methodcaller("policy", account_id)) == POLICY

    run(scenario)


def test_rules_are_written_as_the_policy_allows_at_that_moment(run: Callable[[Scenario], None]) -> None:
    """Many changes at once as well, which share a transaction on PostgreSQL."""

    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        await store.write(lambda writer: writer.set_number_state(B, forwarding_enabled=True))
        principal, clock = Principal(account_id, "FR", None, "192.0.2.7"), FixedClock(1)

        async def outcomes(*targets: str) -> list[str]:
            asked = [RuleRequest(number.value, "1", target) for target in targets for number in (A, B)]
            return [
                result.outcome.name for result in await gather(*(set_rule(store, clock, principal, a) for a in asked))
            ]

        async def allow(before: AccountPolicy, destinations: DestinationPolicy) -> AccountPolicy:
            after = AccountPolicy(destinations)
            change = PolicyChange(1, account_id, None, "command line", before, after)
            await store.write(methodcaller("put_policy", change))
            return after

        refused = ["DESTINATION_REFUSED"] * 2
        assert await outcomes("+32470123456", "+33899123456", "112", "+33112", "+883510001000100") == (refused * 5)
        policy = await allow(NO_POLICY, DestinationPolicy(frozenset({"BE"})))
        assert await outcomes("+32470123456") == ["FORWARD_ENABLED"] * 2
        assert await outcomes("+33644630000") == refused
        policy = await allow(policy, DestinationPolicy(frozenset({"ALL", "001"}), refused_types=frozenset()))
        assert await outcomes("+33899123456") == ["FORWARD_ENABLED"] * 2
        assert await outcomes("112") == refused
        await allow(policy, DestinationPolicy())
        # What is the rule already is not asked about again.
        assert await outcomes("+33899123456") == ["ALREADY_FORWARDING"] * 2
        assert await outcomes("+33899123457") == refused

    run(scenario)


def test_the_first_rule_of_an_account_for_a_country_is_noted_once(run: Callable[[Scenario], None]) -> None:
    """Many changes at once as well; and the operator's changes of the policy keep it."""

    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        await store.write(lambda writer: writer.set_number_state(B, forwarding_enabled=True))
        clock = FixedClock(1)
        everywhere = AccountPolicy(DestinationPolicy(frozenset({"ALL"})))
        await store.write(
            methodcaller("put_policy", PolicyChange(1, account_id, None, "command line", NO_POLICY, everywhere))
        )

        async def forward(*targets: str, at_ms: int) -> None:
            clock.now = at_ms
            asked = [RuleRequest(number.value, "1", target) for target in targets for number in (A, B)]
            principal = Principal(account_id, "FR", "0a0a0a0a0a0a", "192.0.2.7")
            results = await gather(*(set_rule(store, clock, principal, each) for each in asked))
            assert {result.outcome.name for result in results} <= {"FORWARD_ENABLED", "ALREADY_FORWARDING"}

        await forward("+33644630000", at_ms=5)
        assert len(await store.read(methodcaller("policy_changes"))) == 1
        await forward("+32470123456", "+33644630000", at_ms=6)
        await forward("+32470123457", "+41781234567", "+32470123456", at_ms=7)
        used = CountriesUsed((("BE", 6), ("CH", 7)))
        assert await store.read(methodcaller("policy", account_id)) == replace(everywhere, used=used)
        newest, older, _ = await store.read(methodcaller("policy_changes"))
        assert (newest.key_id, newest.source, newest.at_ms) == ("0a0a0a0a0a0a", "192.0.2.7", 7)
        assert (older.before.used, older.after.used) == (NONE_USED, CountriesUsed((("BE", 6),)))
        await change_limits(store, clock, str(account_id), {"account": {"calls": 3}}, NO_LIMITS)
        assert (await store.read(methodcaller("policy", account_id))).used == used

    run(scenario)
