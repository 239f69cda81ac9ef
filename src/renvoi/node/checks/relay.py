"""What calls need whose audio goes through the media relay."""

import asyncio

from renvoi.application.ports.trunks import Trunks
from renvoi.edge import relay_client
from renvoi.node.checks.results import Finding
from renvoi.setting_types import EDGE
from renvoi.settings import Settings

NAME = "media relay"
ANSWER_TIMEOUT_S = 1.0
_ADVICE = "start rtpengine with --listen-ng at that address (docs/operating.md), or set RENVOI_RTPENGINE to where it is"


async def check_relay(settings: Settings, trunks: Trunks) -> list[Finding]:
    """Look at whether the relay is there that trunks need."""
    if EDGE not in settings.parts:
        return []
    address = settings.relay_address
    if address is None:
        if not trunks.relayed:
            return []
        text = f"none, and without it no call is forwarded that has to do with {', '.join(trunks.relayed)}"
        return [Finding(NAME, False, text, "set RENVOI_RTPENGINE to where rtpengine is", needed=False)]
    there = await asyncio.to_thread(relay_client.answers, address, ANSWER_TIMEOUT_S)
    text = f"rtpengine {'answers' if there else 'does not answer'} at {settings.rtpengine}"
    return [Finding(NAME, there, text, _ADVICE, needed=False)]
