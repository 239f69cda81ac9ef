"""What all calls of the `/v1/vn` family share: reading the request, the key, the limits, and the envelope."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog
from starlette.types import Receive, Scope, Send

from renvoi.application.auth import authenticate
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.domain.access.api_key import Principal
from renvoi.domain.access.session import LOCAL_OPERATOR
from renvoi.domain.outcome import Outcome
from renvoi.domain.text import is_blank
from renvoi.http.body_parsing import Fields, read_body_fields, read_query, text_of
from renvoi.http.deps import Deps
from renvoi.http.limits import RefusalLimit, RequestShares, TokenBuckets
from renvoi.http.request_context import RequestContext, context_of
from renvoi.http.responses import Format, Header, Replies, Reply, RequestRefused, Value, language_named, negotiate

RETRY_AFTER_S = 1
"""When a client may try again after 104: a store that comes back does so within seconds."""

_log = structlog.get_logger("renvoi.http")


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request whose key was good: who asks, and the fields of its body (or query string, for GET)."""

    principal: Principal
    fields: Fields
    headers: Mapping[bytes, bytes]

    def text(self, name: str) -> str:
        """Return a field as text; empty when it is missing."""
        return text_of(self.fields.get(name))


@dataclass(frozen=True, slots=True)
class OperationResult:
    """What a call came to: its outcome, the rule's revision if it changed, and fields beside the three of all."""

    outcome: Outcome
    revision: int | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of the API: its name in metrics and logs, the scope that a key needs for it, and what it does."""

    name: str
    scope: str
    handle: Callable[[ApiRequest], Awaitable[OperationResult]]


class Admission:
    """Lets requests in whose key is good and has the scope (`docs/api.md §1`, code 10), within rates (code 103)."""

    def __init__(self, deps: Deps, monotonic: Callable[[], float] = time.monotonic) -> None:
        limits = deps.limits
        rate = limits.requests_per_key_per_s
        self._store = deps.store
        self._clock = deps.clock
        self._uses = deps.key_uses
        self._places = RequestShares(limits.requests_in_flight)
        self._per_key = TokenBuckets(rate, 2 * rate, limits.buckets, monotonic)

    async def admit(self, api_key: object, scope: str, context: RequestContext) -> Principal:
        """Return who asks, whose key has `scope`; it has a place among its account's requests until it leaves.

        Raises:
            RequestRefused: no key, a key that is not good or lacks the scope, or too many requests.
            StoreUnavailable: the store does not answer.
        """
        if api_key is None or (isinstance(api_key, str) and is_blank(api_key)):
            raise RequestRefused(Outcome.KEY_REQUIRED)
        principal = None
        if isinstance(api_key, str):
            principal = await authenticate(self._store, self._clock, api_key, context.client, self._uses)
        if principal is None:
            raise RequestRefused(Outcome.KEY_INCORRECT)
        assert principal.key_id is not None
        context.account_id, context.key_id = principal.account_id, principal.key_id
        wait_s = self._per_key.take(principal.key_id)
        # An operator's key names no account, and no call of this family can.
        if principal.is_operator or not principal.may(scope):
            _log.info("key lacks the scope", scope=scope, key=principal.key_id)
            raise RequestRefused(Outcome.KEY_INCORRECT)
        if wait_s:
            raise RequestRefused(Outcome.TOO_MANY_REQUESTS, retry_after_s=wait_s)
        if not self._places.take(_share_of(principal)):
            raise RequestRefused(Outcome.TOO_MANY_REQUESTS, retry_after_s=RETRY_AFTER_S)
        return principal

    def enter(self, principal: Principal) -> int:
        """Count a request of a good key or session: return 0, and it has a place until it leaves; or the wait, in s."""
        wait_s = self._per_key.take(principal.key_id or LOCAL_OPERATOR)
        if not wait_s and not self._places.take(_share_of(principal)):
            wait_s = RETRY_AFTER_S
        return wait_s

    def quota(self, key_id: str) -> Mapping[str, str]:
        """Return what a key has left (draft-ietf-httpapi-ratelimit-headers §3, §4); nothing where it has no limit."""
        quota = self._per_key.quota(key_id)
        if quota is None:
            return {}
        burst, window_s, left, until_full_s = quota
        return {
            "RateLimit-Policy": f'"key";q={burst};w={window_s}',
            "RateLimit": f'"key";r={left};t={until_full_s}',
        }

    def leave(self, principal: Principal) -> None:
        """Give the place back that an admitted request had among those of its account."""
        self._places.give_back(_share_of(principal))


def _share_of(principal: Principal) -> str:
    """Return whose requests share places: those of an account; an operator's key acts for one account after another."""
    return str((principal.key_id or LOCAL_OPERATOR) if principal.is_operator else principal.account_id)


class Endpoint:
    """One path of the API and its calls, by HTTP method. An ASGI application."""

    def __init__(
        self, deps: Deps, admission: Admission, refusals: RefusalLimit, replies: Replies, calls: Mapping[str, Operation]
    ) -> None:
        self._deps = deps
        self._admission = admission
        self._refusals = refusals
        self._replies = replies
        # RFC 9110 §9.3.2: HEAD is GET without the content, which the server leaves out.
        self._calls = dict(calls) | ({"HEAD": calls["GET"]} if "GET" in calls else {})
        self._allow = (b"allow", ", ".join(sorted(self._calls)).encode())
        self._store_is_away = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = await self._answer(scope, receive)
        await reply(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Reply:
        context = context_of(scope)
        query: Mapping[str, str] = {}
        fields: Fields = {}
        headers: list[Header] = []
        try:
            query = fields = read_query(scope["query_string"])
            call = self._calls.get(scope["method"])
            if call is None:
                headers.append(self._allow)
                raise RequestRefused(Outcome.METHOD_NOT_ALLOWED)
            context.call = call.name
            if scope["method"] == "POST":
                fields = {**query, **await read_body_fields(context.headers, receive, self._deps.limits)}
            principal = await self._admission.admit(fields.get("apiKey"), call.scope, context)
            try:
                result = await call.handle(ApiRequest(principal, fields, context.headers))
            finally:
                self._admission.leave(principal)
        except RequestRefused as refused:
            outcome = refused.outcome
            context.reason = refused.reason
            added: list[Header] = []
            if context.account_id is None:
                outcome, added = self._refusals.judge(context, outcome)
            headers += added or _refusal_headers(refused)
            result = OperationResult(outcome)
        except StoreUnavailable as error:
            if not self._store_is_away:
                # Once: the access log has each request that it meets.
                _log.warning("store unavailable", error=str(error))
            self._store_is_away = True
            result = OperationResult(Outcome.UNAVAILABLE)
            headers.append((b"retry-after", b"%d" % RETRY_AFTER_S))
        else:
            self._store_is_away = False
        context.outcome = result.outcome
        if result.revision is not None:
            headers.append((b"x-rule-revision", b"%d" % result.revision))
        return self._replies.of(
            result.outcome,
            self._language(query, fields, context),
            _format(fields),
            fields=result.fields,
            headers=headers,
        )

    def _language(self, query: Mapping[str, str], fields: Fields, context: RequestContext) -> str:
        for wanted in (fields.get("lang"), query.get("lang")):
            named = language_named(wanted) if isinstance(wanted, str) else None
            if named is not None:
                return named
        accepted = context.headers.get(b"accept-language")
        if accepted is None:
            return self._deps.language
        return negotiate(accepted.decode("latin-1"), self._deps.language)


def _format(fields: Fields) -> Format:
    wanted = fields.get("_format")
    return "xml" if isinstance(wanted, str) and wanted.lower() == "xml" else "json"


def _refusal_headers(refused: RequestRefused) -> list[Header]:
    headers: list[Header] = []
    if refused.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % refused.retry_after_s))
    if refused.close:
        # What is left of the body is not read, so the connection is of no further use.
        headers.append((b"connection", b"close"))
    return headers
