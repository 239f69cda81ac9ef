"""The look-up that falls back on what was read last."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from phonenumbers import SUPPORTED_REGIONS

from bench.schedules import largest, office
from renvoi.count_files import write_counts
from renvoi.domain.access.account_policy import NO_POLICY, AccountPolicy, Owner
from renvoi.domain.access.limits import account_name, number_name
from renvoi.domain.calls.usage import Usage, Usages
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.destination_policy import EVERYWHERE, DestinationPolicy
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.callers import MAX_PREFIXES, Callers
from renvoi.domain.rules.rule import NumberRecord, Otherwise, Rule, RuleType
from renvoi.edge.router.lookup import NOBODY, LookupFailed, Reading
from renvoi.edge.router.stale_rules import Memory, StaleRulesLookup
from renvoi.removed_file import REMOVED, RemovedFile, moved_name
from tests.support.rules import fallbacks

NUMBER, OTHER, TARGET = E164("+33199001234"), E164("+33199005678"), E164("+33612345678")
LONGEST = EmailAddress("l" * 64 + "@" + "d" * 185 + ".org")


class Store:
    """A store that can be away."""

    def __init__(self) -> None:
        self.records: dict[E164, NumberRecord] = {}
        self.owner = Owner("FR")
        self.used: dict[tuple[str, int], Usage] = {}
        self.away = False
        self.asked = 0

    def find(self, number: E164) -> Reading:
        """Return the record, or fail."""
        self.check()
        record = self.records.get(number)
        return Reading(None) if record is None else Reading(record, owner=self.owner)

    def usages(self, names: Sequence[str], since_day: int) -> Usages:
        """Return what was used under these names, or fail."""
        self.check()
        return {key: usage for key, usage in self.used.items() if key[0] in names and key[1] >= since_day}

    def check(self) -> None:
        """Fail, if it is away."""
        self.asked += 1
        if self.away:
            raise LookupFailed("gone")


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def memory() -> Iterator[Memory]:
    memory = Memory()
    yield memory
    memory.close()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lookup(store: Store, memory: Memory, clock: Clock) -> StaleRulesLookup:
    return StaleRulesLookup(store, memory, 900, clock)


@pytest.mark.parametrize(
    "record",
    [
        NumberRecord(NUMBER, 7, Rule.forward(TARGET), updated_at_ms=12),
        NumberRecord(NUMBER, 7, Rule.voicemail(EmailAddress("é@example.org"))),
        NumberRecord(NUMBER, 7, Rule(revision=2**40), active=False, forwarding_enabled=False),
        NumberRecord(
            NUMBER,
            2**40,
            Rule(RuleType.VOICEMAIL, emails=(LONGEST,), fallbacks=fallbacks(Otherwise.RELEASE, Otherwise.VOICEMAIL)),
            updated_at_ms=2**41,
        ),
        None,
    ],
)
def test_while_the_store_is_away_what_was_read_counts(
    store: Store, lookup: StaleRulesLookup, record: NumberRecord | None
) -> None:
    if record is not None:
        store.records[NUMBER] = record
    owner = NOBODY if record is None else store.owner
    assert lookup.find(NUMBER) == Reading(record, owner=owner)
    store.away = True
    assert lookup.find(NUMBER) == Reading(record, last_known=True, owner=owner)


def test_a_rule_of_any_length_replaces_the_one_before(store: Store, lookup: StaleRulesLookup) -> None:
    """With a schedule it is longer than most; the longest that there can be is more than a hundred times as long."""
    blocked = Callers(block=tuple(f"+33162{n:09}" for n in range(MAX_PREFIXES)))
    schedules = (None, office(), replace(office(), holidays_until=date(2028, 2, 1)), largest(), office(), None)
    for revision, schedule in enumerate(schedules):
        rule = Rule(RuleType.FORWARD, TARGET, (LONGEST,), revision, schedule=schedule)
        if schedule == largest():
            rule = replace(rule, callers=replace(blocked, allow=blocked.block))
        store.records[NUMBER] = NumberRecord(NUMBER, 1, rule)
        store.away = False
        lookup.find(NUMBER)
        store.away = True
        assert lookup.find(NUMBER).record == store.records[NUMBER]


def test_a_store_that_answers_is_always_asked(store: Store, lookup: StaleRulesLookup) -> None:
    for target in (TARGET, OTHER):
        store.records[NUMBER] = NumberRecord(NUMBER, 1, Rule.forward(target))
        assert lookup.find(NUMBER) == Reading(store.records[NUMBER], owner=store.owner)
    del store.records[NUMBER]
    assert lookup.find(NUMBER) == Reading(None)
    assert store.asked == 3
    store.away = True
    assert lookup.find(NUMBER) == Reading(None, last_known=True)
    assert store.asked == 4


def test_what_was_never_read_is_not_known(store: Store, lookup: StaleRulesLookup) -> None:
    lookup.find(NUMBER)
    store.away = True
    with pytest.raises(LookupFailed, match="gone; nor is it known"):
        lookup.find(OTHER)


def test_nothing_is_known_for_longer_than_the_limit(store: Store, lookup: StaleRulesLookup, clock: Clock) -> None:
    """However often it is asked for meanwhile; once the store has been read again the time starts again."""
    lookup.find(NUMBER)
    store.away = True
    for later in (0, 450, 900):
        clock.now = 1000 + later
        assert lookup.find(NUMBER).last_known
    clock.now = 1901.0
    with pytest.raises(LookupFailed):
        lookup.find(NUMBER)
    store.away = False
    lookup.find(NUMBER)
    store.away = True
    clock.now += 900
    assert lookup.find(NUMBER).last_known


def test_what_one_process_read_all_know(store: Store, memory: Memory, lookup: StaleRulesLookup, clock: Clock) -> None:
    store.records[NUMBER] = NumberRecord(NUMBER, 1, Rule.forward(TARGET))
    lookup.find(NUMBER)
    store.away = True
    other = StaleRulesLookup(store, memory, 900, clock)
    assert other.find(NUMBER) == Reading(store.records[NUMBER], last_known=True, owner=store.owner)


def test_the_age_of_a_reading_begins_before_the_store_is_asked(
    store: Store, lookup: StaleRulesLookup, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that takes its time may be as old as the question."""
    find = store.find

    def slowly(number: E164) -> Reading:
        clock.now += 100
        return find(number)

    monkeypatch.setattr(store, "find", slowly)
    lookup.find(NUMBER)
    store.away = True
    clock.now = 1900 - 100
    assert lookup.find(NUMBER).last_known
    with pytest.raises(LookupFailed):
        lookup.find(NUMBER)


def test_the_log_says_when_the_store_goes_and_comes(
    store: Store, lookup: StaleRulesLookup, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for away in (False, True, True, True, False, False, True):
        store.away = away
        lookup.find(NUMBER)
    assert [record.getMessage().partition(",")[0] for record in caplog.records] == [
        "the store is away",
        "the store answers again",
        "the store is away",
    ]


def test_the_store_is_what_is_checked(store: Store, lookup: StaleRulesLookup) -> None:
    lookup.check()
    store.away = True
    with pytest.raises(LookupFailed):
        lookup.check()


LARGEST = AccountPolicy(
    DestinationPolicy(
        frozenset(SUPPORTED_REGIONS | {EVERYWHERE}),
        allowed_prefixes=frozenset(str(10**14 + n) for n in range(100)),
        refused_prefixes=frozenset(str(10**14 + n) for n in range(100, 200)),
    )
)
ABROAD = AccountPolicy(DestinationPolicy(eea=True))


@pytest.mark.parametrize("policy", [NO_POLICY, ABROAD, LARGEST])
def test_policies_count_as_they_were_read_last(store: Store, lookup: StaleRulesLookup, policy: AccountPolicy) -> None:
    store.records[NUMBER] = NumberRecord(NUMBER, 7, Rule.forward(TARGET))
    store.owner = Owner("BE", policy)
    lookup.find(NUMBER)
    store.away = True
    assert lookup.find(NUMBER).owner == store.owner


@pytest.mark.parametrize(("before", "after"), [(NO_POLICY, ABROAD), (ABROAD, NO_POLICY), (LARGEST, ABROAD)])
def test_a_policy_that_was_read_with_another_number_counts_for_all_of_the_account(
    store: Store, lookup: StaleRulesLookup, clock: Clock, before: AccountPolicy, after: AccountPolicy
) -> None:
    for number, policy in ((NUMBER, before), (OTHER, after)):
        store.records[number] = NumberRecord(number, 7, Rule.forward(TARGET))
        store.owner = Owner("FR", policy)
        lookup.find(number)
        clock.now += 1
    store.away = True
    assert lookup.find(NUMBER).owner.policy == after


def test_without_its_policy_a_number_is_not_known(
    store: Store, lookup: StaleRulesLookup, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.records[NUMBER] = NumberRecord(NUMBER, 7, Rule.forward(TARGET))
    store.owner = Owner("FR", ABROAD)
    monkeypatch.setattr(memory.policies, "put", lambda *_: None)
    lookup.find(NUMBER)
    store.away = True
    with pytest.raises(LookupFailed, match="gone; nor is it known"):
        lookup.find(NUMBER)


def test_usage_is_what_was_read_last_while_the_store_is_away(memory: Memory, store: Store) -> None:
    lookup = StaleRulesLookup(store, memory, 60)
    store.used = {("a1", 7): Usage(-5, 1, 10**12, 3), ("a1", 8): Usage(6), ("a2", 8): Usage(9)}
    assert lookup.usages(["a1", "n9"], 7) == {("a1", 7): Usage(-5, 1, 10**12, 3), ("a1", 8): Usage(6)}
    store.away = True
    assert lookup.usages(["a1", "n9", "a2"], 7) == {("a1", 7): Usage(-5, 1, 10**12, 3), ("a1", 8): Usage(6)}


def test_what_was_taken_away_is_not_recalled(store: Store, memory: Memory, clock: Clock, tmp_path: Path) -> None:
    complaints: list[str] = []
    file = tmp_path / REMOVED
    lookup = StaleRulesLookup(store, memory, 900, clock, RemovedFile(file, complaints.append))
    for number, account_id in ((NUMBER, 1), (OTHER, 2), (TARGET, 3)):
        store.records[number] = NumberRecord(number, account_id, Rule.forward(TARGET))
        lookup.find(number)
    store.away = True
    assert lookup.find(NUMBER).record is not None
    clock.now += 1
    now_ms = int(clock.now * 1000)
    write_counts(file, {number_name(NUMBER): now_ms, account_name(2): now_ms, moved_name(TARGET): now_ms})
    for number in (NUMBER, OTHER):
        assert lookup.find(number) == Reading(None, last_known=True)
    with pytest.raises(LookupFailed, match="gone"):
        lookup.find(TARGET)
    file.write_text("{")
    assert lookup.find(NUMBER).record is None
    assert len(complaints) == 1
    # Who has it now was read since.
    store.away = False
    clock.now += 1
    lookup.find(NUMBER)
    store.away = True
    assert lookup.find(NUMBER).record == store.records[NUMBER]
    file.unlink()
    assert lookup.find(OTHER).record is not None
