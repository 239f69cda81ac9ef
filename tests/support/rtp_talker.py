"""The audio side of a test phone: sends a tone in real time by RTP, keeps what it hears, presses keys."""

import array
import math
import random
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Self

from renvoi.voicemail.media.codec import Codec, encode_frames
from tests.support.ports import bind_unused
from tests.support.sip_message import Address

FRAME_S, TICKS = 0.02, 160
PCMA, PCMU, G722, EVENTS = 8, 0, 9, 101
RTPMAP = {PCMA: "PCMA/8000", PCMU: "PCMU/8000", G722: "G722/8000", EVENTS: "telephone-event/8000"}
CODECS = {PCMA: Codec.PCMA, PCMU: Codec.PCMU, G722: Codec.G722}
KEYS = "0123456789*#"


def tone(hz: float, seconds: float, rate: int = 16000, amplitude: int = 8000) -> bytes:
    """Return a sine as 16-bit PCM."""
    samples = (int(amplitude * math.sin(2 * math.pi * hz * n / rate)) for n in range(int(seconds * rate)))
    return array.array("h", samples).tobytes()


class RtpTalker:
    """An RTP address of this machine that sends a tone of `hz` (None: silence, which is sent as well) when told to."""

    def __init__(
        self, payload_type: int = PCMA, hz: float | None = 440.0, *, offers: Iterable[int] = (), host: str = "127.0.0.1"
    ) -> None:
        self._hz = hz
        self._place = f"IN IP6 {host}" if ":" in host else f"IN IP4 {host}"
        self.offers = [*(offers or (payload_type,)), EVENTS]
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        bind_unused(self._socket, host)
        self._socket.settimeout(0.1)
        self.port: int = self._socket.getsockname()[1]
        self.change_codec(payload_type)
        self.heard: list[tuple[int, int, int, bytes]] = []
        """What came: payload type, sequence number, timestamp and payload."""
        self.sources: set[Address] = set()
        """Where that came from."""
        self.sent_at: list[float] = []
        """When each packet of audio was sent, by time.monotonic(), whatever happened to it on its way."""
        self.late_s = 0.0
        """How far behind its time it was at the most, in seconds: the machine is busy, or stood still."""
        self._remote: Address | None = None
        self.sequence, self.timestamp = 1000, 50_000
        # Nobody else's (RFC 3550 §5.1): by the same one from another address, a caller behind a NAT is known again.
        self.ssrc = random.getrandbits(31)
        self.mangle: Callable[[int, bytes], list[bytes]] = lambda _, packet: [packet]
        """What happens to the packet of that number on its way."""
        self.silent = threading.Event()
        self._ended = threading.Event()
        self._keys: list[str] = []
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._send, self._receive)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def sdp(self) -> str:
        """The offer of this phone."""
        maps = "".join(f"a=rtpmap:{each} {RTPMAP[each]}\r\n" for each in self.offers)
        types = " ".join(map(str, self.offers))
        return (
            f"v=0\r\no=- 1 1 {self._place}\r\ns=-\r\nc={self._place}\r\nt=0 0\r\n"
            f"m=audio {self.port} RTP/AVP {types}\r\n{maps}a=ptime:20\r\n"
        )

    def change_codec(self, payload_type: int) -> None:
        """Say the same in another codec from now on."""
        one_second = tone(self._hz, 1.0) if self._hz else bytes(32000)
        # Whole periods a second, so that it can be repeated; encoded as one, as G.722 needs its past.
        self._frames = encode_frames(one_second * 2, 16000, CODECS[payload_type])[50:]
        self.payload_type = payload_type

    def talk(self, answer: str) -> Self:
        """Send and listen from now on, to where the SDP `answer` says."""
        self._remote = address_of(answer)
        for thread in self._threads:
            thread.start()
        return self

    def press(self, key: str) -> None:
        """Press a key (RFC 4733)."""
        self._keys.append(key)

    def move(self) -> None:
        """Go on from another port, as a NAT that has forgotten us makes it look."""
        moved = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bind_unused(moved)
        moved.settimeout(0.1)
        before, self._socket = self._socket, moved
        before.close()

    def stop(self) -> None:
        """Fall silent."""
        self._ended.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self._socket.close()

    def send(self, payload_type: int, payload: bytes, timestamp: int, *, marker: bool = False) -> None:
        """Send one packet."""
        head = bytes([0x80, payload_type | (0x80 if marker else 0)])
        head += self.sequence.to_bytes(2, "big") + timestamp.to_bytes(4, "big") + self.ssrc.to_bytes(4, "big")
        number, self.sequence = self.sequence, (self.sequence + 1) & 0xFFFF
        assert self._remote is not None
        if payload_type == self.payload_type:
            self.sent_at.append(time.monotonic())
        for packet in self.mangle(number, head + payload):
            self._socket.sendto(packet, self._remote)

    def _send(self) -> None:
        due, frame = time.monotonic(), 0
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            self.late_s = max(self.late_s, time.monotonic() - due)
            if self._keys:
                self._send_key(self._keys.pop(0))
            if not self.silent.is_set():
                self.send(self.payload_type, self._frames[frame % 50], self.timestamp)
            frame += 1
            self.timestamp = (self.timestamp + TICKS) & 0xFFFFFFFF
            due += FRAME_S

    def _send_key(self, key: str) -> None:
        for number in range(6):
            flags = 10 | (0x80 if number >= 3 else 0)
            event = bytes([KEYS.index(key), flags]) + (TICKS * min(number + 1, 4)).to_bytes(2, "big")
            self.send(EVENTS, event, self.timestamp, marker=number == 0)

    def _receive(self) -> None:
        while not self._ended.is_set():
            try:
                packet, source = self._socket.recvfrom(2048)
            except (TimeoutError, OSError):
                continue
            number, timestamp = int.from_bytes(packet[2:4], "big"), int.from_bytes(packet[4:8], "big")
            self.sources.add(source[:2])
            self.heard.append((packet[1] & 0x7F, number, timestamp, packet[12:]))


def address_of(sdp: str) -> Address:
    """Return where an SDP wants audio to be sent."""
    lines = dict(line.split("=", 1) for line in sdp.replace("\r", "").split("\n") if "=" in line)
    return (lines["c"].split()[2], int(lines["m"].split()[1]))
