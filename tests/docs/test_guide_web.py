"""The guide's lines for nginx and Caddy, in front of a server: who asks is known, and events come at once."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
import trustme

from tests.integration.http.test_event_streams import HEADERS, Stream, tell
from tests.support.guide import files, here
from tests.support.http_api import PATH, body
from tests.support.http_server import Node, run, running
from tests.support.ports import free_port
from tests.support.waiting import wait_for

PAGE = "web.md"
NAME = "renvoi.example.com"
CLIENT = "127.0.0.2"
"""Where the requests come from; the proxy asks from 127.0.0.1."""


def nginx(directory: Path, port: int, upstream: int) -> list[str]:
    """Write the guide's file as part of a whole configuration; return the command that runs it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(directory / "ca.pem")
    certificate = authority.issue_cert("renvoi.example.com")
    certificate.private_key_pem.write_to_path(directory / "privkey.pem")
    certificate.cert_chain_pems[0].write_to_path(directory / "fullchain.pem")
    (server,) = files(PAGE, "nginx")
    words = {
        "listen 443": f"listen 127.0.0.1:{port}",
        "http://127.0.0.1:8080": f"http://127.0.0.1:{upstream}",
        "/etc/letsencrypt/live/renvoi.example.com": str(directory),
    }
    paths = "".join(
        f"{each}_temp_path {directory}/{each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Workers are of another user else, who may not look into the directory.
    user = "user root;" if os.geteuid() == 0 else ""
    head = f"{user} pid {directory}/nginx.pid; error_log stderr; events {{}} daemon off; master_process off;"
    (directory / "nginx.conf").write_text(
        f"{head}\nhttp {{ access_log off; {paths}\n{here(server, words)}}}\n", "utf-8"
    )
    return ["/usr/sbin/nginx", "-c", str(directory / "nginx.conf"), "-p", str(directory)]


def caddy(directory: Path, port: int, upstream: int) -> list[str]:
    """Do the same for Caddy, which signs its certificate itself here."""
    (site,) = files(PAGE, "Caddy")
    words = {
        "renvoi.example.com {": f"renvoi.example.com:{port} {{\n\tbind 127.0.0.1\n\ttls internal",
        "127.0.0.1:8080": f"127.0.0.1:{upstream}",
    }
    options = f"admin off\nskip_install_trust\nauto_https disable_redirects\nstorage file_system {directory}\n"
    (directory / "Caddyfile").write_text(f"{{\n{options}}}\n{here(site, words)}", "utf-8")
    return ["/usr/bin/caddy", "run", "--config", str(directory / "Caddyfile")]


@asynccontextmanager
async def proxied(kind: str, directory: Path, node: Node) -> AsyncIterator[httpx.AsyncClient]:
    """Run a proxy in front of a server; yield a client that asks it from another address."""
    port = free_port()
    command = {"nginx": nginx, "caddy": caddy}[kind](directory, port, node.port)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(directory), "XDG_DATA_HOME": str(directory)}
    with (directory / "proxy.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=log, stderr=log)
    authority = directory / ("ca.pem" if kind == "nginx" else "pki/authorities/local/root.crt")
    try:
        await asyncio.to_thread(wait_for, authority.exists, "the authority", 20)
        context = ssl.create_default_context(cafile=authority)
        transport = httpx.AsyncHTTPTransport(verify=context, local_address=CLIENT)
        async with httpx.AsyncClient(
            transport=transport,
            base_url=f"https://127.0.0.1:{port}",
            headers={"Host": "renvoi.example.com"},
            timeout=20,
        ) as client:
            client.event_hooks["request"] = [_name]
            await _answers(client, process)
            yield client
    finally:
        process.terminate()
        await process.wait()


async def _name(request: httpx.Request) -> None:
    """Ask for the name that the certificate is for."""
    request.extensions["sni_hostname"] = NAME


async def _answers(client: httpx.AsyncClient, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(20):
        while True:
            assert process.returncode is None, "the proxy has ended"
            try:
                if (await client.get("/healthz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("kind", ["nginx", "caddy"])
def test_who_asks_is_known_and_events_come_at_once(tmp_path: Path, kind: str) -> None:
    async def scenario() -> None:
        proxies = {"trusted_proxies": (ip_network("127.0.0.1/32"),)}
        async with running(tmp_path, deps=proxies) as node, proxied(kind, tmp_path, node) as client:
            forged = {"X-Forwarded-For": "192.0.2.66"}
            assert (await client.post(PATH, json=body(), headers=forged)).status_code == 200
            async with client.stream("GET", "/v2/events", headers=HEADERS) as response:
                assert response.status_code == 200
                stream = Stream(response)
                await tell(node)
                async with asyncio.timeout(20):
                    event = await stream.next()
                assert event is not None
                assert event["event"] == "call.missed"
            (change,) = await node.store.read(lambda reader: reader.changes())
            assert change.source == CLIENT

    run(scenario)
