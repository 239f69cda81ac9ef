"""`/v1/vn/callforward`: sets and reads what happens to calls of a virtual number (`docs/api.md §1`, `§3`)."""

import re

from renvoi.application.forwarding import RuleRequest, set_rule
from renvoi.application.numbers import read_number
from renvoi.domain.outcome import Outcome
from renvoi.http.deps import Deps
from renvoi.http.errors import RequestRefused
from renvoi.http.metrics import Metrics
from renvoi.http.v1.numbers import rule_fields
from renvoi.http.v1.operation import ApiRequest, Operation, OperationResult

_IDEMPOTENCY_KEY = re.compile(rb"[\x20-\x7e]{1,255}")


class CallForward:
    """The two calls of the core endpoint."""

    def __init__(self, wiring: Deps, metrics: Metrics) -> None:
        self._store = wiring.store
        self._clock = wiring.clock
        self._metrics = metrics

    def calls(self) -> dict[str, Operation]:
        """Return the calls by HTTP method."""
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
        """Read a number's rule."""
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
