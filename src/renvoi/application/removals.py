"""Numbers are taken away from accounts, and accounts closed (`docs/operating/commands.md`): at once for calls and keys.

What hangs on them goes in small steps, so that others wait for none of them long. Whatever that is interrupted by,
whoever comes next goes on with it: the command itself, or a node within `PERIOD_S`.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from renvoi.application.accounts import check_open, find_account, find_any_account
from renvoi.application.auth import OPERATOR, Actor
from renvoi.application.errors import OperatorError
from renvoi.application.events import emit
from renvoi.application.messages import RemoveFiles, remove_files_of, remove_messages
from renvoi.application.numbers import count_numbers, find_number
from renvoi.application.policies import owner_of
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.errors import Conflict, StoreUnavailable
from renvoi.application.ports.removals import Doomed, Removal, RemovalKind
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.application.webhooks import changes
from renvoi.domain.events.event import Event, EventType
from renvoi.domain.events.webhook import MAX_ENDPOINTS, DisabledReason
from renvoi.domain.numbers.number import E164, is_digits_of_number
from renvoi.domain.rules.rule import NumberRecord, Rule
from renvoi.wakeups import to_next, wait_or_stop

AT_ONCE = 200
"""Numbers or changes that one step takes: some tens of milliseconds."""
MESSAGES_AT_ONCE = 50
"""Messages that one step takes: each is some statements, and an event."""
PERIOD_S = 5.0
"""How often a node looks for removals that were interrupted."""
_LONGEST_PAUSE_S = 0.05
"""Longest pause between two steps, else as long as the last one took: who waits for the store comes first."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """What one look has done; `failed` is what kept a file of a message, and so its removal, from going."""

    steps: int
    ended: int
    failed: OSError | None = None


async def remove_number(
    store: Store,
    clock: Clock,
    number: E164,
    *,
    keeps_messages: bool = False,
    actor: Actor = OPERATOR,
    check: Callable[[NumberRecord], None] = lambda _: None,
) -> Removal:
    """Take a number away from its account, from the next call on; `settle_removals` does the rest.

    With `keeps_messages` its messages stay with the account, for as long as that keeps them. `check` raises unless the
    number, as it is just before, is the one that was meant.

    Raises:
        OperatorError: there is no such number, or it is part of an import that is under way.
        Problem: its account is being closed, and it goes with that.
    """
    removal_id = _new_id()

    def work(writer: Writer) -> Removal:
        # A number whose rule cannot be read is helped by nothing else.
        record = _open(writer, writer.number_to_remove(number) or find_number(writer, number))
        check(record)
        now_ms = clock.now_ms()
        is_number = is_digits_of_number(number.digits)
        removal = Removal(
            removal_id,
            RemovalKind.NUMBER,
            record.account_id,
            now_ms,
            actor.key_id,
            actor.source,
            number,
            record.rule.revision,
            # What hung on a number that is damaged nobody can tell: it stays.
            keeps_messages=keeps_messages or not is_number,
            ended_at_ms=None if is_number else now_ms,
        )
        if is_number:
            # Before the number goes: its events are counted in its row.
            emit(writer, _changed(removal, removal.account_id, "removed"))
        writer.remove_number(removal)
        return removal

    try:
        return await store.write(work)
    except Conflict as error:
        raise OperatorError(error.texts["en"], error.texts["fr"]) from error


async def move_number(
    store: Store, clock: Clock, number: E164, account: str, *, with_rule: bool = False, actor: Actor = OPERATOR
) -> NumberRecord:
    """Give a number to the account with that id or name, from the next call on; return its record.

    Its calls are off until a rule is set; `with_rule` has rule, greeting and label go along. The messages and the
    history stay with the account that had it.

    Raises:
        OperatorError: there is no such number or account, it has the number already, or may not forward to where the
            rule does.
        Problem: its account is being closed, and it goes with that.
    """
    return await store.write(
        lambda writer: move(writer, number, account, clock.now_ms(), with_rule=with_rule, actor=actor)
    )


def move(writer: Writer, number: E164, account: str, now_ms: int, *, with_rule: bool, actor: Actor) -> NumberRecord:
    """Give a number to another account, as `move_number`, in a transaction that does more."""
    record = _number_for_change(writer, number)
    to = find_account(writer, account)
    if to.id == record.account_id:
        raise OperatorError(
            f"{number} belongs to account {to.name!r} already", f"{number} est déjà au compte {to.name!r}"
        )
    if with_rule:
        _check_targets(writer, record.rule, to)
    before = record.rule.revision
    removal = Removal(
        _new_id(),
        RemovalKind.MOVE,
        record.account_id,
        now_ms,
        actor.key_id,
        actor.source,
        number,
        before,
        to.id,
        keeps_messages=True,
        keeps_rule=with_rule,
    )
    emit(writer, _changed(removal, removal.account_id, "moved_out"))
    # Revisions go on: the changes of the former owner are put aside a moment later.
    writer.move_number(removal, None if with_rule else Rule(revision=before + 1))
    emit(writer, _changed(removal, to.id, "moved_in"))
    return find_number(writer, number)


def _check_targets(writer: Writer, rule: Rule, to: Account) -> None:
    owner = owner_of(writer, to.id)
    for target in rule.targets():
        refused = owner.refusal(target)
        if refused is not None:
            raise OperatorError(
                f"account {to.name!r} must not forward to {target}: {refused}; "
                f"`renvoi policy set {to.id}` changes that",
                f"le compte {to.name!r} ne peut transférer vers {target} ({refused}) : `renvoi policy set {to.id}` "
                "change cela",
            )


def _changed(removal: Removal, account_id: int, change: str) -> Event:
    return Event(EventType.NUMBER_CHANGED, account_id, removal.number, {"change": change}, removal.at_ms)


def _number_for_change(writer: Writer, number: E164) -> NumberRecord:
    return _open(writer, writer.number_for_change(number) or find_number(writer, number))


def _open(writer: Writer, record: NumberRecord) -> NumberRecord:
    check_open(writer, record)
    return record


async def close_account(
    store: Store,
    clock: Clock,
    account: str,
    *,
    actor: Actor = OPERATOR,
    check: Callable[[Account], None] = lambda _: None,
) -> Removal:
    """Close the account with that id or name: its keys end now, and from the next call on its numbers are nobody's.

    What it had goes by `settle_removals`. Its name is free for another account; it is called `NAME (closed ID)`.
    `check` raises unless the account, as it is just before, is the one that was meant.

    Raises:
        OperatorError: there is no such account, or it is closed already.
    """
    removal_id = _new_id()

    def work(writer: Writer) -> Removal:
        found = find_account(writer, account)
        check(found)
        removal = Removal(removal_id, RemovalKind.ACCOUNT, found.id, clock.now_ms(), actor.key_id, actor.source)
        writer.close_account(removal, _closed_name(writer, found))
        for webhook in writer.webhooks(found.id, limit=MAX_ENDPOINTS):
            if webhook.enabled:
                changes.note_disabled(writer, actor, removal.at_ms, webhook, DisabledReason.CLOSED)
        writer.disable_webhooks(found.id, removal.at_ms)
        return removal

    return await store.write(work)


def _closed_name(reader: Reader, account: Account) -> str:
    name, count = f"{account.name} (closed {account.id})", 1
    while reader.account(name) is not None:
        count += 1
        name = f"{account.name} (closed {account.id}, {count})"
    return name


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account with what was taken from it, the latest first; `closing` is its own removal."""

    account: Account
    numbers: int
    removals: tuple[Removal, ...]

    @property
    def closing(self) -> Removal | None:
        """Return the removal of the account itself; None for one that is open."""
        return next((each for each in self.removals if each.kind is RemovalKind.ACCOUNT), None)

    @property
    def name(self) -> str:
        """Return `open`, `closing` or `closed`."""
        return state_of(self.account, self.closing)


def state_of(account: Account, closing: Removal | None) -> str:
    """Return `open`, `closing` while things of the account are still going, or `closed`."""
    if account.closed_at_ms is None:
        return "open"
    return "closing" if closing is not None and closing.ended_at_ms is None else "closed"


async def settle_removals(
    store: Store,
    clock: Clock,
    remove_files: RemoveFiles,
    stop: Callable[[], bool] = lambda: False,
    note: Callable[[int], None] = lambda _steps: None,
) -> Progress:
    """Carry on all removals to their end, one small step after the other, until `stop` says so.

    Several may do that at the same time. `note` is told how many numbers, changes and messages have gone.

    Raises:
        StoreUnavailable: the rest is still there.
    """
    if not await store.read(lambda reader: reader.open_removals(1)):
        # Mostly there is none, and a change would be made, and committed, to find that out.
        return Progress(0, 0, None)
    steps = ended = 0
    stuck: set[str] = set()
    failed: OSError | None = None
    loop = asyncio.get_running_loop()
    while not stop():
        began = loop.time()
        gone, problem = await _delete_messages(store, clock, remove_files, stuck)
        failed = problem or failed
        if not gone:
            gone, over = await store.write(partial(_step, now_ms=clock.now_ms()))
            ended += over
        if not gone:
            break
        steps += gone
        note(steps)
        await asyncio.sleep(min(loop.time() - began, _LONGEST_PAUSE_S))
    return Progress(steps, ended, failed)


async def _delete_messages(
    store: Store, clock: Clock, remove_files: RemoveFiles, stuck: set[str]
) -> tuple[int, OSError | None]:
    """Delete some messages of removals; return how many. Those whose files do not go are `stuck`."""
    found = await store.read(lambda reader: reader.doomed_messages(min(AT_ONCE, MESSAGES_AT_ONCE) + len(stuck)))
    doomed = [each for each in found if each.message.id not in stuck]
    if not doomed:
        return 0, None
    without_files, failed = await remove_files_of(store, [each.message for each in doomed], remove_files)
    gone = {message.id for message in without_files}
    stuck.update(each.message.id for each in doomed if each.message.id not in gone)
    going = [each for each in doomed if each.message.id in gone]
    removed = await store.write(partial(_remove_doomed, going, now_ms=clock.now_ms()))
    # One that another node has just removed is not found again, one whose row is damaged would be for ever.
    stuck.update(gone - removed)
    return len(doomed), failed


def _remove_doomed(doomed: list[Doomed], writer: Writer, now_ms: int) -> set[str]:
    """Remove messages; return the ids of those that were there."""
    removed = {message.id for message in remove_messages([each.message for each in doomed], writer, now_ms)}
    counts: dict[int, int] = {}
    for each in doomed:
        if each.message.id in removed:
            counts[each.removal_id] = counts.get(each.removal_id, 0) + 1
    for removal_id, count in sorted(counts.items()):
        writer.note_removed(removal_id, count)
    return removed


def _step(writer: Writer, now_ms: int) -> tuple[int, int]:
    """Take one step of what is not a message; return how much has gone, and how many removals have ended."""
    gone = ended = 0
    for each in writer.open_removals(AT_ONCE):
        if gone >= AT_ONCE:
            break
        # One that another node has just taken is that one's.
        removal = writer.hold_removal(each.id)
        if removal is None:
            continue
        if removal.kind is not RemovalKind.ACCOUNT and removal.number is None:
            log.warning("a removal is left: its row is damaged, and nobody knows what is to go", removal=removal.id)
            continue
        if removal.kind is RemovalKind.ACCOUNT:
            more, is_over = _step_of_account(writer, removal)
        else:
            more = writer.archive_changes(removal, AT_ONCE - gone)
            if removal.kind is RemovalKind.NUMBER and gone + more < AT_ONCE:
                # Those that wait are not sent any more, and those that were kept lose their files by that.
                more += writer.remove_missed_calls(removal.account_id, AT_ONCE - gone - more, removal.number)
            is_over = gone + more < AT_ONCE
        if is_over and not writer.has_doomed_messages(removal):
            writer.end_removal(removal, now_ms)
            more, ended = more + 1, ended + 1
        gone += more
    return gone, ended


def _step_of_account(writer: Writer, closing: Removal) -> tuple[int, bool]:
    if count := writer.remove_numbers_of(closing, [_new_id() for _ in range(AT_ONCE)]):
        return count, False
    if writer.owns_anything(closing.account_id):
        # An import is not settled yet, or removals of numbers are in other hands.
        return 0, False
    count = 0
    for forget in (
        writer.forget_account,
        writer.remove_missed_calls,
        writer.remove_webhooks,
        writer.remove_events,
        writer.remove_people,
    ):
        if count < AT_ONCE:
            count += forget(closing.account_id, AT_ONCE - count)
    return count, count < AT_ONCE


async def keep_removing(store: Store, clock: Clock, remove_files: RemoveFiles, stop: asyncio.Event) -> None:
    """Carry on removals that were interrupted, until `stop` is set. Several nodes may do that."""
    while not stop.is_set():
        try:
            progress = await settle_removals(store, clock, remove_files, stop.is_set)
            if progress.ended:
                log.info("removals were completed", removals=progress.ended)
            if progress.failed is not None:
                log.warning("a removal waits for files that do not go", error=str(progress.failed))
        except StoreUnavailable as error:
            log.warning("removals cannot be carried on now", error=str(error))
        await wait_or_stop(stop, to_next(PERIOD_S))


async def show_account(store: Store, ref: str, limit: int = 20) -> AccountState:
    """Return an account, closed or not, with how many numbers it has and up to `limit` of what was taken from it.

    Raises:
        OperatorError: there is no such account.
    """
    account = await store.read(lambda reader: find_any_account(reader, ref))
    found = await store.read(lambda reader: tuple(reader.removals(limit, None, account.id)))
    return AccountState(account, await count_numbers(store, account.id), found)


def _new_id() -> int:
    # As `/v2` reads ids: 17 digits.
    return secrets.randbits(56) + 1
