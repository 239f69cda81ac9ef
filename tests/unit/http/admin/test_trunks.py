"""`/v2/admin/trunks`: all options that the command line has, and passwords that are only written."""

from dataclasses import fields
from typing import Any

import pytest

from renvoi.cli.trunk_options import KINDS
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.http.v2.admin.trunk_models import InboundIn, InboundOut, OutboundIn, OutboundOut
from tests.support.trunk_control import FakeTrunkControl
from tests.support.v2_api import OPERATOR_KEY, V2Api, pointers, problem

PASSWORD = "correct horse battery"


class Admin(V2Api):
    """An operator, and the node behind the API."""

    def __init__(self) -> None:
        self.node = FakeTrunkControl()
        super().__init__(trunks=self.node)
        self.add_key(OPERATOR_KEY, "operator")

    def trunks(self, method: str, path: str = "", body: Any = None, **words: Any) -> Any:
        if body is not None:
            words["json"] = body
        return self.send(method, f"/v2/admin/trunks{path}", key=OPERATOR_KEY, **words)

    def carrier(self) -> Any:
        outbound = {"uri": "sip:sip.example.com", "user": "us", "password": PASSWORD, "register": True}
        inbound = {"networks": ["192.0.2.0/24", "2001:db8::/32"], "inbound_user": "them", "password": "12345678"}
        return self.trunks("POST", "", {"name": "carrier", "inbound": inbound, "outbound": outbound})


@pytest.fixture
def api() -> Admin:
    return Admin()


def test_every_option_of_a_trunk_is_there_in_both_directions() -> None:
    for kind, asked, shown in ((InboundTrunk, InboundIn, InboundOut), (OutboundTrunk, OutboundIn, OutboundOut)):
        options = {{"from_": "from"}.get(each.name, each.name) for each in fields(kind)} - {"name", "region"}
        written = set(asked.model_json_schema(by_alias=True)["properties"])
        assert written - {"password", "client_key"} == options
        assert set(shown.model_json_schema(by_alias=True)["properties"]) == options
    of_commands = {{"from_": "from"}.get(name, name) for each in KINDS.values() for name in each.__annotations__}
    everywhere = set(InboundIn.model_json_schema()["properties"]) | set(OutboundIn.model_json_schema()["properties"])
    assert of_commands <= everywhere


def test_a_trunk_is_added_read_changed_and_removed(api: Admin) -> None:
    made = api.carrier()
    assert made.status_code == 201, made.text
    trunk = made.json()
    assert made.headers["location"] == "/v2/admin/trunks/carrier"
    assert trunk["inbound"]["networks"] == ["192.0.2.0/24", "2001:db8::/32"]
    assert (trunk["outbound"]["uri"], trunk["outbound"]["register"], trunk["outbound"]["from"]) == (
        "sip:sip.example.com",
        True,
        None,
    )
    assert PASSWORD not in made.text
    assert "password" not in made.text
    secrets = api.read(lambda reader: reader.secrets())
    assert api.node.sealer.open("trunk/carrier/outbound", secrets["trunk/carrier/outbound"]) == PASSWORD
    assert set(secrets) == {"trunk/carrier/inbound", "trunk/carrier/outbound"}
    read = api.trunks("GET", "/carrier")
    assert read.json() == trunk | {"state": "up", "text": "sip:192.0.2.1 up"}
    # What the node says of it now is shown too; either tag is of the version that was made.
    assert read.headers["etag"] != made.headers["etag"]
    for tag in (read.headers["etag"], made.headers["etag"]):
        same = api.trunks("PATCH", "/carrier", {"region": trunk["region"]}, headers={"If-Match": tag})
        assert same.headers["etag"] == made.headers["etag"]
    problem(api.trunks("DELETE", "/carrier", headers={"If-Match": '"x"'}), 412, "precondition_failed")
    (listed,) = api.trunks("GET").json()["data"]
    assert listed == read.json()
    stale = api.trunks("PATCH", "/carrier", {"outbound": {"priority": 1}}, headers={"If-Match": '"x"'})
    problem(stale, 412, "precondition_failed")
    changed = api.trunks(
        "PATCH", "/carrier", {"outbound": {"priority": 70, "from": "account", "account": "+33199001234"}}
    )
    assert changed.json()["outbound"] == trunk["outbound"] | {
        "priority": 70,
        "from": "account",
        "account": "+33199001234",
    }
    assert changed.json()["inbound"] == trunk["inbound"]
    assert api.read(lambda reader: reader.secrets()) == secrets
    assert api.trunks("DELETE", "/carrier").status_code == 204
    assert api.read(lambda reader: reader.secrets()) == {}
    for method, path in (("GET", "/carrier"), ("DELETE", "/carrier"), ("POST", "/carrier/test")):
        problem(api.trunks(method, path), 404, "trunk_unknown")


def test_a_side_is_added_and_a_password_replaced(api: Admin) -> None:
    api.trunks("POST", "", {"name": "carrier", "inbound": {"networks": ["192.0.2.1"]}})
    both = api.trunks("PATCH", "/carrier", {"outbound": {"uri": "sip:192.0.2.1", "user": "us", "password": "one"}})
    assert both.json()["outbound"]["uri"] == "sip:192.0.2.1"
    assert both.json()["inbound"]["networks"] == ["192.0.2.1/32"]
    api.trunks("PATCH", "/carrier", {"outbound": {"password": "two"}})
    name = "trunk/carrier/outbound"
    assert api.node.sealer.open(name, api.read(lambda reader: reader.secrets())[name]) == "two"
    api.trunks("PATCH", "/carrier", {"outbound": {"user": ""}})
    assert api.read(lambda reader: reader.secrets()) == {}


def test_presets_stand_behind_what_is_given(api: Admin) -> None:
    presets = api.send("GET", "/v2/admin/trunk-presets", key=OPERATOR_KEY).json()["data"]
    assert {"telnyx", "twilio"} <= {each["name"] for each in presets}
    made = api.trunks("POST", "", {"name": "t", "preset": "telnyx", "outbound": {"uri": "sip:sip.telnyx.com"}})
    assert made.json()["outbound"]["diversion_headers"] == "diversion"
    problem(
        api.trunks("POST", "", {"name": "u", "preset": "nobody", "outbound": {"uri": "sip:a.example"}}),
        422,
        "fields_invalid",
    )


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"name": "carrier"}, {"/inbound": "missing", "/outbound": "missing"}),
        ({"name": "C", "outbound": {"uri": 5}}, {"/name": "refused", "/outbound/uri": "wrong_type"}),
        ({"name": "c", "outbound": {"uri": "http://x"}}, {"/outbound/uri": "refused"}),
        ({"name": "c", "outbound": {"uri": "sip:a.example", "priority": True}}, {"/outbound/priority": "wrong_type"}),
        ({"name": "c", "outbound": {"uri": "sip:a.example", "from_": "account"}}, {"/outbound/from_": "unknown_field"}),
        ({"name": "c", "inbound": {"networks": ["1.2.3.4/8"]}}, {"/inbound/networks/0": "refused"}),
        (
            {"name": "c", "inbound": {"networks": ["192.0.2.1"], "password": "short"}},
            {"/inbound/password": "too_short"},
        ),
        (
            {"name": "c", "region": "XX", "inbound": {"nat": "yes"}},
            {"/region": "region_unknown", "/inbound/nat": "wrong_type"},
        ),
    ],
)
def test_wrong_options_are_named(api: Admin, body: Any, wrong: dict[str, str]) -> None:
    assert pointers(problem(api.trunks("POST", "", body), 422, "fields_invalid")) == wrong
    assert api.trunks("GET").json()["data"] == []


_RANGES = {"uri": "http://x", "priority": -1, "weight": -3, "max_calls": -5, "max_rate": -1, "expires": 0}
_TEXTS = {"strip": "abc", "prefix": "x", "host": "a b", "account": " ", "realm": '"', "user": "a b", "registrar": "x"}
_TOGETHER = {"uri": "sip:a.example", "register": True, "from": "account", "registrar": "sip:a.example;transport=tls"}


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"name": "q1", "outbound": _RANGES}, {f"/outbound/{name}" for name in _RANGES}),
        (
            {
                "name": "Q 1",
                "region": "XX",
                "outbound": {**_TEXTS, "uri": "sip:a.example", "from": "junk", "relay": 1, "contact_user": "a b"},
                "inbound": {"networks": ["a", "192.0.2.1", "b"], "inbound_user": "a b", "certificate": " "},
            },
            {f"/outbound/{name}" for name in (*_TEXTS, "from", "relay", "contact_user")}
            | {f"/inbound/{name}" for name in ("networks/0", "networks/2", "inbound_user", "certificate")}
            | {"/name", "/region"},
        ),
        # What does not go together is told when each is right by itself, of both sides at once.
        (
            {"name": "q1", "outbound": _TOGETHER | {"registrar": ""}, "inbound": {"certificate": "a.example"}},
            {"/outbound/user", "/outbound/account", "/inbound/ca"},
        ),
        ({"name": "q1", "outbound": _TOGETHER}, {"/outbound/registrar"}),
        (
            {"name": "q1", "outbound": {"fallback": "junk", "fallback_codes": "486,486,1"}},
            {
                "/outbound/uri",
                "/outbound/fallback",
                "/outbound/fallback_codes",
            },
        ),
    ],
)
def test_all_that_is_wrong_is_told_at_once(api: Admin, body: Any, wrong: set[str]) -> None:
    found = problem(api.trunks("POST", "", body), 422, "fields_invalid")["errors"]
    assert {each["pointer"] for each in found} == wrong
    french = api.trunks("POST", "", body, headers={"Accept-Language": "fr"}).json()["errors"]
    assert [each["pointer"] for each in french] == [each["pointer"] for each in found]
    assert all(one["detail"] != other["detail"] for one, other in zip(found, french, strict=True))
    api.trunks("POST", "", {"name": "q1", "inbound": {"networks": ["192.0.2.1"]}, "outbound": {"uri": "sip:b.example"}})
    changes = {name: each for name, each in body.items() if name != "name"}
    changed = problem(api.trunks("PATCH", "/q1", changes), 422, "fields_invalid")["errors"]
    assert {each["pointer"] for each in changed} == wrong - {"/name"} - (
        {"/outbound/uri"} - {f"/outbound/{name}" for name in body["outbound"]}
    )


def test_a_certificate_may_have_more_around_it(api: Admin) -> None:
    """The supervisor takes it off, so it is not refused before."""
    body = {"name": "q1", "outbound": {"uri": "sip:a.example;transport=tls", "ca": "words before a certificate"}}
    api.trunks("POST", "", body)
    assert len(api.node.asked) == 1


def test_what_the_trunks_contradict_is_told(api: Admin) -> None:
    api.carrier()
    problem(api.carrier(), 409, "not_possible")
    no_password = api.trunks("POST", "", {"name": "b", "outbound": {"uri": "sip:a.example", "user": "us"}})
    assert "has no password" in problem(no_password, 409, "not_possible")["detail"]


def test_without_the_supervisor_no_secret_is_taken(api: Admin) -> None:
    api.node.away = "no supervisor runs"
    problem(api.carrier(), 503, "unavailable")
    assert api.trunks("POST", "", {"name": "c", "outbound": {"uri": "sip:a.example"}}).status_code == 201
    assert "no supervisor runs" in problem(api.trunks("POST", "/c/test"), 409, "not_possible")["detail"]
    assert api.trunks("GET", "/c").json()["state"] is None
    api.node.away, api.node.refused = "", "the certificate has no key"
    found = problem(api.carrier(), 422, "fields_invalid")
    assert found["errors"][0]["detail"] == "the certificate has no key"


def test_a_trunk_is_tried_by_the_node(api: Admin) -> None:
    api.carrier()
    came = api.trunks("POST", "/carrier/test").json()
    assert (came["ok"], came["text"], came["findings"][0]["name"]) == (True, "200 OK", "address")
    api.trunks("POST", "", {"name": "in", "inbound": {"networks": ["192.0.2.9"]}})
    assert "is an inbound trunk" in problem(api.trunks("POST", "/in/test"), 409, "not_possible")["detail"]
    few = V2Api()
    problem(few.send("POST", "/v2/admin/trunks/carrier/test"), 403, "scope_missing")
