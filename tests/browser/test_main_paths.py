"""What people do: in a real browser, with and without scripts, in both languages, on a node with real calls."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from renvoi.http.dashboard.words import text
from tests.browser.conftest import TIMEOUT_MS
from tests.support.callers import Caller
from tests.support.node import NUMBER, OTHER_TARGET, TARGET, Node
from tests.support.ports import free_port
from tests.support.sip import Call, Incoming, Phone
from tests.support.waiting import wait_for

PATIENCE_S = 30.0
"""How long a message may take to the page while other workers start and kill nodes."""
TALK_S = 2.0
"""Well above what is not a message (docs/calls.md §4), also when a busy machine loses some of it."""
COMBINATIONS = [
    pytest.param(language, script, id=f"{language}-{'script' if script else 'no-script'}")
    for language in ("en", "fr")
    for script in (True, False)
]


@pytest.fixture(scope="module")
def gateway() -> Iterator[Phone]:
    """Play the carrier's gateway behind the outbound trunk."""
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, gateway: Phone) -> Iterator[Node]:
    """Run a node with a trunk each way."""
    made = Node(tmp_path_factory.mktemp("node"))
    made.renvoi("trunk", "add", "main", "--outbound", gateway.uri)
    try:
        yield made.start()
    finally:
        made.stop()


class User:
    """Somebody with a browser, who does what the page says in their language."""

    def __init__(self, page: Page, node: Node, language: str, *, script: bool) -> None:
        self.page = page
        self.origin = f"http://127.0.0.1:{node.http_port}"
        self.language = language
        self.script = script

    def go(self, path: str) -> None:
        self.page.goto(self.origin + path)

    def follow(self, path: str) -> None:
        """Open a page that is live; with scripts, what happens from now on is told to it."""
        with self.page.expect_response("**/live") if self.script else nullcontext():
            self.go(path)

    def says(self, key: str, **args: object) -> str:
        return text(self.language, key, **args)

    def press(self, key: str) -> None:
        """Press the first button of that name."""
        self.page.get_by_role("button", name=self.says(key), exact=True).first.click()

    def fill(self, key: str, value: str) -> None:
        self.page.get_by_label(self.says(key), exact=True).first.fill(value)

    def sees(self, what: str) -> None:
        expect(self.page.locator("main")).to_contain_text(what)

    def waits_for(self, selector: str, count: int) -> None:
        """Wait until there is so much: with scripts by itself, without by asking again."""
        found = self.page.locator(selector)
        if self.script:
            expect(found).to_have_count(count)
        else:
            wait_for(
                lambda: self.page.reload() is not None and found.count() == count,
                lambda: f"{count} of {selector}, {found.count()} now,",
                PATIENCE_S,
            )


@contextmanager
def using(browser: Browser, node: Node, language: str, *, script: bool) -> Iterator[User]:
    context = browser.new_context(locale=language, java_script_enabled=script)
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    try:
        yield User(page, node, language, script=script)
    finally:
        context.close()


def sign_in(user: User, node: Node) -> None:
    user.go("/sign-in")
    user.page.locator("summary", has_text=user.says("sign_in.by_key")).click()
    user.fill("sign_in.key", node.key)
    user.press("sign_in.submit_key")
    expect(user.page.locator("h1")).to_have_text(user.says("nav.numbers"))


def set_rule(user: User, action: str, field: str, value: str) -> None:
    """Open the number from the list, choose what happens to calls, and save."""
    user.go("/numbers")
    user.page.locator("td.main a").first.click()
    user.page.locator(f"input[name=action][value={action}]").check()
    user.page.locator(f"[name='{field}']").fill(value)
    user.press("action.save")
    user.sees(user.says("number.rule_saved"))


@pytest.mark.parametrize(("language", "script"), COMBINATIONS)
def test_a_customer_forwards_sees_the_call_hears_the_message_and_goes_back(
    node: Node, gateway: Phone, browser: Browser, language: str, script: bool
) -> None:
    with using(browser, node, language, script=script) as user, Phone() as carrier:
        sign_in(user, node)
        set_rule(user, "forward", "to", TARGET)

        user.follow("/calls")
        before = user.page.locator("tbody tr").count()
        call = Call(carrier, node.edge, NUMBER).start()
        incoming = Incoming.wait(gateway)
        assert f"sip:{TARGET}@" in incoming.invite.uri
        incoming.reply(486)
        call.expect(486)
        user.waits_for("tbody tr", before + 1)
        user.page.locator("td.main a").first.click()
        expect(user.page.locator("svg.ladder")).to_be_visible()
        user.sees("486")

        set_rule(user, "voicemail", "voicemail/emails", "owner@example.com")
        user.follow("/messages")
        before = user.page.locator("audio").count()
        with Caller(node.edge, NUMBER) as caller:
            assert caller.connect() == 200
            assert caller.wait_for_beep()
            caller.talk(TALK_S).hang_up()
            user.waits_for("audio", before + 1)
        audio = user.page.locator("audio").first
        heard = user.page.request.get(user.origin + str(audio.get_attribute("src")))
        assert heard.ok
        assert heard.body()[:4] == b"RIFF"
        assert heard.headers["content-type"] == "audio/wav"
        if script:
            user.page.locator("button.play").first.click()
            # Not `wait_for_function`: the page's policy forbids what it does.
            wait_for(lambda: user.page.evaluate("document.querySelector('audio').currentTime") > 0.2, "sound")

        user.go(f"/numbers/{NUMBER}")
        user.press("number.undo")
        expect(user.page.locator("input[name=action][value=forward]")).to_be_checked()
        assert user.page.locator("[name=to]").input_value()


@pytest.mark.parametrize(("language", "script"), COMBINATIONS)
def test_an_operator_makes_an_account_with_a_number_adds_a_trunk_and_tests_it(
    node: Node, browser: Browser, language: str, script: bool
) -> None:
    serial = COMBINATIONS.index(next(each for each in COMBINATIONS if each.values == (language, script)))
    name, number, trunk = f"client {serial}", f"+3319900555{serial}", f"spare{serial}"
    with using(browser, node, language, script=script) as user:
        user.page.goto(node.renvoi("sign-in-link")["url"])
        user.go("/operator/accounts")
        user.fill("operator.account_name", name)
        user.press("operator.account_make")
        user.sees(name)
        account = next(each["id"] for each in node.renvoi("account", "list") if each["name"] == name)
        user.go(f"/operator/accounts/acc_{account}/numbers")
        user.fill("operator.numbers_new", number)
        user.press("operator.numbers_add")
        assert number in [each["number"] for each in node.renvoi("number", "list")]

        user.go("/operator/trunks/new")
        user.fill("trunk.name", trunk)
        user.page.locator("[name=has_outbound]").check()
        user.page.locator("[name='outbound/uri']").fill(f"sip:127.0.0.1:{free_port()}")
        user.page.locator("form .primary").last.click()
        user.sees(trunk)
        user.go(f"/operator/trunk/{trunk}")
        user.press("trunk.test")
        # Nobody listens there: what was tried is said, and what to do.
        user.sees(user.says("trunk.test_bad"))
        user.sees("127.0.0.1")
        node.renvoi("trunk", "remove", trunk)


def test_many_tabs_share_one_stream_and_all_of_them_are_told(node: Node, gateway: Phone, browser: Browser) -> None:
    """A browser has six connections to a server: a stream for each tab would leave none for pages."""
    with using(browser, node, "en", script=True) as user, Phone() as carrier:
        sign_in(user, node)
        set_rule(user, "forward", "to", TARGET)
        pages = [user.page.context.new_page() for _ in range(8)]
        for page in pages:
            page.goto(user.origin + "/calls")
        before = pages[0].locator("tbody tr").count()
        # Whoever has the stream, as the first one, goes: another one takes its place.
        user.page.close()
        call = Call(carrier, node.edge, NUMBER).start()
        incoming = Incoming.wait(gateway)
        incoming.reply(486)
        call.expect(486)
        for page in pages:
            expect(page.locator("tbody tr")).to_have_count(before + 1)


def test_what_happens_before_the_stream_is_open_is_shown(node: Node, browser: Browser) -> None:
    """A page is made, then its stream is opened: what comes in between is told to nobody."""
    with using(browser, node, "en", script=True) as user:
        sign_in(user, node)
        # Which may be the rule already.
        node.set_rule(1, TARGET)

        def change_first(route: Route) -> None:
            assert node.set_rule(1, OTHER_TARGET).is_success
            route.continue_()

        user.page.route("**/live", change_first, times=1)
        user.go("/numbers")
        expect(user.page.locator("body")).to_contain_text("+33 6 44 63 11 11")
