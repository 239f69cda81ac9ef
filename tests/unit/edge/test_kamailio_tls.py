"""Where trunks are reached by TLS, and which of them are left out."""

from renvoi.domain.trunks.address import Destination
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.kamailio.tls import secure
from renvoi.edge.tls.profiles import Profile, profiles_of
from tests.support.tls import Authority

AUTHORITY = Authority("test").pem
HERE, THERE = Destination("192.0.2.1", 5061, "tls"), Destination("192.0.2.2", 5061, "tls")


def trunk(name: str, host: str, priority: int = 50, *, ca: str = "", client_cert: str = "") -> OutboundTrunk:
    return OutboundTrunk(name, f"sip:{host};transport=tls", priority, ca=ca, client_cert=client_cert)


def test_trunks_that_are_verified_alike_share_a_place() -> None:
    trunks = [trunk("a", "t.example"), trunk("b", "T.example", 40)]
    places, usable, troubles = secure(trunks, {"a": (HERE,), "b": (HERE, THERE)}, profiles_of(trunks, {}), "")
    assert {uri: place.trunk for uri, place in places.items()} == {HERE.uri: "a", THERE.uri: "b"}
    assert (usable, troubles) == ({"a": (HERE,), "b": (HERE, THERE)}, {})


def test_of_two_that_are_not_the_first_one_has_the_place() -> None:
    for other in (trunk("b", "other.example", 40), trunk("b", "t.example", 40, ca=AUTHORITY)):
        trunks = [other, trunk("a", "t.example")]
        places, usable, troubles = secure(trunks, {"a": (HERE,), "b": (THERE, HERE)}, profiles_of(trunks, {}), "")
        assert {uri: place.trunk for uri, place in places.items()} == {HERE.uri: "a"}
        assert usable == {"a": (HERE,), "b": ()}
        assert "as is trunk a" in troubles["b"]


def test_a_trunk_whose_key_is_not_there_gets_no_calls() -> None:
    shown = trunk("a", "t.example", client_cert=AUTHORITY)
    places, usable, troubles = secure([shown], {"a": (HERE,)}, profiles_of([shown], {}), "")
    assert (places, usable) == ({}, {"a": ()})
    assert "cannot be opened" in troubles["a"]
    assert profiles_of([shown], {"a": "key"})["trunk.a"] == Profile("", AUTHORITY, "key")


def test_without_tls_other_trunks_go_on() -> None:
    plain = OutboundTrunk("p", "sip:192.0.2.9")
    found = {"a": (HERE,), "p": (Destination("192.0.2.9", 5060),)}
    places, usable, troubles = secure([trunk("a", "t.example"), plain], found, {}, "Kamailio 5.6.3 must not")
    assert (places, usable["a"], usable["p"]) == ({}, (), found["p"])
    assert troubles == {"a": "Kamailio 5.6.3 must not"}
