"""The end of a recording cut off where nothing was said any more, and all of it where nothing was said at all."""

from array import array

import structlog

from renvoi.domain.messages.message import MIN_MESSAGE_MS
from renvoi.voicemail.media.heard import RATE_HZ, heard_samples
from renvoi.voicemail.recording.recording import Recording

log = structlog.get_logger("voicemail")


def trim(recording: Recording) -> None:
    """Cut off the silence, and the busy tone, that ended a message; leave nothing where it is nothing but that.

    Of what is left nothing is shorter than the shortest message, and what was shorter before stays as it is. A
    recording that was finished by a process before this one was trimmed by it. Blocks on the disk and takes some
    milliseconds, 0.1 s for two minutes of nothing but a busy tone.

    Raises:
        OSError: the disk failed.
    """
    if recording.was_finished or recording.duration_ms < MIN_MESSAGE_MS:
        return
    step = recording.rate // RATE_HZ

    def read(offset: int, count: int) -> "array[int]":
        # Every other sample of 16 kHz: aliasing from that does not produce a tone that is looked for.
        return array("h", recording.pcm(offset * step, count * step))[::step]

    try:
        kept = heard_samples(read, recording.samples // step) * step
    except (ArithmeticError, ValueError, LookupError) as error:
        # Better a message with its silence than none.
        log.exception("a recording cannot be trimmed, and stays as it is", message_id=recording.id, error=str(error))
        return
    if kept:
        kept = max(kept, recording.rate * MIN_MESSAGE_MS // 1000)
    if kept < recording.samples:
        recording.cut(kept)
