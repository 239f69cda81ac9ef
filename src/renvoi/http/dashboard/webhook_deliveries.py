"""`/webhooks/{webhook}/deliveries`: what was delivered to an endpoint, with request and answer; once more; a test."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from renvoi.application.ports.unit_of_work import Reader
from renvoi.application.webhooks import endpoints
from renvoi.domain.events.event import StoredEvent
from renvoi.domain.events.signed_body import body_of
from renvoi.domain.events.webhook import MAX_SHOWN, Delivery, DeliveryState, Webhook
from renvoi.domain.ids import IdKind, written
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.dashboard import words
from renvoi.http.dashboard.lists import Listed
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import Visit
from renvoi.http.v2.webhook_models import delivery_id_of, webhook_id_of
from renvoi.http.v2.webhooks import SCOPE

MOST_AGAIN = 100
"""Failed deliveries that one press of a button queues again, the latest ones."""
COLOURS: Mapping[DeliveryState, str] = {
    DeliveryState.DELIVERED: "good",
    DeliveryState.FAILED: "bad",
    DeliveryState.PENDING: "info",
    DeliveryState.WAITING: "",
}


def routes(site: Site) -> Sequence[Route]:
    one = "/webhooks/{webhook}"
    return [
        site.post(one + "/test", "webhook_test", _test, SCOPE),
        site.get(one + "/deliveries", "webhook_deliveries", _list, SCOPE),
        site.post(one + "/deliveries/again", "webhook_redeliver_failed", _all_again, SCOPE),
        site.get(one + "/deliveries/{delivery}", "webhook_delivery", _show, SCOPE),
        site.post(one + "/deliveries/{delivery}/again", "webhook_redeliver", _again, SCOPE),
    ]


def delivery_rows(visit: Visit, found: Sequence[tuple[Delivery, StoredEvent | None]]) -> Sequence[Mapping[str, Any]]:
    """Return what pages show of deliveries."""
    return [_row(visit, *each) for each in found]


def _row(visit: Visit, delivery: Delivery, event: StoredEvent | None) -> Mapping[str, Any]:
    note = note_text(delivery.note, visit.language)
    return {
        "id": written(IdKind.DELIVERY, delivery.id),
        "type": delivery.type,
        "state": delivery.state.value,
        "colour": COLOURS[delivery.state],
        "attempts": delivery.attempts,
        "status": delivery.status,
        "note": note,
        "note_language": "en" if note == delivery.note else visit.language,
        "duration_ms": delivery.duration_ms,
        "answer": delivery.answer,
        "request": None if event is None else _pretty(body_of(event)),
        "event": None if event is None else event.id,
        "created_at": delivery.created_at_ms,
        "attempted_at": delivery.attempted_at_ms,
        "due_at": delivery.due_at_ms if delivery.ended_at_ms is None else None,
        "ended_at": delivery.ended_at_ms,
        "is_failed": delivery.state is DeliveryState.FAILED,
        "has_event": event is not None,
    }


def _pretty(body: bytes) -> str:
    """Return a body with its fields on lines of their own; the beginning of one that is long, as it is."""
    if len(body) > MAX_SHOWN:
        return body[:MAX_SHOWN].decode("utf-8", "ignore") + "…"
    return json.dumps(json.loads(body), ensure_ascii=False, indent=2)


def _webhook_id(visit: Visit) -> str:
    return webhook_id_of(visit.request.path_params["webhook"])


def _path(webhook_id: str) -> str:
    return f"/webhooks/{written(IdKind.WEBHOOK, webhook_id)}"


async def _test(visit: Visit) -> Response:
    wanted = _webhook_id(visit)
    await endpoints.try_webhook(visit.deps.store, visit.deps.clock, visit.principal, wanted)
    return visit.redirect(_path(wanted), "webhooks.tested")


async def _list(visit: Visit) -> Response:
    wanted, who, listed = _webhook_id(visit), visit.principal, Listed(visit)
    after = listed.after(int)
    before = None if after is None else after[0]
    state = visit.query.choice("state", tuple(DeliveryState))
    only = DeliveryState(state) if state else None

    def find(reader: Reader) -> tuple[Webhook, list[tuple[Delivery, StoredEvent | None]]]:
        webhook = endpoints.find_webhook(reader, who, wanted)
        found = endpoints.delivery_page(reader, who, wanted, before, listed.limit + 1, only)
        return webhook, [(each, reader.event(each.position)) for each in found]

    webhook, found = await visit.deps.store.read(find)
    shown, follows = listed.cut(found, lambda each: (each[0].id,))
    return visit.render(
        "webhook_deliveries.html.j2",
        visit.query_errors.status,
        webhook={"id": written(IdKind.WEBHOOK, webhook.id), "url": webhook.url},
        deliveries=delivery_rows(visit, shown),
        states=[("", visit.text("webhooks.every_state"))]
        + [(each.value, visit.text(f"webhooks.delivery_{each.value}")) for each in DeliveryState],
        state=state,
        errors=visit.query_errors,
        next_page=follows,
        is_first=listed.is_first,
    )


async def _show(visit: Visit) -> Response:
    wanted, who = _webhook_id(visit), visit.principal
    number = delivery_id_of(visit.request.path_params["delivery"])

    def find(reader: Reader) -> tuple[Webhook, Delivery, StoredEvent | None]:
        delivery = endpoints.find_delivery(reader, who, wanted, number)
        return endpoints.find_webhook(reader, who, wanted), delivery, reader.event(delivery.position)

    webhook, delivery, event = await visit.deps.store.read(find)
    return visit.render(
        "webhook_delivery.html.j2",
        webhook={"id": written(IdKind.WEBHOOK, webhook.id), "url": webhook.url},
        delivery=_row(visit, delivery, event),
    )


async def _again(visit: Visit) -> Response:
    wanted, number = _webhook_id(visit), delivery_id_of(visit.request.path_params["delivery"])
    await endpoints.redeliver(visit.deps.store, visit.deps.clock, visit.principal, wanted, number)
    return visit.redirect(_path(wanted), "webhooks.again_said")


async def _all_again(visit: Visit) -> Response:
    """Queue what failed last once more, the oldest first; not what was queued again already, or has no event left."""
    wanted, who, deps = _webhook_id(visit), visit.principal, visit.deps

    def find(reader: Reader) -> Sequence[Delivery]:
        failed = endpoints.delivery_page(reader, who, wanted, None, MOST_AGAIN, DeliveryState.FAILED)
        recent = endpoints.delivery_page(reader, who, wanted, None, 2 * MOST_AGAIN, None)
        # The latest comes first; of an event the latest delivery is to count.
        latest = {each.position: each.id for each in reversed(recent)}
        return [each for each in reversed(failed) if latest.get(each.position, each.id) == each.id]

    for delivery in await deps.store.read(find):
        try:
            await endpoints.redeliver(deps.store, deps.clock, who, wanted, delivery.id)
        except Problem as problem:
            if problem.code is not ProblemCode.EVENT_GONE:
                raise
    return visit.redirect(_path(wanted), "webhooks.again_said")


_PREFIX = "webhooks.note_"
_ARGUMENT = re.compile(r"\\{([a-z]+)\\}")


_PATTERNS: Mapping[str, re.Pattern[str]] = {
    key: re.compile(_ARGUMENT.sub(r"(?P<\1>.+)", re.escape(english)), re.DOTALL)
    for key, (english, _) in words.WORDS.items()
    if key.startswith(_PREFIX)
}
"""By the keys of notes what such a note looks like: the English words, with anything for an argument."""


def note_text(note: str, language: str) -> str:
    """Return a note in a language; as it stands where the sender has another word for it."""
    for key, pattern in _PATTERNS.items():
        if (found := pattern.fullmatch(note)) is not None:
            return words.text(language, key, **found.groupdict())
    return note
