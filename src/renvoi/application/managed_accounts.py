"""The account that a principal acts for, read and changed by itself."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from renvoi.application.ports.accounts import Account
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.domain.access.api_key import Principal
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.problem import Problem, ProblemCode


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What is to change of an account; None leaves it.

    The texts were checked before: language, region, and the name of a time zone, empty for the region's own. Messages
    are kept for `retention_days`; `sets_email` tells that `email` replaces the address for notices, None: nobody is
    notified.
    """

    language: str | None = None
    region: str | None = None
    time_zone: str | None = None
    retention_days: int | None = None
    email: EmailAddress | None = None
    sets_email: bool = False


def find_own_account(reader: Reader, who: Principal) -> Account:
    """Return the account that the principal acts for.

    Raises:
        Problem: it is an operator who has named none.
    """
    account = reader.account(str(who.account_id))
    if account is None or account.id != who.account_id:
        raise Problem(ProblemCode.ACCOUNT_UNKNOWN)
    return account


async def change_own_account(
    store: Store, who: Principal, change: AccountChange, check: Callable[[Account], None]
) -> Account:
    """Change the account that the principal acts for, if `check` lets it.

    Raises:
        Problem: there is none, the key is limited to some of its numbers, or `check` says why not.
    """

    def work(writer: Writer) -> Account:
        if who.numbers is not None:
            raise Problem(ProblemCode.KEY_LIMITED)
        account = find_own_account(writer, who)
        check(account)
        changed = replace(
            account,
            locale=change.language or account.locale,
            region=change.region or account.region,
            time_zone=account.time_zone if change.time_zone is None else change.time_zone or None,
            retention_days=change.retention_days or account.retention_days,
            email=change.email if change.sets_email else account.email,
        )
        writer.put_account(changed)
        return changed

    return await store.write(work)
