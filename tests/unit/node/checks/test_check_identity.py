"""What `renvoi check` says of signed identity."""

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from renvoi.application.errors import OperatorError
from renvoi.application.ports.trunks import Trunks
from renvoi.configuration.settings import Settings, read_settings
from renvoi.domain.trunks.choices import IdentityHeaders, Signing
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.node.checks.identity import check_identity, load_identity
from renvoi.node.checks.results import Finding
from tests.support.identity import Authority, Signer, as_pem, new_key

AUTHORITY = Authority()
SIGNER = AUTHORITY.signer()
CARRIER = InboundTrunk("in", (ip_network("192.0.2.0/24"),), identity=IdentityHeaders.VERIFY)
OUT = OutboundTrunk("out", "sip:192.0.2.1", sign=Signing.DIV)
ALL = Trunks(1, (CARRIER,), (OUT,))
URL = "https://certificates.example/a.pem"


def settings_of(path: Path, **values: Any) -> Settings:
    """Return settings; bytes become files."""
    given = {}
    for name, value in values.items():
        if isinstance(value, bytes):
            (path / name).write_bytes(value)
        given[name] = path / name if isinstance(value, bytes) else value
    return read_settings({"data_dir": path, **given})


def found(settings: Settings, trunks: Trunks = ALL) -> Mapping[str, Finding]:
    findings = list(check_identity(settings, trunks))
    assert all(finding.ok or finding.advice for finding in findings)
    return {finding.name: finding for finding in findings}


def whole(path: Path, changes: Mapping[str, object] | None = None, signer: Signer = SIGNER) -> Settings:
    values: dict[str, object] = {
        "identity_key_file": signer.key_pem,
        "identity_certificate_file": signer.pem,
        "identity_certificate_url": URL,
        "identity_trusted_file": AUTHORITY.trusted,
        "identity_hosts": "certificates.example",
    }
    return settings_of(path, **(values | dict(changes or {})))


def until(end: timedelta) -> Signer:
    key = new_key()
    valid = (timedelta(days=-9), end)
    made = AUTHORITY.certificate("s", key.public_key(), "issuing", AUTHORITY.issuing_key, valid=valid)
    return Signer(key, as_pem(made, AUTHORITY.issuing))


def test_nothing_is_said_where_no_trunk_wants_it(tmp_path: Path) -> None:
    plain = Trunks(1, (InboundTrunk("in", CARRIER.networks),), (OutboundTrunk("out", OUT.uri),))
    assert found(settings_of(tmp_path), plain) == {}


def test_everything_is_there(tmp_path: Path) -> None:
    findings = found(whole(tmp_path))
    assert [name for name, finding in findings.items() if not finding.ok and name != "clock"] == []
    assert findings["signed identity"].text == f"trunk out wants calls signed, by the certificate at {URL}"
    assert findings["own certificate"].text == "it is valid, and belongs to the key"
    assert findings["trusted certificates"].text == f"1 in {tmp_path / 'identity_trusted_file'}"
    assert set(findings) == {
        *("signed identity", "own certificate", "trusted certificates"),
        "certificate servers",
        "clock",
    }


@pytest.mark.parametrize(
    ("missing", "name", "text"),
    [
        ("identity_key_file", "signed identity", "RENVOI_IDENTITY_KEY_FILE is not set: nothing is signed"),
        ("identity_certificate_url", "signed identity", "RENVOI_IDENTITY_CERTIFICATE_URL is not set"),
        ("identity_trusted_file", "trusted certificates", "RENVOI_IDENTITY_TRUSTED_FILE is not set: no certificate"),
        ("identity_hosts", "certificate servers", "RENVOI_IDENTITY_HOSTS is not set: no certificate is fetched"),
    ],
)
def test_what_is_missing(tmp_path: Path, missing: str, name: str, text: str) -> None:
    finding = found(whole(tmp_path, {missing: "" if missing == "identity_hosts" else None}))[name]
    assert not finding.ok
    assert text in finding.text


@pytest.mark.parametrize(
    ("end", "ok", "text"),
    [
        (timedelta(days=30), True, "it is valid"),
        (timedelta(days=5, hours=1), False, "it ends in 5 days"),
        (timedelta(seconds=-5), False, "it is not valid now"),
    ],
)
def test_the_end_of_our_own_certificate(tmp_path: Path, end: timedelta, ok: bool, text: str) -> None:
    finding = found(whole(tmp_path, signer=until(end)))["own certificate"]
    assert (finding.ok, text in finding.text) == (ok, True)


def test_a_chain_that_others_could_not_follow(tmp_path: Path) -> None:
    alone = SIGNER.pem.split(b"-----END CERTIFICATE-----")[0] + b"-----END CERTIFICATE-----\n"
    assert (
        "its chain ends at none" in found(whole(tmp_path, {"identity_certificate_file": alone}))["own certificate"].text
    )


def test_our_own_certificate_must_be_fetched_too(tmp_path: Path) -> None:
    settings = whole(tmp_path, {"identity_hosts": "*.other.example"})
    assert "our own certificate would not be fetched" in found(settings)["certificate servers"].text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("identity_key_file", b"key"),
        ("identity_key_file", AUTHORITY.signer().key_pem),
        ("identity_certificate_file", b"<html>"),
        ("identity_trusted_file", b""),
        ("identity_trusted_file", Path("/nonexistent/trusted.pem")),
    ],
)
def test_files_that_cannot_be_used_keep_a_node_from_starting(tmp_path: Path, name: str, content: object) -> None:
    settings = whole(tmp_path, {name: content})
    with pytest.raises(OperatorError, match=f"RENVOI_{name.upper()}: "):
        load_identity(settings)
    assert f"RENVOI_{name.upper()}" in found(settings)["signed identity"].text
