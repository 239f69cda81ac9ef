"""Endpoints of webhooks and deliveries to them, in every adapter of the `Store` port."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from operator import methodcaller

import pytest

from renvoi.application.ports.errors import Conflict
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.domain.events.event import Event, EventType, StoredEvent
from renvoi.domain.events.webhook import (
    FARTHEST_MS,
    Delivery,
    DeliveryState,
    DisabledReason,
    Webhook,
    previous_secret_of,
    secret_of,
)
from renvoi.domain.numbers.number import E164
from tests.contract.test_events import NUMBERS, event, log_of, make, tell
from tests.support.stores import Scenario
from tests.support.waiting import wait_until

FIRST, SECOND = NUMBERS[:2]
NOTE = "it is disabled"


def webhook(account_id: int, name: str = "a1") -> Webhook:
    """Return an endpoint of an account that gets all."""
    return Webhook(name, account_id, "https://example.com/hook", ("*",), (), "", 5, 5)


async def add(store: Store, account_id: int, name: str = "a1") -> Webhook:
    """Add an endpoint."""
    made = webhook(account_id, name)
    await store.write(methodcaller("add_webhook", made))
    return made


async def unread(store: Store, name: str, count: int) -> Sequence[StoredEvent]:
    """Return what an endpoint has not got yet, once that many events can be read."""
    found: Sequence[StoredEvent] = ()

    async def are_there() -> bool:
        nonlocal found
        found = await store.read(methodcaller("unread_events", name, 1000))
        return len(found) >= count

    await wait_until(are_there)
    return found


async def queue(store: Store, name: str, *told: Event, at_ms: int = 10) -> Sequence[Delivery]:
    """Tell events and have them delivered; return what is due."""
    await tell(store, *told)
    found = await unread(store, name, len(told))
    await store.write(methodcaller("add_deliveries", name, found, found[-1].position, at_ms))
    return await due(store, name)


async def due(store: Store, name: str, now_ms: int = 10) -> Sequence[Delivery]:
    """Return what is due of an endpoint."""
    return [each for each, _ in await store.read(methodcaller("due_deliveries", name, now_ms, 100))]


def delivered(delivery: Delivery, at_ms: int = 20) -> Delivery:
    """Return a delivery that has come to its end."""
    done = replace(delivery, state=DeliveryState.DELIVERED, attempts=delivery.attempts + 1, ended_at_ms=at_ms)
    return replace(done, status=200, attempted_at_ms=at_ms, duration_ms=3, answer="ok é")


def test_an_endpoint_is_kept_changed_and_removed(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await make(store)
        made = await add(store, account_id)
        assert await store.read(methodcaller("webhook", "a1")) == made
        assert await store.read(methodcaller("webhook", "a2")) is None
        with pytest.raises(Conflict):
            await add(store, account_id)
        changed = replace(
            made, url="https://example.com/b", types=("call.missed", "mail.failed"), numbers=(FIRST, SECOND)
        )
        changed = replace(changed, description="é", revision=2, updated_at_ms=9, previous_until_ms=77)
        await store.write(methodcaller("put_webhook", changed))
        assert await store.write(methodcaller("webhook_for_change", "a1")) == changed
        await add(store, account_id, "a3")
        await add(store, account_id + 1, "a2")
        names = methodcaller("webhooks", account_id)
        assert [each.id for each in await store.read(names)] == ["a1", "a3"]
        assert [each.id for each in await store.read(methodcaller("webhooks", None, "a1", 1))] == ["a2"]
        assert await store.read(methodcaller("count_webhooks", account_id)) == 2
        for name in (secret_of("a1"), previous_secret_of("a1"), secret_of("a3")):
            await store.write(methodcaller("put_secret", name, b"x"))
        assert await store.write(methodcaller("remove_webhook", "a1"))
        assert not await store.write(methodcaller("remove_webhook", "a1"))
        assert list(await store.read(methodcaller("secrets"))) == [secret_of("a3")]

    run(scenario)


def test_an_endpoint_gets_what_happens_from_then_on(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await make(store)
        assert not await store.read(methodcaller("has_webhooks"))
        await tell(store, event(account_id, FIRST))
        await log_of(store, account_id, 1)
        made = await add(store, account_id)
        assert await store.read(methodcaller("has_webhooks"))
        assert not await store.read(methodcaller("webhooks_with_events", 10))
        await tell(store, event(account_id, FIRST), event(account_id + 1, None), event(account_id, None))
        found = await unread(store, "a1", 2)
        assert [each.seq for each in found] == [2, 1]
        cursor = await store.read(methodcaller("webhook_cursor", "a1"))
        assert await store.read(methodcaller("events", account_id, cursor, 9)) == found
        assert await store.read(methodcaller("webhooks_with_events", 10)) == ["a1"]
        assert len(await store.read(methodcaller("unread_events", "a1", 1))) == 1
        # Disabled, it gets none of them; and when it gets some again, none that it missed.
        await store.write(methodcaller("put_webhook", replace(made, enabled=False)))
        assert not await store.read(methodcaller("unread_events", "a1", 10))
        assert not await store.read(methodcaller("webhooks_with_events", 10))
        assert not await store.read(methodcaller("has_webhooks"))
        await store.write(methodcaller("put_webhook", made))
        assert not await store.read(methodcaller("unread_events", "a1", 10))

    run(scenario)


def test_one_of_a_number_at_a_time_is_due(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await make(store)
        await add(store, account_id)
        told = [event(account_id, FIRST), event(account_id, SECOND), event(account_id, FIRST), event(account_id, None)]
        one, two, without = await queue(store, "a1", *told)
        assert [each.lane for each in (one, two, without)] == [FIRST.digits, SECOND.digits, 0]
        assert await store.read(methodcaller("webhooks_with_deliveries", 10)) == ["a1"]
        assert not await store.read(methodcaller("webhooks_with_deliveries", 9))
        # One more of that number, while two of it have not ended.
        assert await queue(store, "a1", event(account_id, FIRST)) == [one, two, without]
        later = replace(one, attempts=1, due_at_ms=50, status=500, note="HTTP 500", attempted_at_ms=12, duration_ms=1)
        await store.write(methodcaller("put_deliveries", [later, delivered(two)]))
        assert await due(store, "a1") == [without]
        assert await due(store, "a1", 50) == [without, later]
        # A clock that was set back does not have it wait for ever.
        assert later in await due(store, "a1", 49 - FARTHEST_MS)
        await store.write(methodcaller("put_deliveries", [delivered(later, 60)]))
        third, _ = await due(store, "a1", 60)
        assert third.lane == FIRST.digits
        assert third.id > later.id
        await store.write(methodcaller("put_deliveries", [delivered(third)]))
        (_, fourth) = await due(store, "a1")
        assert fourth.id > third.id
        await store.write(methodcaller("put_deliveries", [delivered(fourth), delivered(without)]))
        assert await due(store, "a1") == []
        assert (await store.read(methodcaller("delivery_queue"))).length == 0
        assert await queue(store, "a1", event(account_id, FIRST)) != []

    run(scenario)


def test_what_has_ended_stays_so(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await make(store)
        await add(store, account_id)
        (one,) = await queue(store, "a1", event(account_id, FIRST), event(account_id, FIRST))
        await store.write(methodcaller("put_deliveries", [delivered(one)]))
        # The same once more, by a node that had the endpoint before.
        await store.write(methodcaller("put_deliveries", [replace(one, due_at_ms=99, attempts=1)]))
        assert await store.read(methodcaller("delivery", one.id)) == delivered(one)
        (two,) = await due(store, "a1")
        await store.write(methodcaller("put_deliveries", [delivered(one, 30)]))
        assert await due(store, "a1") == [two]

    run(scenario)


def test_deliveries_are_listed_and_made_again(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await make(store)
        await add(store, account_id)
        one, two = await queue(store, "a1", event(account_id, FIRST), event(account_id, SECOND))
        await store.write(methodcaller("put_deliveries", [delivered(one)]))
        told = await store.read(methodcaller("event", one.position))
        again = await store.write(methodcaller("add_delivery", "a1", told, 40))
        found = await store.read(methodcaller("deliveries", "a1"))
        assert [each.id for each in found] == [again, two.id, one.id]
        assert found[0] == Delivery(again, "a1", one.position, "call.missed", None, 40, 40)
        assert await store.read(methodcaller("deliveries", "a1", again, 1)) == [two]
        assert await store.read(methodcaller("deliveries", "a1", None, 9, DeliveryState.DELIVERED)) == [delivered(one)]
        assert not await store.read(methodcaller("deliveries", "a2"))
        assert await store.read(methodcaller("delivery", again)) == found[0]
        assert await store.read(methodcaller("delivery", 10**9)) is None
        assert await due(store, "a1", 40) == [two, found[0]]
        # It waits for none, and none waits for it.
        assert len(await queue(store, "a1", event(account_id, FIRST))) == 2
        of = await store.read(methodcaller("delivery_queue"))
        assert (of.length, of.oldest_at_ms) == (3, 10)

    run(scenario)


def test_a_delivery_whose_event_is_gone_is_due_without_it(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await make(store)
        await add(store, account_id)
        (one,) = await queue(store, "a1", event(account_id, FIRST))
        while await store.write(methodcaller("remove_events", account_id, 10)):
            pass
        assert await store.read(methodcaller("due_deliveries", "a1", 10, 5)) == [(one, None)]

    run(scenario)


def test_an_endpoint_that_fails_is_disabled_and_told_of(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await make(store)
        made = await add(store, account_id)
        await store.write(methodcaller("put_failing_since", "a1", 7))
        assert await store.read(methodcaller("webhook", "a1")) == replace(made, failing_since_ms=7)
        await queue(store, "a1", event(account_id, FIRST), event(account_id, FIRST), event(account_id, SECOND))

        def disable(writer: Writer) -> bool:
            return writer.disable_webhook("a1", DisabledReason.FAILING, 30, notice=True)

        assert await store.write(disable)
        assert not await store.write(disable)
        found = await store.read(methodcaller("webhook", "a1"))
        assert (found.enabled, found.disabled_reason, found.disabled_at_ms, found.revision) == (False, "failing", 30, 2)
        # What waits is given up, piece by piece.
        assert await store.read(methodcaller("webhooks_with_deliveries", 0)) == ["a1"]
        assert await store.write(methodcaller("end_deliveries", "a1", 31, NOTE, 2)) == 2
        assert await store.write(methodcaller("end_deliveries", "a1", 31, NOTE, 2)) == 1
        assert not await store.read(methodcaller("webhooks_with_deliveries", 10**6))
        assert {
            (each.state, each.note, each.ended_at_ms) for each in await store.read(methodcaller("deliveries", "a1"))
        } == {(DeliveryState.FAILED, NOTE, 31)}
        (notice,) = await store.read(methodcaller("due_webhook_notices", 30, 10))
        assert (notice.webhook, notice.at_ms) == (found, 30)
        assert await store.write(methodcaller("claim_webhook_notice", "a1", 30, 90))
        assert not await store.write(methodcaller("claim_webhook_notice", "a1", 89, 190))
        assert not await store.read(methodcaller("due_webhook_notices", 89, 10))
        assert len(await store.read(methodcaller("due_webhook_notices", 90, 10))) == 1
        await store.write(methodcaller("end_webhook_notice", "a1"))
        assert not await store.read(methodcaller("due_webhook_notices", 10**6, 10))

    run(scenario)


def test_all_of_an_account_goes(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await make(store)
        for name, owner in (("a1", account_id), ("a2", account_id), ("a3", account_id + 1)):
            await add(store, owner, name)
            await queue(store, name, *(event(owner, None, EventType.LIMIT_REACHED) for _ in range(3)))
        assert await store.write(methodcaller("disable_webhooks", account_id, 50)) == 2
        assert await store.read(methodcaller("count_webhooks", account_id)) == 2
        remove = partial(store.write, methodcaller("remove_webhooks", account_id, 5))
        counts = [await remove(), await remove()]
        assert sum(counts) >= 8
        assert max(counts) <= 5
        assert await remove() == 0
        assert [each.id for each in await store.read(methodcaller("webhooks"))] == ["a3"]
        assert (await store.read(methodcaller("delivery_queue"))).length == 3

    run(scenario)


def test_old_deliveries_and_those_of_removed_endpoints_go(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await make(store)
        await add(store, account_id)
        made = await queue(store, "a1", *(event(account_id, number) for number in NUMBERS[:4]))
        await store.write(methodcaller("put_deliveries", [delivered(each) for each in made[1:]]))
        assert await store.write(methodcaller("remove_old_deliveries", 10, 100)) == 0
        assert await store.write(methodcaller("remove_old_deliveries", 11, 2)) == 2
        assert await store.write(methodcaller("remove_old_deliveries", 11, 2)) == 1
        assert await store.read(methodcaller("deliveries", "a1")) == [made[0]]
        assert await store.write(methodcaller("remove_lost_deliveries", 10)) == 0
        await store.write(methodcaller("remove_webhook", "a1"))
        assert await store.read(methodcaller("deliveries", "a1")) == []
        # A node that had just read its events.
        events = await log_of(store, account_id, 4)
        await store.write(methodcaller("add_deliveries", "a1", events[:1], 1, 10))
        assert await store.write(methodcaller("remove_lost_deliveries", 10)) == 1
        assert not await store.read(methodcaller("has_webhooks"))

    run(scenario)


def test_leases_of_one_kind_are_released(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        def take(name: str, owner: str) -> Callable[[Writer], bool]:
            return lambda writer: writer.take_lease(name, owner, 0, 100)

        for name, owner in (("webhook/a", "me"), ("webhook/b", "you"), ("webhook/c", "me"), ("x", "me")):
            assert await store.write(take(name, owner))
        await store.write(methodcaller("release_leases", "webhook/", "me", ["c", "b"]))
        names = ("webhook/a", "webhook/b", "webhook/c", "x")
        assert [name for name in names if await store.write(take(name, "other"))] == ["webhook/c"]
        await store.write(methodcaller("release_leases", "webhook/", "me"))
        assert [name for name in ("webhook/a", "webhook/b", "x") if await store.write(take(name, "third"))] == [
            "webhook/a"
        ]

    run(scenario)


def test_only_what_was_chosen_is_wanted() -> None:
    def told(kind: str, number: E164 | None) -> StoredEvent:
        return StoredEvent(1, kind, 1, number, 1, "{}", 1)

    every = [told(kind, number) for kind in ("call.missed", "mail.failed") for number in (FIRST, SECOND, None)]
    tested = told("webhook.test", None)
    chosen = replace(webhook(1), types=("call.missed",), numbers=(FIRST,))
    assert chosen.wanted([*every, tested]) == [every[0], every[2]]
    assert replace(chosen, numbers=()).wanted([*every, tested]) == every[:3]
    assert webhook(1).wanted([*every, tested]) == every
