"""The row of a number, read and written in one place: by the stores, and by the edge at each call.

A rule is compiled when it is written: into one versioned document, which holds all that a call needs to know of it. The
columns that programs of schema 0003 know hold the same, as far as they can. Such a program writes the columns alone, so
a document counts only if its revision is that of the row; else the columns do (docs/decisions/0026).

A new option of a rule is a field of `Rule` and of `_Document`, and no column. `VERSION` grows with it, and a rule is
written in the lowest version that says all of it: a program that does not know an option must not decide without it.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from renvoi.application.ports.errors import NotUnderstood, StoreRefused
from renvoi.domain.messages.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.numbers.rule import NO_FALLBACK, Fallback, NumberRecord, Otherwise, Rule, RuleType

VERSION = 1
"""The newest version of a rule's document that this program reads."""
RULE_COLUMNS = (
    *("revision", "routing_version", "routing"),
    *("rule_type", "target", "email", "ring_timeout_s", "no_answer", "busy", "fallback_email"),
)
"""The columns of `numbers` that hold a rule."""
COLUMNS = ("account_id", "label", "active", "forwarding_enabled", "updated_at_ms", *RULE_COLUMNS)
"""The columns of `numbers` that make a `NumberRecord` with the number itself, in the order of a row."""
_SHOWN = 300
"""Characters of a reason at the most: it may repeat what was found, and each call of the number logs it."""
_PLAIN = COLUMNS.index("rule_type")
"""From here on a row has what is of interest without a document only."""

_log = logging.getLogger("renvoi.store")


class NewerDocument(NotUnderstood):
    """A newer program wrote it, and this one must not guess what it says."""

    def __init__(self, what: str, found: int, known: int) -> None:
        super().__init__(
            f"{what} is a document of version {found}, and this renvoi reads versions up to {known}: "
            "install the renvoi that wrote it, or a newer one"
        )


class RowDamaged(NotUnderstood):
    """A number's row holds no rule, neither in its document nor in its columns; or an account's holds no policy."""


_Digits = Annotated[int, msgspec.Meta(ge=1, lt=10**15)]
_Address = Annotated[str, msgspec.Meta(min_length=1)]


class _Document(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A rule, in the words of the API. Lists, where a rule of a later version has several of what now is one."""

    revision: int = 0
    action: Literal["off", "forward", "voicemail"] = "off"
    to: Annotated[tuple[_Digits, ...], msgspec.Meta(max_length=1)] = ()
    emails: Annotated[tuple[_Address, ...], msgspec.Meta(max_length=1)] = ()
    ring_timeout_s: int = 60
    on_no_answer: Otherwise = Otherwise.RELEASE
    on_busy: Otherwise = Otherwise.RELEASE
    fallback_emails: Annotated[tuple[_Address, ...], msgspec.Meta(max_length=1)] = ()


_ACTIONS: Mapping[RuleType, Literal["off", "forward", "voicemail"]] = {
    RuleType.DISABLED: "off",
    RuleType.FORWARD: "forward",
    RuleType.VOICEMAIL: "voicemail",
}
_TYPES = {action: kind for kind, action in _ACTIONS.items()}
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Document).decode


def encode(rule: Rule) -> str:
    """Return the document of a rule.

    Raises:
        StoreRefused: it holds half of a surrogate pair, which no text in a store can.
    """
    fallback = rule.fallback
    document = _Document(
        rule.revision,
        _ACTIONS[rule.type],
        (rule.target.digits,) if rule.target else (),
        (rule.email.value,) if rule.email else (),
        int(rule.ring_timeout.total_seconds()),
        fallback.no_answer,
        fallback.busy,
        (fallback.email.value,) if fallback.email else (),
    )
    try:
        return _encode(document).decode()
    except UnicodeEncodeError as error:
        raise StoreRefused(f"the rule cannot be stored: {error}") from error


def decode(document: str | bytes) -> Rule:
    """Return the rule of a document of the versions up to `VERSION`.

    Raises:
        ValueError: it is no such document, or does not hold a rule.
    """
    try:
        found = _decode(document)
        return Rule(
            _TYPES[found.action],
            E164.from_digits(found.to[0]) if found.to else None,
            EmailAddress.stored(found.emails[0]) if found.emails else None,
            found.revision,
            timedelta(seconds=found.ring_timeout_s),
            _fallback(found),
        )
    except (msgspec.MsgspecError, TypeError, RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from error


def _fallback(found: _Document) -> Fallback:
    if found.on_no_answer is found.on_busy is Otherwise.RELEASE and not found.fallback_emails:
        return NO_FALLBACK
    email = EmailAddress.stored(found.fallback_emails[0]) if found.fallback_emails else None
    return Fallback(found.on_no_answer, found.on_busy, email)


def rule_values(rule: Rule) -> dict[str, Any]:
    """Return the columns of `numbers` that hold a rule: its document, and what programs of schema 0003 read.

    Raises:
        StoreRefused: see `encode`.
    """
    return {
        "revision": rule.revision,
        "routing_version": VERSION,
        "routing": encode(rule),
        "rule_type": int(rule.type),
        "target": rule.target.digits if rule.target else None,
        "email": rule.email.value if rule.email else None,
        "ring_timeout_s": int(rule.ring_timeout.total_seconds()),
        "no_answer": rule.fallback.no_answer.value,
        "busy": rule.fallback.busy.value,
        "fallback_email": rule.fallback.email.value if rule.fallback.email else None,
    }


def number_record(number: E164, row: Sequence[Any]) -> NumberRecord:
    """Make a number's record of a row that begins with `COLUMNS`.

    Raises:
        NewerDocument: it holds a rule that this program does not understand.
        RowDamaged: it does not hold a rule.
    """
    account_id, label, active, enabled, updated_at_ms, revision, version, document = row[:_PLAIN]
    try:
        rule = _compiled(number, revision, version, document) or _of_columns(revision, *row[_PLAIN : len(COLUMNS)])
    except (TypeError, ValueError, OverflowError) as error:
        raise RowDamaged(f"the row of {number} does not hold a rule: {str(error)[:_SHOWN]}") from error
    return NumberRecord(number, account_id, rule, bool(active), bool(enabled), label, updated_at_ms)


def _compiled(number: E164, revision: int, version: int | None, document: str) -> Rule | None:
    """Return the rule of a number's document; None where the columns hold it."""
    if version is None:
        return None
    if version > VERSION:
        raise NewerDocument(f"the rule of {number}", version, VERSION)
    try:
        rule = decode(document)
    except ValueError as error:
        # Up to this version the columns hold all of a rule.
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
    return Rule(
        RuleType(kind),
        None if target is None else E164.from_digits(target),
        _address(email),
        revision,
        timedelta(seconds=ring_timeout_s),
        Fallback(Otherwise(no_answer), Otherwise(busy), _address(fallback_email)),
    )


def _address(text: str | None) -> EmailAddress | None:
    if text is None:
        return None
    str.encode(text)  # fails for what SQLite may hold as well: bytes, and text that is no UTF-8
    return EmailAddress.stored(text)
