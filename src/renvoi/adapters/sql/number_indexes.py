"""How labels and names are ordered and compared: the same in both databases, whatever the server's locale."""

from typing import Any

from sqlalchemy import Index, Table, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class label_key(GenericFunction[str]):  # noqa: N801 - a function of SQL, named as those are
    """A label with its letters of ASCII in lower case, ordered by code points."""

    type = Text()
    inherit_cache = True
    name = "label_key"


@compiles(label_key, "sqlite")
def _on_sqlite(element: "label_key", compiler: SQLCompiler, **options: Any) -> str:
    return f"lower({compiler.process(element.clauses, **options)})"


@compiles(label_key, "postgresql")
def _on_postgresql(element: "label_key", compiler: SQLCompiler, **options: Any) -> str:
    return f'lower({compiler.process(element.clauses, **options)} COLLATE "C")'


def account_indexes(accounts: Table) -> None:
    """Give the table `accounts` the indexes that lists of accounts need."""
    columns = accounts.c
    Index("ix_accounts_name_key", label_key(columns.name), columns.id)
    is_open, is_closed = columns.closed_at_ms.is_(None), columns.closed_at_ms.is_not(None)
    Index("ix_accounts_open", columns.id, sqlite_where=is_open, postgresql_where=is_open)
    Index("ix_accounts_closed", columns.id, sqlite_where=is_closed, postgresql_where=is_closed)


def number_indexes(numbers: Table) -> None:
    """Give the table `numbers` the indexes that lists of an account's numbers need."""
    columns = numbers.c
    # What rules do, and the state: a list by both, or by one of them with the values of the other merged.
    Index("ix_numbers_kind", columns.account_id, columns.rule_type, columns.active, columns.number)
    Index("ix_numbers_label", columns.account_id, label_key(columns.label), columns.number)
