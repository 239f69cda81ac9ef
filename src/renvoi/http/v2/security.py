"""Who may do what in `/v2`: keys as bearer tokens (RFC 6750 §2.1), and the scope that each operation needs."""

import re
from collections.abc import Callable
from typing import Any

from fastapi import Depends
from starlette.requests import Request

from renvoi.application.auth import authenticate
from renvoi.domain.access.api_key import EVERY_ACCOUNT, ApiKey, Principal
from renvoi.domain.ids import IdKind, parsed_number
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.request_context import RequestContext
from renvoi.http.v2.deps import V2Deps

OPERATOR = "operator"
"""The scope of what operators do for all accounts."""
PRINCIPAL_KEY = "renvoi.principal"
"""In the scope of a request that was let in: who asks."""
_BEARER = re.compile(rb"bearer +([!-~]{1,1000}) *", re.IGNORECASE)


class Needs:
    """The scope that an operation needs; as a dependency it gives the principal, who has it."""

    def __init__(self, scope: str) -> None:
        self.scope = scope

    async def __call__(self, request: Request) -> Principal:
        principal = request.scope[PRINCIPAL_KEY]
        assert isinstance(principal, Principal)
        return principal


def requires(scope: str) -> Any:
    """Declare that an operation needs `scope`.

    In a handler: `who: Annotated[Principal, requires("numbers:read")]`.
    """
    return Depends(Needs(scope))


async def admit(deps: V2Deps, scope: str, context: RequestContext, account: str | None) -> Principal:
    """Return who asks, whose key has `scope`; it has a place among its account's requests until it leaves.

    `account` is the id of an account as the query names it: an operator acts for that one.

    Raises:
        Problem: no key, a key that is not good or lacks the scope, or too many requests.
        StoreUnavailable: the store does not answer.
    """
    given = context.headers.get(b"authorization")
    if given is None:
        raise Problem(ProblemCode.KEY_REQUIRED)
    found = _BEARER.fullmatch(given)
    principal = None
    if found is not None:
        text = found[1].decode()
        principal = await authenticate(deps.store, deps.clock, text, context.client, deps.shared.key_uses)
    if principal is None:
        raise Problem(ProblemCode.KEY_INCORRECT)
    context.account_id, context.key_id = principal.account_id, principal.key_id
    wait_s = deps.admission.enter(principal)
    if wait_s:
        raise Problem(ProblemCode.TOO_MANY_REQUESTS, headers={"Retry-After": str(wait_s)})
    if not principal.may(scope):
        deps.admission.leave(principal)
        context.reason = f"the key lacks the scope {scope}"
        raise Problem(ProblemCode.SCOPE_MISSING, headers={"X-Accepted-Scopes": scope}, scope=scope)
    if account is None:
        return principal
    try:
        return await _for_account(deps, principal, account)
    except BaseException:
        deps.admission.leave(principal)
        raise


async def _for_account(deps: V2Deps, principal: Principal, text: str) -> Principal:
    account_id = parsed_number(IdKind.ACCOUNT, text)
    if account_id == EVERY_ACCOUNT:
        # An operator's own id is nobody's: who names it does not mean all accounts.
        raise Problem(ProblemCode.ACCOUNT_UNKNOWN)
    if account_id is not None and account_id == principal.account_id:
        return principal
    found = None
    if account_id is not None and principal.is_operator:
        found = await deps.store.read(lambda reader: reader.account(str(account_id)))
    if found is None or found.id != account_id or found.closed_at_ms is not None:
        raise Problem(ProblemCode.ACCOUNT_UNKNOWN)
    return principal.acting_for(found.id, found.region)


def bearer_of(context: RequestContext) -> str | None:
    """Return the key, as a text, that a request came with."""
    found = _BEARER.fullmatch(context.headers.get(b"authorization", b""))
    return None if found is None else found[1].decode()


def secret_given(context: RequestContext) -> str | None:
    """Return the secret part of the key that a request came with."""
    found = _BEARER.fullmatch(context.headers.get(b"authorization", b""))
    key = ApiKey.parse(found[1].decode()) if found is not None else None
    return None if key is None else key.secret


def scope_of(calls: list[Callable[..., Any] | None]) -> str | None:
    """Return the scope that one of an operation's dependencies names; None for an open operation."""
    found = [call.scope for call in calls if isinstance(call, Needs)]
    assert len(found) <= 1, f"an operation needs one scope, not {found}"
    return found[0] if found else None
