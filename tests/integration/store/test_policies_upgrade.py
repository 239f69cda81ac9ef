"""An account of an older version may forward where its rules do: the migration writes its policy."""

import asyncio

import phonenumbers
from phonenumbers import PhoneNumberFormat

from renvoi.application.policies import owner_of
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.unit_of_work import Reader
from renvoi.domain.access.account_policy import NO_POLICY, AccountPolicy, CountriesUsed, Owner
from renvoi.domain.numbers.destination_policy import REFUSED_TYPES, TYPES, DestinationPolicy
from renvoi.domain.numbers.number import E164
from tests.integration.store.test_migrations import connected, old_store
from tests.support.stores import opened

FIRST = 33199000000


def using(region: str, *others: str) -> AccountPolicy:
    """Return the policy of an account whose rules name other countries: they are allowed, and nothing new."""
    used = CountriesUsed(tuple((each, 0) for each in sorted(others)))
    return AccountPolicy(DestinationPolicy(frozenset({region, *others})), used=used)


ACCOUNTS = {
    3: ("FR", [33644630000, 33199001234], NO_POLICY),
    4: ("FR", [33644630000, 32470123456, 32470123457], using("FR", "BE")),
    5: ("GB", [441534456789, 12423591234], using("GB", "JE", "BS")),
    # Kept by the version before for destinations, as they cost nobody anything.
    6: ("FR", [80012345678], AccountPolicy(DestinationPolicy(allowed_prefixes=frozenset({"800"})))),
    7: ("CA", [18002345678], NO_POLICY),
    # No numbering plan has it, or not any more.
    8: ("FR", [33112345], AccountPolicy(DestinationPolicy(allowed_prefixes=frozenset({"3311234"})))),
    9: ("FR", [], NO_POLICY),
}


def destinations() -> list[int]:
    """Return an example of each type of each region that the version before takes for a destination."""
    return [
        int(phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:])
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for name in sorted(TYPES.keys() - REFUSED_TYPES)
        if (number := phonenumbers.example_number_for_type(region, TYPES[name])) is not None
    ]


def fill(url: str, accounts: dict[int, tuple[str, list[int]]]) -> None:
    """Put accounts and rules into a store of the version before."""
    old_store(url, "0003")
    numbers: list[tuple[int, int, int, int | None]] = []
    number = FIRST
    for account_id, (_, targets) in accounts.items():
        for target in targets:
            numbers.append((number, account_id, 1, target))
            number += 1
        numbers.append((number, account_id, 0, None))
        number += 1
    with connected(url) as connection:
        for account_id, (region, _) in accounts.items():
            values = f"({account_id}, 'account {account_id}', 'fr', '{region}', 5, 30)"
            connection.exec_driver_sql(
                f"INSERT INTO accounts (id, name, locale, region, created_at_ms, retention_days) VALUES {values}"
            )
        rows = ", ".join(
            f"({number}, {account_id}, '', true, true, {kind}, {target or 'NULL'}, 60, 1, 9, 6, 'release', 'release')"
            for number, account_id, kind, target in numbers
        )
        connection.exec_driver_sql(
            "INSERT INTO numbers (number, account_id, label, active, forwarding_enabled, rule_type, target,"
            f" ring_timeout_s, revision, updated_at_ms, created_at_ms, no_answer, busy) VALUES {rows}"
        )


def read(url: str, *accounts: int) -> tuple[dict[int, Owner], list[PolicyChange]]:
    def work(reader: Reader) -> tuple[dict[int, Owner], list[PolicyChange]]:
        return {each: owner_of(reader, each) for each in accounts}, list(reader.policy_changes())

    async def main() -> tuple[dict[int, Owner], list[PolicyChange]]:
        async with opened(url) as store:
            return await store.read(work)

    return asyncio.run(main())


def test_each_account_gets_what_its_rules_use_and_no_more(url: str) -> None:
    fill(url, {account_id: (region, targets) for account_id, (region, targets, _) in ACCOUNTS.items()})
    owners, changes = read(url, *ACCOUNTS)
    assert owners == {account_id: Owner(region, policy) for account_id, (region, _, policy) in ACCOUNTS.items()}
    for account_id, (_, targets, _) in ACCOUNTS.items():
        assert [owners[account_id].refusal(E164.from_digits(target)) for target in targets] == [None] * len(targets)
    noted = {change.account_id: (change.source, change.before, change.after) for change in changes}
    changed = {account_id: owner.policy for account_id, owner in owners.items() if owner.policy != NO_POLICY}
    assert noted == {account_id: ("upgrade", NO_POLICY, policy) for account_id, policy in changed.items()}


def test_no_rule_of_the_version_before_is_refused(url: str) -> None:
    targets = destinations()
    fill(url, {1: ("FR", targets), 2: ("US", targets)})
    owners, _ = read(url, 1, 2)
    for owner in owners.values():
        refused = {target: owner.refusal(E164.from_digits(target)) for target in targets}
        assert {target: why for target, why in refused.items() if why is not None} == {}
