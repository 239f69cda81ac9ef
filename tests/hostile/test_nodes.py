"""Hostile input of every kind, against a node on SQLite and one on PostgreSQL; see docs/testing.md."""

import logging
import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.hostile.attacks import ATTACKS, Target
from tests.hostile.gateway import Gateway
from tests.hostile.mail_front import MailFront
from tests.hostile.vital_signs import VitalSigns
from tests.support.node import SECOND, TARGET, Node
from tests.support.postgres import shared_cluster
from tests.support.smtp import Inbox

LOG = logging.getLogger(__name__)
OWNER = "owner@example.com"


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    """Run a node with a carrier, a trunk and a mail server; one number is forwarded, the other takes messages."""
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = shared_cluster()
            database = cluster.create_database()
            held.callback(cluster.drop_database, database)
            url = cluster.url(database)
        inbox = held.enter_context(Inbox())
        front = held.enter_context(MailFront(inbox.port))
        gateway = held.enter_context(Gateway(TARGET))
        node = Node(tmp_path / "node", database_url=url)
        held.callback(node.stop)
        node.configure(smtp_url=f"smtp://127.0.0.1:{front.port}", mail_retry_s=0.2)
        node.renvoi("trunk", "add", "gateway", "--outbound", gateway.phone.uri)
        # Peers are below, and above are strangers, who are asked for a password.
        node.renvoi("trunk", "set", "carrier", "--inbound", "127.0.0.0/9")
        password = tmp_path / "password"
        password.write_text("correct-horse", "utf-8")
        node.renvoi("trunk", "add", "pbx", "--inbound-user", "pbx", "--inbound-password-file", str(password))
        node.start()
        assert node.set_rule(2, OWNER, SECOND).json()["code"] == 4
        yield Target(node, inbox, front)


def test_whatever_is_sent_the_node_does_its_work(target: Target) -> None:
    """One round of all kinds, or as many as fit into what `./test --hostile` asked for."""
    seed = int(os.environ.get("RENVOI_TEST_SEED", random.randrange(10**6)))
    LOG.warning("RENVOI_TEST_SEED=%d, log in %s", seed, target.node.log)
    end = time.monotonic() + float(os.environ.get("RENVOI_TEST_HOSTILE_SECONDS", "0"))
    signs = VitalSigns(target)
    signs.check("the start")
    dice = random.Random(seed)
    rounds = 0
    while rounds == 0 or time.monotonic() < end:
        rounds += 1
        for name, attack in ATTACKS.items():
            LOG.warning("round %d: %s", rounds, name)
            attack(target, dice)
            signs.check(f"{name} of round {rounds} (RENVOI_TEST_SEED={seed})")
