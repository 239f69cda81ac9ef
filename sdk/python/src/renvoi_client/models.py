# Made of the API's description by scripts/make_operations.py: change that.
"""What the API takes and answers, as typed objects; unknown fields are passed over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")


class Versioned(msgspec.Struct, frozen=True, kw_only=True):
    """What is answered with its version."""

    etag: str = ""
    """The version that was read, for `if_match`; empty for what is an item of a list."""


class Page(Versioned, Generic[T], frozen=True, kw_only=True):
    """One page of a list; `next_cursor` is None on the last one."""

    data: list[T]
    next_cursor: str | None


class Account(Versioned, frozen=True, kw_only=True):
    """An account and its settings."""

    id: str
    name: str
    language: str
    """Of mails, and of what callers hear."""
    region: str
    """How it writes phone numbers: an ISO 3166-1 code."""
    time_zone: str
    """An IANA name; the region's own unless another one was chosen."""
    retention: Retention
    notices: Notices
    created_at: datetime


class AllPatch(msgspec.Struct, frozen=True, kw_only=True):
    calls: int | msgspec.UnsetType = msgspec.UNSET
    calls_per_minute: int | msgspec.UnsetType = msgspec.UNSET
    minutes_per_day: int | msgspec.UnsetType = msgspec.UNSET
    spend_per_day: str | msgspec.UnsetType = msgspec.UNSET


class BatchItem(msgspec.Struct, frozen=True, kw_only=True):
    """What one change came to."""

    number: str | None
    """null: it cannot be read."""
    status: str
    revision: int | None
    """That of the rule afterwards; null: refused."""
    problem: ItemProblem | None
    """null: none."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What the changes came to, in their order; in a dry run what they would."""

    atomic: bool
    dry_run: bool
    changed: int
    unchanged: int
    refused: int
    results: list[BatchItem]


class CallDetail(Versioned, frozen=True, kw_only=True):
    """A call with all that is kept of it."""

    id: str
    number: str | None
    """The number that was called."""
    from_: str | None = msgspec.field(name="from")
    """A phone number, or what the network said; null: the caller does not want to be known."""
    withheld: bool
    """The caller does not want to be known."""
    decision: str
    """forward, voicemail or reject; another word if a newer version decided it."""
    reason: str | None
    """Why it was refused, or why it went to the voicemail: docs/calls.md."""
    target: str | None
    trunk: str | None
    status: int | None
    """The final SIP status; null while the call is on its way."""
    cause: int | None
    """The Q.850 cause of its end."""
    hung_up_by: str | None
    """caller, callee or edge."""
    missed: bool | None
    """The voicemail got no message of it; null: it had no part in it."""
    started_at: datetime
    ringing_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    duration_s: float | None
    """From the answer to the end."""
    revision: int | None
    """That of the rule that it obeyed."""
    diversions: list[str]
    """The numbers that diverted it, first to last."""
    sip_call_id: str
    explanation: str
    """Why it went where it did, in the language of Accept-Language."""
    rule: RuleMade | None
    ladder: list[Step]
    """What passed between the sides, in the order of time."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call to a number of the account."""

    id: str
    number: str | None
    """The number that was called."""
    from_: str | None = msgspec.field(name="from")
    """A phone number, or what the network said; null: the caller does not want to be known."""
    withheld: bool
    """The caller does not want to be known."""
    decision: str
    """forward, voicemail or reject; another word if a newer version decided it."""
    reason: str | None
    """Why it was refused, or why it went to the voicemail: docs/calls.md."""
    target: str | None
    trunk: str | None
    status: int | None
    """The final SIP status; null while the call is on its way."""
    cause: int | None
    """The Q.850 cause of its end."""
    hung_up_by: str | None
    """caller, callee or edge."""
    missed: bool | None
    """The voicemail got no message of it; null: it had no part in it."""
    started_at: datetime
    ringing_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    duration_s: float | None
    """From the answer to the end."""
    revision: int | None
    """That of the rule that it obeyed."""
    diversions: list[str]
    """The numbers that diverted it, first to last."""
    sip_call_id: str


class CallersIn(msgspec.Struct, frozen=True, kw_only=True):
    """Who may call: numbers, or beginnings of numbers with a `*`; `allow` makes exceptions of `block`."""

    anonymous: str | msgspec.UnsetType = msgspec.UNSET
    block: Sequence[str] | msgspec.UnsetType = msgspec.UNSET
    allow: Sequence[str] | msgspec.UnsetType = msgspec.UNSET
    blocked: str | msgspec.UnsetType = msgspec.UNSET


class Callers(msgspec.Struct, frozen=True, kw_only=True):
    """Who may call."""

    anonymous: str
    block: list[str]
    allow: list[str]
    blocked: str | msgspec.UnsetType = msgspec.UNSET
    """Left out when it is reject."""


class CallersPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change of who may call."""

    anonymous: str | None | msgspec.UnsetType = msgspec.UNSET
    block: Sequence[str] | None | msgspec.UnsetType = msgspec.UNSET
    allow: Sequence[str] | None | msgspec.UnsetType = msgspec.UNSET
    blocked: str | None | msgspec.UnsetType = msgspec.UNSET


class CallsPatch(msgspec.Struct, frozen=True, kw_only=True):
    calls: int | msgspec.UnsetType = msgspec.UNSET
    calls_per_minute: int | msgspec.UnsetType = msgspec.UNSET


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a number's rule."""

    at: datetime
    number: str
    account: str
    revision: int
    key: str | None
    """null: the command line."""
    source: str
    before: RuleWas
    after: RuleWas
    options: list[OptionWas]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check that the call met."""

    number: str
    check: str
    """What was looked at."""
    verdict: str
    passed: bool
    """false: here the call ends."""


class ClosedIn(msgspec.Struct, frozen=True, kw_only=True):
    """What a call meets outside the hours."""

    action: str
    to: Sequence[str] | msgspec.UnsetType = msgspec.UNSET
    """The number to forward to, in E.164 with +."""


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """What a call meets outside the hours."""

    action: str
    to: list[str] | msgspec.UnsetType = msgspec.UNSET
    """Left out unless the action is forward."""


class ClosedPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change of what a call meets outside the hours."""

    action: str | None | msgspec.UnsetType = msgspec.UNSET
    to: Sequence[str] | None | msgspec.UnsetType = msgspec.UNSET


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """An event on its way to a webhook."""

    id: str
    webhook: str
    event: str | None
    """The event's id; null: it is not kept any more."""
    type: str
    state: str
    """waiting: for the one before it of its number. pending: it is tried at due_at. failed: given up."""
    attempts: int
    status: int | None
    """The HTTP status of the last answer."""
    note: str
    """Why the last attempt failed."""
    duration_ms: int | None
    """How long the last attempt took."""
    request: str | None
    """The first 4096 bytes of the body that is sent."""
    answer: str
    """The first 4096 bytes of the last answer's body."""
    created_at: datetime
    attempted_at: datetime | None
    due_at: datetime | None
    """When it is tried next; null: it has ended."""
    ended_at: datetime | None


class Effects(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to what hung on it (see the operator's handbook)."""

    rules: str
    greetings: str
    messages: str
    calls: str | msgspec.UnsetType = msgspec.UNSET
    changes: str | msgspec.UnsetType = msgspec.UNSET
    """The audit trail of rules, apart from that of the next owner."""
    keys: str
    webhooks: str
    events: str


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened.

    What `data` has besides these fields, the section of webhooks says for each type.
    """

    id: str
    type: str
    """One of those that `type=` takes; a newer version of the program may tell of more."""
    timestamp: datetime
    data: dict[str, Any]


class ExceptionIn(msgspec.Struct, frozen=True, kw_only=True):
    """Days that have hours of their own; none: closed."""

    from_: str = msgspec.field(name="from")
    to: str
    open: Sequence[HoursIn] | msgspec.UnsetType = msgspec.UNSET


class Exception(msgspec.Struct, frozen=True, kw_only=True):
    """Days that have hours of their own."""

    from_: str = msgspec.field(name="from")
    to: str
    open: list[Hours]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What a call would meet."""

    number: str
    from_: str = msgspec.field(name="from")
    at: datetime
    decision: str
    reason: str | None
    """Why it is refused; null: it is not."""
    target: str | None
    """The number that it goes to, or is not allowed to go to."""
    via: list[str]
    """The numbers of the account that send it on, the called one first."""
    revision: int | None
    """Of the called number's rule."""
    ring_timeout_s: int | None
    emails: list[str]
    """Where a message would be mailed that the rule takes at once."""
    until: datetime | None
    """Until when calls there wait; null: they do not."""
    checks: list[Check]
    trunks: list[TrunkShown]
    unreadable_trunks: int
    """How many trunks cannot be read, as the operator sees: running nodes may send the call there too, as they did
    before. 0: `trunks` are all.
    """
    summary: str
    """A sentence for people, in the language that was asked for."""


class FallbackIn(msgspec.Struct, frozen=True, kw_only=True):
    """How a call goes on that its target does not take."""

    action: str
    to: Sequence[str] | msgspec.UnsetType = msgspec.UNSET
    """The number to forward to, in E.164 with +."""
    then: str | msgspec.UnsetType = msgspec.UNSET
    """If that number does not take it either."""


class Fallback(msgspec.Struct, frozen=True, kw_only=True):
    """How a call goes on that its target does not take."""

    action: str
    to: list[str] | msgspec.UnsetType = msgspec.UNSET
    """Left out unless the action is forward."""
    then: str | msgspec.UnsetType = msgspec.UNSET
    """Left out when it is release."""


class FallbackPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change of a fallback."""

    action: str | None | msgspec.UnsetType = msgspec.UNSET
    to: Sequence[str] | None | msgspec.UnsetType = msgspec.UNSET
    then: str | None | msgspec.UnsetType = msgspec.UNSET


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was tried."""

    name: str
    ok: bool
    needed: bool
    text: str
    advice: str


class Forwarding(Versioned, frozen=True, kw_only=True):
    """The rule of a number now."""

    action: str
    to: list[str]
    ring_timeout_s: int
    on_no_answer: Fallback
    on_busy: Fallback
    on_unreachable: Fallback
    voicemail: Voicemail
    schedule: Schedule | None
    callers: Callers
    revision: int
    """Grows by one with each change."""
    updated_at: datetime | None
    """When it was changed; null: never."""
    summary: str
    """What a call meets now, in a sentence, in the language that was asked for."""
    warnings: list[Warning] | msgspec.UnsetType = msgspec.UNSET
    """In a dry run only."""


class Greeting(Versioned, frozen=True, kw_only=True):
    """How a number greets."""

    number: str
    greeting: str
    """own: an uploaded one; spoken_number: the included one, which says the number."""
    bytes: int | None
    """Of its own greeting, a WAV file."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """A header that the call gets; one without a value is taken off."""

    name: str
    value: str


class HoursIn(msgspec.Struct, frozen=True, kw_only=True):
    """Open hours of an exceptional day."""

    from_: str = msgspec.field(name="from")
    to: str


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """Open hours of a day."""

    from_: str = msgspec.field(name="from")
    to: str


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """How many numbers were added."""

    imported: int
    account: str


class ImportedNumber(msgspec.Struct, frozen=True, kw_only=True):
    """One of many numbers that are to be added."""

    label: str | msgspec.UnsetType = msgspec.UNSET
    forwarding_enabled: bool | msgspec.UnsetType = msgspec.UNSET
    """Without it no rule can be set."""
    number: str


class InboundIn(msgspec.Struct, frozen=True, kw_only=True):
    networks: Sequence[str] | msgspec.UnsetType = msgspec.UNSET
    called_number: str | msgspec.UnsetType = msgspec.UNSET
    identity: str | msgspec.UnsetType = msgspec.UNSET
    nat: bool | msgspec.UnsetType = msgspec.UNSET
    inbound_user: str | msgspec.UnsetType = msgspec.UNSET
    certificate: str | msgspec.UnsetType = msgspec.UNSET
    ca: str | msgspec.UnsetType = msgspec.UNSET
    password: str | None | msgspec.UnsetType = msgspec.UNSET
    """Of `inbound_user`. It is never shown."""


class Inbound(msgspec.Struct, frozen=True, kw_only=True):
    networks: list[str]
    called_number: str
    identity: str
    nat: bool
    inbound_user: str
    certificate: str
    ca: str


class ItemError(msgspec.Struct, frozen=True, kw_only=True):
    """A wrong field."""

    pointer: str
    """A JSON pointer into the body of the request."""
    code: str
    detail: str


class ItemProblem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a change cannot be made."""

    code: str
    title: str
    status: int
    detail: str
    errors: list[ItemError] | msgspec.UnsetType = msgspec.UNSET


class KeyChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a key."""

    at: datetime
    by: str | None
    """The key that made the change; null: the command line."""
    address: str
    """Where the request came from."""
    rotated: bool
    """Whether it got another secret."""
    before: KeyLimits | None
    """null: it was made."""
    after: KeyLimits


class KeyLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What a key is limited to."""

    label: str
    scopes: list[str]
    """`*`: all of them, those of later versions too."""
    numbers: list[str] | None
    """null: it is limited to none in particular."""
    expires_at: datetime | None
    """null: it does not end."""
    revoked_at: datetime | None
    revision: int
    """Grows by one with each change."""


class Key(Versioned, frozen=True, kw_only=True):
    """A key, without its secret."""

    label: str
    scopes: list[str]
    """`*`: all of them, those of later versions too."""
    numbers: list[str] | None
    """null: it is limited to none in particular."""
    expires_at: datetime | None
    """null: it does not end."""
    revoked_at: datetime | None
    revision: int
    """Grows by one with each change."""
    id: str
    account: str | None
    """null: it is an operator's key."""
    created_at: datetime
    made_by: str | None
    """The key or person that made it; null: the command line."""
    last_used_at: datetime | None
    """null: never. It may be a minute or two behind, and is not part of the ETag."""
    previous_secret_until: datetime | None
    """Until when the secret before the last rotation is good; null: there is none."""


class Limits(Versioned, frozen=True, kw_only=True):
    """How much an account may use, each of its numbers, and its calls to each target."""

    account: OfAll
    number: OfAll
    target: OfCalls
    used_today: Used


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A link that needs no key: whoever has it may listen until it ends, or until the message is deleted."""

    url: str
    expires_at: datetime


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that brings a message to one recipient."""

    to: str
    state: str
    """kept: as a file, without a mail server."""
    attempts: int
    note: str | None
    """What the mail server said last, or what went wrong."""
    due_at: datetime | None
    """When it is tried next."""
    ended_at: datetime | None


class Mails(msgspec.Struct, frozen=True, kw_only=True):
    """The mails that wait, of all nodes."""

    waiting: int
    oldest_at: datetime | None


class ManagedAccount(Versioned, frozen=True, kw_only=True):
    """An account as operators see it."""

    id: str
    name: str
    language: str
    """Of mails, and of what callers hear."""
    region: str
    """How it writes phone numbers: an ISO 3166-1 code."""
    time_zone: str
    """An IANA name; the region's own unless another one was chosen."""
    retention: Retention
    notices: Notices
    created_at: datetime
    state: str
    closed_at: datetime | None


class ManagedNumber(Versioned, frozen=True, kw_only=True):
    """A number as operators see it."""

    number: str
    label: str
    state: str
    """Calls to an inactive number are refused, and its rule cannot be changed."""
    forwarding_enabled: bool
    """The operator's option: without it no rule can be set."""
    action: str | None
    """What its rule does with calls; see its forwarding. Null: the rule cannot be read."""
    revision: int
    """That of its rule; grows by one with each change."""
    updated_at: datetime | None
    """When its rule was changed; null: never."""
    unreadable: str | None
    """Why the rule cannot be read; null: it can.

    Calls are refused until then. `newer`: a newer renvoi wrote it, which the operator has to install here.
    `damaged`: the operator has to remove the number and add it again, or to restore a backup.
    """
    account: str
    """Who has it."""


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """One number, as `/metrics` has it."""

    name: str
    labels: dict[str, str]
    value: float


class Message(Versioned, frozen=True, kw_only=True):
    """A message that a caller left."""

    id: str
    number: str
    from_: str | None = msgspec.field(name="from")
    """null: the caller does not want to be known."""
    received_at: datetime
    duration_s: float
    heard: bool
    heard_at: datetime | None
    transcript: str | None
    """What is said in it; null where nobody has written that down."""
    cut_off: bool
    """A fault ended the recording, not the caller."""
    revision: int
    """That of the rule that the call obeyed."""
    sip_call_id: str
    mails: list[Mail]
    """One for each recipient."""


class NewKey(Versioned, frozen=True, kw_only=True):
    """A key with its secret."""

    label: str
    scopes: list[str]
    """`*`: all of them, those of later versions too."""
    numbers: list[str] | None
    """null: it is limited to none in particular."""
    expires_at: datetime | None
    """null: it does not end."""
    revoked_at: datetime | None
    revision: int
    """Grows by one with each change."""
    id: str
    account: str | None
    """null: it is an operator's key."""
    created_at: datetime
    made_by: str | None
    """The key or person that made it; null: the command line."""
    last_used_at: datetime | None
    """null: never. It may be a minute or two behind, and is not part of the ETag."""
    previous_secret_until: datetime | None
    """Until when the secret before the last rotation is good; null: there is none."""
    secret: str
    """What `Authorization: Bearer` takes: it is shown this once."""


class NewWebhook(Versioned, frozen=True, kw_only=True):
    """A webhook with its secret, which is shown this once."""

    id: str
    account: str | None
    """Whose it is; null: the node's own, for its trunks."""
    url: str
    types: list[str]
    numbers: list[str]
    description: str
    enabled: bool
    disabled_reason: str | None
    """gone: it answered 410. failing: nothing could be delivered for five days."""
    disabled_at: datetime | None
    failing_since: datetime | None
    """Since when nothing could be delivered; null: it works."""
    previous_secret_until: datetime | None
    """Until when its former secret signs too."""
    created_at: datetime
    updated_at: datetime
    secret: str
    """What signatures are proven by (Standard Webhooks 1.0)."""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A node."""

    version: str
    now: datetime
    ready: bool
    """Whether it may get traffic."""
    store_refuses: str | None
    """Why the store takes no changes; null: it does."""
    parts: list[Part]
    nodes: list[str]
    """The nodes that carry calls on this store, as they reported last."""
    mails: Mails
    removals_under_way: int
    """Of numbers and accounts; at most 100 are counted."""
    counts: dict[str, int]
    """The counters that nodes share."""
    measurements: list[Measurement]


class Notices(msgspec.Struct, frozen=True, kw_only=True):
    """Who is notified of what concerns the account: limits that are reached, webhooks that are disabled."""

    email: str | None
    """null: nobody is."""


class NoticesChange(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to be told."""

    email: str | None | msgspec.UnsetType = msgspec.UNSET


class Number(Versioned, frozen=True, kw_only=True):
    """A virtual number of the account."""

    number: str
    label: str
    state: str
    """Calls to an inactive number are refused, and its rule cannot be changed."""
    forwarding_enabled: bool
    """The operator's option: without it no rule can be set."""
    action: str | None
    """What its rule does with calls; see its forwarding. Null: the rule cannot be read."""
    revision: int
    """That of its rule; grows by one with each change."""
    updated_at: datetime | None
    """When its rule was changed; null: never."""
    unreadable: str | None
    """Why the rule cannot be read; null: it can.

    Calls are refused until then. `newer`: a newer renvoi wrote it, which the operator has to install here.
    `damaged`: the operator has to remove the number and add it again, or to restore a backup.
    """


class OfAll(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of calls and of a day, which is one of UTC; 0 is none."""

    calls: int
    """At once."""
    calls_per_minute: int
    minutes_per_day: int
    """Of answered forwarded calls."""
    spend_per_day: str
    """By the rates, in their currency."""


class OfCalls(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of calls; 0 is none."""

    calls: int
    """At once."""
    calls_per_minute: int


class OptionWas(msgspec.Struct, frozen=True, kw_only=True):
    """An option of a rule that was changed."""

    name: str
    before: Any
    after: Any


class OutboundIn(msgspec.Struct, frozen=True, kw_only=True):
    uri: str | msgspec.UnsetType = msgspec.UNSET
    priority: int | msgspec.UnsetType = msgspec.UNSET
    number_format: str | msgspec.UnsetType = msgspec.UNSET
    diversion_headers: str | msgspec.UnsetType = msgspec.UNSET
    caller_id: str | msgspec.UnsetType = msgspec.UNSET
    header_format: str | msgspec.UnsetType = msgspec.UNSET
    strip: str | msgspec.UnsetType = msgspec.UNSET
    prefix: str | msgspec.UnsetType = msgspec.UNSET
    host: str | msgspec.UnsetType = msgspec.UNSET
    max_calls: int | msgspec.UnsetType = msgspec.UNSET
    max_rate: int | msgspec.UnsetType = msgspec.UNSET
    from_: str | None | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="from")
    pai: str | None | msgspec.UnsetType = msgspec.UNSET
    ppi: str | None | msgspec.UnsetType = msgspec.UNSET
    rpid: str | None | msgspec.UnsetType = msgspec.UNSET
    account: str | msgspec.UnsetType = msgspec.UNSET
    sign: str | msgspec.UnsetType = msgspec.UNSET
    user: str | msgspec.UnsetType = msgspec.UNSET
    realm: str | msgspec.UnsetType = msgspec.UNSET
    diversion_depth: str | msgspec.UnsetType = msgspec.UNSET
    fallback: str | msgspec.UnsetType = msgspec.UNSET
    fallback_codes: str | msgspec.UnsetType = msgspec.UNSET
    register: bool | msgspec.UnsetType = msgspec.UNSET
    registrar: str | msgspec.UnsetType = msgspec.UNSET
    expires: int | msgspec.UnsetType = msgspec.UNSET
    contact_user: str | msgspec.UnsetType = msgspec.UNSET
    weight: int | msgspec.UnsetType = msgspec.UNSET
    probe: str | msgspec.UnsetType = msgspec.UNSET
    ca: str | msgspec.UnsetType = msgspec.UNSET
    client_cert: str | msgspec.UnsetType = msgspec.UNSET
    relay: bool | msgspec.UnsetType = msgspec.UNSET
    verstat: bool | msgspec.UnsetType = msgspec.UNSET
    redirects: str | msgspec.UnsetType = msgspec.UNSET
    auth_cseq: str | msgspec.UnsetType = msgspec.UNSET
    password: str | None | msgspec.UnsetType = msgspec.UNSET
    """Of `user`. It is never shown."""
    client_key: str | None | msgspec.UnsetType = msgspec.UNSET
    """The key of `client_cert`, PEM. It is never shown."""


class Outbound(msgspec.Struct, frozen=True, kw_only=True):
    uri: str
    priority: int
    number_format: str
    diversion_headers: str
    caller_id: str
    header_format: str
    strip: str
    prefix: str
    host: str
    max_calls: int
    max_rate: int
    from_: str | None = msgspec.field(name="from")
    pai: str | None
    ppi: str | None
    rpid: str | None
    account: str
    sign: str
    user: str
    realm: str
    diversion_depth: str
    fallback: str
    fallback_codes: str
    register: bool
    registrar: str
    expires: int
    contact_user: str
    weight: int
    probe: str
    ca: str
    client_cert: str
    relay: bool
    verstat: bool
    redirects: str
    auth_cseq: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the node."""

    name: str
    state: str
    detail: str
    restarts: int
    """Since the node started."""


class PastChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change of the rule."""

    revision: int
    """The one that it led to."""
    at: datetime
    key: str | None
    """The id of the key that made it; null: the command line."""
    source: str
    """The network address that it came from."""
    before: Rule | None
    """null: not kept any more, or by an older version that kept less."""
    after: Rule | None
    """null: made by an older version that kept less."""


class PeriodIn(msgspec.Struct, frozen=True, kw_only=True):
    """Open hours of days of the week, on the wall clock of the schedule's zone; they may pass midnight."""

    days: Sequence[str]
    from_: str = msgspec.field(name="from")
    to: str


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """Open hours of days of the week."""

    from_: str = msgspec.field(name="from")
    to: str
    days: list[str]


class PolicyChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a policy or of limits."""

    at: datetime
    key: str | None
    """The key that asked for it; null: the command line, or an upgrade."""
    source: str
    before: Policy
    after: Policy
    limits_before: dict[str, dict[str, Any]]
    limits_after: dict[str, dict[str, Any]]


class Policy(Versioned, frozen=True, kw_only=True):
    """Where an account's calls may be forwarded to."""

    countries: list[str] | None
    """ISO 3166-1 codes; 001: numbers of no country; ALL: every country; null: the account's own."""
    eea: bool
    """Whether all countries of the European Union and the EEA may be called besides."""
    refused_types: list[str]
    allowed_prefixes: list[str]
    """First digits: allowed, whatever else is said."""
    refused_prefixes: list[str]
    """First digits: refused, whatever else is said."""


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """Options that a carrier wants."""

    name: str
    options: dict[str, Any]
    source: str
    as_of: str
    proven: bool
    besides: str


class Presets(msgspec.Struct, frozen=True, kw_only=True):
    """All presets."""

    data: list[Preset]
    next_cursor: None


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """What a minute costs to numbers that begin with a prefix."""

    prefix: str
    price: str
    currency: str


class Rates(Versioned, frozen=True, kw_only=True):
    """How many rates there are now."""

    rates: int


class Removal(msgspec.Struct, frozen=True, kw_only=True):
    """A number or an account that was taken away."""

    id: str
    what: str
    number: str | None
    account: str
    """Who had it, or is closed."""
    to_account: str | None
    at: datetime
    key: str | None
    """The key that asked for it; null: the command line."""
    source: str
    """The address that came from."""
    state: str
    """For calls and keys it counts at once; what hung on it goes in small steps."""
    ended_at: datetime | None
    numbers: int
    """How many numbers of a closed account are gone so far."""
    messages: int
    """How many messages are deleted so far."""
    then: Effects


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """How long things are kept."""

    messages_days: int
    """Messages, with their recordings."""


class RetentionChange(msgspec.Struct, frozen=True, kw_only=True):
    """How long things are to be kept."""

    messages_days: int | msgspec.UnsetType = msgspec.UNSET


class RuleMade(msgspec.Struct, frozen=True, kw_only=True):
    """The rule that a call obeyed."""

    revision: int
    set_at: datetime | None
    """null: the change is not kept any more."""
    set_by: str | None
    """The key that set it; null: the operator, or not kept any more."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule."""

    action: str
    to: list[str]
    ring_timeout_s: int
    on_no_answer: Fallback
    on_busy: Fallback
    on_unreachable: Fallback
    voicemail: Voicemail
    schedule: Schedule | None
    callers: Callers
    revision: int
    """Grows by one with each change."""


class RuleWas(msgspec.Struct, frozen=True, kw_only=True):
    """A rule, as far as the trail has it."""

    action: str
    to: list[str]
    emails: list[str]


class ScheduleIn(msgspec.Struct, frozen=True, kw_only=True):
    """When the number is open, in wall-clock time of its zone."""

    time_zone: str
    open: Sequence[PeriodIn] | msgspec.UnsetType = msgspec.UNSET
    holidays: str | None | msgspec.UnsetType = msgspec.UNSET
    """ISO 3166, with a subdivision where wanted (`FR-57`): closed on these holidays."""
    exceptions: Sequence[ExceptionIn] | msgspec.UnsetType = msgspec.UNSET
    closed: ClosedIn | msgspec.UnsetType = msgspec.UNSET


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """When the number is open."""

    time_zone: str
    open: list[Period]
    holidays: str | None
    exceptions: list[Exception]
    closed: Closed


class SchedulePatch(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change of the hours."""

    time_zone: str | None | msgspec.UnsetType = msgspec.UNSET
    open: Sequence[PeriodIn] | None | msgspec.UnsetType = msgspec.UNSET
    holidays: str | None | msgspec.UnsetType = msgspec.UNSET
    exceptions: Sequence[ExceptionIn] | None | msgspec.UnsetType = msgspec.UNSET
    closed: ClosedPatch | None | msgspec.UnsetType = msgspec.UNSET


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a call, as far as it is kept."""

    at: datetime
    from_: str = msgspec.field(name="from")
    """caller, edge, callee, voicemail, or a trunk."""
    to: str
    message: str
    """closed: nobody ended the call, and its record was closed."""
    uri: str | None
    """Where an INVITE asks for."""
    headers: list[str]
    """Header lines that were added or changed; none of a withheld caller."""
    status: int | None
    phrase: str | None
    cause: int | None


class Test(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a test."""

    ok: bool
    text: str
    took_ms: float | None
    findings: list[Finding]


class Trunk(Versioned, frozen=True, kw_only=True):
    """A trunk: who it is known by when it calls us, and how calls to it look.

    Passwords and keys are not shown.
    """

    name: str
    region: str | None
    """Of national numbers; null: the trunk cannot be read."""
    inbound: Inbound | None
    outbound: Outbound | None
    state: str | None
    """What this node says of the outbound side: `up`, `down`…; null: not known."""
    text: str | None
    """The same in words, with each address; or what to do where it cannot be read."""
    unreadable: str | None
    """Why the trunk cannot be read; null: it can.

    Until then nodes keep the trunks that they have, and no other can be added or changed. `newer`: a newer
    renvoi wrote it, which has to be installed here. `damaged`: remove it and add it again, or restore a backup.
    """


class TrunkShown(msgspec.Struct, frozen=True, kw_only=True):
    """How the call would be sent to one trunk, in the order in which they are tried."""

    trunk: str
    request_uri: str
    headers: list[Header]


class Trunks(msgspec.Struct, frozen=True, kw_only=True):
    """All trunks, by name."""

    data: list[Trunk]
    next_cursor: None


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """What was used up today, until now."""

    minutes: float
    spend: str


class VoicemailIn(msgspec.Struct, frozen=True, kw_only=True):
    """Where messages go, and whether missed calls are told there too."""

    emails: Sequence[str] | msgspec.UnsetType = msgspec.UNSET
    missed_call_mail: bool | msgspec.UnsetType = msgspec.UNSET


class Voicemail(msgspec.Struct, frozen=True, kw_only=True):
    """Where messages go."""

    emails: list[str]
    missed_call_mail: bool


class VoicemailPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change of where messages go."""

    emails: Sequence[str] | None | msgspec.UnsetType = msgspec.UNSET
    missed_call_mail: bool | None | msgspec.UnsetType = msgspec.UNSET


class Warning(msgspec.Struct, frozen=True, kw_only=True):
    """Something about a rule that is allowed, and hardly wanted."""

    code: str
    pointer: str
    detail: str


class WebhookChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a webhook."""

    at: datetime
    webhook: str
    account: str | None
    """Whose it is; null: the node's own."""
    by: str | None
    """The key or user that made the change; null: see `address`."""
    address: str
    """Where the request came from; `command line`, or `renvoi` for what it did by itself."""
    rotated: bool
    """Whether it got another secret."""
    before: WebhookChoice | None
    """null: it was made, or this is damaged."""
    after: WebhookChoice | None
    """null: it was removed, or this is damaged: `before` is null too."""


class WebhookChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen of a webhook."""

    url: str
    types: list[str]
    numbers: list[str]
    description: str
    enabled: bool
    disabled_reason: str | None
    """gone: it answered 410.

    failing: nothing could be delivered for five days. null: it was enabled, or nobody noted why not.
    """


class Webhook(Versioned, frozen=True, kw_only=True):
    """A webhook: where events are sent."""

    id: str
    account: str | None
    """Whose it is; null: the node's own, for its trunks."""
    url: str
    types: list[str]
    numbers: list[str]
    description: str
    enabled: bool
    disabled_reason: str | None
    """gone: it answered 410. failing: nothing could be delivered for five days."""
    disabled_at: datetime | None
    failing_since: datetime | None
    """Since when nothing could be delivered; null: it works."""
    previous_secret_until: datetime | None
    """Until when its former secret signs too."""
    created_at: datetime
    updated_at: datetime
