"""What messages and their mails need: workers, ports, disk space, and a mail server."""

import asyncio
import shutil
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from renvoi.adapters.mail.server import Security, SmtpServer, TokenUnreadable
from renvoi.application.errors import OperatorError
from renvoi.configuration.setting_types import EDGE, VOICEMAIL
from renvoi.configuration.settings import Settings
from renvoi.domain.bilingual import Bilingual
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.hosts import host_and_port
from renvoi.domain.text import counted, counted_in_french
from renvoi.node.checks.results import Finding, finding_of
from renvoi.node.entrypoints.mailer import MailSettingsInvalid, mailer_of
from renvoi.node.parts.health import load_of, worker_count
from renvoi.node.parts.sockets import check_rtp_host

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
        advice = Bilingual(
            "check that it runs, that its RENVOI_VOICEMAIL_PEERS names this machine, and the firewall (UDP)",
            "vérifiez qu’elle fonctionne, que son RENVOI_VOICEMAIL_PEERS nomme cette machine, et le pare-feu (UDP)",
        )
        silent = Bilingual("does not answer OPTIONS", "ne répond pas à OPTIONS")
        return Finding(name, False, silent, advice, needed=False)
    room = (
        Bilingual("the disk is full", "le disque est plein")
        if load.disk_full
        else Bilingual(f"{load.calls} of {load.capacity} calls", f"{load.calls} appels sur {load.capacity}")
    )
    advice = Bilingual("free disk space on that node", "libérez de l’espace disque sur ce nœud")
    return Finding(name, not load.disk_full, room, advice, needed=False)


def _taking(settings: Settings) -> Iterator[Finding]:
    workers = worker_count(settings)
    if not workers:
        advice = Bilingual("set RENVOI_VOICEMAIL_WORKERS", "définissez RENVOI_VOICEMAIL_WORKERS")
        yield Finding("voicemail", False, Bilingual("no workers", "aucun worker"), advice, needed=False)
        return
    calls = workers * settings.voicemail_calls
    text = Bilingual(
        f"{counted(workers, 'worker takes', 'workers take')} {counted(settings.voicemail_calls, 'call')} each",
        f"{counted_in_french(workers, 'worker prend', 'workers prennent')} "
        f"{counted_in_french(settings.voicemail_calls, 'appel')} chacun",
    )
    yield Finding("voicemail", True, text)
    try:
        for host in settings.rtp_hosts:
            check_rtp_host(host)
    except OperatorError as error:
        yield finding_of("audio ports", error)
        return
    room = len(settings.rtp_range)
    text = Bilingual(
        f"{settings.rtp_ports} on {' and '.join(settings.rtp_hosts)}: audio of {room} calls at once",
        f"{settings.rtp_ports} sur {' et '.join(settings.rtp_hosts)}\u00a0: l’audio de {room} appels à la fois",
    )
    advice = Bilingual("widen RENVOI_RTP_PORTS", "élargissez RENVOI_RTP_PORTS")
    # Below a port for each worker some take no call at all.
    yield Finding("audio ports", room >= calls, text, advice, needed=room < workers)


def _disk(settings: Settings) -> Finding:
    free_mib = shutil.disk_usage(_existing(settings.data_dir)).free // _MIB
    least = settings.voicemail_min_free_mib
    text = Bilingual(
        f"{free_mib} MiB are free for recordings; messages are taken from {least} MiB on",
        f"{free_mib} Mio libres pour les enregistrements\u00a0; des messages sont pris à partir de {least} Mio",
    )
    advice = Bilingual(
        "free disk space, or lower RENVOI_VOICEMAIL_MIN_FREE_MIB",
        "libérez de l’espace disque, ou baissez RENVOI_VOICEMAIL_MIN_FREE_MIB",
    )
    return Finding("disk", free_mib >= least, text, advice)


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
        text = Bilingual(
            f"kept as files in {settings.mail_dir}{signed}",
            f"gardés en fichiers dans {settings.mail_dir}{signed.french}",
        )
        advice = Bilingual(
            "set RENVOI_SMTP_URL to have mails sent", "définissez RENVOI_SMTP_URL pour envoyer les e-mails"
        )
        return [Finding("mail", False, text, advice, needed=False)]
    server = SmtpServer.parse(settings.smtp_url)
    try:
        server.ready()
    except TokenUnreadable as error:
        waits = Bilingual("mails wait until it holds a token", "les e-mails attendent qu’il contienne un jeton")
        return [Finding("mail", False, str(error), waits)]
    trouble = await _unreachable(server)
    if trouble is not None:
        advice = Bilingual(
            "mails wait until it can be reached: check RENVOI_SMTP_URL, and that the server runs",
            "les e-mails attendent qu’il soit joignable\u00a0: vérifiez RENVOI_SMTP_URL, et que le serveur fonctionne",
        )
        return [Finding("mail", False, Bilingual(f"{server} {trouble}", f"{server} {trouble.french}"), advice)]
    text = Bilingual(f"sent through {server}{signed}", f"envoyés par {server}{signed.french}")
    return [Finding("mail", True, text), *await _beyond_ascii(server)]


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
    text = (
        Bilingual(f"{server} offers SMTPUTF8", f"{server} propose SMTPUTF8")
        if offered
        else Bilingual(f"{server} does not offer SMTPUTF8 (RFC 6531)", f"{server} ne propose pas SMTPUTF8 (RFC 6531)")
    )
    advice = Bilingual(
        "mails to addresses such as josé@example.com cannot be sent: use a server with SMTPUTF8 or other addresses",
        "impossible d’écrire à des adresses telles que josé@example.com\u00a0: prenez un serveur avec SMTPUTF8, ou "
        "d’autres adresses",
    )
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


def _signed(settings: Settings) -> Bilingual:
    if settings.dkim_key_file is None:
        return Bilingual("", "")
    domain = settings.dkim_domain or EmailAddress(settings.mail_from).domain
    where = f"{settings.dkim_selector}._domainkey.{domain}"
    return Bilingual(f", signed by the key at {where}", f", signés par la clé de {where}")


async def _unreachable(server: SmtpServer) -> Bilingual | None:
    """Return why no connection to `server` comes about; None when one does."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            _, writer = await asyncio.open_connection(server.host, server.port)
    except TimeoutError:
        seconds = f"{CONNECT_TIMEOUT_S:g} s"
        return Bilingual(f"does not answer within {seconds}", f"ne répond pas en {seconds}")
    except OSError as error:
        why = error.strerror or error
        return Bilingual(f"cannot be reached: {why}", f"est injoignable\u00a0: {why}")
    writer.close()
    with suppress(OSError):  # it was there, and that is all we asked
        await writer.wait_closed()
    return None
