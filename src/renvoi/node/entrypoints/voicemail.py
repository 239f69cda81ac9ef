"""A voicemail worker, the whole work of a child process."""

import asyncio
import socket
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from renvoi.adapters.clock import SystemClock
from renvoi.configuration.setting_types import EDGE
from renvoi.configuration.settings import Settings
from renvoi.key_file import NAME
from renvoi.node.entrypoints.child_main import PartSpool, allow_files
from renvoi.node.parts.health import worker_host
from renvoi.node.parts.reconnecting_store import open_reconnecting
from renvoi.node.parts.sockets import advertised_host
from renvoi.node.parts.watchdog import HeartbeatSender
from renvoi.voicemail.blocking_io import BlockingIO
from renvoi.voicemail.call_flow import MessageLimits
from renvoi.voicemail.worker import Copy, Worker, WorkerConfig

_MIB = 1024 * 1024
_FILES_A_CALL = 3
"""A socket for its audio, the recording, and the facts beside it."""
_OTHER_FILES = 200
"""More than enough for the store, the log and the libraries."""


async def take_messages(
    settings: Settings, sip: socket.socket, index: int, workers: int, stop: asyncio.Event, heartbeat: HeartbeatSender
) -> None:
    """Take messages as worker `index` (from 0) of so many, on the socket `sip`, until `stop` is set."""
    allow_files(settings.voicemail_calls * _FILES_A_CALL + _OTHER_FILES, "voicemail")
    events = PartSpool(settings.spool_dir, f"voicemail{index}")
    blocking_io = BlockingIO(
        lambda: open_reconnecting(settings),
        SystemClock(),
        events.spool.append,
        recordings=settings.recordings_dir,
        messages=settings.messages_dir,
        locale=settings.locale,
        dialogs=settings.run_dir / f"calls-{index + 1}",
    )
    await blocking_io.open()
    ended = asyncio.Event()
    writing = asyncio.create_task(events.keep_writing(ended, lambda text: heartbeat.alarm("spool", text)))
    copy, tracing = _begin_tracing(settings)
    try:
        await Worker(_config(settings, index, workers), sip, blocking_io, copy).run(stop, settings.shutdown_grace_s)
    finally:
        if tracing is not None:
            tracing.cancel()
        await blocking_io.close()
        ended.set()
        await writing


def _begin_tracing(settings: Settings) -> tuple[Copy | None, "asyncio.Task[None] | None"]:
    """Return what sends copies of SIP messages, and the work that looks up where to."""
    if settings.hep_server is None:
        return None, None
    # Loaded late: few nodes send copies anywhere.
    from renvoi.node.entrypoints.tracer import keep_tracing, tracer_of  # noqa: PLC0415

    tracer = tracer_of(settings)
    return tracer.copy, asyncio.create_task(keep_tracing(settings, tracer))


def _config(settings: Settings, index: int, workers: int) -> WorkerConfig:
    return WorkerConfig(
        disk=settings.recordings_dir,
        keys=settings.run_dir / NAME,
        sip_host=worker_host(settings),
        peers=(*settings.voicemail_networks, *_own_networks(settings)),
        rtp_hosts=tuple(
            (host, settings.rtp_advertised_of(host) or advertised_host(host)) for host in settings.rtp_hosts
        ),
        # Every worker has ports of its own, so none has to ask another.
        rtp_ports=settings.rtp_range[index::workers],
        calls=settings.voicemail_calls,
        min_free_bytes=settings.voicemail_min_free_mib * _MIB,
        limits=MessageLimits(settings.voicemail_max_s, settings.voicemail_silence_s, settings.voicemail_end_keys),
    )


def _own_networks(settings: Settings) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return where the edge and the supervisor of this very node ask from; the kernel lets nobody else use these."""
    own = {worker_host(settings)}
    if EDGE in settings.parts:
        loopback = "127.0.0.1" if ip_address(settings.voicemail_host).version == 4 else "::1"
        own |= {*map(advertised_host, settings.sip_hosts), loopback}
    return tuple(ip_network(host) for host in sorted(own))
