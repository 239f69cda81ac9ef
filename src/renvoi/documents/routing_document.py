"""A rule as one versioned document, which holds all that a call needs to know of it (docs/decisions/0026).

It is compiled when the rule is written; `number_row` puts it into the number's row, and reads it from there.

A new option of a rule is a field of `Rule` and of `_WholeDocument`, and no column. `VERSION` grows with it, and a rule
is written in the lowest version that says all that a call depends on: a program that does not know an option must not
decide without it.
"""

from datetime import timedelta
from typing import Annotated

import msgspec

from renvoi.application.ports.errors import NotUnderstood, StoreRefused
from renvoi.documents.schedule_document import decode_schedule, encode_schedule
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.callers import EVERYONE, Callers
from renvoi.domain.rules.rule import (
    ACTIONS,
    DEFAULT_RING_TIMEOUT,
    MAX_EMAILS,
    NO_FALLBACKS,
    RELEASE,
    Action,
    Fallback,
    Fallbacks,
    Otherwise,
    Rule,
    RuleType,
)

VERSION = 2
"""The newest version of a rule's document that this program reads."""


class NewerDocument(NotUnderstood):
    """A newer program wrote it, and this one must not guess what it says."""

    def __init__(self, what: str, found: int, known: int) -> None:
        super().__init__(
            f"{what} is a document of version {found}, and this renvoi reads versions up to {known}: "
            "install the renvoi that wrote it, or a newer one"
        )


_Digits = Annotated[int, msgspec.Meta(ge=1, lt=10**15)]
_Address = Annotated[str, msgspec.Meta(min_length=1)]


class _Document(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A rule of version 1, whose columns say all that a call needs to know of it.

    `kept_to` is the target of a rule that does not forward: a program that does not know it uses the columns.
    """

    revision: int = 0
    action: Action = Action.OFF
    to: Annotated[tuple[_Digits, ...], msgspec.Meta(max_length=1)] = ()
    emails: Annotated[tuple[_Address, ...], msgspec.Meta(max_length=1)] = ()
    ring_timeout_s: int = 60
    on_no_answer: Otherwise = Otherwise.RELEASE
    on_busy: Otherwise = Otherwise.RELEASE
    fallback_emails: Annotated[tuple[_Address, ...], msgspec.Meta(max_length=1)] = ()
    kept_to: Annotated[tuple[_Digits, ...], msgspec.Meta(max_length=1)] = ()


class _Fallback(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    action: Otherwise = Otherwise.RELEASE
    to: Annotated[tuple[_Digits, ...], msgspec.Meta(max_length=1)] = ()
    then: Otherwise = Otherwise.RELEASE


_NO_SCHEDULE = msgspec.Raw()


class _WholeDocument(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A rule of version 2, with all options."""

    revision: int = 0
    action: Action = Action.OFF
    to: Annotated[tuple[_Digits, ...], msgspec.Meta(max_length=1)] = ()
    emails: Annotated[tuple[_Address, ...], msgspec.Meta(max_length=MAX_EMAILS)] = ()
    missed_call_mail: bool = False
    ring_timeout_s: int = 60
    on_no_answer: _Fallback | None = None
    on_busy: _Fallback | None = None
    on_unreachable: _Fallback | None = None
    # Decoded apart, as many calls meet the same one.
    schedule: msgspec.Raw = _NO_SCHEDULE
    callers: Callers | None = None


_TYPES = {action: kind for kind, action in ACTIONS.items()}
_DEFAULT_SECONDS = int(DEFAULT_RING_TIMEOUT.total_seconds())
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Document).decode
_decode_whole = msgspec.json.Decoder(_WholeDocument).decode


def version_of(rule: Rule) -> int:
    """Return the lowest version of a document that says all of a rule that a call depends on."""
    fallbacks = rule.fallbacks
    if (
        fallbacks is NO_FALLBACKS
        and rule.schedule is None
        and rule.callers is EVERYONE
        and not rule.missed_call_mail
        and len(rule.emails) <= 1
    ):
        return 1
    # A program of version 1 takes a target that nobody can reach as one that does not answer.
    is_plain = (
        rule.schedule is None
        and rule.callers == EVERYONE
        and not rule.missed_call_mail
        and len(rule.emails) <= 1
        and fallbacks.unreachable == fallbacks.no_answer
        and Otherwise.FORWARD not in (fallbacks.no_answer.action, fallbacks.busy.action)
    )
    return 1 if is_plain else 2


_latest: tuple[Rule, int, str] | None = None
"""The rule that was encoded last, and what came of it: a change writes one rule to its row and to the trail."""


def encode(rule: Rule) -> str:
    """Return the document of a rule, of its `version_of`.

    Raises:
        StoreRefused: it holds half of a surrogate pair, which no text in a store can.
    """
    return _encoded(rule)[2]


def _encoded(rule: Rule) -> tuple[Rule, int, str]:
    global _latest  # noqa: PLW0603 - one reference, replaced as a whole
    known = _latest
    if known is not None and known[0] is rule:
        return known
    version = version_of(rule)
    document = _plain(rule) if version == 1 else _whole(rule)
    try:
        _latest = known = rule, version, _encode(document).decode()
    except UnicodeEncodeError as error:
        raise StoreRefused(f"the rule cannot be stored: {error}") from error
    return known


def _plain(rule: Rule) -> _Document:
    forwards, mails = rule.type is RuleType.FORWARD, rule.type is RuleType.VOICEMAIL
    to = (rule.target.digits,) if rule.target else ()
    emails = tuple(email.value for email in rule.emails) if rule.emails else ()
    fallbacks, ring = rule.fallbacks, rule.ring_timeout
    return _Document(
        rule.revision,
        ACTIONS[rule.type],
        to if forwards else (),
        emails if mails else (),
        _DEFAULT_SECONDS if ring is DEFAULT_RING_TIMEOUT else int(ring.total_seconds()),
        fallbacks.no_answer.action,
        fallbacks.busy.action,
        # A program that knows a single fallback's address only needs it for messages.
        emails if not mails or fallbacks.takes_messages else (),
        () if forwards else to,
    )


def _whole(rule: Rule) -> _WholeDocument:
    fallbacks = rule.fallbacks
    return _WholeDocument(
        rule.revision,
        ACTIONS[rule.type],
        (rule.target.digits,) if rule.target else (),
        tuple(email.value for email in rule.emails),
        rule.missed_call_mail,
        int(rule.ring_timeout.total_seconds()),
        _fallback_document(fallbacks.no_answer),
        _fallback_document(fallbacks.busy),
        _fallback_document(fallbacks.unreachable),
        _NO_SCHEDULE if rule.schedule is None else msgspec.Raw(encode_schedule(rule.schedule)),
        None if rule.callers == EVERYONE else rule.callers,
    )


def _fallback_document(fallback: Fallback) -> _Fallback | None:
    if fallback == RELEASE:
        return None
    return _Fallback(fallback.action, (fallback.to.digits,) if fallback.to else (), fallback.then)


def decode(document: str | bytes, version: int) -> Rule:
    """Return the rule of a document of a version up to `VERSION`.

    Raises:
        ValueError: it is not such a document, or does not hold a rule.
    """
    try:
        return _rule(_decode(document)) if version <= 1 else _whole_rule(_decode_whole(document))
    except (msgspec.MsgspecError, TypeError, RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from error


def encode_with_version(rule: Rule) -> str:
    """Return the document of a rule with its version in front, for places that have no column for it.

    Raises:
        StoreRefused: see `encode`.
    """
    _, version, document = _encoded(rule)
    return f"{version} {document}"


def decode_with_version(text: str) -> Rule:
    """Return the rule of what `encode_with_version` wrote.

    Raises:
        ValueError: it is something else, or of a newer program.
    """
    version, _, document = text.partition(" ")
    if not version.isdecimal() or int(version) > VERSION:
        raise ValueError(f"not a document of a version up to {VERSION}")
    return decode(document, int(version))


def _rule(found: _Document) -> Rule:
    to = found.to or found.kept_to
    emails = found.emails or found.fallback_emails
    seconds = found.ring_timeout_s
    if (found.action is Action.FORWARD) != bool(found.to):
        raise ValueError("a target belongs to a rule that forwards, and to no other")
    return Rule(
        _TYPES[found.action],
        E164.from_digits(to[0]) if to else None,
        tuple(map(EmailAddress.stored, emails)) if emails else (),
        found.revision,
        DEFAULT_RING_TIMEOUT if seconds == _DEFAULT_SECONDS else timedelta(seconds=seconds),
        plain_fallbacks(found.on_no_answer, found.on_busy),
    )


def plain_fallbacks(no_answer: Otherwise, busy: Otherwise) -> Fallbacks:
    """Return the fallbacks of version 1, for which a target that nobody can reach does not answer."""
    if no_answer is busy is Otherwise.RELEASE:
        return NO_FALLBACKS
    unanswered = Fallback(no_answer)
    return Fallbacks(unanswered, Fallback(busy), unanswered)


def _whole_rule(found: _WholeDocument) -> Rule:
    return Rule(
        _TYPES[found.action],
        E164.from_digits(found.to[0]) if found.to else None,
        tuple(map(EmailAddress.stored, found.emails)),
        found.revision,
        timedelta(seconds=found.ring_timeout_s),
        Fallbacks(*map(_fallback, (found.on_no_answer, found.on_busy, found.on_unreachable))),
        found.missed_call_mail,
        decode_schedule(bytes(found.schedule)) if len(found.schedule) else None,
        found.callers or EVERYONE,
    )


def _fallback(found: _Fallback | None) -> Fallback:
    if found is None:
        return RELEASE
    return Fallback(found.action, E164.from_digits(found.to[0]) if found.to else None, found.then)
