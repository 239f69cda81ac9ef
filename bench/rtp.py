"""The audio of many calls, sent by a thread of C so that it leaves the machine to what is measured (`rtp_load.c`)."""

import ctypes
import random
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any, Self

import av

FRAME_S = 0.02
FRAME_BYTES = 160
"""Bytes of PCMA in a packet; twice as many of 16-bit PCM."""
CLIP_FRAMES = 3000
SLOTS = 4000


def build(source: str, directory: Path, *flags: str) -> Path:
    """Compile a C file of this directory."""
    made = directory / Path(source).stem
    subprocess.run(["cc", "-O2", *flags, "-o", made, Path(__file__).with_name(source)], check=True)
    return made


class Clip:
    """A minute of noise: wherever it is cut, 40 ms of it occur nowhere else, and no sample of it is 0."""

    def __init__(self) -> None:
        self.pcma = random.Random(7).randbytes(CLIP_FRAMES * FRAME_BYTES)
        decoder: Any = av.CodecContext.create("pcm_alaw", "r")
        decoder.sample_rate, decoder.layout = 8000, "mono"
        frames = decoder.decode(av.Packet(self.pcma))
        self.pcm = b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in frames)
        assert len(self.pcm) == 2 * len(self.pcma)

    def sent(self, start: int, frames: int) -> bytes:
        """Return the PCM of a call that began with the frame `start` and sent so many (less than a clip)."""
        begin = start % CLIP_FRAMES * FRAME_BYTES * 2
        return (self.pcm[begin:] + self.pcm[:begin])[: frames * FRAME_BYTES * 2]


class Audio(ctypes.Structure):
    """One call's audio, shared with the thread of C, where its fields are explained."""

    _fields_ = (
        ("port", ctypes.c_uint32),
        ("start", ctypes.c_uint32),
        ("limit", ctypes.c_uint32),
        ("sent", ctypes.c_uint32),
        ("heard", ctypes.c_uint32),
        ("prompt", ctypes.c_uint32),
        ("sent_at_beep", ctypes.c_uint32),
    )


class _Load(ctypes.Structure):
    _fields_ = (
        ("socket", ctypes.c_int32),
        ("slots", ctypes.c_uint32),
        ("frames", ctypes.c_uint32),
        ("stop", ctypes.c_uint32),
        ("late_ns", ctypes.c_uint64),
        ("clip", ctypes.c_char_p),
        ("calls", ctypes.POINTER(Audio)),
        ("by_port", ctypes.POINTER(ctypes.c_uint16)),
    )


class Rtp:
    """Sends the audio of calls from one port, from `with` until its end."""

    def __init__(self, library: Path, clip: Clip) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._calls = (Audio * SLOTS)()
        self._by_port = (ctypes.c_uint16 * 65536)()
        self._free = list(reversed(range(SLOTS)))
        self._load = _Load(self._socket.fileno(), SLOTS, CLIP_FRAMES, 0, 0, clip.pcma, self._calls, self._by_port)
        run = ctypes.CDLL(str(library)).run
        self._thread = threading.Thread(target=run, args=(ctypes.byref(self._load),), name="rtp")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._load.stop = 1
        self._thread.join()
        self._socket.close()

    @property
    def late_ms(self) -> float:
        """How late a packet was at the most."""
        return float(self._load.late_ns) / 1e6

    def begin(self, port: int, start: int, packets: int, prompt: int = 0) -> int:
        """Begin to send `packets` to a port, with the clip's frame `start` first; return the slot.

        `prompt` is how many packets come back before the recording begins.
        """
        slot = self._free.pop()
        self._calls[slot] = Audio(start=start, limit=packets, prompt=prompt)
        self._by_port[port] = slot + 1
        # What makes the slot one in use comes last.
        self._calls[slot].port = port
        return slot

    def audio(self, slot: int) -> Audio:
        """Return how far a call's audio has come."""
        return self._calls[slot]

    def end(self, slot: int) -> Audio:
        """Give a slot back; return how far its audio came."""
        audio = self._calls[slot]
        ended = Audio.from_buffer_copy(audio)
        self._by_port[audio.port] = 0
        audio.port = 0
        self._free.append(slot)
        return ended
