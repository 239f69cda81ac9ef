"""Statements that are compiled before they are needed."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.sql.elements import CompilerElement

from renvoi.adapters.sql.compiled_statements import Statements
from renvoi.adapters.sql.sqlite import STATEMENTS, open_sqlite


def test_a_process_that_has_compiled_what_is_named_compiles_no_look_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    STATEMENTS.compile_named()

    def compile_again(_: Statements, statement: CompilerElement) -> None:
        raise AssertionError(f"not compiled yet: {statement}")

    monkeypatch.setattr(Statements, "_compile", compile_again)

    async def scenario() -> None:
        store = await open_sqlite(tmp_path / "renvoi.db")
        assert await store.read(lambda reader: reader.key("there is none")) is None
        await store.close()

    asyncio.run(scenario())
