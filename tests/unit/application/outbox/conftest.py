"""An outbox for the tests here."""

import pytest

from renvoi.application.outbox import engine
from tests.support.outbox_harness import OutboxHarness


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch) -> OutboxHarness:
    """Return an outbox whose polls take no time."""
    monkeypatch.setattr(engine, "POLL_S", 0)
    monkeypatch.setattr(engine, "STORE_PAUSE_S", 0)
    return OutboxHarness()
