"""The operator's pages of trunks: every option has a field, secrets are never shown, and the node is asked."""

import re
from dataclasses import fields
from html import unescape

import pytest

from renvoi.domain.rules.rule import Unreadable
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.http.dashboard.operator.trunk_forms import OPTIONS
from tests.support.dashboard_api import Pages, text_of
from tests.support.trunk_control import FakeTrunkControl
from tests.support.v2_api import OPERATOR_KEY
from tests.unit.http.dashboard.test_operator_pages import send

PASSWORD = "correct horse"
GOOD = {
    "name": "carrier",
    "region": "FR",
    "has_inbound": "yes",
    "inbound/networks": "192.0.2.0/24\r\n2001:db8::/32",
    "inbound/called_number": "to",
    "inbound/identity": "pass",
    "has_outbound": "yes",
    "outbound/uri": "sip:sip.example.com",
    "outbound/priority": "60",
    "outbound/number_format": "plain",
    "outbound/header_format": "e164",
    "outbound/diversion_headers": "both",
    "outbound/caller_id": "passthrough",
    "outbound/sign": "off",
    "outbound/diversion_depth": "all",
    "outbound/auth_cseq": "same",
    "outbound/probe": "down",
    "outbound/redirects": "refuse",
    "outbound/from": "number",
    "outbound/fallback_codes": "403",
    "outbound/expires": "600",
    "outbound/user": "33199001234",
    "outbound/password": PASSWORD,
    "outbound/register": "yes",
}
KEPT = {name: value for name, value in GOOD.items() if name != "outbound/password"}


@pytest.fixture
def control() -> FakeTrunkControl:
    return FakeTrunkControl()


@pytest.fixture
def pages(control: FakeTrunkControl) -> Pages:
    found = Pages(None, trunks=control)
    found.sign_in(found.add_key(OPERATOR_KEY))
    return found


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_trunk_that_cannot_be_read_is_listed_and_removed(pages: Pages, language: str) -> None:
    for name in ("broken", "whole"):
        pages.write(lambda writer, name=name: writer.add_trunk(OutboundTrunk(name, "sip:192.0.2.9", region="FR")))
    pages.write(lambda writer: writer.make_trunk_unreadable("broken", Unreadable.DAMAGED))
    for path in ("/operator/trunks", "/operator", "/start"):
        assert pages.visit(path, language=language).status_code == 200
    listed = pages.visit("/operator/trunks", language=language)
    assert {"en": "remove it", "fr": "supprimez-le"}[language] in text_of(listed)
    assert "/operator/trunk/whole" in listed.text
    # What needs it says so, and no more than that.
    refused = pages.visit("/operator/trunk/broken", language=language)
    assert (refused.status_code, "broken" in text_of(refused)) == (409, True)
    asked = "/operator/trunk/broken/remove"
    assert asked in listed.text
    assert pages.submit(asked, {}, page=asked).status_code == 303
    assert "broken" not in pages.visit("/operator/trunks").text


def test_every_option_has_a_field() -> None:
    for kind, of in (("inbound", InboundTrunk), ("outbound", OutboundTrunk)):
        names = {each.name.rstrip("_") for each in fields(of)} - {"name", "region"}
        assert names <= {option.name for option in OPTIONS[kind]}


def test_a_trunk_is_added_with_its_password_and_shown_without(pages: Pages, control: FakeTrunkControl) -> None:
    added = send(pages, "/operator/trunks/new", GOOD)
    assert added.headers["location"] == "/operator/trunk/carrier"
    assert control.asked[0][2] == {"outbound": PASSWORD}
    body = pages.get("/v2/admin/trunks/carrier", key=OPERATOR_KEY).json()
    assert body["inbound"]["networks"] == ["192.0.2.0/24", "2001:db8::/32"]
    assert body["inbound"]["called_number"] == "to"
    sides = body["outbound"]
    assert (sides["priority"], sides["number_format"], sides["from"], sides["pai"]) == (60, "plain", "number", None)
    assert sides["register"] is True
    shown = pages.visit("/operator/trunk/carrier")
    assert PASSWORD not in shown.text
    assert "up" in text_of(shown)


def test_what_is_not_changed_stays(pages: Pages, control: FakeTrunkControl) -> None:
    send(pages, "/operator/trunks/new", GOOD)
    before = pages.get("/v2/admin/trunks/carrier", key=OPERATOR_KEY).json()
    assert send(pages, "/operator/trunk/carrier", KEPT).status_code == 303
    assert pages.get("/v2/admin/trunks/carrier", key=OPERATOR_KEY).json() == before
    assert len(control.asked) == 1
    late = pages.submit("/operator/trunk/carrier", KEPT | {"version": "old"}, page="/keys")
    assert "Somebody changed it meanwhile" in text_of(late)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_wrong_stands_beside_the_fields(pages: Pages, language: str) -> None:
    answer = send(pages, "/operator/trunks/new", GOOD | {"name": "<b>", "outbound/priority": "high"}, language=language)
    assert answer.status_code == 422
    assert 'id="f-name-error"' in answer.text
    assert 'id="f-outbound-priority-error"' in answer.text
    assert "<b>" not in answer.text
    assert PASSWORD not in answer.text
    together = send(pages, "/operator/trunks/new", GOOD | {"outbound/uri": "nonsense<i>"})
    assert "is not a trunk address" in text_of(together)
    assert "nonsense<i>" not in together.text


def test_without_a_side_or_a_supervisor_nothing_is_saved(pages: Pages, control: FakeTrunkControl) -> None:
    none = send(pages, "/operator/trunks/new", {"name": "carrier", "region": "FR"})
    assert none.status_code == 422
    control.away = "no supervisor runs"
    assert "The node could not be asked" in text_of(send(pages, "/operator/trunks/new", GOOD))
    assert pages.visit("/operator/trunk/carrier").status_code == 404


def test_a_preset_fills_in_what_a_carrier_wants(pages: Pages) -> None:
    shown = pages.visit("/operator/trunks/new?preset=ovh")
    assert 'value="1800"' in shown.text
    assert "The options that ovh wants" in text_of(shown)
    assert 'value="600"' in pages.visit("/operator/trunks/new?preset=<b>").text


def test_a_trunk_is_tested_and_removed(pages: Pages, control: FakeTrunkControl) -> None:
    send(pages, "/operator/trunks/new", GOOD)
    tested = send(pages, "/operator/trunk/carrier/test", {})
    assert "192.0.2.1:5060 (UDP)" in text_of(tested)
    control.away = "no supervisor runs"
    assert "no supervisor runs" in text_of(send(pages, "/operator/trunk/carrier/test", {}))
    assert "data-confirm-body" in pages.visit("/operator/trunk/carrier/remove").text
    assert send(pages, "/operator/trunk/carrier/remove", {}).headers["location"] == "/operator/trunks"
    assert "No trunk yet" in text_of(pages.visit("/operator/trunks"))


def test_what_is_wrong_with_a_side_stands_in_it(pages: Pages) -> None:
    answer = send(pages, "/operator/trunks/new", GOOD | {"outbound/uri": "sip:<script>@x"})
    assert answer.status_code == 422
    _, inbound, outbound = answer.text.partition("<form method")[2].split('<section class="card">')[1:]
    assert 'class="error"' in outbound
    assert 'class="error"' not in inbound


@pytest.mark.parametrize(
    ("language", "said"), [("en", "there is a trunk 'carrier' already"), ("fr", "il y a déjà un trunk 'carrier'")]
)
def test_what_the_trunks_contradict_is_said_in_the_language_of_the_page(pages: Pages, language: str, said: str) -> None:
    send(pages, "/operator/trunks/new", GOOD)
    answer = send(pages, "/operator/trunks/new", GOOD, language=language)
    assert answer.status_code in (409, 422)
    assert said in text_of(answer)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("registration", "does not hold", "ask", "sip:192.0.2.1 up")),
        ("fr", ("enregistrement", "n’est pas en vigueur", "demandez", "sip:192.0.2.1 joignable")),
    ],
)
def test_what_a_test_finds_is_said_in_the_language_of_the_page(
    pages: Pages, language: str, said: tuple[str, ...]
) -> None:
    send(pages, "/operator/trunks/new", GOOD)
    tested = send(pages, "/operator/trunk/carrier/test", {}, language=language)
    for each in said:
        assert each in text_of(tested)
    assert f'<li lang="{language}"' in tested.text


@pytest.mark.parametrize(
    ("field", "value", "language", "said"),
    [
        ("outbound/uri", "nonsense", "fr", "n’est pas une adresse de trunk"),
        ("outbound/uri", "nonsense", "en", "is not a trunk address"),
        ("outbound/weight", "101", "fr", "est hors limites"),
        ("outbound/host", "a b", "en", "is not a host"),
        ("inbound/networks", "1.2.3.4/8", "fr", "n’est pas un réseau"),
        ("inbound/certificate", "a.example", "fr", "on ne sait qui signe le certificat"),
        ("outbound/prefix", "abc", "fr", "ne se compose pas"),
        ("outbound/fallback_codes", "486", "fr", "ne refuse aucun appelant"),
        ("outbound/fallback", "nobody", "fr", "n’est pas compris"),
        ("outbound/registrar", "x", "fr", "n’est pas un registrar"),
    ],
)
def test_what_a_trunk_cannot_be_stands_beside_its_field(
    pages: Pages, field: str, value: str, language: str, said: str
) -> None:
    answer = send(pages, "/operator/trunks/new", GOOD | {field: value}, language=language)
    assert answer.status_code == 422
    beside = {"inbound/certificate": "inbound/ca"}.get(field, field)
    name = beside.replace("/", "-").replace("_", "-")
    found = re.search(rf'<p class="error" id="f-{name}-error">([^<]*)</p>', answer.text)
    assert found is not None, text_of(answer)
    assert said in unescape(found[1])


def test_a_new_trunk_has_no_side_until_one_is_chosen(pages: Pages) -> None:
    ticked = re.compile(r'name="has_(inbound|outbound)" value="yes" checked')
    assert ticked.findall(pages.visit("/operator/trunks/new").text) == []
    # A preset is of a carrier that calls are sent to.
    assert ticked.findall(pages.visit("/operator/trunks/new?preset=ovh").text) == ["outbound"]
    none = send(pages, "/operator/trunks/new", {"name": "carrier", "region": "FR"})
    assert none.status_code == 422
    assert ticked.findall(none.text) == []


@pytest.mark.parametrize(
    ("field", "value", "label"),
    [
        ("outbound/uri", "sip:sip.example.com", ("SIP address", "Adresse SIP")),
        ("outbound/password", PASSWORD, ("Our password", "Notre mot de passe")),
        ("outbound/priority", "60", ("Priority, 0 to 100", "Priorité, de 0 à 100")),
        ("outbound/register", "yes", ("", "")),
        ("inbound/networks", "192.0.2.0/24", ("Addresses", "Adresses")),
        ("inbound/ca", "x", ("", "")),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_side_that_is_filled_in_and_not_ticked_is_asked_about(
    pages: Pages, control: FakeTrunkControl, field: str, value: str, label: tuple[str, str], language: str
) -> None:
    kind = field.partition("/")[0]
    other = {"inbound": "outbound", "outbound": "inbound"}[kind]
    good = {name: each for name, each in GOOD.items() if not name.startswith(kind) and name != f"has_{kind}"}
    untouched = {"outbound/expires": "600", "outbound/priority": "50", "inbound/identity": "pass"}
    untouched = {name: each for name, each in untouched.items() if name.startswith(kind)}
    answer = send(pages, "/operator/trunks/new", good | untouched | {field: value}, language=language)
    assert answer.status_code == 422
    beside = re.search(rf'<p class="error" id="f-has-{kind}-error">([^<]*)</p>', answer.text)
    assert beside is not None
    assert ("tick this, or take back", "cochez cette case, ou retirez")[language == "fr"] in unescape(beside[1])
    assert label[language == "fr"] in unescape(beside[1])
    assert re.search(f'<input [^>]*name="has_{kind}"[^>]* aria-describedby=" ?f-has-{kind}-error"', answer.text)
    if field != "outbound/password":
        assert value in answer.text
    assert control.asked == []
    # What nobody touched is not a side, and what is added to a trunk later is asked about as well.
    assert send(pages, "/operator/trunks/new", good | untouched).status_code == 303
    later = good | {f"has_{other}": "yes", field: value}
    changed = send(pages, "/operator/trunk/carrier", later)
    assert changed.status_code == 422
    assert f'id="f-has-{kind}-error"' in changed.text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_all_that_is_wrong_stands_beside_its_field_at_once(pages: Pages, language: str) -> None:
    wrong = {"outbound/uri": "http://x", "outbound/priority": "-1", "outbound/prefix": "x", "outbound/expires": "0"}
    answer = send(
        pages, "/operator/trunks/new", GOOD | wrong | {"name": "Q 1", "inbound/networks": "a, b"}, language=language
    )
    assert answer.status_code == 422
    for field in (*wrong, "name", "inbound/networks"):
        assert f'id="f-{field.replace("/", "-")}-error"' in answer.text, field
    (networks,) = re.findall(r'id="f-inbound-networks-error">([^<]*)', answer.text)
    assert all(f"'{each}'" in unescape(networks) for each in "ab")


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "it takes calls from 0.0.0.0/0 without"), ("fr", "il prend des appels de 0.0.0.0/0 sans")],
)
def test_a_trunk_that_is_open_to_strangers_is_warned_about(pages: Pages, language: str, said: str) -> None:
    assert send(pages, "/operator/trunks/new", GOOD | {"inbound/networks": "0.0.0.0/0"}).status_code == 303
    shown = text_of(pages.visit("/operator/trunk/carrier", language=language))
    assert said in shown
    assert "renvoi trunk set carrier --inbound" in shown
    assert send(pages, "/operator/trunk/carrier", KEPT).status_code == 303
    assert said not in text_of(pages.visit("/operator/trunk/carrier", language=language))
