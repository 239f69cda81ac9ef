"""Lists of numbers as `/v2` shows them: those of the principal's account, or of all accounts for an operator."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from renvoi.application.managed_numbers import is_of
from renvoi.application.ports.number_lists import NumberQuery
from renvoi.application.ports.unit_of_work import Reader, Store
from renvoi.domain.access.api_key import EVERY_ACCOUNT, Principal
from renvoi.domain.numbers.number import E164, LEAST_DIGITS, international_prefix, ranges
from renvoi.domain.rules.rule import NumberRecord, RuleType
from renvoi.domain.text import folded

LOOKED_AT = 200
"""Numbers that one page looks at where no index has what is wanted: by label and kind, or of all accounts."""
_EVERY_NUMBER = (LEAST_DIGITS, -LEAST_DIGITS - 1)
"""Those of damaged rows too."""


@dataclass(frozen=True, slots=True)
class NumberFilter:
    """Which numbers are wanted: those that begin with `prefix`, or whose label does, of a rule's type, or active."""

    prefix: str | None = None
    type: RuleType | None = None
    active: bool | None = None

    def admits(self, record: NumberRecord) -> bool:
        """Tell whether a number has this type and state, whatever it begins with."""
        kind = record.rule.type if record.unreadable is None else None
        return self.type in (None, kind) and self.active in (None, record.active)


@dataclass(frozen=True, slots=True)
class NumberPlace:
    """A place in a list: behind a number, or with `label` behind a number among those found by their labels."""

    digits: int = LEAST_DIGITS
    label: str | None = None

    @property
    def order(self) -> tuple[bool, str, int]:
        """What places are compared by: those found by their labels come last."""
        return self.label is not None, self.label or "", self.digits


START, FIRST_LABEL = NumberPlace(), NumberPlace(label="")


@dataclass(frozen=True, slots=True)
class NumberList:
    """A part of a list; `next` is the place behind it, None when nothing follows.

    It may have fewer numbers than were wanted, even none, although more follow: see `LOOKED_AT`.
    """

    records: Sequence[NumberRecord]
    next: NumberPlace | None = None


async def list_numbers(
    store: Store, who: Principal, wanted: NumberFilter, after: NumberPlace, limit: int
) -> NumberList:
    """Return up to `limit` of the principal's numbers behind the place `after`.

    They are in ascending order. With a prefix those whose number begins so come first, then those whose label does, by
    label; of all accounts both are in one ascending order.
    """
    return await store.read(lambda reader: _list(reader, who, wanted, after, limit))


def _list(reader: Reader, who: Principal, wanted: NumberFilter, after: NumberPlace, limit: int) -> NumberList:
    begun = None if wanted.prefix is None else international_prefix(wanted.prefix, who.region)
    if who.numbers is not None:
        return _of_few(reader, who, wanted, begun, after, limit)
    if who.account_id == EVERY_ACCOUNT:
        return _of_all_accounts(reader, who, wanted, begun, after, limit)
    found: list[NumberRecord] = []
    if after.label is None and (wanted.prefix is None or begun is not None):
        query = NumberQuery(who.account_id, wanted.type, wanted.active)
        for first, greatest in [_EVERY_NUMBER] if begun is None else ranges(begun):
            least = max(first, after.digits + 1)
            if least <= greatest and len(found) <= limit:
                found += reader.numbers_between(query, least, greatest, limit + 1 - len(found))
    if len(found) > limit:
        return NumberList(found[:limit], NumberPlace(found[limit - 1].number.digits))
    if wanted.prefix is None:
        return NumberList(found)
    return _by_label(reader, who, wanted, begun, FIRST_LABEL if after.label is None else after, found, limit)


def _by_label(
    reader: Reader,
    who: Principal,
    wanted: NumberFilter,
    begun: str | None,
    after: NumberPlace,
    found: list[NumberRecord],
    limit: int,
) -> NumberList:
    """Add those to `found` whose labels begin so, but not their numbers: these have come already."""
    assert wanted.prefix is not None
    behind = (after.label or "", E164.from_digits(after.digits))
    most = limit + 1 if (wanted.type, wanted.active) == (None, None) else LOOKED_AT
    looked_at = reader.numbers_by_label(who.account_id, wanted.prefix, behind, most)
    for each in looked_at:
        if len(found) == limit:
            return NumberList(found, after)
        after = NumberPlace(each.record.number.digits, each.key)
        if wanted.admits(each.record) and not _begins(each.record, begun):
            found.append(each.record)
    return NumberList(found, after if len(looked_at) == most else None)


def _of_few(
    reader: Reader, who: Principal, wanted: NumberFilter, begun: str | None, after: NumberPlace, limit: int
) -> NumberList:
    """Return what a key may see that is limited to some numbers, which are few."""
    assert who.numbers is not None
    listed = map(reader.listed_number, who.numbers)
    found = [record for record in listed if record is not None and is_of(who, record)]
    places = sorted(
        ((place, record) for place, record in _places(filter(wanted.admits, found), wanted.prefix, begun)),
        key=lambda each: each[0].order,
    )
    behind = [each for each in places if each[0].order > after.order]
    last = behind[limit - 1][0] if len(behind) > limit else None
    return NumberList([record for _, record in behind[:limit]], last)


def _places(
    records: Iterable[NumberRecord], prefix: str | None, begun: str | None
) -> Iterable[tuple[NumberPlace, NumberRecord]]:
    for record in records:
        if prefix is None or _begins(record, begun):
            yield NumberPlace(record.number.digits), record
        elif _has_label(record, prefix):
            yield NumberPlace(record.number.digits, folded(record.label)), record


def _of_all_accounts(
    reader: Reader, who: Principal, wanted: NumberFilter, begun: str | None, after: NumberPlace, limit: int
) -> NumberList:
    if not who.is_operator:
        return NumberList(())
    is_plain = wanted == NumberFilter()
    looked_at = reader.numbers(None, E164.from_digits(after.digits), limit + 1 if is_plain else LOOKED_AT)
    found: list[NumberRecord] = []
    for record in looked_at:
        if len(found) == limit:
            return NumberList(found, after)
        after = NumberPlace(record.number.digits)
        if wanted.admits(record) and (
            wanted.prefix is None or _begins(record, begun) or _has_label(record, wanted.prefix)
        ):
            found.append(record)
    return NumberList(found, after if len(looked_at) == LOOKED_AT and not is_plain else None)


def _begins(record: NumberRecord, begun: str | None) -> bool:
    return begun is not None and str(record.number.digits).startswith(begun)


def _has_label(record: NumberRecord, prefix: str) -> bool:
    return folded(record.label).startswith(folded(prefix))
