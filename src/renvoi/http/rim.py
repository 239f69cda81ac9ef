"""The outermost layer: request ids, the access log, request metrics, overload, and the net under every handler."""

import re
import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from renvoi.domain.codes import Outcome
from renvoi.domain.text import clean_text
from renvoi.http.endpoint import RETRY_AFTER_S
from renvoi.http.exchange import Exchange, begin, exchange_of
from renvoi.http.limits import address_group
from renvoi.http.metrics import Metrics
from renvoi.http.refusal import REFUSAL_KEY, ClientGone, RequestRefused
from renvoi.http.reply import Replies
from renvoi.http.shares import RequestShares
from renvoi.http.wiring import Wiring

PROBES = frozenset({"healthz", "readyz", "metrics"})
_PROBE_PATHS = frozenset(f"/{name}" for name in PROBES)
_RETRY = (b"retry-after", b"%d" % RETRY_AFTER_S)
_MAX_PATH = 200
_SECRET = re.compile(r"rv_([0-9a-f]{1,12})_[A-Za-z0-9_%-]+")
_access = structlog.stdlib.get_logger("renvoi.access")
_log = structlog.stdlib.get_logger("renvoi.http")


class Rim:
    """Wraps an ASGI application, so that every request is answered, counted and logged, once.

    A request beyond `Limits.requests_in_flight`, or beyond its client's share of them, is refused at once: waiting
    would only make it, and the memory it takes, older. Probes are always answered.
    """

    def __init__(self, app: ASGIApp, wiring: Wiring, replies: Replies, metrics: Metrics) -> None:
        self._app = app
        self._wiring = wiring
        self._replies = replies
        self._metrics = metrics
        self._places = RequestShares(wiring.limits.requests_in_flight)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if path.endswith("/") and path != "/":
            # The same path (docs/api.md §1); a redirection would lose the body of a POST.
            scope = {**scope, "path": path[:-1]}
        started = time.perf_counter()
        exchange = begin(scope, self._wiring.trusted_proxies)
        asked = False

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", exchange.request_id.encode())]
                if b"expect" in exchange.headers and not asked:
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

        with structlog.contextvars.bound_contextvars(request_id=exchange.request_id):
            await self._run(scope, receive_whole, send_with_id, exchange)
            self._note(scope, exchange, time.perf_counter() - started)

    async def _run(self, scope: Scope, receive: Receive, send: Send, exchange: Exchange) -> None:
        client = None if scope["path"] in _PROBE_PATHS else address_group(exchange.client)
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
            _log.exception("request failed", call=exchange.call)
            exchange.outcome = Outcome.INTERNAL_ERROR
            if exchange.status:
                # Half an answer is out already: the server closes the connection when the application raises.
                raise
            await self._replies.of(Outcome.INTERNAL_ERROR, self._wiring.language, "json")(scope, receive, send)
        finally:
            if client is not None:
                self._places.give_back(client)

    async def _refuse(self, outcome: Outcome, scope: Scope, receive: Receive, send: Send) -> None:
        exchange_of(scope).outcome = outcome
        headers = [_RETRY] if outcome in (Outcome.UNAVAILABLE, Outcome.TOO_MANY_REQUESTS) else []
        if outcome is Outcome.METHOD_NOT_ALLOWED:
            headers.append((b"allow", b"GET, HEAD, POST"))
        await self._replies.of(outcome, self._wiring.language, "json", headers=headers)(scope, receive, send)

    def _note(self, scope: Scope, exchange: Exchange, duration_s: float) -> None:
        outcome = exchange.outcome
        self._metrics.count_request(exchange.call, outcome, duration_s)
        # Probes come every few seconds and say nothing of customers.
        write = _access.debug if exchange.call in PROBES else _access.info
        write(
            "request",
            method=scope["method"],
            path=_shown_path(scope, exchange),
            call=exchange.call,
            outcome=outcome.label if outcome is not None else None,
            code=outcome.code if outcome is not None else None,
            status=exchange.status,
            duration_ms=round(duration_s * 1000, 3),
            account=exchange.account_id,
            key=exchange.key_id,
            client=exchange.client,
        )


def _shown_path(scope: Scope, exchange: Exchange) -> str:
    path: str = scope["path"]
    if exchange.call != "other":
        return path
    # Nobody knows what stands in a path that is none of ours; a key put there by mistake must not reach the log.
    return clean_text(_SECRET.sub(r"rv_\1_…", path[:_MAX_PATH]), _MAX_PATH)
