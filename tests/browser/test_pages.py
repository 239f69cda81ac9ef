"""Every page in a real browser: languages, colours, widths, with and without JavaScript, and for whoever uses a reader.

Screenshots for people to look at are kept where `RENVOI_TEST_SCREENSHOTS` says.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from renvoi.http.dashboard.site import COOKIE
from tests.browser.conftest import Server
from tests.browser.pages import ADDRESSES, HEADINGS, NO_PAGES, OPEN, cookie_of, paths_of

LANGUAGES = ("en", "fr")
SCHEMES: Sequence[Literal["light", "dark"]] = ("light", "dark")
WIDTHS = (320, 1440)
NARROW = 320
TIMEOUT_MS = 20_000
MOST_BYTES = 100_000
"""What a page may weigh."""
MOST_TABS = 200
_VIOLATIONS = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (e) => {
  window.violations.push(e.violatedDirective + ' ' + e.blockedURI);
});
"""
_FOCUS = """() => {
  const element = document.activeElement;
  if (element === document.body) return null;
  const style = getComputedStyle(element);
  const shown = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';
  return { shown, element: element.outerHTML.slice(0, 200) };
}"""
_FOCUSABLE = """() => {
  const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')];
  // Of the radio buttons of a group the keyboard stops at one.
  const groups = new Set(all.filter((each) => each.type === 'radio').map((each) => each.name));
  const others = all.filter((each) => each.type !== 'radio');
  return groups.size + others.filter((each) => !each.disabled && each.tabIndex >= 0 && each.checkVisibility()).length;
}"""


@contextmanager
def looking(browser: Browser, server: Server, address: str, language: str, *, script: bool = True) -> Iterator[Page]:
    """Show a page; whatever the browser complains of, and what is asked of others, fails the test."""
    context = browser.new_context(locale=language, java_script_enabled=script, reduced_motion="reduce")
    complaints: list[str] = []
    try:
        if address not in OPEN:
            context.add_cookies([{"name": COOKIE, "value": cookie_of(address).reveal(), "url": server.url}])
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on("console", lambda told: complaints.append(told.text) if told.type in ("error", "warning") else None)
        page.on("request", lambda asked: complaints.append(f"asks {asked.url}") if is_elsewhere(asked.url) else None)

        def is_elsewhere(url: str) -> bool:
            return not url.startswith((server.url + "/", "data:", "blob:"))

        if script:
            page.add_init_script(_VIOLATIONS)
        answer = page.goto(server.url + address, wait_until="load")
        assert answer is not None
        assert answer.status == 200, f"{address}: {answer.status} {page.content()[:2000]}"
        yield page
        if script:
            assert page.evaluate("window.violations") == []
        assert complaints == []
    finally:
        context.close()


def keep(page: Page, *name: object) -> None:
    """Keep a picture of the page, if somebody wants to look at it."""
    directory = os.environ.get("RENVOI_TEST_SCREENSHOTS")
    if directory:
        stem = "-".join(str(part).strip("/").replace("/", "_") or "start" for part in name)
        page.screenshot(path=Path(directory) / f"{stem}.png", full_page=True)


def test_every_page_is_looked_at(server: Server) -> None:
    assert set(paths_of(server.node.app)) == ADDRESSES.keys() | NO_PAGES.keys()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ADDRESSES)
def test_page(server: Server, browser: Browser, path: str, language: str, *, script: bool) -> None:
    """In each language, with and without scripts; then, as these change nothing that is loaded, colours and widths."""
    with looking(browser, server, ADDRESSES[path], language, script=script) as page:
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("h1").count() == 1, "each page has one heading"
        assert page.locator("h1").inner_text().strip()
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                keep(page, path, language, scheme, width, "script" if script else "no-script")
                if not script:
                    continue
                assert page.evaluate("document.documentElement.scrollWidth") <= width, "it scrolls sideways"
                if width == NARROW:
                    found = Axe().run(page)
                    assert found.violations_count == 0, found.generate_report()
        if not script:
            assert len(page.content().encode()) <= MOST_BYTES


@pytest.mark.parametrize("path", ADDRESSES)
def test_keyboard_reaches_everything_and_shows_where_it_is(server: Server, browser: Browser, path: str) -> None:
    with looking(browser, server, ADDRESSES[path], "en") as page:
        wanted = page.evaluate(_FOCUSABLE)
        reached = 0
        for _ in range(MOST_TABS):
            page.keyboard.press("Tab")
            state = page.evaluate(_FOCUS)
            if state is None:
                break
            reached += 1
            assert state["shown"], f"nothing shows that {state['element']} has the focus"
        assert reached >= min(wanted, MOST_TABS)


def test_headings_are_in_the_language_of_the_reader(server: Server, browser: Browser) -> None:
    for address, headings in HEADINGS.items():
        for language, heading in zip(LANGUAGES, headings, strict=True):
            with looking(browser, server, address, language, script=False) as page:
                assert page.locator("h1").inner_text() == heading
