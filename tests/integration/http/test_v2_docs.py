"""The pages at `/docs` in a real browser: they work, with a key too, and ask nobody else for anything (docs/v2.md)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, async_playwright

from tests.support.http_api import KEY, NUMBER
from tests.support.http_server import Node, running

CHROMIUM = "/usr/bin/chromium"
TIMEOUT_MS = 20_000


class Browsed:
    """A page, what it asked for, and what the browser complained of."""

    def __init__(self, page: Page, node: Node) -> None:
        self.page = page
        self.origin = f"http://127.0.0.1:{node.port}"
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console", lambda told: self.complaints.append(told.text) if told.type in ("error", "warning") else None
        )

    def elsewhere(self) -> list[str]:
        """Return what was asked of somebody else than this server."""
        return [url for url in self.asked if not url.startswith((self.origin + "/", "data:"))]


@asynccontextmanager
async def browsing(directory: Path) -> AsyncIterator[Browsed]:
    """Run a server and a browser."""
    async with running(directory) as node, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        try:
            page = await browser.new_page()
            page.set_default_timeout(TIMEOUT_MS)
            yield Browsed(page, node)
        finally:
            await browser.close()


def browse(directory: Path, scenario: Callable[[Browsed], Awaitable[None]]) -> None:
    async def main() -> None:
        async with browsing(directory) as browsed:
            await scenario(browsed)

    asyncio.run(main())


def test_an_operation_is_tried_with_a_key_and_nothing_is_asked_of_others(tmp_path: Path) -> None:
    async def scenario(browsed: Browsed) -> None:
        page = browsed.page
        await page.goto(f"{browsed.origin}/docs")
        await page.locator(".opblock").first.wait_for()
        assert await page.locator(".opblock").count() > 20
        await page.locator("button.authorize").first.click()
        await page.locator(".auth-container input").first.fill(KEY.reveal())
        await page.locator(".auth-btn-wrapper button[type=submit]").click()
        await page.locator(".auth-btn-wrapper button.btn-done").click()
        operation = page.locator(".opblock-get", has=page.locator("[data-path='/v2/numbers']")).first
        await operation.locator(".opblock-summary-control").click()
        await operation.locator("button.try-out__btn").click()
        await operation.locator("button.execute").click()
        live = operation.locator(".live-responses-table")
        await live.wait_for()
        shown = await live.inner_text()
        assert "200" in shown
        assert NUMBER.value in shown
        assert f"{browsed.origin}/openapi.json" in browsed.asked
        assert browsed.elsewhere() == []
        assert browsed.complaints == []
        # No link has the description of somebody else shown, with a key that was typed in here.
        for query in ("url=https://example.com/openapi.json", "configUrl=https://example.com/config.json"):
            await page.goto(f"{browsed.origin}/docs?{query}")
            await page.locator(".opblock").first.wait_for()
            assert "renvoi" in await page.locator(".info .title").inner_text()
        assert browsed.elsewhere() == []

    browse(tmp_path, scenario)
