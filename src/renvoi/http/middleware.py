"""The outermost layer: request ids, the access log, request metrics, overload, and the net under every handler."""

import asyncio
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from renvoi.domain.outcome import Outcome
from renvoi.domain.repetitions import PERIOD_S, Repetitions
from renvoi.domain.text import clean_text
from renvoi.http.deps import Deps
from renvoi.http.limits import RefusalLimit, RequestShares, address_group
from renvoi.http.metrics import Metrics
from renvoi.http.request_context import PROBES, RequestContext, begin, context_of, is_probe
from renvoi.http.responses import REFUSAL_KEY, ClientGone, Header, Replies, Reply, RequestRefused
from renvoi.http.v1.operation import RETRY_AFTER_S
from renvoi.http.v2.app import V2, is_of_v2

_ALLOW = (b"allow", b"GET, HEAD, POST")
_ALLOW_V2 = (b"allow", b"DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")
"""Those of `/v2` as a whole: a method that is not known is refused before the path is."""
_RETRY = (b"retry-after", b"%d" % RETRY_AFTER_S)
_log = structlog.get_logger("renvoi.http")
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

    def note(self, scope: Scope, context: RequestContext, duration_s: float) -> None:
        outcome = context.outcome
        line = {
            "method": scope["method"],
            "path": _shown_path(scope, context),
            "call": context.call,
            "outcome": outcome.label if outcome is not None else None,
            "code": outcome.code if outcome is not None else None,
            "status": context.status,
            "duration_ms": round(duration_s * 1000, 3),
            "account": context.account_id,
            "key": context.key_id,
            "client": context.client,
        }
        if context.reason:
            line["reason"] = context.reason
        if context.call in PROBES:
            # They come every few seconds and say nothing of customers.
            self._log.debug("request", **line)
        elif context.account_id is not None or self._admit(line):
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


def _shown_path(scope: Scope, context: RequestContext) -> str:
    path: str = scope["path"]
    if context.call != "other":
        return path
    # Nobody knows what stands in a path that is not ours; a key put there by mistake must not reach the log.
    return clean_text(_SECRET.sub(r"rv_\1_…", path[:_MAX_PATH]), _MAX_PATH)


class Middleware:
    """Wraps an ASGI application, so that every request is answered, counted and logged, once.

    A request beyond `Limits.requests_in_flight`, or beyond its client's share of them, is refused at once: waiting
    would only make it, and the memory it takes, older. Probes are always answered.
    """

    def __init__(
        self,
        app: ASGIApp,
        deps: Deps,
        refusals: RefusalLimit,
        replies: Replies,
        metrics: Metrics,
        access_log: AccessLog,
        v2: V2 | None = None,
    ) -> None:
        self._app = app
        self._v2 = v2
        self._access_log = access_log
        self._refusals = refusals
        self._deps = deps
        self._replies = replies
        self._metrics = metrics
        self._places = RequestShares(deps.limits.requests_in_flight)

    def prepare(self) -> None:
        """Do now what the first request of a kind would wait for."""
        if self._v2 is not None:
            self._v2.prepare()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if path.endswith("/") and path != "/":
            # The same path (docs/api.md §1); a redirection would lose the body of a POST.
            scope = {**scope, "path": path[:-1]}
        started = time.perf_counter()
        context = begin(scope, self._deps.trusted_proxies)
        asked = False

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                context.status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", context.request_id.encode())]
                if b"expect" in context.headers and not asked:
                    # The client may send its body or not, so what comes next on this connection is not known.
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        async def receive_whole() -> Message:
            nonlocal asked
            asked = True
            message = await receive()
            if REFUSAL_KEY in scope:
                raise RequestRefused(scope[REFUSAL_KEY], close=True)
            return message

        # The server runs each request in a task, and so in a context, of its own: nothing has to be put back.
        structlog.contextvars.bind_contextvars(request_id=context.request_id)
        await self._run(scope, receive_whole, send_with_id, context)
        duration_s = time.perf_counter() - started
        self._metrics.count_request(context.call, context.outcome, duration_s)
        self._access_log.note(scope, context, duration_s)

    async def _run(self, scope: Scope, receive: Receive, send: Send, context: RequestContext) -> None:
        client = None if is_probe(scope["path"]) else address_group(context.client)
        if client is not None and not self._places.take(client):
            full = self._places.free <= 0
            await self._refuse(Outcome.UNAVAILABLE if full else Outcome.TOO_MANY_REQUESTS, scope, receive, send)
            return
        try:
            if REFUSAL_KEY in scope:
                await self._refuse(scope[REFUSAL_KEY], scope, receive, send)
            else:
                await self._app(scope, receive, send)
        except ClientGone:
            return
        except Exception:
            _log.exception("request failed", call=context.call)
            context.outcome = Outcome.INTERNAL_ERROR
            if context.status:
                # Half an answer is out already: the server closes the connection when the application raises.
                raise
            await self._reply(Outcome.INTERNAL_ERROR, scope)(scope, receive, send)
        finally:
            if client is not None:
                self._places.give_back(client)

    async def _refuse(self, outcome: Outcome, scope: Scope, receive: Receive, send: Send) -> None:
        if outcome in (Outcome.UNAVAILABLE, Outcome.TOO_MANY_REQUESTS):
            context_of(scope).outcome = outcome
            reply = self._reply(outcome, scope, [_RETRY])
        else:
            known = _ALLOW_V2 if is_of_v2(scope["path"]) else _ALLOW
            allow = [known] if outcome is Outcome.METHOD_NOT_ALLOWED else []
            judged, added = self._refusals.judge(context_of(scope), outcome)
            context_of(scope).outcome = judged
            reply = self._reply(judged, scope, [*allow, *added])
        await reply(scope, receive, send)

    def _reply(self, outcome: Outcome, scope: Scope, headers: Sequence[Header] = ()) -> Reply:
        if self._v2 is not None and is_of_v2(scope["path"]):
            return self._v2.refusal(outcome, scope, headers)
        return self._replies.of(outcome, self._deps.language, "json", headers=headers)
