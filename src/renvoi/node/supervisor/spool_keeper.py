"""The spool of a running node: made again when somebody removed it, so that call records are written on."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from renvoi.application.errors import OperatorError
from renvoi.files import make_directory
from renvoi.wakeups import to_next

PERIOD_S = 5.0
"""How often it is looked whether the spool is there."""


async def keep_spool(spool: Path, give: Callable[[], None]) -> None:
    """Make the spool again whenever it is missing, for ever; `give` lets those write there who have to.

    What they could not write meanwhile waits in their memory, and comes then.
    """
    trouble = ""
    while True:
        await asyncio.sleep(to_next(PERIOD_S))
        try:
            if await asyncio.to_thread(_restore, spool, give):
                structlog.get_logger("node").error(
                    "the spool was removed, and is made again; call records that waited there are lost",
                    spool=str(spool),
                )
            trouble = ""
        except (OSError, OperatorError) as error:
            if str(error) != trouble:
                structlog.get_logger("node").error("the spool was removed, and cannot be made", error=str(error))
            trouble = str(error)


def _restore(spool: Path, give: Callable[[], None]) -> bool:
    if spool.is_dir():
        return False
    make_directory(spool)
    give()
    return True
