"""The player of messages with JavaScript: button, waveform, keyboard and speed, and a list that is live."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from renvoi.application.events import emit, message_created
from renvoi.application.ports.unit_of_work import Writer
from renvoi.http.dashboard.site import COOKIE
from tests.browser.conftest import Server
from tests.browser.pages import OWNER
from tests.support.http_api import SECOND, START_MS
from tests.support.v2_kept import MAIL, MESSAGE
from tests.unit.adapters.test_audio import tone, wav

SECONDS = 20
AUDIO = wav(tone(SECONDS, rate=8000), rate=8000)
OF_SECOND = f"/messages?number=%2B{SECOND.digits}"
PEAKS = bytes(range(56, 256))


@pytest.fixture
def page(server: Server, browser: Browser) -> Iterator[Page]:
    """Show the messages of SECOND, of which there are none yet."""
    context = browser.new_context(locale="en", viewport={"width": 1000, "height": 900})
    context.add_cookies([{"name": COOKIE, "value": OWNER.reveal(), "url": server.url}])
    page = context.new_page()
    page.set_default_timeout(20_000)
    # What happens from now on is told.
    with page.expect_response("**/live"):
        page.goto(server.url + OF_SECOND)
    yield page
    context.close()


def leave(server: Server, name: str, said: str, *, has_audio: bool = True) -> None:
    """Have a caller leave a message to SECOND."""
    message = replace(
        MESSAGE,
        id=name,
        number=SECOND,
        transcript=said,
        peaks=PEAKS,
        duration_ms=SECONDS * 1000,
        received_at_ms=START_MS,
    )

    def work(writer: Writer) -> None:
        writer.add_message(message, replace(MAIL, message_id=name), AUDIO if has_audio else None)
        emit(writer, message_created(message))

    server.write(work)


def message(page: Page, said: str) -> Locator:
    return page.locator("article", has_text=said)


def test_a_message_arrives_is_listened_to_and_deleted(server: Server, page: Page) -> None:
    expect(page.locator("#messages")).to_contain_text("No message matches")
    leave(server, "a" * 32, "first of all")
    shown = message(page, "first of all")
    expect(shown).to_contain_text("New")

    button, wave = shown.locator(".play"), shown.locator(".wave")
    expect(shown.locator("audio")).to_be_hidden()
    button.click()
    expect(button).to_have_accessible_name("Pause")
    # Who listens has heard it.
    expect(shown.locator("[data-new]")).to_have_count(0)
    expect(shown.get_by_role("button", name="Mark as new")).to_be_visible()

    wave.focus()
    page.keyboard.press("Space")
    expect(button).to_have_accessible_name(re.compile("Play the message from 01.40.00.00.01"))
    for key, seconds in (("End", SECONDS), ("Home", 0), ("ArrowRight", 5), ("ArrowUp", 10), ("ArrowLeft", 5)):
        page.keyboard.press(key)
        expect(wave).to_have_attribute("aria-valuenow", str(seconds))
    expect(wave).to_have_attribute("aria-valuetext", "0:05 / 0:20")
    place = wave.bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    expect(wave).to_have_attribute("aria-valuenow", "10")
    assert (wave.locator(".played").get_attribute("d") or "").count("M") == pytest.approx(100, abs=1)
    shown.locator(".speed").select_option("1.5")
    assert shown.locator("audio").evaluate("(audio) => audio.playbackRate") == 1.5

    shown.locator("summary").click()
    shown.get_by_role("link", name="Delete").click()
    page.locator("dialog").get_by_role("link", name="Cancel").click()
    expect(page.locator("dialog")).to_have_count(0)
    shown.get_by_role("link", name="Delete").click()
    page.locator("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_have_text("The message is deleted.")
    assert server.write(lambda writer: writer.message("a" * 32)) is None


def test_who_listens_keeps_their_place_when_something_happens(server: Server, page: Page) -> None:
    """As does what they have opened, and the speed."""
    leave(server, "e" * 32, "listened to")
    shown = message(page, "listened to")
    wave, audio = shown.locator(".wave"), shown.locator("audio")
    shown.locator(".speed").select_option("1.5")
    wave.focus()
    for key, seconds in (("ArrowRight", 5), ("ArrowRight", 10)):
        page.keyboard.press(key)
        expect(wave).to_have_attribute("aria-valuenow", str(seconds))
    shown.locator("summary").click()
    page.evaluate("document.activeElement.blur()")

    leave(server, "f" * 32, "another one")
    expect(message(page, "another one")).to_be_visible()
    expect(wave).to_have_attribute("aria-valuenow", "10")
    assert audio.evaluate("(audio) => [audio.playbackRate, audio.currentTime]") == [1.5, 10]
    expect(shown.get_by_role("link", name="Delete")).to_be_visible()
    shown.locator(".play").click()
    expect(shown.locator(".play")).to_have_accessible_name("Pause")


def test_what_came_while_somebody_listened_is_shown_once_they_pause(server: Server, page: Page) -> None:
    leave(server, "8" * 32, "heard first")
    first = message(page, "heard first")
    first.locator(".play").click()
    expect(first.locator(".play")).to_have_accessible_name("Pause")
    with page.expect_response(page.url):
        leave(server, "9" * 32, "heard later")
    first.locator(".play").click()
    expect(message(page, "heard later")).to_be_visible()


def test_a_recording_that_is_gone_is_told(server: Server, page: Page) -> None:
    leave(server, "b" * 32, "never heard", has_audio=False)
    page.reload()
    shown = message(page, "never heard")
    expect(shown.get_by_role("alert")).to_have_count(0)
    shown.locator(".play").click()
    expect(shown.get_by_role("alert")).to_contain_text("cannot be played")


def test_the_browsers_own_player_is_there_without_javascript(server: Server, browser: Browser) -> None:
    leave(server, "c" * 32, "in plain")
    context = browser.new_context(locale="en", java_script_enabled=False)
    try:
        context.add_cookies([{"name": COOKIE, "value": OWNER.reveal(), "url": server.url}])
        page = context.new_page()
        page.goto(server.url + OF_SECOND)
        shown = message(page, "in plain")
        expect(shown.locator("audio[controls]")).to_be_visible()
        expect(shown.locator(".play")).to_be_hidden()
        shown.get_by_role("button", name="Mark as heard").click()
        expect(page.get_by_role("status")).to_have_text("The message is marked as heard.")
        expect(message(page, "in plain")).to_contain_text("Mark as new")
    finally:
        context.close()
