"""`/operator/rates`: what forwarded calls cost, as one table from a CSV file."""

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

from starlette.responses import Response
from starlette.routing import Route

from renvoi.application.csv_files import MAX_FILE_BYTES, ImportRefused
from renvoi.application.errors import OperatorError
from renvoi.application.ports.unit_of_work import Reader
from renvoi.application.rates import read_rates
from renvoi.domain.calls.rates import Rate, amount_text
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.numbers.number import E164, NO_REGION, NumberInvalid
from renvoi.http.dashboard.forms import NO_ERRORS, FormErrors
from renvoi.http.dashboard.lists import Listed
from renvoi.http.dashboard.operator.frame import OPERATOR, render
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import Visit

PAGE = "/operator/rates"
_MOST_ERRORS = 20
_MULTIPART = 4096
"""Bytes that a form has besides the file in it, at the most."""


def routes(site: Site) -> Sequence[Route]:
    return [
        site.get(PAGE, "operator_rates", _list, OPERATOR),
        site.post(PAGE, "operator_rates_replace", _replace, OPERATOR, most_bytes=MAX_FILE_BYTES + _MULTIPART),
    ]


async def _list(visit: Visit) -> Response:
    return await _page(visit, NO_ERRORS)


async def _page(visit: Visit, errors: FormErrors) -> Response:
    listed = Listed(visit)
    after, wanted = listed.after(str), visit.query.text("to", most=50)
    to = _number(visit, wanted)

    def find(reader: Reader) -> tuple[Sequence[Rate], int]:
        rates = reader.rates()
        if to is not None:
            one = reader.rate(to)
            return ([] if one is None else [one]), len(rates)
        first = bisect_right(rates, after[0], key=lambda rate: rate.prefix) if after else 0
        return rates[first : first + listed.limit + 1], len(rates)

    found, total = await visit.deps.store.read(find)
    shown, follows = listed.cut(found, lambda rate: (rate.prefix,))
    errors = errors or visit.query_errors
    return render(
        visit,
        "operator/rates.html.j2",
        PAGE,
        errors.status,
        rates=[(rate.prefix, amount_text(rate.price), rate.currency) for rate in shown],
        total=total,
        wanted=wanted,
        next_page=follows,
        is_first=listed.is_first,
        errors=errors,
    )


def _number(visit: Visit, wanted: str) -> E164 | None:
    """Return the number that a price is wanted of; None for none, and where it is none, which the page says."""
    if not wanted:
        return None
    try:
        return E164.parse(wanted, NO_REGION)
    except NumberInvalid:
        visit.query.wrong.append(FieldError("?to", FieldCode.NUMBER_INVALID))
        return None


async def _replace(visit: Visit) -> Response:
    content = visit.form.file("file")
    if not content:
        return await _page(visit, FormErrors("", {"file": [visit.text("operator.rates_no_file")]}))
    try:
        rates = await asyncio.to_thread(read_rates, Path("the file"), content)
    except ImportRefused as error:
        told = error.texts_of_lines[:_MOST_ERRORS]
        lines = [visit.text("operator.rates_line", line=line, why=why[visit.language]) for line, why in told]
        return await _page(visit, FormErrors("", {"file": lines}))
    except OperatorError as error:
        return await _page(visit, FormErrors("", {"file": [error.texts[visit.language]]}))
    await visit.deps.store.write(lambda writer: writer.put_rates(rates))
    return visit.redirect(PAGE, "operator.rates_replaced")
