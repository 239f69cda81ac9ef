"""`/v2/webhooks/{webhook_id}/deliveries`: what was delivered to a webhook, once more, and a test."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from renvoi.application.ports.unit_of_work import Reader
from renvoi.application.webhooks import endpoints
from renvoi.domain.access.api_key import Principal
from renvoi.domain.events.event import StoredEvent
from renvoi.domain.events.webhook import Delivery, DeliveryState
from renvoi.domain.problem import ProblemCode
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.idempotency import Idempotent
from renvoi.http.v2.models import answer
from renvoi.http.v2.pages import Page, Paged, page
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import requires
from renvoi.http.v2.webhook_models import (
    DeliveryOut,
    DeliveryPath,
    State,
    WebhookPath,
    delivery_id_of,
    delivery_out,
    webhook_id_of,
)
from renvoi.http.v2.webhooks import EXAMPLE_ID, GIVEN, SCOPE

_PATH = f"/v2/webhooks/wh_{EXAMPLE_ID}"
_BODY = (
    '{"type":"number.changed","timestamp":"2026-01-01T00:00:00.000Z",'
    '"data":{"account":"acc_1","number":"+33199001234","seq":1,"change":"added"}}'
)
_DELIVERED: dict[str, Any] = {
    "id": "dlv_1",
    "webhook": f"wh_{EXAMPLE_ID}",
    "event": "evt_1-19b76daa800",
    "type": "number.changed",
    "state": "delivered",
    "attempts": 1,
    "status": 200,
    "note": "",
    "duration_ms": 41,
    "request": _BODY,
    "answer": "ok",
    "created_at": "2026-01-01T00:00:00.000Z",
    "attempted_at": "2026-01-01T00:00:00.000Z",
    "due_at": None,
    "ended_at": "2026-01-01T00:00:00.000Z",
}
_QUEUED = _DELIVERED | {
    "id": "dlv_2",
    "state": "pending",
    "attempts": 0,
    "status": None,
    "duration_ms": None,
    "answer": "",
    "attempted_at": None,
    "due_at": "2026-01-01T00:00:00.000Z",
    "ended_at": None,
}
_TEST = _QUEUED | {
    "type": "webhook.test",
    "request": '{"type":"webhook.test","timestamp":"2026-01-01T00:00:00.000Z",'
    f'"data":{{"account":"acc_1","number":null,"seq":1,"webhook":"wh_{EXAMPLE_ID}"}}}}',
}


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of deliveries."""
    router = APIRouter(route_class=V2Route, tags=["webhooks"])

    @router.post(
        "/v2/webhooks/{webhook_id}/test",
        status_code=202,
        response_model=DeliveryOut,
        **operation(
            "webhooks.test",
            "Send a test to a webhook",
            description="An event `webhook.test`, to this one alone, disabled or not. Its deliveries show what came "
            "of it.",
            example=Example(f"{_PATH}/test", answer=_TEST, given=GIVEN),
            errors=[ProblemCode.WEBHOOK_UNKNOWN],
        ),
    )
    async def test(who: Annotated[Principal, requires(SCOPE)], webhook_id: WebhookPath, once: Idempotent) -> Response:
        wanted = webhook_id_of(webhook_id)
        return await once.run(
            lambda store: endpoints.try_webhook(store, deps.clock, who, wanted),
            lambda tried: answer(delivery_out(*tried), 202),
        )

    @router.get(
        "/v2/webhooks/{webhook_id}/deliveries",
        **operation(
            "webhooks.deliveries",
            "List what was delivered to a webhook",
            description="The latest first, those that wait included, with the beginning of what was sent and answered.",
            example=Example(
                f"{_PATH}/deliveries?state=delivered", answer={"data": [_DELIVERED], "next_cursor": None}, given=GIVEN
            ),
            errors=[ProblemCode.WEBHOOK_UNKNOWN],
        ),
    )
    async def deliveries(
        who: Annotated[Principal, requires(SCOPE)],
        webhook_id: WebhookPath,
        paging: Paged,
        response: Response,
        state: Annotated[State | None, Query(description="Only those in this state.")] = None,
    ) -> Page[DeliveryOut]:
        after, wanted = paging.after(int), webhook_id_of(webhook_id)
        before, only = (None if after is None else after[0]), (None if state is None else DeliveryState(state))

        def find(reader: Reader) -> list[tuple[Delivery, StoredEvent | None]]:
            found = endpoints.delivery_page(reader, who, wanted, before, paging.limit + 1, only)
            return [(each, reader.event(each.position)) for each in found]

        found = await deps.store.read(find)
        return page(paging, response, found, lambda each: delivery_out(*each), lambda each: (each[0].id,))

    @router.post(
        "/v2/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver",
        status_code=202,
        response_model=DeliveryOut,
        **operation(
            "webhooks.redeliver",
            "Deliver an event once more",
            description="At once, and out of its order. The answer is the new delivery.",
            example=Example(f"{_PATH}/deliveries/dlv_1/redeliver", answer=_QUEUED, given=GIVEN),
            errors=[ProblemCode.WEBHOOK_UNKNOWN, ProblemCode.DELIVERY_UNKNOWN, ProblemCode.EVENT_GONE],
        ),
    )
    async def redeliver(
        who: Annotated[Principal, requires(SCOPE)],
        webhook_id: WebhookPath,
        delivery_id: DeliveryPath,
        once: Idempotent,
    ) -> Response:
        wanted, number = webhook_id_of(webhook_id), delivery_id_of(delivery_id)
        return await once.run(
            lambda store: endpoints.redeliver(store, deps.clock, who, wanted, number),
            lambda made: answer(delivery_out(*made), 202),
        )

    return router
