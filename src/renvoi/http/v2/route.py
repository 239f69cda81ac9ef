"""One operation of `/v2`: how it is declared, and what happens to each request around its handler."""

import asyncio
import functools
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import structlog
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Query
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from renvoi.application.ports.errors import StoreRefused, StoreUnavailable
from renvoi.application.unreadable_rows import problem_of
from renvoi.domain.access.api_key import Principal
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.outcome import Outcome
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.http.request_context import RequestContext, context_of
from renvoi.http.responses import RequestRefused
from renvoi.http.v2 import idempotency, problems, security
from renvoi.http.v2.body import JSON_TYPES, LARGE, BodyRead, check_query, read
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.direct import direct_of
from renvoi.http.v2.etags import if_match, is_known

LARGE_AT_ONCE = 8
"""Requests of one operation whose body may be larger than usual, at the same time; further ones wait."""
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_EXTRA = "x-renvoi"
"""In a route's `openapi_extra`: its `Operation`, which `openapi.py` makes the document of."""
_log = structlog.get_logger("renvoi.http")
_unknown: ContextVar[Sequence[FieldError]] = ContextVar("unknown", default=())


@dataclass(frozen=True, slots=True)
class Example:
    """A request that a test sends, and what it is answered; the path has its parameters filled in.

    `answer` is the body that the document shows, where it is JSON; `given` names the state that the test makes first
    (`tests/support/v2_examples.py`).
    """

    path: str
    body: Any = None
    answer: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    given: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """What is declared of an operation besides its handler.

    `errors` are the problems of its own, besides those that any operation may have. `accepts` are the content types of
    a body that the handler reads itself (`await request.body()`), `json_types` those of JSON besides
    `application/json`, `body_bytes` its largest size where that is not the usual one. `secret` tells that its answers
    show a secret: what is remembered of them is sealed. `by_account` is for operations that need the scope `operator`:
    `?account=` limits those to one account. The others name in path or body what they act on, and do not know it.
    `versioned` tells whether what is answered has an `ETag`; None: it has one unless it is a page of a list, or of
    something that is gone. `faults` tells what is wrong with a body that the handler checks, for requests that do not
    come so far.
    """

    examples: Sequence[Example] = ()
    errors: Sequence[ProblemCode] = ()
    accepts: Sequence[str] = ()
    body_bytes: int | None = None
    secret: bool = False
    json_types: Sequence[str] = ()
    by_account: bool = False
    versioned: bool | None = None
    faults: Callable[[Any], Sequence[FieldError]] | None = None


def operation(
    name: str,
    summary: str,
    *,
    example: Example | Sequence[Example],
    errors: Sequence[ProblemCode] = (),
    accepts: Sequence[str] = (),
    body_bytes: int | None = None,
    secret: bool = False,
    json_types: Sequence[str] = (),
    by_account: bool = False,
    versioned: bool | None = None,
    faults: Callable[[Any], Sequence[FieldError]] | None = None,
    description: str = "",
) -> dict[str, Any]:
    """Declare an operation, for the decorator of a router: `@router.get(PATH, **operation("numbers.list", …))`.

    `name` is its `operationId`, a noun and a verb; `summary` says in a few words what it does, `description` what else
    a caller should know.
    """
    examples = (example,) if isinstance(example, Example) else tuple(example)
    declared = Operation(examples, errors, accepts, body_bytes, secret, json_types, by_account, versioned, faults)
    return {
        "operation_id": name,
        "summary": summary,
        "description": description,
        "openapi_extra": {_EXTRA: declared},
    }


class V2Route(APIRoute):
    """A route whose requests are let in, read and checked before the handler, and answered in `/v2`'s form."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **keywords: Any) -> None:
        super().__init__(path, _guarded(endpoint), **keywords)

    @property
    def declared(self) -> Operation:
        found = (self.openapi_extra or {}).get(_EXTRA)
        assert isinstance(found, Operation), f"{self.path}: declare it with operation(…)"
        return found

    @property
    def name_of_operation(self) -> str:
        assert self.operation_id is not None
        return self.operation_id

    @property
    def scope_needed(self) -> str | None:
        """The scope that the operation needs; None where it is open to everybody."""
        return security.scope_of([each.call for each in self.dependant.dependencies])

    @property
    def takes_account(self) -> bool:
        """Tell whether an operator's key names with `?account=` the account that it acts for."""
        scope = self.scope_needed
        return scope is not None and (scope != security.OPERATOR or self.declared.by_account)

    @property
    def takes_if_match(self) -> bool:
        """Tell whether its handler compares the present version with `If-Match`."""
        return any(each.call is if_match for each in self.dependant.dependencies)

    @property
    def types(self) -> Sequence[str]:
        """The content types that its body may have."""
        of_json = (*JSON_TYPES, *self.declared.json_types) if self.body_field is not None else ()
        return self.declared.accepts or of_json

    @property
    def query_names(self) -> Mapping[str, bool]:
        """The parameters that its query may have, and whether each may be given more than once."""
        found = get_flat_params(self.dependant)
        return {
            each.alias: _is_list(each.field_info.annotation) for each in found if isinstance(each.field_info, Query)
        }

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        self._around = _Around(self, handle)
        return self._around.answer

    def is_direct(self, scope: Scope) -> bool:
        """Tell whether a request of this route needs nothing of what FastAPI puts around its own handlers."""
        return self._around.is_direct(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if not self.is_direct(scope):
            await super().handle(scope, receive, send)
            return
        response = await self._around.answer(Request(scope, receive, send))
        await response(scope, receive, send)


def _guarded(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Keep a request away from the handler whose query has unknown names, once all else of it has been checked."""

    @functools.wraps(endpoint)
    async def handler(*args: Any, **keywords: Any) -> Any:
        unknown = _unknown.get()
        if unknown:
            raise invalid(*unknown)
        return await endpoint(*args, **keywords)

    return handler


class _Around:
    """What happens to a request before and after the handler of its route."""

    def __init__(self, route: V2Route, handle: Callable[[Request], Coroutine[Any, Any, Response]]) -> None:
        self._declared = route.declared
        self._name = route.name_of_operation
        self._scope = route.scope_needed
        self._types = route.types
        self._writes = not WRITES.isdisjoint(route.methods or ())
        self._takes_if_match = route.takes_if_match
        self._handle = handle
        self._direct = direct_of(route)
        self._methods = route.methods or ()
        # Large bodies are in memory until they are answered.
        large = route.declared.body_bytes is not None
        self._turn = asyncio.Semaphore(LARGE_AT_ONCE) if large else nullcontext()
        names = route.query_names
        self._takes_account = route.takes_account
        self._known = frozenset(names) | ({"account"} if self._takes_account else set())
        self._lists = frozenset(name for name, is_list in names.items() if is_list)

    def is_direct(self, scope: Scope) -> bool:
        """Tell whether a request of the right method needs no more than its handler."""
        return self._direct is not None and not scope["query_string"] and scope["method"] in self._methods

    async def answer(self, request: Request) -> Response:
        deps = request.app.state.deps
        assert isinstance(deps, V2Deps)
        context = context_of(request.scope)
        context.call = self._name
        who: Principal | None = None
        try:
            if self._scope is not None:
                is_named = self._takes_account and request.scope["query_string"]
                account = request.query_params.get("account") if is_named else None
                who = await security.admit(deps, self._scope, context, account)
                request.scope[security.PRINCIPAL_KEY] = who
            async with self._turn:
                response = await self._run(deps, request, context, who)
        except Problem as problem:
            response = self._refuse(deps, request, context, problem)
        except StoreUnavailable as error:
            _log.warning("store unavailable", error=str(error))
            response = self._refuse(deps, request, context, problem_of(error))
        finally:
            if who is not None:
                deps.admission.leave(who)
        if context.key_id is not None:
            response.headers.update(deps.admission.quota(context.key_id))
        return response

    def _refuse(self, deps: V2Deps, request: Request, context: RequestContext, problem: Problem) -> Response:
        if context.account_id is None and self._scope is not None:
            problem = problems.judged(deps.refusals, context, problem)
        return problems.answer_of(problem, request.scope, deps.shared)

    async def _run(self, deps: V2Deps, request: Request, context: RequestContext, who: Principal | None) -> Response:
        unknown = check_query(request, self._known, self._lists)
        content, value = b"", None
        if self._writes:
            if not self._takes_if_match and b"if-match" in context.headers:
                # A condition that nobody looks at must not seem to hold.
                unknown = [*unknown, FieldError("If-Match:", FieldCode.UNKNOWN_FIELD)]
            content, value = await read(request, deps.shared.limits, self._types, self._declared.body_bytes)
            unknown = [*unknown, *self._faults(value)] if unknown else unknown
        checked = BodyRead(request.scope, request.receive, content, value)
        if who is None or not self._writes:
            response = await self._handled(deps, checked, unknown, value)
            context.outcome = context.outcome or Outcome.OK
            return _not_modified(context, response)
        writing = await self._begin(deps, request, context, who, content, value)
        if isinstance(writing, Response):
            context.outcome = Outcome.OK
            return writing
        request.scope[idempotency.ONCE_KEY] = writing
        try:
            response = await self._handled(deps, checked, unknown, value)
        except Exception:
            await writing.abandon()
            raise
        context.outcome = context.outcome or Outcome.OK
        await writing.settle(response)
        return response

    async def _begin(
        self, deps: V2Deps, request: Request, context: RequestContext, who: Principal, content: bytes, value: Any
    ) -> idempotency.IdempotentWrite | Response:
        key = idempotency.key_given(context)
        if key is None:
            return idempotency.IdempotentWrite(deps.store, who.account_id)
        key = who.idempotency_key(key)
        digest = await _hash(request, content, value)
        secret = security.secret_given(context) if self._declared.secret else None
        return await idempotency.make_once(deps, who, key, digest, secret)

    async def _handled(
        self, deps: V2Deps, request: Request, unknown: Sequence[FieldError], value: Any = None
    ) -> Response:
        """Run the handler; a problem that it raises is its answer, so that it can be remembered like any other."""
        token = _unknown.set(unknown)
        try:
            if self._direct is not None and not request.scope["query_string"]:
                response = await self._direct.answer(request, value)
            else:
                response = await self._handle(request)
        except RequestValidationError as error:
            problem = problems.problem_of_validation(error, unknown or self._faults(value))
        except Problem as raised:
            problem = raised
        except RequestRefused as refused:
            problem = problems.problem_of_refusal(refused)
        except StoreRefused as error:
            _log.info("the store refused a request's content", error=str(error))
            problem = invalid(FieldError("", FieldCode.BAD_CHARACTER))
        except StoreUnavailable as error:
            _log.warning("store unavailable", error=str(error))
            problem = problem_of(error)
        except HTTPException as error:
            problem = problems.problem_of_http(error, ())
        else:
            if "cache-control" not in response.headers:
                response.headers["Cache-Control"] = "private, no-cache" if "etag" in response.headers else "no-store"
            return response
        finally:
            _unknown.reset(token)
        return problems.answer_of(problem, request.scope, deps.shared)

    def _faults(self, value: Any) -> Sequence[FieldError]:
        """Return what is wrong with a body that the handler would check, which is not called."""
        check = self._declared.faults
        return () if check is None or value is None else check(value)


async def _hash(request: Request, content: bytes, value: Any) -> bytes:
    if len(content) <= LARGE:
        return idempotency.request_hash(request, content, value)
    return await asyncio.to_thread(idempotency.request_hash, request, content, value)


def _not_modified(context: RequestContext, response: Response) -> Response:
    tag = response.headers.get("etag")
    if tag is None or response.status_code != 200 or not is_known(context.headers, tag):
        return response
    kept = {name: response.headers[name] for name in ("etag", "cache-control", "vary") if name in response.headers}
    return Response(None, 304, kept)


def _is_list(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", annotation) in (list, tuple, set, frozenset)
