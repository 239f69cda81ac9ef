"""Numbers of an account: their rules and names for programs (`docs/api.md §1`, `§3`)."""

import re

from renvoi.application.errors import OperatorError
from renvoi.application.forwarding import RuleRequest, set_rule
from renvoi.application.numbers import numbers_page, read_number, set_label
from renvoi.domain.moment import timestamp_text
from renvoi.domain.outcome import Outcome
from renvoi.domain.rules.rule import NumberRecord
from renvoi.domain.text import is_blank, strip_invisible
from renvoi.http.body_parsing import is_text
from renvoi.http.deps import Deps
from renvoi.http.metrics import Metrics
from renvoi.http.responses import RequestRefused, Value
from renvoi.http.v1.operation import ApiRequest, Operation, OperationResult

_IDEMPOTENCY_KEY = re.compile(rb"[\x20-\x7e]{1,255}")
PAGE_SIZE = 100
_PAGE = re.compile(r"[1-9][0-9]{0,4}|100000")
"""Up to ten million numbers: what a page costs grows with its number, so that number is bounded."""


class CallForward:
    """The two calls of the core endpoint."""

    def __init__(self, deps: Deps, metrics: Metrics) -> None:
        self._store = deps.store
        self._clock = deps.clock
        self._metrics = metrics

    def calls(self) -> dict[str, Operation]:
        return {
            "POST": Operation("callforward.set", "forwarding:write", self.set),
            "GET": Operation("callforward.get", "numbers:read", self.get),
        }

    async def set(self, request: ApiRequest) -> OperationResult:
        """Change a number's rule; durable and in force when this returns."""
        key = _idempotency_key(request)
        wanted = RuleRequest(request.text("number"), request.text("type"), request.text("param"))
        answer = await set_rule(self._store, self._clock, request.principal, wanted, key)
        if answer.outcome.success and not answer.replayed:
            self._metrics.count_change(answer.outcome)
        return OperationResult(answer.outcome, answer.revision)

    async def get(self, request: ApiRequest) -> OperationResult:
        found = await read_number(self._store, request.principal, request.text("number"))
        if isinstance(found, Outcome):
            return OperationResult(found)
        return OperationResult(Outcome.OK, fields=rule_fields(found))


def _idempotency_key(request: ApiRequest) -> str | None:
    given = request.headers.get(b"idempotency-key")
    if given is None:
        return None
    if not _IDEMPOTENCY_KEY.fullmatch(given):
        raise RequestRefused(Outcome.BODY_INVALID, reason="Idempotency-Key is not 1 to 255 printable ASCII characters")
    return given.decode()


class Numbers:
    """The calls that list and name numbers."""

    def __init__(self, deps: Deps) -> None:
        self._store = deps.store
        self._clock = deps.clock

    def list_calls(self) -> dict[str, Operation]:
        return {"GET": Operation("list", "numbers:read", self.list)}

    def name_calls(self) -> dict[str, Operation]:
        return {"POST": Operation("name", "numbers:write", self.name)}

    async def list(self, request: ApiRequest) -> OperationResult:
        """List the account's numbers, 100 a page, in ascending order."""
        text = request.text("page") or "1"
        if not _PAGE.fullmatch(text):
            raise RequestRefused(Outcome.BODY_INVALID)
        page = int(text)
        records = await numbers_page(self._store, request.principal, page, PAGE_SIZE)
        return OperationResult(Outcome.OK, fields={"page": page, "numbers": [_listed(record) for record in records]})

    async def name(self, request: ApiRequest) -> OperationResult:
        name = strip_invisible(request.text("name"))
        if not name:
            return OperationResult(Outcome.NAME_REQUIRED)
        number = request.text("number")
        if is_blank(number):
            return OperationResult(Outcome.NUMBER_REQUIRED)
        if not is_text(request.fields["name"]):
            return OperationResult(Outcome.BODY_INVALID)
        try:
            outcome = await set_label(self._store, self._clock, request.principal, number, name)
        except OperatorError:
            outcome = Outcome.BODY_INVALID
        return OperationResult(outcome)


def rule_fields(record: NumberRecord) -> dict[str, Value]:
    """Return a number's rule as the API shows it, null where it cannot be read."""
    updated_at = None if record.updated_at_ms is None else timestamp_text(record.updated_at_ms)
    return {
        "type": int(record.rule.type) if record.unreadable is None else None,
        "param": record.rule.param if record.unreadable is None else None,
        "revision": record.rule.revision,
        "updatedAt": updated_at,
    }


def _listed(record: NumberRecord) -> dict[str, Value]:
    return {
        "number": record.number.value,
        "name": record.label,
        **rule_fields(record),
        "active": record.active,
        "forwardingEnabled": record.forwarding_enabled,
    }
