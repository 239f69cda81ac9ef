"""`/v2/webhook-changes`: who made, changed or removed which webhook."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from renvoi.application.ports.webhook_changes import WebhookChange, WebhookState
from renvoi.application.webhooks.endpoints import changes_of
from renvoi.domain.access.api_key import Principal
from renvoi.domain.ids import IdKind, written, written_actor
from renvoi.domain.problem import ProblemCode
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.models import AnswerModel, Number, Timestamp, timestamp
from renvoi.http.v2.pages import Page, Paged, page
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import requires
from renvoi.http.v2.webhook_models import REASONS, Reason, webhook_id_of
from renvoi.http.v2.webhooks import SCOPE


class WebhookChoice(AnswerModel):
    """What was chosen of a webhook."""

    url: str
    types: list[str]
    numbers: list[Number]
    description: str
    enabled: bool
    disabled_reason: Reason | None = Field(description=f"{REASONS} null: it was enabled, or nobody noted why not.")


class WebhookChangeOut(AnswerModel):
    """A change of a webhook."""

    at: Timestamp
    webhook: str = Field(pattern=r"^wh_", examples=["wh_019b76daa8000d0d0d0d0d0d"])
    account: str | None = Field(description="Whose it is; null: the node's own.")
    by: str | None = Field(description="The key or user that made the change; null: see `address`.")
    address: str = Field(
        description="Where the request came from; `command line`, or `renvoi` for what it did by itself.",
        examples=["192.0.2.7", "command line", "renvoi"],
    )
    rotated: bool = Field(description="Whether it got another secret.")
    before: WebhookChoice | None = Field(description="null: it was made, or this is damaged.")
    after: WebhookChoice | None = Field(description="null: it was removed, or this is damaged: `before` is null too.")


def _choice(state: WebhookState | None) -> WebhookChoice | None:
    if state is None:
        return None
    return WebhookChoice(
        url=state.url,
        types=list(state.types),
        numbers=list(state.numbers),
        description=state.description,
        enabled=state.enabled,
        disabled_reason=None if state.disabled_reason is None else state.disabled_reason.value,
    )


def _shown(change: WebhookChange) -> WebhookChangeOut:
    return WebhookChangeOut(
        at=timestamp(change.at_ms),
        webhook=written(IdKind.WEBHOOK, change.webhook_id),
        account=written(IdKind.ACCOUNT, change.account_id) if change.account_id else None,
        by=written_actor(change.key_id),
        address=change.source,
        rotated=change.after is not None and change.after.rotated,
        before=_choice(change.before),
        after=_choice(change.after),
    )


def routes(deps: V2Deps) -> APIRouter:
    """Return the operation of webhooks' changes."""
    router = APIRouter(route_class=V2Route, tags=["webhooks"])

    @router.get(
        "/v2/webhook-changes",
        **operation(
            "webhooks.changes",
            "List the changes of webhooks",
            description="Newest first, those of removed ones too, as long as the operator keeps them. A key that is "
            "limited to numbers sees those of webhooks of these. That renvoi disabled one itself, as it failed, is "
            "among them.",
            example=Example("/v2/webhook-changes", answer={"data": [], "next_cursor": None}),
            errors=[ProblemCode.WEBHOOK_UNKNOWN],
        ),
    )
    async def changes(
        who: Annotated[Principal, requires(SCOPE)],
        paging: Paged,
        response: Response,
        webhook: Annotated[
            str | None, Query(description="Only those of this one.", examples=["wh_019b76daa8000d0d0d0d0d0d"])
        ] = None,
    ) -> Page[WebhookChangeOut]:
        after = paging.after(int)
        before, wanted = (None if after is None else after[0]), (None if webhook is None else webhook_id_of(webhook))
        found = await deps.store.read(lambda reader: changes_of(reader, who, wanted, before, paging.limit + 1))
        return page(paging, response, found, _shown, lambda change: (change.id,))

    return router
