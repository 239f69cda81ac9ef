"""RTP packets (RFC 3550 §5.1)."""

import pytest

from renvoi.voicemail.media.rtp import CONSECUTIVE, Address, LatchedSource, Packet, build, parse

BODY = bytes.fromhex("0001 00000002 00000003")
SDP, NAT, STRANGER = ("10.0.0.1", 4000), ("198.51.100.1", 31000), ("203.0.113.9", 666)


def test_what_is_built_is_read() -> None:
    datagram = build(8, 0xFFFF, 0xFFFFFFFE, 0xFFFFFFFD, b"sound", marker=True)
    assert datagram == bytes.fromhex("80 88 FFFF FFFFFFFE FFFFFFFD") + b"sound"
    assert parse(datagram) == Packet(8, 0xFFFF, 0xFFFFFFFE, 0xFFFFFFFD, b"sound", marker=True)


@pytest.mark.parametrize(
    ("flags", "rest"),
    [
        ("80", b"sound"),
        ("a0", b"sound\0\0\3"),
        ("82", bytes(8) + b"sound"),
        ("90", bytes.fromhex("BEDE 0001 11223344") + b"sound"),
        ("90", bytes.fromhex("BEDE 0000") + b"sound"),
        ("b1", bytes(4) + bytes.fromhex("BEDE 0001 11223344") + b"sound\1"),
    ],
    ids=["plain", "padding", "sources", "extension", "empty extension", "all"],
)
def test_the_payload_is_found(flags: str, rest: bytes) -> None:
    assert parse(bytes.fromhex(flags) + b"\x08" + BODY + rest) == Packet(8, 1, 2, 3, b"sound")


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\x80",
        b"\x80\x08" + BODY,
        b"\x00\x08" + BODY + b"sound",
        b"\x40\x08" + BODY + b"sound",
        b"\xc0\x08" + BODY + b"sound",
        b"\xa0\x08" + BODY + b"sound\0",
        b"\xa0\x08" + BODY + b"\5\5\5\5\5",
        b"\xa0\x08" + BODY + b"sound\xff",
        b"\xa0\x08" + BODY + b"sound\x15",
        b"\x8f\x08" + BODY + b"sound",
        b"\x90\x08" + BODY + b"sou",
        b"\x90\x08" + BODY + bytes.fromhex("BEDE FFFF") + b"sound",
        b"OPTIONS sip:x SIP/2.0\r\n\r\n",
    ],
)
def test_what_is_no_packet_or_carries_nothing_is_none(datagram: bytes) -> None:
    assert parse(datagram) is None


def send(source: LatchedSource, address: Address, ssrc: int, count: int, start: float = 0.0) -> list[bool]:
    return [source.accept(address, ssrc, start + n / 50) for n in range(count)]


def locked() -> LatchedSource:
    source = LatchedSource(SDP)
    send(source, SDP, 1, 1)
    return source


def test_until_a_packet_comes_ours_go_where_sdp_said() -> None:
    assert LatchedSource(SDP).destination == SDP
    assert LatchedSource(None).destination is None


def test_while_nothing_is_sure_ours_go_to_both() -> None:
    """A caller behind a NAT loses nothing before it is locked onto, and nobody does to a stranger."""
    assert LatchedSource(None).destinations == ()
    assert LatchedSource(SDP).destinations == (SDP,)
    source = LatchedSource(SDP)
    went = [source.destinations for _ in range(CONSECUTIVE) if send(source, NAT, 1, 1)]
    assert went == [(SDP, NAT)] * (CONSECUTIVE - 1) + [(NAT,)]
    source = LatchedSource(SDP)
    went = [source.destinations for address in (STRANGER, SDP) if send(source, address, 1, 1)]
    assert went == [(SDP, STRANGER), (SDP,)]
    source = LatchedSource(None)
    send(source, NAT, 1, 1)
    assert source.destinations == (NAT,)


def test_the_address_of_sdp_is_believed_at_once() -> None:
    source = LatchedSource(SDP)
    assert source.accept(SDP, 1, 0.0)
    assert not any(send(source, STRANGER, 2, 20))
    assert source.destination == SDP


def test_what_ipv6_adds_to_an_address_is_not_compared_and_kept() -> None:
    source = LatchedSource(("2001:db8::1", 4000))
    address: Address = ("2001:db8::1", 4000, 0, 2)  # type: ignore[assignment]  # what a socket gives
    assert source.accept(address, 1, 0.0)
    assert source.destination == address
    assert not any(send(source, STRANGER, 2, 20))


def test_another_address_is_heard_at_once_and_answered_after_some_packets() -> None:
    source = LatchedSource(SDP)
    assert all(send(source, NAT, 1, CONSECUTIVE - 1))
    assert source.destination == SDP
    assert source.accept(NAT, 1, 0.1)
    assert source.destination == NAT
    assert not source.accept(STRANGER, 2, 0.12)


def test_the_first_to_send_several_in_a_row_wins() -> None:
    source = LatchedSource(SDP)
    assert source.accept(STRANGER, 2, 0.0)
    assert send(source, NAT, 1, CONSECUTIVE) == [False] * (CONSECUTIVE - 1) + [True]
    assert source.destination == NAT
    assert not source.accept(STRANGER, 2, 0.2)


def test_the_address_of_sdp_ends_the_reign_of_a_stranger_who_was_first() -> None:
    """Once: a caller who has moved on is not called back by what is late."""
    source = LatchedSource(SDP)
    send(source, STRANGER, 2, 20)
    assert source.destination == STRANGER
    assert source.accept(SDP, 1, 0.4)
    assert source.destination == SDP
    assert not source.accept(STRANGER, 2, 0.42)


def test_without_an_address_in_sdp_ours_go_to_whom_we_hear() -> None:
    source = LatchedSource(None)
    assert source.accept(NAT, 1, 0.0)
    assert source.destination == NAT


def test_a_rebound_nat_is_followed_at_once() -> None:
    """The stream goes on with its SSRC from another port."""
    source = locked()
    assert source.accept(NAT, 1, 0.02)
    assert source.destination == NAT
    assert source.accept(SDP, 1, 0.04)
    assert source.destination == SDP


def test_a_rebound_nat_is_no_occasion_for_strangers() -> None:
    source = locked()
    assert source.accept(NAT, 1, 10.0)
    assert not any(send(source, STRANGER, 2, 20, start=10.02))


def test_a_new_stream_from_elsewhere_is_followed_when_the_old_one_is_silent() -> None:
    source = locked()
    assert not any(send(source, NAT, 2, 20, start=0.02))
    taken = send(source, NAT, 2, 20, start=0.5)
    assert taken == [False] * (CONSECUTIVE - 1) + [True] * (20 - CONSECUTIVE + 1)
    assert source.destination == NAT
    assert not source.accept(SDP, 1, 0.9)


def test_strangers_do_not_take_over_while_the_caller_speaks() -> None:
    source = locked()
    for n in range(200):
        assert source.accept(SDP, 1, n / 50)
        assert not source.accept(STRANGER, 2, n / 50)


def test_strangers_who_send_more_often_do_not_take_over() -> None:
    source = locked()
    for n in range(20):
        assert source.accept(SDP, 1, n / 5)
        assert not any(source.accept(STRANGER, 2, n / 5) for _ in range(20))


def test_strangers_count_anew_once_the_caller_is_heard_again() -> None:
    source = locked()
    assert not any(send(source, STRANGER, 2, CONSECUTIVE - 1, start=1))
    assert source.accept(SDP, 1, 2)
    assert not any(send(source, STRANGER, 2, CONSECUTIVE - 1, start=3))


def test_strangers_count_anew_after_a_new_sdp() -> None:
    source = locked()
    assert not any(send(source, STRANGER, 2, CONSECUTIVE - 1, start=1))
    source.relearn(("10.0.0.2", 4000))
    assert not any(send(source, STRANGER, 2, CONSECUTIVE - 1, start=2))


def test_strangers_that_change_do_not_take_over() -> None:
    source = locked()
    assert not any(source.accept((STRANGER[0], 666 + n % 2), 2, 10 + n / 50) for n in range(50))
    assert not any(source.accept(STRANGER, n, 20 + n / 50) for n in range(2, 50))


def test_after_a_new_sdp_its_address_is_believed_at_once() -> None:
    source = locked()
    source.relearn(NAT)
    assert source.destination == NAT
    assert source.accept(SDP, 1, 0.02)
    assert source.destination == NAT
    assert source.accept(NAT, 2, 0.04)
    assert not source.accept(SDP, 1, 0.06)
    assert source.destination == NAT


def test_after_a_new_sdp_another_nat_is_learned() -> None:
    source = locked()
    source.relearn(("10.0.0.2", 4000))
    assert send(source, NAT, 2, CONSECUTIVE, start=0.02)[-1]
    assert source.destination == NAT


def test_the_same_address_in_a_new_sdp_changes_nothing() -> None:
    source = locked()
    source.relearn(SDP)
    assert not any(send(source, STRANGER, 2, 20))
    assert source.destination == SDP
