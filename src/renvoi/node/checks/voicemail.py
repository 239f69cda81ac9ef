"""What messages and their mails need: workers, ports, disk space, and a mail server."""

import asyncio
import shutil
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from renvoi.adapters.mail.server import Security, SmtpServer
from renvoi.application.errors import OperatorError
from renvoi.domain.hosts import host_and_port
from renvoi.domain.messages.email_address import EmailAddress
from renvoi.node.checks.results import Finding
from renvoi.node.entrypoints.mailer import MailSettingsInvalid, mailer_of
from renvoi.node.supervisor.health import load_of, worker_count
from renvoi.node.supervisor.sockets import check_rtp_host
from renvoi.setting_types import EDGE, VOICEMAIL
from renvoi.settings import Settings

CONNECT_TIMEOUT_S = 3.0
MOST_LINES = 100
"""Lines of one answer of a mail server that are read."""
_MIB = 1024 * 1024


async def check_voicemail(settings: Settings) -> list[Finding]:
    """Look at what messages and their mails need; sends nothing."""
    findings: list[Finding] = []
    if VOICEMAIL in settings.parts:
        findings = [*_taking(settings), _disk(settings), *await _mail(settings)]
    if EDGE in settings.parts:
        findings += await asyncio.gather(*(_remote(host, port) for host, port in settings.voicemail_addresses))
    return findings


async def _remote(host: str, port: int) -> Finding:
    name = f"voicemail at {host_and_port(host, port)}"
    load = await load_of(host, port)
    if load is None:
        advice = "check that it runs, that its RENVOI_VOICEMAIL_PEERS names this machine, and the firewall (UDP)"
        return Finding(name, False, "does not answer OPTIONS", advice, needed=False)
    room = "the disk is full" if load.disk_full else f"{load.calls} of {load.capacity} calls"
    return Finding(name, not load.disk_full, room, "free disk space on that node", needed=False)


def _taking(settings: Settings) -> Iterator[Finding]:
    workers = worker_count(settings)
    if not workers:
        yield Finding("voicemail", False, "no workers", "set RENVOI_VOICEMAIL_WORKERS", needed=False)
        return
    calls = workers * settings.voicemail_calls
    yield Finding("voicemail", True, f"{workers} workers take {settings.voicemail_calls} calls each")
    try:
        for host in settings.rtp_hosts:
            check_rtp_host(host)
    except OperatorError as error:
        text, _, advice = str(error).partition(": ")
        yield Finding("audio ports", False, text, advice)
        return
    room = len(settings.rtp_range)
    text = f"{settings.rtp_ports} on {' and '.join(settings.rtp_hosts)}: audio of {room} calls at once"
    # Below a port for each worker some take no call at all.
    yield Finding("audio ports", room >= calls, text, "widen RENVOI_RTP_PORTS", needed=room < workers)


def _disk(settings: Settings) -> Finding:
    free_mib = shutil.disk_usage(_existing(settings.data_dir)).free // _MIB
    least = settings.voicemail_min_free_mib
    text = f"{free_mib} MiB are free for recordings; messages are taken from {least} MiB on"
    return Finding("disk", free_mib >= least, text, "free disk space, or lower RENVOI_VOICEMAIL_MIN_FREE_MIB")


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.absolute().parents) if each.exists())


async def _mail(settings: Settings) -> list[Finding]:
    try:
        mailer_of(settings)
    except MailSettingsInvalid as error:
        setting, _, reason = str(error).partition(": ")
        return [Finding("mail", False, str(error), f"correct {setting}" if reason else "")]
    signed = _signed(settings)
    if settings.smtp_url is None:
        text = f"kept as files in {settings.mail_dir}{signed}"
        return [Finding("mail", False, text, "set RENVOI_SMTP_URL to have mails sent", needed=False)]
    server = SmtpServer.parse(settings.smtp_url)
    trouble = await _unreachable(server)
    if trouble is not None:
        advice = "mails wait until it can be reached: check RENVOI_SMTP_URL, and that the server runs"
        return [Finding("mail", False, f"{server} {trouble}", advice)]
    return [Finding("mail", True, f"sent through {server}{signed}"), *await _beyond_ascii(server)]


async def _beyond_ascii(server: SmtpServer) -> list[Finding]:
    """Tell whether mails can go to addresses whose local part is beyond ASCII; nothing when the server does not say."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            words = await _extensions(server)
    except (TimeoutError, OSError, ValueError):  # ValueError: a line without end
        return []
    if not words:
        return []
    name, offered = "mail beyond ASCII", "SMTPUTF8" in words
    text = f"{server} offers SMTPUTF8" if offered else f"{server} does not offer SMTPUTF8 (RFC 6531)"
    advice = "mails to addresses such as josé@example.com cannot be sent: use a server with SMTPUTF8 or other addresses"
    return [Finding(name, offered, text, advice, needed=False)]


async def _extensions(server: SmtpServer) -> set[str]:
    """Return what the server offers in its answer to EHLO; empty when it gives none."""
    tls = ssl.create_default_context(cafile=server.ca) if server.security is Security.TLS else None
    reader, writer = await asyncio.open_connection(server.host, server.port, ssl=tls)
    try:
        await _answer(reader)
        writer.write(b"EHLO localhost\r\n")
        lines = await _answer(reader)
        writer.write(b"QUIT\r\n")
        await writer.drain()
    finally:
        writer.close()
    return {line[4:].split(" ")[0].strip().upper() for line in lines if line.startswith("250")}


async def _answer(reader: asyncio.StreamReader) -> list[str]:
    lines: list[str] = []
    while len(lines) < MOST_LINES:
        line = (await reader.readline()).decode("latin-1")
        lines.append(line)
        if line[3:4] != "-":
            break
    return lines


def _signed(settings: Settings) -> str:
    if settings.dkim_key_file is None:
        return ""
    domain = settings.dkim_domain or EmailAddress(settings.mail_from).domain
    return f", signed by the key at {settings.dkim_selector}._domainkey.{domain}"


async def _unreachable(server: SmtpServer) -> str | None:
    """Return why no connection to `server` comes about; None when one does."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            _, writer = await asyncio.open_connection(server.host, server.port)
    except TimeoutError:
        return f"does not answer within {CONNECT_TIMEOUT_S:g} s"
    except OSError as error:
        return f"cannot be reached: {error.strerror or error}"
    writer.close()
    with suppress(OSError):  # it was there, and that is all we asked
        await writer.wait_closed()
    return None
