"""One value of one row is damaged: no command ends in a traceback or never, and lists have all other rows.

Every column of every table is damaged. What is asked then are the commands whose statements name the table, on each
thing that there is: those that list and show, and those that change and remove. Only what the damaged row is about may
be refused, by a line that says why.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.sql.elements import CompilerElement

from renvoi.adapters.sql.compiled_statements import Statements
from tests.support.commands_asked import ASKED, NOT_ASKED, THINGS, Asked, Commands, forms_of
from tests.support.damaged_rows import EVERY, Damage, Damager, damages_of, some_of
from tests.support.damaged_stores import DAMAGED, MAY_LACK, NOT_OURS, STORES, TABLES, Made
from tests.unit.cli.conftest import Ran, invoke
from tests.unit.cli.test_documented import LEAVES

_AT_ONCE = 1
"""Commands that one damaged value is asked about: those of its table take turns."""
_OFTEN_DAMAGED = ("accounts", "api_keys", "calls", "messages", "numbers", "trunks", "users", "webhooks")
"""Tables that commands are about, each column of which is damaged in two ways; of others it is in one.

On PostgreSQL, where a command takes much longer, it is every third column of these tables, in one way.
"""
_THINGS = {"sqlite": 2, "postgresql": 1}
"""Things of each kind that commands name, the whole one first."""
_OFTEN_ASKED = {"list", "show", "calls", "messages", "audit", "explain", "remove", "revoke", "delete", "close"}
"""Words of commands that are asked there."""


@dataclass
class Scene:
    """A filled store, what commands can be asked of it, and which of them touch which table."""

    commands: Commands
    damager: Damager
    made: Made
    touched: Mapping[str, Sequence[Asked]]
    kind: str


@pytest.fixture(scope="module", autouse=True)
def small_pages() -> Iterator[None]:
    """Have lists go from page to page: where each of them begins is what damage may hide."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("renvoi.application.numbers._PAGE", 1)
        patch.setattr("renvoi.cli.webhooks._PAGE", 1)
        yield


@pytest.fixture(scope="module", params=STORES)
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    data = tmp_path_factory.mktemp("damaged")
    with STORES[request.param](data) as made:
        made.fill()
        most = _THINGS[request.param]
        things = {
            noun: made.run(f"SELECT CAST({name} AS TEXT), CAST({owner} AS TEXT) FROM {table} ORDER BY 1 LIMIT {most}")
            for noun, (table, name, owner) in THINGS.items()
        }

        def run(*words: str) -> Ran:
            return invoke(data, *words, environ={"RENVOI_DATABASE_URL": made.url})

        commands = Commands(run, things)
        if request.param == "postgresql" and not EVERY:
            commands.all = [each for each in commands.all if _OFTEN_ASKED.intersection(each.words)]
        with made.damager() as damager:
            yield Scene(commands, damager, made, _touched(commands, damager), request.param)


def _touched(commands: Commands, damager: Damager) -> dict[str, list[Asked]]:
    """Return the commands by the tables that their statements name; each is run on the whole store for that."""
    found: dict[str, list[Asked]] = {name: [] for name in TABLES}
    words: set[str] = set()
    bind = Statements.bind

    def noted(self: Statements, statement: CompilerElement, parameters: dict[str, object]) -> Any:
        bound = bind(self, statement, parameters)
        words.update(re.findall("[a-z_]+", bound[0]))
        return bound

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Statements, "bind", noted)
        for each in commands.all:
            words.clear()
            with damager.undone():
                is_done = commands.note_whole(each)
            for name in words & found.keys() if is_done else ():
                found[name].append(each)
    never = {each.template for each in commands.all} - {each.template for some in found.values() for each in some}
    assert not never, f"each command does something on the whole store: {never}"
    return found


def _values(scene: Scene, name: str) -> frozenset[str]:
    """Return the values of the row that is damaged, as commands name things."""
    key = ", ".join(column.name for column in TABLES[name].primary_key)
    (row,) = scene.made.run(f"SELECT * FROM {name} ORDER BY {key} LIMIT 1 OFFSET {DAMAGED}")
    return frozenset(str(value) for value in row if isinstance(value, int | str) and not isinstance(value, bool))


def _judge(scene: Scene, name: str, damages: Sequence[Damage]) -> None:
    faults: list[str] = []
    asked, hanging = scene.touched[name], _values(scene, name)
    step = 1 if EVERY else max(1, -(-len(asked) // _AT_ONCE))
    for place, each in enumerate(damages):
        lacks = f"{name}.{each.column.name}" in MAY_LACK
        for turn, command in enumerate(asked[place % step :: step]):
            forms = forms_of(command)
            with scene.damager.damaged(each, DAMAGED) as is_damaged:
                if not is_damaged:
                    break
                fault = scene.commands.fault(command, forms[(place + turn) % len(forms)], each, hanging, lacks=lacks)
                faults += [f"{each}: {fault}"] if fault else []
    assert not faults, "\n".join(faults)


def test_each_command_is_asked_or_there_is_a_reason_why_not() -> None:
    assert not ASKED.keys() & NOT_ASKED.keys()
    assert set(LEAVES) == ASKED.keys() | NOT_ASKED.keys()


@pytest.mark.parametrize("name", [name for name in TABLES if name not in NOT_OURS])
def test_a_damaged_value_stops_no_command_on_others(scene: Scene, name: str) -> None:
    damages = list(some_of(list(damages_of(TABLES[name], typed=scene.kind == "postgresql"))))
    if EVERY or (scene.kind == "sqlite" and name in _OFTEN_DAMAGED):
        _judge(scene, name, damages)
    elif scene.kind == "sqlite":
        _judge(scene, name, damages[::2])
    elif name in _OFTEN_DAMAGED:
        _judge(scene, name, damages[::6])
