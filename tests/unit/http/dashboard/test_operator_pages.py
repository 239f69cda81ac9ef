"""The pages of operators: accounts, their numbers, limits and destinations, rates, and the node."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

import pytest

from renvoi.domain.access.api_key import ApiKey
from renvoi.domain.calls.usage import CALLS, CHANGED, FAILED, HOUR_MS
from renvoi.domain.rules.rule import Unreadable
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.http.dashboard.operator.overview import points, sparkline
from renvoi.http.deps import PartState
from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import NUMBER
from tests.support.node_control import MAIL, OneKeptMail
from tests.support.v2_api import OPERATOR_KEY

PATHS = (
    "/operator",
    "/operator/accounts",
    "/operator/accounts/acc_1",
    "/operator/accounts/acc_1/close",
    "/operator/accounts/acc_1/limits",
    "/operator/accounts/acc_1/policy",
    "/operator/accounts/acc_1/numbers",
    "/operator/numbers/+33199001234",
    "/operator/numbers/+33199001234/remove",
    "/operator/trunks",
    "/operator/trunks/new",
    "/operator/rates",
    "/operator/mails",
    "/start",
    "/start/checks",
)


async def parts() -> Mapping[str, PartState]:
    return {
        "edge": PartState("ok"),
        "mailer": PartState("degraded", "<i>waits</i>", 2),
        "trunk main": PartState("ok", "said of main"),
        "trunk gone": PartState("ok", "said of gone"),
    }


@pytest.fixture
def pages() -> Pages:
    """Return the pages as an operator sees them who acts for nobody."""
    found = Pages(None, kept_mails=OneKeptMail(), parts=parts)
    found.sign_in(found.add_key(OPERATOR_KEY))
    return found


def send(pages: Pages, path: str, fields: dict[str, Any], **keywords: Any) -> Any:
    """Send a form that is on a page, of the version that it shows."""
    shown = pages.visit(path.removesuffix("/test"))
    version = re.search(r'name="version" value="([^"]+)"', shown.text)
    more = {"version": unescape(version[1])} if version is not None else {}
    return pages.submit(path, more | fields, page="/keys", **keywords)


@pytest.mark.parametrize("path", PATHS)
def test_an_account_gets_to_none_of_them(path: str) -> None:
    found = Pages()
    answer = found.visit(path)
    assert answer.status_code == 403
    assert "operator" in text_of(answer)
    assert found.submit(path, {}, page="/keys").status_code in (403, 405)
    assert 'href="/operator"' not in found.visit("/keys").text


def test_trunks_are_shown_once_and_in_the_language_of_the_reader(pages: Pages) -> None:
    pages.write(lambda writer: writer.add_trunk(OutboundTrunk("main", "sip:192.0.2.9:5060")))
    shown = text_of(pages.visit("/operator", language="fr"))
    assert ("said of main" in shown, "said of gone" in shown) == (False, True)


def test_times_are_those_of_the_account_that_one_acts_for_or_say_that_they_are_none(pages: Pages) -> None:
    page = "/operator/accounts"
    assert "UTC</time>" in pages.visit(page).text
    pages.submit("/operator/act", {"account": "acc_1"}, page="/keys")
    assert "UTC</time>" not in pages.visit(page).text
    assert "</time>" in pages.visit(page).text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_is_there_in_both_languages(pages: Pages, language: str) -> None:
    for path in PATHS:
        answer = pages.visit(path, language=language)
        assert answer.status_code == 200, path
        assert f'<html lang="{language}"' in answer.text
        assert len(answer.content) < 100_000


def test_the_node_at_a_glance(pages: Pages) -> None:
    shown = pages.visit("/operator")
    assert "mailer needs attention restarted 2 times" in text_of(shown)
    assert "<i>waits" not in shown.text


def test_calls_of_the_last_day_are_drawn_and_told(pages: Pages) -> None:
    hour = pages.clock.now_ms() // HOUR_MS
    counts = {
        (hour, CALLS): 3,
        (hour - 23, CALLS): 1200,
        (hour - 24, CALLS): 50_000,
        (hour, FAILED): 2,
        (hour, CHANGED): 7,
    }
    pages.write(lambda writer: writer.count_hours(counts))
    shown = pages.visit("/operator")
    assert "Calls 1,203 in 24 hours 3 this hour, 1,200 in the busiest one" in text_of(shown)
    assert "Failures 2 in 24 hours" in text_of(shown)
    assert "Changes of rules 7 in 24 hours 7 this hour" in text_of(shown)
    assert "Changements de règles 7" in text_of(pages.visit("/operator", language="fr"))
    assert shown.text.count('class="spark') == 4


def test_an_account_is_made_found_acted_for_and_closed(pages: Pages) -> None:
    made = send(pages, "/operator/accounts", {"name": "<b>acme", "language": "fr", "region": "BE"})
    assert made.headers["location"] == "/operator/accounts/acc_3"
    assert "<b>acme" not in pages.visit("/operator/accounts").text
    for wanted in ("demo", "acc_1", "1", "+33199001234"):
        assert "acc_1" in pages.visit("/operator/accounts", params={"q": wanted}).text
    assert "No such account" in text_of(pages.visit("/operator/accounts?q=nobody"))
    assert send(pages, "/operator/act", {"account": "acc_3"}).headers["location"] == "/numbers"
    assert "You act for <b>acme" in text_of(pages.visit("/account"))
    assert send(pages, "/operator/accounts/acc_3/close", {}).status_code == 303
    assert "closed" in text_of(pages.visit("/operator/accounts/acc_3"))
    assert send(pages, "/operator/accounts/acc_3", {}).status_code == 409
    assert "acc_3" not in pages.visit("/operator/accounts").text
    assert "acc_3" in pages.visit("/operator/accounts?state=closed").text


def test_names_that_are_wrong_or_taken_are_refused(pages: Pages) -> None:
    good = {"language": "en", "region": "FR"}
    for name in ("", "acc_2", "x" * 101):
        assert 'id="f-name-error"' in send(pages, "/operator/accounts", good | {"name": name}).text
    taken = send(pages, "/operator/accounts", good | {"name": "demo"}, language="fr")
    assert taken.status_code == 422


def test_numbers_are_added_moved_and_removed(pages: Pages) -> None:
    path = "/operator/accounts/acc_1/numbers"
    wrong = send(pages, path, {"numbers": "0199007777\n<b>12\n0199007777", "label": ""})
    assert 'id="f-numbers-error"' in wrong.text
    assert "&lt;b&gt;12 has to look like +33199001234" in wrong.text
    assert "0199007777 may be given once" in text_of(wrong)
    assert 'id="f-label-error"' in send(pages, path, {"numbers": "0199007777", "label": "x" * 101}).text
    assert send(pages, path, {"numbers": "0199001234", "label": ""}).status_code == 422
    assert send(pages, path, {"numbers": "0199007777, 0199007778", "label": "Shop"}).status_code == 303
    one = "/operator/numbers/+33199007777"
    fields = {"label": "Till", "state": "active", "forwarding_enabled": "yes", "account": "acc_1"}
    assert 'id="f-account-error"' in send(pages, one, fields | {"account": "acc_9"}).text
    assert send(pages, one, fields | {"state": "inactive"}).status_code == 303
    assert pages.get("/v2/admin/numbers/+33199007777", key=OPERATOR_KEY).json()["state"] == "inactive"
    assert send(pages, one, fields | {"account": "acc_2"}).status_code == 303
    assert pages.get("/v2/admin/numbers/+33199007777", key=OPERATOR_KEY).json()["account"] == "acc_2"
    assert pages.submit(one + "/remove", {"version": "old"}, page="/keys").status_code == 422
    assert send(pages, one + "/remove", {}).status_code == 303
    assert pages.visit(one).status_code == 404


def test_limits_and_destinations_are_set(pages: Pages) -> None:
    limits = "/operator/accounts/acc_1/limits"
    wrong = send(pages, limits, {"account/calls": "many", "number/spend_per_day": "-1"})
    assert 'id="f-account-calls-error"' in wrong.text
    assert 'id="f-number-spend-per-day-error"' in wrong.text
    assert send(pages, limits, {"account/spend_per_day": "1,000"}).status_code == 422
    assert send(pages, limits, {"account/calls": "10", "account/spend_per_day": "25,50"}).status_code == 303
    policy = "/operator/accounts/acc_1/policy"
    wrong = send(pages, policy, {"countries_of": "these", "countries": "FR XX", "allowed_prefixes": "<b>"})
    assert 'id="f-countries-error"' in wrong.text
    assert 'id="f-allowed-prefixes-error"' in wrong.text
    assert "<b>" not in wrong.text
    both = {"countries_of": "own", "allowed_prefixes": "+3389", "refused_prefixes": "+3389"}
    wrong = send(pages, policy, both)
    assert (wrong.status_code, 'id="f-refused-prefixes-error"' in wrong.text) == (422, True)
    fields = {"countries_of": "these", "countries": "fr, be", "refused_types": ["pager"], "allowed_prefixes": "+33800"}
    assert send(pages, policy, fields).status_code == 303
    shown = text_of(pages.visit("/operator/accounts/acc_1", language="fr"))
    for said in ("Appels simultanés 10", "0 sur 25.5", "Belgique, France", "messageurs", "+33800"):
        assert said in shown


def test_the_table_of_rates_is_replaced_whole(pages: Pages) -> None:
    def upload(content: bytes) -> Any:
        fields = {"csrf": pages.csrf("/keys")}
        return pages.visit("/operator/rates", method="POST", data=fields, files={"file": ("rates.csv", content)})

    assert "is required" in text_of(upload(b""))
    wrong = upload(b"prefix,price,currency\n33,0.0125,EUR\n<b>,1,EUR\n")
    assert "line 3:" in text_of(wrong)
    assert "<b>" not in wrong.text
    assert "No rates yet" in text_of(pages.visit("/operator/rates"))
    assert upload(b"prefix,price,currency\n33,0.0125,EUR\n").status_code == 303
    assert "+33 0.0125 EUR" in text_of(pages.visit("/operator/rates", params={"to": "+33199001234"}))
    assert "No rate for it" in text_of(pages.visit("/operator/rates", params={"to": "+441212345678"}))


def test_mails_that_are_kept_are_shown_and_taken_out(pages: Pages) -> None:
    listed = pages.visit("/operator/mails")
    assert "A <b>message</b>" in text_of(listed) or "A &lt;b&gt;message" in listed.text
    assert "<b>message" not in listed.text
    shown = pages.visit("/operator/mails/kept/m1")
    assert "<script>\n</pre>" not in shown.text
    assert "Hello &lt;script&gt;" in shown.text
    file = pages.visit("/operator/mails/kept/m1/file")
    assert (file.content, file.headers["content-type"]) == (MAIL, "message/rfc822")
    assert "attachment" in file.headers["content-disposition"]
    assert pages.visit("/operator/mails/kept/m2").status_code == 404
    assert send(pages, "/operator/mails/again", {"message": "nothing"}).status_code == 404


def test_a_form_that_was_opened_for_one_account_is_not_carried_out_for_another(pages: Pages) -> None:
    send(pages, "/operator/act", {"account": "acc_1"})
    keys, webhooks = pages.csrf("/keys"), pages.csrf("/webhooks/new")
    send(pages, "/operator/act", {"account": "acc_2"})
    for path, csrf in (("/keys", keys), ("/webhooks/new", webhooks)):
        url = {"url": "https://example.com/wrong", "types_of": "all", "scope_of": "all", "label": "wrong"}
        answer = pages.visit(path, method="POST", data=url | {"csrf": csrf})
        assert answer.status_code == 412
        assert "You act for other now" in text_of(answer)
    for path in ("/keys", "/webhooks"):
        assert "wrong" not in text_of(pages.visit(path))
    # What names its account by itself, and what is of the session, goes on.
    assert pages.visit("/choices", method="POST", data={"csrf": keys}).status_code == 303
    assert pages.visit("/operator/act", method="POST", data={"csrf": keys, "account": "acc_1"}).status_code == 303
    assert pages.visit("/keys", method="POST", data={"csrf": keys, "scope_of": "all"}).status_code == 303
    send(pages, "/operator/act", {})
    answer = pages.visit("/keys", method="POST", data={"csrf": keys})
    assert "You act for no account now" in text_of(answer)


def test_forms_without_their_token_change_nothing(pages: Pages) -> None:
    for path in ("/operator/accounts", "/operator/act", "/operator/accounts/acc_1/close", "/operator/rates"):
        assert pages.visit(path, method="POST", data={"csrf": "x"}).status_code == 403
    assert pages.get("/v2/admin/accounts/acc_1", key=OPERATOR_KEY).json()["state"] == "open"


def test_a_key_of_an_operator_without_the_scope_gets_to_none() -> None:
    found = Pages(None)
    found.sign_in(found.add_key(ApiKey("op_0f0f0f0f0f0f", "p" * 43), "numbers:read"))
    assert found.visit("/operator").status_code == 403


def test_a_number_whose_rule_cannot_be_read_is_shown_as_such_and_removed(pages: Pages) -> None:
    pages.write(lambda writer: writer.make_unreadable(NUMBER, Unreadable.DAMAGED))
    for path in ("/operator/accounts/acc_1", "/operator/accounts/acc_1/numbers"):
        assert "Unreadable" in text_of(pages.visit(path))
    shown = pages.visit(f"/operator/numbers/{NUMBER}")
    assert "until the operator removes the number and adds it again" in text_of(shown)
    # A form that could not be saved is not offered.
    assert "<form" not in shown.text.partition("<main")[2]
    asked = f"/operator/numbers/{NUMBER}/remove"
    assert pages.submit(asked, {}, page=asked).status_code == 303
    assert str(NUMBER) not in pages.visit("/operator/accounts/acc_1/numbers").text


@pytest.mark.parametrize("what", ["policy", "limits"])
def test_a_policy_that_cannot_be_read_is_shown_as_such_and_another_one_is_saved(pages: Pages, what: str) -> None:
    pages.write(lambda writer: writer.make_policy_unreadable(1, Unreadable.DAMAGED))
    for path in ("/operator", "/operator/accounts", "/operator/accounts/acc_1"):
        assert pages.visit(path).status_code == 200
    assert "That of acc_1: it is damaged" in text_of(pages.visit("/operator/accounts/acc_1"))
    path = f"/operator/accounts/acc_1/{what}"
    shown = pages.visit(path)
    assert "What you save here takes its place" in text_of(shown)
    sent = {"countries_of": "own", "refused_types": "pager"} if what == "policy" else {"account/calls": "3"}
    assert pages.submit(path, sent, page=path).status_code == 303
    assert "damaged" not in pages.visit("/operator/accounts/acc_1").text


def test_no_form_writes_over_a_newer_policy(pages: Pages) -> None:
    pages.write(lambda writer: writer.make_policy_unreadable(1, Unreadable.NEWER))
    for what in ("policy", "limits"):
        shown = pages.visit(f"/operator/accounts/acc_1/{what}")
        assert "a newer renvoi wrote it" in text_of(shown)
        assert "<form" not in shown.text.partition("<main")[2]


def test_the_highest_value_reaches_the_top_and_none_the_bottom() -> None:
    assert points([0, 5, 10]) == [(0.0, 24.0), (50.0, 13.0), (100.0, 2.0)]


def test_where_nothing_happened_the_line_lies_at_the_bottom() -> None:
    assert {y for _, y in points([0] * 24)} == {24.0}
    assert points([]) == []
    assert points([7]) == [(0.0, 2.0)]


def test_failures_have_a_colour_of_their_own() -> None:
    assert 'class="spark bad"' in sparkline([1, 2], is_bad=True)
    assert 'd="M0,13 100,2"' in sparkline([1, 2])
