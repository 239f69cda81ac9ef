"""Numbers whose rule cannot be read: lists have them as such, nothing decides by them, and they can be removed."""

from operator import methodcaller

import pytest

from renvoi.adapters.sql.schema import webhook_deliveries
from renvoi.adapters.sql.webhook_statements import WEBHOOK
from renvoi.adapters.sql.webhooks import delivery, webhook
from renvoi.application.managed_numbers import own_numbers
from renvoi.application.number_lists import START, NumberFilter, list_numbers
from renvoi.application.numbers import numbers_page
from renvoi.application.ports.errors import NotUnderstood
from renvoi.application.ports.keys import KeyChange, KeyState
from renvoi.application.ports.number_lists import NumberQuery
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.removals import remove_number
from renvoi.domain.access.account_policy import NO_POLICY
from renvoi.domain.access.api_key import Principal
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.events.webhook import DeliveryState, DisabledReason
from renvoi.domain.messages.message import Mail, MailState, Message
from renvoi.domain.rules.rule import NumberRecord, Rule, RuleType, Unreadable
from tests.integration.store.test_routing_documents import change, with_store
from tests.support.http_api import FixedClock
from tests.support.stores import A, B, C, seed

WHO = Principal(1, "FR", "k", "test")
FEW = Principal(1, "FR", "k", "test", numbers=frozenset({A, B}))
LABELLED = NumberFilter("front")
WEBHOOK_COLUMNS = [column.name for column in WEBHOOK]
WAYS = {
    Unreadable.NEWER: "UPDATE numbers SET routing_version = 99 WHERE number = :number",
    Unreadable.DAMAGED: "UPDATE numbers SET routing = '', no_answer = 'dance' WHERE number = :number",
}


@pytest.fixture(params=list(WAYS), ids=lambda each: each.value)
def why(request: pytest.FixtureRequest) -> Unreadable:
    found: Unreadable = request.param
    return found


async def lists(store: Store) -> dict[str, list[NumberRecord]]:
    """Return the list of the account's numbers in each way in which there is one."""
    return {
        "numbers": list(await store.read(methodcaller("numbers"))),
        "of an account": list(await store.read(methodcaller("numbers", 1))),
        "between": list(await store.read(methodcaller("numbers_between", NumberQuery(1), 0, 10**15, 9))),
        "of a type": list(
            await store.read(methodcaller("numbers_between", NumberQuery(1, RuleType.FORWARD), 0, 10**15, 9))
        ),
        "by label": [each.record for each in await store.read(methodcaller("numbers_by_label", 1, "front", None, 9))],
        "of /v1": list(await numbers_page(store, WHO, 1, 9)),
        "of /v1, few": list(await numbers_page(store, FEW, 1, 9)),
        "of /v2": list((await list_numbers(store, WHO, NumberFilter(), START, 9)).records),
        "of /v2, few": list((await list_numbers(store, FEW, LABELLED, START, 9)).records),
        "of operators, few": list(await store.read(lambda reader: own_numbers(reader, FEW, None, 9))),
    }


def test_a_rule_that_cannot_be_read_hides_no_others(url: str, why: Unreadable) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        await store.write(methodcaller("put_rule", A, Rule(RuleType.FORWARD, C, revision=3), 7))
        before = await lists(store)
        assert all(before.values())
        change(url, WAYS[why], number=A.digits)
        after = await lists(store)
        shown = NumberRecord(A, 1, Rule(revision=3), label="front desk", updated_at_ms=7, unreadable=why)
        for name, records in before.items():
            assert after[name] == [shown if each.number == A else each for each in records], name
        # Without its rule it is of no kind.
        off = await list_numbers(store, FEW, NumberFilter(type=RuleType.DISABLED), START, 9)
        assert [each.number for each in off.records] == [B]

    with_store(url, scenario)


@pytest.mark.parametrize("read", ["number", "number_for_change"])
def test_nothing_is_decided_by_a_rule_that_cannot_be_read(url: str, why: Unreadable, read: str) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        change(url, WAYS[why], number=A.digits)
        with pytest.raises(NotUnderstood):
            await store.write(methodcaller(read, A))

    with_store(url, scenario)


def test_a_number_without_a_rule_that_can_be_read_is_removed_and_comes_again(url: str, why: Unreadable) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        change(url, WAYS[why], number=A.digits)
        await remove_number(store, FixedClock(), A)
        assert [each.number for each in await store.read(methodcaller("numbers"))] == [B]

    with_store(url, scenario)


def test_a_change_of_a_policy_that_cannot_be_read_hides_none_behind_it(url: str) -> None:
    """Neither those of the same page nor those of the next one."""

    async def scenario(store: Store) -> None:
        await seed(store)
        for at_ms in range(3):
            made = PolicyChange(at_ms, 1, None, "cli", NO_POLICY, NO_POLICY)
            await store.write(methodcaller("put_policy", made))
        change(url, "UPDATE policy_changes SET before = '{' WHERE at_ms = 2")
        assert [each.at_ms for each in await store.read(methodcaller("policy_changes"))] == [1, 0]
        assert [each.at_ms for each in await store.read(methodcaller("policy_changes", 1, 1))] == [1]

    with_store(url, scenario)


def test_a_change_of_a_key_that_cannot_be_read_hides_none_behind_it(url: str) -> None:
    async def scenario(store: Store) -> None:
        for revision in range(3):
            state = KeyState("label", (), None, None, None, revision)
            await store.write(methodcaller("add_key_change", KeyChange(revision, "k", 1, None, "cli", None, state)))
        change(url, "UPDATE key_changes SET after = '[' WHERE revision = 2")
        assert [each.at_ms for each in await store.read(methodcaller("key_changes", "k"))] == [1, 0]
        assert [each.at_ms for each in await store.read(methodcaller("key_changes", "k", 1))] == [1]

    with_store(url, scenario)


def test_a_mail_in_an_unknown_state_hides_no_messages(url: str) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        for message_id in ("one", "two"):
            message = Message(message_id, A, 1, 0, "", "c", 1, 4000)
            mail = Mail(message_id, EmailAddress("a@example.org"), 1, 1, MailState.SENT, ended_at_ms=2)
            await store.write(methodcaller("add_message", message, mail, b"RIFF"))
        change(url, "UPDATE mails SET state = 'pigeon' WHERE message_id = 'one'")
        found = await store.read(methodcaller("messages"))
        states = {each.message.id: each.mail.state for each in found}
        assert states == {"one": MailState.FAILED, "two": MailState.SENT}

    with_store(url, scenario)


def test_states_of_webhooks_that_are_unknown_hide_no_others() -> None:
    values = dict.fromkeys(WEBHOOK_COLUMNS) | {"types": "", "numbers": "", "enabled": 0}
    found = webhook(tuple((values | {"disabled_reason": "pigeon"}).values()))
    assert (found.enabled, found.disabled_reason) == (False, DisabledReason.BY_HAND)
    sent = dict.fromkeys(webhook_deliveries.c.keys()) | {"id": 1, "state": "pigeon"}
    assert delivery(tuple(sent.values())).state is DeliveryState.FAILED
