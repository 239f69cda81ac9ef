"""`/v2/admin/accounts`: accounts are made, changed and closed by operators."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field, field_validator

from renvoi.application.account_lists import MAX_SEARCH, find_accounts
from renvoi.application.auth import actor_of
from renvoi.application.managed_accounts import change_own_account
from renvoi.application.new_accounts import MAX_NAME_LENGTH, make_account
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.errors import Conflict
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.removals import close_account
from renvoi.domain.access.api_key import Principal
from renvoi.domain.field_error import FieldCode, FieldFault
from renvoi.domain.ids import IdKind, reads_as_account, written
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.v2.account import SHOWN as ACCOUNT
from renvoi.http.v2.account import AccountOut, AccountPatch, Language, account_out, account_tag, change_of
from renvoi.http.v2.admin.common import AccountPath, account_of, possible
from renvoi.http.v2.admin.removals import SHOWN as REMOVAL
from renvoi.http.v2.admin.removals import RemovalOut, removal_out
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.etags import Matching
from renvoi.http.v2.idempotency import Idempotent
from renvoi.http.v2.models import Region, RequestModel, Timestamp, answer, timestamp_or_none
from renvoi.http.v2.pages import Page, Paged, Paging, page, page_until
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import OPERATOR, requires

State = Literal["open", "closed"]


class ManagedAccountOut(AccountOut):
    """An account as operators see it."""

    state: State
    closed_at: Timestamp | None


class NewAccount(RequestModel):
    """An account that is to be made."""

    name: str = Field(min_length=1, max_length=MAX_NAME_LENGTH, description="Unique.", examples=["acme"])
    language: Language = Field(default="en", description="Of mails and greetings.")
    region: Region = Field(default="FR", description="How it writes numbers: an ISO 3166-1 code.", examples=["FR"])

    @field_validator("name")
    @classmethod
    def _is_name(cls, value: str) -> str:
        if not value.isprintable() or not value.strip():
            raise FieldFault(FieldCode.NOT_PRINTABLE)
        if reads_as_account(value):
            expected = {"en": "a name that does not read as an id", "fr": "un nom qui ne se lit pas comme un id"}
            raise FieldFault(FieldCode.BAD_FORMAT, expected=expected)
        return value.strip()


_SHOWN: dict[str, Any] = ACCOUNT | {"state": "open", "closed_at": None}
_NEW: dict[str, Any] = _SHOWN | {
    "id": "acc_3",
    "name": "acme",
    "language": "en",
    "retention": {"messages_days": 30},
    "notices": {"email": None},
}


def managed_out(account: Account) -> ManagedAccountOut:
    return ManagedAccountOut(
        **account_out(account).model_dump(),
        state="open" if account.closed_at_ms is None else "closed",
        closed_at=timestamp_or_none(account.closed_at_ms),
    )


async def _listed(
    deps: V2Deps, paging: Paging, response: Response, wanted: str | None, closed: bool | None
) -> Page[ManagedAccountOut]:
    if wanted:
        accounts, place = await find_accounts(deps.store, wanted, closed, paging.after(str, int), paging.limit)
        return page_until(paging, response, [managed_out(each) for each in accounts], place)
    after = paging.after(int)
    found = await deps.store.read(
        lambda reader: reader.accounts_after(after[0] if after else 0, paging.limit + 1, closed=closed)
    )
    return page(paging, response, found, managed_out, lambda account: (account.id,))


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of accounts."""
    router = APIRouter(route_class=V2Route, tags=["admin"])

    @router.get(
        "/v2/admin/accounts",
        **operation(
            "admin.accounts.list",
            "List accounts",
            description="By id, closed ones too; with `q` by name, and a page may hold fewer than `limit` while more "
            "follow.",
            example=Example(
                "/v2/admin/accounts?limit=1",
                answer={"data": [_SHOWN], "next_cursor": "WzFd"},
                given="an account with settings",
            ),
        ),
    )
    async def list_(
        who: Annotated[Principal, requires(OPERATOR)],  # noqa: ARG001 - whoever it is has the scope
        paging: Paged,
        response: Response,
        q: Annotated[
            str | None,
            Query(
                max_length=MAX_SEARCH,
                description="How the name begins, whatever the case of letters of ASCII; or the id, or a number of the "
                "account in international form.",
                examples=["acme"],
            ),
        ] = None,
        state: Annotated[State | None, Query(description="Only those.")] = None,
    ) -> Page[ManagedAccountOut]:
        return await _listed(deps, paging, response, q, None if state is None else state == "closed")

    @router.post(
        "/v2/admin/accounts",
        response_model=ManagedAccountOut,
        status_code=201,
        **operation(
            "admin.accounts.create",
            "Make an account",
            description="It has the limits of new accounts, and no key yet: `POST /v2/keys?account=` makes one.",
            example=Example("/v2/admin/accounts", body={"name": "acme", "region": "FR"}, answer=_NEW),
            errors=[ProblemCode.ACCOUNT_NAME_TAKEN],
        ),
    )
    async def create(who: Annotated[Principal, requires(OPERATOR)], body: NewAccount, once: Idempotent) -> Response:
        limits, now_ms = deps.shared.limits_of_new_accounts, deps.clock.now_ms()

        async def make(store: Store) -> Account:
            try:
                return await store.write(
                    lambda writer: make_account(
                        writer, body.name, body.language, body.region, limits, now_ms, actor_of(who)
                    )
                )
            except Conflict as error:
                raise Problem(ProblemCode.ACCOUNT_NAME_TAKEN) from error

        def render(account: Account) -> Response:
            where = f"/v2/admin/accounts/{written(IdKind.ACCOUNT, account.id)}"
            return answer(managed_out(account), 201, etag=account_tag(account), Location=where)

        return await once.run(make, render)

    @router.get(
        "/v2/admin/accounts/{account}",
        **operation(
            "admin.accounts.get",
            "Read an account",
            example=Example("/v2/admin/accounts/acc_1", answer=_SHOWN, given="an account with settings"),
            errors=[ProblemCode.ACCOUNT_UNKNOWN],
        ),
    )
    async def get(
        who: Annotated[Principal, requires(OPERATOR)],  # noqa: ARG001 - whoever it is has the scope
        account: AccountPath,
        response: Response,
    ) -> ManagedAccountOut:
        found = await account_of(deps, account)
        response.headers["ETag"] = account_tag(found)
        return managed_out(found)

    @router.patch(
        "/v2/admin/accounts/{account}",
        response_model=ManagedAccountOut,
        **operation(
            "admin.accounts.update",
            "Change an account's settings",
            example=Example(
                "/v2/admin/accounts/acc_1",
                body={
                    "language": "fr",
                    "retention": {"messages_days": 60},
                    "notices": {"email": "owner@example.com"},
                },
                answer=_SHOWN,
            ),
            errors=[ProblemCode.ACCOUNT_UNKNOWN, ProblemCode.ACCOUNT_CLOSED],
        ),
    )
    async def update(
        who: Annotated[Principal, requires(OPERATOR)],
        account: AccountPath,
        body: AccountPatch,
        matching: Matching,
        once: Idempotent,
    ) -> Response:
        found = await account_of(deps, account, for_change=True)
        acting = who.acting_for(found.id, found.region)

        def render(changed: Account) -> Response:
            shown: BaseModel = managed_out(changed)
            return answer(shown, etag=account_tag(changed))

        return await once.run(
            lambda store: change_own_account(
                store, acting, change_of(body), lambda before: matching.check(account_tag(before))
            ),
            render,
        )

    @router.delete(
        "/v2/admin/accounts/{account}",
        response_model=RemovalOut,
        **operation(
            "admin.accounts.close",
            "Close an account",
            description="Its keys end at once, its numbers are nobody's from the next call on, and its messages are "
            "deleted in small steps: `then` says what happens to what, `GET /v2/admin/removals/{removal}` how far it "
            "is. Nothing of it comes back. Its name is free for another account.",
            example=Example(
                "/v2/admin/accounts/acc_1",
                answer=REMOVAL
                | {
                    "what": "account",
                    "number": None,
                    "then": dict.fromkeys(("rules", "greetings", "messages", "webhooks", "events"), "deleted")
                    | {"calls": "kept", "changes": "kept", "keys": "ended"},
                },
            ),
            errors=[ProblemCode.ACCOUNT_UNKNOWN, ProblemCode.ACCOUNT_CLOSED, ProblemCode.NOT_POSSIBLE],
        ),
    )
    async def close(
        who: Annotated[Principal, requires(OPERATOR)], account: AccountPath, matching: Matching, once: Idempotent
    ) -> Response:
        found = await account_of(deps, account, for_change=True)
        return await once.run(
            lambda store: possible(
                close_account(
                    store,
                    deps.clock,
                    str(found.id),
                    actor=actor_of(who),
                    check=lambda before: matching.check(account_tag(before)),
                )
            ),
            lambda removal: answer(removal_out(removal)),
        )

    return router
