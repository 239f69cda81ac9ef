"""Nodes as installed on one PostgreSQL, while everything is killed at random: no promise is broken."""

import logging
import os
import random
from pathlib import Path

import pytest

from tests.chaos.run import Plan, is_busy, play, report

LOG = logging.getLogger(__name__)


def plan() -> Plan:
    """Return what `./test --chaos` asked for, else a minute on two nodes."""
    return Plan(
        seconds=float(os.environ.get("RENVOI_TEST_CHAOS_SECONDS", "60")),
        nodes=int(os.environ.get("RENVOI_TEST_CHAOS_NODES", "2")),
        seed=int(os.environ.get("RENVOI_TEST_SEED", random.randrange(10**6))),
    )


def test_nothing_is_lost_or_stale_whatever_is_killed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    # Of connections that are cut there is nothing to say.
    caplog.set_level(logging.CRITICAL, logger="psycopg.pool")
    chosen = plan()
    LOG.warning("RENVOI_TEST_SEED=%d, logs in %s", chosen.seed, tmp_path)
    result = play(chosen, tmp_path)
    LOG.warning("%s", result.summary())
    if result.verdict.violations:
        pytest.fail(report(result), pytrace=False)
    assert is_busy(result.history, chosen.seconds), "hardly anything happened"
