"""What the edge reads of an INVITE: the called number, the caller, and what cannot be read."""

import pytest

from renvoi.domain.numbers.number import E164
from renvoi.domain.trunks.choices import CalledNumberFrom
from renvoi.domain.trunks.trunk import InboundTrunk, parse_network
from renvoi.edge.router.invite_parser import KamailioMessage, Malformed
from tests.support.kamailio import FakeKsr

CARRIER = InboundTrunk("carrier", (parse_network("192.0.2.0/24"),))


@pytest.mark.parametrize(
    ("place", "values", "number", "text"),
    [
        ("request-uri", {}, "+33199001234", "+33199001234"),
        ("request-uri", {"ru": b"tel:+33-1-99-00-12-34;x=y"}, "+33199001234", "+33-1-99-00-12-34"),
        ("request-uri", {"ru": b"sip:edge@x", "hdr(P-Called-Party-ID)": b"<sip:0199001234@x>"}, "+33199001234", None),
        ("request-uri", {"ru": b"sip:edge@x", "tu": b"sip:0033199001234@x"}, "+33199001234", "0033199001234"),
        ("p-called-party-id", {"hdr(P-Called-Party-ID)": b'"\xff" <sip:+33140000009@x>'}, "+33140000009", None),
        ("p-called-party-id", {}, "+33199001234", "+33199001234"),
        ("to", {"tu": b"sip:+33140000009@x"}, "+33140000009", "+33140000009"),
        ("request-uri", {"ru": b"sip:edge@x", "tu": b"sip:x"}, None, "edge"),
    ],
)
def test_where_the_called_number_is_read(
    place: str, values: dict[str, bytes], number: str | None, text: str | None
) -> None:
    trunk = InboundTrunk("carrier", CARRIER.networks, called_number=CalledNumberFrom(place))
    facts = KamailioMessage(FakeKsr(**values)).facts(trunk)
    assert facts.call.called == (E164(number) if number else None)
    assert text is None or facts.called == text


@pytest.mark.parametrize(
    ("values", "caller"),
    [
        ({}, "+33140000001"),
        ({"hdr(From)": b"sip:0140000001@x"}, "+33140000001"),
        ({"hdr(From)": b"sip:anonymous@anonymous.invalid"}, "anonymous"),
        ({"hdr(P-Asserted-Identity)": b'"A" <sip:+33612345678@x>, <tel:+33612345678>'}, "+33612345678"),
        ({"hdr(From)": b"sip:\xe9t\xe9@x"}, "\ufffdt\ufffd"),
    ],
)
def test_who_calls(values: dict[str, bytes], caller: str) -> None:
    assert KamailioMessage(FakeKsr(**values)).facts(CARRIER).caller == caller


@pytest.mark.parametrize(
    ("values", "withheld"),
    [
        ({}, False),
        ({"hdr(Privacy)": b"none"}, False),
        ({"hdr(Privacy)": b"session;critical"}, False),
        ({"hdr(Privacy)": b" ID "}, True),
        ({"hdr(Privacy)": b"critical; user"}, True),
        ({"hdr(Privacy)": b"none,header"}, True),
        ({"hdr(From)": b"sip:Anonymous@x"}, True),
        ({"hdr(From)": b"sip:c8oqz84zk7z@ANONYMOUS.invalid"}, True),
        ({"hdr(From)": b"sip:anonymous@x", "hdr(P-Asserted-Identity)": b"<tel:+33612345678>"}, True),
    ],
)
def test_who_does_not_want_to_be_known(values: dict[str, bytes], withheld: bool) -> None:
    assert KamailioMessage(FakeKsr(**values)).facts(CARRIER).withheld is withheld


@pytest.mark.parametrize(
    "values", [{"ci": b""}, {"ru": b"sip:\xff@x"}, {"cs": b"x"}, {"cs": b"2147483648"}, {"cs": b"9" * 5000}]
)
def test_a_call_without_a_name_is_malformed(values: dict[str, bytes]) -> None:
    with pytest.raises(Malformed):
        KamailioMessage(FakeKsr(**values)).facts(CARRIER)
