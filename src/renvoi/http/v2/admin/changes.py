"""`/v2/admin/changes`: the audit trail of rules, of all accounts."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from renvoi.application.events import forwarding_changed
from renvoi.application.ports.accounts import AuditEntry, AuditFilter
from renvoi.domain.access.api_key import EVERY_ACCOUNT, Principal
from renvoi.domain.ids import IdKind, written
from renvoi.domain.numbers.number import E164, NumberInvalid
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.filters import Since, Until, moment_or_none
from renvoi.http.v2.models import AnswerModel, Number, Timestamp, timestamp
from renvoi.http.v2.pages import Page, Paged, page
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import OPERATOR, requires


class RuleWas(AnswerModel):
    """A rule, as far as the trail has it."""

    action: str
    to: list[str]
    emails: list[str]


class OptionWas(AnswerModel):
    """An option of a rule that was changed."""

    name: str
    before: Any
    after: Any


class ChangeOut(AnswerModel):
    """One change of a number's rule."""

    at: Timestamp
    number: Number
    account: str = Field(examples=["acc_1"])
    revision: int
    key: str | None = Field(description="null: the command line.")
    source: str
    before: RuleWas
    after: RuleWas
    options: list[OptionWas]


def _change_out(entry: AuditEntry) -> ChangeOut:
    return ChangeOut.model_validate(
        {
            **forwarding_changed(entry).data,
            "at": timestamp(entry.at_ms),
            "number": entry.number.value,
            "account": written(IdKind.ACCOUNT, entry.account_id),
            "source": entry.source,
        }
    )


def routes(deps: V2Deps) -> APIRouter:
    """Return the operation of changes."""
    router = APIRouter(route_class=V2Route, tags=["admin"])

    @router.get(
        "/v2/admin/changes",
        **operation(
            "admin.changes.list",
            "List changes of rules of all accounts",
            by_account=True,
            description="The latest first; with `?account=` those of one account. An entry with a key is of the API.",
            example=Example("/v2/admin/changes?limit=1", given="two changes of a rule"),
            errors=[ProblemCode.NUMBER_UNKNOWN],
        ),
    )
    async def list_(
        who: Annotated[Principal, requires(OPERATOR)],
        paging: Paged,
        response: Response,
        number: Annotated[str | None, Query(description="Only of this number.", max_length=50)] = None,
        since: Since = None,
        until: Until = None,
        former: Annotated[
            bool, Query(description="Those by accounts that have the number no more, instead of the others.")
        ] = False,
    ) -> Page[ChangeOut]:
        after = paging.after(int, int, int)
        only = AuditFilter(
            None if number is None else _number(number, who),
            None if who.account_id == EVERY_ACCOUNT else who.account_id,
            moment_or_none(since),
            moment_or_none(until),
        )
        place = None if after is None else (after[0], after[1], after[2])
        found = await deps.store.read(
            lambda reader: (reader.past_changes if former else reader.changes)(paging.limit + 1, only, place)
        )
        return page(
            paging,
            response,
            found,
            _change_out,
            lambda entry: entry.place,
        )

    return router


def _number(text: str, who: Principal) -> E164:
    try:
        return E164.parse(text, who.region)
    except NumberInvalid as error:
        raise Problem(ProblemCode.NUMBER_UNKNOWN) from error
