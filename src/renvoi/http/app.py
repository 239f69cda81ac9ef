"""Puts the HTTP layer together."""

import logging
import time
from collections.abc import Callable, Sequence

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from renvoi.domain.outcome import Outcome
from renvoi.http.dashboard.app import Dashboard
from renvoi.http.deps import Deps
from renvoi.http.limits import Strangers
from renvoi.http.metrics import Metrics
from renvoi.http.middleware import AccessLog, Middleware
from renvoi.http.probes import Exposition, Health, Readiness
from renvoi.http.responses import Replies
from renvoi.http.v1.numbers import CallForward, Numbers
from renvoi.http.v1.operation import Admission, Endpoint
from renvoi.http.v2.app import V2, is_of_v2
from renvoi.http.v2.deps import V2Deps


def create_app(
    wiring: Deps, metrics: Metrics | None = None, monotonic: Callable[[], float] = time.monotonic
) -> Middleware:
    """Return the ASGI application of the public listener: the API, the dashboard and the bare probes.

    Pass `metrics` when somebody else measures too (`Metrics.observe_batch`). `monotonic` tells seconds for the limits.
    """
    # What it warns of are bodies that clients wrote badly; they are answered, and their contents belong in no log.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    metrics = metrics or Metrics()
    replies = Replies(wiring.error_status)
    admission = Admission(wiring, monotonic)
    strangers = Strangers(wiring, replies, monotonic)
    numbers = Numbers(wiring)
    routes = [
        # The core endpoint comes first: routes are tried in order.
        Route(
            "/v1/vn/callforward", Endpoint(wiring, admission, strangers, replies, CallForward(wiring, metrics).calls())
        ),
        Route("/v1/vn/list", Endpoint(wiring, admission, strangers, replies, numbers.list_calls())),
        Route("/v1/vn/name", Endpoint(wiring, admission, strangers, replies, numbers.name_calls())),
        *_probes(wiring, strangers),
    ]
    deps = V2Deps(wiring, admission, strangers, metrics)
    return _application(routes, wiring, strangers, replies, metrics, monotonic, V2(deps), Dashboard(deps))


def create_probes(wiring: Deps, metrics: Metrics | None = None) -> Middleware:
    """Return the ASGI application of a public listener without the API: the bare probes, which every node is asked."""
    replies = Replies(wiring.error_status)
    strangers = Strangers(wiring, replies)
    return _application(_probes(wiring, strangers), wiring, strangers, replies, metrics or Metrics())


def create_inner(wiring: Deps, metrics: Metrics) -> ASGIApp:
    """Return the ASGI application of the inner listener: the probes with details, and what `metrics` measured."""
    replies = Replies(wiring.error_status)
    strangers = Strangers(wiring, replies)
    routes = [
        *_probes(wiring, strangers, details=True),
        Route("/metrics", _ReadOnly(Exposition(wiring, metrics), strangers)),
    ]
    return _application(routes, wiring, strangers, replies, metrics)


def _probes(wiring: Deps, strangers: Strangers, *, details: bool = False) -> list[Route]:
    return [
        Route("/healthz", _ReadOnly(Health(), strangers)),
        Route("/readyz", _ReadOnly(Readiness(wiring, details=details), strangers)),
    ]


def _application(
    routes: Sequence[Route],
    wiring: Deps,
    strangers: Strangers,
    replies: Replies,
    metrics: Metrics,
    monotonic: Callable[[], float] = time.monotonic,
    v2: V2 | None = None,
    dashboard: Dashboard | None = None,
) -> Middleware:
    # What no route of these answers is looked for in /v2 and the dashboard: nothing before it becomes slower by it.
    router = Router(routes, redirect_slashes=False, default=_Others(v2, dashboard, _NotFound(strangers)))
    return Middleware(router, wiring, strangers, replies, metrics, AccessLog(monotonic), v2)


class _Others:
    """Passes what is of `/v2` or the dashboard on, and the rest to whoever answers that there is nothing.

    An ASGI application.
    """

    def __init__(self, v2: V2 | None, dashboard: Dashboard | None, missing: ASGIApp) -> None:
        self._v2 = v2
        self._dashboard = dashboard
        self._missing = missing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._missing
        if self._v2 is not None and is_of_v2(scope["path"]):
            app = self._v2
        elif self._dashboard is not None and self._dashboard.serves(scope):
            app = self._dashboard
        await app(scope, receive, send)


class _ReadOnly:
    """Passes GET and HEAD on, and refuses other methods. An ASGI application."""

    def __init__(self, app: ASGIApp, strangers: Strangers) -> None:
        self._app = app
        self._strangers = strangers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        reply = self._strangers.refuse(scope, Outcome.METHOD_NOT_ALLOWED, headers=[(b"allow", b"GET, HEAD")])
        await reply(scope, receive, send)


class _NotFound:
    """Answers what no route does. An ASGI application."""

    def __init__(self, strangers: Strangers) -> None:
        self._strangers = strangers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._strangers.refuse(scope, Outcome.NOT_FOUND)(scope, receive, send)
