"""How the edge of a node is made of its settings."""

import os

from renvoi.configuration.settings import Settings
from renvoi.node.parts.edge import config_of, edge_workers

CORES = os.cpu_count() or 1


def test_the_edge_has_more_processes_where_each_look_up_waits_for_a_server() -> None:
    assert edge_workers(Settings()) == CORES
    assert edge_workers(Settings(database_url="postgresql://db/renvoi")) == 4 * CORES
    assert edge_workers(Settings(database_url="postgresql://db/renvoi", edge_workers=3)) == 3


def test_kamailio_gets_the_memory_that_is_set() -> None:
    assert config_of(Settings()).memory_mib == 512
    assert config_of(Settings(sip_memory_mib=2048)).memory_mib == 2048
