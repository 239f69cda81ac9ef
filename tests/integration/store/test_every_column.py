"""One value of one row is damaged: nothing that is asked fails, and all other rows are shown.

Every column of every table is damaged in every way that its store takes. What is asked then is each GET of the API and
of the pages whose statements name the table; so new columns, tables, operations and pages are covered as they come.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy.sql.elements import CompilerElement

from renvoi.adapters.sql.compiled_statements import Statements
from renvoi.adapters.sql.schema import metadata
from tests.support.damaged_rows import EVERY, Damage, Damager, PostgresDamager, SqliteDamager, damages_of, some_of
from tests.support.everything_asked import Asked, Browser, Everything
from tests.support.full_store import BY_HAND, fill
from tests.support.postgres import shared_cluster
from tests.support.stores import make_sqlite
from tests.support.threaded_store import threaded_store

TABLES = {table.name: table for table in metadata.sorted_tables}
NOUNS = {
    "numbers": ("numbers", "'+' || number"),
    "messages": ("messages", "'msg_' || id"),
    "calls": ("calls", "'call_' || id"),
    "webhooks": ("webhooks", "'wh_' || id"),
    "deliveries": ("webhook_deliveries", "'dlv_' || id"),
    "keys": ("api_keys", "'key_' || id"),
    "removals": ("removals", "'rem_' || id"),
    "trunks": ("trunks", "name"),
    "trunk": ("trunks", "name"),
    "accounts": ("accounts", "'acc_' || id"),
}
"""What a path names behind a word, as the store has it."""
DAMAGED = 1
"""Which row is damaged, in the order of the primary key: the second one, so that of those who ask stays whole."""
NOT_OURS = {"store_info"}
"""What a program judges as a whole when it opens a store."""
LEFT_OUT = {
    "whose it is: what names the owner of a row cannot be read, and nobody else is shown it": {
        *("audit.account_id", "audit.number", "calls.account_id", "events.account_id", "key_changes.changed_key"),
        *("messages.account_id", "policy_changes.account_id", "webhook_changes.account_id", "webhooks.account_id"),
        *("webhook_deliveries.webhook_id",),
    },
    "where it is: no place in the order of the list, as the node's 0 of accounts, or the end that lists begin at": {
        *("accounts.id", "audit.revision", "events.position", "events.tx", "key_changes.revision", "numbers.number"),
        *("policy_changes.id", "webhook_changes.id", "webhook_deliveries.id", "webhooks.id"),
    },
    "what is asked for: `since=` or `state=` of a list asks for another value": {
        *("calls.setup_at_ms", "webhook_deliveries.state"),
    },
    "what it is found by: a message and its mail, whose keys are the same": {"messages.id", "mails.message_id"},
    "what it says: a change of a key or a policy without its documents says nothing; a line of the log names it": {
        *("key_changes.before", "key_changes.after", "policy_changes.before", "policy_changes.after"),
    },
}
"""Columns whose damage takes the row out of a list, by the reason; a row with any other damage is listed."""
_MAY_LACK = frozenset().union(*LEFT_OUT.values())


@dataclass
class Scene:
    """A filled store, what can be asked of it, and which of that reads which table."""

    everything: Everything
    damager: Damager
    touched: Mapping[str, Sequence[Asked]]
    typed: bool


@dataclass
class Made:
    """An empty store: its URL, what runs a statement beside it, and what makes its damager once it is filled."""

    url: str
    run: Callable[[str], list[Any]]
    damager: Callable[[], AbstractContextManager[Damager]]


def _ids(rows: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Return the names of up to three things of each kind: of more, nothing else is learned."""
    return {noun: found[:3] for noun, found in rows.items()}


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Iterator[None]:
    """Log nothing: there would be a line for each damaged value and each request."""
    with structlog.testing.capture_logs(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("logging.disable", lambda *_: None)
        yield


@contextmanager
def _sqlite(directory: Path) -> Iterator[Made]:
    path = directory / "renvoi.db"
    make_sqlite(path)

    def run(words: str) -> list[Any]:
        with closing(sqlite3.connect(path)) as connection, connection:
            return connection.execute(words).fetchall()

    yield Made(f"sqlite:///{path}", run, lambda: nullcontext(SqliteDamager(path)))


@contextmanager
def _postgresql(_: Path) -> Iterator[Made]:
    cluster = shared_cluster()
    # Others must not get what has lost its constraints.
    name = cluster.create_database()

    def run(words: str) -> list[Any]:
        with cluster.admin(name) as connection:
            done = connection.execute(words.encode())
            return done.fetchall() if done.description else []

    yield Made(cluster.url(name), run, lambda: closing(PostgresDamager(cluster, name)))
    cluster.drop_database(name)


STORES = {"sqlite": _sqlite, "postgresql": _postgresql}


@pytest.fixture(scope="module", params=STORES)
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with (
        STORES[request.param](tmp_path_factory.mktemp("damaged")) as made,
        threaded_store(made.url) as store,
        closing(Browser(store)) as browser,
    ):
        fill(browser)
        for words in BY_HAND:
            made.run(words)
        rows = {
            noun: [row[0] for row in made.run(f"SELECT {name} FROM {table} ORDER BY 1")]
            for noun, (table, name) in NOUNS.items()
        }
        everything = Everything(browser, _ids(rows))
        with made.damager() as damager:
            yield Scene(everything, damager, _touched(everything), typed=request.param == "postgresql")


def _touched(everything: Everything) -> dict[str, list[Asked]]:
    """Return what is asked by the tables that its statements name."""
    found: dict[str, list[Asked]] = {name: [] for name in TABLES}
    words: set[str] = set()
    bind = Statements.bind

    def noted(self: Statements, statement: CompilerElement, parameters: dict[str, object]) -> Any:
        bound = bind(self, statement, parameters)
        words.update(re.findall("[a-z_]+", bound[0]))
        return bound

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Statements, "bind", noted)
        for each in everything.all:
            words.clear()
            assert not list(everything.faults([each]))
            for name in words & found.keys():
                found[name].append(each)
    return found


def test_every_table_has_rows(scene: Scene) -> None:
    missing = []
    for name, table in TABLES.items():
        try:
            with scene.damager.damaged(next(damages_of(table)), DAMAGED):
                pass
        except AssertionError:
            missing.append(name)
    assert set(missing) <= NOT_OURS, "tests.support.full_store puts two rows into each other table"


_AT_ONCE = 12
"""Questions that one damaged value is asked about, else: those of one take turns."""


def _judge(scene: Scene, damages: Sequence[Damage]) -> None:
    faults: list[str] = []
    for place, each in enumerate(damages):
        asked = scene.touched[each.column.table.name]
        step = 1 if EVERY else -(-len(asked) // _AT_ONCE)
        with scene.damager.damaged(each, DAMAGED) as is_damaged:
            if is_damaged and asked:
                lacks = f"{each.column.table.name}.{each.column.name}" in _MAY_LACK
                found = scene.everything.faults(asked[place % step :: step], lacks=lacks)
                faults += (f"{each}: {fault}" for fault in found)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", [name for name in TABLES if name not in NOT_OURS])
def test_a_damaged_value_hides_no_others(scene: Scene, name: str) -> None:
    _judge(scene, list(some_of(list(damages_of(TABLES[name], typed=scene.typed)))))
