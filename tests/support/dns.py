"""A DNS server of the tests, which answers, fails, lies and is silent as it is told."""

import os
import secrets
import shutil
import socket
import threading
from enum import StrEnum
from pathlib import Path
from typing import Self

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.support.ports import bind_unused


class Mood(StrEnum):
    """What the server does with questions."""

    ANSWER = "answer"
    SILENT = "silent"
    FAIL = "servfail"
    REFUSE = "refused"
    DENY = "nxdomain"
    BABBLE = "garbage"


class DnsServer:
    """Answers by UDP from `records`: texts of a zone file by name and type, such as ("x.example", "A"): ["127.0.0.1"].

    An address of its own on loopback makes port 53 free, which is the only one that /etc/resolv.conf can name.
    """

    def __init__(self, port: int = 0) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.mood = Mood.ANSWER
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if port == 0:
            bind_unused(self._socket)
        else:
            self._socket.bind((f"127.{100 + secrets.randbelow(100)}.{secrets.randbelow(250)}.53", port))
        self.host, self.port = self._socket.getsockname()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone does not wake up who reads; an empty datagram does.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", (self.host, self.port))
        self._thread.join()
        self._socket.close()

    def put(self, name: str, kind: str, *texts: str) -> None:
        """Set what a name has of a kind; nothing removes it."""
        self.records[name, kind] = list(texts)

    def _serve(self) -> None:
        while True:
            data, peer = self._socket.recvfrom(4096)
            if not data:
                return
            answer = self._answer(data)
            if answer is not None:
                self._socket.sendto(answer, peer)

    def _answer(self, data: bytes) -> bytes | None:
        try:
            query = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return None
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        match self.mood:
            case Mood.SILENT:
                return None
            case Mood.BABBLE:
                return data[:2] + secrets.token_bytes(40)
            case Mood.FAIL:
                response.set_rcode(dns.rcode.SERVFAIL)
            case Mood.REFUSE:
                response.set_rcode(dns.rcode.REFUSED)
            case Mood.DENY:
                response.set_rcode(dns.rcode.NXDOMAIN)
            case Mood.ANSWER:
                texts = self.records.get((name, kind), [])
                if texts:
                    response.answer.append(dns.rrset.from_text_list(question.name, 5, "IN", kind, texts))
                elif not any(texts for (known, _), texts in self.records.items() if known == name):
                    response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()


def lacking() -> str | None:
    """Return why this process cannot give a program a resolv.conf of its own; None when it can."""
    if os.geteuid() != 0:
        return "only root may give a program an /etc/resolv.conf of its own"
    if shutil.which("unshare") is None:
        return "unshare is not installed"
    return None


def with_resolver(directory: Path, server: DnsServer) -> list[str]:
    """Return what a command line begins with whose program asks `server`: a mount namespace of its own."""
    file = directory / "resolv.conf"
    file.write_text(f"nameserver {server.host}\n", "ascii")
    return ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"', str(file)]
