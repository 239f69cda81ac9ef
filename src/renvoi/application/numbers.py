"""Virtual numbers: added, listed, switched on and off, their rules set by the operator, and their greetings."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from renvoi.application import forwarding
from renvoi.application.accounts import check_open, find_account, find_any_account
from renvoi.application.auth import operator_for
from renvoi.application.errors import OperatorError
from renvoi.application.events import emit, emit_changed
from renvoi.application.forwarding import RuleRequest
from renvoi.application.policies import owner_of
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.errors import Conflict
from renvoi.application.ports.numbers import Greeting, NumberRow
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.application.unreadable_rows import own_known
from renvoi.domain.access.api_key import Principal
from renvoi.domain.email_address import EmailAddress, EmailInvalid
from renvoi.domain.events.event import Event, EventType
from renvoi.domain.numbers.number import E164, NumberInvalid, NumberShort
from renvoi.domain.outcome import Outcome
from renvoi.domain.rules.rule import (
    MAX_RING_TIMEOUT,
    MIN_RING_TIMEOUT,
    Fallback,
    Fallbacks,
    NumberRecord,
    Otherwise,
    Rule,
    RuleType,
)
from renvoi.domain.text import is_blank

MAX_LABEL_LENGTH = 100
"""Characters of a number's label."""
_PAGE = 1000
_STEP = 5000
"""Numbers that one read passes over on its way to a page: at SQLite it runs on the event loop, where all else waits."""


def parse_number(text: str, region: str) -> E164:
    """Read a phone number as written in `region`.

    Raises:
        OperatorError: it is not a valid phone number.
    """
    try:
        return E164.parse(text, region)
    except NumberShort as error:
        raise OperatorError(f"{text!r} is a short number: give an international one such as +33199001234") from error
    except NumberInvalid as error:
        raise OperatorError(f"{text!r} is not a valid phone number: write it like +33199001234") from error


def parse_listed(text: str, region: str) -> E164:
    """Read a phone number as `parse_number` does, and also as `renvoi number list` shows one whose row is damaged.

    Raises:
        OperatorError: see there.
    """
    try:
        return E164.listed(text, region)
    except NumberInvalid:
        return parse_number(text, region)


def check_label(label: str) -> str:
    """Return `label` when a number may have it.

    Raises:
        OperatorError: it is too long, or not printable.
    """
    if len(label) > MAX_LABEL_LENGTH or not label.isprintable():
        raise OperatorError(f"the label is not allowed: give at most {MAX_LABEL_LENGTH} printable characters")
    return label


async def add_number(
    store: Store, clock: Clock, number: str, account: str, *, label: str = "", forwarding_enabled: bool = True
) -> NumberRecord:
    """Add a virtual number, with calls disabled, to the account with that id or name, in whose region it is read.

    Raises:
        OperatorError: there is no such account, it is no valid number, or it exists already.
    """
    check_label(label)
    now_ms = clock.now_ms()

    def work(writer: Writer) -> NumberRecord:
        owner = find_account(writer, account)
        parsed = parse_number(number, owner.region)
        try:
            writer.add_number(owner.id, NumberRow(parsed, label, forwarding_enabled), now_ms)
        except Conflict as error:
            raise OperatorError(error.texts["en"], error.texts["fr"]) from error
        emit(writer, Event(EventType.NUMBER_CHANGED, owner.id, parsed, {"change": "added"}, now_ms))
        return find_number(writer, parsed)

    return await store.write(work)


async def iterate_numbers(store: Store, account: str | None = None) -> AsyncIterator[NumberRecord]:
    """Yield the numbers of one account, or all, in ascending order; memory stays flat however many there are.

    Raises:
        OperatorError: there is no such account.
    """
    account_id = await store.read(lambda reader: find_any_account(reader, account).id) if account is not None else None
    after: E164 | None = None
    while True:
        page = await store.read(partial(_page, account_id, after))
        for record in page:
            yield record
        if len(page) < _PAGE:
            return
        after = page[-1].number


async def numbers_page(store: Store, principal: Principal, page: int, size: int) -> Sequence[NumberRecord]:
    """Return page `page` (from 1) of the principal's numbers, `size` of them, in ascending order.

    The way there is walked along the index in steps, between which others are served; it ends with the numbers.
    """
    if principal.numbers is not None:
        first = (page - 1) * size
        return (await store.read(partial(_allowed, principal)))[first : first + size]
    after: E164 | None = None
    left = (page - 1) * size
    while left:
        step = min(left, _STEP)
        after = await store.read(partial(_ahead, principal.account_id, after, step))
        if after is None:
            return ()
        left -= step
        await asyncio.sleep(0)
    return await store.read(partial(_page_of, principal.account_id, after, size))


async def count_numbers(store: Store, account_id: int) -> int:
    """Return how many numbers an account has, counted in steps between which others are served."""
    count, after = 0, None
    while True:
        following = await store.read(partial(_ahead, account_id, after, _STEP))
        if following is None:
            return count + len(await store.read(partial(_rest, account_id, after)))
        count, after = count + _STEP, following
        await asyncio.sleep(0)


def _rest(account_id: int, after: E164 | None, reader: Reader) -> Sequence[NumberRecord]:
    return reader.numbers(account_id, after, _STEP)


def _ahead(account_id: int, after: E164 | None, places: int, reader: Reader) -> E164 | None:
    return reader.number_ahead(account_id, after, places)


def _allowed(principal: Principal, reader: Reader) -> Sequence[NumberRecord]:
    """Return the numbers that the principal is limited to, as far as its account has them, in ascending order."""
    wanted = sorted(principal.numbers or (), key=lambda number: number.digits)
    found = (reader.listed_number(number) for number in wanted)
    return [record for record in found if record is not None and record.account_id == principal.account_id]


def _page_of(account_id: int, after: E164 | None, size: int, reader: Reader) -> Sequence[NumberRecord]:
    return reader.numbers(account_id, after, size)


async def read_number(store: Store, principal: Principal, number: str) -> NumberRecord | Outcome:
    """Return the record of the principal's number that the text `number` names, or why there is none."""
    return await store.read(lambda reader: _own_number(reader, principal, number))


async def set_label(store: Store, clock: Clock, principal: Principal, number: str, label: str) -> Outcome:
    """Label the principal's number that the text `number` names.

    Raises:
        OperatorError: such a label is not allowed.
    """
    check_label(label)

    def work(writer: Writer) -> Outcome:
        record = _own_number(writer, principal, number)
        if isinstance(record, Outcome):
            return record
        writer.set_label(record.number, label)
        emit_changed(writer, record, replace(record, label=label), clock.now_ms())
        return Outcome.OK

    return await store.write(work)


def _own_number(reader: Reader, principal: Principal, text: str) -> NumberRecord | Outcome:
    if is_blank(text):
        return Outcome.NUMBER_REQUIRED
    try:
        record = own_known(reader.number, E164.parse(text, principal.region), principal)
    except NumberInvalid:
        return Outcome.NUMBER_UNKNOWN
    return Outcome.NUMBER_UNKNOWN if record is None else record


async def set_state(
    store: Store, clock: Clock, number: E164, *, active: bool | None = None, forwarding_enabled: bool | None = None
) -> NumberRecord:
    """Activate or deactivate a number, or switch its call-forwarding option, from the next call on.

    Raises:
        OperatorError: there is no such number.
    """

    def work(writer: Writer) -> NumberRecord:
        record = find_number(writer, number)
        check_open(writer, record)
        writer.set_number_state(number, active=active, forwarding_enabled=forwarding_enabled)
        changed = find_number(writer, number)
        emit_changed(writer, record, changed, clock.now_ms())
        return changed

    return await store.write(work)


def find_number(reader: Reader, number: E164) -> NumberRecord:
    """Return a virtual number's record.

    Raises:
        OperatorError: there is no such number.
    """
    return _ours(number, reader.number(number))


def find_listed(reader: Reader, number: E164) -> NumberRecord:
    """Return a virtual number's record as lists have it, also where its rule is `unreadable`.

    Raises:
        OperatorError: there is no such number.
    """
    return _ours(number, reader.listed_number(number))


def _ours(number: E164, record: NumberRecord | None) -> NumberRecord:
    if record is None:
        raise OperatorError(f"{number} is not one of our numbers: `renvoi number list` shows them")
    return record


def _page(account_id: int | None, after: E164 | None, reader: Reader) -> Sequence[NumberRecord]:
    return reader.numbers(account_id, after, _PAGE)


@dataclass(frozen=True, slots=True)
class ForwardOptions:
    """Options of a forward to change; what is None stays as it is. `ring_timeout_s` is 5 to 170 s."""

    ring_timeout_s: int | None = None
    no_answer: Otherwise | None = None
    busy: Otherwise | None = None
    email: str | None = None


async def set_rule(
    store: Store, clock: Clock, number: E164, kind: RuleType, param: str, options: ForwardOptions = ForwardOptions()
) -> NumberRecord:
    """Set a number's rule as its owner could by the API, and its options.

    Raises:
        OperatorError: the API would answer with an error, whose text it has, or an option is not allowed.
    """
    timeout = _ring_timeout(options.ring_timeout_s)
    now_ms = clock.now_ms()

    def work(writer: Writer) -> NumberRecord:
        record = find_number(writer, number)
        owner = find_account(writer, str(record.account_id))
        fallbacks, emails = _changed_fallbacks(record.rule, options)
        request = RuleRequest(number.value, str(int(kind)), param, timeout, fallbacks, emails)
        answer = forwarding.change_rule(writer, operator_for(owner), request, now_ms)
        if not answer.outcome.success:
            raise OperatorError(answer.outcome.text("en") + _why_refused(writer, owner, answer.outcome, param))
        return find_number(writer, number)

    return await store.write(work)


def _why_refused(reader: Reader, account: Account, outcome: Outcome, target: str) -> str:
    """Return what the operator is told besides the API's text of a destination that is not allowed."""
    if outcome is not Outcome.DESTINATION_REFUSED:
        return ""
    try:
        refused = owner_of(reader, account.id).refusal(E164.parse(target, account.region))
    except NumberInvalid:
        return ": it is a short or emergency number"
    return f": {refused}; `renvoi policy set {account.id}` changes that"


def _ring_timeout(seconds: int | None) -> timedelta | None:
    least, most = (int(limit.total_seconds()) for limit in (MIN_RING_TIMEOUT, MAX_RING_TIMEOUT))
    if seconds is None:
        return None
    if not least <= seconds <= most:
        raise OperatorError(f"a ring timeout of {seconds} s is out of range: give {least} to {most}")
    return timedelta(seconds=seconds)


def _changed_fallbacks(
    present: Rule, options: ForwardOptions
) -> tuple[Fallbacks | None, tuple[EmailAddress, ...] | None]:
    """Return the fallbacks for calls that are not taken, and where their messages go; None for what is not given."""
    if (options.no_answer, options.busy, options.email) == (None, None, None):
        return None, None
    fallbacks = present.fallbacks
    if options.no_answer is not None:
        unanswered = Fallback(options.no_answer)
        fallbacks = replace(fallbacks, no_answer=unanswered, unreachable=unanswered)
    if options.busy is not None:
        fallbacks = replace(fallbacks, busy=Fallback(options.busy))
    if not fallbacks.takes_messages:
        if options.email is not None:
            raise OperatorError(
                "no message would go to that address: give --no-answer voicemail or --busy voicemail with it"
            )
    elif options.email is None and not present.emails:
        raise OperatorError("messages need an address to go to: give --email ADDRESS")
    return fallbacks, None if options.email is None else (_parse_email(options.email),)


def _parse_email(text: str) -> EmailAddress:
    try:
        return EmailAddress.parse(text)
    except EmailInvalid as error:
        raise OperatorError(Outcome.EMAIL_INVALID.text("en")) from error


async def set_greeting(store: Store, clock: Clock, number: E164, audio: bytes) -> None:
    """Give a number a greeting of its own, from the next call on; `audio` is a WAV that was checked before.

    Raises:
        OperatorError: there is no such number.
    """
    now_ms = clock.now_ms()

    def work(writer: Writer) -> None:
        check_open(writer, find_number(writer, number))
        writer.put_greeting(number, audio, now_ms)

    await store.write(work)


async def reset_greeting(store: Store, clock: Clock, number: E164, *, spoken: bool) -> None:
    """Go back to the default greeting, from the next call on; `spoken` has it say the number.

    Raises:
        OperatorError: there is no such number.
    """
    now_ms = clock.now_ms()

    def work(writer: Writer) -> None:
        check_open(writer, find_number(writer, number))
        if spoken:
            writer.put_greeting(number, None, now_ms, spoken=True)
        else:
            writer.remove_greeting(number)

    await store.write(work)


async def show_greeting(store: Store, number: E164) -> Greeting | None:
    """Return a number's greeting, None for the default one.

    Raises:
        OperatorError: there is no such number.
    """
    await store.read(lambda reader: find_number(reader, number))
    return await store.read(lambda reader: reader.greeting(number))
