"""What commands and HTTP servers load: imported by the process that they are forked from (commands.py)."""

import importlib
import pkgutil

import renvoi.adapters.sql
import renvoi.cli
from renvoi.node.entrypoints.parts import LOADED_LATE

# Behind what a command imports when it runs: stores, their drivers and what compiles statements.
_LATE = ("alembic.command", "psycopg", "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite.pysqlite")
_SERVERS = LOADED_LATE

for package in (renvoi.cli, renvoi.adapters.sql):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations" not in module.name:
            importlib.import_module(module.name)
for name in _LATE + _SERVERS:
    importlib.import_module(name)
