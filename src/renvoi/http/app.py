"""Puts the HTTP layer together."""

import logging
import time
from collections.abc import Callable, Sequence

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from renvoi.domain.outcome import Outcome
from renvoi.http.dashboard.app import Dashboard
from renvoi.http.deps import Deps
from renvoi.http.limits import RefusalLimit
from renvoi.http.metrics import Metrics
from renvoi.http.middleware import AccessLog, Middleware
from renvoi.http.probes import Exposition, Health, Readiness
from renvoi.http.responses import Replies
from renvoi.http.v1.numbers import CallForward, Numbers
from renvoi.http.v1.operation import Admission, Endpoint
from renvoi.http.v2.app import V2, is_of_v2
from renvoi.http.v2.deps import V2Deps


def create_app(
    deps: Deps, metrics: Metrics | None = None, monotonic: Callable[[], float] = time.monotonic
) -> Middleware:
    """Return the ASGI application of the public listener: the API, the dashboard and the bare probes.

    Pass `metrics` when somebody else measures too (`Metrics.observe_batch`). `monotonic` tells seconds for the limits.
    """
    # What it warns of are bodies that clients wrote badly; they are answered, and their contents belong in no log.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    metrics = metrics or Metrics()
    replies = Replies(deps.error_status)
    admission = Admission(deps, monotonic)
    refusals = RefusalLimit(deps, replies, monotonic)
    numbers = Numbers(deps)
    routes = [
        # The core endpoint comes first: routes are tried in order.
        Route("/v1/vn/callforward", Endpoint(deps, admission, refusals, replies, CallForward(deps, metrics).calls())),
        Route("/v1/vn/list", Endpoint(deps, admission, refusals, replies, numbers.list_calls())),
        Route("/v1/vn/name", Endpoint(deps, admission, refusals, replies, numbers.name_calls())),
        *_probes(deps, refusals),
    ]
    v2_deps = V2Deps(deps, admission, refusals, metrics)
    return _application(routes, deps, refusals, replies, metrics, monotonic, V2(v2_deps), Dashboard(v2_deps))


def create_probes(deps: Deps, metrics: Metrics | None = None) -> Middleware:
    """Return the ASGI application of a public listener without the API: the bare probes, which every node is asked."""
    replies = Replies(deps.error_status)
    refusals = RefusalLimit(deps, replies)
    return _application(_probes(deps, refusals), deps, refusals, replies, metrics or Metrics())


def create_inner(deps: Deps, metrics: Metrics) -> ASGIApp:
    """Return the ASGI application of the inner listener: the probes with details, and what `metrics` measured."""
    replies = Replies(deps.error_status)
    refusals = RefusalLimit(deps, replies)
    routes = [
        *_probes(deps, refusals, details=True),
        Route("/metrics", _ReadOnly(Exposition(deps, metrics), refusals)),
    ]
    return _application(routes, deps, refusals, replies, metrics)


def _probes(deps: Deps, refusals: RefusalLimit, *, details: bool = False) -> list[Route]:
    return [
        Route("/healthz", _ReadOnly(Health(), refusals)),
        Route("/readyz", _ReadOnly(Readiness(deps, details=details), refusals)),
    ]


def _application(
    routes: Sequence[Route],
    deps: Deps,
    refusals: RefusalLimit,
    replies: Replies,
    metrics: Metrics,
    monotonic: Callable[[], float] = time.monotonic,
    v2: V2 | None = None,
    dashboard: Dashboard | None = None,
) -> Middleware:
    # What no route of these answers is looked for in /v2 and the dashboard: nothing before it becomes slower by it.
    router = Router(routes, redirect_slashes=False, default=_Others(v2, dashboard, _NotFound(refusals)))
    return Middleware(router, deps, refusals, replies, metrics, AccessLog(monotonic), v2)


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

    def __init__(self, app: ASGIApp, refusals: RefusalLimit) -> None:
        self._app = app
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        reply = self._refusals.refuse(scope, Outcome.METHOD_NOT_ALLOWED, headers=[(b"allow", b"GET, HEAD")])
        await reply(scope, receive, send)


class _NotFound:
    """Answers what no route does. An ASGI application."""

    def __init__(self, refusals: RefusalLimit) -> None:
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._refusals.refuse(scope, Outcome.NOT_FOUND)(scope, receive, send)
