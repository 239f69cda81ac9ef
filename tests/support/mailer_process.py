"""An outbox in a process of its own, for tests that kill it."""

import asyncio
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from renvoi.adapters.clock import SystemClock
from renvoi.adapters.mail.message import Composer
from renvoi.adapters.mail.server import SmtpServer
from renvoi.adapters.mail.smtp import SmtpMailer
from renvoi.adapters.message_files import MessageFiles
from renvoi.adapters.sql import open_store
from renvoi.application.mail_channel import MailChannel
from renvoi.application.outbox.engine import Outbox, OutboxConfig
from tests.support.voicemail_mail import MAIL_FROM


@contextmanager
def mailer_process(database: str, server: str, node: str, lease_s: float) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the outbox of a node until the end of `with`; it ends with this process too, however that ends."""
    words = [sys.executable, "-m", __name__, database, server, node, str(lease_s)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
        try:
            yield process
        finally:
            process.kill()


async def _send(database: str, server: str, node: str, lease_s: str) -> None:
    directory = Path(tempfile.gettempdir())
    files = MessageFiles(directory / "nothing", directory / "nothing")
    config = OutboxConfig(node, random.random, timedelta(seconds=float(lease_s)))
    store = await open_store(database)
    stop = asyncio.Event()
    mailer = SmtpMailer(SmtpServer.parse(server), Composer(MAIL_FROM))
    channel = MailChannel(store, mailer, files, lambda number: f"https://calls.example/numbers/{number}")
    sending = asyncio.create_task(Outbox(store, channel, SystemClock(), config).run(stop, 5))
    await asyncio.to_thread(sys.stdin.read)
    stop.set()
    await sending
    await store.close()


if __name__ == "__main__":
    asyncio.run(_send(*sys.argv[1:]))
