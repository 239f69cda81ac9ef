"""Mails through a real SMTP server: it cannot be reached, is silent, shuts down, or leaves in the middle."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from renvoi.application.outbox.channel import Affected, TemporaryFailure
from tests.integration.mail.sending import recovers, send
from tests.support.ports import free_port
from tests.support.smtp import Behaviour, Inbox, Tls
from tests.support.voicemail_mail import notice


def test_a_server_that_refuses_connections(audio: Path) -> None:
    port = free_port()
    assert send(f"smtp://127.0.0.1:{port}", notice(audio)) == TemporaryFailure(
        f"127.0.0.1:{port} refuses connections: check that the SMTP server runs, and its port", Affected.SERVER
    )


def test_a_server_that_cannot_be_found(audio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    assert send("smtp://mail.example.invalid", notice(audio)) == TemporaryFailure(
        "mail.example.invalid cannot be found (Name or service not known): check the name of the SMTP server",
        Affected.SERVER,
    )


@contextmanager
def silent_server() -> Iterator[int]:
    """Give the port of a server that accepts connections, by its backlog, and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.parametrize("scheme", ["smtp", "smtps", "smtp+starttls"])
def test_a_server_that_says_nothing(audio: Path, scheme: str) -> None:
    with silent_server() as port:
        assert send(f"{scheme}://127.0.0.1:{port}", notice(audio), timeout_s=0.1) == TemporaryFailure(
            f"127.0.0.1:{port} did not answer the connection in time", Affected.SERVER
        )


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        ("421 too busy", "refused the connection: 421 too busy"),
        ("554 no service for you", "refused the connection: 554 no service for you"),
        ("HTTP/1.1 400 Bad Request", "refused the connection: an answer that is not SMTP"),
    ],
)
def test_a_server_that_turns_us_away(audio: Path, greeting: str, said: str) -> None:
    with Inbox(behaviour=Behaviour(greeting=greeting)) as inbox:
        outcome = send(inbox.url(), notice(audio))
        assert isinstance(outcome, TemporaryFailure)
        assert outcome.affected is (Affected.SITE if greeting.startswith("554") else Affected.SERVER)
        assert outcome.reason.startswith(f"127.0.0.1:{inbox.port} {said}")
        recovers(inbox, notice(audio))


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(mail_reply="421 4.3.2 shutting down"),
        Behaviour(rcpt_reply="421 4.3.2 shutting down"),
        Behaviour(data_reply="421 4.3.2 shutting down"),
    ],
)
def test_a_server_that_shuts_down_hits_all_mails(audio: Path, behaviour: Behaviour) -> None:
    with Inbox(behaviour=behaviour) as inbox:
        outcome = send(inbox.url(), notice(audio))
        assert isinstance(outcome, TemporaryFailure)
        assert outcome.affected is Affected.SERVER
        assert outcome.reason.endswith("421 4.3.2 shutting down")


@pytest.mark.parametrize("tls", ["none", "starttls", "smtps"])
def test_a_server_that_hangs_after_the_data(audio: Path, tls: Tls) -> None:
    with Inbox(tls=tls, behaviour=Behaviour(hang_after_data=True)) as inbox:
        assert send(inbox.url(), notice(audio), timeout_s=1.0) == TemporaryFailure(
            f"127.0.0.1:{inbox.port} did not answer the mail (DATA) in time", Affected.ITEM
        )
        assert inbox.attempts == 1
        recovers(inbox, notice(audio))


@pytest.mark.parametrize("tls", ["none", "starttls", "smtps"])
def test_a_server_that_drops_the_connection_before_its_250(audio: Path, tls: Tls) -> None:
    with Inbox(tls=tls, behaviour=Behaviour(drop_after_data=True)) as inbox:
        assert send(inbox.url(), notice(audio)) == TemporaryFailure(
            f"127.0.0.1:{inbox.port} dropped the connection before it answered the mail (DATA)", Affected.ITEM
        )
        assert inbox.attempts == 1
        recovers(inbox, notice(audio))
