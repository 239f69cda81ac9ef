"""What the settings of tracing mean to a node."""

from pathlib import Path

import pytest

from renvoi.application.errors import OperatorError
from renvoi.configuration.settings import Settings
from renvoi.edge.config import EdgeConfig, HepConfig
from renvoi.node.parts.edge import edge_of
from renvoi.node.supervisor.tracing import EdgeTracing, with_key


def test_a_key_may_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "hep.key"
    path.write_text(" sesame\n")
    settings = with_key(Settings(hep_key_file=path))
    assert (settings.hep_key, settings.hep_key_file) == ("sesame", None)
    assert with_key(Settings(hep_key="other")).hep_key == "other"
    assert with_key(Settings()).hep_key is None


@pytest.mark.parametrize("content", [b"", b"\n", b"se same", b"\xff\xfe", b"x" * 256, b"x" * 10_000, b"se\x00same"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hep.key"
    path.write_bytes(content)
    with pytest.raises(OperatorError, match=r"RENVOI_HEP_KEY_FILE: .*hep\.key holds no key: write 1 to 255") as caught:
        with_key(Settings(hep_key_file=path))
    assert "same" not in str(caught.value)


def test_a_file_that_cannot_be_read_or_stands_beside_a_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be read: Is a directory"):
        with_key(Settings(hep_key_file=tmp_path))
    with pytest.raises(OperatorError, match="both give a key"):
        with_key(Settings(hep_key_file=tmp_path, hep_key="x"))


@pytest.mark.parametrize(
    ("host", "server", "why_not"),
    [
        ("192.0.2.1", "192.0.2.7", ""),
        ("192.0.2.1", "127.0.0.1", ""),
        ("0.0.0.0", "192.0.2.7", ""),
        ("127.0.0.1", "127.0.0.9", ""),
        ("::1", "::1", ""),
        ("127.0.0.1", "192.0.2.7", "cannot be reached from 127.0.0.1"),
        ("192.0.2.1", "2001:db8::7", "no IPv6 address"),
        ("::", "192.0.2.7", "no IPv4 address"),
    ],
)
def test_the_edge_sends_from_the_address_that_it_listens_on(
    tmp_path: Path, host: str, server: str, why_not: str
) -> None:
    config = EdgeConfig(tmp_path, "sqlite:////x", tmp_path, host=host, hep=HepConfig(9060))
    found = config.why_no_copies(server)
    assert why_not in found
    assert bool(why_not) == bool(found)


def test_nothing_is_said_of_tracing_that_is_off(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert EdgeTracing(settings, edge_of(settings)).status() is None
    settings = Settings(data_dir=tmp_path, hep_url="udp://192.0.2.7:9060")
    told = EdgeTracing(settings, edge_of(settings)).status()
    assert told == {"server": "udp://192.0.2.7:9060", "address": "", "error": ""}
