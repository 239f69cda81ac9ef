"""Records of calls, their ladders, and records of changes go after their time (`docs/operating/watching.md`).

They go in small pieces that delay nobody. So do calls that older programs have stored get their account.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from operator import methodcaller

import structlog

from renvoi.application.ports.accounts import AuditPlace
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.domain.calls.usage import day_of
from renvoi.wakeups import wait_or_stop

PERIOD = timedelta(hours=1)
"""How often old records are looked for."""
MISSED_CALL_MAILS = timedelta(days=7)
"""How long the state of a mail about a missed call is kept: longer than such a mail is tried."""
USAGE_DAYS = 31
"""How long it is kept what calls have used up in a day."""
AT_ONCE = 500
"""Records that one transaction removes or looks at: some milliseconds."""
PAUSE_S = 0.05
"""Between two of them: who waits for the store comes first."""
BEGINNING: AuditPlace = (0, -1)

_WITH_AUDIT = (
    "remove_old_policy_changes",
    "remove_old_key_changes",
    "remove_old_webhook_changes",
    "remove_revoked_keys",
    "remove_old_past_changes",
    "remove_old_removals",
)
"""What else is kept as long as the audit trail."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long records are kept; None: for ever. A ladder is kept no longer than the record of its call.

    A delivery that has not ended is kept however old it is.
    """

    calls: timedelta | None = None
    audit: timedelta | None = None
    ladders: timedelta | None = None
    events: timedelta | None = None
    deliveries: timedelta | None = None


async def keep_to(retention: Retention, store: Store, clock: Clock, stop: asyncio.Event) -> None:
    """Remove what is older than `retention` keeps it, until `stop` is set. Several nodes may do that."""
    while not stop.is_set():
        try:
            await assign_calls(store, stop)
            await remove_old(retention, store, clock, stop)
        except StoreUnavailable as error:
            log.warning("old records cannot be kept in order now", error=str(error))
        await wait_or_stop(stop, PERIOD.total_seconds())


async def remove_old(retention: Retention, store: Store, clock: Clock, stop: asyncio.Event) -> None:
    """Remove once what is too old; ends in between when `stop` is set.

    Raises:
        StoreUnavailable: the rest is still there.
    """
    # Ladders first: one whose record has gone could become that of another call with its id.
    ladders = [kept for kept in (retention.ladders, retention.calls) if kept is not None]
    if ladders:
        await _remove_calls("remove_old_ladders", store, _before(clock, min(ladders)), stop)
    if retention.calls is not None:
        await _remove_calls("remove_old_calls", store, _before(clock, retention.calls), stop)
    await _remove_while_any(store, stop, "remove_old_missed_calls", _before(clock, MISSED_CALL_MAILS))
    if retention.audit is not None:
        await _remove_audit(store, _before(clock, retention.audit), stop)
        for how in _WITH_AUDIT:
            await _remove_while_any(store, stop, how, _before(clock, retention.audit))
    # Deliveries first: they tell of events.
    if retention.deliveries is not None:
        await _remove_while_any(store, stop, "remove_old_deliveries", _before(clock, retention.deliveries))
    if retention.events is not None:
        await _remove_while_any(store, stop, "remove_old_events", _before(clock, retention.events))
    for how in ("remove_old_sessions", "remove_old_tokens", "remove_old_attempts"):
        await _remove_while_any(store, stop, how, clock.now_ms())
    for how in ("remove_old_usages", "remove_old_limit_notices"):
        await _remove_while_any(store, stop, how, day_of(clock.now_ms()) - USAGE_DAYS)


async def assign_calls(store: Store, stop: asyncio.Event) -> None:
    """Look whose the calls are that programs of older versions have stored; ends in between when `stop` is set.

    Raises:
        StoreUnavailable: the rest has still nobody.
    """
    assigned = 0
    while not stop.is_set():
        count: int = await store.write(methodcaller("assign_calls", AT_ONCE))
        assigned += count
        if count < AT_ONCE:
            break
        await wait_or_stop(stop, PAUSE_S)
    if assigned:
        log.info("calls of an older version belong to accounts now", calls=assigned)


async def _remove_calls(how: str, store: Store, before_ms: int, stop: asyncio.Event) -> None:
    removed = 0
    while not stop.is_set():
        count: int = await store.write(methodcaller(how, before_ms, AT_ONCE))
        removed += count
        if count < AT_ONCE:
            break
        await wait_or_stop(stop, PAUSE_S)
    if removed:
        what = "ladders" if how == "remove_old_ladders" else "records"
        log.info(f"old {what} of calls were removed", records=removed)


async def _remove_audit(store: Store, before_ms: int, stop: asyncio.Event) -> None:
    place: AuditPlace | None = BEGINNING
    while place is not None and not stop.is_set():
        place = await store.write(methodcaller("remove_old_audit", before_ms, place, AT_ONCE))
        await wait_or_stop(stop, PAUSE_S)


async def _remove_while_any(store: Store, stop: asyncio.Event, how: str, before: int) -> None:
    while not stop.is_set():
        if await store.write(methodcaller(how, before, AT_ONCE)) < AT_ONCE:
            break
        await wait_or_stop(stop, PAUSE_S)


def _before(clock: Clock, kept: timedelta) -> int:
    return clock.now_ms() - int(kept.total_seconds() * 1000)
