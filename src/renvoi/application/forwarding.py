"""Set or read a number's rule: the use case behind `POST /v1/vn/callforward` and `renvoi forward`."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from renvoi.application.events import forwarding_changed
from renvoi.application.policies import listed_policy
from renvoi.application.ports.accounts import AuditEntry, RememberedAnswer
from renvoi.application.ports.errors import UnreadablePolicy
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.unit_of_work import ChangeWriter, Clock, Store, Writer
from renvoi.application.unreadable_rows import listed, own_known
from renvoi.domain.access.account_policy import NO_POLICY, NOTHING_ALLOWED, Owner
from renvoi.domain.access.api_key import Principal
from renvoi.domain.email_address import EmailAddress, EmailInvalid
from renvoi.domain.numbers.number import E164, NumberInvalid, NumberShort
from renvoi.domain.outcome import Outcome
from renvoi.domain.rules.rule import Fallbacks, Rule, RuleType
from renvoi.domain.rules.rule_change import changed_options, evaluate
from renvoi.domain.text import is_blank

IDEMPOTENCY_WINDOW_MS = 24 * 3600 * 1000
"""How long an `Idempotency-Key` is remembered (`docs/api.md §1`, promise 6)."""
_FORGET_AT_ONCE = 8
"""Expired answers dropped with each new one: more than come in, so the table does not grow."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RuleRequest:
    """What was asked, as texts: `type` is `0`, `1`, `2`, anything else, or empty when missing.

    `ring_timeout` (5 to 170 s), `fallbacks` and `emails` replace the number's; None, as from the API, leaves them.
    """

    number: str
    type: str
    param: str
    ring_timeout: timedelta | None = None
    fallbacks: Fallbacks | None = None
    emails: tuple[EmailAddress, ...] | None = None

    def hash(self) -> bytes:
        """Return what two requests with the same content share, however they were encoded."""
        options = (str(option or "") for option in (self.ring_timeout, self.fallbacks, self.emails))
        parts = (self.number, self.type, self.param, *options)
        return hashlib.sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).digest()


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What a request came to; `revision` is the rule's after a success.

    `replayed` tells that this is the first answer to the `Idempotency-Key` again, and that nothing was changed.
    """

    outcome: Outcome
    revision: int | None = None
    replayed: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A well-formed request. `number` is None unless it is a phone number, `rule` when the target is a short number."""

    number: E164 | None
    rule: Rule | None
    ring_timeout: timedelta | None
    fallbacks: Fallbacks | None
    emails: tuple[EmailAddress, ...] | None

    def turned(self, before: Rule) -> Rule:
        """Return the rule that `before` becomes."""
        assert self.rule is not None
        turned = before.turned(self.rule)
        if (self.ring_timeout, self.fallbacks, self.emails) == (None, None, None):
            return turned
        return replace(
            turned,
            ring_timeout=self.ring_timeout or before.ring_timeout,
            fallbacks=self.fallbacks or before.fallbacks,
            emails=(self.rule.emails or before.emails) if self.emails is None else self.emails,
        )


async def set_rule(
    store: Store, clock: Clock, principal: Principal, request: RuleRequest, idempotency_key: str | None = None
) -> RuleResult:
    """Change a number's rule as `request` says, if it may; the answer is the first row that fails, or the success.

    Durable and in force when this returns. With an `idempotency_key` the first answer is given again for 24 h.

    Raises:
        StoreUnavailable: nothing was changed.
    """
    wanted = read_request(request, principal.region)
    if isinstance(wanted, Outcome) and idempotency_key is None:
        return RuleResult(wanted)
    now_ms = clock.now_ms()
    if idempotency_key is None:
        return await store.write(lambda writer: _change(writer, principal, wanted, now_ms))
    return await store.write(
        lambda writer: _once(writer, principal, request, wanted, idempotency_key, now_ms),
    )


def change_rule(writer: Writer, principal: Principal, request: RuleRequest, now_ms: int) -> RuleResult:
    """Answer as `set_rule`, within a transaction that also did the reading that `request` was made from."""
    wanted = read_request(request, principal.region)
    return _change(writer, principal, wanted, now_ms)


def read_request(request: RuleRequest, region: str) -> _Wanted | Outcome:
    """Read the request's fields, or say which is wrong: the rows 5 to 12, in their order."""
    if is_blank(request.number):
        return Outcome.NUMBER_REQUIRED
    if not request.type:
        return Outcome.TYPE_REQUIRED
    if request.type not in ("0", "1", "2"):
        return Outcome.TYPE_INVALID
    kind = RuleType(int(request.type))
    if kind is not RuleType.DISABLED and is_blank(request.param):
        return Outcome.PARAM_REQUIRED
    rule = _read_rule(kind, request.param, region)
    if isinstance(rule, Outcome):
        return rule
    try:
        number = E164.parse(request.number, region)
    except NumberInvalid:
        number = None
    return _Wanted(number, rule, request.ring_timeout, request.fallbacks, request.emails)


def _read_rule(kind: RuleType, param: str, region: str) -> Rule | Outcome | None:
    if kind is RuleType.DISABLED:
        return Rule.disabled()
    if kind is RuleType.VOICEMAIL:
        try:
            return Rule.voicemail(EmailAddress.parse(param))
        except EmailInvalid:
            return Outcome.EMAIL_INVALID
    try:
        return Rule.forward(E164.parse(param, region))
    except NumberShort:
        return None
    except NumberInvalid:
        return Outcome.TARGET_INVALID


def _once(
    writer: Writer, principal: Principal, request: RuleRequest, wanted: _Wanted | Outcome, key: str, now_ms: int
) -> RuleResult:
    """Answer as `_change`, but only the first time that `key` comes; later the remembered answer."""
    request_hash = request.hash()
    key = principal.idempotency_key(key)
    first = writer.remembered(principal.account_id, key)
    if first is not None and first.at_ms > now_ms - IDEMPOTENCY_WINDOW_MS:
        if first.request_hash != request_hash:
            return RuleResult(Outcome.IDEMPOTENCY_CONFLICT)
        return RuleResult(Outcome[first.outcome], first.revision, replayed=True)
    answer = _change(writer, principal, wanted, now_ms)
    writer.forget_answers(now_ms - IDEMPOTENCY_WINDOW_MS, _FORGET_AT_ONCE)
    writer.remember(
        principal.account_id, key, RememberedAnswer(request_hash, answer.outcome.name, answer.revision, now_ms)
    )
    return answer


def _change(writer: ChangeWriter, principal: Principal, wanted: _Wanted | Outcome, now_ms: int) -> RuleResult:
    if isinstance(wanted, Outcome):
        return RuleResult(wanted)
    account_id = principal.account_id
    # Looked up whoever may see it: that it exists must not show, not even in the time of the answer.
    record = None if wanted.number is None else own_known(writer.number_for_change, wanted.number, principal)
    owners: list[Owner] = []

    def owner() -> Owner:
        policy = listed_policy(writer.policy, account_id)
        if isinstance(policy, UnreadablePolicy):
            log.warning("no target is allowed, as the policy cannot be read", account=account_id, why=policy.why)
            policy = NOTHING_ALLOWED
        owners.append(Owner(principal.region, policy))
        return owners[-1]

    outcome = evaluate(record, account_id, wanted.rule, lambda target: listed(writer.number, target), owner)
    if (
        outcome is Outcome.ALREADY_FORWARDING
        and record is not None
        and changed_options(record.rule, wanted.turned(record.rule))
    ):
        outcome = Outcome.FORWARD_ENABLED
    if not outcome.success:
        return RuleResult(outcome)
    assert record is not None
    assert wanted.rule is not None
    before, after = record.rule, wanted.turned(record.rule)
    who = principal.account_id, principal.key_id, principal.source
    country = owners[0].new_country(after.target) if owners and after.target is not None else None
    if country is not None:
        note_countries(writer, PolicyChange(now_ms, *who, NO_POLICY, NO_POLICY), [country])
    entry = AuditEntry(now_ms, record.number, *who, before, after, changed_options(before, after))
    writer.put_rule(record.number, after, now_ms, forwarding_changed(entry), before)
    writer.add_audit(entry)
    return RuleResult(outcome, after.revision)


def note_countries(writer: ChangeWriter, change: PolicyChange, countries: Iterable[str]) -> None:
    """Note that the account begins to use some countries: calls there may have to wait."""
    before = writer.policy_for_change(change.account_id)
    used = before.used
    for country in countries:
        used = used.with_country(country, change.at_ms)
    after = replace(before, used=used)
    if after != before:
        writer.put_policy(replace(change, before=before, after=after))
