"""What `renvoi check` says of TLS."""

from datetime import timedelta
from pathlib import Path

import pytest

from renvoi.application.ports.trunks import Trunks
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.node.checks import tls
from tests.support.tls import Authority

AUTHORITY = Authority("test")


def found(monkeypatch: pytest.MonkeyPatch, *trunks: OutboundTrunk, trouble: str = "") -> list[tuple[bool, str, str]]:
    monkeypatch.setattr(tls, "missing", lambda: None)
    monkeypatch.setattr(tls, "why_no_tls", lambda: trouble)
    return [(each.ok, each.text, each.advice) for each in tls.check_tls(Trunks(1, (), trunks))]


def test_our_own_certificate_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, _ = AUTHORITY.issue(common="us", until=timedelta(days=3, hours=1)).write(tmp_path, "own")

    def said() -> list[tuple[bool, str]]:
        return [(each.ok, each.text) for each in tls.check_tls(Trunks(1, (), ()), certificate)]

    found(monkeypatch)
    assert said() == [(False, f"the certificate in {certificate} (CN=us) ends in 3 days")]
    certificate.write_text("nonsense", "ascii")
    assert said() == [(False, f"{certificate}: it holds no certificates in PEM form")]
    found(monkeypatch, trouble="Kamailio is too old: use Debian 13")
    assert said() == [(False, f"{certificate} is shown to nobody: Kamailio is too old")]


def test_nothing_is_said_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, OutboundTrunk("a", "sip:192.0.2.1"), trouble="no TLS here") == []


def test_who_can_do_none_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    secure = OutboundTrunk("a", "sips:192.0.2.1")
    text = "trunk a gets no calls: Kamailio is too old"
    assert found(monkeypatch, secure, trouble="Kamailio is too old: use Debian 13") == [(False, text, "use Debian 13")]


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        (timedelta(days=15), "no certificate ends within 14 days"),
        (timedelta(days=13, hours=1), "the client certificate of trunk a (CN=us) ends in 13 days"),
        (timedelta(hours=-1), "the client certificate of trunk a (CN=us) has ended on "),
    ],
)
def test_a_certificate_that_ends_soon_is_named(monkeypatch: pytest.MonkeyPatch, ends: timedelta, text: str) -> None:
    ours = AUTHORITY.issue(common="us", since=timedelta(days=-2), until=ends)
    trunk = OutboundTrunk("a", "sips:192.0.2.1", ca=AUTHORITY.pem, client_cert=ours.certificate)
    ((ok, said, _),) = found(monkeypatch, trunk)
    assert text in said
    assert ok is (ends > tls.SOON)
