"""Why somebody is not the trunk, as a connection of our own finds out."""

import asyncio
import ssl
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from renvoi.domain.trunks.address import TrunkAddress
from renvoi.edge.tls.handshake import Examined, examine
from renvoi.edge.tls.profiles import Profile
from tests.support.tls import Authority, Identity, server_side

AUTHORITY, OTHER = Authority("test"), Authority("other")
ANSWER = b"SIP/2.0 200 OK\r\n\r\n"


async def _examined(context: ssl.SSLContext | None, host: str, profile: Profile) -> Examined:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ANSWER)
            # Until the other side has read that, and is gone.
            await reader.read()
        writer.transport.abort()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        address = TrunkAddress.parse(f"sips:127.0.0.1:{port}")
        assert address is not None
        return await examine(f"sips:{host}", host, address.at("127.0.0.1"), profile)


@pytest.mark.parametrize(
    ("shown", "profile", "fault"),
    [
        (AUTHORITY.issue("a.example"), Profile(AUTHORITY.pem), ""),
        (AUTHORITY.issue("*.example", "a.example"), Profile(OTHER.pem + AUTHORITY.pem), ""),
        (AUTHORITY.issue("b.example"), Profile(AUTHORITY.pem), "its certificate is for b.example, not for a.example"),
        (AUTHORITY.issue("a.example"), Profile(OTHER.pem), "unable to get local issuer certificate"),
        (AUTHORITY.issue("a.example"), Profile(), "unable to get local issuer certificate"),
        (AUTHORITY.issue("a.example", until=-timedelta(hours=1)), Profile(AUTHORITY.pem), "certificate has expired"),
        (
            AUTHORITY.issue("a.example", since=timedelta(hours=1)),
            Profile(AUTHORITY.pem),
            "certificate is not yet valid",
        ),
    ],
)
def test_what_is_shown_is_judged(tmp_path: Path, shown: Identity, profile: Profile, fault: str) -> None:
    found = asyncio.run(_examined(server_side(tmp_path, shown), "a.example", profile))
    assert fault in found.fault
    assert bool(found.fault) == bool(fault)
    assert found.answer == (b"" if fault else ANSWER)
    assert found.issuer == "CN=test"
    assert "example" in found.names
    assert found.ends is not None


def test_a_certificate_of_ours_is_shown_where_one_is_wanted(tmp_path: Path) -> None:
    ours = AUTHORITY.issue("edge.example")
    wants = server_side(tmp_path, AUTHORITY.issue("a.example"), AUTHORITY.pem)
    shown = asyncio.run(_examined(wants, "a.example", Profile(AUTHORITY.pem, ours.certificate, ours.key)))
    assert (shown.fault, shown.answer) == ("", ANSWER)
    refused = asyncio.run(_examined(wants, "a.example", Profile(AUTHORITY.pem)))
    assert "it may want a certificate (--client-cert)" in refused.fault


def test_what_speaks_no_tls_cannot_be_reached() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ANSWER)
        writer.close()

    async def ask() -> None:
        async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            address = TrunkAddress.parse(f"sips:127.0.0.1:{port}")
            assert address is not None
            await examine("sips:a.example", "a.example", address.at("127.0.0.1"), Profile(AUTHORITY.pem))

    with pytest.raises(OSError, match="SSL"):
        asyncio.run(ask())
