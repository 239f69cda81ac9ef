"""The spool of a Python part: what waits and what was lost is told for a while."""

import asyncio
import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from renvoi.call_records import spool
from renvoi.call_records.spool import RECENT_S
from renvoi.domain.calls.call_record import Missed
from renvoi.node.entrypoints import child_main
from renvoi.node.entrypoints.child_main import PartSpool
from tests.support.outbox_harness import run, until

EVENT = Missed("call", "tag", 1_800_000_000_000)


def test_what_waits_and_what_was_lost_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_main, "RETRY_PERIOD_S", 0)
    monkeypatch.setattr(spool, "MAX_WAITING", 2)
    now_s, said, refuse = 1000.0, [""], True
    opened = os.open

    def open_or_refuse(*arguments: object, **named: object) -> int:
        if refuse and "dir_fd" in named:
            raise OSError(28, "No space left on device")
        return opened(*arguments, **named)  # type: ignore[arg-type]  # as given

    async def scenario() -> None:
        nonlocal now_s, refuse
        stop = asyncio.Event()
        events = PartSpool(tmp_path, "mailer", lambda: now_s)
        monkeypatch.setattr(os, "open", open_or_refuse)
        keeping = asyncio.create_task(events.keep_writing(stop, said.append))
        events.spool.append(EVENT)
        await until(lambda: said[-1] == "1 call event waits in memory, as the spool cannot be written", "what waits")
        events.spool.append(EVENT)
        events.spool.append(EVENT)
        lost = "1 call event could not be written to the spool and is lost, see the log"
        await until(lambda: said[-1] == f"{lost}; 2 call events wait in memory, as the spool cannot be written", "both")
        refuse = False
        await until(lambda: said[-1] == lost, "the loss alone")
        now_s += RECENT_S
        await until(lambda: said[-1] == "", "the end of the alarm")
        stop.set()
        await keeping

    with capture_logs() as lines:
        run(scenario)
    assert [line["log_level"] for line in lines] == ["warning", "error"]
    assert sum(path.read_bytes().count(b"\n") for path in tmp_path.iterdir()) == 2
