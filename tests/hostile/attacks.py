"""Batches of hostile input, one kind each, of bounded number; each returns when the node has taken it."""

import os
import random
import select
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tests.hostile import inputs
from tests.hostile.mail_front import MailFront
from tests.support.callers import Caller
from tests.support.commands import RENVOI
from tests.support.node import NUMBER, SECOND, Node
from tests.support.sip import Call, Phone, options
from tests.support.smtp import Inbox
from tests.support.waiting import wait_for

REQUESTS, STREAMS, CALLS, PACKETS, FILES, TABLES, MAILS = 120, 10, 12, 1500, 20, 3, 2
ANSWER_TIMEOUT_S = 20.0
"""How long the node may take for one thing on a busy machine."""


@dataclass(frozen=True)
class Target:
    """The node that is attacked, and what stands around it."""

    node: Node
    inbox: Inbox
    front: MailFront


Attack = Callable[[Target, random.Random], None]


def by_datagrams(target: Target, dice: random.Random) -> None:
    """Send SIP requests and stray responses by UDP, from a peer."""
    edge = target.node.edge
    with Phone() as phone, Phone() as asker:
        for number in range(REQUESTS):
            call = Call(phone, edge, dice.choice((NUMBER, SECOND)))
            make = inputs.sip_response if dice.random() < 0.1 else inputs.sip
            with suppress(OSError):  # what is too long for a datagram
                phone.send(make(call, dice), edge)
            if number % 20 == 0:
                assert options(asker, edge, ANSWER_TIMEOUT_S).status == 200
        assert options(asker, edge, ANSWER_TIMEOUT_S).status == 200


def by_streams(target: Target, dice: random.Random) -> None:
    """Send the same by TCP: several in a row, in pieces of any size, cut off anywhere."""
    edge = target.node.edge
    for _ in range(STREAMS):
        with Phone("tcp") as phone, Phone() as asker, socket.create_connection(edge) as stream:
            data = b"".join(inputs.sip(Call(phone, edge, NUMBER), dice) for _ in range(dice.randint(1, 8)))
            data = data[: dice.choice((len(data), dice.randrange(len(data) + 1)))]
            with suppress(OSError):  # the edge may close it
                while data:
                    size = dice.choice((1, 7, 100, 5000, len(data)))
                    stream.sendall(data[:size])
                    data = data[size:]
                    if select.select([stream], [], [], 0)[0] and not stream.recv(65536):
                        break
            assert options(asker, edge, ANSWER_TIMEOUT_S).status == 200


def by_strangers(target: Target, dice: random.Random) -> None:
    """Send calls from an address of no trunk, which are asked for a password, with what no sane peer answers."""
    edge = target.node.edge
    with Phone(host=f"127.{dice.randrange(200, 250)}.{dice.randrange(256)}.1") as stranger, Phone() as asker:
        call = Call(stranger, edge, NUMBER).start()
        asked = call.expect(407, ANSWER_TIMEOUT_S, skip=())["Proxy-Authenticate"]
        for number in range(REQUESTS):
            call = Call(stranger, edge, NUMBER)
            call.invite.headers += inputs.credentials(call, asked, dice)
            with suppress(OSError):  # what is too long for a datagram
                stranger.send(inputs.sip(call, dice), edge)
            if number % 20 == 0:
                assert options(asker, edge, ANSWER_TIMEOUT_S).status == 200
        assert options(asker, edge, ANSWER_TIMEOUT_S).status == 200


def by_media(target: Target, dice: random.Random) -> None:
    """Call the voicemail with hostile session descriptions; send what is not RTP, and clocks that jump."""
    for _ in range(CALLS):
        with Caller(target.node.edge, SECOND) as caller:
            caller.call.invite.body = inputs.sdp(caller.talker.sdp, dice).encode("utf-8", "surrogateescape")
            caller.call.start()
            answer = caller._final("INVITE", ANSWER_TIMEOUT_S)
            assert answer is not None, "no final answer to an INVITE with a hostile SDP"
            if answer.status == 200:
                assert caller.hang_up(ANSWER_TIMEOUT_S) == 200
    with Caller(target.node.edge, SECOND) as caller:
        assert caller.connect() == 200
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for number in range(PACKETS):
                packet = inputs.rtp(dice, 1000 + number, 50_000 + 160 * number)
                sender = dice.choice((stranger, caller.talker._socket))
                sender.sendto(packet, ("127.0.0.1", caller.rtp_port + dice.choice((0, 0, 0, 1))))
        # A `#` may have ended it already.
        assert caller.hang_up(ANSWER_TIMEOUT_S) in (200, 481)


def by_names(target: Target, dice: random.Random) -> None:
    """Leave messages as callers with hostile names: each is mailed."""
    for _ in range(MAILS):
        before = len(target.inbox.mails)
        with Caller(target.node.edge, SECOND) as caller:
            name = inputs.hostile(dice)[:4000].replace("\r", "").replace("\n", "")
            quoted = "".join(f"%{byte:02x}" for byte in name.encode("utf-8", "surrogateescape"))
            sender = dice.choice((f"<sip:{quoted}@x>", f'"{name.replace(chr(34), "")}" <sip:{quoted}@x>'))
            caller.call.invite.headers = [
                (header, f"{sender};tag={caller.call.tag}" if header == "From" else value)
                for header, value in caller.call.invite.headers
            ]
            status = caller.connect()
            if status != 200:
                assert 400 <= status < 500, f"{sender!r}: {status}"
                continue
            assert caller.wait_for_beep()
            caller.talk(1.3)
            caller.hang_up(ANSWER_TIMEOUT_S)
        wait_for(lambda: len(target.inbox.mails) > before, f"the mail of {sender!r}", ANSWER_TIMEOUT_S)  # noqa: B023 - asked at once


def by_http(target: Target, dice: random.Random) -> None:
    """Send requests that are damaged, cut off, in pieces: nothing ends in a 5xx or without an end."""
    for _ in range(REQUESTS):
        data = inputs.http(target.node.key, NUMBER, dice)
        with socket.create_connection(("127.0.0.1", target.node.http_port)) as client:
            client.settimeout(ANSWER_TIMEOUT_S)
            received = b""
            with suppress(OSError):  # the server may have answered and gone
                rest = data
                while rest:
                    size = dice.choice((1, 100, len(rest)))
                    client.sendall(rest[:size])
                    rest = rest[size:]
                client.shutdown(socket.SHUT_WR)
            with suppress(ConnectionError):
                while chunk := client.recv(65536):
                    received += chunk
        for line in received.split(b"\r\n"):
            assert not line.startswith(b"HTTP/1.1 5"), f"{line!r} to {data!r}"


def by_tables(target: Target, dice: random.Random) -> None:
    """Import files with bad lines: each is refused without a trace."""
    for number in range(TABLES):
        file = target.node.data / f"hostile-{number}.csv"
        file.write_bytes(inputs.csv(dice))
        done = subprocess.run(
            [RENVOI, "number", "import", str(file), "--account", "acme", "--data", str(target.node.data)],
            capture_output=True, timeout=60, check=False, env=target.node.environment,
        )  # fmt: skip
        file.unlink()
        assert done.returncode in (0, 1), done.stderr.decode("utf-8", "replace")
        assert b"Traceback" not in done.stderr, done.stderr.decode("utf-8", "replace")


def by_files(target: Target, dice: random.Random) -> None:
    """Put lines into the spool that no edge wrote, and things that are not event files."""
    spool = target.node.data / "spool"
    for number in range(FILES):
        name = f"hostile{dice.randrange(10**9)}-999999999-{number}.jsonl"
        lines = [inputs.spool_line(dice) for _ in range(dice.randint(1, 5))]
        if number == 0:
            lines.insert(1, b"x" * 400_000)
        (spool / name).write_bytes(b"\n".join(lines) + dice.choice((b"\n", b"")))
    os.mkfifo(spool / f"fifo{dice.randrange(10**9)}-1-1.jsonl")
    (spool / f"folder{dice.randrange(10**9)}-1-1.jsonl").mkdir()
    (spool / f"link{dice.randrange(10**9)}-1-1.jsonl").symlink_to("/etc/passwd")
    (spool / f"strange {dice.randrange(10**9)}\n.jsonl").touch()


def by_mail_server(target: Target, dice: random.Random) -> None:
    """Have the mail server talk nonsense while a message is there to be sent."""
    before = target.front.conversations
    target.front.dice = dice
    try:
        with Caller(target.node.edge, SECOND) as caller:
            assert caller.connect() == 200
            assert caller.wait_for_beep()
            caller.talk(1.3)
            caller.hang_up(ANSWER_TIMEOUT_S)
        wait_for(lambda: target.front.conversations >= before + 3, "attempts to send a mail", ANSWER_TIMEOUT_S)
    finally:
        target.front.dice = None


ATTACKS: dict[str, Attack] = {
    "datagrams": by_datagrams,
    "streams": by_streams,
    "strangers": by_strangers,
    "media": by_media,
    "names": by_names,
    "http": by_http,
    "tables": by_tables,
    "files": by_files,
    "mail server": by_mail_server,
}
