"""RTP packets (RFC 3550 §5.1)."""

import pytest

from renvoi.voicemail.media.rtp import Packet, build, parse

BODY = bytes.fromhex("0001 00000002 00000003")


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
