"""`/v2/admin/rates`: what forwarded calls cost, for limits of spend."""

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from starlette.requests import Request

from renvoi.application.csv_files import MAX_FILE_BYTES, ImportRefused
from renvoi.application.errors import OperatorError
from renvoi.application.ports.unit_of_work import Reader, Writer
from renvoi.application.rates import read_rates
from renvoi.domain.access.api_key import Principal
from renvoi.domain.calls.rates import Rate, amount_text
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.numbers.number import E164, NumberInvalid
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.etags import Matching, etag_of
from renvoi.http.v2.idempotency import Idempotent
from renvoi.http.v2.models import AnswerModel, answer
from renvoi.http.v2.pages import Page, Paged, page
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import OPERATOR, requires

CSV = "text/csv"
_FILE = Path("the table")


class RateOut(AnswerModel):
    """What a minute costs to numbers that begin with a prefix."""

    prefix: str
    price: str
    currency: str


class RatesOut(AnswerModel):
    """How many rates there are now."""

    rates: int


_SHOWN: dict[str, Any] = {"prefix": "33", "price": "0.0125", "currency": "EUR"}


def _rate_out(rate: Rate) -> RateOut:
    return RateOut(prefix=rate.prefix, price=amount_text(rate.price), currency=rate.currency)


def rates_tag(rates: Sequence[Rate]) -> str:
    """Return the tag of a table of rates, which is in the order of their prefixes."""
    # There may be 200,000, which take 0.09 s as one text, and three times that as parts.
    return etag_of("\n".join(f"{rate.prefix},{rate.price},{rate.currency}" for rate in rates))


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of rates."""
    router = APIRouter(route_class=V2Route, tags=["admin"])

    @router.get(
        "/v2/admin/rates",
        **operation(
            "admin.rates.list",
            "List what calls cost",
            description="By prefix; or the one rate of calls to a number. The `ETag` is of the whole table on each "
            "of its pages.",
            example=Example(
                "/v2/admin/rates", answer={"data": [_SHOWN], "next_cursor": None}, given="a table of rates"
            ),
            versioned=True,
        ),
    )
    async def list_(
        who: Annotated[Principal, requires(OPERATOR)],
        paging: Paged,
        response: Response,
        to: Annotated[str | None, Query(description="Only what calls to this number cost.", max_length=50)] = None,
    ) -> Page[RateOut]:
        after = paging.after(str)
        target = None if to is None else _target(to, who)

        def work(reader: Reader) -> tuple[Sequence[Rate], str | None]:
            if target is not None:
                found = reader.rate(target)
                return [] if found is None else [found], None
            rates = reader.rates()
            first = bisect_right(rates, after[0], key=lambda rate: rate.prefix) if after else 0
            return rates[first : first + paging.limit + 1], rates_tag(rates)

        found, tag = await deps.store.read(work)
        if tag is not None:
            response.headers["ETag"] = tag
        return page(paging, response, found, _rate_out, lambda rate: (rate.prefix,))

    @router.put(
        "/v2/admin/rates",
        response_model=RatesOut,
        **operation(
            "admin.rates.replace",
            "Replace the table of rates",
            description="CSV with a first line `prefix,price,currency`: all of it takes the place of the table before, "
            "or nothing when a line is wrong. Prices are those of a minute, all in one currency.",
            example=Example(
                "/v2/admin/rates",
                content=b"prefix,price,currency\n33,0.0125,EUR\n",
                headers={"Content-Type": CSV},
                answer={"rates": 1},
            ),
            accepts=(CSV,),
            body_bytes=MAX_FILE_BYTES,
        ),
    )
    async def replace(
        who: Annotated[Principal, requires(OPERATOR)],  # noqa: ARG001 - whoever it is has the scope
        request: Request,
        matching: Matching,
        once: Idempotent,
    ) -> Response:
        content = await request.body()
        try:
            rates = await asyncio.to_thread(read_rates, _FILE, content)
        except ImportRefused as error:
            wrong = [FieldError(f"/{line}", FieldCode.REFUSED, {"why": why}) for line, why in error.texts_of_lines]
            raise invalid(*wrong) from error
        except OperatorError as error:
            raise invalid(FieldError("", FieldCode.REFUSED, {"why": error.texts})) from error

        def put(writer: Writer) -> None:
            if matching.is_given:
                matching.check(rates_tag(writer.rates()))
            writer.put_rates(rates)

        # They are read back by prefix.
        ordered = sorted(rates, key=lambda rate: rate.prefix)
        return await once.run(
            lambda store: store.write(put),
            lambda _: answer(RatesOut(rates=len(rates)), etag=rates_tag(ordered)),
        )

    return router


def _target(text: str, who: Principal) -> E164:
    try:
        return E164.parse(text, who.region)
    except NumberInvalid as error:
        wrong = FieldError("?to", FieldCode.BAD_FORMAT, {"expected": "+33199001234"})
        raise Problem(ProblemCode.FIELDS_INVALID, errors=[wrong]) from error
