"""Writes every statement of this version's store as SQL, for the tests of later versions.

`python scripts/freeze_statements.py > tests/data/statements/0003.json` is run at a release with a new schema: from then
on `tests/integration/store/test_upgrades.py` proves that a program of that release works on every newer schema.
"""

import json
import sys
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.dml import UpdateBase

from renvoi.adapters.sql import events, keys, message_statements, policies, staging, statements, webhook_statements

MODULES = (statements, events, keys, message_statements, policies, staging, webhook_statements)
DIALECTS = {"sqlite": SQLiteDialect_pysqlite(paramstyle="named"), "postgresql": PGDialect_psycopg()}  # type: ignore[no-untyped-call]  # SQLAlchemy has no types there


def freeze(statement: "Select[Any] | UpdateBase") -> dict[str, object]:
    """Return a statement's SQL for each database, and the values that are a part of it."""
    values: dict[str, object] = {}
    frozen: dict[str, object] = {"values": values}
    for name, dialect in DIALECTS.items():
        compiled = statement.compile(dialect=dialect)
        frozen[name] = " ".join(str(compiled).split())
        values |= {key: value for key, value in (compiled.params or {}).items() if value is not None}
    return frozen


def main() -> None:
    """Write all statements, by name."""
    found: dict[str, Select[Any] | UpdateBase] = {}
    for module in MODULES:
        theirs = {name: each for name, each in vars(module).items() if isinstance(each, Select | UpdateBase)}
        assert all(found.get(name, each) is each for name, each in theirs.items()), "two statements have one name"
        found |= theirs
    public = {name: freeze(each) for name, each in found.items() if not name.startswith("_")}
    json.dump(public, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
