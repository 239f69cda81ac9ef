"""What every adapter of the `Store` port does with content that no client of ours should send, but strangers do.

Each gives what it was given, or refuses it by `StoreRefused` and has nothing of it; none differs from the others, and
work of others in the same transaction is done.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from operator import methodcaller
from typing import Any

import pytest

from renvoi.application.numbers import MAX_LABEL_LENGTH
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.errors import StoreRefused
from renvoi.application.ports.messages import StoredMessage
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail, Message
from renvoi.domain.name_addr import MAX_VALUE
from renvoi.domain.rules.rule import Rule
from tests.support.stores import A, B, C, Scenario, seed

CALL = CallRecord(CallKey("c", "t", 1), "+331", "+332", A.value, 3, "forward", None, C.value, None, 1000)
MESSAGE = Message("it", A, 1, 3, "+33140000001", "call", 1000, 4200)
MAIL = Mail("it", EmailAddress("owner@exemple.fr"), 1000, 1000)

TAKEN = {
    "empty": "",
    "controls": "\x01\x1b[31m\r\n\t\x7f\x85",
    "bidi": "\u202e1234\u2066\u200f\ufeff",
    "beyond the BMP": "\U0001f4de" * 30,
    "a quote": "'; DROP TABLE calls; --\\\"",
    "a percent sign": "%s %(caller)s :caller ? $1",
    "64 kB": "x" * 65_536,
    "64 kB that no packing shortens": "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(65_536 // 3)),
}
REFUSED = {"NUL": "a\0b", "half a surrogate pair": "a\ud800b", "only NUL": "\0"}


def outcome(result: object) -> str:
    """Return how it ended, in a word."""
    return type(result).__name__ if isinstance(result, Exception) else "done"


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN)
def test_odd_text_comes_back_as_it_was_given(run: Callable[[Scenario], None], text: str) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        # Callers and labels are keys: what is longer than those that come from outside is refused.
        caller = text[:MAX_VALUE]
        call = replace(CALL, caller=caller, called=text, reason=text, trunk=text, hung_up_by=text)
        await store.write(lambda writer: writer.put_call(call))
        assert await store.read(lambda reader: reader.call(CALL.key)) == call
        message, mail = replace(MESSAGE, account_id=account_id, caller=caller), replace(MAIL, note=text)
        await store.write(lambda writer: writer.add_message(message, mail))
        assert await store.read(lambda reader: reader.message("it")) == StoredMessage(message, mail)
        label = text[:MAX_LABEL_LENGTH]
        await store.write(lambda writer: writer.set_label(A, label))
        record = await store.read(lambda reader: reader.number(A))
        assert record is not None
        assert record.label == label

    run(scenario)


HOSTILE: dict[str, Callable[[Any], Any]] = {
    **{f"caller: {name}": methodcaller("put_call", replace(CALL, caller=text)) for name, text in REFUSED.items()},
    **{f"label: {name}": methodcaller("set_label", A, text) for name, text in REFUSED.items()},
    **{
        f"message: {name}": methodcaller("add_message", replace(MESSAGE, caller=text), MAIL)
        for name, text in REFUSED.items()
    },
    "label: 64 kB": methodcaller("set_label", A, "x" * 65_536),
    "caller: 64 kB": methodcaller("put_call", replace(CALL, caller="x" * 65_536)),
    "caller of a message: 64 kB": methodcaller("add_message", replace(MESSAGE, caller="x" * 65_536), MAIL),
    "call id: NUL": methodcaller("put_call", replace(CALL, key=CallKey("a\0", "t", 1))),
    "call id: 64 kB": methodcaller("put_call", replace(CALL, key=CallKey("x" * 65_536, "t", 1))),
    "tag: 1001 bytes": methodcaller("put_call", replace(CALL, key=CallKey("c", "é" * 500 + "x", 1))),
    "cseq: 65 bits": methodcaller("put_call", replace(CALL, key=CallKey("c", "t", 2**64))),
    "revision: 64 bits": methodcaller("put_call", replace(CALL, revision=2**63)),
    "status: 16 bits": methodcaller("put_call", replace(CALL, status=32_768)),
    "cause: below": methodcaller("put_call", replace(CALL, cause=-32_769)),
    "set up: 64 bits": methodcaller("put_call", replace(CALL, setup_at_ms=-(2**63) - 1)),
    "duration: 32 bits": methodcaller("add_message", replace(MESSAGE, duration_ms=2**31), MAIL),
    "mail: NUL": methodcaller("add_message", MESSAGE, replace(MAIL, note="550 \0")),
    "mail: 64 bits": methodcaller("add_message", MESSAGE, replace(MAIL, due_at_ms=2**63)),
    "message of no account": methodcaller("add_message", replace(MESSAGE, account_id=404), MAIL),
    "spool file: NUL": methodcaller("put_spool_offset", "f\0", 1),
    "spool offset: 64 bits": methodcaller("put_spool_offset", "f", 2**63),
    "audit: NUL": methodcaller("add_audit", AuditEntry(1, A, 1, "k", "\0", Rule(), Rule(revision=1))),
    "rows: NUL": lambda writer: writer.add_numbers(1, iter([NumberRow(C, "ok"), NumberRow(C, "a\0")]), 3),
    "counter: 64 bits": methodcaller("count", "n", 2**63),
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_what_no_store_can_hold_is_refused_alone(
    run: Callable[[Scenario], None], hostile: Callable[[Any], Any]
) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        neighbour = replace(CALL, key=CallKey("neighbour", "t", 1))

        def both(writer: Any) -> None:
            writer.set_label(B, "half of it")
            hostile(writer)

        results = await asyncio.gather(
            store.write(lambda writer: writer.set_label(A, "before")),
            store.write(both),
            store.write(lambda writer: writer.put_call(neighbour)),
            *(store.write(methodcaller("count", "behind")) for _ in range(3)),
            return_exceptions=True,
        )
        assert [outcome(result) for result in results] == ["done", "StoreRefused", "done", "done", "done", "done"]
        a, b = await store.read(lambda reader: reader.numbers())
        assert (a.label, b.label) == ("before", "")
        assert await store.read(lambda reader: reader.calls()) == [neighbour]
        assert await store.read(lambda reader: reader.messages()) == []
        assert await store.read(lambda reader: dict(reader.counts())) == {"behind": 3}

    run(scenario)


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_question_that_no_store_understands_fails_nobody_elses(run: Callable[[Scenario], None], text: str) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        results = await asyncio.gather(
            *(store.read(lambda reader: reader.account("demo")) for _ in range(4)),
            store.read(lambda reader: reader.account(text)),
            store.read(lambda reader: reader.call(CallKey(text, "t", 2**64))),
            *(store.read(lambda reader: reader.account("demo")) for _ in range(4)),
            return_exceptions=True,
        )
        assert results[4] is None or isinstance(results[4], StoreRefused)
        assert results[5] is None or isinstance(results[5], StoreRefused)
        assert [outcome(result) for result in results[:4] + results[6:]] == ["done"] * 8

    run(scenario)
