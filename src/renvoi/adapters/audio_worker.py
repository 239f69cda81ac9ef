"""One conversion of audio, in a process of its own: `python -m renvoi.adapters.audio_worker mp3|greeting`.

What strangers upload is read by FFmpeg, and a greeting's level takes a second of Python: neither belongs into a process
that others wait for. The input is a file on stdin, the result goes to stdout. A file that cannot be used ends it with
`INVALID`, and with the reason in both languages on stderr.
"""

import contextlib
import json
import resource
import sys
from pathlib import Path

from renvoi.adapters.audio import read_greeting, wav_to_mp3
from renvoi.adapters.audio_converter import INVALID
from renvoi.application.ports.audio import AudioInvalid

MAX_CPU_S = 30
MAX_MEMORY = 2 * 1024**3
"""What the longest upload takes is far below both; a file that makes FFmpeg run away ends there."""


def main(what: str) -> int:
    """Convert stdin; return the exit code."""
    for limit, most in ((resource.RLIMIT_CPU, MAX_CPU_S), (resource.RLIMIT_AS, MAX_MEMORY), (resource.RLIMIT_CORE, 0)):
        # Where less is allowed already, that stays.
        with contextlib.suppress(ValueError):
            resource.setrlimit(limit, (most, most))
    source = Path("/proc/self/fd/0")
    try:
        result = wav_to_mp3(source) if what == "mp3" else read_greeting(source.read_bytes())
    except AudioInvalid as error:
        sys.stderr.write(json.dumps([str(error), error.french]))
        return INVALID
    sys.stdout.buffer.write(result)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
