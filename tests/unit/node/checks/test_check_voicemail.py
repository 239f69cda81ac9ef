"""What `renvoi check` says of messages and mails."""

import asyncio
import socket
import threading
from pathlib import Path

import pytest

from renvoi.configuration.settings import read_settings
from renvoi.node.checks.results import Finding
from renvoi.node.checks.voicemail import check_voicemail
from renvoi.node.parts.health import Load
from tests.support.ports import free_port


def check(tmp_path: Path, **settings: object) -> dict[str, Finding]:
    values = {"data_dir": tmp_path / "not" / "there" / "yet", "voicemail_workers": 2} | settings
    found = asyncio.run(check_voicemail(read_settings(values)))
    assert all(finding.ok or finding.advice for finding in found)
    return {finding.name: finding for finding in found}


def test_a_node_as_it_comes(tmp_path: Path) -> None:
    found = check(tmp_path)
    assert list(found) == ["voicemail", "audio ports", "disk", "mail"]
    assert found["voicemail"].text == "2 workers take 500 calls each"
    assert found["audio ports"] == Finding(
        "audio ports", True, "20000-29999 on 127.0.0.1: audio of 5000 calls at once", "widen RENVOI_RTP_PORTS", False
    )
    assert found["disk"].ok
    assert "MiB are free" in found["disk"].text
    mail = found["mail"]
    assert (mail.ok, mail.needed) == (False, False)
    assert mail.text == f"kept as files in {tmp_path}/not/there/yet/mail"
    assert list(tmp_path.iterdir()) == []


def test_no_voicemail_needs_no_ports(tmp_path: Path) -> None:
    found = check(tmp_path, voicemail_workers=0)
    assert (found["voicemail"].ok, found["voicemail"].needed) == (False, False)
    assert "audio ports" not in found


@pytest.mark.parametrize(
    ("ports", "ok", "needed"),
    [("20000-20007", True, False), ("20000-20005", False, False), ("20000-20001", False, True)],
)
def test_ports_for_fewer_calls_than_set(tmp_path: Path, ports: str, ok: bool, needed: bool) -> None:
    found = check(tmp_path, voicemail_calls=2, rtp_ports=ports)["audio ports"]
    assert (found.ok, found.needed) == (ok, needed)


@pytest.mark.parametrize("setting", ["rtp_host", "sip_host"])
def test_audio_for_an_address_of_another_machine(tmp_path: Path, setting: str) -> None:
    found = check(tmp_path, **{setting: "192.0.2.1"})["audio ports"]
    assert (found.ok, found.needed) == (False, True)
    assert (found.text, found.advice) == ("192.0.2.1 is not an address of this machine", "set RENVOI_RTP_HOST")


def test_a_disk_without_room(tmp_path: Path) -> None:
    found = check(tmp_path, voicemail_min_free_mib=2**40)["disk"]
    assert (found.ok, found.needed) == (False, True)
    assert f"messages are taken from {2**40} MiB on" in found.text


def test_a_mail_server_that_takes_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setattr("renvoi.node.checks.voicemail.CONNECT_TIMEOUT_S", 0.5)
    with socket.create_server(("127.0.0.1", port)):
        found = check(tmp_path, smtp_url=f"smtp://127.0.0.1:{port}")["mail"]
    assert (found.ok, found.text) == (True, f"sent through 127.0.0.1:{port}")
    found = check(tmp_path, smtp_url=f"smtp://127.0.0.1:{port}")["mail"]
    assert (found.ok, found.needed) == (False, True)
    assert found.text.startswith(f"127.0.0.1:{port} cannot be reached: ")


@pytest.mark.parametrize(
    ("answer", "offered"),
    [
        (b"250-x\r\n250-SIZE 1\r\n250 SMTPUTF8\r\n", True),
        (b"250-x\r\n250-smtputf8\r\n250 HELP\r\n", True),
        (b"250-x\r\n250 8BITMIME\r\n", False),
        (b"502 no\r\n", None),
    ],
)
def test_a_mail_server_tells_whether_it_takes_addresses_beyond_ascii(
    tmp_path: Path, answer: bytes, offered: bool | None
) -> None:
    """A local part beyond ASCII needs SMTPUTF8 (RFC 6531)."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            listener.accept()[0].close()
            with listener.accept()[0] as connection:
                connection.sendall(b"220-x\r\n220 y\r\n")
                assert connection.recv(100).startswith(b"EHLO ")
                connection.sendall(answer)
                connection.recv(100)

        thread = threading.Thread(target=serve)
        thread.start()
        found = check(tmp_path, smtp_url=f"smtp://127.0.0.1:{listener.getsockname()[1]}")
        thread.join()
    assert found["mail"].ok
    finding = found.get("mail beyond ASCII")
    assert (finding.ok if finding else None) is offered
    assert finding is None or not finding.needed


def test_a_mail_server_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("renvoi.node.checks.voicemail.CONNECT_TIMEOUT_S", 0.05)
    with socket.socket() as full:
        # With its queue full, the kernel answers no further connection.
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            found = check(tmp_path, smtp_url=f"smtp://127.0.0.1:{port}")["mail"]
    assert found.text == f"127.0.0.1:{port} does not answer within 0.05 s"


@pytest.mark.parametrize(
    ("settings", "setting", "reason"),
    [
        ({"smtp_url": "smtp://u:secret@mail.example"}, "RENVOI_SMTP_URL", "would cross the network in the clear"),
        ({"dkim_key_file": "/gone.pem"}, "RENVOI_DKIM_KEY_FILE", "/gone.pem cannot be read"),
    ],
)
def test_mail_settings_that_cannot_work(tmp_path: Path, settings: dict[str, str], setting: str, reason: str) -> None:
    found = check(tmp_path, **settings)["mail"]
    assert (found.ok, found.needed, found.advice) == (False, True, f"correct {setting}")
    assert reason in found.text
    assert "secret" not in found.text


def test_a_signature_is_told_with_the_name_of_its_key(tmp_path: Path, key: Path) -> None:
    found = check(tmp_path, mail_from="a@b.example", dkim_key_file=key)["mail"]
    assert found.text.endswith(", signed by the key at renvoi._domainkey.b.example")


def test_workers_of_other_nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = {5080: Load(3, 500, 900, 64), 5081: Load(0, 500, 63, 64)}

    async def load_of(host: str, port: int) -> Load | None:
        assert host == "10.0.0.5"
        return loads.get(port)

    monkeypatch.setattr("renvoi.node.checks.voicemail.load_of", load_of)
    nodes = "10.0.0.5:5080, 10.0.0.5:5081, 10.0.0.5:5082"
    found = check(tmp_path, only="edge", voicemail_nodes=nodes)
    assert [(name, finding.ok, finding.needed, finding.text) for name, finding in found.items()] == [
        ("voicemail at 10.0.0.5:5080", True, False, "3 of 500 calls"),
        ("voicemail at 10.0.0.5:5081", False, False, "the disk is full"),
        ("voicemail at 10.0.0.5:5082", False, False, "does not answer OPTIONS"),
    ]
    assert "RENVOI_VOICEMAIL_PEERS" in found["voicemail at 10.0.0.5:5082"].advice


def test_a_node_of_the_api_alone_has_nothing_to_do_with_messages(tmp_path: Path) -> None:
    assert check(tmp_path, only="api") == {}
