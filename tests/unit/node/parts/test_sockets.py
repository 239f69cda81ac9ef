"""The node's claims on its directory and its ports."""

import socket
from pathlib import Path

import pytest

from renvoi.application.errors import OperatorError
from renvoi.configuration.settings import Settings
from renvoi.node.parts.sockets import (
    check_rtp_host,
    check_sip_port,
    claim_data,
    claim_database,
    listen_inner,
    listen_public,
)
from tests.support.ports import free_port


def test_a_second_node_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with (
        claim_data(tmp_path),
        pytest.raises(OperatorError, match="another `renvoi serve` runs on"),
        claim_data(tmp_path),
    ):
        pass
    with claim_data(tmp_path):
        pass


def test_a_second_node_on_the_same_database_is_refused(tmp_path: Path) -> None:
    database = tmp_path / "renvoi.db"
    taken = "uses .*renvoi.db: several nodes need PostgreSQL"
    with claim_database(database), pytest.raises(OperatorError, match=taken), claim_database(database):
        pass
    with claim_database(database), claim_database(tmp_path / "other.db"), claim_database(None), claim_database(None):
        pass


def test_an_http_port_in_use_is_named_with_the_mend() -> None:
    with listen_public(Settings(http_port=0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(OperatorError, match=f"HTTP port {port} on 127.0.0.1 is in use .* set --http-port"):
            listen_public(Settings(http_port=port))
        with pytest.raises(OperatorError, match=f"inner port {port} on 127.0.0.1 is in use .* set RENVOI_INNER_PORT"):
            listen_inner(Settings(inner_port=port))


def test_a_foreign_address_is_named() -> None:
    with pytest.raises(OperatorError, match=r"192\.0\.2\.1 is not an address of this machine: set RENVOI_HTTP_HOST"):
        listen_public(Settings(http_host="192.0.2.1", http_port=0))
    with pytest.raises(OperatorError, match=r"192\.0\.2\.1 is not an address of this machine: set RENVOI_INNER_HOST"):
        listen_inner(Settings(inner_host="192.0.2.1", inner_port=0))


def test_audio_comes_to_an_address_of_this_machine() -> None:
    for host in ("127.0.0.1", "0.0.0.0", "::1"):
        check_rtp_host(host)
    with pytest.raises(OperatorError, match=r"192\.0\.2\.1 is not an address of this machine: set RENVOI_RTP_HOST"):
        check_rtp_host("192.0.2.1")


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_sip_port_in_use_by_either_transport_is_named(kind: socket.SocketKind) -> None:
    port = free_port()
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", port))
        if kind is socket.SOCK_STREAM:
            other.listen(1)
        with pytest.raises(OperatorError, match=f"SIP port {port} on 127.0.0.1 is in use .* set --sip-port"):
            check_sip_port("127.0.0.1", port)
    check_sip_port("127.0.0.1", port)
