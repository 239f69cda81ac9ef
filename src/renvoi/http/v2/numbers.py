"""`/v2/numbers`: the numbers of an account, their labels and states."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from renvoi.application.managed_numbers import change_number, show_own_number
from renvoi.application.number_lists import START, NumberFilter, NumberPlace, list_numbers
from renvoi.domain.access.api_key import Principal
from renvoi.domain.numbers.number import E164, NumberInvalid
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.domain.rules.rule import NumberRecord, RuleType
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.etags import Matching, etag_of
from renvoi.http.v2.idempotency import Idempotent
from renvoi.http.v2.models import AnswerModel, Label, Number, RequestModel, Timestamp, answer, given, timestamp_or_none
from renvoi.http.v2.pages import CursorParts, Page, Paged, Paging, page_until
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import requires

Action = Literal["off", "forward", "voicemail"]
State = Literal["active", "inactive"]
ACTIONS: dict[RuleType, Action] = {
    RuleType.DISABLED: "off",
    RuleType.FORWARD: "forward",
    RuleType.VOICEMAIL: "voicemail",
}
NumberPath = Annotated[str, Path(description="The number, as E.164 with its plus sign.", examples=["+33199001234"])]
"""Of the parameter of a handler of one number; `number_of` reads it."""


class NumberOut(AnswerModel):
    """A virtual number of the account."""

    number: Number
    label: str
    state: State = Field(description="Calls to an inactive number are refused, and its rule cannot be changed.")
    forwarding_enabled: bool = Field(description="The operator's option: without it no rule can be set.")
    action: Action | None = Field(
        description="What its rule does with calls; see its forwarding. Null: the rule cannot be read."
    )
    revision: int = Field(description="That of its rule; grows by one with each change.")
    updated_at: Timestamp | None = Field(description="When its rule was changed; null: never.")
    unreadable: Literal["newer", "damaged"] | None = Field(
        description="Why the rule cannot be read; null: it can. Calls are refused until then. `newer`: a newer renvoi "
        "wrote it, which the operator has to install here. `damaged`: the operator has to remove the number and add it "
        "again, or to restore a backup."
    )


class NumberChange(RequestModel):
    """What is to change of a number; what is left out stays as it is."""

    label: Label = Field(default="", examples=["Reception"])
    state: State = Field(default="active")


SHOWN: dict[str, Any] = {
    "number": "+33199001234",
    "label": "Reception",
    "state": "active",
    "forwarding_enabled": True,
    "action": "off",
    "revision": 0,
    "updated_at": None,
    "unreadable": None,
}
"""The number of the examples, as it is shown."""


def listed_number_of(text: str, who: Principal) -> E164:
    """Read the number in a path as `number_of` does, and also as lists show one whose row is damaged.

    Raises:
        Problem: see there.
    """
    try:
        return E164.listed(text, who.region)
    except NumberInvalid as error:
        raise Problem(ProblemCode.NUMBER_UNKNOWN) from error


def number_of(text: str, who: Principal) -> E164:
    """Read the number in a path.

    Raises:
        Problem: it is none, or none that this key may see.
    """
    try:
        number = E164.parse(text, who.region)
    except NumberInvalid as error:
        raise Problem(ProblemCode.NUMBER_UNKNOWN) from error
    return number


def number_out(record: NumberRecord) -> NumberOut:
    return NumberOut(
        number=record.number.value,
        label=record.label,
        state="active" if record.active else "inactive",
        forwarding_enabled=record.forwarding_enabled,
        action=ACTIONS[record.rule.type] if record.unreadable is None else None,
        revision=record.rule.revision,
        updated_at=timestamp_or_none(record.updated_at_ms),
        unreadable=None if record.unreadable is None else record.unreadable.value,
    )


def _place_of(paging: Paging) -> NumberPlace:
    parts = paging.after_one_of((int,), (int, str))
    return START if parts is None else NumberPlace(*parts)


def _parts_of(place: NumberPlace | None) -> CursorParts | None:
    if place is None:
        return None
    return (place.digits,) if place.label is None else (place.digits, place.label)


def number_tag(record: NumberRecord) -> str:
    return etag_of(record.label, record.active, record.forwarding_enabled, record.rule.revision)


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of numbers."""
    router = APIRouter(route_class=V2Route, tags=["numbers"])

    @router.get(
        "/v2/numbers",
        **operation(
            "numbers.list",
            "List numbers",
            description="In ascending order. With `q` those whose number begins so come first, then those whose label "
            "does, by label. A page may hold fewer than `limit`, even none, while `next_cursor` says that more follow.",
            example=Example(
                "/v2/numbers?limit=1",
                answer={"data": [SHOWN], "next_cursor": "WzMzMTk5MDAxMjM0XQ"},
                given="a number with a label",
            ),
        ),
    )
    async def list_(
        who: Annotated[Principal, requires("numbers:read")],
        paging: Paged,
        response: Response,
        q: Annotated[str | None, Query(max_length=100, description="How the number begins, or its label.")] = None,
        action: Annotated[Action | None, Query(description="What its rule does with calls.")] = None,
        state: Annotated[State | None, Query(description="Whether it is active.")] = None,
    ) -> Page[NumberOut]:
        kind = next((kind for kind, name in ACTIONS.items() if name == action), None)
        wanted = NumberFilter(q or None, kind, None if state is None else state == "active")
        found = await list_numbers(deps.store, who, wanted, _place_of(paging), paging.limit)
        return page_until(paging, response, [number_out(each) for each in found.records], _parts_of(found.next))

    @router.get(
        "/v2/numbers/{number}",
        **operation(
            "numbers.get",
            "Read a number",
            example=Example("/v2/numbers/+33199001234", answer=SHOWN, given="a number with a label"),
            errors=[ProblemCode.NUMBER_UNKNOWN],
        ),
    )
    async def get(
        who: Annotated[Principal, requires("numbers:read")], number: NumberPath, response: Response
    ) -> NumberOut:
        record = await deps.store.read(lambda reader: show_own_number(reader, who, number_of(number, who)))
        response.headers["ETag"] = number_tag(record)
        return number_out(record)

    @router.patch(
        "/v2/numbers/{number}",
        response_model=NumberOut,
        **operation(
            "numbers.update",
            "Change a number's label or state",
            description="Both from the next call on.",
            example=Example("/v2/numbers/+33199001234", body={"label": "Reception"}, answer=SHOWN),
            errors=[ProblemCode.NUMBER_UNKNOWN, ProblemCode.RULE_UNREADABLE, ProblemCode.ACCOUNT_CLOSING],
        ),
    )
    async def update(
        who: Annotated[Principal, requires("numbers:write")],
        number: NumberPath,
        body: NumberChange,
        matching: Matching,
        once: Idempotent,
    ) -> Response:
        wanted = number_of(number, who)
        sent = given(body)
        active = sent["state"] == "active" if "state" in sent else None

        def check(record: NumberRecord) -> None:
            matching.check(number_tag(record))

        return await once.run(
            lambda store: change_number(store, deps.clock, who, wanted, sent.get("label"), active, check),
            lambda record: answer(number_out(record), etag=number_tag(record)),
        )

    return router
