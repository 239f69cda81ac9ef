"""Keeping the keys that nodes share: made when there is none, rotated daily, removed when nothing needs them."""

from collections.abc import Callable, Iterable

from renvoi.application.ports.unit_of_work import Clock, Store, Writer
from renvoi.domain.shared_key import ID_BYTES, SECRET_BYTES, KeyRing, KeysInvalid, SharedKey

Stored = tuple[str, bytes, int]


async def keep_keys(
    store: Store,
    clock: Clock,
    random: Callable[[int], bytes],
    validity_ms: int,
    complain: Callable[[str], None],
) -> KeyRing:
    """Return the keys of all nodes, after a new one was added or old ones were removed if it is time for that.

    `random` returns so many unguessable bytes; what is signed is valid for `validity_ms`. Of several nodes that come at
    the same time one adds a key. What is not a key stays where it is, as a newer program may have made it; `complain`
    gets a text about it.

    Raises:
        StoreUnavailable: the store cannot be asked, or cannot be written when that is necessary.
    """
    now_ms = clock.now_ms()
    stored = await store.read(lambda reader: reader.shared_keys())
    ring = _ring(stored, complain)
    if ring is not None and not ring.needs_another(now_ms) and not ring.expired(now_ms, validity_ms):
        return ring

    def work(writer: Writer) -> KeyRing:
        # Another node may have been here meanwhile.
        ring = _ring(writer.shared_keys_for_change(), complain)
        keys = list(ring.keys) if ring is not None else []
        if ring is None or ring.needs_another(now_ms):
            keys.append(SharedKey(random(ID_BYTES).hex(), random(SECRET_BYTES), now_ms))
            writer.add_shared_key(keys[-1])
        expired = KeyRing(keys).expired(now_ms, validity_ms)
        for key in expired:
            writer.remove_shared_key(key.id)
        return KeyRing(key for key in keys if key not in expired)

    return await store.write(work)


async def read_keys(store: Store) -> KeyRing | None:
    """Return the keys of all nodes as they are, None where no node has made any yet."""
    return _ring(await store.read(lambda reader: reader.shared_keys()), lambda _: None)


def _ring(stored: Iterable[Stored], complain: Callable[[str], None]) -> KeyRing | None:
    keys = []
    for each in stored:
        try:
            keys.append(SharedKey(*each))
        except KeysInvalid as error:
            complain(str(error))
    return KeyRing(keys) if keys else None
