"""docs/webhooks.md says what the program does: its receiver is run, its tables are those of the code."""

import asyncio
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from renvoi.adapters.clock import SystemClock
from renvoi.adapters.endpoint_client import TIME_S, HttpEndpointClient
from renvoi.application.webhooks.attempts import headers_of
from renvoi.domain.events.event import EventType, StoredEvent
from renvoi.domain.events.signed_body import body_of, secret_bytes
from renvoi.domain.events.webhook import BOTH_SECRETS, DISABLED_AFTER, JITTER, MAX_RETRY_AFTER, RETRIES
from tests.integration.webhooks.test_client import LOOPBACK
from tests.support.ports import free_port
from tests.support.receivers import SECRET
from tests.support.waiting import wait_for

TEXT = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text("utf-8")
_UNITS = {"s": "seconds", "min": "minutes", "h": "hours"}


def test_the_table_of_retries_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| ([0-9]+) \| (?:at once|([0-9]+) (s|min|h)) \|$", TEXT, re.MULTILINE)
    assert [int(row[0]) for row in rows] == list(range(1, len(RETRIES) + 1))
    shown = [timedelta(**{_UNITS[unit]: int(count)}) if count else timedelta() for _, count, unit in rows]
    assert tuple(shown) == RETRIES
    whole = int(sum(RETRIES, timedelta()).total_seconds())
    assert f"{whole // 3600} h {whole % 3600 // 60} min after the first" in TEXT


def test_other_figures_are_those_of_the_code() -> None:
    assert (JITTER, TIME_S) == (1 / 5, 15)
    assert (timedelta(hours=24), timedelta(hours=24), timedelta(days=5)) == (
        BOTH_SECRETS,
        MAX_RETRY_AFTER,
        DISABLED_AFTER,
    )


def test_each_type_is_listed() -> None:
    rows = re.findall(r"^\| ((?:`[a-z.]+`(?:, )?)+) \|", TEXT, re.MULTILINE)
    listed = [name for row in rows for name in re.findall(r"`([a-z]+\.[a-z]+)`", row)]
    assert listed == [kind.value for kind in EventType]


def test_the_receiver_takes_what_is_signed_and_nothing_else() -> None:
    (source,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    port = free_port()
    environment = os.environ | {"PORT": str(port), "SECRET": SECRET}
    event = StoredEvent(7, "call.missed", 1, None, 42, "{}", 1_700_000_000_000)
    client = HttpEndpointClient(SystemClock(), allow_http=True, networks=LOOPBACK)

    def post(secret: bytes) -> int | None:
        body = body_of(event)
        headers = headers_of(event.id, SystemClock().now_ms() // 1000, body, [secret])
        return asyncio.run(client.post(f"http://127.0.0.1:{port}/", headers, body)).status

    process = subprocess.Popen([sys.executable, "-c", source], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: post(secret_bytes(SECRET)) == 204, "its first answer", 60)
        assert post(secret_bytes(SECRET)) == 204
        assert post(b"x" * 32) == 401
    finally:
        process.terminate()
        out, _ = process.communicate(timeout=60)
    assert out == "call.missed 42\n"
