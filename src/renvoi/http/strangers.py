"""Answers that refuse a request whose sender has shown no good key, within a rate."""

import time
from collections.abc import Callable, Sequence

from starlette.types import Scope

from renvoi.domain.codes import Outcome
from renvoi.http.exchange import Exchange, exchange_of
from renvoi.http.limits import TokenBuckets, address_group
from renvoi.http.reply import Header, Replies, Reply
from renvoi.http.wiring import Wiring


class Strangers:
    """Refuses requests, and those of one client beyond the rate (`docs/api.md §1`, "Limits") with code 103.

    The connection is closed then, so that what is left on it costs nothing. Only refused requests are counted: proxies
    and NAT put many clients behind one address, and one that guesses must not lock out those whose key is good.
    """

    def __init__(self, wiring: Wiring, replies: Replies, monotonic: Callable[[], float] = time.monotonic) -> None:
        limits = wiring.limits
        self._language = wiring.language
        self._replies = replies
        self._buckets = TokenBuckets(
            limits.refusals_per_address_per_s, limits.refusals_burst, limits.buckets, monotonic
        )

    def judge(self, exchange: Exchange, outcome: Outcome) -> tuple[Outcome, list[Header]]:
        """Return what a request is answered that is refused with `outcome`, and the headers that this adds."""
        wait_s = self._buckets.take(address_group(exchange.client))
        if not wait_s:
            return outcome, []
        return Outcome.TOO_MANY_REQUESTS, [(b"retry-after", b"%d" % wait_s), (b"connection", b"close")]

    def refuse(
        self, scope: Scope, outcome: Outcome, *, language: str | None = None, headers: Sequence[Header] = ()
    ) -> Reply:
        """Return the answer to a request that is refused with `outcome`, and note it."""
        exchange = exchange_of(scope)
        exchange.outcome, added = self.judge(exchange, outcome)
        return self._replies.of(exchange.outcome, language or self._language, "json", headers=[*headers, *added])
