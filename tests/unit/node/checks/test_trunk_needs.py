"""What `renvoi check` says of TLS."""

import asyncio
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from renvoi.application.ports.trunks import Trunks
from renvoi.configuration.settings import read_settings
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.edge import relay_client
from renvoi.node.checks import trunk_needs
from renvoi.node.checks.results import Finding
from renvoi.node.checks.trunk_needs import check_relay
from tests.support.tls import Authority

AUTHORITY = Authority("test")


def found(monkeypatch: pytest.MonkeyPatch, *trunks: OutboundTrunk, trouble: str = "") -> list[tuple[bool, str, str]]:
    monkeypatch.setattr(trunk_needs, "missing", lambda: None)
    monkeypatch.setattr(trunk_needs, "why_no_tls", lambda: trouble)
    return [(each.ok, each.text, each.advice) for each in trunk_needs.check_tls(Trunks(1, (), trunks))]


def test_our_own_certificate_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, _ = AUTHORITY.issue(common="us", until=timedelta(days=3, hours=1)).write(tmp_path, "own")

    def said() -> list[tuple[bool, str]]:
        return [(each.ok, each.text) for each in trunk_needs.check_tls(Trunks(1, (), ()), certificate)]

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
    assert ok is (ends > trunk_needs.SOON)


NOBODY = Trunks(1, (InboundTrunk("in", (ip_network("192.0.2.0/24"),)),), (OutboundTrunk("out", "sip:192.0.2.1"),))
NATTED = Trunks(1, (InboundTrunk("in", (ip_network("192.0.2.0/24"),), nat=True),), NOBODY.outbound)
RELAYED = Trunks(1, NOBODY.inbound, (OutboundTrunk("out", "sip:192.0.2.1", relay=True),))


def relay_findings(trunks: Trunks, **settings: Any) -> list[Finding]:
    return asyncio.run(check_relay(read_settings(settings), trunks))


@pytest.mark.parametrize(("trunks", "who"), [(NATTED, "in (--nat)"), (RELAYED, "out (--relay)")])
def test_trunks_that_need_a_relay_are_named(trunks: Trunks, who: str) -> None:
    (finding,) = relay_findings(trunks)
    assert not finding.ok
    assert finding.text.endswith(who)
    assert "set RENVOI_RTPENGINE" in finding.advice
    assert not relay_findings(trunks, only="api")


def test_nothing_is_said_where_nothing_is_wanted() -> None:
    assert not relay_findings(NOBODY)


@pytest.mark.parametrize("answers", [True, False])
def test_a_relay_is_asked(monkeypatch: pytest.MonkeyPatch, answers: bool) -> None:
    monkeypatch.setattr(relay_client, "answers", lambda address, _: address == ("::1", 2223) and answers)
    (finding,) = relay_findings(RELAYED, rtpengine="udp:[::1]:2223")
    assert finding.ok == answers
    assert finding.text == f"rtpengine {'answers' if answers else 'does not answer'} at udp:[::1]:2223"
