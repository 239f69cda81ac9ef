"""Accounts: changed and listed (`new_accounts` makes them); and the audit trail of their rules, read back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from renvoi.application.errors import OperatorError
from renvoi.application.ports.accounts import MAX_RETENTION_DAYS, Account, AuditEntry, AuditFilter
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.domain.access.person import is_person_id
from renvoi.domain.email_address import EmailAddress, EmailInvalid
from renvoi.domain.ids import IdKind, parsed_number
from renvoi.domain.numbers.number import is_region
from renvoi.domain.outcome import LANGUAGES
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.domain.rules.rule import NumberRecord
from renvoi.domain.rules.schedule import zone_names


async def change_account(
    store: Store,
    ref: str,
    *,
    locale: str | None = None,
    region: str | None = None,
    time_zone: str | None = None,
    retention_days: int | None = None,
    email: str | None = None,
) -> Account:
    """Change what is not None of an account: its language, region, time zone (IANA), and how long messages are kept.

    `email` is the address that is notified of limits; empty for nobody.

    Raises:
        OperatorError: there is no such account, or a value is not allowed.
    """
    check_place(locale, region)
    if time_zone is not None and time_zone not in zone_names():
        raise OperatorError(f"unknown time zone {time_zone!r}: use an IANA name such as Europe/Paris")
    if retention_days is not None and not 1 <= retention_days <= MAX_RETENTION_DAYS:
        raise OperatorError(f"messages cannot be kept for {retention_days} days: give 1 to {MAX_RETENTION_DAYS}")

    try:
        address = EmailAddress.parse(email) if email else None
    except EmailInvalid as error:
        raise OperatorError(f"{email!r} is not an e-mail address: give one such as owner@example.com") from error

    def work(writer: Writer) -> Account:
        account = find_account(writer, ref)
        changed = replace(
            account,
            locale=locale or account.locale,
            region=region or account.region,
            time_zone=time_zone or account.time_zone,
            retention_days=retention_days or account.retention_days,
            email=account.email if email is None else address,
        )
        writer.put_account(changed)
        return changed

    return await store.write(work)


def check_place(locale: str | None, region: str | None) -> None:
    """Check an account's language and region, as far as they are given.

    Raises:
        OperatorError: one is not allowed.
    """
    if locale is not None and locale not in LANGUAGES:
        raise OperatorError(f"unknown locale {locale!r}: use {' or '.join(LANGUAGES)}")
    if region is not None and not is_region(region):
        raise OperatorError(f"unknown region {region!r}: use an ISO 3166-1 code such as FR")


async def list_accounts(store: Store) -> Sequence[Account]:
    """Return all accounts by id."""
    return await store.read(lambda reader: reader.accounts())


def find_account(reader: Reader, ref: str) -> Account:
    """Return the account with that id or name.

    Raises:
        OperatorError: there is none, or it is closed.
    """
    account = find_any_account(reader, ref)
    if account.closed_at_ms is not None:
        raise OperatorError(
            f"account {account.name!r} is closed: nothing of it can be changed, nor be given to it",
            f"le compte {account.name!r} est fermé : rien ne peut y être modifié, ni lui être donné",
        )
    return account


def find_any_account(reader: Reader, ref: str) -> Account:
    """Return the account with that id, also as `/v2` writes it (`acc_1`), or name, closed or not.

    Raises:
        OperatorError: there is none.
    """
    account_id = parsed_number(IdKind.ACCOUNT, ref)
    account = reader.account(ref if account_id is None else str(account_id))
    if account is None:
        raise OperatorError(
            f"there is no account {ref!r}: `renvoi account list` shows them",
            f"il n’y a pas de compte {ref!r} : `renvoi account list` les énumère",
        )
    return account


def check_open(reader: Reader, record: NumberRecord) -> None:
    """See that a number may be changed: one whose account is closed goes with it, however long that takes.

    Raises:
        Problem: its account is being closed.
    """
    account = reader.account(str(record.account_id))
    if account is not None and account.closed_at_ms is not None:
        raise Problem(ProblemCode.ACCOUNT_CLOSING)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a rule, with the names of the account and of the key or person as they are now; None: it is gone."""

    entry: AuditEntry
    account: str | None
    key_name: str | None


async def list_changes(
    store: Store, limit: int, only: AuditFilter, account: str | None = None, *, former: bool = False
) -> Sequence[Change]:
    """Return up to `limit` of the latest changes that are wanted, newest first, of the account `account` (id or name).

    `former`: those that were made by who has the number no more, instead of the others.

    Raises:
        OperatorError: there is no such account.
    """

    def work(reader: Reader) -> Sequence[Change]:
        wanted = only if account is None else replace(only, account_id=find_any_account(reader, account).id)
        found = reader.past_changes(limit, wanted) if former else reader.changes(limit, wanted)
        accounts = {each.id: each.name for each in reader.accounts()} if found else {}
        ids = {entry.key_id for entry in found if entry.key_id is not None}
        names = {each: _name_of(reader, each) for each in ids}
        return [Change(e, accounts.get(e.account_id), names.get(e.key_id) if e.key_id else None) for e in found]

    return await store.read(work)


def _name_of(reader: Reader, actor: str) -> str | None:
    """Return a key's label, or a person's e-mail address, by id; None for what no longer exists."""
    if is_person_id(actor):
        person = reader.person(actor)
        return None if person is None else person.email.value
    record = reader.key(actor)
    return None if record is None else record.label
