"""The end of a connection whose peer may still be sending."""

import asyncio
from unittest.mock import Mock

import pytest

from renvoi.http.lingering import LingeringTransport


@pytest.mark.parametrize("gone", [False, True])
def test_a_peer_that_went_away_is_no_fault(gone: bool) -> None:
    """A browser that closes a page with a stream of events resets the connection, which may be seen only here."""
    transport = Mock(is_closing=lambda: False)
    transport.write_eof.side_effect = OSError(107, "Transport endpoint is not connected") if gone else None
    loop = asyncio.new_event_loop()
    LingeringTransport(transport, loop, lambda: True).close()
    loop.close()
    assert transport.close.called == gone
    assert transport.resume_reading.called != gone
