"""`/v1/vn/callforward`: sets and reads what happens to calls of a virtual number (`docs/api.md §1`, `§3`)."""

import re

from renvoi.application.forwarding import RuleRequest, set_rule
from renvoi.domain.codes import Outcome
from renvoi.http.endpoint import ApiRequest, Call, Result
from renvoi.http.metrics import Metrics
from renvoi.http.numbers import own_number, rule_fields
from renvoi.http.refusal import RequestRefused
from renvoi.http.wiring import Wiring

_IDEMPOTENCY_KEY = re.compile(rb"[\x20-\x7e]{1,255}")


class CallForward:
    """The two calls of the core endpoint."""

    def __init__(self, wiring: Wiring, metrics: Metrics) -> None:
        self._store = wiring.store
        self._clock = wiring.clock
        self._metrics = metrics

    def calls(self) -> dict[str, Call]:
        """Return the calls by HTTP method."""
        return {
            "POST": Call("callforward.set", "forwarding:write", self.set),
            "GET": Call("callforward.get", "numbers:read", self.get),
        }

    async def set(self, request: ApiRequest) -> Result:
        """Change a number's rule; durable and in force when this returns."""
        key = _idempotency_key(request)
        wanted = RuleRequest(request.text("number"), request.text("type"), request.text("param"))
        answer = await set_rule(self._store, self._clock, request.actor, wanted, key)
        if answer.outcome.success and not answer.replayed:
            self._metrics.count_change(answer.outcome)
        return Result(answer.outcome, answer.revision)

    async def get(self, request: ApiRequest) -> Result:
        """Read a number's rule."""
        record = await self._store.read(
            lambda reader: own_number(reader, request.actor, request.text("number")),
        )
        return Result(Outcome.OK, fields=rule_fields(record))


def _idempotency_key(request: ApiRequest) -> str | None:
    given = request.headers.get(b"idempotency-key")
    if given is None:
        return None
    if not _IDEMPOTENCY_KEY.fullmatch(given):
        raise RequestRefused(Outcome.BODY_INVALID, reason="Idempotency-Key is not 1 to 255 printable ASCII characters")
    return given.decode()
