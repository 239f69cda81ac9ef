"""The node's share in the keys that nodes share: it renews them in the store and hands them to those who use them."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.application.shared_keys import keep_keys
from renvoi.configuration.settings import Settings
from renvoi.domain.messages import audio_link
from renvoi.domain.messages.voicemail_handoff import VALID_S
from renvoi.domain.shared_key import KeyRing, KeysInvalid
from renvoi.key_file import NAME, write_keys
from renvoi.wakeups import to_next

PERIOD_S = 10.0
"""How often they are looked at: well within the time that a new key has to spread before it is used."""


class KeyKeeper:
    """Keeps the keys of one node up to date, in memory and in the file that its voicemail workers read."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._file: Path = settings.run_dir / NAME
        self._clock = clock
        self._validity_ms = 1000 * max(settings.longest_call_h * 3600, VALID_S, audio_link.MOST_S)
        self._ring: KeyRing | None = None
        self._told: set[str] = set()

    @property
    def ring(self) -> KeyRing:
        """The keys; `renew` has to have run."""
        assert self._ring is not None
        return self._ring

    async def renew(self, store: Store) -> bool:
        """Bring the keys up to date, and the file, which may have been damaged; return whether that took something.

        A node that starts while the store is away goes on with those that it had.

        Raises:
            StoreUnavailable: the store is away, and there are none from before.
            OSError: the file cannot be written.
        """
        try:
            ring = await keep_keys(store, self._clock, os.urandom, self._validity_ms, self._complain)
        except StoreUnavailable:
            if self._ring is not None:
                return False
            before = self._from_before()
            if before is None:
                raise
            ring = before
        if ring == self._ring and await asyncio.to_thread(self._from_before) == ring:
            return False
        await asyncio.to_thread(write_keys, self._file, ring)
        self._ring = ring
        return True

    async def keep(self, store: Store, hand_on: Callable[[KeyRing], Awaitable[None]]) -> None:
        """Renew the keys for ever; `hand_on` gets those that are others than before, until it has taken them."""
        taken = self.ring
        while True:
            await asyncio.sleep(to_next(PERIOD_S))
            try:
                await self.renew(store)
                if self.ring != taken:
                    await hand_on(self.ring)
                    taken = self.ring
            except Exception as error:  # noqa: BLE001 - the disk may be full; the next look comes soon
                structlog.get_logger("node").warning("the shared keys are not renewed yet", error=str(error))

    def _complain(self, text: str) -> None:
        """Tell once what is wrong with what is stored."""
        if text not in self._told:
            self._told.add(text)
            structlog.get_logger("node").error("a shared key in the store is not used", error=text)

    def _from_before(self) -> KeyRing | None:
        try:
            return KeyRing.load(self._file.read_text("utf-8", "replace"))
        except FileNotFoundError:
            return None
        except (OSError, KeysInvalid) as error:
            structlog.get_logger("node").error("the file of the shared keys is written again", error=str(error))
            return None
