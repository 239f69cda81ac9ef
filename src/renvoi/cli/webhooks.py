"""`renvoi webhook` and `renvoi events`."""

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from renvoi.application.accounts import find_account, find_any_account
from renvoi.application.auth import operator_everywhere, operator_for
from renvoi.application.event_log import EventFilter, event_page
from renvoi.application.json_fields import webhook_fields
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.webhooks import endpoints
from renvoi.application.webhooks.endpoints import NewWebhook, WebhookWish
from renvoi.cli.base import EVERY, Data, Json, group, load, program_of, read_numbers, usage_error, whole, with_store
from renvoi.cli.output import show_json, show_rows, time_text
from renvoi.domain.access.api_key import Principal
from renvoi.domain.events.event import EventType, StoredEvent, position_of
from renvoi.domain.events.signed_body import body_of, data_of
from renvoi.domain.events.webhook import EVERY_TYPE, Delivery, DeliveryState, Webhook
from renvoi.domain.ids import IdKind, written
from renvoi.domain.numbers.number import E164

webhook_commands = group("The endpoints that are told what happens.")

POLL_S = 0.5
"""How often --follow looks for more."""
WAIT_S = 20.0
"""How long `webhook test` waits for the answer."""
_PAGE = 200
_ALL = "all"
WebhookId = Annotated[str, typer.Argument(metavar="ID", help="The webhook's id, such as wh_019…")]
AccountOption = Annotated[str | None, typer.Option("--account", help="Account, by name or id")]
NodeOption = Annotated[bool, typer.Option("--node", help="Of the node itself: its trunks")]
Types = Annotated[
    list[str] | None, typer.Option("--type", help=f"A type of event, repeat it for more; {EVERY_TYPE} for all")
]
Numbers = Annotated[
    list[str] | None, typer.Option("--number", help=f"A number, repeat it for more; {_ALL} for all of the account")
]
Description = Annotated[str | None, typer.Option("--description", help="What it is for, for your own eyes")]


@webhook_commands.command("add")
def add_webhook(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where events are sent, such as https://example.com/hook")],
    account: AccountOption = None,
    node: NodeOption = False,
    types: Types = None,
    number: Numbers = None,
    description: Description = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add a webhook and print its secret: this is the only time that it is shown."""
    program, settings = program_of(ctx), load(ctx, data)

    async def add(store: Store) -> NewWebhook:
        who = await whoever(store, account, node=node)
        numbers = None if number is None else _numbers(number, who.region)
        wish = WebhookWish(url, _types(types), numbers, description)
        rules, seal = program.webhook_urls(settings), program.sealer_for(settings)
        return await endpoints.create_webhook(store, program.clock, who, wish, rules, seal)

    _show_new(with_store(ctx, data, add), as_json=as_json)


@webhook_commands.command("list")
def list_webhooks(ctx: typer.Context, account: AccountOption = None, data: Data = None, as_json: Json = False) -> None:
    """List the webhooks of an account, or all."""

    async def find(store: Store) -> Sequence[Webhook]:
        who = await whoever(store, account, node=account is None, reads=True)
        # At once, as all are kept anyway: a page would need its place, which a damaged row does not have.
        return await store.read(partial(endpoints.webhook_page, who=who, after="", limit=EVERY))

    rows = [webhook_fields(each, time_text) for each in with_store(ctx, data, find)]
    show_rows(rows, as_json=as_json, empty="no webhooks: `renvoi webhook add URL --account ACCOUNT` makes one")


@webhook_commands.command("show")
def show_webhook(ctx: typer.Context, webhook_id: WebhookId, data: Data = None, as_json: Json = False) -> None:
    """Show a webhook, without its secret."""
    found = with_store(
        ctx,
        data,
        lambda store: store.read(
            lambda reader: endpoints.find_webhook(reader, operator_everywhere(), id_of(webhook_id))
        ),
    )
    _show(webhook_fields(found, time_text), as_json=as_json)


@webhook_commands.command("set")
def change_webhook(
    ctx: typer.Context,
    webhook_id: WebhookId,
    url: Annotated[str | None, typer.Option("--url", help="Where events are sent")] = None,
    types: Types = None,
    number: Numbers = None,
    description: Description = None,
    enabled: Annotated[
        bool | None, typer.Option("--enable/--disable", help="Whether it gets what happens from now on")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Change a webhook, from the next attempt on; what is not given stays."""
    if (url, types, number, description, enabled) == (None,) * 5:
        usage_error("give one of --url, --type, --number, --description, --enable and --disable")
    program, settings = program_of(ctx), load(ctx, data)

    async def change(store: Store) -> Webhook:
        numbers = None if number is None else _numbers(number, settings.region)
        wish = WebhookWish(url, _types(types), numbers, description, enabled)
        rules = program.webhook_urls(settings)
        return await endpoints.change_webhook(
            store, program.clock, operator_everywhere(), id_of(webhook_id), wish, rules
        )

    _show(webhook_fields(with_store(ctx, data, change), time_text), as_json=as_json)


@webhook_commands.command("remove")
def remove_webhook(ctx: typer.Context, webhook_id: WebhookId, data: Data = None, as_json: Json = False) -> None:
    """Remove a webhook."""
    clock = program_of(ctx).clock
    with_store(
        ctx, data, lambda store: endpoints.remove_webhook(store, clock, operator_everywhere(), id_of(webhook_id))
    )
    shown = written(IdKind.WEBHOOK, id_of(webhook_id))
    if as_json:
        show_json({"id": shown, "removed": True})
    else:
        typer.echo(f"{shown} is removed")


@webhook_commands.command("rotate-secret")
def rotate_secret(ctx: typer.Context, webhook_id: WebhookId, data: Data = None, as_json: Json = False) -> None:
    """Give a webhook another secret and print it, once; for 24 hours the one before signs too."""
    program = program_of(ctx)
    seal = program.sealer_for(load(ctx, data))
    made = with_store(
        ctx,
        data,
        lambda store: endpoints.rotate_secret(store, program.clock, operator_everywhere(), id_of(webhook_id), seal),
    )
    _show_new(made, as_json=as_json)


@webhook_commands.command("test")
def try_webhook(
    ctx: typer.Context,
    webhook_id: WebhookId,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for what the endpoint answers")] = True,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Send an event webhook.test to a webhook, disabled or not; the running node does that."""
    clock = program_of(ctx).clock

    async def test(store: Store) -> Delivery:
        delivery, _ = await endpoints.try_webhook(store, clock, operator_everywhere(), id_of(webhook_id))
        return await _tried(store, delivery) if wait else delivery

    delivery = with_store(ctx, data, test)
    _show(delivery_row(delivery), as_json=as_json)
    if wait and delivery.state is not DeliveryState.DELIVERED:
        raise typer.Exit(1)


async def _tried(store: Store, delivery: Delivery) -> Delivery:
    """Return a delivery once it was tried, or as it is after `WAIT_S`."""
    loop = asyncio.get_running_loop()
    until = loop.time() + WAIT_S
    while loop.time() < until:
        found = await store.read(lambda reader: reader.delivery(delivery.id))
        if found is None or found.attempts or found.ended_at_ms is not None:
            return found or delivery
        await asyncio.sleep(POLL_S / 2)
    return delivery


@webhook_commands.command("deliveries")
def list_deliveries(
    ctx: typer.Context,
    webhook_id: WebhookId,
    state: Annotated[DeliveryState | None, typer.Option("--state", help="Only those in this state")] = None,
    limit: Annotated[int, whole("How many, at most", 1, 10_000)] = 100,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List what was, or is to be, delivered to a webhook, the latest first, with what was sent and answered."""
    wanted = id_of(webhook_id)

    async def find(store: Store) -> list[tuple[Delivery, StoredEvent | None]]:
        who = operator_everywhere()
        return await store.read(
            lambda reader: [
                (each, reader.event(each.position))
                for each in endpoints.delivery_page(reader, who, wanted, None, limit, state)
            ]
        )

    found = with_store(ctx, data, find)
    rows = [delivery_row(each) | {"request": _request(event), "answer": each.answer} for each, event in found]
    columns = ("id", "type", "state", "attempts", "status", "note", "due_at", "ended_at")
    show_rows(rows, as_json=as_json, empty="nothing was delivered", columns=columns)


@webhook_commands.command("redeliver")
def redeliver(
    ctx: typer.Context,
    webhook_id: WebhookId,
    delivery_id: Annotated[str, typer.Argument(metavar="DELIVERY", help="The delivery's id, such as dlv_12")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Deliver an event once more, at once and out of its order."""
    number = delivery_id.removeprefix("dlv_")
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        usage_error(f"{delivery_id[:40]!r} is not a delivery: `renvoi webhook deliveries` shows them")
    clock = program_of(ctx).clock
    made, _ = with_store(
        ctx,
        data,
        lambda store: endpoints.redeliver(store, clock, operator_everywhere(), id_of(webhook_id), int(number)),
    )
    _show(delivery_row(made), as_json=as_json)


def show_events(
    ctx: typer.Context,
    account: AccountOption = None,
    node: NodeOption = False,
    types: Types = None,
    number: Annotated[str | None, typer.Option("--number", help="Only of this number")] = None,
    after: Annotated[str | None, typer.Option("--after", metavar="ID", help="Begin behind this event")] = None,
    limit: Annotated[int, whole("How many, at most", 1, 100_000)] = 1000,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what happens, until Ctrl-C")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List what happened to an account, or to the node, the oldest first. With --json one event a line."""
    first = position_of(after) if after is not None else 0
    if first is None:
        usage_error(f"--after: {str(after)[:60]!r} is not an event: give an id such as evt_12-19a…")

    async def show(store: Store) -> None:
        who = await whoever(store, account, node=node, reads=True)
        only = EventFilter(frozenset(types or ()), _numbers([number], who.region)[0] if number is not None else None)
        upto, left = first, limit
        while True:
            page = await store.read(partial(event_page, who=who, after=upto, limit=min(left, _PAGE), only=only))
            for event in page.events:
                typer.echo(json.dumps(event_row(event), ensure_ascii=False) if as_json else _line(event))
            upto, left = page.upto, left if follow else left - len(page.events)
            if page.is_last and follow:
                await asyncio.sleep(POLL_S)
            elif page.is_last or left <= 0:
                return

    unknown = set(types or ()) - {kind.value for kind in EventType}
    if unknown:
        usage_error(f"--type: {min(unknown)[:40]!r} is not a type: {', '.join(kind.value for kind in EventType)}")
    with_store(ctx, data, show)


async def whoever(store: Store, account: str | None, *, node: bool, reads: bool = False) -> Principal:
    """Return who works at the command line, for an account or, if `node` is meant, for everything.

    Who only `reads` may do so of an account that is closed.
    """
    if account is None:
        if not node:
            usage_error("give --account, or --node for what belongs to no account")
        return operator_everywhere()
    find = find_any_account if reads else find_account
    return operator_for(await store.read(lambda reader: find(reader, account)))


def id_of(text: str) -> str:
    """Return the id of a webhook that a text names."""
    return text.removeprefix("wh_")


def _types(types: list[str] | None) -> tuple[str, ...] | None:
    return None if types is None else tuple(types)


def _numbers(texts: list[str], region: str) -> tuple[E164, ...]:
    if texts == [_ALL]:
        return ()
    return tuple(read_numbers(texts, region))


def delivery_row(delivery: Delivery) -> dict[str, object]:
    """Return a delivery with the keys of `--json`."""
    is_open = delivery.ended_at_ms is None
    return {
        "id": written(IdKind.DELIVERY, delivery.id),
        "webhook": written(IdKind.WEBHOOK, delivery.webhook_id),
        "type": delivery.type,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "status": delivery.status,
        "note": delivery.note,
        "duration_ms": delivery.duration_ms,
        "created_at": time_text(delivery.created_at_ms),
        "attempted_at": time_text(delivery.attempted_at_ms),
        "due_at": time_text(delivery.due_at_ms) if is_open else None,
        "ended_at": time_text(delivery.ended_at_ms),
    }


def _request(event: StoredEvent | None) -> str | None:
    return None if event is None else body_of(event).decode()


def event_row(event: StoredEvent) -> dict[str, object]:
    """Return an event with the keys of `--json`, which are those of the API."""
    return {
        "id": event.id,
        "type": event.type,
        "timestamp": time_text(event.at_ms),
        "data": json.loads(data_of(event)),
    }


def _line(event: StoredEvent) -> str:
    return f"{time_text(event.at_ms)}  {event.id}  {event.type}  {event.number or '-'}  {event.data}"


def _show(row: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        show_json(row)
    else:
        show_rows([row], as_json=False, empty="")


def _show_new(made: NewWebhook, *, as_json: bool) -> None:
    if as_json:
        show_json({**webhook_fields(made.webhook, time_text), "secret": made.secret})
    else:
        typer.echo(f"{written(IdKind.WEBHOOK, made.webhook.id)} {made.secret}")
