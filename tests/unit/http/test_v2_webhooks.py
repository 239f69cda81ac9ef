"""`/v2/webhooks` and `/v2/events`: what programs see of them, what is refused, and who may."""

import json
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from renvoi.application.ports.webhook_changes import WebhookChange
from renvoi.application.webhooks.endpoints import UrlRules
from renvoi.application.webhooks.outcomes import disable
from renvoi.domain.access.api_key import ApiKey, KeyRecord
from renvoi.domain.events.event import Event, EventType
from renvoi.domain.events.signed_body import secret_bytes
from renvoi.domain.events.webhook import MAX_ENDPOINTS, DisabledReason, secret_of
from renvoi.domain.numbers.number import E164
from renvoi.http.deps import no_sealer
from tests.support.http_api import FOREIGN, FOREIGN_KEY, KEY, NUMBER, SECOND, START_MS, body
from tests.support.v2_api import OPERATOR_KEY, SEALER, V2Api, pointers, problem

HOOKS, EVENTS, CHANGES = "/v2/webhooks", "/v2/events", "/v2/webhook-changes"
URL = "https://example.com/hook"
LIMITED = ApiKey("0e0e0e0e0e0e", "l" * 43)


@pytest.fixture
def api() -> V2Api:
    return V2Api()


def create(api: V2Api, fields: Mapping[str, Any] | None = None, **keywords: Any) -> httpx.Response:
    """Ask for a webhook."""
    return api.send("POST", HOOKS, json={"url": URL} | dict(fields or {}), **keywords)


def made(api: V2Api, fields: Mapping[str, Any] | None = None, **keywords: Any) -> dict[str, Any]:
    """Make a webhook; return it with its secret."""
    response = create(api, fields, **keywords)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


def tell(api: V2Api, number: E164 | None, account_id: int = 1, kind: EventType = EventType.CALL_MISSED) -> None:
    """Tell an event."""
    api.write(lambda writer: writer.add_event(Event(kind, account_id, number, {}, START_MS)))


def test_a_webhook_is_made_read_changed_and_removed(api: V2Api) -> None:
    response = create(api, {"types": ["call.missed"], "numbers": [NUMBER.value], "description": "é"})
    shown = response.json()
    path = f"{HOOKS}/{shown['id']}"
    assert response.headers["location"] == path
    secret = shown.pop("secret")
    assert len(secret_bytes(secret)) == 32
    name = secret_of(shown["id"].removeprefix("wh_"))
    sealed = api.read(lambda reader: reader.secret(name))
    assert secret.encode() not in sealed
    assert SEALER.open(name, sealed) == secret
    got = api.get(path)
    assert got.json() == shown
    tag = got.headers["etag"]
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert api.get(HOOKS).json() == {"data": [shown], "next_cursor": None}
    changed = api.patch(path, {"types": ["*"], "numbers": []}, headers={"If-Match": tag})
    assert (changed.json()["types"], changed.json()["numbers"], changed.json()["url"]) == (["*"], [], URL)
    problem(api.patch(path, {"url": URL + "2"}, headers={"If-Match": tag}), 412, "precondition_failed")
    off = api.patch(path, {"enabled": False}).json()
    assert (off["enabled"], off["disabled_reason"]) == (False, "by_hand")
    on = api.patch(path, {"enabled": True}).json()
    assert (on["enabled"], on["disabled_reason"], on["disabled_at"]) == (True, None, None)
    assert api.send("DELETE", path).status_code == 204
    problem(api.get(path), 404, "webhook_unknown")
    assert api.read(lambda reader: reader.secrets()) == {}


def test_a_secret_is_rotated_and_shown_again_to_who_asks_again(api: V2Api) -> None:
    headers = {"Idempotency-Key": "once"}
    first = made(api, headers={"Idempotency-Key": "first"})
    assert made(api, headers={"Idempotency-Key": "first"}) == first
    path = f"{HOOKS}/{first['id']}"
    second = api.send("POST", f"{path}/rotate-secret", headers=headers)
    again = api.send("POST", f"{path}/rotate-secret", headers=headers)
    assert second.json() == again.json()
    assert second.json()["secret"] != first["secret"]
    assert second.json()["previous_secret_until"] == "2026-01-02T00:00:00.000Z"
    names = api.read(lambda reader: reader.secrets())
    found = {SEALER.open(name, sealed) for name, sealed in names.items()}
    assert found == {first["secret"], second.json()["secret"]}


def test_who_changed_which_webhook_is_kept_after_it_is_gone(api: V2Api) -> None:
    record = KeyRecord(LIMITED.id, 1, LIMITED.hash(), "FR", scopes=("webhooks:write",), numbers=frozenset({NUMBER}))
    api.write(lambda writer: writer.add_key(record))
    first, second = made(api), made(api, {"numbers": [NUMBER.value]}, key=LIMITED)
    path = f"{HOOKS}/{first['id']}"
    api.send("PATCH", path, json={"description": "CRM"})
    api.send("PATCH", path, json={"description": "CRM"})
    api.send("POST", f"{path}/rotate-secret")
    api.send("DELETE", path)
    answer = api.get(CHANGES)
    found = answer.json()["data"]
    assert [(each["webhook"], each["before"] is None, each["after"] is None, each["rotated"]) for each in found] == [
        (first["id"], False, True, False),
        (first["id"], False, False, True),
        (first["id"], False, False, False),
        (second["id"], True, False, False),
        (first["id"], True, False, False),
    ]
    choice = {name: first[name] for name in ("url", "types", "numbers", "description", "enabled")} | {
        "disabled_reason": None
    }
    assert found[2] == {
        "at": "2026-01-01T00:00:00.000Z",
        "webhook": first["id"],
        "account": "acc_1",
        "by": f"key_{KEY.id}",
        "address": "192.0.2.7",
        "rotated": False,
        "before": choice,
        "after": choice | {"description": "CRM"},
    }
    for secret in (first["secret"], second["secret"]):
        assert secret not in answer.text
    of_first = api.get(f"{CHANGES}?webhook={first['id']}&limit=3").json()
    rest = api.get(f"{CHANGES}?webhook={first['id']}&cursor={of_first['next_cursor']}").json()
    assert of_first["data"] + rest["data"] == [each for each in found if each["webhook"] == first["id"]]
    assert [each["webhook"] for each in api.get(CHANGES, key=LIMITED).json()["data"]] == [second["id"]]
    assert api.get(CHANGES, key=FOREIGN_KEY).json()["data"] == []
    problem(api.get(f"{CHANGES}?webhook=key_1"), 404, "webhook_unknown")
    problem(api.get(f"{CHANGES}?webhook=wh_019b76daa8000d0d0d0d0d0d"), 404, "webhook_unknown")
    # Who cannot see it is told the same.
    problem(api.get(f"{CHANGES}?webhook={first['id']}", key=FOREIGN_KEY), 404, "webhook_unknown")
    # One that is damaged has no numbers, so a key of some numbers is not shown whose it was.
    api.write(lambda writer: writer.add_webhook_change(WebhookChange(START_MS, "a1", 1, None, "-", None, None)))
    assert api.get(CHANGES).json()["data"][0]["webhook"] == "wh_a1"
    assert [each["webhook"] for each in api.get(CHANGES, key=LIMITED).json()["data"]] == [second["id"]]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://user:password@example.com/",
        "https://example.com/#x",
        "https://example.com:22/",
        "https://example.com:0/",
        "https://example.com:65536/",
        "https://127.0.0.1/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://017700000001/",
        "https://[::1]/",
        "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1%25eth0]/",
        "https://10.0.0.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest",
        "https://168.63.129.16/",
        "https://224.0.0.1/",
        "https://0.0.0.0/",
        "https://example.com\\@127.0.0.1/",
        "https://exa mple.com/",
        "https://-bad-.com/",
        "https:///path",
        "https://",
        "//example.com",
        "https://example.com/%zz",
        "https://example.com/é",
        "https://\u2024\u2024/",
        "https://127.0.0.1\u3002/",
        "https://" + "a" * 64 + ".com/",
        "https://example.com/" + "x" * 990,
    ],
)
def test_such_an_address_is_refused(api: V2Api, url: str) -> None:
    found = problem(create(api, {"url": url}), 422, "fields_invalid")
    assert pointers(found) in ({"/url": "url_refused"}, {"/url": "too_long"})
    french = create(api, {"url": url}, headers={"Accept-Language": "fr"}).json()
    assert french["errors"][0]["detail"] != found["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.com", "https://example.com/"),
        ("HTTPS://Example.COM:443/a?b=c", "https://example.com/a?b=c"),
        ("https://example.com:8443/a", "https://example.com:8443/a"),
        ("https://1.1.1.1/", "https://1.1.1.1/"),
        ("https://[2606:4700:4700::1111]/", "https://[2606:4700:4700::1111]/"),
        ("https://bücher.example/ä".replace("ä", "a"), "https://xn--bcher-kva.example/a"),
    ],
)
def test_such_an_address_is_taken(api: V2Api, url: str, kept: str) -> None:
    assert made(api, {"url": url})["url"] == kept


def test_the_operator_can_allow_more() -> None:
    api = V2Api(webhook_urls=UrlRules(allow_http=True, networks=(ip_network("10.1.0.0/16"),)))
    assert made(api, {"url": "http://10.1.2.3:8080/"})["url"] == "http://10.1.2.3:8080/"
    assert create(api, {"url": "http://10.2.2.3:8080/"}).status_code == 422


@pytest.mark.parametrize(
    ("language", "details"),
    [
        ("en", ["is empty: give a value", "needs at least 1", "may have at most 200 characters"]),
        ("fr", ["est vide : indiquez une valeur", "il en faut au moins 1", "peut avoir 200 caractères au plus"]),
    ],
)
def test_a_text_has_characters_and_a_list_has_elements(api: V2Api, language: str, details: list[str]) -> None:
    answer = create(api, {"url": "", "types": [], "description": "x" * 201}, headers={"Accept-Language": language})
    assert [each["detail"] for each in answer.json()["errors"]] == details


def test_the_characters_that_an_address_cannot_hold_are_named(api: V2Api) -> None:
    (error,) = create(api, {"url": "https://example.com/?a=<b>"}).json()["errors"]
    assert 'without spaces and any of " < > \\ ^ ` { | }; write these as %XX' in error["detail"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"types": []}, {"/types": "too_short"}),
        ({"types": ["*", "call.missed"]}, {"/types": "not_allowed"}),
        ({"types": ["call.missed"] * 2}, {"/types": "not_allowed"}),
        ({"types": ["webhook.test"]}, {"/types/0": "not_allowed"}),
        ({"types": ["call.*"]}, {"/types/0": "not_allowed"}),
        ({"types": "*"}, {"/types": "wrong_type"}),
        ({"numbers": ["12"]}, {"/numbers/0": "number_invalid"}),
        ({"numbers": [FOREIGN.value]}, {"/numbers": "number_unknown"}),
        ({"description": "a\nb"}, {"/description": "not_printable"}),
        ({"description": "x" * 201}, {"/description": "too_long"}),
        ({"enabled": 1}, {"/enabled": "wrong_type"}),
        ({"url": 5}, {"/url": "wrong_type"}),
        ({"url": None}, {"/url": "wrong_type"}),
        ({"url": "https://a\0b.com"}, None),
        ({"url": "https://\ud800.com"}, None),
        ({"secret": "whsec_x"}, {"/secret": "unknown_field"}),
    ],
)
def test_what_is_wrong_is_named(api: V2Api, fields: dict[str, Any], wrong: dict[str, str] | None) -> None:
    content = json.dumps({"url": URL} | fields).encode()
    response = api.send("POST", HOOKS, content=content, headers={"Content-Type": "application/json"})
    if wrong is None:
        assert response.status_code in (400, 422)
    else:
        assert pointers(problem(response, 422, "fields_invalid")) == wrong


def test_all_that_is_wrong_is_named_at_once(api: V2Api) -> None:
    fields = {"url": "http://127.0.0.1/", "types": ["*", "call.missed"], "numbers": [FOREIGN.value]}
    wrong = {"/url": "url_refused", "/types": "not_allowed", "/numbers": "number_unknown"}
    assert pointers(problem(create(api, fields), 422, "fields_invalid")) == wrong
    found = made(api)
    changed = api.patch(f"{HOOKS}/{found['id']}", fields)
    assert pointers(problem(changed, 422, "fields_invalid")) == wrong


def test_there_may_be_so_many(api: V2Api) -> None:
    for _ in range(MAX_ENDPOINTS):
        made(api)
    problem(create(api), 409, "too_many_webhooks")
    made(api, key=FOREIGN_KEY)
    page = api.get(f"{HOOKS}?limit=40").json()
    rest = api.get(f"{HOOKS}?limit=40&cursor={page['next_cursor']}").json()
    assert len({each["id"] for each in page["data"] + rest["data"]}) == MAX_ENDPOINTS


def test_a_key_of_some_numbers_has_webhooks_of_these(api: V2Api) -> None:
    record = KeyRecord(LIMITED.id, 1, LIMITED.hash(), "FR", scopes=("webhooks:write",), numbers=frozenset({SECOND}))
    api.write(lambda writer: writer.add_key(record))
    problem(create(api, key=LIMITED), 403, "key_limited")
    strange = create(api, {"numbers": [NUMBER.value]}, key=LIMITED)
    assert pointers(problem(strange, 422, "fields_invalid")) == {"/numbers": "number_unknown"}
    own = made(api, {"numbers": [SECOND.value]}, key=LIMITED)
    others = made(api), made(api, {"numbers": [SECOND.value, NUMBER.value]})
    assert [each["id"] for each in api.get(HOOKS, key=LIMITED).json()["data"]] == [own["id"]]
    assert len(api.get(HOOKS).json()["data"]) == 3
    for other in others:
        problem(api.get(f"{HOOKS}/{other['id']}", key=LIMITED), 404, "webhook_unknown")
    problem(api.patch(f"{HOOKS}/{own['id']}", {"numbers": []}, key=LIMITED), 403, "key_limited")
    for number in (NUMBER, SECOND, None):
        tell(api, number)
    assert [each["data"]["number"] for each in api.get(EVENTS, key=LIMITED).json()["data"]] == [SECOND.value]


def test_an_operator_has_webhooks_of_the_node_and_of_accounts(api: V2Api) -> None:
    api.add_key(OPERATOR_KEY)
    assert made(api, key=OPERATOR_KEY)["account"] is None
    response = api.send("POST", f"{HOOKS}?account=acc_2", json={"url": URL}, key=OPERATOR_KEY)
    assert response.json()["account"] == "acc_2"
    assert len(api.get(HOOKS, key=OPERATOR_KEY).json()["data"]) == 2
    assert api.get(HOOKS).json()["data"] == []
    tell(api, None, 0, EventType.TRUNK_DOWN)
    (found,) = api.get(EVENTS, key=OPERATOR_KEY).json()["data"]
    assert (found["type"], found["data"]) == ("trunk.down", {"account": None, "number": None, "seq": 1})


def test_a_test_and_another_delivery_are_queued(api: V2Api) -> None:
    path = f"{HOOKS}/{made(api)['id']}"
    tried = api.send("POST", f"{path}/test")
    assert (tried.status_code, tried.json()["type"], tried.json()["state"]) == (202, "webhook.test", "pending")
    again = api.send("POST", f"{path}/deliveries/{tried.json()['id']}/redeliver")
    assert (again.status_code, again.json()["event"]) == (202, tried.json()["event"])
    listed = api.get(f"{path}/deliveries?limit=1").json()
    assert [each["id"] for each in listed["data"]] == [again.json()["id"]]
    more = api.get(f"{path}/deliveries?limit=1&cursor={listed['next_cursor']}").json()
    assert more == {"data": [tried.json()], "next_cursor": None}
    assert api.get(f"{path}/deliveries?state=failed").json()["data"] == []
    problem(api.send("POST", f"{path}/deliveries/dlv_99/redeliver"), 404, "delivery_unknown")
    problem(api.send("POST", f"{path}/deliveries/x/redeliver"), 404, "delivery_unknown")
    other = made(api)["id"]
    problem(api.send("POST", f"{HOOKS}/{other}/deliveries/dlv_1/redeliver"), 404, "delivery_unknown")
    api.write(lambda writer: writer.remove_events(1, 100))
    problem(api.send("POST", f"{path}/deliveries/dlv_1/redeliver"), 409, "event_gone")
    assert api.get(f"{path}/deliveries").json()["data"][0]["event"] is None


def test_one_that_was_disabled_says_why(api: V2Api) -> None:
    shown = made(api)
    webhook = api.read(lambda reader: reader.webhook(shown["id"].removeprefix("wh_")))
    api.write(lambda writer: disable(writer, webhook, DisabledReason.GONE, START_MS))
    path = f"{HOOKS}/{shown['id']}"
    found = api.get(path).json()
    assert (found["enabled"], found["disabled_reason"]) == (False, "gone")
    api.patch(path, {"enabled": True})
    enabled, disabled, _ = api.get(CHANGES).json()["data"]
    assert (disabled["by"], disabled["address"]) == (None, "renvoi")
    assert (disabled["after"]["enabled"], disabled["after"]["disabled_reason"]) == (False, "gone")
    assert (enabled["by"], enabled["before"]["disabled_reason"]) == (f"key_{KEY.id}", "gone")
    assert (enabled["after"]["enabled"], enabled["after"]["disabled_reason"]) == (True, None)


def test_a_server_without_its_key_makes_none() -> None:
    api = V2Api(sealer_for=no_sealer)
    problem(create(api), 503, "unavailable")
    assert api.read(lambda reader: reader.webhooks()) == []


def test_events_are_listed_and_read_on(api: V2Api) -> None:
    assert api.get(EVENTS).json() == {"data": [], "next_cursor": "WzBd"}
    assert api.post(body()).status_code == 200
    for number in (NUMBER, SECOND, None):
        tell(api, number)
    tell(api, FOREIGN, 2)
    first = api.get(f"{EVENTS}?limit=2")
    assert 'rel="next"' in first.headers["link"]
    assert [each["type"] for each in first.json()["data"]] == ["forwarding.changed", "call.missed"]
    rest = api.get(f"{EVENTS}?cursor={first.json()['next_cursor']}")
    assert "link" not in rest.headers
    assert [each["data"]["number"] for each in rest.json()["data"]] == [SECOND.value, None]
    cursor = rest.json()["next_cursor"]
    assert api.get(f"{EVENTS}?cursor={cursor}").json() == {"data": [], "next_cursor": cursor}
    tell(api, NUMBER)
    (later,) = api.get(f"{EVENTS}?cursor={cursor}").json()["data"]
    assert later["data"]["seq"] == 3
    assert len(api.get(f"{EVENTS}?number=%2B33199001234").json()["data"]) == 3
    assert len(api.get(f"{EVENTS}?type=forwarding.changed&type=mail.failed").json()["data"]) == 1
    assert api.get(f"{EVENTS}?type=other").status_code == 422
    problem(api.get(f"{EVENTS}?cursor=WyJhIl0"), 400, "cursor_invalid")


@pytest.mark.parametrize("given", ["x", "evt_", "evt_0-1", "evt_1-" + "f" * 60, "evt_99999999999999999999-1"])
def test_a_stream_begins_behind_an_event_that_can_be(api: V2Api, given: str) -> None:
    response = api.get(EVENTS, headers={"Accept": "text/event-stream", "Last-Event-ID": given})
    assert pointers(problem(response, 400, "header_malformed")) == {"Last-Event-ID:": "bad_format"}


def test_keys_without_the_scope_have_neither(api: V2Api) -> None:
    record = KeyRecord(LIMITED.id, 1, LIMITED.hash(), "FR", scopes=("calls:read",))
    api.write(lambda writer: writer.add_key(record))
    for path in (HOOKS, EVENTS):
        problem(api.get(path, key=LIMITED), 403, "scope_missing")
    assert api.get(EVENTS, key=KEY).status_code == 200
