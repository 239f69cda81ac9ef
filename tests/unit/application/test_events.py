"""What happens is told, in the transaction of what it tells."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from operator import methodcaller
from typing import Any

import pytest

from renvoi.application.auth import OPERATOR
from renvoi.application.events import MAX_OPTION, call_ended, emit, forwarding_changed, limit_reached
from renvoi.application.mail_channel import MailChannel
from renvoi.application.mailer import Sent
from renvoi.application.messages import Recorded, delete_message, file_message
from renvoi.application.numbers import set_label, set_state
from renvoi.application.operators_numbers import NumberWish, change_number
from renvoi.application.outbox.channel import PermanentFailure
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.calls import StoredCall
from renvoi.application.ports.unit_of_work import Writer
from renvoi.call_records.call_batch import CallBatch
from renvoi.domain.access.api_key import Principal
from renvoi.domain.access.limits import LimitKind, LimitNotice
from renvoi.domain.calls.call_record import (
    Answered,
    CallEvent,
    CallKey,
    CallRecord,
    Decided,
    Failed,
    FellBack,
    HungUp,
)
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.events.event import MAX_BODY_BYTES, StoredEvent
from renvoi.domain.events.signed_body import body_of
from renvoi.domain.messages.message import MailState
from renvoi.domain.messages.voicemail_handoff import WITHHELD, VoicemailHandoff
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule
from renvoi.domain.rules.rule_change import OptionChange
from tests.support.http_api import NUMBER, FixedClock, seed
from tests.support.memory_store import MemoryStore

KEY = CallKey("c@example", "tag", 1)
DECIDED = Decided(KEY, 1000, "+33140000001", NUMBER.value, NUMBER.value, 3, "forward", target="+33644630000")
ANSWERED = Answered(KEY, 5000, 200, "carrier", 2000)
HUNG_UP = HungUp("c@example", "tag", 65_500, "caller", 16)
HANDOFF = VoicemailHandoff(NUMBER, 3, EmailAddress("owner@example.com"), "+33140000001")


def told(store: MemoryStore) -> Sequence[tuple[str, Any]]:
    """Return types and data of the events of the first account."""
    found = asyncio.run(store.read(methodcaller("events", 1, 0, 100)))
    return [(each.type, json.loads(body_of(each))["data"]) for each in found]


def collect(store: MemoryStore, *events: CallEvent) -> None:
    """Have a batch of the collector take events."""

    def work(writer: Writer) -> None:
        calls = CallBatch(writer)
        for event in events:
            assert calls.take(event)
        calls.put()

    asyncio.run(store.write(work))


def made() -> MemoryStore:
    """Return a store with an account and its number."""
    store = MemoryStore()
    asyncio.run(store.write(seed))
    return store


def test_a_call_is_told_once_when_it_is_over() -> None:
    store = made()
    collect(store, DECIDED, ANSWERED)
    assert not told(store)
    collect(store, HUNG_UP)
    collect(store, HUNG_UP, ANSWERED)
    ((kind, data),) = told(store)
    assert kind == "call.completed"
    assert data["number"] == NUMBER.value
    assert (data["id"], data["from"], data["duration_s"], data["hung_up_by"]) == (
        "call_1",
        "+33140000001",
        60.5,
        "caller",
    )
    assert "trunk" not in data


@pytest.mark.parametrize(
    "events",
    [
        (replace(DECIDED, decision="reject", status=403, target=None),),
        (DECIDED, Failed(KEY, 9000, 486, "callee")),
        (DECIDED, FellBack(KEY, 9000, "busy"), ANSWERED, HUNG_UP),
        (replace(DECIDED, decision="voicemail"), ANSWERED, HUNG_UP),
    ],
)
def test_a_call_that_its_target_did_not_take_is_missed(events: Sequence[CallEvent]) -> None:
    store = made()
    collect(store, *events)
    ((kind, _),) = told(store)
    assert kind == "call.missed"


def test_a_call_to_nobody_is_not_told_and_a_withheld_caller_not_named() -> None:
    store = made()
    collect(store, replace(DECIDED, number=None, decision="reject", status=404))
    assert not told(store)
    other = replace(KEY, call_id="d@example")
    collect(store, replace(DECIDED, key=other, withheld=True, status=486, decision="reject"))
    ((_, data),) = told(store)
    assert (data["from"], data["withheld"]) == (None, True)
    assert "0140000001" not in json.dumps(data)


def test_a_limit_is_told_once_a_day() -> None:
    store = made()
    for number in range(3):
        key = replace(KEY, call_id=f"{number}@example")
        collect(
            store,
            replace(DECIDED, key=key, decision="reject", status=486, reason="limit-calls", used=("a1", "a1")),
        )
    kinds = [kind for kind, _ in told(store)]
    assert sorted(kinds) == ["call.missed"] * 3 + ["limit.reached"]


def test_of_a_limit_of_a_number_the_number_is_named() -> None:
    notice = LimitNotice(1, 5, LimitKind.CALLS, f"n{NUMBER.digits}", 9)
    assert limit_reached(notice).number == NUMBER
    assert limit_reached(replace(notice, name="a1")).number is None


def test_messages_are_told_when_they_come_and_go_with_nothing_of_what_they_say() -> None:
    store, clock = made(), FixedClock()
    recorded = Recorded("m1", HANDOFF, "c@example", 1000, 4200)
    assert asyncio.run(file_message(store, clock, recorded))
    assert not asyncio.run(file_message(store, clock, recorded))
    withheld = Recorded("m2", replace(HANDOFF, caller=WITHHELD), "d@example", 1000, 4200)
    assert asyncio.run(file_message(store, clock, withheld))
    asyncio.run(delete_message(store, clock, "m1", lambda _: None))
    (first, second, third) = told(store)
    assert first[0] == second[0] == "message.created"
    assert (first[1]["id"], first[1]["from"], first[1]["duration_s"]) == ("msg_m1", "+33140000001", 4.2)
    assert second[1]["from"] is None
    assert third == ("message.deleted", {"account": "acc_1", "number": NUMBER.value, "seq": 3, "id": "msg_m1"})


def test_a_mail_that_failed_for_good_is_told() -> None:
    store, clock = made(), FixedClock()
    asyncio.run(file_message(store, clock, Recorded("m1", HANDOFF, "c@example", 1000, 4200)))
    mail = asyncio.run(store.read(methodcaller("message", "m1"))).mail
    failed = replace(mail, state=MailState.FAILED, note="550 no such user", attempts=2, ended_at_ms=9)
    channel: Any = partial(MailChannel.count, MailChannel.__new__(MailChannel))
    refused = PermanentFailure("550 no such user")
    asyncio.run(store.write(lambda writer: channel(writer, failed, refused, written=False)))
    asyncio.run(store.write(lambda writer: channel(writer, mail, Sent("250 OK"), written=True)))
    asyncio.run(store.write(lambda writer: channel(writer, failed, refused, written=True)))
    (_, (kind, data)) = told(store)
    assert kind == "mail.failed"
    assert (data["message"], data["reason"], data["recipient"]) == ("msg_m1", "550 no such user", "owner@example.com")


def test_changes_of_a_number_are_told() -> None:
    store, clock = made(), FixedClock()
    asyncio.run(set_label(store, clock, Principal(1, "FR", "aa", "192.0.2.1"), NUMBER.value, "desk é"))
    asyncio.run(set_state(store, clock, NUMBER, active=False))
    first, second = told(store)
    assert first[0] == second[0] == "number.changed"
    assert (first[1]["label"], first[1]["state"], second[1]["state"]) == ("desk é", "active", "inactive")
    # What is so already is not a change.
    asyncio.run(set_label(store, clock, Principal(1, "FR", "aa", "192.0.2.1"), NUMBER.value, "desk é"))
    asyncio.run(set_state(store, clock, NUMBER, active=False))
    assert len(told(store)) == 2


def test_changes_by_operators_are_told_too() -> None:
    store, clock = made(), FixedClock()

    def change(wish: NumberWish) -> Sequence[tuple[str, Any]]:
        before = len(told(store))
        asyncio.run(change_number(store, clock, NUMBER, wish, OPERATOR, lambda _: None))
        return told(store)[before:]

    ((kind, data),) = change(NumberWish(label="desk", active=False, forwarding_enabled=False))
    assert (kind, data["change"]) == ("number.changed", "changed")
    assert (data["label"], data["state"], data["forwarding_enabled"]) == ("desk", "inactive", False)
    assert change(NumberWish(label="desk", active=False)) == []
    ((_, data),) = change(NumberWish(account=2))
    assert data["change"] == "moved_out"


def test_a_change_of_a_rule_with_long_options_still_fits() -> None:
    options = tuple(OptionChange(name, "é" * 15_000, "x" * MAX_OPTION) for name in ("schedule", "callers"))
    entry = AuditEntry(5, NUMBER, 1, "aa", "192.0.2.1", Rule(), Rule.forward(E164("+33644630000")), options)
    store = made()
    asyncio.run(store.write(lambda writer: emit(writer, forwarding_changed(entry))))
    ((_, data),) = told(store)
    assert data["options"][0] == {"name": "schedule", "before": None, "after": "x" * MAX_OPTION}
    assert (data["after"]["action"], data["after"]["to"], data["key"]) == ("forward", ["+33644630000"], "key_aa")


def test_the_longest_call_fits() -> None:
    text = "\\" * 255
    record = CallRecord(CallKey(text, text, 1), "é" * 255, text, NUMBER.value, 1, "forward", text, text, text, 1)
    record = replace(record, diversions=(NUMBER.value,) * 50, end_at_ms=2)
    event = call_ended(StoredCall(1, 1, record))
    data = json.dumps(dict(event.data))
    assert len(body_of(StoredEvent(1, event.type, 1, NUMBER, 1, data, 1))) < MAX_BODY_BYTES
