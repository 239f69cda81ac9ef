"""One value of one row is damaged: nothing that is asked fails, and all other rows are shown.

Every column of every table is damaged in every way that its store takes. What is asked then is each GET of the API and
of the pages whose statements name the table; so new columns, tables, operations and pages are covered as they come.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
import structlog
from sqlalchemy.sql.elements import CompilerElement

from renvoi.adapters.sql.compiled_statements import Statements
from tests.support.damaged_rows import EVERY, Damage, Damager, damages_of, some_of
from tests.support.damaged_stores import DAMAGED, MAY_LACK, NOT_OURS, STORES, TABLES
from tests.support.everything_asked import Asked, Browser, Everything
from tests.support.full_store import BY_HAND, fill
from tests.support.threaded_store import threaded_store

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


@dataclass
class Scene:
    """A filled store, what can be asked of it, and which of that reads which table."""

    everything: Everything
    damager: Damager
    touched: Mapping[str, Sequence[Asked]]
    typed: bool


def _ids(rows: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Return the names of up to three things of each kind: of more, nothing else is learned."""
    return {noun: found[:3] for noun, found in rows.items()}


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Iterator[None]:
    """Log nothing: there would be a line for each damaged value and each request."""
    with structlog.testing.capture_logs(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("logging.disable", lambda *_: None)
        yield


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
                lacks = f"{each.column.table.name}.{each.column.name}" in MAY_LACK
                found = scene.everything.faults(asked[place % step :: step], lacks=lacks)
                faults += (f"{each}: {fault}" for fault in found)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", [name for name in TABLES if name not in NOT_OURS])
def test_a_damaged_value_hides_no_others(scene: Scene, name: str) -> None:
    _judge(scene, list(some_of(list(damages_of(TABLES[name], typed=scene.typed)))))
