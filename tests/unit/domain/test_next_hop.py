"""Where a URI leads: two that may lead to different places are never taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renvoi.domain.calls.next_hop import NextHop


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("sip:127.0.0.1", NextHop("sip", "127.0.0.1", None, "", "")),
        ("SIP:+331@Host.Example:5070;Transport=TCP;lr", NextHop("sip", "host.example", 5070, "tcp", "")),
        ("sips:a;user=phone:x@[2001:DB8::1]:5061", NextHop("sips", "2001:db8::1", 5061, "", "")),
        ("sip:a@h;maddr=10.0.0.1", NextHop("sip", "h", None, "", "10.0.0.1")),
        ("sip:a@h;%6Daddr=10.0.0.1", NextHop("sip", "h", None, "", "10.0.0.1")),
    ],
)
def test_a_uri_is_read(uri: str, expected: NextHop) -> None:
    assert NextHop.of(uri) == expected


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "sip:",
        "tel:+331",
        "http://h",
        "sip:a@b@c",
        "sip:a@h?Route=x",
        "sip:a@h;x?y=@z",
        "sip:a@h ;x",
        "sip:a@h;x=<y>",
        'sip:a@h;x="y"',
        "sip:a@h:123456",
        "sip:a@h\r\nVia: x",
        "sip:a@[::1",
        "sip:a@h_h",
        "sip:a@h;maddr=10.0.0.1;maddr=10.0.0.2",
        "sip:a@h;maddr=;maddr=10.0.0.2",
        "sip:a@h;maddr;MADDR=10.0.0.2",
        "sip:a@h;transport=udp;transport=tcp",
    ],
)
def test_what_two_readers_could_read_differently_leads_nowhere(uri: str) -> None:
    assert NextHop.of(uri) is None


def test_a_parameter_counts_however_many_stand_before_it() -> None:
    hop = NextHop.of("sip:a@h" + ";x" * 5000 + ";maddr=10.0.0.1;transport=tcp")
    assert hop is not None
    assert (hop.maddr, hop.transport) == ("10.0.0.1", "tcp")


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("sip:a@127.0.0.1:5", "127.0.0.1"),
        ("sip:[::1]", "::1"),
        ("sip:host", None),
        ("sip:127.1", None),
        ("sip:127.0.0.1;maddr=127.0.0.2", None),
    ],
)
def test_an_address_is_known_for_certain_or_not_at_all(uri: str, address: str | None) -> None:
    hop = NextHop.of(uri)
    assert hop is not None
    assert (None if hop.address is None else str(hop.address)) == address


PARTS = st.tuples(
    st.sampled_from(["sip", "sips"]),
    st.sampled_from(["a", "b.example", "10.0.0.1", "10.0.0.2", "[::1]"]),
    st.sampled_from(["", ":1", ":5060", ":15060"]),
    st.sampled_from(["", ";transport=tcp", ";transport=udp"]),
    st.sampled_from(["", ";maddr=a", ";maddr=10.0.0.1"]),
)


@given(PARTS, PARTS)
def test_a_digest_stands_for_one_place(first: tuple[str, ...], second: tuple[str, ...]) -> None:
    hops = [NextHop.of(f"{scheme}:u@{''.join(rest)}") for scheme, *rest in (first, second)]
    assert hops[0] is not None
    assert hops[1] is not None
    assert (hops[0].digest() == hops[1].digest()) == (first == second)


@given(st.text(max_size=60), st.sampled_from(["", "sip:", "sip:a@", "sip:a@h;"]))
def test_no_text_raises_anything(text: str, before: str) -> None:
    hop = NextHop.of(before + text)
    assert hop is None or hop.digest()
