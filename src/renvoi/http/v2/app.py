"""Puts `/v2` together: its resources, its description, and the pages for people."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from renvoi import __version__
from renvoi.domain.outcome import Outcome
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.request_context import context_of
from renvoi.http.responses import Header, Reply
from renvoi.http.v2 import (
    account,
    calls,
    docs_page,
    event_models,
    events,
    explain,
    forwarding,
    forwarding_batch,
    forwarding_history,
    greetings,
    keys,
    message_audio,
    messages,
    numbers,
    problem_pages,
    problems,
    webhook_changes,
    webhook_deliveries,
    webhooks,
)
from renvoi.http.v2.admin import accounts, changes, node, policies, rates, removals, trunks
from renvoi.http.v2.admin import numbers as admin_numbers
from renvoi.http.v2.deps import HEAD_KEY, V2Deps
from renvoi.http.v2.openapi import describe
from renvoi.http.v2.route import V2Route

RESOURCES: Sequence[Callable[[V2Deps], APIRouter]] = (
    numbers.routes,
    forwarding.routes,
    explain.routes,
    forwarding_history.routes,
    forwarding_batch.routes,
    greetings.routes,
    messages.routes,
    message_audio.routes,
    calls.routes,
    account.routes,
    keys.routes,
    webhooks.routes,
    webhook_deliveries.routes,
    webhook_changes.routes,
    events.routes,
    accounts.routes,
    policies.routes,
    admin_numbers.routes,
    removals.routes,
    changes.routes,
    rates.routes,
    trunks.routes,
    node.routes,
)
"""The modules of resources, in the order of the description: a new one is listed here."""
PAGES: Sequence[Callable[[V2Deps], APIRouter]] = (docs_page.routes, problem_pages.routes)
_ROOTS = ("/v2", "/docs", "/problems", "/openapi.json")
_NO_TELEMETRY: TelemetryConfig = {"auto_configure": False, "tracing": False, "metrics": False, "logs": False}
"""What FastAPI would send to a collector that the environment names: nothing leaves this machine unasked."""


def is_of_v2(path: str) -> bool:
    """Tell whether a request for `path` is answered here."""
    return path.startswith(_ROOTS) and any(path == root or path.startswith(root + "/") for root in _ROOTS)


class _Api(FastAPI):
    """FastAPI without its outer layers: what fails is answered, logged and counted by `http.middleware` alone."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return what a request passes on its way to its route."""
        return ExceptionMiddleware(AsyncExitStackMiddleware(self.find), handlers=self.exception_handlers)

    @cached_property
    def _by_noun(self) -> Mapping[str, Sequence[Route]]:
        found: dict[str, list[Route]] = {}
        for route in self.router.routes:
            assert isinstance(route, Route), "each is a path with methods"
            found.setdefault(_noun(route.path), []).append(route)
        return found

    def routes_for(self, path: str) -> Sequence[Route]:
        """Return the routes that `path` may be of: those of its noun, so that no request is tried on all."""
        return self._by_noun.get(_noun(path), ())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; one that needs nothing of FastAPI's layers does not pass them."""
        if scope["type"] == "http":
            for route in self.routes_for(scope["path"]):
                if scope["method"] not in (route.methods or ()):
                    continue
                match, found = route.matches(scope)
                if match is Match.FULL:
                    if isinstance(route, V2Route) and route.is_direct(scope):
                        scope.update(found, app=self)
                        await route.handle(scope, receive, send)
                        return
                    break
        await super().__call__(scope, receive, send)

    async def find(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the route of the request answer it."""
        partial = None
        for route in self.routes_for(scope["path"]):
            match, found = route.matches(scope)
            if match is Match.FULL:
                scope.update(found)
                await route.handle(scope, receive, send)
                return
            partial = partial or (route if match is Match.PARTIAL else None)
        raise HTTPException(404 if partial is None else 405)


def _noun(path: str) -> str:
    """Return what a path is about: `numbers` for `/v2/numbers/{number}`."""
    parts = path.split("/", 3)
    return parts[2] if len(parts) > 2 and parts[1] == "v2" else parts[1]


class V2:
    """`/v2`, its description and its pages. An ASGI application."""

    def __init__(self, deps: V2Deps) -> None:
        self._deps = deps

    def prepare(self) -> None:
        """Make the operations now, which otherwise the first request waits for."""
        assert self.fastapi

    @cached_property
    def fastapi(self) -> _Api:
        """The application behind what is done here."""
        made = _Api(
            title="renvoi",
            version=__version__,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            telemetry=_NO_TELEMETRY,
            exception_handlers={HTTPException: self._on_http},
        )
        made.state.deps = self._deps
        for make in RESOURCES:
            # Not `include_router`, which would look for each request's route twice.
            made.router.routes.extend(make(self._deps).routes)
        made.state.describe = self.describe
        for make in PAGES:
            made.router.routes.extend(make(self._deps).routes)
        return made

    def describe(self) -> dict[str, Any]:
        """Return the description of all operations (OpenAPI 3.1)."""
        return describe(self.operations(), self._deps, event_models.webhook_routes())

    def operations(self) -> list[V2Route]:
        """Return the operations of all resources."""
        return [route for route in self.fastapi.router.routes if isinstance(route, V2Route)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        if method == "HEAD":
            # RFC 9110 §9.3.2: GET without the content.
            await self.fastapi({**scope, "method": "GET", HEAD_KEY: True}, receive, _without_content(send))
            return
        if method == "OPTIONS":
            allowed = sorted(self._methods(scope))
            if allowed:
                await Response(None, 204, {"Allow": ", ".join(allowed)})(scope, receive, send)
                return
        await self.fastapi(scope, receive, send)

    def _methods(self, scope: Scope) -> set[str]:
        """Return the methods of the path that a request is for; none when there is no such path."""
        found = set(self._matching(scope))
        if "GET" in found:
            found.add("HEAD")
        return found | {"OPTIONS"} if found else set()

    def _matching(self, scope: Scope) -> Iterator[str]:
        for route in self.fastapi.routes_for(scope["path"]):
            match, _ = route.matches(scope)
            if match is not Match.NONE:
                yield from route.methods or ()

    async def _on_http(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        problem = problems.problem_of_http(error, self._methods(request.scope))
        if problem.code in (ProblemCode.NOT_FOUND, ProblemCode.METHOD_NOT_ALLOWED):
            problem = problems.judged(self._deps.refusals, context_of(request.scope), problem)
        return problems.answer_of(problem, request.scope, self._deps.shared)

    def refusal(self, outcome: Outcome, scope: Scope, headers: Sequence[Header]) -> Reply:
        """Return the answer to a request that is refused before it gets here, with `outcome` of `/v1`."""
        named = {name.decode().title(): value.decode() for name, value in headers}
        problem = Problem(problems.problem_of(outcome), headers=named, most="", allowed="application/json")
        return problems.reply(problem, scope, self._deps.shared)


def _without_content(send: Send) -> Send:
    async def head_only(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)}
        await send(message)

    return head_only
