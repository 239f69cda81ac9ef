"""Copies of SIP messages that a voicemail worker sends to a capture server."""

import asyncio
from collections.abc import Sequence

from renvoi.adapters.names import host_addresses
from renvoi.configuration.settings import Settings
from renvoi.hep import Tracer, follow


def tracer_of(settings: Settings) -> Tracer:
    """Return what sends the copies of a voicemail worker, where the settings want any."""
    assert settings.hep_server is not None
    return Tracer(settings.hep_server[1], settings.hep_id, settings.hep_key or "")


async def keep_tracing(settings: Settings, tracer: Tracer) -> None:
    """Tell a worker's tracer where the server is, for ever."""
    assert settings.hep_server is not None
    try:
        # A worker's socket for the copies is its own, so either kind of address will do.
        await follow(settings.hep_server[0], _find_any, tracer.send_to)
    finally:
        tracer.close()


async def _find_any(host: str) -> Sequence[str]:
    ipv4, ipv6 = await asyncio.gather(
        host_addresses(host, ipv6=False), host_addresses(host, ipv6=True), return_exceptions=True
    )
    for found in (ipv4, ipv6):
        if not isinstance(found, BaseException):
            return found
    assert isinstance(ipv4, BaseException)
    raise ipv4
