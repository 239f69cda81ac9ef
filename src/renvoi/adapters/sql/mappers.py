"""Rows of the tables, and the values that the domain knows them as."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, fields, replace
from enum import Enum
from typing import Any, TypeVar

import msgspec

from renvoi.adapters.sql import schema
from renvoi.adapters.sql.compiled_statements import Row
from renvoi.adapters.sql.row_repair import RowRepair, place_value, stored_address
from renvoi.application.ports.accounts import MAX_RETENTION_DAYS, Account, AuditEntry, AuditFilter
from renvoi.application.ports.calls import CallFilter, CallQuery, StoredCall
from renvoi.application.ports.errors import StoreRefused
from renvoi.application.ports.messages import MessageQuery, StoredMessage
from renvoi.application.ports.numbers import Greeting
from renvoi.documents import number_row, routing_document
from renvoi.documents.number_row import COLUMNS
from renvoi.documents.trunk_document import Side, row_values, sides_of
from renvoi.domain.calls.call_record import CallKey, CallRecord, IdentityResult
from renvoi.domain.calls.ladder import Ladder, Leg
from renvoi.domain.messages.message import Mail, MailState, Message
from renvoi.domain.numbers.number import E164, NO_REGION
from renvoi.domain.rules.rule import NumberRecord, Rule, RuleType
from renvoi.domain.rules.rule_change import OptionChange

NUMBER = tuple(schema.numbers.c[name] for name in ("number", *COLUMNS))
ACCOUNT = tuple(schema.accounts.c[field.name] for field in fields(Account))
_NOT_OF_MAIL = {"lease_owner", "leased_until_ms", "report_at_ms"}
MAIL = tuple(column for column in schema.mails.c if column.name not in _NOT_OF_MAIL)
"""What a mail is, apart from who is sending it, and whether the operator is to be notified that it failed."""

T = TypeVar("T")
D = TypeVar("D")
S = TypeVar("S", bound=Enum)

# An account that may be closed is; messages are kept while nobody knows for how long.
_repair_account = RowRepair(ACCOUNT, region=NO_REGION, retention_days=MAX_RETENTION_DAYS, closed_at_ms=0)
_repair_message = RowRepair(tuple(schema.messages.c))
_repair_call = RowRepair(tuple(schema.calls.c))
_repair_change = RowRepair(tuple(schema.audit.c))
_repair_mail = RowRepair(MAIL)
_repair_greeting = RowRepair(tuple(schema.greetings.c))
_log = logging.getLogger("renvoi.store")
_decode_identity = msgspec.json.Decoder(IdentityResult).decode
_decode_options = msgspec.json.Decoder(tuple[OptionChange, ...]).decode


def _read_json(decode: Callable[[str], T], document: str | None, missing: D, what: str) -> T | D:
    """Return what a document says, `missing` where there is none; a damaged one hides no more than what it says."""
    try:
        return decode(document) if document else missing
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError) as error:
        _log.warning("%s cannot be read: %s", what, str(error)[:200])
        return missing


def known_state(states: type[S], text: str, unknown: S, what: str) -> S:
    """Return the state that a text names, `unknown` for none of this program's; what has it stays in lists."""
    try:
        return states(text)
    except ValueError:
        _log.warning("%s has state %.40r, which is unknown here: it counts as %s", what, text, unknown.value)
        return unknown


def number_record(row: Row) -> NumberRecord:
    """Make a number's record of a row of `NUMBER`.

    Raises:
        NewerDocument: it holds a rule that this program does not understand.
        RowDamaged: it does not hold a rule.
    """
    return number_row.number_record(E164.from_digits(row[0]), row[1:])


def listed_number(row: Row) -> NumberRecord:
    """Make a number's record of a row of `NUMBER`, whether its rule can be read or not."""
    return number_row.listed_number(E164.from_digits(row[0]), row[1:])


def account(row: Row) -> Account:
    """Make an account of a row of `ACCOUNT`."""
    values = dict(zip((column.name for column in ACCOUNT), _repair_account(row), strict=True))
    values["email"] = None if values["email"] is None else stored_address(values["email"])
    return Account(**values)


def audit_entry(row: Row) -> AuditEntry:
    (
        number, revision, at_ms, account_id, key_id, source, before_type, before, after_type, after, options, whole,
    ) = _repair_change(row)  # fmt: skip
    after_whole = _whole_rule(whole, number, revision)
    if after_whole is not None and after_whole.revision != revision:
        # One of both is damaged, and the trail is in the order of the column.
        after_whole = replace(after_whole, revision=revision)
    return AuditEntry(
        at_ms,
        E164.from_digits(number),
        account_id,
        key_id,
        source,
        _audited_rule(before_type, before, revision - 1),
        after_whole or _audited_rule(after_type, after, revision),
        _read_json(_decode_options, options, (), f"the options of {E164.from_digits(number)} at revision {revision}"),
        after_whole is not None,
        (place_value(row[2]), place_value(row[0], upwards=True), place_value(row[1])),
    )


def _whole_rule(document: str, number: int, revision: int) -> Rule | None:
    """Return the rule after a change; None where an older program wrote the entry, or it cannot be read any more."""
    return _read_json(
        routing_document.decode_with_version,
        document,
        None,
        f"the rule of {E164.from_digits(number)} at revision {revision}",
    )


def _audited_rule(kind: int, param: str, revision: int) -> Rule:
    if kind == RuleType.FORWARD:
        return Rule(RuleType.FORWARD, target=E164(param), revision=revision)
    if kind == RuleType.VOICEMAIL:
        return Rule(RuleType.VOICEMAIL, emails=(stored_address(param),), revision=revision)
    return Rule(revision=revision)


def audit_values(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at_ms": entry.at_ms,
        "number": entry.number.digits,
        "revision": entry.after.revision,
        "account_id": entry.account_id,
        "key_id": entry.key_id,
        "source": entry.source,
        "before_type": int(entry.before.type),
        "before_param": entry.before.param,
        "after_type": int(entry.after.type),
        "after_param": entry.after.param,
        "options": msgspec.json.encode(entry.options).decode() if entry.options else "",
        "after_rule": routing_document.encode_with_version(entry.after),
    }


def trunk_sides(row: Row) -> list[Side]:
    return sides_of(dict(zip(schema.trunks.c.keys(), row, strict=True)))


def trunk_row(sides: Iterable[Side]) -> dict[str, Any]:
    values = row_values(sides)
    return {name: values.get(name) for name in schema.trunks.c.keys()}  # noqa: SIM118 - a collection of columns


def filter_values(wanted: CallFilter | AuditFilter | CallQuery | MessageQuery) -> dict[str, Any]:
    """Return the values of the filters that are given, by their names."""
    found = {each.name: getattr(wanted, each.name) for each in fields(wanted)}
    return {
        name: value.digits if isinstance(value, E164) else value for name, value in found.items() if value is not None
    }


def call_record(row: Row) -> CallRecord:
    values = dict(zip(schema.calls.c.keys(), _repair_call(row), strict=True))
    del values["id"], values["account_id"]
    key = CallKey(values.pop("call_id"), values.pop("from_tag"), values.pop("cseq"))
    values["number"] = _text(values["number"])
    values["target"] = _text(values["target"])
    values["diversions"] = tuple(values["diversions"].split())
    values["missed"] = None if values["missed"] is None else bool(values["missed"])
    values["last_known"] = bool(values["last_known"])
    values["withheld"] = bool(values["withheld"])
    values["identity"] = _read_json(_decode_identity, values["identity"], None, f"the identity of call {key.call_id}")
    values["fallback"] = bool(values["fallback"])
    values["used"] = tuple((values["used"] or "").split())
    return CallRecord(key, **values)


def stored_call(row: Row) -> StoredCall:
    """Make a call of a row of `calls`."""
    row = _repair_call(row)
    values = dict(zip(schema.calls.c.keys(), row, strict=True))
    return StoredCall(values["id"], values["account_id"], call_record(row))


def _text(digits: int | None) -> str | None:
    return None if digits is None else f"+{digits}"


def call_values(record: CallRecord) -> dict[str, Any]:
    return {
        "call_id": record.key.call_id,
        "from_tag": record.key.from_tag,
        "cseq": record.key.cseq,
        "caller": record.caller,
        "called": record.called,
        "number": _digits(record.number),
        "revision": record.revision,
        "decision": record.decision,
        "reason": record.reason,
        "target": _digits(record.target),
        "trunk": record.trunk,
        "setup_at_ms": record.setup_at_ms,
        "ring_at_ms": record.ring_at_ms,
        "answer_at_ms": record.answer_at_ms,
        "end_at_ms": record.end_at_ms,
        "status": record.status,
        "cause": record.cause,
        "hung_up_by": record.hung_up_by,
        "diversions": " ".join(record.diversions),
        "missed": record.missed,
        "last_known": record.last_known,
        "withheld": record.withheld,
        "identity": msgspec.json.encode(record.identity).decode() if record.identity is not None else None,
        "fallback": record.fallback,
        "used": " ".join(record.used) or None,
        "price": record.price,
        "unheard": record.unheard,
    }


class _LadderDocument(msgspec.Struct):
    """What `call_ladders` has of a call. What a program does not know it leaves out."""

    legs: tuple[Leg, ...] = ()


_decode_ladder = msgspec.json.Decoder(_LadderDocument).decode


def ladder_text(value: Ladder) -> str:
    """Return the document of a ladder; what is empty is not in it."""
    legs = [{name: each for name, each in asdict(leg).items() if each not in (None, "", ())} for leg in value.legs]
    try:
        return msgspec.json.encode({"legs": legs}).decode()
    except UnicodeEncodeError as error:
        raise StoreRefused(f"the ladder cannot be stored: {error}") from error


def ladder(key: CallKey, row: Row) -> Ladder:
    """Make a ladder of a row with its document."""
    found = _read_json(_decode_ladder, row[0], None, f"the ladder of call {key.call_id}")
    return Ladder(found.legs) if found is not None else Ladder(damaged=True)


def _digits(number: str | None) -> int | None:
    return None if number is None else int(number[1:])


def message(row: Row) -> Message:
    message_id, number, account_id, revision, caller, call_id, received_at_ms, duration_ms, cut_off, *others = (
        _repair_message(row)
    )
    return Message(
        message_id,
        E164.from_digits(number),
        account_id,
        revision,
        caller,
        call_id,
        received_at_ms,
        duration_ms,
        bool(cut_off),
        *others,
    )


def message_values(value: Message) -> dict[str, Any]:
    return {
        "id": value.id,
        "number": value.number.digits,
        "account_id": value.account_id,
        "revision": value.revision,
        "caller": value.caller,
        "call_id": value.call_id,
        "received_at_ms": value.received_at_ms,
        "duration_ms": value.duration_ms,
        "cut_off": value.cut_off,
        "heard_at_ms": value.heard_at_ms,
        "transcript": value.transcript,
        "peaks": value.peaks,
    }


def mail(row: Row) -> Mail:
    message_id, recipient, queued_at_ms, due_at_ms, state, *others = _repair_mail(row)
    # Nobody sends a mail in a state that is not known, and it can be sent again.
    known = known_state(MailState, state, MailState.FAILED, f"the mail of message {message_id}")
    return Mail(message_id, stored_address(recipient), queued_at_ms, due_at_ms, known, *others)


def further_mail(row: Row) -> Mail:
    """Make a mail of a row of `further_mails`."""
    place = row[-1]
    return replace(mail(row[:-1]), place=place if isinstance(place, int) else 0)


def mail_values(value: Mail) -> dict[str, Any]:
    """Return what a row says of a mail, apart from its key and lease. A failure is one to be reported."""
    return {
        "recipient": value.recipient.value,
        "queued_at_ms": value.queued_at_ms,
        "due_at_ms": value.due_at_ms,
        "state": value.state.value,
        "attempts": value.attempts,
        "note": value.note,
        "ended_at_ms": value.ended_at_ms,
        "scheduled_at_ms": value.scheduled_at_ms,
        "report_at_ms": value.ended_at_ms if value.state is MailState.FAILED else None,
    }


def stored_message(row: Row) -> StoredMessage:
    """Make a message with its mail of a row of both tables."""
    columns = len(schema.messages.c)
    return StoredMessage(message(row[:columns]), mail(row[columns:]))


def greeting(row: Row) -> Greeting:
    number, version, spoken, audio = _repair_greeting(row)
    return Greeting(E164.from_digits(number), version, None if audio is None else bytes(audio), bool(spoken))
