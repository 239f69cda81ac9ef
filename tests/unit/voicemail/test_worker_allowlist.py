"""Whom a worker takes SIP from."""

from ipaddress import ip_network

import pytest

from renvoi.voicemail import worker
from renvoi.voicemail.worker import LOOPBACK, SourceAllowlist


def ignored(_: str) -> None:
    """Take no notice of a stranger."""


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("10.0.0.7", True),
        ("10.0.1.7", False),
        ("192.0.2.1", True),
        ("192.0.2.2", False),
        ("127.0.0.1", False),
        ("::ffff:10.0.0.7", True),
        ("::ffff:10.0.1.7", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("fe80::1%eth0", True),
    ],
)
def test_networks(host: str, allowed: bool) -> None:
    networks = map(ip_network, ("10.0.0.0/24", "192.0.2.1/32", "2001:db8::/32", "fe80::/10"))
    found = SourceAllowlist(networks, ignored)
    assert [found.allow(host, 0), found.allow(host, 1)] == [allowed, allowed]


def test_loopback_alone_unless_told_otherwise() -> None:
    found = SourceAllowlist(LOOPBACK, ignored)
    assert found.allow("127.0.0.1", 0)
    assert not found.allow("127.0.0.2", 0)


def test_strangers_are_told_of_once_a_minute() -> None:
    told: list[str] = []
    found = SourceAllowlist(LOOPBACK, told.append)
    for host, now in (("192.0.2.1", 5.0), ("192.0.2.1", 6.0), ("192.0.2.2", 64.9), ("127.0.0.1", 65.0)):
        found.allow(host, now)
    assert told == ["192.0.2.1"]
    found.allow("192.0.2.3", 65.0)
    assert told == ["192.0.2.1", "192.0.2.3"]


def test_strangers_take_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_MOST_KNOWN", 10)
    found = SourceAllowlist(LOOPBACK, ignored)
    for number in range(100):
        assert not found.allow(f"192.0.2.{number}", 0)
        assert found.allow("127.0.0.1", 0)
        assert len(found._known) <= 10
