"""Looks for recordings whose worker died, and makes messages of them (`docs/calls.md §4`)."""

import asyncio
from pathlib import Path

import structlog

from renvoi.voicemail.filing import Filing
from renvoi.voicemail.recording import orphans
from renvoi.voicemail.recording.recording import Recording

PERIOD_S = 1.0
"""How often is looked: a worker that died is back about as soon."""

log = structlog.get_logger("voicemail")


async def adopt_orphans(recordings: Path, messages: Path, filing: Filing, stop: asyncio.Event) -> None:
    """Look at once, and then every second, until `stop` is set."""
    while not stop.is_set():
        try:
            await adopt_once(recordings, messages, filing)
        except OSError as error:
            log.exception("recordings cannot be searched", error=str(error))
        try:
            await asyncio.wait_for(stop.wait(), PERIOD_S)
        except TimeoutError:
            continue


async def adopt_once(recordings: Path, messages: Path, filing: Filing) -> int:
    """Finish each recording that is in nobody's hands; return how many.

    Raises:
        OSError: the directory cannot be read.
    """
    found = orphans.find(recordings, messages, _refused)
    adopted = 0
    while (recording := await asyncio.to_thread(next, found, None)) is not None:
        adopted += await _adopt(recording, filing)
    return adopted


async def _adopt(recording: Recording, filing: Filing) -> bool:
    # What lay among the messages had been closed: only the news of it was lost.
    cut_off = not recording.was_finished
    try:
        await asyncio.to_thread(recording.finish)
        return await filing.file(recording, cut_off=cut_off)
    except OSError as error:
        log.exception("a recording cannot be mended, and waits", message_id=recording.id, error=str(error))
        return False


def _refused(name: str, error: OSError) -> None:
    log.error("a recording cannot be read, and waits", file=name, error=str(error))
