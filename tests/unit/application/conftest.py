"""An outbox for the tests here."""

import pytest

from renvoi.application import mailing
from tests.support.outbox import Office


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    """Return an outbox whose polls take no time."""
    monkeypatch.setattr(mailing, "POLL_S", 0)
    monkeypatch.setattr(mailing, "STORE_PAUSE_S", 0)
    return Office()
