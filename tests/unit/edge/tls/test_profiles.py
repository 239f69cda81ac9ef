"""The files that Kamailio's module reads."""

import socket
from dataclasses import replace
from pathlib import Path

from renvoi.application.ports.trunks import Trunks
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.edge.config import EdgeConfig
from renvoi.edge.kamailio.tls import KamailioTls
from renvoi.edge.tls.profiles import Profile, profiles_of, written
from tests.support.ports import free_port
from tests.support.tls import Authority

AUTHORITY = Authority("test")
OWN = AUTHORITY.issue("edge.example")
SHARED = OutboundTrunk("shared", "sips:a.example")
OTHER = OutboundTrunk("other", "sips:b.example", ca=AUTHORITY.pem, client_cert=OWN.certificate)
CALLER = InboundTrunk("other", (), certificate="c.example", ca=AUTHORITY.pem)


def test_each_way_of_verifying_has_a_profile() -> None:
    found = profiles_of([SHARED, OTHER], {"other": OWN.key}, [CALLER])
    assert found == {
        "public": Profile(),
        "trunk.other": Profile(AUTHORITY.pem, OWN.certificate, OWN.key),
        "caller.other": Profile(AUTHORITY.pem),
    }
    files = written(found, Profile("", OWN.certificate, OWN.key))
    assert sorted(map(str, files)) == [
        "tls.cfg",
        "tls/caller.other.ca.pem",
        "tls/own.cert.pem",
        "tls/own.key.pem",
        "tls/trunk.other.ca.pem",
        "tls/trunk.other.cert.pem",
        "tls/trunk.other.key.pem",
    ]
    server, default, *others = files[Path("tls.cfg")].strip().split("\n\n")
    assert "verify_client = off" in server
    for section in (default, *others):
        assert "verify_certificate = yes" in section
        assert "require_certificate = yes" in section
        assert "method = TLSv1.2+" in section
        assert ("ca_list = " in section) != ("ca_path = /etc/ssl/certs" in section)


def test_what_is_not_used_any_more_is_removed(tmp_path: Path) -> None:
    """By a start as well: there are keys among it."""
    config = EdgeConfig(tmp_path, f"sqlite:///{tmp_path / 'db'}", tmp_path / "spool", tls_port=free_port())
    keys = {"other": OWN.key}

    def write(*outbound: OutboundTrunk, trouble: str = "") -> set[str]:
        tls = KamailioTls(config, None, lambda: trouble)
        tls.places(Trunks(1, (), outbound), {}, keys)
        if tls.is_wanted(Trunks(1, (), outbound)):
            assert tls.write()
            assert not tls.write()
        else:
            tls.clear()
        return {path.name for path in (tmp_path / "tls").glob("*")}

    assert "trunk.other.key.pem" in write(SHARED, OTHER)
    assert (tmp_path / "tls" / "trunk.other.key.pem").stat().st_mode & 0o777 == 0o600
    assert write(SHARED) == {"own.cert.pem", "own.key.pem"}
    assert "trunk.other.key.pem" in write(replace(OTHER, priority=1))
    assert write(OTHER, trouble="Kamailio is too old") == set()
    assert write() == set()


def test_a_port_that_somebody_else_has_keeps_tls_away_and_nothing_else(tmp_path: Path) -> None:
    config = EdgeConfig(tmp_path, f"sqlite:///{tmp_path / 'db'}", tmp_path / "spool", tls_port=free_port())
    trunks = Trunks(1, (), (SHARED,))
    tls = KamailioTls(config, None, lambda: "")
    with socket.create_server((config.host, config.tls_port)):
        assert not tls.is_wanted(trunks)
        tls.places(trunks, {}, {})
        assert f"port {config.tls_port} cannot be listened on" in tls.troubles["shared"]
        # Its own Kamailio has it, maybe.
        tls.loaded = True
        assert tls.is_wanted(trunks)
        tls.loaded = False
    assert tls.is_wanted(trunks)
    tls.places(trunks, {}, {})
    assert not tls.troubles
