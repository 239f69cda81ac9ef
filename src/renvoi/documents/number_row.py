"""The row of a number, read and written in one place: by the stores, and by the edge at each call.

It has a rule's document (`routing_document`), and what programs of schema 0003 read: columns that hold the same, as far
as they can. Such a program writes the columns alone, so a document counts only if its revision is that of the row; else
the columns do (docs/decisions/0026).
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from renvoi.application.ports.errors import NotUnderstood
from renvoi.documents.routing_document import VERSION, NewerDocument, decode, encode, plain_fallbacks, version_of
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.moment import is_moment
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord, Otherwise, Rule, RuleType, Unreadable
from renvoi.domain.rules.schedule import renew_at_ms

RULE_COLUMNS = (
    *("revision", "routing_version", "routing"),
    *("rule_type", "target", "email", "ring_timeout_s", "no_answer", "busy", "fallback_email"),
)
"""The columns of `numbers` that hold a rule."""
WRITTEN_COLUMNS = (*RULE_COLUMNS, "renew_at_ms")
"""The columns of `numbers` that are written with a rule: a call has no use for when it is to be renewed."""
COLUMNS = ("account_id", "label", "active", "forwarding_enabled", "updated_at_ms", *RULE_COLUMNS)
"""The columns of `numbers` that make a `NumberRecord` with the number itself, in the order of a row."""
_SHOWN = 300
"""Characters of a reason at the most: it may repeat what was found, and each call of the number logs it."""
_PLAIN = COLUMNS.index("rule_type")
"""From here on a row has what is of interest without a document only."""

_log = logging.getLogger("renvoi.store")


class RowDamaged(NotUnderstood):
    """A number's row holds no rule, neither in its document nor in its columns.

    Or that of an account holds no policy, or that of a trunk not what its sides are.
    """


def rule_values(rule: Rule) -> dict[str, Any]:
    """Return the columns of `numbers` that hold a rule: its document, and what programs of schema 0003 read.

    Raises:
        StoreRefused: see `encode`.
    """
    fallbacks = rule.fallbacks
    no_answer, busy = (
        # The nearest thing that such a program knows; it does not decide by it, as the document is newer.
        fallback.action if fallback.action is not Otherwise.FORWARD else fallback.then
        for fallback in (fallbacks.no_answer, fallbacks.busy)
    )
    email = rule.emails[0].value if rule.emails else None
    mails = rule.type is RuleType.VOICEMAIL
    return {
        "revision": rule.revision,
        "routing_version": version_of(rule),
        "routing": encode(rule),
        "rule_type": int(rule.type),
        "target": rule.target.digits if rule.target and rule.type is RuleType.FORWARD else None,
        "email": email if mails else None,
        "ring_timeout_s": int(rule.ring_timeout.total_seconds()),
        "no_answer": no_answer.value,
        "busy": busy.value,
        "fallback_email": email if not mails or fallbacks.takes_messages else None,
        "renew_at_ms": renew_at_ms(rule.schedule),
    }


def number_record(number: E164, row: Sequence[Any]) -> NumberRecord:
    """Make a number's record of a row that begins with `COLUMNS`.

    Raises:
        NewerDocument: it holds a rule that this program does not understand.
        RowDamaged: it does not hold a rule.
    """
    account_id, label, active, enabled, updated_at_ms, revision, version, document = row[:_PLAIN]
    try:
        if not isinstance(revision, int):  # SQLite keeps whatever was written, of whichever type.
            raise TypeError(f"revision {revision!r} is not a whole number")
        rule = _compiled(number, revision, version, document) or _of_columns(revision, *row[_PLAIN : len(COLUMNS)])
    except NewerDocument as error:
        error.record = _without_rule(number, row, Unreadable.NEWER)
        raise
    except (TypeError, ValueError, OverflowError) as error:
        record = _without_rule(number, row, Unreadable.DAMAGED)
        raise RowDamaged(f"the row of {number} does not hold a rule: {str(error)[:_SHOWN]}", record) from error
    # A call has no use for these two, so it goes on its way.
    label = label if isinstance(label, str) else ""
    updated_at_ms = updated_at_ms if is_moment(updated_at_ms) else None
    return NumberRecord(number, account_id, rule, bool(active), bool(enabled), label, updated_at_ms)


def listed_number(number: E164, row: Sequence[Any]) -> NumberRecord:
    """Make a number's record of a row as `number_record` does; one without a rule that can be read hides no others."""
    try:
        return number_record(number, row)
    except NotUnderstood as error:
        if error.record is None:
            raise
        _log.warning("a number is listed without its rule: %s", error)
        return error.record


def _without_rule(number: E164, row: Sequence[Any], why: Unreadable) -> NumberRecord:
    """Return what can be read of a row all the same."""
    account_id, label, active, enabled, updated_at_ms, revision = row[: COLUMNS.index("revision") + 1]
    return NumberRecord(
        number,
        account_id,
        Rule(revision=revision if isinstance(revision, int) else 0),
        bool(active),
        bool(enabled),
        label if isinstance(label, str) else "",
        updated_at_ms if is_moment(updated_at_ms) else None,
        why,
    )


def _compiled(number: E164, revision: int, version: int | None, document: str) -> Rule | None:
    """Return the rule of a number's document; None where the columns hold it."""
    if version is None:
        return None
    if version > VERSION:
        raise NewerDocument(f"the rule of {number}", version, VERSION)
    try:
        rule = decode(document, version)
    except ValueError as error:
        if version > 1:
            raise
        # Up to that version the columns hold all that a call needs of a rule.
        _log.error("the routing document of %s cannot be read, its columns are used: %s", number, str(error)[:_SHOWN])
        return None
    return rule if rule.revision == revision else None


def _of_columns(
    revision: int,
    kind: int,
    target: int | None,
    email: str | None,
    ring_timeout_s: int,
    no_answer: str,
    busy: str,
    fallback_email: str | None,
) -> Rule:
    address = _address(email) or _address(fallback_email)
    return Rule(
        RuleType(kind),
        None if target is None else E164.from_digits(target),
        () if address is None else (address,),
        revision,
        timedelta(seconds=ring_timeout_s),
        plain_fallbacks(Otherwise(no_answer), Otherwise(busy)),
    )


def _address(text: str | None) -> EmailAddress | None:
    if text is None:
        return None
    str.encode(text)  # fails for what SQLite may hold as well: bytes, and text that is not UTF-8
    return EmailAddress.stored(text)
