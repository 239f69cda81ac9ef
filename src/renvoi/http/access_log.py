"""The access log: one line for each request, and a bounded number of them for strangers."""

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from starlette.types import Scope

from renvoi.domain.repetitions import PERIOD_S, Repetitions
from renvoi.domain.text import clean_text
from renvoi.http.limits import address_group
from renvoi.http.request_context import PROBES, RequestContext

_MAX_PATH = 200
_SECRET = re.compile(r"rv_([0-9a-f]{1,12})_[A-Za-z0-9_%-]+")


class AccessLog:
    """Logs requests. Those without a good key are logged a few times a minute for each client and outcome.

    How many were left out is logged when the minute is over: strangers must not be able to fill the disk.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Use `monotonic`, in seconds."""
        self._repetitions = Repetitions[Mapping[str, Any]](monotonic)
        self._timer: asyncio.TimerHandle | None = None
        # Bound once: making a logger takes as long as logging a line.
        self._log = structlog.get_logger("renvoi.access").bind()

    def note(self, scope: Scope, exchange: RequestContext, duration_s: float) -> None:
        """Log one request that is over."""
        outcome = exchange.outcome
        line = {
            "method": scope["method"],
            "path": _shown_path(scope, exchange),
            "call": exchange.call,
            "outcome": outcome.label if outcome is not None else None,
            "code": outcome.code if outcome is not None else None,
            "status": exchange.status,
            "duration_ms": round(duration_s * 1000, 3),
            "account": exchange.account_id,
            "key": exchange.key_id,
            "client": exchange.client,
        }
        if exchange.reason:
            line["reason"] = exchange.reason
        if exchange.call in PROBES:
            # They come every few seconds and say nothing of customers.
            self._log.debug("request", **line)
        elif exchange.account_id is not None or self._admit(line):
            self._log.info("request", **line)

    def _admit(self, line: Mapping[str, Any]) -> bool:
        self._tell_left_out()
        kind = f"{address_group(line['client'])} {line['call']} {line['outcome']}"
        if self._repetitions.admit(kind, line):
            return True
        if self._timer is None:
            self._start_timer()
        return False

    def _start_timer(self) -> None:
        # The next line may be long in coming.
        self._timer = asyncio.get_running_loop().call_later(PERIOD_S, self._end_of_period)

    def _end_of_period(self) -> None:
        self._timer = None
        self._tell_left_out()
        if self._repetitions:
            self._start_timer()

    def _tell_left_out(self) -> None:
        for count, first in self._repetitions.left_out():
            shown = {name: first[name] for name in ("call", "outcome", "code", "status", "client")}
            self._log.info("requests like this were left out within a minute", count=count, **shown)


def _shown_path(scope: Scope, exchange: RequestContext) -> str:
    path: str = scope["path"]
    if exchange.call != "other":
        return path
    # Nobody knows what stands in a path that is not ours; a key put there by mistake must not reach the log.
    return clean_text(_SECRET.sub(r"rv_\1_…", path[:_MAX_PATH]), _MAX_PATH)
