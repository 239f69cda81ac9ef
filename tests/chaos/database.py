"""What befalls the database: connections are cut, the server is restarted, killed, or stands still for a while."""

import random
import threading

from tests.support.postgres import ROLE, PostgresCluster

FAULTS = {"cut some": 60, "cut all": 25, "restart": 6, "kill": 4, "freeze": 5}
"""What happens how often, of a hundred times."""


def trouble(cluster: PostgresCluster, dice: random.Random, weights: dict[str, int] | None = None) -> str:
    """Do one of these to the database; return which, when the server is back."""
    weights = weights or FAULTS
    what = dice.choices(list(weights), list(weights.values()))[0]
    match what:
        case "cut some":
            _cut(cluster, dice.uniform(0.2, 0.8))
        case "cut all":
            _cut(cluster, 1.0)
        case "restart":
            cluster.restart("immediate")
        case "kill":
            cluster.kill()
            cluster.start()
        case "freeze":
            cluster.freeze()
            threading.Event().wait(dice.uniform(0.2, 3.0))
            cluster.thaw()
    return what


def _cut(cluster: PostgresCluster, share: float) -> None:
    """Cut a random share of all connections."""
    statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s AND random() < %s"
    cluster.query(statement, ROLE, share)
