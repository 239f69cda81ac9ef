"""Events are recorded in the transaction of what happened; here each gets its form."""

from typing import Protocol

from renvoi.application.json_fields import call_fields
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.calls import StoredCall
from renvoi.domain.access.limits import LimitNotice, Scope
from renvoi.domain.events.event import Event, EventType
from renvoi.domain.ids import IdKind, written, written_actor
from renvoi.domain.messages.message import Mail, Message
from renvoi.domain.messages.voicemail_handoff import WITHHELD
from renvoi.domain.moment import moment_text
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import ACTIONS, NumberRecord, Option, Rule

MAX_OPTION = 1000
"""Characters of a rule's option that an event has; a longer one is read at the number."""
_NOT_OF_CALL = frozenset({"number", "trunk"})


class Emitter(Protocol):
    """What of a `Writer` it takes to tell an event."""

    def add_event(self, event: Event) -> None:
        """See `EventWriter.add_event`."""


def emit(writer: Emitter, event: Event) -> None:
    """Tell an event, in the transaction of what it tells: it is there when that is, and not otherwise.

    Raises:
        StoreRefused: its data are not JSON, too large (`MAX_DATA_BYTES`), or nothing that the store can hold.
    """
    writer.add_event(event)


def forwarding_changed(entry: AuditEntry) -> Event:
    """Return the event of a change of a rule."""
    data: dict[str, object] = {
        "revision": entry.after.revision,
        "key": written_actor(entry.key_id),
        "before": _rule(entry.before),
        "after": _rule(entry.after),
        "options": [],
    }
    if entry.options:
        data["options"] = [
            {"name": each.name, "before": _short(each.before), "after": _short(each.after)} for each in entry.options
        ]
    return Event(EventType.FORWARDING_CHANGED, entry.account_id, entry.number, data, entry.at_ms)


def _short(option: Option) -> Option:
    return None if isinstance(option, str) and len(option) > MAX_OPTION else option


def number_changed(record: NumberRecord, change: str, at_ms: int) -> Event:
    """Return the event of a number whose label, state or option was changed."""
    data = {
        "change": change,
        "label": record.label,
        "state": "active" if record.active else "inactive",
        "forwarding_enabled": record.forwarding_enabled,
    }
    return Event(EventType.NUMBER_CHANGED, record.account_id, record.number, data, at_ms)


def emit_changed(writer: Emitter, before: NumberRecord, after: NumberRecord, at_ms: int) -> None:
    """Emit the event of a number's label, state or option, unless they are as they were."""
    if after != before:
        emit(writer, number_changed(after, "changed", at_ms))


def numbers_imported(account_id: int, count: int, at_ms: int) -> Event:
    """Return the event of an import. It is one for all numbers: a million of them would hold up everybody's changes."""
    return Event(EventType.NUMBER_CHANGED, account_id, None, {"change": "imported", "count": count}, at_ms)


def call_ended(stored: StoredCall) -> Event:
    """Return the event of a call that is over: completed if its target took it, missed else."""
    record = stored.record
    taken = record.decision == "forward" and record.answer_at_ms is not None
    kind = EventType.CALL_COMPLETED if taken else EventType.CALL_MISSED
    fields = call_fields(stored, shows_withheld=False)
    data = {name: value for name, value in fields.items() if name not in _NOT_OF_CALL}
    assert record.number is not None
    return Event(kind, stored.account_id or 0, E164(record.number), data, record.end_at_ms or record.setup_at_ms)


def limit_reached(notice: LimitNotice) -> Event:
    """Return the event of a limit that calls have reached, the first one of a day."""
    digits = notice.name.removeprefix(Scope.NUMBER)
    number = E164(f"+{digits}") if digits != notice.name and digits.isdecimal() else None
    data = {"limit": notice.kind.value, "of": "account" if number is None else "number"}
    return Event(EventType.LIMIT_REACHED, notice.account_id, number, data, notice.at_ms)


def message_created(message: Message) -> Event:
    """Return the event of a message that was left."""
    data = {
        "id": written(IdKind.MESSAGE, message.id),
        "from": None if message.caller == WITHHELD else message.caller,
        "received_at": moment_text(message.received_at_ms),
        "duration_s": message.duration_ms / 1000,
    }
    return Event(EventType.MESSAGE_CREATED, message.account_id, message.number, data, message.received_at_ms)


def mail_failed(message: Message, mail: Mail, at_ms: int) -> Event:
    """Return the event of a mail that could not be delivered."""
    data = {
        "message": written(IdKind.MESSAGE, message.id),
        "recipient": mail.recipient.value,
        "attempts": mail.attempts,
        "reason": mail.note,
    }
    return Event(EventType.MAIL_FAILED, message.account_id, message.number, data, at_ms)


def message_deleted(message: Message, at_ms: int) -> Event:
    """Return the event of a message that is gone: it says which one it was, and nothing of what was in it."""
    data = {"id": written(IdKind.MESSAGE, message.id)}
    return Event(EventType.MESSAGE_DELETED, message.account_id, message.number, data, at_ms)


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "action": ACTIONS[rule.type],
        "to": [rule.target.value] if rule.target is not None else [],
        "emails": [email.value for email in rule.emails] if rule.emails else [],
    }
