"""`/v2/account`: the account that a key belongs to, and its settings."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, field_validator

from renvoi.application.managed_accounts import AccountChange, change_own_account, find_own_account
from renvoi.application.ports.accounts import MAX_RETENTION_DAYS, Account
from renvoi.domain.access.api_key import Principal
from renvoi.domain.email_address import EmailAddress, EmailInvalid
from renvoi.domain.field_error import FieldCode, FieldFault
from renvoi.domain.ids import IdKind, written
from renvoi.domain.moment import zone_of
from renvoi.domain.problem import ProblemCode
from renvoi.domain.rules.schedule import zone_names
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.etags import Matching, etag_of
from renvoi.http.v2.idempotency import Idempotent
from renvoi.http.v2.models import AnswerModel, Region, RequestModel, Timestamp, answer, given, timestamp
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import requires

Language = Literal["en", "fr"]


class Retention(AnswerModel):
    """How long things are kept."""

    messages_days: int = Field(description="Messages, with their recordings.")


class Notices(AnswerModel):
    """Who is notified of what concerns the account: limits that are reached, webhooks that are disabled."""

    email: str | None = Field(description="null: nobody is.")


class AccountOut(AnswerModel):
    """An account and its settings."""

    id: str = Field(pattern=r"^acc_", examples=["acc_1"])
    name: str
    language: Language = Field(description="Of mails, and of what callers hear.")
    region: str = Field(description="How it writes phone numbers: an ISO 3166-1 code.")
    time_zone: str = Field(description="An IANA name; the region's own unless another one was chosen.")
    retention: Retention
    notices: Notices
    created_at: Timestamp


class RetentionChange(RequestModel):
    """How long things are to be kept."""

    messages_days: int = Field(default=30, ge=1, le=MAX_RETENTION_DAYS)


class NoticesChange(RequestModel):
    """Who is to be told."""

    email: str | None = Field(default=None, max_length=320, examples=["owner@example.com"])

    @field_validator("email")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        try:
            return None if value is None else EmailAddress.parse(value).value
        except EmailInvalid as error:
            raise FieldFault(FieldCode.EMAIL_INVALID) from error


class AccountPatch(RequestModel):
    """What is to change of the account; what is left out stays as it is."""

    language: Language = "en"
    region: Region = Field(default="FR", examples=["FR"])
    time_zone: str | None = Field(default=None, description="null: the region's own.", examples=["Europe/Paris"])
    retention: RetentionChange = RetentionChange()
    notices: NoticesChange = NoticesChange()

    @field_validator("time_zone")
    @classmethod
    def _is_time_zone(cls, value: str | None) -> str | None:
        if value is not None and value not in zone_names():
            raise FieldFault(FieldCode.TIME_ZONE_UNKNOWN)
        return value


SHOWN: dict[str, Any] = {
    "id": "acc_1",
    "name": "demo",
    "language": "fr",
    "region": "FR",
    "time_zone": "Europe/Paris",
    "retention": {"messages_days": 60},
    "notices": {"email": "owner@example.com"},
    "created_at": "2026-01-01T00:00:00.000Z",
}
"""The account of the examples, as it is shown."""


def account_out(account: Account) -> AccountOut:
    return AccountOut(
        id=written(IdKind.ACCOUNT, account.id),
        name=account.name,
        language="fr" if account.locale == "fr" else "en",
        region=account.region,
        time_zone=account.time_zone or zone_of(account.region),
        retention=Retention(messages_days=account.retention_days),
        notices=Notices(email=None if account.email is None else account.email.value),
        created_at=timestamp(account.created_at_ms),
    )


def account_tag(account: Account) -> str:
    return etag_of(account)


def change_of(body: AccountPatch) -> AccountChange:
    """Return what a request asks to change."""
    sent = given(body)
    retention = given(sent["retention"]) if "retention" in sent else {}
    notices = given(sent["notices"]) if "notices" in sent else {}
    email = notices.get("email")
    return AccountChange(
        language=sent.get("language"),
        region=sent.get("region"),
        time_zone=(sent["time_zone"] or "") if "time_zone" in sent else None,
        retention_days=retention.get("messages_days"),
        email=None if email is None else EmailAddress(email),
        sets_email="email" in notices,
    )


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of the account."""
    router = APIRouter(route_class=V2Route, tags=["account"])

    @router.get(
        "/v2/account",
        **operation(
            "account.get",
            "Read the account",
            example=Example("/v2/account", answer=SHOWN, given="an account with settings"),
        ),
    )
    async def get(who: Annotated[Principal, requires("numbers:read")], response: Response) -> AccountOut:
        account = await deps.store.read(lambda reader: find_own_account(reader, who))
        response.headers["ETag"] = account_tag(account)
        return account_out(account)

    @router.patch(
        "/v2/account",
        response_model=AccountOut,
        **operation(
            "account.update",
            "Change the account's settings",
            example=Example(
                "/v2/account",
                body={
                    "language": "fr",
                    "retention": {"messages_days": 60},
                    "notices": {"email": "owner@example.com"},
                },
                answer=SHOWN,
            ),
            errors=[ProblemCode.KEY_LIMITED],
        ),
    )
    async def update(
        who: Annotated[Principal, requires("numbers:write")],
        body: AccountPatch,
        matching: Matching,
        once: Idempotent,
    ) -> Response:
        def render(account: Account) -> Response:
            shown: BaseModel = account_out(account)
            return answer(shown, etag=account_tag(account))

        return await once.run(
            lambda store: change_own_account(
                store, who, change_of(body), lambda account: matching.check(account_tag(account))
            ),
            render,
        )

    return router
