"""An outbox for the tests here."""

import pytest

from renvoi.application import outbox
from tests.support.outbox_harness import OutboxHarness


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> OutboxHarness:
    """Return an outbox whose polls take no time."""
    monkeypatch.setattr(outbox, "POLL_S", 0)
    monkeypatch.setattr(outbox, "STORE_PAUSE_S", 0)
    return OutboxHarness()
