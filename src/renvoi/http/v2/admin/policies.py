"""`/v2/admin/accounts/{account}/policy` and `/limits`: where calls may go, and how many there may be."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field, create_model, field_validator

from renvoi.application.auth import actor_of
from renvoi.application.policies import LIMIT_SCOPES, Held, change_policy, list_policies, readable, used_by_accounts
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.access.account_policy import AccountPolicy
from renvoi.domain.access.api_key import Principal
from renvoi.domain.access.limits import MINUTE_MS, MOST_CALLS, MOST_MINUTES, MOST_SPEND, AccountLimits, Limits
from renvoi.domain.calls.rates import RateInvalid, amount_text, read_amount
from renvoi.domain.field_error import FieldCode, FieldError, FieldFault
from renvoi.domain.ids import written_actor
from renvoi.domain.numbers.destination_policy import MAX_PREFIXES, TYPES, DestinationPolicy, DestinationsInvalid
from renvoi.domain.problem import ProblemCode, invalid
from renvoi.http.v2.admin.common import AccountPath, account_of, possible
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.etags import Matching, etag_of, shown_tag
from renvoi.http.v2.idempotency import Idempotent
from renvoi.http.v2.models import AnswerModel, RequestModel, Timestamp, answer, given, timestamp
from renvoi.http.v2.pages import Page, Paged, page
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import OPERATOR, requires

_MOST_COUNTRIES = 300
_COUNTRIES = "ISO 3166-1 codes; 001: numbers of no country; ALL: every country; null: the account's own."
_DAMAGED = "In place of a damaged policy comes that of a new account with these changes."
Text = Annotated[str, Field(max_length=30)]


class PolicyOut(AnswerModel):
    """Where an account's calls may be forwarded to."""

    countries: list[str] | None = Field(description=_COUNTRIES)
    eea: bool = Field(description="Whether all countries of the European Union and the EEA may be called besides.")
    refused_types: list[str]
    allowed_prefixes: list[str] = Field(description="First digits: allowed, whatever else is said.")
    refused_prefixes: list[str] = Field(description="First digits: refused, whatever else is said.")


class PolicyPatch(RequestModel):
    """What is to change; lists take the place of those before."""

    countries: list[Text] | None = Field(default=None, max_length=_MOST_COUNTRIES, description=_COUNTRIES)
    eea: bool = False
    refused_types: list[Text] = Field(default=[], max_length=len(TYPES), examples=[["pager", "premium-rate"]])
    allowed_prefixes: list[Text] = Field(default=[], max_length=MAX_PREFIXES, examples=[["33800"]])
    refused_prefixes: list[Text] = Field(default=[], max_length=MAX_PREFIXES, examples=[["3389"]])


class PolicyChangeOut(AnswerModel):
    """One change of a policy or of limits."""

    at: Timestamp
    key: str | None = Field(description="The key that asked for it; null: the command line, or an upgrade.")
    source: str
    before: PolicyOut
    after: PolicyOut
    limits_before: dict[str, dict[str, Any]]
    limits_after: dict[str, dict[str, Any]]


class OfCalls(AnswerModel):
    """Limits of calls; 0 is none."""

    calls: int = Field(description="At once.")
    calls_per_minute: int


class OfAll(OfCalls):
    """Limits of calls and of a day, which is one of UTC; 0 is none."""

    minutes_per_day: int = Field(description="Of answered forwarded calls.")
    spend_per_day: str = Field(description="By the rates, in their currency.", examples=["25.5"])


class Used(AnswerModel):
    """What was used up today, until now."""

    minutes: float
    spend: str


class LimitsOut(AnswerModel):
    """How much an account may use, each of its numbers, and its calls to each target."""

    account: OfAll
    number: OfAll
    target: OfCalls
    used_today: Used


_CALLS: Any = (int, Field(default=0, ge=0, le=MOST_CALLS))
_MINUTES: Any = (int, Field(default=0, ge=0, le=MOST_MINUTES))


class _Spend(RequestModel):
    @field_validator("spend_per_day", check_fields=False)
    @classmethod
    def _is_amount(cls, value: str) -> str:
        try:
            micros = read_amount(value)
        except RateInvalid as error:
            raise FieldFault(FieldCode.BAD_FORMAT, expected="25.50") from error
        if micros > MOST_SPEND:
            raise FieldFault(FieldCode.TOO_LARGE, most=amount_text(MOST_SPEND))
        return value


CallsPatch = create_model("CallsPatch", __base__=RequestModel, calls=_CALLS, calls_per_minute=_CALLS)
AllPatch = create_model(
    "AllPatch",
    __base__=_Spend,
    calls=_CALLS,
    calls_per_minute=_CALLS,
    minutes_per_day=_MINUTES,
    spend_per_day=(str, Field(default="0", max_length=20, examples=["25.50"])),
)


class LimitsPatch(RequestModel):
    """What is to change; what is left out stays as it is."""

    account: AllPatch = AllPatch()  # type: ignore[valid-type]  # made by `create_model`
    number: AllPatch = AllPatch()  # type: ignore[valid-type]
    target: CallsPatch = CallsPatch()  # type: ignore[valid-type]


_POLICY: dict[str, Any] = {
    "countries": ["BE", "FR"],
    "eea": False,
    "refused_types": ["pager", "personal", "premium-rate", "shared-cost"],
    "allowed_prefixes": [],
    "refused_prefixes": [],
}
_OF_ALL = {"calls": 10, "calls_per_minute": 0, "minutes_per_day": 600, "spend_per_day": "25.5"}
_NONE = {"calls": 0, "calls_per_minute": 0}
_LIMITS: dict[str, Any] = {
    "account": _OF_ALL,
    "number": _NONE | {"minutes_per_day": 0, "spend_per_day": "0"},
    "target": _NONE,
    "used_today": {"minutes": 0.0, "spend": "0"},
}


_ERRORS = (ProblemCode.ACCOUNT_UNKNOWN, ProblemCode.POLICY_UNREADABLE)


def _policy_out(found: DestinationPolicy) -> PolicyOut:
    return PolicyOut(
        countries=None if found.countries is None else sorted(found.countries),
        eea=found.eea,
        refused_types=sorted(found.refused_types),
        allowed_prefixes=sorted(found.allowed_prefixes),
        refused_prefixes=sorted(found.refused_prefixes),
    )


def limit_values(limits: AccountLimits) -> dict[str, dict[str, Any]]:
    def values(part: Limits, *, of_calls: bool) -> dict[str, Any]:
        found: dict[str, Any] = {"calls": part.calls, "calls_per_minute": part.calls_per_minute}
        if of_calls:
            return found
        return found | {"minutes_per_day": part.minutes_per_day, "spend_per_day": amount_text(part.spend_per_day)}

    return {scope: values(getattr(limits, scope), of_calls=scope == "target") for scope in LIMIT_SCOPES}


def _change_out(change: PolicyChange) -> PolicyChangeOut:
    return PolicyChangeOut(
        at=timestamp(change.at_ms),
        key=written_actor(change.key_id),
        source=change.source,
        before=_policy_out(change.before.destinations),
        after=_policy_out(change.after.destinations),
        limits_before=limit_values(change.before.limits),
        limits_after=limit_values(change.after.limits),
    )


def policy_tag(policy: AccountPolicy) -> str:
    return etag_of(_policy_out(policy.destinations).model_dump())


def limits_tag(policy: AccountPolicy) -> str:
    return etag_of(policy.limits)


def _limits_answer(policy: AccountPolicy, today: Used) -> Response:
    shown = LimitsOut.model_validate(limit_values(policy.limits) | {"used_today": today})
    # What is used up changes with each call, and is not a change of the limits.
    return answer(shown, etag=shown_tag(limits_tag(policy), today.model_dump_json().encode()))


def put_policy(
    deps: V2Deps, store: Store, account: Account, change: Callable[[Held], AccountPolicy], who: Principal
) -> Awaitable[PolicyChange]:
    """Change the policy of an account; what the use case says of what cannot be done is a problem."""
    new_limits = deps.shared.limits_of_new_accounts
    return possible(change_policy(store, deps.clock, str(account.id), change, new_limits, actor_of(who)))


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of policies and limits."""
    router = APIRouter(route_class=V2Route, tags=["admin"])
    path = "/v2/admin/accounts/{account}"

    async def held(account: str) -> Held:
        found = await account_of(deps, account)
        return readable((await list_policies(deps.store, str(found.id)))[0])

    async def used_today(account_id: int) -> Used:
        used = (await used_by_accounts(deps.store, deps.clock, [account_id]))[account_id]
        return Used(minutes=round(used.ms / MINUTE_MS, 1), spend=amount_text(used.spend))

    @router.get(
        f"{path}/policy",
        **operation(
            "admin.policies.get",
            "Read where an account's calls may go",
            example=Example("/v2/admin/accounts/acc_1/policy", answer=_POLICY, given="an account with a policy"),
            errors=_ERRORS,
        ),
    )
    async def get_policy(
        who: Annotated[Principal, requires(OPERATOR)],  # noqa: ARG001 - whoever it is has the scope
        account: AccountPath,
        response: Response,
    ) -> PolicyOut:
        found = (await held(account)).policy
        response.headers["ETag"] = policy_tag(found)
        return _policy_out(found.destinations)

    @router.patch(
        f"{path}/policy",
        response_model=PolicyOut,
        **operation(
            "admin.policies.update",
            "Change where an account's calls may go",
            description=f"From the next call on, for the rules that are there too. {_DAMAGED}",
            example=Example("/v2/admin/accounts/acc_1/policy", body={"countries": ["FR", "BE"]}, answer=_POLICY),
            errors=[*_ERRORS, ProblemCode.ACCOUNT_CLOSED, ProblemCode.NOT_POSSIBLE],
        ),
    )
    async def update_policy(
        who: Annotated[Principal, requires(OPERATOR)],
        account: AccountPath,
        body: PolicyPatch,
        matching: Matching,
        once: Idempotent,
    ) -> Response:
        found = await account_of(deps, account, for_change=True)
        wanted: dict[str, Any] = {
            name: frozenset(value) if isinstance(value, list) else value for name, value in given(body).items()
        }
        check_destinations(wanted)

        def change(before: Held) -> AccountPolicy:
            matching.check(policy_tag(before.policy))
            return with_destinations(before.policy, wanted)

        return await once.run(
            lambda store: put_policy(deps, store, found, change, who),
            lambda made: answer(_policy_out(made.after.destinations), etag=policy_tag(made.after)),
        )

    @router.get(
        f"{path}/policy/history",
        **operation(
            "admin.policies.history",
            "List changes of an account's policy and limits",
            description="The latest first.",
            example=Example("/v2/admin/accounts/acc_1/policy/history", given="an account with a policy"),
            errors=[ProblemCode.ACCOUNT_UNKNOWN],
        ),
    )
    async def history(
        who: Annotated[Principal, requires(OPERATOR)],  # noqa: ARG001 - whoever it is has the scope
        account: AccountPath,
        paging: Paged,
        response: Response,
    ) -> Page[PolicyChangeOut]:
        after = paging.after(int)
        of = await account_of(deps, account)
        found = await deps.store.read(
            lambda reader: reader.policy_changes(paging.limit + 1, of.id, after[0] if after else None)
        )
        return page(paging, response, found, _change_out, lambda change: (change.id,))

    @router.get(
        f"{path}/limits",
        response_model=LimitsOut,
        **operation(
            "admin.limits.get",
            "Read how much an account may use",
            description="`used_today` goes with each call, and so does the `ETag`. `If-Match` compares the limits.",
            example=Example("/v2/admin/accounts/acc_1/limits", answer=_LIMITS, given="an account with limits"),
            errors=_ERRORS,
        ),
    )
    async def get_limits(
        who: Annotated[Principal, requires(OPERATOR)],  # noqa: ARG001 - whoever it is has the scope
        account: AccountPath,
    ) -> Response:
        found = await held(account)
        return _limits_answer(found.policy, await used_today(found.account.id))

    @router.patch(
        f"{path}/limits",
        response_model=LimitsOut,
        **operation(
            "admin.limits.update",
            "Change how much an account may use",
            description=f"From the next call on; 0 means no limit. {_DAMAGED}",
            example=Example(
                "/v2/admin/accounts/acc_1/limits",
                body={"account": {"calls": 10, "minutes_per_day": 600, "spend_per_day": "25.50"}},
                answer=_LIMITS,
            ),
            errors=[*_ERRORS, ProblemCode.ACCOUNT_CLOSED, ProblemCode.NOT_POSSIBLE],
        ),
    )
    async def update_limits(
        who: Annotated[Principal, requires(OPERATOR)],
        account: AccountPath,
        body: LimitsPatch,
        matching: Matching,
        once: Idempotent,
    ) -> Response:
        found = await account_of(deps, account, for_change=True)
        changes = {scope: read_limits(given(part)) for scope, part in given(body).items()}

        def change(before: Held) -> AccountPolicy:
            matching.check(limits_tag(before.policy))
            limits = before.policy.limits
            parts = {scope: replace(getattr(limits, scope), **values) for scope, values in changes.items()}
            return replace(before.policy, limits=replace(limits, **parts))

        # What was used up is read before: the answer is made in the transaction of the change.
        today = await used_today(found.id)
        return await once.run(
            lambda store: put_policy(deps, store, found, change, who),
            lambda made: _limits_answer(made.after, today),
        )

    return router


def read_limits(sent: dict[str, Any]) -> dict[str, int]:
    return {name: read_amount(value) if name == "spend_per_day" else value for name, value in sent.items()}


def with_destinations(policy: AccountPolicy, wanted: dict[str, Any]) -> AccountPolicy:
    """Return the policy with these parts of its destinations, which have been checked each for itself.

    Raises:
        Problem: they do not go together, or not with the parts that stay.
    """
    try:
        return replace(policy, destinations=replace(policy.destinations, **wanted))
    except DestinationsInvalid as error:
        places = [f"/{name}" for name in ("allowed_prefixes", "refused_prefixes") if name in wanted]
        raise invalid(*(FieldError(place, FieldCode.REFUSED, {"why": error.texts}) for place in places)) from error


def check_destinations(wanted: dict[str, Any]) -> None:
    """Check each part of a policy for itself, so that all wrong ones are named.

    Raises:
        Problem: some are wrong.
    """
    errors = []
    for name, value in wanted.items():
        try:
            DestinationPolicy(**{name: value})
        except DestinationsInvalid as error:
            errors.append(FieldError(f"/{name}", FieldCode.REFUSED, {"why": error.texts}))
    if errors:
        raise invalid(*errors)
