"""`/v2/webhooks`: the endpoints of an account, their secrets, and what was delivered to them."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Response

from renvoi.application.errors import OperatorError
from renvoi.application.ports.secrets import Sealer
from renvoi.application.webhooks import endpoints
from renvoi.application.webhooks.endpoints import NewWebhook
from renvoi.domain.access.api_key import Principal
from renvoi.domain.events.webhook import Webhook
from renvoi.domain.ids import IdKind, written
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.etags import IfMatch, Matching
from renvoi.http.v2.idempotency import Idempotent
from renvoi.http.v2.models import answer, given, no_content
from renvoi.http.v2.pages import Page, Paged, page
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import requires
from renvoi.http.v2.webhook_models import (
    NewWebhookOut,
    WebhookOut,
    WebhookPatch,
    WebhookPath,
    WebhookRequest,
    new_webhook_out,
    webhook_id_of,
    webhook_out,
    webhook_tag,
    wish_of,
)

SCOPE = "webhooks:write"
GIVEN = "a webhook with a delivery"
EXAMPLE_ID = "019b76daa8000d0d0d0d0d0d"
_PATH = f"/v2/webhooks/wh_{EXAMPLE_ID}"
_SHOWN: dict[str, Any] = {
    "id": f"wh_{EXAMPLE_ID}",
    "account": "acc_1",
    "url": "https://example.com/hooks/renvoi",
    "types": ["*"],
    "numbers": [],
    "description": "CRM",
    "enabled": True,
    "disabled_reason": None,
    "disabled_at": None,
    "failing_since": None,
    "previous_secret_until": None,
    "created_at": "2026-01-01T00:00:00.000Z",
    "updated_at": "2026-01-01T00:00:00.000Z",
}
_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="  # noqa: S105 - an example
_log = structlog.get_logger("renvoi.http")


def _checking(matching: IfMatch) -> Callable[[Webhook], None]:
    def check(webhook: Webhook) -> None:
        matching.check(webhook_tag(webhook))

    return check


def _render(webhook: Webhook) -> Response:
    return answer(webhook_out(webhook), etag=webhook_tag(webhook))


def sealer_for(deps: V2Deps) -> Callable[[Mapping[str, bytes]], Sealer]:
    def find(kept: Mapping[str, bytes]) -> Sealer:
        try:
            return deps.shared.sealer_for(kept)
        except OperatorError as error:
            _log.error("the secret of a webhook cannot be sealed", reason=str(error))
            raise Problem(ProblemCode.UNAVAILABLE) from error

    return find


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of webhooks."""
    router = APIRouter(route_class=V2Route, tags=["webhooks"])
    seal = sealer_for(deps)

    @router.get(
        "/v2/webhooks",
        **operation(
            "webhooks.list",
            "List webhooks",
            description="In the order in which they were made. A key that is limited to numbers sees those of these.",
            example=Example("/v2/webhooks?limit=1", answer={"data": [_SHOWN], "next_cursor": None}, given=GIVEN),
        ),
    )
    async def list_(who: Annotated[Principal, requires(SCOPE)], paging: Paged, response: Response) -> Page[WebhookOut]:
        after = paging.after(str)
        first = "" if after is None else after[0]
        found = await deps.store.read(lambda reader: endpoints.webhook_page(reader, who, first, paging.limit + 1))
        return page(paging, response, found, webhook_out, lambda each: (each.id,))

    @router.post(
        "/v2/webhooks",
        status_code=201,
        response_model=NewWebhookOut,
        **operation(
            "webhooks.create",
            "Make a webhook",
            description="It gets what happens from now on. The answer shows its secret, this once; a request that is "
            "sent again with its `Idempotency-Key` is shown it again. An operator's key that names no account makes "
            "one of the node, which is notified of trunks.",
            example=Example(
                "/v2/webhooks",
                body={"url": "https://example.com/hooks/renvoi", "types": ["*"], "numbers": [], "description": "CRM"},
                answer={**_SHOWN, "secret": _SECRET},
            ),
            errors=[ProblemCode.TOO_MANY_WEBHOOKS, ProblemCode.KEY_LIMITED],
            secret=True,
        ),
    )
    async def create(who: Annotated[Principal, requires(SCOPE)], body: WebhookRequest, once: Idempotent) -> Response:
        wish = wish_of(body.model_dump())

        def render(made: NewWebhook) -> Response:
            location = f"/v2/webhooks/{written(IdKind.WEBHOOK, made.webhook.id)}"
            return answer(new_webhook_out(made), 201, webhook_tag(made.webhook), Location=location)

        rules = deps.shared.webhook_urls
        return await once.run(lambda store: endpoints.create_webhook(store, deps.clock, who, wish, rules, seal), render)

    @router.get(
        "/v2/webhooks/{webhook_id}",
        **operation(
            "webhooks.get",
            "Read a webhook",
            example=Example(_PATH, answer=_SHOWN, given=GIVEN),
            errors=[ProblemCode.WEBHOOK_UNKNOWN],
        ),
    )
    async def get(
        who: Annotated[Principal, requires(SCOPE)], webhook_id: WebhookPath, response: Response
    ) -> WebhookOut:
        wanted = webhook_id_of(webhook_id)
        webhook = await deps.store.read(lambda reader: endpoints.find_webhook(reader, who, wanted))
        response.headers["ETag"] = webhook_tag(webhook)
        return webhook_out(webhook)

    @router.patch(
        "/v2/webhooks/{webhook_id}",
        response_model=WebhookOut,
        **operation(
            "webhooks.update",
            "Change a webhook",
            description="From the next attempt on.",
            example=Example(_PATH, body={"description": "CRM"}, answer=_SHOWN, given=GIVEN),
            errors=[ProblemCode.WEBHOOK_UNKNOWN, ProblemCode.KEY_LIMITED],
        ),
    )
    async def update(
        who: Annotated[Principal, requires(SCOPE)],
        webhook_id: WebhookPath,
        body: WebhookPatch,
        matching: Matching,
        once: Idempotent,
    ) -> Response:
        wanted, wish = webhook_id_of(webhook_id), wish_of(given(body))
        return await once.run(
            lambda store: endpoints.change_webhook(
                store, deps.clock, who, wanted, wish, deps.shared.webhook_urls, _checking(matching)
            ),
            _render,
        )

    @router.delete(
        "/v2/webhooks/{webhook_id}",
        status_code=204,
        **operation(
            "webhooks.delete",
            "Remove a webhook",
            description="Nothing more is sent to it, but what is on its way just now.",
            example=Example(_PATH, given=GIVEN),
            errors=[ProblemCode.WEBHOOK_UNKNOWN],
        ),
    )
    async def delete(
        who: Annotated[Principal, requires(SCOPE)], webhook_id: WebhookPath, matching: Matching, once: Idempotent
    ) -> Response:
        wanted = webhook_id_of(webhook_id)
        return await once.run(
            lambda store: endpoints.remove_webhook(store, deps.clock, who, wanted, _checking(matching)),
            lambda _: no_content(),
        )

    @router.post(
        "/v2/webhooks/{webhook_id}/rotate-secret",
        response_model=NewWebhookOut,
        **operation(
            "webhooks.rotate_secret",
            "Give a webhook another secret",
            description="For 24 hours both sign. The answer shows the new one, this once.",
            example=Example(
                f"{_PATH}/rotate-secret",
                answer={**_SHOWN, "previous_secret_until": "2026-01-02T00:00:00.000Z", "secret": _SECRET},
                given=GIVEN,
            ),
            errors=[ProblemCode.WEBHOOK_UNKNOWN],
            secret=True,
        ),
    )
    async def rotate(
        who: Annotated[Principal, requires(SCOPE)], webhook_id: WebhookPath, matching: Matching, once: Idempotent
    ) -> Response:
        wanted = webhook_id_of(webhook_id)
        return await once.run(
            lambda store: endpoints.rotate_secret(store, deps.clock, who, wanted, seal, _checking(matching)),
            lambda made: answer(new_webhook_out(made), etag=webhook_tag(made.webhook)),
        )

    return router
