"""An outbox to which new items are announced asks the store only then, and for what it tries again by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from renvoi.adapters.message_files import MessageFiles
from renvoi.application.mail_channel import MailChannel
from renvoi.application.mailer import Kept, Sent
from renvoi.application.outbox import engine
from renvoi.application.outbox.engine import Outbox, OutboxConfig
from renvoi.domain.messages.message import Mail
from tests.support.outbox_harness import BUSY_MAIL, SENT, OutboxHarness, run, turns


@pytest.fixture(autouse=True)
def never(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have it never look by itself when it has nothing to do."""
    monkeypatch.setattr(engine, "IDLE_PERIOD_S", 1e6)


@asynccontextmanager
async def told(
    place: OutboxHarness, pause: timedelta = timedelta(seconds=15)
) -> AsyncIterator[Outbox[Mail, Sent | Kept]]:
    """Run an outbox to which new mails are announced by its `look`, when it has nothing to do."""
    files = MessageFiles(Path("/messages"), Path("/mail"))
    mails = MailChannel(place.store, place.mailer, files, lambda number: f"https://x.example/{number}", pause)
    outbox = Outbox(place.store, mails, place.clock, OutboxConfig("node", lambda: 0.5, is_told=lambda: True))
    stop = asyncio.Event()
    task = asyncio.create_task(outbox.run(stop, 10))
    await turns()
    try:
        yield outbox
    finally:
        stop.set()
        await task


def test_a_new_mail_is_sent_when_the_outbox_is_told() -> None:
    async def scenario() -> None:
        place = OutboxHarness()
        await place.open()
        async with told(place) as outbox:
            for count, name in enumerate(("a", "b"), 1):
                await place.leave(name)
                await turns()
                assert len(place.mailer.tried) == count - 1
                outbox.look()
                await place.until_attempts(count)

    run(scenario)


def test_a_mail_that_is_tried_again_is_at_its_time() -> None:
    async def scenario() -> None:
        place = OutboxHarness()
        place.mailer.answer = BUSY_MAIL
        await place.open("a")
        async with told(place, timedelta(milliseconds=20)):
            await place.until_tried("a")
            place.mailer.answer = SENT
            place.clock.move(seconds=1)
            while len(place.mailer.tried) < 2:  # noqa: ASYNC110 - the time of a mail is real here
                await asyncio.sleep(0.001)

    run(scenario)
