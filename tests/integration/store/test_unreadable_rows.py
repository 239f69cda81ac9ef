"""Policies and trunks that cannot be read: lists have them as such, nothing is decided by them, and others follow."""

from operator import methodcaller
from pathlib import Path

import pytest

from renvoi.application.errors import OperatorError
from renvoi.application.forwarding import RuleRequest, set_rule
from renvoi.application.numbers import read_number, set_label
from renvoi.application.policies import change_policy, list_policies
from renvoi.application.ports.errors import NotUnderstood, UnreadablePolicy, UnreadableTrunk
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.trunks import add_trunk, remove_trunk
from renvoi.domain.access.account_policy import NO_POLICY, NOTHING_ALLOWED, AccountPolicy
from renvoi.domain.access.api_key import Principal
from renvoi.domain.access.limits import AccountLimits, Limits
from renvoi.domain.numbers.destination_policy import DestinationPolicy
from renvoi.domain.outcome import Outcome
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.domain.rules.rule import Unreadable
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.integration.store.test_routing_documents import change, with_store
from tests.integration.store.test_unreadable_rules import WAYS
from tests.support.http_api import FixedClock
from tests.support.stores import A, B, seed

POLICIES = {
    Unreadable.NEWER: "UPDATE accounts SET policy_version = 99 WHERE id = 1",
    Unreadable.DAMAGED: "UPDATE accounts SET policy_version = 2, policy = '{' WHERE id = 1",
}
TRUNKS = {
    Unreadable.NEWER: "UPDATE trunks SET options_version = 99 WHERE name = 'broken'",
    Unreadable.DAMAGED: "UPDATE trunks SET direction = 'sideways' WHERE name = 'broken'",
}
NEW_LIMITS = AccountLimits(account=Limits(calls=7))
OPEN = AccountPolicy(DestinationPolicy(countries=frozenset({"BE"})))
WHOLE = OutboundTrunk("whole", "sip:192.0.2.8", region="FR")


@pytest.fixture(params=list(Unreadable), ids=lambda each: each.value)
def why(request: pytest.FixtureRequest) -> Unreadable:
    found: Unreadable = request.param
    return found


async def seed_policies(store: Store) -> None:
    """Make two accounts that have a policy."""
    await seed(store)
    await store.write(methodcaller("add_account", "other", "en", "FR", 1))
    for account_id in (1, 2):
        made = PolicyChange(1, account_id, None, "cli", NO_POLICY, OPEN)
        await store.write(methodcaller("put_policy", made))


async def replace_policy(store: Store) -> PolicyChange:
    return await change_policy(store, FixedClock(7), "1", lambda held: held.policy, NEW_LIMITS)


def test_a_policy_that_cannot_be_read_hides_no_others_and_decides_nothing(url: str, why: Unreadable) -> None:
    async def scenario(store: Store) -> None:
        await seed_policies(store)
        change(url, POLICIES[why])
        row = UnreadablePolicy(1, why)
        assert await store.read(methodcaller("policies")) == {1: row, 2: OPEN}
        for ref in (None, "1"):
            first = (await list_policies(store, ref))[0]
            assert (first.policy, first.unreadable) == (NOTHING_ALLOWED, why)
        for read in ("policy", "policy_for_change"):
            with pytest.raises(NotUnderstood) as refused:
                await store.write(methodcaller(read, 1))
            assert refused.value.row == row

    with_store(url, scenario)


def test_another_policy_takes_the_place_of_a_damaged_one(url: str) -> None:
    async def scenario(store: Store) -> None:
        await seed_policies(store)
        change(url, POLICIES[Unreadable.DAMAGED])
        made = await replace_policy(store)
        assert (made.before, made.after) == (NOTHING_ALLOWED, AccountPolicy(limits=NEW_LIMITS))
        assert await store.read(methodcaller("policies")) == {1: made.after, 2: OPEN}
        assert (await store.read(methodcaller("policy_changes", 1)))[0] == made

    with_store(url, scenario)


def test_that_which_allows_nothing_takes_its_place_too(url: str) -> None:
    async def scenario(store: Store) -> None:
        await seed_policies(store)
        change(url, POLICIES[Unreadable.DAMAGED])
        await change_policy(store, FixedClock(7), "1", lambda _: NOTHING_ALLOWED, NEW_LIMITS)
        assert await store.read(methodcaller("policy", 1)) == NOTHING_ALLOWED

    with_store(url, scenario)


def test_nothing_takes_the_place_of_a_newer_policy(url: str) -> None:
    """It may limit what this program knows nothing of."""

    async def scenario(store: Store) -> None:
        await seed_policies(store)
        change(url, POLICIES[Unreadable.NEWER])
        with pytest.raises(Problem) as refused:
            await replace_policy(store)
        assert refused.value.code is ProblemCode.POLICY_UNREADABLE
        assert (await store.read(methodcaller("policies")))[1] == UnreadablePolicy(1, Unreadable.NEWER)

    with_store(url, scenario)


@pytest.mark.parametrize("raw", ["CAST(x'ff' AS TEXT)", "x'7b7d'", "7"])
def test_a_policy_that_is_no_text_is_damaged(tmp_path: Path, raw: str) -> None:
    """Only SQLite keeps it."""
    url = f"sqlite:///{tmp_path}/renvoi.db"

    async def scenario(store: Store) -> None:
        await seed_policies(store)
        change(url, f"UPDATE accounts SET policy = {raw} WHERE id = 1")
        assert (await store.read(methodcaller("policies")))[1] == UnreadablePolicy(1, Unreadable.DAMAGED)
        await replace_policy(store)
        assert await store.read(methodcaller("policy", 1)) == AccountPolicy(limits=NEW_LIMITS)

    with_store(url, scenario)


async def seed_trunks(store: Store) -> None:
    for trunk in (OutboundTrunk("broken", "sip:192.0.2.9", region="FR", strip="0"), WHOLE):
        await add_trunk(store, trunk)


def test_a_trunk_that_cannot_be_read_hides_no_others_and_is_not_left_out(url: str, why: Unreadable) -> None:
    async def scenario(store: Store) -> None:
        await seed_trunks(store)
        change(url, TRUNKS[why])
        row = UnreadableTrunk("broken", why)
        found = await store.read(methodcaller("listed_trunks"))
        assert (found.outbound, found.unreadable) == ((WHOLE,), (row,))
        for ask in (store.read, store.write):
            with pytest.raises(NotUnderstood) as refused:
                await ask(methodcaller("trunks"))
            assert refused.value.row == row
        with pytest.raises(NotUnderstood):
            await add_trunk(store, OutboundTrunk("third", "sip:192.0.2.7", region="FR"))
        await remove_trunk(store, "broken")
        after = await store.read(methodcaller("trunks"))
        assert (after.outbound, after.unreadable) == ((WHOLE,), ())

    with_store(url, scenario)


@pytest.mark.parametrize("damage", ["uri = CAST(x'ff' AS TEXT)", "options = CAST(x'ff' AS TEXT)", "networks = 7"])
def test_a_trunk_that_is_no_text_is_damaged(tmp_path: Path, damage: str) -> None:
    """Only SQLite keeps it."""
    url = f"sqlite:///{tmp_path}/renvoi.db"
    row = UnreadableTrunk("broken", Unreadable.DAMAGED)

    async def scenario(store: Store) -> None:
        await seed_trunks(store)
        change(url, f"UPDATE trunks SET {damage}, direction = 'both' WHERE name = 'broken'")
        for ask in (store.read, store.write):
            assert (await ask(methodcaller("listed_trunks"))).unreadable == (row,)
            with pytest.raises(NotUnderstood) as refused:
                await ask(methodcaller("trunks"))
            assert refused.value.row == row

    with_store(url, scenario)


@pytest.mark.parametrize("damage", [None, *WAYS.values()], ids=["healthy", *WAYS])
def test_a_number_of_another_account_is_unknown_whether_it_can_be_read_or_not(url: str, damage: str | None) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        other = await store.write(methodcaller("add_account", "other", "en", "FR", 1))
        if damage is not None:
            change(url, damage, number=A.digits)
        who, clock = Principal(other.id, "FR", "k", "test"), FixedClock(1)
        for kind, param in (("0", ""), ("1", "+33612345678"), ("2", "owner@example.org")):
            request = RuleRequest(A.value, kind, param)
            assert (await set_rule(store, clock, who, request)).outcome is Outcome.NUMBER_UNKNOWN
            once = await set_rule(store, clock, who, request, f"key {kind}")
            assert once.outcome is Outcome.NUMBER_UNKNOWN
        assert await read_number(store, who, A.value) is Outcome.NUMBER_UNKNOWN
        assert await set_label(store, clock, who, A.value, "mine") is Outcome.NUMBER_UNKNOWN

    with_store(url, scenario)


@pytest.mark.parametrize("damage", WAYS.values(), ids=list(WAYS))
def test_a_number_of_ones_own_that_cannot_be_read_is_no_unknown_one(url: str, damage: str) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        change(url, damage, number=A.digits)
        who = Principal(1, "FR", "k", "test")
        with pytest.raises(NotUnderstood):
            await set_rule(store, FixedClock(1), who, RuleRequest(A.value, "0", ""))
        with pytest.raises(NotUnderstood):
            await read_number(store, who, A.value)
        # A key that is limited to others is not told that there is such a number.
        few = Principal(1, "FR", "k", "test", numbers=frozenset({B}))
        refused = await set_rule(store, FixedClock(1), few, RuleRequest(A.value, "0", ""))
        assert refused.outcome is Outcome.NUMBER_UNKNOWN
        # Rules of others may name it.
        await store.write(methodcaller("set_number_state", B, forwarding_enabled=True))
        named = await set_rule(store, FixedClock(1), few, RuleRequest(B.value, "1", A.value))
        assert named.outcome is Outcome.FORWARD_ENABLED

    with_store(url, scenario)


@pytest.mark.parametrize("name", ["''", "'a b'", "CAST(x'ff' AS TEXT)", "x'ff'"])
def test_a_trunk_whose_name_is_damaged_is_removed_by_what_lists_show(url: str, name: str) -> None:
    if "x'" in name and not url.startswith("sqlite"):
        pytest.skip("only SQLite keeps it")

    async def scenario(store: Store) -> None:
        await seed_trunks(store)
        change(url, f"UPDATE trunks SET name = {name} WHERE name = 'broken'")
        (row,) = (await store.read(methodcaller("listed_trunks"))).unreadable
        assert (row.name[:8], row.why) == ("damaged:", Unreadable.DAMAGED)
        with pytest.raises(OperatorError):
            await remove_trunk(store, "damaged:00000000")
        await remove_trunk(store, row.name, check=lambda _: None)
        after = await store.read(methodcaller("trunks"))
        assert (after.outbound, after.unreadable) == ((WHOLE,), ())

    with_store(url, scenario)


def test_passwords_and_keys_go_with_a_trunk_whose_name_is_damaged(url: str) -> None:
    async def scenario(store: Store) -> None:
        await seed_trunks(store)
        kept = {"trunk/whole/outbound", "webhook/1"}
        for name in (*kept, "trunk/broken/outbound", "trunk/broken/inbound", "trunk/broken/client-key"):
            await store.write(methodcaller("put_secret", name, b"sealed"))
        await add_trunk(store, OutboundTrunk("other", "sip:192.0.2.7", region="FR"))
        for name, damaged in (("broken", "''"), ("other", "'a b'")):
            change(url, f"UPDATE trunks SET name = {damaged} WHERE name = '{name}'")
        first, last = (await store.read(methodcaller("listed_trunks"))).unreadable
        await remove_trunk(store, first.name)
        # Whose they are cannot be told while another one has lost its name.
        assert len(await store.read(methodcaller("secrets"))) == 5
        await remove_trunk(store, last.name)
        assert (await store.read(methodcaller("secrets"))).keys() == kept

    with_store(url, scenario)
