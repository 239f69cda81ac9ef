"""The first page of a new node: what is ready and what is missing, and a test call that is followed."""

from collections.abc import Mapping

import pytest

from renvoi.http.deps import PartState
from tests.support.dashboard_api import Pages, text_of
from tests.support.node_control import MESSAGES, FakeNodeControl
from tests.support.v2_api import OPERATOR_KEY


async def broken() -> Mapping[str, PartState]:
    return {"edge": PartState("failed", "<i>gone</i>")}


@pytest.fixture
def node() -> FakeNodeControl:
    return FakeNodeControl()


@pytest.fixture
def pages(node: FakeNodeControl) -> Pages:
    found = Pages(None, node=node)
    found.sign_in(found.add_key(OPERATOR_KEY))
    return found


def test_it_says_what_is_ready_and_what_is_missing(pages: Pages, node: FakeNodeControl) -> None:
    shown = text_of(pages.visit("/start"))
    for said in ("There are numbers", "No trunk", "No mail server"):
        assert said in shown
    node.mail_server = "smtp://mail.example.com"
    french = text_of(pages.visit("/start", language="fr"))
    assert "Les e-mails partent smtp://mail.example.com" in french


def test_a_part_that_does_not_work_is_named() -> None:
    pages = Pages(None, parts=broken)
    pages.sign_in(pages.add_key(OPERATOR_KEY))
    shown = pages.visit("/start")
    assert "A part does not run as it should" in text_of(shown)
    assert "<i>gone" not in shown.text
    assert '<p class="muted" lang="en">edge: &lt;i&gt;gone' in shown.text


def test_a_call_is_placed_and_followed_to_its_end(pages: Pages, node: FakeNodeControl) -> None:
    answer = pages.submit("/start/call", {"called": "+33199001234", "caller": "+33199009876"}, page="/start")
    assert answer.headers["location"] == "/start/call/abc"
    assert node.asked == [("+33199001234", "+33199009876")]
    under_way = pages.visit("/start/call/abc")
    assert "data-poll" in under_way.text
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in under_way.text
    assert under_way.text.count('class="arrow"') == 2
    node.upto, node.is_over = len(MESSAGES), True
    over = pages.visit("/start/call/abc", language="fr")
    assert "data-poll" not in over.text
    assert "http-equiv" not in over.text
    assert over.text.count('class="arrow"') == 6
    assert "L’appel a été pris" in text_of(over)
    assert "<b>Ringing" not in over.text


def test_numbers_that_are_none_are_refused_beside_their_fields(pages: Pages, node: FakeNodeControl) -> None:
    answer = pages.submit("/start/call", {"called": "<b>", "caller": ""}, page="/start")
    assert answer.status_code == 422
    assert 'id="f-called-error"' in answer.text
    assert 'id="f-caller-error"' in answer.text
    assert node.asked == []
    node.away = "another test call is under way: wait for its end"
    answer = pages.submit("/start/call", {"called": "+33199001234", "caller": "+33199009876"}, page="/start")
    assert "another test call is under way" in text_of(answer)


def test_a_call_that_nobody_knows_is_not_there(pages: Pages) -> None:
    assert pages.visit("/start/call/other").status_code == 404


def test_all_checks_are_shown(pages: Pages) -> None:
    shown = pages.visit("/start/checks")
    assert "data wrong <i>no chown" in text_of(shown)
    assert "<i>no" not in shown.text
