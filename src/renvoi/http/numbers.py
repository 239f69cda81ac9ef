"""`/v1/vn/list` and `/v1/vn/name`: an account's numbers (`docs/api.md §3`)."""

import re
from datetime import UTC, datetime, timedelta

from renvoi.application.forwarding import Actor
from renvoi.application.numbers import check_label, numbers_page
from renvoi.application.ports import Reader, Writer
from renvoi.application.refused import Refused
from renvoi.domain.codes import Outcome
from renvoi.domain.number import E164, NumberInvalid
from renvoi.domain.rule import NumberRecord
from renvoi.domain.text import is_blank, strip_invisible
from renvoi.http.endpoint import ApiRequest, Call, Result
from renvoi.http.fields import is_text
from renvoi.http.refusal import RequestRefused
from renvoi.http.reply import Value
from renvoi.http.wiring import Wiring

PAGE_SIZE = 100
_PAGE = re.compile(r"[1-9][0-9]{0,4}|100000")
"""Up to ten million numbers: what a page costs grows with its number, so that number is bounded."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Numbers:
    """The calls that list and name numbers."""

    def __init__(self, wiring: Wiring) -> None:
        self._store = wiring.store

    def list_calls(self) -> dict[str, Call]:
        """Return the calls of `/v1/vn/list` by HTTP method."""
        return {"GET": Call("list", "numbers:read", self.list)}

    def name_calls(self) -> dict[str, Call]:
        """Return the calls of `/v1/vn/name` by HTTP method."""
        return {"POST": Call("name", "numbers:write", self.name)}

    async def list(self, request: ApiRequest) -> Result:
        """List the account's numbers, 100 a page, in ascending order."""
        text = request.text("page") or "1"
        if not _PAGE.fullmatch(text):
            raise RequestRefused(Outcome.BODY_INVALID)
        page = int(text)
        records = await numbers_page(self._store, request.actor.account_id, page, PAGE_SIZE)
        return Result(Outcome.OK, fields={"page": page, "numbers": [_listed(record) for record in records]})

    async def name(self, request: ApiRequest) -> Result:
        """Label a number."""
        name = strip_invisible(request.text("name"))
        if not name:
            return Result(Outcome.NAME_REQUIRED)
        number = request.text("number")
        if is_blank(number):
            return Result(Outcome.NUMBER_REQUIRED)
        _check_name(request.fields["name"], name)

        def work(writer: Writer) -> None:
            record = own_number(writer, request.actor, number)
            writer.set_label(record.number, name)

        await self._store.write(work)
        return Result(Outcome.OK)


def own_number(reader: Reader, actor: Actor, text: str) -> NumberRecord:
    """Return the record of the actor's number that `text` names.

    Raises:
        RequestRefused: `text` is empty, or names no number of the actor's account.
    """
    if is_blank(text):
        raise RequestRefused(Outcome.NUMBER_REQUIRED)
    try:
        record = reader.number(E164.parse(text, actor.region))
    except NumberInvalid:
        record = None
    if record is None or record.account_id != actor.account_id:
        raise RequestRefused(Outcome.NUMBER_UNKNOWN)
    return record


def rule_fields(record: NumberRecord) -> dict[str, Value]:
    """Return a number's rule as the API shows it."""
    updated_at = None if record.updated_at_ms is None else iso_8601(record.updated_at_ms)
    return {
        "type": int(record.rule.type),
        "param": record.rule.param,
        "revision": record.rule.revision,
        "updatedAt": updated_at,
    }


def iso_8601(ms: int) -> str:
    """Return a time (ms since 1970-01-01 UTC) as `2026-01-31T12:00:00.000Z`."""
    text = (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def _check_name(given: object, name: str) -> None:
    if not is_text(given):
        raise RequestRefused(Outcome.BODY_INVALID)
    try:
        check_label(name)
    except Refused as error:
        raise RequestRefused(Outcome.BODY_INVALID) from error


def _listed(record: NumberRecord) -> dict[str, Value]:
    return {
        "number": record.number.value,
        "name": record.label,
        **rule_fields(record),
        "active": record.active,
        "forwardingEnabled": record.forwarding_enabled,
    }
