"""What the page of a number does in a browser besides: it records a greeting, and asks only for what choices need."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect

from renvoi.http.dashboard.site import COOKIE
from tests.browser.conftest import Server
from tests.browser.pages import OWNER
from tests.support.http_api import NUMBER, SECOND
from tests.support.waiting import wait_for

GREETING_S = 1.2
SHORTEST_BYTES = 44 + 16_000
"""Half a second, the shortest greeting: 16-bit samples at 16 kHz behind the head of a WAV file."""
_COUNT_SOUND = """() => {
  window.heardS = 0;
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    const [track] = stream.getAudioTracks();
    const reader = new MediaStreamTrackProcessor({ track: track.clone() }).readable.getReader();
    (async () => {
      for (let each = await reader.read(); !each.done; each = await reader.read()) {
        window.heardS += each.value.duration / 1e6;
        each.value.close();
      }
    })();
    return stream;
  };
}"""
"""Counts how much sound has come from the microphone, which on a busy machine is less than time has passed."""


@contextmanager
def shown(browser: Browser, server: Server, address: str, **options: Any) -> Iterator[Page]:
    context = browser.new_context(locale="en", reduced_motion="reduce", **options)
    try:
        context.add_cookies([{"name": COOKIE, "value": OWNER.reveal(), "url": server.url}])
        page = context.new_page()
        page.goto(server.url + address)
        yield page
    finally:
        context.close()


def test_a_greeting_is_recorded_and_stored(server: Server, browser: Browser) -> None:
    with shown(browser, server, f"/numbers/{SECOND}", permissions=["microphone"]) as page:
        page.evaluate(_COUNT_SOUND)
        page.get_by_role("button", name="Record with the microphone").click()
        stop = page.get_by_role("button", name="Stop recording")
        expect(stop).to_be_visible()
        wait_for(lambda: page.evaluate("window.heardS") >= GREETING_S, "a greeting", 30)
        stop.click()
        length = "() => document.querySelector('form[data-record] input[type=file]').files[0]?.size ?? 0"
        wait_for(lambda: page.evaluate(length) >= SHORTEST_BYTES, "a recording", 30)
        page.get_by_role("button", name="Use this recording").click()
        expect(page.get_by_text("Callers hear your own greeting.")).to_be_visible()
        expect(page.locator(f"audio[src='/numbers/{SECOND}/greeting.wav']")).to_be_visible()


def test_without_a_microphone_it_says_to_choose_a_file(server: Server, browser: Browser) -> None:
    with shown(browser, server, f"/numbers/{SECOND}", permissions=[]) as page:
        page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('none')); }")
        page.get_by_role("button", name="Record with the microphone").click()
        expect(page.get_by_text("The microphone cannot be used.")).to_be_visible()


def test_what_goes_with_a_choice_appears_with_it_without_scripts(server: Server, browser: Browser) -> None:
    with shown(browser, server, f"/numbers/{NUMBER}", java_script_enabled=False) as page:
        to = page.get_by_label("Number to ring", exact=True)
        expect(to).to_be_visible()
        page.get_by_label("are refused").first.check()
        expect(to).to_be_hidden()
        page.get_by_label("ring another number").first.check()
        second = page.get_by_role("group", name="If nobody answers").get_by_label("Second number")
        expect(second).to_be_hidden()
        page.get_by_role("group", name="If nobody answers").get_by_label("Then").select_option("forward")
        expect(second).to_be_visible()


def test_a_rule_is_changed_and_the_next_tab_shows_it_as_it_happens(server: Server, browser: Browser) -> None:
    address = f"/numbers/{SECOND}"
    with shown(browser, server, address) as page:
        other = page.context.new_page()
        other.goto(server.url + address)
        page.get_by_label("ring another number").first.check()
        page.get_by_label("Number to ring", exact=True).fill("06 44 63 00 00")
        page.get_by_role("button", name="Save").first.click()
        expect(page.get_by_text("The rule is in force.")).to_be_visible()
        expect(other.locator("#now")).to_contain_text("Rings")


def test_boxes_hide_beside_everything_and_contradictions_stay_in_sight(server: Server, browser: Browser) -> None:
    for address, name in (("/keys", "scopes"), ("/webhooks/new", "types")):
        with shown(browser, server, address, java_script_enabled=False) as page:
            box = page.locator(f"[name={name}]").first
            expect(box).to_be_visible()
            page.locator("[name$=_of][value=all]").check()
            expect(box).to_be_hidden()
            page.locator("[name$=_of][value=some]").check()
            box.check()
            page.locator("[name$=_of][value=all]").check()
            expect(box).to_be_visible()
