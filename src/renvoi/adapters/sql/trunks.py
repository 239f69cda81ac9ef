"""Trunks in the store."""

import logging
from collections.abc import Callable, Sequence

from renvoi.adapters.sql import mappers as tables
from renvoi.adapters.sql import statements
from renvoi.adapters.sql.announcements import Topic
from renvoi.adapters.sql.compiled_statements import Connection, Row, unique
from renvoi.adapters.sql.schema import trunks
from renvoi.application.ports.errors import NotUnderstood, UnreadableTrunk
from renvoi.application.ports.trunks import Trunks
from renvoi.documents.trunk_document import Side, shown_name, stands_for_name
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk

REVISION = "trunks_revision"
"""The counter that is the revision of all trunks."""

_NAME = trunks.c.keys().index("name")

_log = logging.getLogger("renvoi.store")


class TrunkReader:
    """The part of `application.ports.Reader` that trunks need."""

    _connection: Connection

    def trunks(self) -> Trunks:
        return self._trunks([side for row in self.trunk_rows() for side in tables.trunk_sides(row)])

    def listed_trunks(self) -> Trunks:
        found: list[Side] = []
        unreadable: list[UnreadableTrunk] = []
        for row in self.trunk_rows():
            try:
                found += tables.trunk_sides(row)
            except NotUnderstood as error:
                if not isinstance(error.row, UnreadableTrunk):
                    raise
                _log.warning("a trunk is listed without its sides: %s", error)
                unreadable.append(error.row)
        return self._trunks(found, unreadable)

    def trunk_rows(self) -> Sequence[Row]:
        return self._connection.all(statements.all_trunks)

    def _trunks(self, found: Sequence[Side], unreadable: Sequence[UnreadableTrunk] = ()) -> Trunks:
        row = self._connection.one(statements.counter, name=REVISION)
        return Trunks(
            row[0] if row else 0,
            tuple(side for side in found if isinstance(side, InboundTrunk)),
            tuple(side for side in found if isinstance(side, OutboundTrunk)),
            tuple(unreadable),
        )


class TrunkWriter(TrunkReader):
    """The part of `application.ports.Writer` that trunks need."""

    _duplicate: Callable[[Exception], str | None]
    _announce: Callable[[Topic], None]

    def add_trunk(self, *sides: InboundTrunk | OutboundTrunk) -> int:
        values = tables.trunk_row(sides)
        with unique(f"trunk {values['name']}", self._duplicate):
            self._connection.run(statements.add_trunk, **values)
        return self._raise_revision()

    def set_trunk(self, *sides: InboundTrunk | OutboundTrunk) -> int | None:
        values = tables.trunk_row(sides)
        if not self._connection.run(statements.set_trunk, key=values.pop("name"), **values):
            return None
        return self._raise_revision()

    def remove_trunk(self, name: str) -> int | None:
        if not self._connection.run(statements.remove_trunk, key=name) and not self._remove_nameless(name):
            return None
        return self._raise_revision()

    def _listed_rows(self) -> Sequence[Row]:
        """Return the rows as lists have them, in their order."""
        return self.trunk_rows()

    def _remove_nameless(self, name: str) -> int:
        """Remove the trunk whose damaged name `name` stands for, as lists show it; return how many there were."""
        if not stands_for_name(name):
            return 0
        for place, row in enumerate(self._listed_rows()):
            if shown_name(row[_NAME]) == name:
                return self._connection.run(statements.remove_trunk_at, offset=place)
        return 0

    def _raise_revision(self) -> int:
        self._connection.run(statements.raise_counter, name=REVISION, value=1)
        row = self._connection.one(statements.counter, name=REVISION)
        assert row is not None
        self._announce("trunks")
        return int(row[0])
