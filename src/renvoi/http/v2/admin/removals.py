"""`/v2/admin/removals`: what was taken away, how far that is, and what happens to what hung on it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from renvoi.application.ports.removals import Removal, RemovalKind
from renvoi.domain.access.api_key import EVERY_ACCOUNT, Principal
from renvoi.domain.ids import IdKind, parsed_number, written, written_actor
from renvoi.domain.numbers.number import E164, NumberInvalid
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.models import AnswerModel, Number, Timestamp, timestamp, timestamp_or_none
from renvoi.http.v2.pages import Page, Paged, page
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import OPERATOR, requires

Fate = Literal["deleted", "kept", "moved", "ended"]


class Effects(AnswerModel):
    """What happens to what hung on it (see the operator's handbook)."""

    rules: Fate
    greetings: Fate
    messages: Fate
    calls: Fate = "kept"
    changes: Fate = Field(default="kept", description="The audit trail of rules, apart from that of the next owner.")
    keys: Fate
    webhooks: Fate
    events: Fate


class RemovalOut(AnswerModel):
    """A number or an account that was taken away."""

    id: str = Field(pattern=r"^rem_-?[0-9]+$", examples=["rem_71828182845904523"])
    what: Literal["number", "move", "account"]
    number: Number | None
    account: str = Field(description="Who had it, or is closed.", examples=["acc_1"])
    to_account: str | None
    at: Timestamp
    key: str | None = Field(description="The key that asked for it; null: the command line.")
    source: str = Field(description="The address that came from.")
    state: Literal["under_way", "ended"] = Field(
        description="For calls and keys it counts at once; what hung on it goes in small steps."
    )
    ended_at: Timestamp | None
    numbers: int = Field(description="How many numbers of a closed account are gone so far.")
    messages: int = Field(description="How many messages are deleted so far.")
    then: Effects


SHOWN: dict[str, Any] = {
    "id": "rem_71828182845904523",
    "what": "number",
    "number": "+33199001234",
    "account": "acc_1",
    "to_account": None,
    "at": "2026-11-29T09:00:00.000Z",
    "key": "key_op_0c0c0c0c0c0c",
    "source": "192.0.2.7",
    "state": "under_way",
    "ended_at": None,
    "numbers": 0,
    "messages": 0,
    "then": {
        "rules": "deleted",
        "greetings": "deleted",
        "messages": "deleted",
        "calls": "kept",
        "changes": "kept",
        "keys": "kept",
        "webhooks": "kept",
        "events": "kept",
    },
}


def removal_out(removal: Removal) -> RemovalOut:
    return RemovalOut(
        id=written(IdKind.REMOVAL, removal.id),
        what=removal.kind.value,
        number=None if removal.number is None else removal.number.value,
        account=written(IdKind.ACCOUNT, removal.account_id),
        to_account=None if removal.to_account_id is None else written(IdKind.ACCOUNT, removal.to_account_id),
        at=timestamp(removal.at_ms),
        key=written_actor(removal.key_id),
        source=removal.source,
        state="under_way" if removal.ended_at_ms is None else "ended",
        ended_at=timestamp_or_none(removal.ended_at_ms),
        numbers=removal.numbers,
        messages=removal.messages,
        then=_effects(removal),
    )


def _effects(removal: Removal) -> Effects:
    if removal.kind is RemovalKind.ACCOUNT:
        gone: Fate = "deleted"
        return Effects(rules=gone, greetings=gone, messages=gone, keys="ended", webhooks=gone, events=gone)
    of_number: Fate = "moved" if removal.kind is RemovalKind.MOVE and removal.keeps_rule else "deleted"
    messages: Fate = "kept" if removal.keeps_messages else "deleted"
    return Effects(rules=of_number, greetings=of_number, messages=messages, keys="kept", webhooks="kept", events="kept")


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of removals."""
    router = APIRouter(route_class=V2Route, tags=["admin"])

    @router.get(
        "/v2/admin/removals",
        **operation(
            "admin.removals.list",
            "List what was taken away",
            by_account=True,
            description="The latest first; with `?account=` what that account lost.",
            example=Example(
                "/v2/admin/removals?limit=1",
                answer={"data": [SHOWN], "next_cursor": "WzE3NjQ0MTA0MDAwMDAsNzE4MjgxODI4NDU5MDQ1MjNd"},
                given="two numbers that were removed",
            ),
            errors=[ProblemCode.NUMBER_UNKNOWN],
        ),
    )
    async def list_(
        who: Annotated[Principal, requires(OPERATOR)],
        paging: Paged,
        response: Response,
        number: Annotated[str | None, Query(description="Only of this number.", max_length=100)] = None,
    ) -> Page[RemovalOut]:
        after = paging.after(int, int)
        wanted = None
        if number is not None:
            try:
                wanted = E164.parse(number, who.region)
            except NumberInvalid as error:
                raise Problem(ProblemCode.NUMBER_UNKNOWN) from error
        account_id = None if who.account_id == EVERY_ACCOUNT else who.account_id
        place = None if after is None else (after[0], after[1])
        found = await deps.store.read(lambda reader: reader.removals(paging.limit + 1, wanted, account_id, place))
        return page(paging, response, found, removal_out, lambda each: each.place)

    @router.get(
        "/v2/admin/removals/{removal}",
        **operation(
            "admin.removals.get",
            "Read how far a removal is",
            example=Example(
                "/v2/admin/removals/rem_71828182845904523", answer=SHOWN, given="a number that was removed"
            ),
            errors=[ProblemCode.REMOVAL_UNKNOWN],
            versioned=False,
        ),
    )
    async def get(
        who: Annotated[Principal, requires(OPERATOR)],  # noqa: ARG001 - whoever it is has the scope
        removal: Annotated[str, Path(description="The removal's id.", examples=["rem_71828182845904523"])],
    ) -> RemovalOut:
        removal_id = parsed_number(IdKind.REMOVAL, removal)
        found = None
        if removal_id is not None:
            found = await deps.store.read(lambda reader: reader.removal(removal_id))
        if found is None:
            raise Problem(ProblemCode.REMOVAL_UNKNOWN)
        return removal_out(found)

    return router
