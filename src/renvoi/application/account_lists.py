"""Accounts that operators look for: by id, by one of their numbers, and by how their names begin."""

from collections.abc import Sequence

from renvoi.application.ports.accounts import Account
from renvoi.application.ports.unit_of_work import Reader, Store
from renvoi.domain.ids import IdKind, parsed_number
from renvoi.domain.numbers.number import E164, NO_REGION, NumberInvalid

MAX_SEARCH = 100
"""Characters of what is looked for, at most."""
LOOKED_AT = 200
"""Accounts that one page looks at, as no index has names and states together."""

AccountPlace = tuple[str, int]
"""Where a list by name goes on: behind the key and the id of an account."""


async def find_accounts(
    store: Store, wanted: str, closed: bool | None, after: AccountPlace | None, limit: int
) -> tuple[Sequence[Account], AccountPlace | None]:
    """Return up to `limit` accounts behind `after`, and where the list goes on; None: nothing follows.

    First that of this id or number, then those whose names begin so, whatever the case of letters of ASCII. It may
    have fewer of them, even none, although more follow: see `LOOKED_AT`. `closed` None: of either state.
    """

    def work(reader: Reader) -> tuple[Sequence[Account], AccountPlace | None]:
        known = _known(reader, wanted)
        found = [known] if known is not None and after is None and admits(closed, known) else []
        looked_at = reader.accounts_named(wanted, after, LOOKED_AT)
        place = after
        for each in looked_at:
            if len(found) == limit:
                return found, place
            place = each.key, each.account.id
            if admits(closed, each.account) and each.account != known:
                found.append(each.account)
        return found, place if len(looked_at) == LOOKED_AT else None

    return await store.read(work)


async def all_accounts_found(store: Store, wanted: str, closed: bool | None) -> Sequence[Account]:
    """Return all accounts that `find_accounts` finds, in its order."""
    found: list[Account] = []
    place: AccountPlace | None = None
    while True:
        some, place = await find_accounts(store, wanted, closed, place, LOOKED_AT)
        found += some
        if place is None:
            return found


def admits(closed: bool | None, account: Account) -> bool:
    """Tell whether an account is in that state; None: either."""
    return closed in (None, account.closed_at_ms is not None)


def _known(reader: Reader, wanted: str) -> Account | None:
    """Return the account of that id or whole name, or that has that number: each is one look-up.

    An id is found whatever its case, as names are. Accounts have no one region, so numbers are international.
    """
    account_id = parsed_number(IdKind.ACCOUNT, wanted.lower())
    found = reader.account(wanted if account_id is None else str(account_id))
    if found is not None or account_id is not None:
        return found
    try:
        record = reader.listed_number(E164.parse(wanted, NO_REGION))
    except NumberInvalid:
        return None
    return None if record is None else reader.account(str(record.account_id))
