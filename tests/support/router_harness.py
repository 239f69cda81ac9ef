"""A router without Kamailio: made with a look-up in a dictionary and a spool in a directory."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pytest

from renvoi.call_records.events import decode
from renvoi.call_records.spool import Spool
from renvoi.domain.access.account_policy import Owner
from renvoi.domain.calls.call_record import CallEvent
from renvoi.domain.calls.usage import Usage, Usages
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from renvoi.edge.router.dialogs import Marks
from renvoi.edge.router.identity import Tools
from renvoi.edge.router.lookup import Reading
from renvoi.edge.router.router import Own, Router
from renvoi.edge.router.trunk_table import TrunkTable
from renvoi.key_file import KeyFile, write_keys
from tests.support.kamailio import FakeKsr
from tests.support.keys import new_keys

NUMBER, TARGET = E164("+33199001234"), E164("+33612345678")
KEYS = new_keys()
OWNER = Owner("FR")
Records = Mapping[E164, NumberRecord | None]
CARRIER = InboundTrunk("carrier", (parse_network("192.0.2.0/24"),))


class Numbers:
    """A look-up in a dictionary."""

    def __init__(
        self, *records: NumberRecord, error: Exception | None = None, last_known: Collection[E164] = ()
    ) -> None:
        self._records = {record.number: record for record in records}
        self._error = error
        self._last_known = last_known
        self.used: dict[tuple[str, int], Usage] = {}

    def find(self, number: E164) -> Reading:
        """Return the record, or fail."""
        self.check()
        return Reading(self._records.get(number), number in self._last_known, OWNER)

    def usages(self, names: Sequence[str], since_day: int) -> Usages:
        """Return what was used, or fail."""
        self.check()
        return {key: usage for key, usage in self.used.items() if key[0] in names and key[1] >= since_day}

    def check(self) -> None:
        """Fail, if that is what it is for."""
        if self._error is not None:
            raise self._error


class Unknown:
    """No certificate at all."""

    def find(self, url: str) -> None:
        """Find none."""


def make(
    tmp_path: Path,
    spool: Spool,
    ksr: FakeKsr,
    lookup: Numbers,
    *outbound: OutboundTrunk,
    voicemail: bool = False,
    addresses: Mapping[str, list[str]] | None = None,
    carrier: InboundTrunk | None = None,
    tools: Tools | None = None,
) -> Router:
    path = tmp_path / "trunks.json"
    known = addresses or {}
    found = {each.name: [each.address.at(one) for one in known.get(each.name, ())] for each in outbound}
    path.write_text(TrunkTable.of(1, [carrier or CARRIER], outbound, found).dump(), "utf-8")
    write_keys(tmp_path / "keys.json", KEYS)
    keys = KeyFile(tmp_path / "keys.json", pytest.fail)
    own, marks = Own("edge.example", "edge.example:5060", voicemail), Marks(ksr, keys, 3600, lambda: 1000)
    return Router(
        ksr, own, path, lookup, spool, lambda: 1000, keys, marks, tools or Tools(Unknown(), None, "edge.example")
    )


def event_of(tmp_path: Path) -> CallEvent:
    """Return the one event in the spool."""
    (line,) = next((tmp_path / "spool").iterdir()).read_bytes().splitlines()
    return decode(line)
