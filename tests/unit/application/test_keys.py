"""Keys are made and changed by who may, and by nobody who would get more by it (docs/v2.md)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import pytest

from renvoi.application import keys
from renvoi.application.auth import authenticate
from renvoi.application.keys import KEEP, KeyView, KeyWish, NewSecret
from renvoi.domain.access.api_key import EVERY_ACCOUNT, ApiKey, Principal
from renvoi.domain.access.rights import OPERATOR
from renvoi.domain.numbers.number import E164, NO_REGION
from renvoi.domain.problem import Problem, ProblemCode
from tests.support.http_api import FOREIGN, FOREIGN_KEY, KEY, NUMBER, SECOND, START_MS, FixedClock, seed
from tests.support.memory_store import MemoryStore

T = TypeVar("T")
SOURCE = "192.0.2.7"
HOUR_MS = 3600 * 1000
ROOT = Principal(EVERY_ACCOUNT, NO_REGION, None, "command line", is_operator=True)
LIMITED = KeyWish(scopes=("keys:write", "numbers:read"), numbers=frozenset({NUMBER}), expires_at_ms=START_MS + HOUR_MS)


class KeyHarness:
    """A store with two accounts, whose keys are used as clients do."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.clock = FixedClock()
        self.run(self.store.write(seed))

    def run(self, work: Awaitable[T]) -> T:
        async def wait() -> T:
            return await work

        return asyncio.run(wait())

    def who(self, key: ApiKey | NewSecret) -> Principal:
        """Return who holds `key`, which has to be good."""
        text = key.reveal() if isinstance(key, ApiKey) else key.key.reveal()
        found = self.run(authenticate(self.store, self.clock, text, SOURCE))
        assert found is not None
        return found

    def is_good(self, key: ApiKey) -> bool:
        return self.run(authenticate(self.store, self.clock, key.reveal(), SOURCE)) is not None

    def make(self, who: Principal, wish: KeyWish, **more: Any) -> NewSecret:
        return self.run(keys.create_key(self.store, self.clock, who, wish, **more))

    def change(self, who: Principal, key_id: str, **changes: Any) -> Any:
        return self.run(keys.change_key(self.store, self.clock, who, key_id, lambda wish: replace(wish, **changes)))

    def rotate(self, who: Principal, key_id: str, keep: timedelta = KEEP) -> NewSecret:
        return self.run(keys.rotate_key(self.store, self.clock, who, key_id, keep))

    def revoke(self, who: Principal, key_id: str) -> Any:
        return self.run(keys.revoke_key(self.store, self.clock, who, key_id))

    def read(self, who: Principal, key_id: str) -> Any:
        return self.run(keys.read_key(self.store, who, key_id))

    def history(self, who: Principal, key_id: str) -> Any:
        return self.run(keys.key_history(self.store, who, key_id, 10))

    def listed(self, who: Principal, **more: Any) -> list[str]:
        return [view.record.id for view in self.run(keys.keys_page(self.store, who, None, 100, **more))]

    def record(self, key_id: str) -> Any:
        return self.run(self.store.read(lambda reader: reader.key(key_id)))


@pytest.fixture
def harness() -> KeyHarness:
    return KeyHarness()


def refused(code: ProblemCode, do: Callable[..., Any], *args: Any, **more: Any) -> list[str]:
    """Check that `do` is refused so, and return the fields that are named."""
    with pytest.raises(Problem) as caught:
        do(*args, **more)
    assert caught.value.code is code
    return [error.pointer for error in caught.value.errors]


def test_a_key_is_made_shown_once_and_good_at_once(harness: KeyHarness) -> None:
    made = harness.make(harness.who(KEY), replace(LIMITED, label="harness"))
    who = harness.who(made)
    assert (who.account_id, who.region, who.key_id) == (1, "FR", made.key.id)
    assert (who.scopes, who.numbers, who.expires_at_ms) == (LIMITED.scopes, LIMITED.numbers, LIMITED.expires_at_ms)
    record = harness.record(made.key.id)
    assert record.made_by == KEY.id
    assert made.key.secret.encode() not in repr(record).encode()
    harness.clock.now = START_MS + HOUR_MS
    assert not harness.is_good(made.key)


WIDER: dict[str, dict[str, Any]] = {
    "/scopes": {"scopes": ("keys:write", "numbers:read", "forwarding:write")},
    "/numbers": {"numbers": frozenset({NUMBER, SECOND})},
    "/expires_at": {"expires_at_ms": START_MS + HOUR_MS + 1},
    "/scopes, all": {"scopes": ()},
    "/numbers, all": {"numbers": None},
    "/expires_at, never": {"expires_at_ms": None},
}


@pytest.mark.parametrize("field", WIDER)
def test_a_key_makes_none_that_may_do_more(harness: KeyHarness, field: str) -> None:
    who = harness.who(harness.make(harness.who(KEY), LIMITED))
    wish = replace(LIMITED, **WIDER[field])
    assert refused(ProblemCode.KEY_BEYOND_RIGHTS, harness.make, who, wish) == [field.partition(",")[0]]


@pytest.mark.parametrize("field", WIDER)
def test_a_key_widens_none_neither_itself_nor_another(harness: KeyHarness, field: str) -> None:
    made = harness.make(harness.who(KEY), LIMITED)
    who = harness.who(made)
    child = harness.make(who, LIMITED)
    for key_id in (made.key.id, child.key.id):
        named = refused(ProblemCode.KEY_BEYOND_RIGHTS, harness.change, who, key_id, **WIDER[field])
        assert named == [field.partition(",")[0]]
        assert harness.record(key_id).rights == harness.record(made.key.id).rights


@pytest.mark.parametrize("field", WIDER)
def test_a_key_gets_hold_of_none_that_may_do_more(harness: KeyHarness, field: str) -> None:
    """Its secret by rotation, or its end: both are to those who may do as much."""
    root = harness.who(KEY)
    who = harness.who(harness.make(root, LIMITED))
    mightier = harness.make(root, replace(LIMITED, **WIDER[field])).key
    # A key that is limited to numbers does not even see one of others.
    wanted = ProblemCode.KEY_UNKNOWN if field.startswith("/numbers") else ProblemCode.KEY_BEYOND_RIGHTS
    for do in (
        lambda: harness.rotate(who, mightier.id),
        lambda: harness.revoke(who, mightier.id),
        lambda: harness.change(who, mightier.id, label="mine"),
        lambda: harness.change(
            who, mightier.id, scopes=LIMITED.scopes, numbers=LIMITED.numbers, expires_at_ms=START_MS + 9
        ),
    ):
        refused(wanted, do)
    assert harness.is_good(mightier)
    assert (mightier.id in harness.listed(who)) == (not field.startswith("/numbers"))


def test_a_secret_that_was_replaced_outlives_its_time_by_nothing_that_it_makes(harness: KeyHarness) -> None:
    """Else who has stolen it would have another one by then."""
    root = harness.who(KEY)
    made = harness.make(root, KeyWish(scopes=("keys:write",)))
    harness.rotate(root, made.key.id, timedelta(hours=1))
    thief = harness.who(made)
    assert thief.expires_at_ms == START_MS + HOUR_MS
    for do in (
        lambda: harness.make(thief, KeyWish(scopes=("keys:write",))),
        lambda: harness.rotate(thief, made.key.id),
        lambda: harness.revoke(thief, made.key.id),
        lambda: harness.change(thief, made.key.id, label="mine"),
    ):
        assert refused(ProblemCode.KEY_BEYOND_RIGHTS, do) == ["/expires_at"]
    child = harness.make(thief, KeyWish(scopes=("keys:write",), expires_at_ms=START_MS + HOUR_MS))
    harness.clock.now = START_MS + HOUR_MS
    assert not harness.is_good(made.key)
    assert not harness.is_good(child.key)


def test_what_counts_is_what_a_key_may_do_when_the_change_is_made(harness: KeyHarness) -> None:
    root = harness.who(KEY)
    made = harness.make(root, KeyWish())
    asked_before = harness.who(made)
    harness.change(root, made.key.id, scopes=("keys:write",))
    assert refused(ProblemCode.KEY_BEYOND_RIGHTS, harness.make, asked_before, KeyWish()) == ["/scopes"]
    harness.revoke(root, made.key.id)
    refused(ProblemCode.KEY_INCORRECT, harness.make, asked_before, KeyWish(scopes=("keys:write",)))
    refused(ProblemCode.KEY_INCORRECT, harness.revoke, asked_before, made.key.id)


def test_rotation_keeps_the_old_secret_for_a_time(harness: KeyHarness) -> None:
    root = harness.who(KEY)
    first = harness.make(root, LIMITED).key
    second = harness.rotate(root, first.id, timedelta(minutes=10)).key
    assert second.id == first.id
    assert second.secret != first.secret
    assert harness.is_good(first)
    assert harness.is_good(second)
    third = harness.rotate(root, first.id, timedelta(minutes=10)).key
    assert [harness.is_good(key) for key in (first, second, third)] == [False, True, True]
    harness.clock.now += 600_000
    assert [harness.is_good(key) for key in (first, second, third)] == [False, False, True]
    fourth = harness.rotate(root, first.id, timedelta(0)).key
    assert [harness.is_good(key) for key in (third, fourth)] == [False, True]
    assert harness.record(first.id).previous_hash is None


def test_what_was_replaced_ends_with_the_key_and_with_its_revocation(harness: KeyHarness) -> None:
    root = harness.who(KEY)
    first = harness.make(root, LIMITED).key
    second = harness.rotate(root, first.id).key
    assert harness.who(first).expires_at_ms == LIMITED.expires_at_ms
    harness.clock.now = START_MS + HOUR_MS
    assert not harness.is_good(first)
    refused(ProblemCode.KEY_OVER, harness.rotate, root, first.id)
    harness.change(root, first.id, expires_at_ms=None)
    assert harness.is_good(first)
    harness.revoke(root, first.id)
    assert not harness.is_good(first)
    assert not harness.is_good(second)
    for do in (lambda: harness.rotate(root, first.id), lambda: harness.change(root, first.id, label="again")):
        refused(ProblemCode.KEY_OVER, do)


def test_another_accounts_keys_are_unknown_ones(harness: KeyHarness) -> None:
    for who in (harness.who(KEY), replace(ROOT, account_id=1)):
        for key_id in (FOREIGN_KEY.id, "ffffffffffff", "op_ffffffffffff", "", "\0"):
            for do in (
                harness.read,
                harness.history,
                partial(harness.change, label="mine"),
                harness.rotate,
                harness.revoke,
            ):
                refused(ProblemCode.KEY_UNKNOWN, do, who, key_id)
        assert harness.listed(who) == [KEY.id]
    assert harness.is_good(FOREIGN_KEY)


def test_numbers_have_to_be_the_accounts_own(harness: KeyHarness) -> None:
    who = harness.who(KEY)
    strange = {FOREIGN, E164("+33644630000")}
    for numbers in ({FOREIGN}, {NUMBER, *strange}):
        wish = replace(LIMITED, numbers=frozenset(numbers))
        assert refused(ProblemCode.FIELDS_INVALID, harness.make, who, wish) == ["/numbers"]
    # One that was removed since is no reason to refuse another change.
    made = harness.make(who, replace(LIMITED, numbers=frozenset({NUMBER, SECOND})))
    harness.store._state.numbers.pop(SECOND)
    assert harness.change(who, made.key.id, label="harness").record.label == "harness"
    assert refused(ProblemCode.FIELDS_INVALID, harness.change, who, made.key.id, numbers=frozenset({FOREIGN})) == [
        "/numbers"
    ]


@pytest.mark.parametrize(
    ("field", "wish"),
    [
        ("/label", {"label": "x" * 101}),
        ("/label", {"label": "a\nb"}),
        ("/label", {"label": "a\0"}),
        ("/label", {"label": "\ud800"}),
        ("/label", {"label": "\u202e"}),
        ("/expires_at", {"expires_at_ms": START_MS}),
        ("/expires_at", {"expires_at_ms": -1}),
        ("/expires_at", {"expires_at_ms": 253_402_300_800_000}),
        ("/numbers", {"numbers": frozenset()}),
        ("/numbers", {"numbers": frozenset(E164.from_digits(33199000000 + n) for n in range(101))}),
    ],
)
def test_what_a_key_cannot_be(harness: KeyHarness, field: str, wish: dict[str, Any]) -> None:
    assert refused(ProblemCode.FIELDS_INVALID, harness.make, harness.who(KEY), KeyWish(**wish)) == [field]
    assert refused(ProblemCode.FIELDS_INVALID, harness.change, harness.who(KEY), KEY.id, **wish) == [field]


def test_all_wrong_fields_are_named_at_once(harness: KeyHarness) -> None:
    wish = KeyWish("\n", numbers=frozenset({FOREIGN}), expires_at_ms=1)
    named = refused(ProblemCode.FIELDS_INVALID, harness.make, harness.who(KEY), wish)
    assert named == ["/label", "/expires_at", "/numbers"]


def test_an_account_has_so_many_keys(harness: KeyHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MAX_KEYS", 3)
    who = harness.who(KEY)
    made = [harness.make(who, KeyWish()) for _ in range(2)]
    refused(ProblemCode.TOO_MANY_KEYS, harness.make, who, KeyWish())
    harness.revoke(who, made[0].key.id)
    harness.make(who, KeyWish())


def test_operators_act_in_every_account_and_make_operators(harness: KeyHarness) -> None:
    first = harness.make(ROOT, KeyWish("root"), of_operator=True)
    assert first.key.id.startswith("op_")
    assert first.key.reveal().startswith("rv_op_")
    who = harness.who(first)
    assert who.is_operator
    assert who.account_id == EVERY_ACCOUNT
    assert harness.listed(who) == [KEY.id, FOREIGN_KEY.id]
    assert harness.listed(who, of_operators=True) == [first.key.id]
    second = harness.make(who, KeyWish(), of_operator=True)
    of_account = harness.make(who.acting_for(2, "FR"), replace(LIMITED, numbers=frozenset({FOREIGN})))
    assert harness.who(of_account).account_id == 2
    assert harness.who(second).is_operator
    refused(ProblemCode.ACCOUNT_UNKNOWN, harness.make, who, LIMITED)
    assert harness.rotate(who, FOREIGN_KEY.id, timedelta(0)).key.id == FOREIGN_KEY.id
    harness.revoke(who, first.key.id)
    refused(ProblemCode.KEY_INCORRECT, harness.revoke, who, second.key.id)
    assert refused(
        ProblemCode.FIELDS_INVALID,
        lambda: harness.make(ROOT, KeyWish(numbers=frozenset({NUMBER})), of_operator=True),
    ) == ["/numbers"]


def test_no_account_makes_or_sees_operators(harness: KeyHarness) -> None:
    operator = harness.make(ROOT, KeyWish(), of_operator=True)
    who = harness.who(KEY)
    assert refused(ProblemCode.KEY_BEYOND_RIGHTS, harness.make, who, KeyWish(), of_operator=True) == ["/operator"]
    assert harness.listed(who, of_operators=True) == []
    for acting in (who, harness.who(operator).acting_for(1, "FR")):
        refused(ProblemCode.KEY_UNKNOWN, harness.rotate, acting, operator.key.id)


def test_an_operator_without_that_scope_makes_and_sees_none(harness: KeyHarness) -> None:
    """Its scopes hold in every account, but it gets no further."""
    other = harness.make(ROOT, KeyWish(), of_operator=True)
    who = harness.who(harness.make(ROOT, KeyWish(scopes=("keys:write", "numbers:read")), of_operator=True))
    wish = KeyWish(scopes=("keys:write",))
    assert refused(ProblemCode.KEY_BEYOND_RIGHTS, harness.make, who, wish, of_operator=True) == ["/operator"]
    assert refused(ProblemCode.KEY_BEYOND_RIGHTS, harness.make, who, KeyWish(scopes=(OPERATOR,)), of_operator=True) == [
        "/operator",
        "/scopes",
    ]
    assert harness.listed(who, of_operators=True) == []
    refused(ProblemCode.KEY_UNKNOWN, harness.revoke, who, other.key.id)
    refused(ProblemCode.KEY_BEYOND_RIGHTS, harness.rotate, who, KEY.id)
    assert harness.who(harness.make(who.acting_for(1, "FR"), wish)).account_id == 1


def test_every_change_is_in_the_trail(harness: KeyHarness) -> None:
    who = harness.who(KEY)
    made = harness.make(who, LIMITED)
    harness.change(ROOT, made.key.id, label="harness")
    harness.change(ROOT, made.key.id, label="harness")
    harness.rotate(who, made.key.id)
    harness.revoke(who, made.key.id)
    harness.revoke(who, made.key.id)
    trail = harness.history(who, made.key.id)[::-1]
    assert [(each.key_id, each.source, each.after.revision) for each in trail] == [
        (KEY.id, SOURCE, 0),
        (None, "command line", 1),
        (KEY.id, SOURCE, 2),
        (KEY.id, SOURCE, 3),
    ]
    assert trail[0].before is None
    assert [each.before for each in trail[1:]] == [replace(each.after, rotated=False) for each in trail[:-1]]
    assert [each.after.rotated for each in trail] == [False, False, True, False]
    assert trail[-1].after.revoked_at_ms == START_MS
    assert trail[0].after.numbers == (NUMBER.value,)


def test_a_check_sees_the_key_just_before_the_change(harness: KeyHarness) -> None:
    """What `If-Match` needs; nothing is changed when it raises."""

    class Changed(Exception):
        pass

    def check(record: Any) -> None:
        assert record.revision == 0
        raise Changed

    who = harness.who(KEY)
    for work in (
        keys.change_key(harness.store, harness.clock, who, KEY.id, lambda wish: replace(wish, label="x"), check),
        keys.rotate_key(harness.store, harness.clock, who, KEY.id, KEEP, check),
        keys.revoke_key(harness.store, harness.clock, who, KEY.id, check),
    ):
        with pytest.raises(Changed):
            harness.run(work)
    assert harness.record(KEY.id).revision == 0


def test_times_of_secrets_have_bounds(harness: KeyHarness) -> None:
    for keep in (timedelta(seconds=-1), timedelta(days=30, seconds=1)):
        assert refused(ProblemCode.FIELDS_INVALID, harness.rotate, harness.who(KEY), KEY.id, keep) == ["/keep_s"]


def test_long_lists_pass_over_keys_that_are_not_to_be_seen(harness: KeyHarness) -> None:
    root = harness.who(KEY)
    who = harness.who(harness.make(root, replace(LIMITED, label="it")))
    for _ in range(5):
        harness.make(root, KeyWish())
        harness.make(root, LIMITED)
        harness.clock.now += 1
    seen: list[KeyView] = []
    after = None
    while page := harness.run(keys.keys_page(harness.store, who, after, 2)):
        assert len(page) <= 2
        seen += page
        after = page[-1].record.created_at_ms, page[-1].record.id
    assert len(seen) == 6
    assert all(view.record.numbers == LIMITED.numbers for view in seen)
