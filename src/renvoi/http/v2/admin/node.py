"""`/v2/admin/node`: the state of the node that answers, and of what nodes share."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from renvoi import __version__
from renvoi.application.ports.unit_of_work import Reader
from renvoi.domain.access.api_key import Principal
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.models import AnswerModel, Timestamp, timestamp, timestamp_or_none
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import OPERATOR, requires

Condition = Literal["ok", "degraded", "failed", "starting", "absent"]


class PartOut(AnswerModel):
    """One part of the node."""

    name: str
    state: Condition
    detail: str
    restarts: int = Field(description="Since the node started.")


class MeasurementOut(AnswerModel):
    """One number, as `/metrics` has it."""

    name: str
    labels: dict[str, str]
    value: float


class MailsOut(AnswerModel):
    """The mails that wait, of all nodes."""

    waiting: int
    oldest_at: Timestamp | None


class NodeOut(AnswerModel):
    """A node."""

    version: str
    now: Timestamp
    ready: bool = Field(description="Whether it may get traffic.")
    store_refuses: str | None = Field(description="Why the store takes no changes; null: it does.")
    parts: list[PartOut]
    nodes: list[str] = Field(description="The nodes that carry calls on this store, as they reported last.")
    mails: MailsOut
    removals_under_way: int = Field(description="Of numbers and accounts; at most 100 are counted.")
    counts: dict[str, int] = Field(description="The counters that nodes share.")
    measurements: list[MeasurementOut]


_MOST_REMOVALS = 100


def routes(deps: V2Deps) -> APIRouter:
    """Return the operation of the node."""
    router = APIRouter(route_class=V2Route, tags=["admin"])

    @router.get(
        "/v2/admin/node",
        **operation(
            "admin.node.get",
            "Read the state of the node",
            description="Of the one that answers, with what all nodes on its store share.",
            example=Example("/v2/admin/node"),
            versioned=False,
        ),
    )
    async def get(
        who: Annotated[Principal, requires(OPERATOR)],  # noqa: ARG001 - whoever it is has the scope
    ) -> NodeOut:
        parts, measurements, shared = await asyncio.gather(
            deps.shared.parts(), deps.shared.measurements(), deps.store.read(_shared)
        )
        refusal = deps.shared.refusal()
        return NodeOut(
            version=__version__,
            now=timestamp(deps.clock.now_ms()),
            ready=refusal is None and all(part.is_ready for part in parts.values()),
            store_refuses=refusal,
            parts=[
                PartOut(name=name, state=part.state, detail=part.detail, restarts=part.restarts)
                for name, part in sorted(parts.items())
            ],
            measurements=[
                MeasurementOut(name=each.name, labels=dict(each.labels), value=each.value) for each in measurements
            ],
            **shared,
        )

    return router


def _shared(reader: Reader) -> dict[str, Any]:
    queue = reader.mail_queue()
    return {
        "nodes": sorted(reader.node_counts()),
        "mails": MailsOut(waiting=queue.length, oldest_at=timestamp_or_none(queue.oldest_at_ms)),
        "removals_under_way": len(reader.open_removals(_MOST_REMOVALS)),
        "counts": dict(reader.counts()),
    }
