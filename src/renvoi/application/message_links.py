"""Links to the audio of messages, made with the keys that nodes share."""

from renvoi.application.auth import rights_now
from renvoi.application.inbox import is_closed
from renvoi.application.ports.messages import StoredMessage
from renvoi.application.ports.unit_of_work import Clock, Reader, Store
from renvoi.application.shared_keys import read_keys
from renvoi.domain.access.api_key import Principal
from renvoi.domain.messages.audio_link import AudioLink, is_link, read_link
from renvoi.domain.numbers.number import E164

SCOPE = "messages:read"
"""What a key needs to hear messages, and to make links."""
PATH = "/v2/audio?link="
"""Where a link leads, behind the address of a server; what stands in a query is in no log of ours."""


async def make_link(
    store: Store, clock: Clock, who: Principal, message_id: str, form: str, lasts_s: int, public_url: str
) -> tuple[str, AudioLink] | None:
    """Return the address of a link to the audio of a message, and what it gives; None: no node has made keys yet.

    It does not outlive the key or person that asks for it, also when that is revoked before it expires.
    """
    ring = await read_keys(store)
    if ring is None:
        return None
    now_ms = clock.now_ms()
    until_ms = now_ms + lasts_s * 1000
    ends_ms = until_ms if who.expires_at_ms is None else min(until_ms, who.expires_at_ms)
    link = AudioLink(message_id, form, ends_ms, who.key_id or "")
    return f"{public_url}{PATH}{link.token(ring, now_ms)}", link


async def follow_link(store: Store, clock: Clock, token: str) -> tuple[AudioLink, StoredMessage] | None:
    """Return what a link gives, and the message; None when it is not one of ours, or has ended.

    It ends with the message and with its account too, and when who asked for it may not hear it any more.
    """
    ring = await read_keys(store) if is_link(token) else None
    now_ms = clock.now_ms()
    link = read_link(token, ring, now_ms) if ring is not None else None
    if link is None:
        return None

    def work(reader: Reader) -> StoredMessage | None:
        stored = reader.message(link.message_id)
        if stored is None or is_closed(reader, stored):
            return None
        return stored if _may_hear(reader, link.asked_by, stored.message.number, now_ms) else None

    stored = await store.read(work)
    return None if stored is None else (link, stored)


def _may_hear(reader: Reader, asking: str, number: E164, now_ms: int) -> bool:
    """Tell whether who was let in once still would be; a link of the command line has nobody."""
    if not asking:
        return True
    rights = rights_now(reader, asking, now_ms)
    if rights is None:
        return False
    return rights.has(SCOPE) and (rights.numbers is None or number in rights.numbers)
