"""Keys made in a browser: a second click and a reload make no other one, and the secret is shown once."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from renvoi.http.dashboard.words import text
from tests.browser.conftest import Server
from tests.browser.pages import ADDRESSES
from tests.browser.test_pages import LANGUAGES, NARROW, keep, looking


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_is_made_once_and_its_secret_shown_once(
    server: Server, browser: Browser, language: str, *, script: bool
) -> None:
    label = f"made once {language} {script}"
    with looking(browser, server, ADDRESSES["/keys"], language, script=script) as page:
        page.locator("[name=label]").fill(label)
        page.locator("[name=scope_of][value=all]").check()
        page.locator("#new .primary").dblclick()
        expect(page.locator("#secret")).to_contain_text("rv_")
        secret = page.locator("#secret").inner_text()
        page.set_viewport_size({"width": NARROW, "height": 900})
        keep(page, "shown", language, "script" if script else "no-script")
        if script:
            assert Axe().run(page).violations_count == 0
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
        address = page.url
    with looking(browser, server, ADDRESSES["/keys"], language, script=script) as page:
        expect(page.get_by_role("link", name=label)).to_have_count(1)
        answer = page.request.get(address, headers={"Accept-Language": language})
        assert answer.status == 410
        assert secret not in answer.text()
        assert text(language, "secret.over_title") in answer.text()


_CLICK_TWICE = """() => {
  const sent = [];
  // Behind the page's own listener: what is still to be sent is counted and kept back, so time decides nothing.
  window.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) sent.push(event.submitter.textContent);
    event.preventDefault();
  });
  const button = document.querySelector("form[method=post] .primary");
  button.click();
  button.click();
  return sent.length;
}"""


def test_of_a_double_click_one_form_is_sent(server: Server, browser: Browser) -> None:
    """Also one that shows no secret: the answer to the second says that the account is there already."""
    with looking(browser, server, ADDRESSES["/operator/accounts"], "en", script=True) as page:
        page.locator("[name=name]").fill("Made by a double click")
        assert page.evaluate(_CLICK_TWICE) == 1
        page.reload()
        page.locator("[name=name]").fill("Made by a double click")
        page.locator("form[method=post] .primary").dblclick()
        expect(page.get_by_role("heading", level=1, name="Made by a double click")).to_be_visible()
