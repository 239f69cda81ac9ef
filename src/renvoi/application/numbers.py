"""Virtual numbers: added, listed, switched on and off."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import partial

from renvoi.application import forwarding
from renvoi.application.accounts import find_account
from renvoi.application.forwarding import Actor, RuleRequest
from renvoi.application.ports import Clock, Conflict, NumberRow, Reader, Store, Writer
from renvoi.application.refused import Refused
from renvoi.domain.number import E164, NumberInvalid, NumberShort
from renvoi.domain.rule import MAX_RING_TIMEOUT, MIN_RING_TIMEOUT, NumberRecord, RuleType

MAX_LABEL_LENGTH = 100
"""Characters of a number's label."""
_PAGE = 1000


def parse_number(text: str, region: str) -> E164:
    """Read a phone number as written in `region`.

    Raises:
        Refused: it is none.
    """
    try:
        return E164.parse(text.strip(), region)
    except NumberShort as error:
        raise Refused(f"{text!r} is a short number, which has no international form") from error
    except NumberInvalid as error:
        raise Refused(f"{text!r} is no valid phone number: write it like +33199001234") from error


def check_label(label: str) -> str:
    """Return `label` when a number may have it.

    Raises:
        Refused: it is too long, or not printable.
    """
    if len(label) > MAX_LABEL_LENGTH or not label.isprintable():
        raise Refused(f"a number's label has at most {MAX_LABEL_LENGTH} printable characters")
    return label


async def add_number(
    store: Store, clock: Clock, number: str, account: str, *, label: str = "", forwarding_enabled: bool = True
) -> NumberRecord:
    """Add a virtual number, with calls disabled, to the account with that id or name, in whose region it is read.

    Raises:
        Refused: there is no such account, it is no valid number, or it exists already.
    """
    check_label(label)
    now_ms = clock.now_ms()

    def work(writer: Writer) -> NumberRecord:
        owner = find_account(writer, account)
        parsed = parse_number(number, owner.region)
        try:
            writer.add_number(owner.id, NumberRow(parsed, label, forwarding_enabled), now_ms)
        except Conflict as error:
            raise Refused(f"{parsed} exists already") from error
        return find_number(writer, parsed)

    return await store.write(work)


async def iterate_numbers(store: Store, account: str | None = None) -> AsyncIterator[NumberRecord]:
    """Yield the numbers of one account, or all, in ascending order; memory stays flat however many there are.

    Raises:
        Refused: there is no such account.
    """
    account_id = await store.read(lambda reader: find_account(reader, account).id) if account is not None else None
    after: E164 | None = None
    while True:
        page = await store.read(partial(_page, account_id, after))
        for record in page:
            yield record
        if len(page) < _PAGE:
            return
        after = page[-1].number


async def set_state(
    store: Store, number: E164, *, active: bool | None = None, forwarding_enabled: bool | None = None
) -> NumberRecord:
    """Activate or deactivate a number, or switch its call-forwarding option, from the next call on.

    Raises:
        Refused: there is no such number.
    """

    def work(writer: Writer) -> NumberRecord:
        if not writer.set_number_state(number, active=active, forwarding_enabled=forwarding_enabled):
            raise Refused(f"{number} is none of our numbers: `renvoi number list` shows them")
        return find_number(writer, number)

    return await store.write(work)


def find_number(reader: Reader, number: E164) -> NumberRecord:
    """Return a virtual number's record.

    Raises:
        Refused: there is no such number.
    """
    record = reader.number(number)
    if record is None:
        raise Refused(f"{number} is none of our numbers: `renvoi number list` shows them")
    return record


def _page(account_id: int | None, after: E164 | None, reader: Reader) -> Sequence[NumberRecord]:
    return reader.numbers(account_id, after, _PAGE)


async def set_rule(
    store: Store, clock: Clock, number: E164, kind: RuleType, param: str, ring_timeout_s: int | None = None
) -> NumberRecord:
    """Set a number's rule as its owner could by the API; `ring_timeout_s` is 5 to 170 s, None leaves it as it is.

    Raises:
        Refused: the API would answer with an error; the text is the API's.
    """
    least, most = (int(limit.total_seconds()) for limit in (MIN_RING_TIMEOUT, MAX_RING_TIMEOUT))
    if ring_timeout_s is not None and not least <= ring_timeout_s <= most:
        raise Refused(f"a ring timeout of {ring_timeout_s} s is out of range: give {least} to {most}")
    timeout = timedelta(seconds=ring_timeout_s) if ring_timeout_s is not None else None
    actor = await store.read(lambda reader: _operator(reader, number))
    request = RuleRequest(number.value, str(int(kind)), param, timeout)
    answer = await forwarding.set_rule(store, clock, actor, request)
    if not answer.outcome.success:
        raise Refused(answer.outcome.text("en"))
    return await store.read(lambda reader: find_number(reader, number))


def _operator(reader: Reader, number: E164) -> Actor:
    record = find_number(reader, number)
    account = find_account(reader, str(record.account_id))
    return Actor(account.id, account.region, None, "command line")
