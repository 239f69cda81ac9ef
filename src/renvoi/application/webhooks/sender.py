"""Sends events to endpoints: each by one node at a time, those of a number in their order, and none held up by another.

A node leases endpoints, not deliveries: so it may try many at once, and store what came of them together.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import structlog

from renvoi.application.outbox.leases import LEASE, Leases
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.secrets import Sealer, SecretClosed
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.application.ports.webhooks import EndpointClient
from renvoi.application.webhooks.attempts import Outcome, attempt
from renvoi.application.webhooks.outcomes import Outcomes
from renvoi.domain.events.event import StoredEvent
from renvoi.domain.events.signed_body import secret_bytes
from renvoi.domain.events.webhook import Delivery, Webhook, previous_secret_of, secret_of
from renvoi.domain.text import counted

POLL_S = 0.2
"""Pause after a look, where nothing has ended meanwhile. Events are not announced: that would cost each change."""
IDLE_PERIOD_S = 5.0
"""The same while there is no endpoint that gets anything."""
MAX_AT_ONCE, MAX_AT_ONCE_FAILING = 256, 128
"""Attempts at once: in all, and for all endpoints that have failed last, which may be slow to."""
FIRST_WINDOW, LAST_WINDOW = 2, 16
"""Attempts at once for one endpoint: more and more while it takes what it gets, one after it has failed. So many that
stop answering at the same time do not take all places before that is known."""
MAX_ENDPOINTS = 1000
EVENTS_AT_ONCE, GIVEN_UP_AT_ONCE, LEASED_AT_ONCE = 200, 500, 20
ELSEWHERE_MS = 5_000
"""How long an endpoint is left alone that another node has."""
KEPT_MS = 10_000
"""How long one is kept that has nothing to do."""
CLOSED_MS = 30_000
"""How long one waits whose secret cannot be opened."""
PREFIX = "webhook/"
"""What names of leases begin with."""
DISABLED_NOTE = "the endpoint is disabled"

log = structlog.get_logger("renvoi.webhooks")


@dataclass(frozen=True, slots=True)
class SenderConfig:
    """How a sender works; `owner` names this node among those on the store, the same after each restart.

    `jitter` returns numbers from 0 to 1, `sealer` what opens secrets, None where its key is missing. `progress` is
    called before each look, also while the store is away; `alarm` and `store_alarm` with what is wrong, and with ""
    when that is over. `is_told` says whether `WebhookSender.look` is called when an endpoint is added.
    """

    owner: str
    jitter: Callable[[], float]
    sealer: Callable[[], Sealer | None]
    lease: timedelta = LEASE
    progress: Callable[[], None] = lambda: None
    alarm: Callable[[str], None] = lambda _reason: None
    store_alarm: Callable[[str], None] = lambda _reason: None
    is_told: Callable[[], bool] = lambda: False


@dataclass
class _Endpoint:
    """An endpoint that this node has the lease of."""

    id: str
    secrets: tuple[bytes, ...] = ()
    revision: int | None = None
    """That of the endpoint when its secrets were read; None: they were not yet."""
    both_until_ms: int | None = None
    """Until when it has the former one among them."""
    busy: dict[int, asyncio.Task[None] | None] = field(default_factory=dict)
    """Deliveries that are being tried, or whose outcome is being stored (None)."""
    is_failing: bool = False
    window: int = FIRST_WINDOW
    resume_at_ms: int = 0
    """When it is tried again, by a clock that nobody sets."""
    used_at_ms: int = 0

    @property
    def running(self) -> int:
        return sum(task is not None for task in self.busy.values())

    def note(self, *, success: bool) -> None:
        """Take note of how an attempt ended."""
        if not success:
            self.window = 1
        elif self.running + 1 >= self.window:
            self.window = min(2 * self.window, LAST_WINDOW)
        self.is_failing = not success


class _LeaseTable:
    """See `LeaseTable`: those of endpoints are leases of the node."""

    def lease(
        self, writer: Writer, item_ids: Collection[str], owner: str, now_ms: int, until_ms: int
    ) -> Collection[str]:
        return [name for name in sorted(item_ids) if writer.take_lease(PREFIX + name, owner, now_ms, until_ms)]

    def release(self, writer: Writer, owner: str) -> None:
        writer.release_leases(PREFIX, owner)


class WebhookSender:
    """Sends what is due. One object for each store and owner."""

    def __init__(self, store: Store, client: EndpointClient, clock: Clock, config: SenderConfig) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._config = config
        self._leases = Leases(store, _LeaseTable(), clock, config.owner, config.lease)
        self._endpoints: dict[str, _Endpoint] = {}
        self._elsewhere: dict[str, int] = {}
        """When to ask again for those that other nodes have."""
        self._outcomes = Outcomes(store, clock, self._stored, config.store_alarm)
        self._changed = asyncio.Event()
        self._has_begun = False
        self._has_endpoints = True
        self._store_is_away = False
        self._closed: dict[str, str] = {}
        """Endpoints whose secrets cannot be opened, and why."""

    def look(self) -> None:
        """Look now, as there may be something new."""
        self._changed.set()

    async def run(self, stop: asyncio.Event, grace_s: float) -> None:
        """Send until `stop` is set; what is on its way then gets `grace_s` seconds. A store that is away is awaited.

        Raises:
            RuntimeError: leases are not renewed, or outcomes not stored, any more; the process must end.
        """
        stopping = asyncio.create_task(stop.wait())
        always = [asyncio.create_task(self._keep_renewing()), asyncio.create_task(self._outcomes.run())]
        try:
            while not stop.is_set():
                self._config.progress()
                await self._step()
                changed = asyncio.create_task(self._changed.wait())
                waited_for = (stopping, changed, *always)
                await asyncio.wait(waited_for, timeout=self._period_s(), return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
                self._changed.clear()
                for task in always:
                    if task.done():
                        raise RuntimeError("webhooks cannot be sent any more") from task.exception()
        finally:
            stopping.cancel()
            await self._end(grace_s)
            for task in always:
                task.cancel()
            await asyncio.wait(always)

    def _period_s(self) -> float:
        idle = not self._has_endpoints and not self._endpoints and self._config.is_told()
        return IDLE_PERIOD_S if idle else POLL_S

    async def _end(self, grace_s: float) -> None:
        tasks = [task for each in self._endpoints.values() for task in each.busy.values() if task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            # A store that is away does not keep the node from ending: what is not stored is sent again.
            async with asyncio.timeout(grace_s):
                await self._outcomes.settle()
            await self._leases.release()
        except (StoreUnavailable, TimeoutError) as error:
            log.warning("endpoints of webhooks wait for the end of their leases", error=str(error))

    async def _step(self) -> None:
        try:
            await self._work()
        except StoreUnavailable as error:
            if not self._store_is_away:
                log.warning("webhooks wait for the store", error=str(error))
            self._store_is_away = True
            self._config.store_alarm(f"webhooks wait for the store: {error}")
        else:
            if self._store_is_away:
                self._config.store_alarm("")
            self._store_is_away = False

    async def _work(self) -> None:
        if not self._has_begun:
            await self._leases.release()
            self._has_begun = True
        now_ms = self._clock.now_ms()

        def look(reader: Reader) -> tuple[bool, Sequence[str], Sequence[str]]:
            if not reader.has_webhooks():
                return False, (), ()
            return True, reader.webhooks_with_events(MAX_ENDPOINTS), reader.webhooks_with_deliveries(now_ms)

        self._has_endpoints, fresh, due = await self._store.read(look)
        wanted = dict.fromkeys((*due, *fresh))
        await self._lease(wanted)
        mine = [name for name in wanted if name in self._endpoints]
        for name in mine:
            self._endpoints[name].used_at_ms = self._clock.monotonic_ms()
        unread = [name for name in fresh if name in self._endpoints]
        for start in range(0, len(unread), LEASED_AT_ONCE):
            self._config.progress()
            await self._store.write(partial(_fan_out, unread[start : start + LEASED_AT_ONCE], now_ms))
        await self._start(mine)
        await self._leave_unused()

    async def _lease(self, wanted: Iterable[str]) -> None:
        monotonic_ms = self._clock.monotonic_ms()
        self._elsewhere = {name: at_ms for name, at_ms in self._elsewhere.items() if at_ms > monotonic_ms}
        room = MAX_ENDPOINTS - len(self._endpoints)
        new = [name for name in wanted if name not in self._endpoints and name not in self._elsewhere][:room]
        for start in range(0, len(new), LEASED_AT_ONCE):
            some = new[start : start + LEASED_AT_ONCE]
            taken = set(await self._leases.take(some))
            for name in some:
                if name in taken:
                    self._endpoints[name] = _Endpoint(name, used_at_ms=monotonic_ms)
                else:
                    self._elsewhere[name] = monotonic_ms + ELSEWHERE_MS

    async def _leave_unused(self) -> None:
        before_ms = self._clock.monotonic_ms() - KEPT_MS
        unused = [each.id for each in self._endpoints.values() if not each.busy and each.used_at_ms < before_ms]
        if not unused:
            return
        for name in unused:
            del self._endpoints[name]
            self._leases.drop(name)
        await self._store.write(lambda writer: writer.release_leases(PREFIX, self._config.owner, unused))

    async def _start(self, names: Sequence[str]) -> None:
        """Begin attempts, those with the fewest first, so that many with little pass a few with much."""
        running = sum(each.running for each in self._endpoints.values())
        failing = sum(each.running for each in self._endpoints.values() if each.is_failing)
        for endpoint in sorted((self._endpoints[name] for name in names), key=lambda each: len(each.busy)):
            room = _room(endpoint, running, failing)
            if room <= 0 or self._clock.monotonic_ms() < endpoint.resume_at_ms:
                continue
            self._config.progress()
            # What is stored of one while it is read may be older than its outcome.
            busy = set(endpoint.busy)
            limit = room + len(busy)
            webhook, found = await self._store.read(partial(self._read, endpoint, limit))
            if webhook is None or not webhook.enabled:
                await self._store.write(partial(self._give_up, endpoint.id))
                if webhook is None:
                    continue
            for delivery, event in found:
                # What was asked for by hand goes to one that is disabled, too.
                is_wanted = webhook.enabled or delivery.lane is None
                if is_wanted and delivery.id not in busy and room > 0:
                    room -= 1
                    running += 1
                    failing += endpoint.is_failing
                    self._begin(endpoint, webhook, delivery, event)

    def _read(
        self, endpoint: _Endpoint, limit: int, reader: Reader
    ) -> tuple[Webhook | None, Sequence[tuple[Delivery, StoredEvent | None]]]:
        webhook = reader.webhook(endpoint.id)
        now_ms = self._clock.now_ms()
        if webhook is None:
            return None, ()
        has_ended = endpoint.both_until_ms is not None and now_ms >= endpoint.both_until_ms
        if webhook.revision != endpoint.revision or has_ended:
            self._open(endpoint, webhook, reader, now_ms)
        endpoint.is_failing = webhook.failing_since_ms is not None
        if not endpoint.secrets:
            return webhook, ()
        return webhook, reader.due_deliveries(endpoint.id, now_ms, limit)

    def _open(self, endpoint: _Endpoint, webhook: Webhook, reader: Reader, now_ms: int) -> None:
        """Read the secrets of an endpoint; where that fails it waits, and others do not."""
        names = [secret_of(webhook.id)]
        if webhook.signs_with_both(now_ms):
            names.append(previous_secret_of(webhook.id))
        try:
            sealer = self._config.sealer()
            if sealer is None:
                raise SecretClosed("the key of secrets is not here: copy it from the node that made it")
            endpoint.secrets = tuple(secret_bytes(_opened(sealer, reader, name)) for name in names)
        except (SecretClosed, ValueError) as error:
            endpoint.secrets = ()
            endpoint.resume_at_ms = self._clock.monotonic_ms() + CLOSED_MS
            self._closed[webhook.id] = str(error)
            log.error("a webhook has to wait for its secret", webhook=f"wh_{webhook.id}", error=str(error))  # noqa: TRY400 - the text says it
        else:
            endpoint.revision = webhook.revision
            endpoint.both_until_ms = webhook.previous_until_ms if len(names) > 1 else None
            self._closed.pop(webhook.id, None)
        reasons = list(self._closed.values())
        waits = counted(len(reasons), "webhook waits", "webhooks wait")
        self._config.alarm(f"{waits}: {reasons[0]}" if reasons else "")

    def _give_up(self, webhook_id: str, writer: Writer) -> None:
        writer.end_deliveries(webhook_id, self._clock.now_ms(), DISABLED_NOTE, GIVEN_UP_AT_ONCE)

    def _begin(self, endpoint: _Endpoint, webhook: Webhook, delivery: Delivery, event: StoredEvent | None) -> None:
        task = asyncio.create_task(self._attempt(endpoint, webhook, delivery, event))
        endpoint.busy[delivery.id] = task

    async def _attempt(
        self, endpoint: _Endpoint, webhook: Webhook, delivery: Delivery, event: StoredEvent | None
    ) -> None:
        try:
            outcome = await attempt(
                self._client, self._clock, self._config.jitter, webhook, endpoint.secrets, delivery, event
            )
        except asyncio.CancelledError:
            endpoint.busy.pop(delivery.id, None)
            raise
        except Exception:
            # It is due again at once; the pause keeps an event that we stumble over from taking all the time.
            log.exception("an event could not be handled", delivery=f"dlv_{delivery.id}")
            endpoint.resume_at_ms = self._clock.monotonic_ms() + CLOSED_MS
            endpoint.busy.pop(delivery.id, None)
            return
        endpoint.busy[delivery.id] = None
        endpoint.note(success=outcome.is_success)
        if outcome.retry_after is not None and not outcome.is_success:
            self._pause(endpoint, outcome)
        self._outcomes.put(outcome)
        self._changed.set()

    def _pause(self, endpoint: _Endpoint, outcome: Outcome) -> None:
        """Leave an endpoint alone that wishes so, as long as this delivery waits."""
        left_ms = outcome.delivery.due_at_ms - self._clock.now_ms()
        endpoint.resume_at_ms = max(endpoint.resume_at_ms, self._clock.monotonic_ms() + left_ms)

    def _stored(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            endpoint = self._endpoints.get(outcome.delivery.webhook_id)
            if endpoint is not None:
                endpoint.busy.pop(outcome.delivery.id, None)
        self._changed.set()

    async def _keep_renewing(self) -> None:
        while True:
            await asyncio.sleep(self._leases.period_s)
            for name in await self._leases.renew(list(self._endpoints)):
                log.warning("an endpoint is left to other nodes: its lease is not renewed", webhook=f"wh_{name}")
                endpoint = self._endpoints.pop(name)
                self._leases.drop(name)
                for task in endpoint.busy.values():
                    if task is not None:
                        task.cancel()


def _room(endpoint: _Endpoint, running: int, failing: int) -> int:
    """Return how many more attempts an endpoint may have, while so many are under way.

    It gets half of what is free at the most, as in the outbox; those that fail share a part of the whole.
    """
    free = MAX_AT_ONCE - running
    if endpoint.is_failing:
        free = min(free, MAX_AT_ONCE_FAILING - failing)
    return min(max(1, free // 2), endpoint.window) - endpoint.running if free > 0 else 0


def _opened(sealer: Sealer, reader: Reader, name: str) -> str:
    sealed = reader.secret(name)
    if sealed is None:
        raise SecretClosed(f"the secret {name} is not in the store")
    return sealer.open(name, sealed)


def _fan_out(names: Sequence[str], now_ms: int, writer: Writer) -> None:
    """Have endpoints get what happened since they were looked at last, as far as they want it."""
    pages: dict[tuple[int, int], Sequence[StoredEvent]] = {}
    for name in sorted(names):
        webhook = writer.webhook_for_change(name)
        if webhook is None or not webhook.enabled:
            continue
        # Endpoints of an account have mostly come equally far.
        place = webhook.account_id, writer.webhook_cursor(name)
        if place not in pages:
            pages[place] = writer.events(*place, EVENTS_AT_ONCE)
        if pages[place]:
            writer.add_deliveries(name, webhook.wanted(pages[place]), pages[place][-1].position, now_ms)
