"""The trail of changes of webhooks' endpoints, in every adapter of the `Store` port."""

from collections.abc import Callable
from dataclasses import replace
from operator import methodcaller

import pytest

from renvoi.application.ports.errors import StoreRefused
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.ports.webhook_changes import WebhookChange, WebhookState
from renvoi.application.removals import close_account
from renvoi.domain.events.webhook import DisabledReason, Webhook
from tests.support.http_api import FixedClock
from tests.support.removals import WHO
from tests.support.stores import Scenario, seed

MADE = WebhookState("https://example.com/é", ("*",), (), "CRM", enabled=True)
AFTER = WebhookState("https://example.com/b", ("call.missed",), ("+33199001234",), "", enabled=False, rotated=True)
FAILED = replace(MADE, enabled=False, disabled_reason=DisabledReason.FAILING)
CHANGES = [
    WebhookChange(10, "a1", 1, None, "command line", None, MADE),
    WebhookChange(20, "a2", 0, "op_0b0b0b0b0b0b", "2001:db8::1", None, MADE),
    WebhookChange(30, "a1", 1, "0b0b0b0b0b0b", "192.0.2.7", MADE, AFTER),
    WebhookChange(35, "a2", 0, None, "renvoi", MADE, FAILED),
    WebhookChange(40, "a1", 1, "usr_0b0b", "192.0.2.7", AFTER, None),
]


def test_changes_are_kept_and_go_with_time(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        for change in CHANGES:
            await store.write(methodcaller("add_webhook_change", change))
        found = await store.read(methodcaller("webhook_changes"))
        assert list(found) == CHANGES[::-1]
        assert [each.id for each in found] == sorted({each.id for each in found}, reverse=True)
        of_first = [CHANGES[4], CHANGES[2], CHANGES[0]]
        for wanted in ((1, None), (None, "a1"), (1, "a1")):
            assert list(await store.read(methodcaller("webhook_changes", *wanted))) == of_first
        assert list(await store.read(methodcaller("webhook_changes", 1, "a2"))) == []
        assert list(await store.read(methodcaller("webhook_changes", None, None, found[2].id, 1))) == [CHANGES[1]]
        assert await store.write(methodcaller("remove_old_webhook_changes", 40, 2)) == 2
        assert await store.write(methodcaller("remove_old_webhook_changes", 40, 3)) == 2
        assert await store.write(methodcaller("remove_old_webhook_changes", 40, 2)) == 0
        assert list(await store.read(methodcaller("webhook_changes"))) == [CHANGES[4]]

    run(scenario)


def test_what_no_column_can_hold_is_refused(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        for wrong in (replace(CHANGES[0], source="\0"), replace(CHANGES[0], at_ms=2**63)):
            with pytest.raises(StoreRefused):
                await store.write(methodcaller("add_webhook_change", wrong))
        assert list(await store.read(methodcaller("webhook_changes"))) == []

    run(scenario)


def test_who_closes_an_account_disables_its_webhooks(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        first = Webhook("a1", account_id, MADE.url, MADE.types, (), MADE.description, 5, 5)
        off = replace(first, id="a2", enabled=False, disabled_at_ms=6, disabled_reason=DisabledReason.BY_HAND)
        for each in (first, off, replace(first, id="a3", account_id=0)):
            await store.write(methodcaller("add_webhook", each))
        removal = await close_account(store, FixedClock(), str(account_id), actor=WHO)
        (found,) = await store.read(methodcaller("webhook_changes"))
        closed = replace(MADE, enabled=False, disabled_reason=DisabledReason.CLOSED)
        assert found == WebhookChange(removal.at_ms, "a1", account_id, WHO.key_id, WHO.source, MADE, closed)

    run(scenario)
