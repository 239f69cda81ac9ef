"""How the edge of a node is made of its settings."""

import os

from renvoi.node.supervisor.edge import edge_workers
from renvoi.settings import Settings

CORES = os.cpu_count() or 1


def test_the_edge_has_more_processes_where_each_look_up_waits_for_a_server() -> None:
    assert edge_workers(Settings()) == CORES
    assert edge_workers(Settings(database_url="postgresql://db/renvoi")) == 4 * CORES
    assert edge_workers(Settings(database_url="postgresql://db/renvoi", edge_workers=3)) == 3
