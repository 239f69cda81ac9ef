"""The media relay is told that a call has ended, and says what it has relayed.

Kamailio's module tells it all else, but knows nothing of its answer that tells one side of a call from the other.
"""

import logging
import time
from typing import Any

from renvoi.edge.relay_client import RelayClient, RelaySilent

PAUSE_S = 5.0
"""For how long a relay that did not answer is left alone."""
FEW_PACKETS = 50
"""Of one side, a second of audio: with fewer the silence of the other side says nothing."""
SHORT_S = 5
"""A call that is shorter may have ended before there was anything to say."""
CALLER, CALLEE, BOTH = "caller", "callee", "both"

_log = logging.getLogger("renvoi.edge")


class MediaRelay:
    """One object in each of Kamailio's processes; `address` is None where there is no relay."""

    def __init__(self, address: tuple[str, int] | None) -> None:
        self._client = RelayClient(address) if address is not None else None
        self._resting_until_s = 0.0

    def answers(self) -> bool:
        """Tell whether the relay is there; for a while after it was not, it is not asked."""
        if self._client is None or time.monotonic() < self._resting_until_s:
            return False
        try:
            self._client.ask("ping", {})
        except RelaySilent:
            self._rest()
            return False
        return True

    def _rest(self) -> None:
        assert self._client is not None
        self._client.close()
        self._resting_until_s = time.monotonic() + PAUSE_S

    def end(self, call_id: bytes, caller_tag: bytes) -> str | None:
        """End the audio of a call; return who was not heard (CALLER, CALLEE, BOTH), None if nobody or if not known."""
        if self._client is None or time.monotonic() < self._resting_until_s:
            return None
        try:
            call, tag = call_id.decode(), caller_tag.decode()
        except UnicodeDecodeError:
            return None  # no JSON can name it: the relay ends it when nothing comes any more
        try:
            # Asked before: what rtpengine 12.5 says of a call that it lets go of has no sides.
            ended = self._client.ask("query", {"call-id": call})
            self._client.ask("delete", {"call-id": call, "from-tag": tag, "delete-delay": 0})
        except RelaySilent as error:
            _log.warning("the media relay does not say how a call has ended: %s", error)
            self._rest()
            return None
        return unheard_side(ended, tag, time.time())


def unheard_side(ended: Any, caller_tag: str, now_s: float) -> str | None:
    """Return which side of a call was not heard, by what the relay says of the call at its end."""
    try:
        packets = {tag: _packets(side) for tag, side in ended["tags"].items()}
        lasted_s = now_s - ended["created"]
    except (KeyError, TypeError, AttributeError, ValueError):
        return None  # it knows no such call
    caller = packets.pop(caller_tag, 0)
    callee = sum(packets.values())
    if not caller and not callee:
        return BOTH if lasted_s >= SHORT_S else None
    if not caller and callee >= FEW_PACKETS:
        return CALLER
    return CALLEE if not callee and caller >= FEW_PACKETS else None


def _packets(side: Any) -> int:
    """Return how many packets of audio came from a side."""
    streams = (stream for media in side["medias"] for stream in media["streams"])
    return sum(int(stream["stats"]["packets"]) for stream in streams if "RTP" in stream["flags"])
