"""The sender of webhooks: order, retries, endpoints that fail, several nodes."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import methodcaller
from typing import TypeVar

from standardwebhooks import Webhook as Signer

from renvoi.application.auth import RENVOI, Actor
from renvoi.application.ports.unit_of_work import Reader, Writer
from renvoi.application.ports.webhooks import Answer
from renvoi.application.webhooks.endpoints import rotate_secret
from renvoi.application.webhooks.outcomes import ATTEMPTS_FAILED, DELIVERED, DISABLED, GIVEN_UP
from renvoi.domain.access.api_key import Principal
from renvoi.domain.events.event import position_of
from renvoi.domain.events.webhook import (
    DISABLED_AFTER,
    RETRIES,
    DeliveryState,
    DisabledReason,
    next_pause,
    previous_secret_of,
)
from tests.support.memory_store import MemoryStore
from tests.support.receivers import SECRET, Received
from tests.support.webhook_harness import BROKEN, NUMBERS, SEALER, TAKEN, WebhookHarness, run

T = TypeVar("T")
FIRST, SECOND = NUMBERS[:2]
OLD_SECRET = "whsec_" + "b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQg"


def test_events_are_sent_signed_and_once() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        await harness.add("a")
        await harness.add("b", types=("mail.failed",))
        await harness.tell(FIRST, None, a="é")
        async with harness.sending():
            found = await harness.until_ended("a", 2)
            await harness.tell(FIRST)
            found = await harness.until_ended("a", 3)
        assert {each.state for each in found} == {DeliveryState.DELIVERED}
        assert [(each.attempts, each.status, each.answer) for each in found] == [(1, 200, "ok")] * 3
        assert [url for url, _, _ in harness.client.sent] == ["https://a.example"] * 3
        got = [Received("/", headers, body) for _, headers, body in harness.client.sent]
        assert [each.event["data"]["seq"] for each in got if each.event["data"]["number"]] == [1, 2]
        assert got[0].event["data"] == {"account": "acc_1", "number": FIRST.value, "seq": 1, "a": "é"}
        assert all(each.body.startswith(b'{"type":"call.missed","timestamp":"2026-') for each in got)
        assert len({each.id for each in got}) == 3
        assert all(position_of(each.id) for each in got)
        counts = await harness.store.read(methodcaller("counts"))
        assert (counts[DELIVERED], counts.get(ATTEMPTS_FAILED)) == (3, None)

    run(scenario)


def test_each_retry_waits_as_the_table_says_and_the_last_one_ends_it() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        harness.client.answer = BROKEN
        await harness.add("a")
        await harness.tell(FIRST, FIRST)
        pauses = []
        async with harness.sending():
            for attempt, _ in enumerate(RETRIES, 1):
                first, second = await harness.until_tried("a", attempt)
                assert second.state is DeliveryState.WAITING or attempt == len(RETRIES)
                if attempt < len(RETRIES):
                    pauses.append(timedelta(milliseconds=first.due_at_ms - harness.clock.now))
                    harness.clock.move(milliseconds=first.due_at_ms - harness.clock.now - 1)
                    assert not await harness.store.read(methodcaller("webhooks_with_deliveries", harness.clock.now))
                    harness.clock.move(milliseconds=1)
        assert pauses == list(RETRIES[1:])
        assert (first.state, first.note, first.answer) == (DeliveryState.FAILED, "HTTP 500", "no")
        # The next of the number was tried as soon as this one was given up.
        assert second.state is DeliveryState.PENDING
        counts = await harness.store.read(methodcaller("counts"))
        assert counts[GIVEN_UP] == 1

    run(scenario)


def test_pauses_vary_by_a_fifth_and_obey_the_endpoint_up_to_a_day() -> None:
    for attempts, pause in enumerate(RETRIES[1:], 1):
        assert [next_pause(attempts, jitter) for jitter in (0, 0.5, 1)] == [0.8 * pause, pause, 1.2 * pause]
    assert next_pause(len(RETRIES), 0.5) is None
    assert next_pause(1, 0.5, timedelta(seconds=1)) == RETRIES[1]
    assert next_pause(1, 0.5, timedelta(hours=1)) == timedelta(hours=1)
    assert next_pause(1, 0.5, timedelta(days=400)) == timedelta(hours=24)


def test_an_endpoint_that_wishes_to_be_left_alone_is() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        harness.client.answer = Answer(429, "HTTP 429", "", timedelta(minutes=10))
        await harness.add("a")
        await harness.tell(FIRST)
        async with harness.sending() as sender:
            (first,) = await harness.until_tried("a", 1)
            assert first.due_at_ms - harness.clock.now == 600_000
            await harness.tell(SECOND)
            await harness.add("b")
            await harness.tell(None)
            harness.client.answers["https://b.example"] = TAKEN
            sender.look()
            await harness.until_ended("b", 1)
            assert len(harness.client.ids("https://a.example")) == 1
            harness.client.answer = TAKEN
            harness.clock.move(minutes=10)
            await harness.until_ended("a", 3)

    run(scenario)


def test_events_of_a_number_come_in_order_and_one_at_a_time() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        running: Counter[str] = Counter()
        seqs: dict[str, list[int]] = {}
        failures = iter([True, False, True] * 20)

        async def answer(_: str, body: bytes) -> Answer:
            data = Received("/", {}, body).event["data"]
            running[data["number"]] += 1
            assert running[data["number"]] == 1
            await asyncio.sleep(0)
            running[data["number"]] -= 1
            if data["seq"] % 4 == 0 and next(failures, False):
                return BROKEN
            seqs.setdefault(data["number"], []).append(data["seq"])
            return TAKEN

        harness.client.answer = answer
        await harness.add("a")
        for _ in range(10):
            await harness.tell(*NUMBERS[:5])
        async with harness.sending():
            while sum(map(len, seqs.values())) < 50:
                harness.clock.move(minutes=10)
                await asyncio.sleep(0.01)
            await harness.until_ended("a", 50)
        assert seqs == {number.value: list(range(1, 11)) for number in NUMBERS[:5]}

    run(scenario)


class GatedStore(MemoryStore):
    """A store that gives what a sender reads of deliveries, and takes what came of them, when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.gates = {"_read": asyncio.Event(), "keep": asyncio.Event()}
        self.held: Counter[str] = Counter()

    async def read(self, work: Callable[[Reader], T]) -> T:
        """Read, and give it later."""
        found = await super().read(work)
        await self._pass(work)
        return found

    async def write(self, work: Callable[[Writer], T]) -> T:
        """Write later."""
        await self._pass(work)
        return await super().write(work)

    async def _pass(self, work: object) -> None:
        name = getattr(getattr(work, "func", None), "__name__", "")
        if name in self.gates:
            self.held[name] += 1
            await self.gates[name].wait()


def test_nothing_is_tried_again_because_it_was_read_before_its_outcome_was_stored() -> None:
    async def main() -> None:
        store = GatedStore()
        harness = WebhookHarness(store)
        await harness.make()
        harness.client.answer = BROKEN
        await harness.add("a")
        await harness.tell(FIRST)
        async with harness.sending() as sender:
            await harness.until(lambda: store.held["_read"] == 1)
            store.gates["_read"].set()
            await harness.until(lambda: store.held["keep"] == 1)
            # It was tried; what is read of it now is as it was before.
            store.gates["_read"].clear()
            store.held.clear()
            sender.look()
            await harness.until(lambda: store.held["_read"] == 1)
            store.gates["keep"].set()
            (found,) = await harness.until_tried("a", 1)
            store.gates["_read"].set()
            for _ in range(5):
                sender.look()
                await asyncio.sleep(0.005)
        assert found.attempts == len(harness.client.sent) == 1

    asyncio.run(main())


def test_410_disables_and_tells() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        harness.client.answers["https://a.example"] = Answer(410, "HTTP 410")
        await harness.add("a")
        await harness.add("b", types=("webhook.disabled",))
        await harness.tell(FIRST, FIRST, SECOND)
        async with harness.sending():
            await harness.until_ended("b", 1)
            found = await harness.until_ended("a", 3)
        assert {each.state for each in found} == {DeliveryState.FAILED}
        webhook = await harness.store.read(methodcaller("webhook", "a"))
        assert (webhook.enabled, webhook.disabled_reason) == (False, DisabledReason.GONE)
        data = Received("/", {}, harness.client.sent[-1][2]).event["data"]
        assert (data["webhook"], data["reason"], data["failing_since"]) == ("wh_a", "gone", None)
        assert len(await harness.store.read(methodcaller("due_webhook_notices", harness.clock.now, 9))) == 1
        assert (await harness.store.read(methodcaller("counts")))[DISABLED] == 1

    run(scenario)


def test_an_endpoint_that_fails_for_five_days_is_disabled() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        harness.client.answer = BROKEN
        await harness.add("a")
        await harness.tell(FIRST)
        async with harness.sending():
            await harness.until_tried("a", 1)
            since = harness.clock.now
            harness.clock.move(seconds=DISABLED_AFTER.total_seconds() - 1)
            await harness.until_tried("a", 2)
            webhook = await harness.store.read(methodcaller("webhook", "a"))
            assert (webhook.enabled, webhook.failing_since_ms) == (True, since)
            harness.clock.move(hours=2)
            (found,) = await harness.until_ended("a", 1)
        webhook = await harness.store.read(methodcaller("webhook", "a"))
        assert (webhook.enabled, webhook.disabled_reason) == (False, DisabledReason.FAILING)
        (change,) = await harness.store.read(methodcaller("webhook_changes", None, "a"))
        assert (Actor(change.key_id, change.source), change.at_ms) == (RENVOI, webhook.disabled_at_ms)
        assert change.before is not None
        assert change.after == replace(change.before, enabled=False, disabled_reason=DisabledReason.FAILING)
        assert (found.state, found.note) == (DeliveryState.FAILED, "the endpoint is disabled")

    run(scenario)


def test_one_success_begins_the_five_days_again() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        harness.client.answer = BROKEN
        await harness.add("a")
        await harness.tell(FIRST)
        async with harness.sending():
            await harness.until_tried("a", 1)
            harness.client.answer = TAKEN
            harness.clock.move(days=4)
            await harness.until_ended("a", 1)
            harness.client.answer = BROKEN
            harness.clock.move(days=2)
            await harness.tell(FIRST)
            await harness.until(lambda: len(harness.client.sent) == 3)
            await harness.tell(SECOND)
            await harness.until(lambda: len(harness.client.sent) == 4)
        webhook = await harness.store.read(methodcaller("webhook", "a"))
        assert (webhook.enabled, webhook.failing_since_ms) == (True, harness.clock.now)

    run(scenario)


def test_both_secrets_sign_while_one_is_rotated() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        webhook = await harness.add("a")
        name = previous_secret_of("a")
        await harness.store.write(methodcaller("put_secret", name, SEALER.seal(name, OLD_SECRET)))
        until_ms = harness.clock.now + 1000
        await harness.store.write(methodcaller("put_webhook", replace(webhook, previous_until_ms=until_ms, revision=2)))
        await harness.tell(FIRST)
        async with harness.sending():
            await harness.until_ended("a", 1)
            harness.clock.move(seconds=1)
            await harness.tell(FIRST)
            await harness.until_ended("a", 2)
        counts = [headers["webhook-signature"].count("v1,") for _, headers, _ in harness.client.sent]
        assert counts == [2, 1]

    run(scenario)


def test_what_waits_when_a_secret_is_rotated_is_signed_by_both_for_a_day() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        harness.client.answer = BROKEN
        webhook = await harness.add("a")
        who = Principal(webhook.account_id, "FR", None, "")

        async def rotate() -> str:
            return (await rotate_secret(harness.store, harness.clock, who, "a", lambda _: SEALER)).secret

        def signers(known: Mapping[str, str]) -> list[str]:
            _, headers, sent = harness.client.sent[-1]
            at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
            made = {
                name: Signer(secret).sign(headers["webhook-id"], at, sent.decode()) for name, secret in known.items()
            }
            assert set(headers["webhook-signature"].split()) <= set(made.values())
            return [name for name, signature in made.items() if signature in headers["webhook-signature"].split()]

        known = {"first": SECRET}
        await harness.tell(FIRST)
        async with harness.sending():
            await harness.until_tried("a", 1)
            assert signers(known) == ["first"]
            known["second"] = await rotate()
            harness.clock.move(seconds=10)
            await harness.until_tried("a", 2)
            assert signers(known) == ["first", "second"]
            # Whoever rotates again before the day is over has the last two.
            known["third"] = await rotate()
            harness.clock.move(minutes=10)
            await harness.until_tried("a", 3)
            assert signers(known) == ["second", "third"]
            harness.client.answer = TAKEN
            harness.clock.move(hours=24)
            await harness.until_ended("a", 1)
            assert signers(known) == ["third"]

    run(scenario)


def test_one_whose_secret_is_closed_waits_and_others_do_not() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        await harness.add("a")
        await harness.add("b")
        await harness.store.write(methodcaller("put_secret", "webhook/a", b"\1" + b"x" * 40))
        await harness.tell(FIRST)
        async with harness.sending():
            await harness.until_ended("b", 1)
            await harness.until(lambda: any("1 webhook waits" in each for each in harness.alarms))
            assert not harness.client.ids("https://a.example")
            sealed = SEALER.seal("webhook/a", SECRET)
            await harness.store.write(methodcaller("put_secret", "webhook/a", sealed))
            harness.clock.move(seconds=31)
            await harness.until_ended("a", 1)
            assert harness.alarms[-1] == ""

    run(scenario)


def test_a_disabled_endpoint_gets_what_is_asked_for_by_hand_alone() -> None:
    async def scenario(harness: WebhookHarness) -> None:
        webhook = await harness.add("a")
        await harness.tell(FIRST)
        async with harness.sending():
            (first,) = await harness.until_ended("a", 1)
            await harness.store.write(methodcaller("put_webhook", replace(webhook, enabled=False)))
            await harness.tell(FIRST)
            event = await harness.store.read(methodcaller("event", first.position))
            await harness.store.write(methodcaller("add_delivery", "a", event, harness.clock.now))
            await harness.until_ended("a", 2)
        first_id, second_id = harness.client.ids("https://a.example")
        assert first_id == second_id

    run(scenario)
