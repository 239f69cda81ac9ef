"""A browser, and a server with things to look at; each worker that runs tests of pages has one of both."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from renvoi.adapters.audio_converter import ProcessConverter
from renvoi.adapters.holidays import PackagedHolidays
from renvoi.adapters.message_files import MessageFiles
from renvoi.http.v2.forwarding import RULE
from tests.browser.pages import put_things
from tests.support.http_api import KEY, NUMBER
from tests.support.http_server import Node, running
from tests.support.node_control import FakeNodeControl, OneKeptMail
from tests.support.trunk_control import FakeTrunkControl
from tests.support.v2_api import SEALER

CHROMIUM = "/usr/bin/chromium"
TIMEOUT_MS = 30_000
"""How long a page may take to what a test waits for: Playwright's own 5 s are short for a machine with much to do."""
expect.set_options(timeout=TIMEOUT_MS)


class Server:
    """A server in a thread of its own, so that tests may wait for the browser."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._started: Future[Node] = Future()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self.node = self._started.result()
        self.app = self.node.app
        self.url = f"http://127.0.0.1:{self.node.port}"

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:
            if self._started.done():
                raise
            self._started.set_exception(error)
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        deps: dict[str, Any] = {
            "files": MessageFiles(self._directory, self._directory),
            "converter": ProcessConverter(),
            "sealer_for": lambda _: SEALER,
            "holidays": PackagedHolidays(),
            "trunks": FakeTrunkControl(),
            "node": FakeNodeControl(is_over=True),
            "kept_mails": OneKeptMail(),
        }
        async with running(self._directory, deps=deps) as node:
            self._started.set_result(node)
            await self._stop.wait()

    def write(self, work: Any) -> Any:
        """Change the store directly."""
        return asyncio.run_coroutine_threadsafe(self.node.store.write(work), self._loop).result()

    def put_rule(self) -> None:
        """Give NUMBER a rule that has something of everything."""
        headers = {"Authorization": f"Bearer {KEY.reveal()}"}
        answer = httpx.put(f"{self.url}/v2/numbers/{NUMBER}/forwarding", json=RULE, headers=headers)
        assert answer.status_code == 200, answer.text

    def close(self) -> None:
        """End the server."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server whose store has something for every page."""
    server = Server(tmp_path_factory.mktemp("dashboard"))
    try:
        server.write(put_things)
        server.put_rule()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run Debian's Chromium.

    For a module, and no longer: while Playwright runs, this thread has an event loop that others must not find.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            # Where a page may use the microphone, that is a tone of Chromium's own.
            args=["--no-sandbox", "--disable-background-networking", "--use-fake-device-for-media-stream"],
        )
        yield browser
        browser.close()
