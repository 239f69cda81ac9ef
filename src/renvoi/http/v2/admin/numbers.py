"""`/v2/admin/numbers`: numbers of all accounts are added, moved and removed by operators."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from renvoi.application.auth import actor_of
from renvoi.application.managed_numbers import own_numbers, show_own_number
from renvoi.application.operators_numbers import MOST_AT_ONCE, NumberWish, add_number, add_numbers, change_number
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.removals import remove_number
from renvoi.domain.access.api_key import Principal
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.ids import IdKind, written
from renvoi.domain.numbers.number import E164, NumberInvalid
from renvoi.domain.problem import ProblemCode, invalid
from renvoi.domain.rules.rule import NumberRecord
from renvoi.http.v2.admin.common import AccountId, account_of, possible
from renvoi.http.v2.admin.removals import SHOWN as REMOVAL
from renvoi.http.v2.admin.removals import RemovalOut, removal_out
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.etags import Matching, etag_of
from renvoi.http.v2.idempotency import Idempotent
from renvoi.http.v2.models import AnswerModel, Label, RequestModel, answer, given
from renvoi.http.v2.numbers import SHOWN as NUMBER
from renvoi.http.v2.numbers import NumberOut, NumberPath, State, listed_number_of, number_of, number_out, number_tag
from renvoi.http.v2.pages import Page, Paged, page
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import OPERATOR, requires

IMPORT_BYTES = 512 * 1024


class ManagedNumberOut(NumberOut):
    """A number as operators see it."""

    account: str = Field(description="Who has it.", examples=["acc_1"])


class _Labelled(RequestModel):
    label: Label = Field(default="", examples=["Reception"])
    forwarding_enabled: bool = Field(default=True, description="Without it no rule can be set.")


class ImportedNumber(_Labelled):
    """One of many numbers that are to be added."""

    number: str = Field(max_length=50, examples=["+33199005678"])


class NewNumber(ImportedNumber):
    """A number that is to be added."""

    account: AccountId = Field(description="Who gets it.", examples=["acc_1"])


class NumberImport(RequestModel):
    """Many numbers that are to be added."""

    account: AccountId = Field(description="Who gets them.", examples=["acc_1"])
    numbers: list[ImportedNumber] = Field(min_length=1, max_length=MOST_AT_ONCE)


class Imported(AnswerModel):
    """How many numbers were added."""

    imported: int
    account: str


class ManagedNumberChange(_Labelled):
    """What is to change of a number; what is left out stays as it is."""

    account: AccountId = Field(
        default="acc_1",
        description="Who gets it: another account, with its calls off. The messages and the history stay with the one "
        "that had it.",
        examples=["acc_2"],
    )
    with_rule: bool = Field(default=False, description="With `account`: rule, greeting and label go along.")
    state: State = Field(default="active")


_SHOWN: dict[str, Any] = NUMBER | {"account": "acc_1"}
_NEW = _SHOWN | {"number": "+33199005678"}


def managed_out(record: NumberRecord) -> ManagedNumberOut:
    return ManagedNumberOut(**number_out(record).model_dump(), account=written(IdKind.ACCOUNT, record.account_id))


def record_tag(record: NumberRecord) -> str:
    return etag_of(number_tag(record), record.account_id)


def number_rows(numbers: list[ImportedNumber], region: str, where: str) -> list[NumberRow]:
    """Read the numbers of a request.

    Raises:
        Problem: some are none, or are there twice; `errors` has them all.
    """
    rows: list[NumberRow] = []
    errors: list[FieldError] = []
    seen: set[E164] = set()
    for place, each in enumerate(numbers):
        pointer = where.format(place=place)
        try:
            number = E164.parse(each.number, region)
        except NumberInvalid:
            errors.append(FieldError(pointer, FieldCode.BAD_FORMAT, {"expected": "+33199001234"}))
            continue
        if number in seen:
            errors.append(FieldError(pointer, FieldCode.REPEATED))
        seen.add(number)
        rows.append(NumberRow(number, each.label, each.forwarding_enabled))
    if errors:
        raise invalid(*errors)
    return rows


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of numbers for operators."""
    router = APIRouter(route_class=V2Route, tags=["admin"])

    @router.get(
        "/v2/admin/numbers",
        **operation(
            "admin.numbers.list",
            "List numbers of all accounts",
            by_account=True,
            description="In ascending order; with `?account=` those of one account.",
            example=Example(
                "/v2/admin/numbers?limit=1",
                answer={"data": [_SHOWN], "next_cursor": "WzMzMTk5MDAxMjM0XQ"},
                given="a number with a label",
            ),
        ),
    )
    async def list_(
        who: Annotated[Principal, requires(OPERATOR)], paging: Paged, response: Response
    ) -> Page[ManagedNumberOut]:
        after = paging.after(int)
        first = E164.from_digits(after[0]) if after else None
        found = await deps.store.read(lambda reader: own_numbers(reader, who, first, paging.limit + 1))
        return page(paging, response, found, managed_out, lambda record: (record.number.digits,))

    @router.post(
        "/v2/admin/numbers",
        response_model=ManagedNumberOut,
        status_code=201,
        **operation(
            "admin.numbers.create",
            "Add a number",
            description="Its calls are off until a rule is set.",
            example=Example(
                "/v2/admin/numbers",
                body={"number": "+33199005678", "account": "acc_1", "label": "Reception"},
                answer=_NEW,
            ),
            errors=[ProblemCode.ACCOUNT_UNKNOWN, ProblemCode.ACCOUNT_CLOSED, ProblemCode.NUMBER_TAKEN],
        ),
    )
    async def create(who: Annotated[Principal, requires(OPERATOR)], body: NewNumber, once: Idempotent) -> Response:
        account = await account_of(deps, body.account, for_change=True)
        del who
        (row,) = number_rows([body], account.region, "/number")

        def render(added: NumberRecord) -> Response:
            where = f"/v2/admin/numbers/{added.number}"
            return answer(managed_out(added), 201, etag=record_tag(added), Location=where)

        return await once.run(lambda store: possible(add_number(store, deps.clock, account.id, row)), render)

    @router.post(
        "/v2/admin/numbers:import",
        response_model=Imported,
        status_code=201,
        **operation(
            "admin.numbers.import",
            "Add many numbers",
            description=f"All or none, up to {MOST_AT_ONCE} at once. Files with more are for `renvoi number import`.",
            example=Example(
                "/v2/admin/numbers:import",
                body={"account": "acc_1", "numbers": [{"number": "+33199005678"}, {"number": "+33199005679"}]},
                answer={"imported": 2, "account": "acc_1"},
            ),
            errors=[ProblemCode.ACCOUNT_UNKNOWN, ProblemCode.ACCOUNT_CLOSED, ProblemCode.NUMBER_TAKEN],
            body_bytes=IMPORT_BYTES,
            versioned=False,
        ),
    )
    async def import_(who: Annotated[Principal, requires(OPERATOR)], body: NumberImport, once: Idempotent) -> Response:
        account = await account_of(deps, body.account, for_change=True)
        del who
        rows = number_rows(body.numbers, account.region, "/numbers/{place}/number")
        return await once.run(
            lambda store: possible(add_numbers(store, deps.clock, account.id, rows)),
            lambda added: answer(Imported(imported=len(added), account=body.account), 201),
        )

    @router.get(
        "/v2/admin/numbers/{number}",
        **operation(
            "admin.numbers.get",
            "Read a number of any account",
            example=Example("/v2/admin/numbers/+33199001234", answer=_SHOWN, given="a number with a label"),
            errors=[ProblemCode.NUMBER_UNKNOWN],
        ),
    )
    async def get(
        who: Annotated[Principal, requires(OPERATOR)], number: NumberPath, response: Response
    ) -> ManagedNumberOut:
        record = await deps.store.read(lambda reader: show_own_number(reader, who, listed_number_of(number, who)))
        response.headers["ETag"] = record_tag(record)
        return managed_out(record)

    @router.patch(
        "/v2/admin/numbers/{number}",
        response_model=ManagedNumberOut,
        **operation(
            "admin.numbers.update",
            "Change a number, or give it to another account",
            description="From the next call on.",
            example=Example(
                "/v2/admin/numbers/+33199001234",
                body={"account": "acc_2", "label": "Reception"},
                answer=_SHOWN | {"account": "acc_2", "revision": 1},
            ),
            errors=[
                ProblemCode.NUMBER_UNKNOWN,
                ProblemCode.RULE_UNREADABLE,
                ProblemCode.POLICY_UNREADABLE,
                ProblemCode.ACCOUNT_UNKNOWN,
                ProblemCode.ACCOUNT_CLOSED,
                ProblemCode.ACCOUNT_CLOSING,
                ProblemCode.NOT_POSSIBLE,
            ],
        ),
    )
    async def update(
        who: Annotated[Principal, requires(OPERATOR)],
        number: NumberPath,
        body: ManagedNumberChange,
        matching: Matching,
        once: Idempotent,
    ) -> Response:
        wanted, sent = number_of(number, who), given(body)
        to = await account_of(deps, sent["account"], for_change=True) if "account" in sent else None
        wish = NumberWish(
            None if to is None else to.id,
            body.with_rule,
            sent.get("label"),
            sent["state"] == "active" if "state" in sent else None,
            sent.get("forwarding_enabled"),
        )

        def check(record: NumberRecord) -> None:
            matching.check(record_tag(record))

        return await once.run(
            lambda store: possible(change_number(store, deps.clock, wanted, wish, actor_of(who), check)),
            lambda record: answer(managed_out(record), etag=record_tag(record)),
        )

    @router.delete(
        "/v2/admin/numbers/{number}",
        response_model=RemovalOut,
        **operation(
            "admin.numbers.remove",
            "Remove a number",
            description="From the next call on it is nobody's; its messages are deleted in small steps, or kept by the "
            "account: `then` says what happens to what, `GET /v2/admin/removals/{removal}` how far it is. Until it has "
            "ended the number cannot be added again.",
            example=Example("/v2/admin/numbers/+33199001234", answer=REMOVAL),
            errors=[ProblemCode.NUMBER_UNKNOWN, ProblemCode.ACCOUNT_CLOSING, ProblemCode.NOT_POSSIBLE],
        ),
    )
    async def remove(
        who: Annotated[Principal, requires(OPERATOR)],
        number: NumberPath,
        matching: Matching,
        once: Idempotent,
        messages: Annotated[
            Literal["delete", "keep"], Query(description="Whether the account keeps its messages.")
        ] = "delete",
    ) -> Response:
        wanted = listed_number_of(number, who)
        await deps.store.read(lambda reader: show_own_number(reader, who, wanted))
        return await once.run(
            lambda store: possible(
                remove_number(
                    store,
                    deps.clock,
                    wanted,
                    keeps_messages=messages == "keep",
                    actor=actor_of(who),
                    check=lambda record: matching.check(record_tag(record)),
                )
            ),
            lambda removal: answer(removal_out(removal)),
        )

    return router
