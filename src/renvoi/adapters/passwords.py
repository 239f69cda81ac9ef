"""Passwords by argon2id (RFC 9106), in threads: a hash takes tens of milliseconds and megabytes."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from renvoi.application.ports.people import PasswordsBusy

T = TypeVar("T")

AT_ONCE = 2
WAITING = 30
"""Passwords that wait for a thread, at most; more of them are turned away at once."""
PASSES, MEMORY_KIB = 2, 19 * 1024
"""The least that OWASP's Password Storage Cheat Sheet asks for of argon2id with one lane."""


class Argon2Passwords:
    """See `Passwords`. Belongs to one event loop; its memory is bounded by `AT_ONCE` hashes."""

    def __init__(self, passes: int = PASSES, memory_kib: int = MEMORY_KIB) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        # Compared with where there is no password, so that this takes as long.
        self._nobody = self._hasher.hash("nobody")
        self._threads = ThreadPoolExecutor(AT_ONCE, "passwords")
        self._running = 0

    async def hash(self, password: str) -> str:
        """See `Passwords.hash`."""
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, password: str, stored: str | None) -> bool:
        """See `Passwords.verify`."""
        return await self._run(lambda: self._verify(password, stored or self._nobody)) and bool(stored)

    def is_outdated(self, stored: str) -> bool:
        """See `Passwords.is_outdated`."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._running >= AT_ONCE + WAITING:
            raise PasswordsBusy
        self._running += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._running -= 1
