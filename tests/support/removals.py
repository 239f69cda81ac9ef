"""Removals in tests: an account that has all there is, and what is looked at when some of it goes."""

from typing import Any

import pytest

from renvoi.application import removals
from renvoi.application.auth import Actor
from renvoi.application.forwarding import RuleRequest, set_rule
from renvoi.application.messages import Recorded, file_message
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.removals import Progress, settle_removals
from renvoi.domain.access.api_key import Principal
from renvoi.domain.access.limits import account_name, number_name, target_name
from renvoi.domain.calls.usage import Usage
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import VoicemailHandoff
from renvoi.domain.numbers.number import E164
from renvoi.domain.outcome import Outcome
from tests.support.outbox_harness import MovedClock
from tests.support.stores import A, B, C, seed

WHO = Actor("0a0a0a0a0a0a", "192.0.2.7")
OWNER = EmailAddress("owner@example.com")


def take_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have removals take a few rows at a time, without a pause."""
    monkeypatch.setattr(removals, "AT_ONCE", 4)
    monkeypatch.setattr(removals, "_LONGEST_PAUSE_S", 0)


def principal(account_id: int) -> Principal:
    return Principal(account_id, "FR", None, "test")


async def change(store: Store, clock: MovedClock, account_id: int, number: E164, times: int = 1) -> None:
    """Change a rule so many times."""
    for n in range(times):
        request = RuleRequest(number.value, "2", f"owner{n}@example.com")
        assert (await set_rule(store, clock, principal(account_id), request)).outcome is Outcome.VOICEMAIL_ENABLED
        clock.move(seconds=1)


async def leave(store: Store, clock: MovedClock, number: E164, count: int, name: str = "m") -> list[str]:
    """Have messages left for a number; return their ids."""
    ids = [f"{name}{n}" for n in range(count)]
    for message_id in ids:
        await file_message(
            store, clock, recorded(message_id, number, clock.now_ms()), b"RIFF" if store.keeps_audio else None
        )
    return ids


def recorded(message_id: str, number: E164, began_at_ms: int) -> Recorded:
    return Recorded(message_id, VoicemailHandoff(number, 1, OWNER, "+33155500000"), "call", began_at_ms, 4000)


async def fill(store: Store, clock: MovedClock) -> int:
    """Make an account whose number A has all that a number can have."""
    account_id = await seed(store)
    await change(store, clock, account_id, A, 6)
    await leave(store, clock, A, 9)
    await leave(store, clock, B, 2, "other")
    usages = {(name, 1): Usage(ms=5) for name in (number_name(A), number_name(B), account_name(account_id))}
    usages[target_name(account_id, C), 1] = Usage(ms=5)
    usages[target_name(account_id * 10, C), 1] = Usage(ms=5)
    await store.write(lambda writer: writer.put_greeting(A, b"WAV", 5))
    await store.write(lambda writer: writer.add_usages(usages))
    return account_id


class Files:
    """The files of messages, of which some do not go."""

    def __init__(self, *stuck: str) -> None:
        self.removed: list[str] = []
        self.stuck = set(stuck)

    def remove(self, message_id: str) -> None:
        if message_id in self.stuck:
            raise PermissionError(13, "Permission denied", message_id)
        self.removed.append(message_id)


async def settle(store: Any, clock: MovedClock, files: Files | None = None) -> Progress:
    return await settle_removals(store, clock, (files or Files()).remove)


async def messages(store: Store, number: E164) -> list[str]:
    return sorted(each.message.id for each in await store.read(lambda reader: reader.messages(100, number)))
