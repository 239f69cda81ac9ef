"""What nodes count, in the store: one row a node, as a few hundred names change together."""

import logging
from collections.abc import Callable, Mapping

import msgspec
from sqlalchemy import and_, bindparam, delete, select

from renvoi.adapters.sql.announcements import Topic
from renvoi.adapters.sql.compiled_statements import Connection
from renvoi.adapters.sql.schema import node_counts
from renvoi.adapters.sql.statements import upsert
from renvoi.application.ports.node_counts import NodeCounts

all_counts = select(node_counts.c.node, node_counts.c.beat, node_counts.c.counts)
put = upsert(node_counts, "beat", "counts")
_of_node = node_counts.c.node == bindparam("of_node")
remove = delete(node_counts).where(_of_node)
remove_silent = delete(node_counts).where(and_(_of_node, node_counts.c.beat == bindparam("of_beat")))
_log = logging.getLogger("renvoi.store")
_decode = msgspec.json.Decoder(dict[str, int]).decode


class NodeCountsReader:
    """The part of `application.ports.Reader` that counts of nodes need."""

    _connection: Connection

    def node_counts(self) -> Mapping[str, NodeCounts]:
        found = self._connection.all(all_counts)
        return {node: NodeCounts(beat, _counts(node, counts)) for node, beat, counts in found}


def _counts(node: str, document: str) -> Mapping[str, int]:
    try:
        return _decode(document)
    except msgspec.MsgspecError as error:
        _log.warning("what node %s counts cannot be read: %s", node, str(error)[:200])
        return {}


class NodeCountsWriter(NodeCountsReader):
    """The part of `application.ports.Writer` that counts of nodes need."""

    _announce: Callable[[Topic], None]

    def put_node_counts(self, node: str, counts: NodeCounts) -> None:
        document = msgspec.json.encode(counts.counts).decode()
        self._connection.run(put, node=node, beat=counts.beat, counts=document)
        self._announce("counts")

    def remove_node_counts(self, node: str, beat: int | None = None) -> None:
        if beat is None:
            removed = self._connection.run(remove, of_node=node)
        else:
            removed = self._connection.run(remove_silent, of_node=node, of_beat=beat)
        if removed:
            self._announce("counts")
