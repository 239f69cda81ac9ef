"""SIPp as `renvoi try` runs it."""

import asyncio
from pathlib import Path

import pytest

from renvoi.application.errors import OperatorError
from renvoi.node.checks import test_call as trial
from tests.support.ports import free_port


def test_one_that_ends_before_it_listens_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "SIPP_START_TIMEOUT_S", 3600.0)

    async def start() -> None:
        async with trial.sipp_running(["false"], tmp_path) as sipp:
            await trial.wait_until_listening(sipp, ("127.0.0.1", free_port()), tcp=False)

    with pytest.raises(OperatorError, match="SIPp did not start to listen at 127"):
        asyncio.run(start())
