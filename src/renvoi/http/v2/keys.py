"""`/v2/keys`: API keys, their limits and their secrets."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from renvoi.application import keys
from renvoi.application.keys import KeyView, KeyWish, NewSecret
from renvoi.domain.access.api_key import KeyRecord, Principal, is_operator_id
from renvoi.domain.access.rights import EVERYTHING
from renvoi.domain.ids import IdKind, written
from renvoi.domain.problem import ProblemCode
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.etags import IfMatch, Matching
from renvoi.http.v2.idempotency import Idempotent
from renvoi.http.v2.key_models import (
    KeyChangeOut,
    KeyOut,
    KeyPatch,
    KeyPath,
    KeyRequest,
    KeyRotation,
    NewKey,
    change_out,
    key_id_of,
    key_out,
    key_tag,
    new_key_out,
    read_wish,
)
from renvoi.http.v2.models import answer, given, no_content
from renvoi.http.v2.pages import Page, Paged, page
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import requires

_LIMITS: dict[str, Any] = {
    "label": "website",
    "scopes": ["keys:write"],
    "numbers": ["+33199001234"],
    "expires_at": "2036-01-31T09:30:00.000Z",
    "revoked_at": None,
    "revision": 0,
}
_SHOWN: dict[str, Any] = {
    **_LIMITS,
    "id": "key_0d0d0d0d0d0d",
    "account": "acc_1",
    "created_at": "2026-01-01T00:00:00.000Z",
    "made_by": "key_0a0a0a0a0a0a",
    "last_used_at": None,
    "previous_secret_until": None,
}
_SECRET = "rv_0d0d0d0d0d0d_AOpfwTn3Xcv3nYHKgW6dQ0q1h5bR7yUjLzM9sEiVbNk"  # noqa: S105 - an example
_PLAIN: dict[str, Any] = {
    "label": "",
    "scopes": ["keys:write"],
    "numbers": None,
    "expires_at": None,
    "made_by": None,
    "created_at": "1970-01-01T00:00:00.000Z",
}


def _checking(matching: IfMatch) -> Callable[[KeyRecord], None]:
    def check(record: KeyRecord) -> None:
        matching.check(key_tag(record))

    return check


def _render(view: KeyView) -> Response:
    return answer(key_out(view), etag=key_tag(view.record))


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of keys."""
    router = APIRouter(route_class=V2Route, tags=["keys"])

    @router.get(
        "/v2/keys",
        **operation(
            "keys.list",
            "List keys",
            description="By the time when they were made, revoked ones included; with `operator=true` those of "
            "operators, for an operator's key with the scope `operator`. A key that is limited to numbers is shown the "
            "keys that are limited to some of these.",
            example=Example(
                "/v2/keys?limit=1",
                answer={
                    "data": [{**_SHOWN, **_PLAIN, "id": "key_0a0a0a0a0a0a", "scopes": [EVERYTHING]}],
                    "next_cursor": "WzAsIjBhMGEwYTBhMGEwYSJd",
                },
            ),
        ),
    )
    async def list_(
        who: Annotated[Principal, requires("keys:write")],
        paging: Paged,
        response: Response,
        operator: Annotated[bool, Query(description="Those of operators, in place of those of accounts.")] = False,
    ) -> Page[KeyOut]:
        after = paging.after(int, str)
        place = None if after is None else (after[0], after[1])
        found = await keys.keys_page(deps.store, who, place, paging.limit + 1, of_operators=operator)
        return page(paging, response, found, key_out, lambda view: view.record.place)

    @router.post(
        "/v2/keys",
        status_code=201,
        response_model=NewKey,
        **operation(
            "keys.create",
            "Make a key",
            description="It may do no more than the key of the request: its scopes, numbers and expiry are within "
            "those. The answer shows its secret, this once; a request that is sent again with its `Idempotency-Key` is "
            "shown it again.",
            example=Example(
                "/v2/keys",
                body={
                    "label": "website",
                    "scopes": ["keys:write"],
                    "numbers": ["+33199001234"],
                    "expires_at": "2036-01-31T09:30:00Z",
                },
                answer={**_SHOWN, "secret": _SECRET},
            ),
            errors=[ProblemCode.KEY_BEYOND_RIGHTS, ProblemCode.TOO_MANY_KEYS],
            secret=True,
        ),
    )
    async def create(who: Annotated[Principal, requires("keys:write")], body: KeyRequest, once: Idempotent) -> Response:
        wish = KeyWish(**read_wish(given(body, "label", "scopes", "numbers", "expires_at"), is_operator=body.operator))

        def render(made: NewSecret) -> Response:
            location = f"/v2/keys/{written(IdKind.KEY, made.key.id)}"
            return answer(new_key_out(made), 201, key_tag(made.view.record), Location=location)

        return await once.run(
            lambda store: keys.create_key(store, deps.clock, who, wish, of_operator=body.operator), render
        )

    @router.get(
        "/v2/keys/{key_id}",
        **operation(
            "keys.get",
            "Read a key",
            example=Example("/v2/keys/key_0d0d0d0d0d0d", answer={**_SHOWN, **_PLAIN}),
            errors=[ProblemCode.KEY_UNKNOWN],
        ),
    )
    async def get(
        who: Annotated[Principal, requires("keys:write")],
        key_id: KeyPath,
        response: Response,
    ) -> KeyOut:
        view = await keys.read_key(deps.store, who, key_id_of(key_id))
        response.headers["ETag"] = key_tag(view.record)
        return key_out(view)

    @router.patch(
        "/v2/keys/{key_id}",
        response_model=KeyOut,
        **operation(
            "keys.update",
            "Change a key",
            description="From the next request on. It may do no more than the key of the request, neither before nor "
            "afterwards.",
            example=Example(
                "/v2/keys/key_0d0d0d0d0d0d",
                body={"label": "website", "numbers": ["+33199001234"], "expires_at": "2036-01-31T09:30:00Z"},
                answer={**_SHOWN, **_PLAIN, **_LIMITS, "revision": 1},
            ),
            errors=[ProblemCode.KEY_UNKNOWN, ProblemCode.KEY_BEYOND_RIGHTS, ProblemCode.KEY_OVER],
        ),
    )
    async def update(
        who: Annotated[Principal, requires("keys:write")],
        key_id: KeyPath,
        body: KeyPatch,
        matching: Matching,
        once: Idempotent,
    ) -> Response:
        wanted = key_id_of(key_id)
        changes = read_wish(given(body), is_operator=is_operator_id(wanted))
        return await once.run(
            lambda store: keys.change_key(
                store, deps.clock, who, wanted, lambda wish: replace(wish, **changes), _checking(matching)
            ),
            _render,
        )

    @router.delete(
        "/v2/keys/{key_id}",
        status_code=204,
        **operation(
            "keys.delete",
            "Revoke a key",
            description="From the next request on. It stays in the list for a time. Revoking it again is not an error.",
            example=Example("/v2/keys/key_0d0d0d0d0d0d"),
            errors=[ProblemCode.KEY_UNKNOWN, ProblemCode.KEY_BEYOND_RIGHTS],
        ),
    )
    async def delete(
        who: Annotated[Principal, requires("keys:write")],
        key_id: KeyPath,
        matching: Matching,
        once: Idempotent,
    ) -> Response:
        wanted = key_id_of(key_id)
        return await once.run(
            lambda store: keys.revoke_key(store, deps.clock, who, wanted, _checking(matching)),
            lambda _: no_content(),
        )

    @router.post(
        "/v2/keys/{key_id}/rotate",
        response_model=NewKey,
        **operation(
            "keys.rotate",
            "Give a key another secret",
            description="The previous one stays valid for `keep_s` seconds, so that programs can be told one by "
            "one; one that was replaced before ends at once. The answer shows the new one, this once.",
            example=Example(
                "/v2/keys/key_0d0d0d0d0d0d/rotate",
                body={"keep_s": 3600},
                answer={
                    **_SHOWN,
                    **_PLAIN,
                    "revision": 1,
                    "previous_secret_until": "2026-01-01T01:00:00.000Z",
                    "secret": _SECRET,
                },
            ),
            errors=[ProblemCode.KEY_UNKNOWN, ProblemCode.KEY_BEYOND_RIGHTS, ProblemCode.KEY_OVER],
            secret=True,
        ),
    )
    async def rotate(
        who: Annotated[Principal, requires("keys:write")],
        key_id: KeyPath,
        matching: Matching,
        once: Idempotent,
        body: KeyRotation = KeyRotation(),  # noqa: B008 - it cannot be changed
    ) -> Response:
        wanted, keep = key_id_of(key_id), timedelta(seconds=body.keep_s)
        return await once.run(
            lambda store: keys.rotate_key(store, deps.clock, who, wanted, keep, _checking(matching)),
            lambda made: answer(new_key_out(made), etag=key_tag(made.view.record)),
        )

    @router.get(
        "/v2/keys/{key_id}/history",
        **operation(
            "keys.history",
            "List the changes of a key",
            description="Newest first, as long as the operator keeps them.",
            example=Example("/v2/keys/key_0d0d0d0d0d0d/history", answer={"data": [], "next_cursor": None}),
            errors=[ProblemCode.KEY_UNKNOWN],
        ),
    )
    async def history(
        who: Annotated[Principal, requires("keys:write")],
        key_id: KeyPath,
        paging: Paged,
        response: Response,
    ) -> Page[KeyChangeOut]:
        after = paging.after(int)
        before = None if after is None else after[0]
        found = await keys.key_history(deps.store, who, key_id_of(key_id), paging.limit + 1, before)
        return page(paging, response, found, change_out, lambda change: (change.after.revision,))

    return router
