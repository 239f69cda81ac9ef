"""Stores whose rows are damaged by a test: how they are made, and which damage takes a row out of its list."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from renvoi.adapters.sql.schema import metadata
from tests.support.damaged_rows import Damager, PostgresDamager, SqliteDamager
from tests.support.everything_asked import Browser
from tests.support.full_store import BY_HAND, fill
from tests.support.postgres import PostgresCluster, shared_cluster
from tests.support.stores import make_sqlite
from tests.support.threaded_store import threaded_store

TABLES = {table.name: table for table in metadata.sorted_tables}
_NAME = "renvoi.db"
DAMAGED = 1
"""Which row is damaged, in the order of the primary key: the second one, so that of those who ask stays whole."""
NOT_OURS = {"store_info"}
"""What a program judges as a whole when it opens a store."""
LEFT_OUT = {
    "whose it is: what names the owner of a row cannot be read, and nobody else is shown it": {
        *("audit.account_id", "audit.number", "calls.account_id", "events.account_id", "key_changes.changed_key"),
        *("messages.account_id", "policy_changes.account_id", "webhook_changes.account_id", "webhooks.account_id"),
        *("webhook_changes.webhook_id", "webhook_deliveries.webhook_id", "api_keys.account_id", "users.account_id"),
    },
    "where it is: no place in the order of the list, as the node's 0 of accounts, or the end that lists begin at": {
        *("accounts.id", "audit.revision", "events.position", "events.tx", "key_changes.revision"),
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
MAY_LACK = frozenset[str]().union(*LEFT_OUT.values())


@dataclass
class Made:
    """A store, empty at first: its URL, and what runs a statement beside it, makes its damager, and copies it."""

    url: str
    run: Callable[[str], list[Any]]
    damager: Callable[[], AbstractContextManager[Damager]]
    copied: Callable[[Path], AbstractContextManager["Made"]]

    def fill(self) -> None:
        """Put two rows and more into each table."""
        with threaded_store(self.url) as store, closing(Browser(store)) as browser:
            fill(browser)
        for words in BY_HAND:
            self.run(words)


@contextmanager
def new_sqlite(directory: Path) -> Iterator[Made]:
    """Make a store in a file of a directory, where a node has it."""
    path = directory / _NAME
    make_sqlite(path)
    yield _at(path)


def _at(path: Path) -> Made:
    def run(words: str) -> list[Any]:
        with closing(sqlite3.connect(path)) as connection, connection:
            return connection.execute(words).fetchall()

    @contextmanager
    def copied(directory: Path) -> Iterator[Made]:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(directory / _NAME)) as target:
            source.backup(target)
        yield _at(directory / _NAME)

    return Made(f"sqlite:///{path}", run, lambda: nullcontext(SqliteDamager(path)), copied)


@contextmanager
def new_postgresql(_: Path) -> Iterator[Made]:
    """Make a store in a database of its own."""
    with _in(shared_cluster()) as made:
        yield made


@contextmanager
def _in(cluster: PostgresCluster, template: str | None = None) -> Iterator[Made]:
    # Others must not get what has lost its constraints.
    name = cluster.create_database(template)

    def run(words: str) -> list[Any]:
        with cluster.admin(name) as connection:
            done = connection.execute(words.encode())
            return done.fetchall() if done.description else []

    yield Made(cluster.url(name), run, lambda: closing(PostgresDamager(cluster, name)), lambda _: _in(cluster, name))
    cluster.drop_database(name)


STORES: Mapping[str, Callable[[Path], AbstractContextManager[Made]]] = {
    "sqlite": new_sqlite,
    "postgresql": new_postgresql,
}
