"""The description of events says what is sent: each that the program tells is one of its models, to the last field."""

import asyncio
import json
from dataclasses import replace
from operator import methodcaller
from pathlib import Path

import pytest

from renvoi.application import events
from renvoi.application.numbers import set_state
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.calls import StoredCall
from renvoi.application.webhooks.endpoints import try_webhook
from renvoi.application.webhooks.outcomes import disable
from renvoi.domain.access.api_key import Principal
from renvoi.domain.access.limits import LimitKind, LimitNotice
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.events.event import NODE, Event, EventType, StoredEvent
from renvoi.domain.events.signed_body import body_of
from renvoi.domain.events.webhook import DisabledReason
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord, Rule
from renvoi.domain.rules.rule_change import OptionChange
from renvoi.edge.kamailio.trunk_state import DestinationState
from renvoi.http.v2.event_models import DATA, MODELS
from renvoi.node.supervisor.trunk_events import TrunkEvents
from tests.support.http_api import NUMBER, START_MS, FixedClock, seed
from tests.support.memory_store import MemoryStore
from tests.support.v2_kept import CALL, MAIL, MESSAGE
from tests.support.v2_webhooks import WEBHOOK, put_webhook

ENTRY = AuditEntry(
    START_MS,
    NUMBER,
    1,
    "aa",
    "192.0.2.1",
    Rule.voicemail(EmailAddress("owner@example.com")),
    Rule.forward(E164("+33644630000")),
    (OptionChange("ring_timeout_s", 60, 25), OptionChange("schedule", None, "x")),
)
TOLD = (
    events.forwarding_changed(ENTRY),
    events.forwarding_changed(replace(ENTRY, key_id=None, options=())),
    events.number_changed(NumberRecord(NUMBER, 1), "changed", START_MS),
    *(Event(EventType.NUMBER_CHANGED, 1, NUMBER, {"change": each}, 1) for each in ("added", "removed", "moved_in")),
    events.numbers_imported(1, 25, START_MS),
    events.call_ended(StoredCall(1, 1, CALL)),
    events.call_ended(StoredCall(2, 1, replace(CALL, decision="voicemail", withheld=True, missed=True))),
    events.call_ended(StoredCall(3, 1, replace(CALL, decision="reject", answer_at_ms=None, cause=None, target=None))),
    events.message_created(MESSAGE),
    events.message_deleted(MESSAGE, START_MS),
    events.mail_failed(MESSAGE, MAIL, START_MS),
    *(events.limit_reached(LimitNotice(1, 5, kind, "a1", 9)) for kind in LimitKind),
    events.limit_reached(LimitNotice(1, 5, LimitKind.CALLS, f"n{NUMBER.digits}", 9)),
)


def check(event: StoredEvent) -> None:
    """See that the model of its type takes an event, and that it has no field besides."""
    body = body_of(event)
    model = MODELS[EventType(event.type)].model_validate_json(body)
    sent = json.loads(body)
    shown = model.model_dump(by_alias=True, exclude_unset=True)
    assert shown == sent


@pytest.mark.parametrize("event", TOLD, ids=lambda event: event.type.value)
def test_each_event_is_one_of_the_description(event: Event) -> None:
    check(
        StoredEvent(1, event.type.value, event.account_id, event.number, 1, json.dumps(dict(event.data)), event.at_ms)
    )


def test_so_are_those_that_are_told_further_in(tmp_path: Path) -> None:
    async def main() -> set[str]:
        store, clock = MemoryStore(), FixedClock()
        await store.write(seed)
        await store.write(put_webhook)
        await try_webhook(store, clock, Principal(1, "FR", None, ""), WEBHOOK.id)
        await store.write(lambda writer: disable(writer, WEBHOOK, DisabledReason.FAILING, START_MS))
        await set_state(store, clock, NUMBER, active=False)

        async def states() -> list[DestinationState]:
            return [DestinationState("carrier", "sip:192.0.2.1", "down")]

        await TrunkEvents(states, tmp_path, clock).look(store)
        found = [each for account in (1, NODE) for each in await store.read(methodcaller("events", account, 0, 100))]
        for each in found:
            check(each)
        return {each.type for each in found}

    assert asyncio.run(main()) == {"number.changed", "webhook.test", "webhook.disabled", "trunk.down"}


def test_each_type_has_a_model() -> None:
    assert set(MODELS) == set(DATA) == set(EventType)
