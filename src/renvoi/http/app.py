"""Puts the HTTP rim together."""

import logging
import time
from collections.abc import Callable, Sequence

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from renvoi.domain.codes import Outcome
from renvoi.http.callforward import CallForward
from renvoi.http.endpoint import Endpoint, Gate
from renvoi.http.exchange import exchange_of
from renvoi.http.metrics import Metrics
from renvoi.http.numbers import Numbers
from renvoi.http.numbers_page import NumberPage
from renvoi.http.probes import Exposition, Health, Readiness
from renvoi.http.reply import Replies
from renvoi.http.rim import Rim
from renvoi.http.wiring import Wiring


def create_app(
    wiring: Wiring, metrics: Metrics | None = None, monotonic: Callable[[], float] = time.monotonic
) -> ASGIApp:
    """Return the ASGI application of the public listener: the API, the bare probes and the page of a number.

    Pass `metrics` when somebody else measures too (`Metrics.observe_batch`). `monotonic` tells seconds for the limits.
    """
    # What it warns of are bodies that clients wrote badly; they are answered, and their contents belong in no log.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    metrics = metrics or Metrics()
    replies = Replies(wiring.error_status)
    gate = Gate(wiring, monotonic)
    numbers = Numbers(wiring)
    routes = [
        # The core endpoint comes first: routes are tried in order.
        Route("/v1/vn/callforward", Endpoint(wiring, gate, replies, CallForward(wiring, metrics).calls())),
        Route("/v1/vn/list", Endpoint(wiring, gate, replies, numbers.list_calls())),
        Route("/v1/vn/name", Endpoint(wiring, gate, replies, numbers.name_calls())),
        Route("/numbers/{number}", NumberPage(wiring, replies)),
        *_probes(wiring, replies),
    ]
    return _application(routes, wiring, replies, metrics)


def create_probes(wiring: Wiring, metrics: Metrics | None = None) -> ASGIApp:
    """Return the ASGI application of a public listener without the API: the bare probes, which every node is asked."""
    replies = Replies(wiring.error_status)
    return _application(_probes(wiring, replies), wiring, replies, metrics or Metrics())


def create_inner(wiring: Wiring, metrics: Metrics) -> ASGIApp:
    """Return the ASGI application of the inner listener: the probes with details, and what `metrics` measured."""
    replies = Replies(wiring.error_status)
    routes = [
        *_probes(wiring, replies, details=True),
        Route("/metrics", _ReadOnly(Exposition(wiring, metrics), wiring, replies)),
    ]
    return _application(routes, wiring, replies, metrics)


def _probes(wiring: Wiring, replies: Replies, *, details: bool = False) -> list[Route]:
    return [
        Route("/healthz", _ReadOnly(Health(), wiring, replies)),
        Route("/readyz", _ReadOnly(Readiness(wiring, details=details), wiring, replies)),
    ]


def _application(routes: Sequence[Route], wiring: Wiring, replies: Replies, metrics: Metrics) -> ASGIApp:
    router = Router(routes, redirect_slashes=False, default=_NotFound(wiring, replies))
    return Rim(router, wiring, replies, metrics)


class _ReadOnly:
    """Passes GET and HEAD on, and refuses other methods. An ASGI application."""

    def __init__(self, app: ASGIApp, wiring: Wiring, replies: Replies) -> None:
        self._app = app
        self._refusal = replies.of(
            Outcome.METHOD_NOT_ALLOWED, wiring.language, "json", headers=[(b"allow", b"GET, HEAD")]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        exchange_of(scope).outcome = Outcome.METHOD_NOT_ALLOWED
        await self._refusal(scope, receive, send)


class _NotFound:
    """Answers what no route does. An ASGI application."""

    def __init__(self, wiring: Wiring, replies: Replies) -> None:
        self._wiring = wiring
        self._replies = replies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange_of(scope).outcome = Outcome.NOT_FOUND
        await self._replies.of(Outcome.NOT_FOUND, self._wiring.language, "json")(scope, receive, send)
