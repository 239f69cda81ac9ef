"""Whether the caller speaks."""

_LOUD = bytes(0 if high in {0x00, 0xFF} else 1 for high in range(256))
"""Which high bytes of 16-bit samples mean an amplitude of 256 or more."""

_LOUD_SHARE = 16


class VoiceActivityDetector:
    """Tells since when nothing was heard. No packets at all are silence too: many phones send none while it is quiet.

    A packet is loud when one sample in 16 has an amplitude of 256 or more. For a tone that is −39 dBm0, for noise −41:
    below the speech of a quiet talker on a bad line (about −35 dBm0), above the noise of lines, codecs and offices
    (under −50 dBm0). 0 dBm0 has an amplitude of about 22,800 here (ITU-T G.711 §4: the peak is at +3.14 dBm0).

    Two loud packets in a row are speech; one alone is a click.
    """

    def __init__(self, now: float) -> None:
        self._last_speech = now
        self._was_loud = False
        self.spoken = False
        """Whether anything but silence was heard."""

    def hear(self, pcm: bytes | bytearray, now: float) -> None:
        """Take in 16-bit little-endian PCM that was received at `now`, in seconds."""
        loud = pcm[1::2].translate(_LOUD).count(1) * _LOUD_SHARE * 2 >= len(pcm) > 0
        if loud and self._was_loud:
            self._last_speech = now
            self.spoken = True
        self._was_loud = loud

    def silent_for(self, now: float) -> float:
        """Return for how many seconds nothing was heard."""
        return now - self._last_speech
