"""Endpoints made, changed, tried and removed by whoever may: with a key, or as the operator at the command line.

A key that is limited to numbers has endpoints of these numbers only, and sees no others. An operator who names no
account has those of the node, which are notified of trunks.
"""

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_address

import structlog

from renvoi.application.auth import actor_of
from renvoi.application.ports.secrets import Sealer, SecretClosed
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.application.ports.webhook_changes import WebhookChange
from renvoi.application.reach import account_of
from renvoi.application.webhooks import changes
from renvoi.domain.access.api_key import Principal
from renvoi.domain.events.endpoint_url import EndpointUrlInvalid, read_url
from renvoi.domain.events.event import Event, EventType, StoredEvent
from renvoi.domain.events.signed_body import SECRET_BYTES, secret_text
from renvoi.domain.events.webhook import (
    BOTH_SECRETS,
    EVERY_TYPE,
    MAX_DESCRIPTION,
    MAX_ENDPOINTS,
    MAX_NUMBERS,
    Delivery,
    DeliveryState,
    DisabledReason,
    Webhook,
    previous_secret_of,
    secret_of,
    types_fit,
)
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.hosts import is_ip_address, is_public
from renvoi.domain.ids import IdKind, written
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, ProblemCode, invalid

log = structlog.get_logger("renvoi.webhooks")

SealerFor = Callable[[Mapping[str, bytes]], Sealer]
"""Returns what seals for a store that has these secrets; makes the key if they are the first ones. Reads a file.

Raises:
    OperatorError: the key is missing, or another one.
"""


@dataclass(frozen=True, slots=True)
class UrlRules:
    """Which addresses endpoints may have: `http`, and inner `networks`, are what the operator allows besides."""

    allow_http: bool = False
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def check(self, text: str) -> str:
        """Return an address in the form that it is kept in.

        Raises:
            Problem: it may not be one.
        """
        try:
            url = read_url(text, allow_http=self.allow_http)
            if is_ip_address(url.host) and not self._may_go_to(url.host):
                raise EndpointUrlInvalid(
                    f"{url.host} is not a public address", f"{url.host} n’est pas une adresse publique"
                )
        except EndpointUrlInvalid as error:
            why = {language: error.text(language) for language in ("en", "fr")}
            raise invalid(FieldError("/url", FieldCode.URL_REFUSED, {"why": why})) from error
        return str(url)

    def _may_go_to(self, host: str) -> bool:
        address = ip_address(host)
        inner = any(address.version == network.version and address in network for network in self.networks)
        return inner or is_public(address)


HTTPS_OUTSIDE = UrlRules()


@dataclass(frozen=True, slots=True)
class WebhookWish:
    """What somebody wants an endpoint to be; None stays as it is, in a change."""

    url: str | None = None
    types: tuple[str, ...] | None = None
    numbers: tuple[E164, ...] | None = None
    description: str | None = None
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """An endpoint with its secret, which is known this once."""

    webhook: Webhook
    secret: str


Check = Callable[[Webhook], None]
"""Raises unless the endpoint, as it is just before a change, is the one that was meant."""


def anything(_: Webhook) -> None:
    """Let every version pass."""


def _reaches(who: Principal, webhook: Webhook) -> bool:
    if account_of(who) not in (None, webhook.account_id):
        return False
    return who.numbers is None or (bool(webhook.numbers) and set(webhook.numbers) <= who.numbers)


def find_webhook(reader: Reader, who: Principal, webhook_id: str) -> Webhook:
    """Return an endpoint that the principal may see.

    Raises:
        Problem: there is none, or it is out of reach: nobody can tell which.
    """
    return _found(who, reader.webhook(webhook_id))


def changes_of(
    reader: Reader, who: Principal, webhook_id: str | None, before: int | None, limit: int
) -> Sequence[WebhookChange]:
    """Return the changes of one endpoint, which may be gone, or of all, as `trail.change_page`.

    Raises:
        Problem: nothing is known of that one.
    """
    found = changes.change_page(reader, who, webhook_id, before, limit)
    if webhook_id is not None and before is None and not found:
        # Its trail may be too old to be kept.
        find_webhook(reader, who, webhook_id)
    return found


def _found(who: Principal, webhook: Webhook | None) -> Webhook:
    if webhook is None or not _reaches(who, webhook):
        raise Problem(ProblemCode.WEBHOOK_UNKNOWN)
    return webhook


def webhook_page(reader: Reader, who: Principal, after: str, limit: int) -> Sequence[Webhook]:
    """Return up to `limit` of the principal's endpoints in the order in which they were made, from behind `after`."""
    found: list[Webhook] = []
    while len(found) < limit:
        page = reader.webhooks(account_of(who), after, limit)
        found += [each for each in page if _reaches(who, each)]
        # Where the last one of a page is damaged, what follows cannot be told.
        if len(page) < limit or page[-1].id <= after:
            break
        after = page[-1].id
    return found[:limit]


async def create_webhook(
    store: Store, clock: Clock, who: Principal, wish: WebhookWish, rules: UrlRules, sealer_for: SealerFor
) -> NewWebhook:
    """Make an endpoint of the principal's account, which gets what happens from now on.

    Raises:
        Problem: a field is wrong, or there are too many.
        OperatorError: its secret cannot be sealed.
    """
    now_ms = clock.now_ms()
    # Its beginning is the time, so that ids are in the order in which they were made.
    webhook_id = f"{now_ms:012x}{secrets.token_hex(6)}"
    url, faults = _read(replace(wish, url=wish.url or ""), rules)
    types, numbers = wish.types or (EVERY_TYPE,), wish.numbers or ()
    webhook = Webhook(webhook_id, who.account_id, url, types, numbers, wish.description or "", now_ms, now_ms)
    if wish.enabled is False:
        webhook = replace(webhook, enabled=False, disabled_at_ms=now_ms, disabled_reason=DisabledReason.BY_HAND)
    secret = secret_text(os.urandom(SECRET_BYTES))

    def work(writer: Writer) -> NewWebhook:
        _refuse(faults, writer, who, webhook.numbers)
        if writer.count_webhooks(who.account_id) >= MAX_ENDPOINTS:
            raise Problem(ProblemCode.TOO_MANY_WEBHOOKS, most=MAX_ENDPOINTS)
        name = secret_of(webhook_id)
        writer.put_secret(name, sealer_for(writer.secrets()).seal(name, secret))
        writer.add_webhook(webhook)
        changes.note(writer, actor_of(who), now_ms, None, webhook)
        return NewWebhook(webhook, secret)

    return await store.write(work)


def _read(wish: WebhookWish, rules: UrlRules) -> tuple[str, list[FieldError]]:
    """Return the address that is wished for, and all that is wrong whatever numbers the account has."""
    url = ""
    faults: list[FieldError] = []
    try:
        url = "" if wish.url is None else rules.check(wish.url)
    except Problem as problem:
        faults += problem.errors
    if wish.types is not None and not types_fit(wish.types):
        allowed = ", ".join((EVERY_TYPE, *(kind.value for kind in EventType if kind is not EventType.WEBHOOK_TEST)))
        faults.append(FieldError("/types", FieldCode.NOT_ALLOWED, {"allowed": allowed}))
    if wish.numbers is not None and len(wish.numbers) > MAX_NUMBERS:
        faults.append(FieldError("/numbers", FieldCode.TOO_MANY, {"most": MAX_NUMBERS}))
    if wish.description is not None and len(wish.description) > MAX_DESCRIPTION:
        faults.append(FieldError("/description", FieldCode.TOO_LONG, {"most": MAX_DESCRIPTION}))
    if wish.description is not None and not wish.description.isprintable():
        faults.append(FieldError("/description", FieldCode.NOT_PRINTABLE))
    return url, faults


def _refuse(faults: Sequence[FieldError], reader: Reader, who: Principal, numbers: Sequence[E164] | None) -> None:
    """Refuse a wish that is wrong, or names numbers that are not the account's; None: they stay as they are.

    Raises:
        Problem: all that is wrong.
    """
    strange = [] if numbers is None else _strange(reader, who, numbers)
    if faults or strange:
        raise invalid(*faults, *strange)


def _strange(reader: Reader, who: Principal, numbers: Sequence[E164]) -> list[FieldError]:
    if who.numbers is not None and not numbers:
        raise Problem(ProblemCode.KEY_LIMITED)
    strange = []
    for number in numbers:
        record = reader.listed_number(number)
        if record is None or record.account_id != who.account_id or not who.may_number(number):
            strange.append(number.value)
    return [FieldError("/numbers", FieldCode.NUMBER_UNKNOWN, {"numbers": ", ".join(strange[:10])})] if strange else []


async def change_webhook(
    store: Store,
    clock: Clock,
    who: Principal,
    webhook_id: str,
    wish: WebhookWish,
    rules: UrlRules,
    check: Check = anything,
) -> Webhook:
    """Change an endpoint, from the next attempt on; one that is enabled begins with what happens from now on.

    Raises:
        Problem: there is none, a field is wrong, or `check` says why not.
    """
    url, faults = _read(wish, rules)
    now_ms = clock.now_ms()

    def work(writer: Writer) -> Webhook:
        before = _found(who, writer.webhook_for_change(webhook_id))
        check(before)
        _refuse(faults, writer, replace(who, account_id=before.account_id), wish.numbers)
        after = replace(
            before,
            url=before.url if wish.url is None else url,
            types=before.types if wish.types is None else wish.types,
            numbers=before.numbers if wish.numbers is None else wish.numbers,
            description=before.description if wish.description is None else wish.description,
        )
        if wish.enabled is not None and wish.enabled != before.enabled:
            off = {"disabled_at_ms": now_ms, "disabled_reason": DisabledReason.BY_HAND}
            on = {"disabled_at_ms": None, "disabled_reason": None, "failing_since_ms": None}
            after = replace(after, enabled=wish.enabled, **(on if wish.enabled else off))
        if after != before:
            after = replace(after, revision=before.revision + 1, updated_at_ms=now_ms)
            writer.put_webhook(after)
            changes.note(writer, actor_of(who), now_ms, before, after)
        return after

    return await store.write(work)


async def remove_webhook(
    store: Store, clock: Clock, who: Principal, webhook_id: str, check: Check = anything
) -> Webhook:
    """Remove an endpoint; what is on its way to it may still arrive.

    Raises:
        Problem: there is none, or `check` says why not.
    """

    def work(writer: Writer) -> Webhook:
        webhook = _found(who, writer.webhook_for_change(webhook_id))
        check(webhook)
        writer.remove_webhook(webhook_id)
        changes.note(writer, actor_of(who), clock.now_ms(), webhook, None)
        return webhook

    return await store.write(work)


async def rotate_secret(
    store: Store,
    clock: Clock,
    who: Principal,
    webhook_id: str,
    sealer_for: SealerFor,
    check: Check = anything,
) -> NewWebhook:
    """Give an endpoint a new secret; for `BOTH_SECRETS` the one before signs too.

    Raises:
        Problem: there is none, or `check` says why not.
        OperatorError: the key of secrets is missing, or another one.
    """
    secret = secret_text(os.urandom(SECRET_BYTES))
    now_ms = clock.now_ms()

    def work(writer: Writer) -> NewWebhook:
        before = _found(who, writer.webhook_for_change(webhook_id))
        check(before)
        name, previous = secret_of(webhook_id), previous_secret_of(webhook_id)
        sealer = sealer_for(writer.secrets())
        sealed, until_ms = writer.secret(name), None
        try:
            if sealed is not None:
                writer.put_secret(previous, sealer.seal(previous, sealer.open(name, sealed)))
                until_ms = now_ms + int(BOTH_SECRETS.total_seconds() * 1000)
        except SecretClosed as error:
            # It signs nothing any more as it is, so nothing is lost.
            log.warning("the former secret of a webhook cannot be opened", webhook=webhook_id, error=str(error))
        writer.put_secret(name, sealer.seal(name, secret))
        after = replace(before, previous_until_ms=until_ms, revision=before.revision + 1, updated_at_ms=now_ms)
        writer.put_webhook(after)
        changes.note(writer, actor_of(who), now_ms, before, after, rotated=True)
        return NewWebhook(after, secret)

    return await store.write(work)


async def try_webhook(store: Store, clock: Clock, who: Principal, webhook_id: str) -> tuple[Delivery, StoredEvent]:
    """Have an event `webhook.test` sent to one endpoint, disabled or not; return its delivery, and the event.

    Raises:
        Problem: there is none.
    """
    now_ms = clock.now_ms()

    def work(writer: Writer) -> tuple[Delivery, StoredEvent]:
        webhook = find_webhook(writer, who, webhook_id)
        data = {"webhook": written(IdKind.WEBHOOK, webhook.id)}
        told = writer.add_stored_event(Event(EventType.WEBHOOK_TEST, webhook.account_id, None, data, now_ms))
        return _added(writer, writer.add_delivery(webhook.id, told, now_ms)), told

    return await store.write(work)


def _added(writer: Writer, delivery_id: int) -> Delivery:
    delivery = writer.delivery(delivery_id)
    assert delivery is not None
    return delivery


def delivery_page(
    reader: Reader, who: Principal, webhook_id: str, before: int | None, limit: int, state: DeliveryState | None
) -> Sequence[Delivery]:
    """Return up to `limit` deliveries to an endpoint, the latest first, from behind `before`.

    Raises:
        Problem: there is no such endpoint.
    """
    return reader.deliveries(find_webhook(reader, who, webhook_id).id, before, limit, state)


def find_delivery(reader: Reader, who: Principal, webhook_id: str, delivery_id: int) -> Delivery:
    """Return a delivery to an endpoint.

    Raises:
        Problem: there is none.
    """
    webhook = find_webhook(reader, who, webhook_id)
    delivery = reader.delivery(delivery_id)
    if delivery is None or delivery.webhook_id != webhook.id:
        raise Problem(ProblemCode.DELIVERY_UNKNOWN)
    return delivery


async def redeliver(
    store: Store, clock: Clock, who: Principal, webhook_id: str, delivery_id: int
) -> tuple[Delivery, StoredEvent]:
    """Have an event delivered again, at once and out of its order; return the new delivery, and the event.

    Raises:
        Problem: there is no such delivery, or its event is not kept any more.
    """

    def work(writer: Writer) -> tuple[Delivery, StoredEvent]:
        before = find_delivery(writer, who, webhook_id, delivery_id)
        event = writer.event(before.position)
        if event is None:
            raise Problem(ProblemCode.EVENT_GONE)
        return _added(writer, writer.add_delivery(before.webhook_id, event, clock.now_ms())), event

    return await store.write(work)
