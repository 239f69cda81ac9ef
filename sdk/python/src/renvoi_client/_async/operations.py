# Made of the API's description by scripts/make_operations.py: change that.
"""The operations of the API, by the names in its description."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from renvoi_client import models
from renvoi_client._async.paging import AsyncPages
from renvoi_client._async.transport import AsyncTransport
from renvoi_client._request import Spec, given, part, sent


class AsyncAdminAccountsApi:
    """Operations `admin.accounts`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(
        self, *, q: str | None = None, state: str | None = None, limit: int | None = None
    ) -> AsyncPages[models.ManagedAccount]:
        """List accounts.

        By id, closed ones too; with `q` by name, and a page may hold fewer than `limit` while more follow.
        """
        return AsyncPages(
            self._transport,
            Spec(
                "GET",
                "/v2/admin/accounts",
                models.Page[models.ManagedAccount],
                query={"q": q, "state": state, "limit": limit},
                takes_account=False,
            ),
        )

    async def create(
        self,
        *,
        name: str,
        language: str | msgspec.UnsetType = msgspec.UNSET,
        region: str | msgspec.UnsetType = msgspec.UNSET,
        idempotency_key: str | None = None,
    ) -> models.ManagedAccount:
        """Make an account.

        It has the limits of new accounts, and no key yet: `POST /v2/keys?account=` makes one.
        """
        return await self._transport.run(
            Spec(
                "POST",
                "/v2/admin/accounts",
                models.ManagedAccount,
                body=given({"name": name, "language": language, "region": region}),
                headers=sent({"Idempotency-Key": idempotency_key}),
                takes_account=False,
            )
        )

    async def get(self, account: str) -> models.ManagedAccount:
        """Read an account."""
        return await self._transport.run(
            Spec("GET", f"/v2/admin/accounts/{part(account)}", models.ManagedAccount, takes_account=False)
        )

    async def update(
        self,
        account: str,
        *,
        language: str | msgspec.UnsetType = msgspec.UNSET,
        region: str | msgspec.UnsetType = msgspec.UNSET,
        time_zone: str | None | msgspec.UnsetType = msgspec.UNSET,
        retention: models.RetentionChange | msgspec.UnsetType = msgspec.UNSET,
        notices: models.NoticesChange | msgspec.UnsetType = msgspec.UNSET,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.ManagedAccount:
        """Change an account's settings."""
        return await self._transport.run(
            Spec(
                "PATCH",
                f"/v2/admin/accounts/{part(account)}",
                models.ManagedAccount,
                body=given(
                    {
                        "language": language,
                        "region": region,
                        "time_zone": time_zone,
                        "retention": retention,
                        "notices": notices,
                    }
                ),
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
                takes_account=False,
            )
        )

    async def close(
        self, account: str, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> models.Removal:
        """Close an account.

        Its keys end at once, its numbers are nobody's from the next call on, and its messages are deleted in
        small steps: `then` says what happens to what, `GET /v2/admin/removals/{removal}` how far it is. Nothing
        of it comes back. Its name is free for another account.
        """
        return await self._transport.run(
            Spec(
                "DELETE",
                f"/v2/admin/accounts/{part(account)}",
                models.Removal,
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
                takes_account=False,
            )
        )


class AsyncAdminPoliciesApi:
    """Operations `admin.policies`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def get(self, account: str) -> models.Policy:
        """Read where an account's calls may go."""
        return await self._transport.run(
            Spec("GET", f"/v2/admin/accounts/{part(account)}/policy", models.Policy, takes_account=False)
        )

    async def update(
        self,
        account: str,
        *,
        countries: Sequence[str] | None | msgspec.UnsetType = msgspec.UNSET,
        eea: bool | msgspec.UnsetType = msgspec.UNSET,
        refused_types: Sequence[str] | msgspec.UnsetType = msgspec.UNSET,
        allowed_prefixes: Sequence[str] | msgspec.UnsetType = msgspec.UNSET,
        refused_prefixes: Sequence[str] | msgspec.UnsetType = msgspec.UNSET,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Policy:
        """Change where an account's calls may go.

        From the next call on, for the rules that are there too. In place of a damaged policy comes that of a
        new account with these changes.
        """
        return await self._transport.run(
            Spec(
                "PATCH",
                f"/v2/admin/accounts/{part(account)}/policy",
                models.Policy,
                body=given(
                    {
                        "countries": countries,
                        "eea": eea,
                        "refused_types": refused_types,
                        "allowed_prefixes": allowed_prefixes,
                        "refused_prefixes": refused_prefixes,
                    }
                ),
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
                takes_account=False,
            )
        )

    def history(self, account: str, *, limit: int | None = None) -> AsyncPages[models.PolicyChange]:
        """List changes of an account's policy and limits. The latest first."""
        return AsyncPages(
            self._transport,
            Spec(
                "GET",
                f"/v2/admin/accounts/{part(account)}/policy/history",
                models.Page[models.PolicyChange],
                query={"limit": limit},
                takes_account=False,
            ),
        )


class AsyncAdminLimitsApi:
    """Operations `admin.limits`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def get(self, account: str) -> models.Limits:
        """Read how much an account may use.

        `used_today` goes with each call, and so does the `ETag`. `If-Match` compares the limits.
        """
        return await self._transport.run(
            Spec("GET", f"/v2/admin/accounts/{part(account)}/limits", models.Limits, takes_account=False)
        )

    async def update(
        self,
        account: str,
        *,
        account_: models.AllPatch | msgspec.UnsetType = msgspec.UNSET,
        number: models.AllPatch | msgspec.UnsetType = msgspec.UNSET,
        target: models.CallsPatch | msgspec.UnsetType = msgspec.UNSET,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Limits:
        """Change how much an account may use.

        From the next call on; 0 means no limit. In place of a damaged policy comes that of a new account with
        these changes.
        """
        return await self._transport.run(
            Spec(
                "PATCH",
                f"/v2/admin/accounts/{part(account)}/limits",
                models.Limits,
                body=given({"account": account_, "number": number, "target": target}),
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
                takes_account=False,
            )
        )


class AsyncAdminNumbersApi:
    """Operations `admin.numbers`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(self, *, limit: int | None = None) -> AsyncPages[models.ManagedNumber]:
        """List numbers of all accounts. In ascending order; with `?account=` those of one account."""
        return AsyncPages(
            self._transport, Spec("GET", "/v2/admin/numbers", models.Page[models.ManagedNumber], query={"limit": limit})
        )

    async def create(
        self,
        *,
        label: str | msgspec.UnsetType = msgspec.UNSET,
        forwarding_enabled: bool | msgspec.UnsetType = msgspec.UNSET,
        number: str,
        account: str,
        idempotency_key: str | None = None,
    ) -> models.ManagedNumber:
        """Add a number. Its calls are off until a rule is set."""
        return await self._transport.run(
            Spec(
                "POST",
                "/v2/admin/numbers",
                models.ManagedNumber,
                body=given(
                    {"label": label, "forwarding_enabled": forwarding_enabled, "number": number, "account": account}
                ),
                headers=sent({"Idempotency-Key": idempotency_key}),
                takes_account=False,
            )
        )

    async def import_(
        self, *, account: str, numbers: Sequence[models.ImportedNumber], idempotency_key: str | None = None
    ) -> models.Imported:
        """Add many numbers. All or none, up to 1000 at once. Files with more are for `renvoi number import`."""
        return await self._transport.run(
            Spec(
                "POST",
                "/v2/admin/numbers:import",
                models.Imported,
                body=given({"account": account, "numbers": numbers}),
                headers=sent({"Idempotency-Key": idempotency_key}),
                takes_account=False,
            )
        )

    async def get(self, number: str) -> models.ManagedNumber:
        """Read a number of any account."""
        return await self._transport.run(
            Spec("GET", f"/v2/admin/numbers/{part(number)}", models.ManagedNumber, takes_account=False)
        )

    async def update(
        self,
        number: str,
        *,
        label: str | msgspec.UnsetType = msgspec.UNSET,
        forwarding_enabled: bool | msgspec.UnsetType = msgspec.UNSET,
        account: str | msgspec.UnsetType = msgspec.UNSET,
        with_rule: bool | msgspec.UnsetType = msgspec.UNSET,
        state: str | msgspec.UnsetType = msgspec.UNSET,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.ManagedNumber:
        """Change a number, or give it to another account. From the next call on."""
        return await self._transport.run(
            Spec(
                "PATCH",
                f"/v2/admin/numbers/{part(number)}",
                models.ManagedNumber,
                body=given(
                    {
                        "label": label,
                        "forwarding_enabled": forwarding_enabled,
                        "account": account,
                        "with_rule": with_rule,
                        "state": state,
                    }
                ),
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
                takes_account=False,
            )
        )

    async def remove(
        self,
        number: str,
        *,
        messages: str | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Removal:
        """Remove a number.

        From the next call on it is nobody's; its messages are deleted in small steps, or kept by the account:
        `then` says what happens to what, `GET /v2/admin/removals/{removal}` how far it is. Until it has ended
        the number cannot be added again.
        """
        return await self._transport.run(
            Spec(
                "DELETE",
                f"/v2/admin/numbers/{part(number)}",
                models.Removal,
                query={"messages": messages},
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
                takes_account=False,
            )
        )


class AsyncAdminRemovalsApi:
    """Operations `admin.removals`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(self, *, number: str | None = None, limit: int | None = None) -> AsyncPages[models.Removal]:
        """List what was taken away. The latest first; with `?account=` what that account lost."""
        return AsyncPages(
            self._transport,
            Spec("GET", "/v2/admin/removals", models.Page[models.Removal], query={"number": number, "limit": limit}),
        )

    async def get(self, removal: str) -> models.Removal:
        """Read how far a removal is."""
        return await self._transport.run(
            Spec("GET", f"/v2/admin/removals/{part(removal)}", models.Removal, takes_account=False)
        )


class AsyncAdminChangesApi:
    """Operations `admin.changes`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(
        self,
        *,
        number: str | None = None,
        since: str | datetime | None = None,
        until: str | datetime | None = None,
        former: bool | None = None,
        limit: int | None = None,
    ) -> AsyncPages[models.Change]:
        """List changes of rules of all accounts.

        The latest first; with `?account=` those of one account. An entry with a key is of the API.
        """
        return AsyncPages(
            self._transport,
            Spec(
                "GET",
                "/v2/admin/changes",
                models.Page[models.Change],
                query={"number": number, "since": since, "until": until, "former": former, "limit": limit},
            ),
        )


class AsyncAdminRatesApi:
    """Operations `admin.rates`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(self, *, to: str | None = None, limit: int | None = None) -> AsyncPages[models.Rate]:
        """List what calls cost.

        By prefix; or the one rate of calls to a number. The `ETag` is of the whole table on each of its pages.
        """
        return AsyncPages(
            self._transport,
            Spec(
                "GET",
                "/v2/admin/rates",
                models.Page[models.Rate],
                query={"to": to, "limit": limit},
                takes_account=False,
            ),
        )

    async def replace(
        self,
        *,
        content: bytes,
        content_type: str = "text/csv",
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Rates:
        """Replace the table of rates.

        CSV with a first line `prefix,price,currency`: all of it takes the place of the table before, or nothing
        when a line is wrong. Prices are those of a minute, all in one currency.
        """
        return await self._transport.run(
            Spec(
                "PUT",
                "/v2/admin/rates",
                models.Rates,
                content=content,
                headers=sent({"Content-Type": content_type, "If-Match": if_match, "Idempotency-Key": idempotency_key}),
                takes_account=False,
            )
        )


class AsyncAdminTrunksApi:
    """Operations `admin.trunks`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list(self) -> models.Trunks:
        """List trunks.

        All of them, by name, with what this node says of each; those that cannot be read too.
        """
        return await self._transport.run(Spec("GET", "/v2/admin/trunks", models.Trunks, takes_account=False))

    async def create(
        self,
        *,
        region: str | msgspec.UnsetType = msgspec.UNSET,
        preset: str | None | msgspec.UnsetType = msgspec.UNSET,
        inbound: models.InboundIn | None | msgspec.UnsetType = msgspec.UNSET,
        outbound: models.OutboundIn | None | msgspec.UnsetType = msgspec.UNSET,
        name: str,
        idempotency_key: str | None = None,
    ) -> models.Trunk:
        """Add a trunk.

        All options of `renvoi trunk add`, by the same names. All nodes take it within seconds.
        """
        return await self._transport.run(
            Spec(
                "POST",
                "/v2/admin/trunks",
                models.Trunk,
                body=given(
                    {"region": region, "preset": preset, "inbound": inbound, "outbound": outbound, "name": name}
                ),
                headers=sent({"Idempotency-Key": idempotency_key}),
                takes_account=False,
            )
        )

    async def get(self, name: str) -> models.Trunk:
        """Read a trunk.

        `state` is what this node says, and goes into the `ETag`. `If-Match` compares the trunk.
        """
        return await self._transport.run(
            Spec("GET", f"/v2/admin/trunks/{part(name)}", models.Trunk, takes_account=False)
        )

    async def update(
        self,
        name: str,
        *,
        region: str | msgspec.UnsetType = msgspec.UNSET,
        preset: str | None | msgspec.UnsetType = msgspec.UNSET,
        inbound: models.InboundIn | None | msgspec.UnsetType = msgspec.UNSET,
        outbound: models.OutboundIn | None | msgspec.UnsetType = msgspec.UNSET,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Trunk:
        """Change a trunk. Calls in progress go on. All nodes take it within seconds."""
        return await self._transport.run(
            Spec(
                "PATCH",
                f"/v2/admin/trunks/{part(name)}",
                models.Trunk,
                body=given({"region": region, "preset": preset, "inbound": inbound, "outbound": outbound}),
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
                takes_account=False,
            )
        )

    async def remove(self, name: str, *, if_match: str | None = None, idempotency_key: str | None = None) -> None:
        """Remove a trunk. With its passwords. Calls in progress go on."""
        await self._transport.run(
            Spec(
                "DELETE",
                f"/v2/admin/trunks/{part(name)}",
                None,
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
                takes_account=False,
            )
        )

    async def test(self, name: str, *, idempotency_key: str | None = None) -> models.Test:
        """Try a trunk. Whether it is found, answers, lets us in and has us registered, as this node sees it."""
        return await self._transport.run(
            Spec(
                "POST",
                f"/v2/admin/trunks/{part(name)}/test",
                models.Test,
                headers=sent({"Idempotency-Key": idempotency_key}),
                takes_account=False,
            )
        )


class AsyncAdminTrunkPresetsApi:
    """Operations `admin.trunk_presets`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list(self) -> models.Presets:
        """List presets of trunks. Options that carriers want, for `preset`, and how sure they are."""
        return await self._transport.run(Spec("GET", "/v2/admin/trunk-presets", models.Presets, takes_account=False))


class AsyncAdminNodeApi:
    """Operations `admin.node`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def get(self) -> models.Node:
        """Read the state of the node. Of the one that answers, with what all nodes on its store share."""
        return await self._transport.run(Spec("GET", "/v2/admin/node", models.Node, takes_account=False))


class AsyncNumbersApi:
    """Operations `numbers`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(
        self, *, q: str | None = None, action: str | None = None, state: str | None = None, limit: int | None = None
    ) -> AsyncPages[models.Number]:
        """List numbers.

        In ascending order. With `q` those whose number begins so come first, then those whose label does, by
        label. A page may hold fewer than `limit`, even none, while `next_cursor` says that more follow.
        """
        return AsyncPages(
            self._transport,
            Spec(
                "GET",
                "/v2/numbers",
                models.Page[models.Number],
                query={"q": q, "action": action, "state": state, "limit": limit},
            ),
        )

    async def get(self, number: str) -> models.Number:
        """Read a number."""
        return await self._transport.run(Spec("GET", f"/v2/numbers/{part(number)}", models.Number))

    async def update(
        self,
        number: str,
        *,
        label: str | msgspec.UnsetType = msgspec.UNSET,
        state: str | msgspec.UnsetType = msgspec.UNSET,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Number:
        """Change a number's label or state. Both from the next call on."""
        return await self._transport.run(
            Spec(
                "PATCH",
                f"/v2/numbers/{part(number)}",
                models.Number,
                body=given({"label": label, "state": state}),
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
            )
        )


class AsyncForwardingApi:
    """Operations `forwarding`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def get(self, number: str) -> models.Forwarding:
        """Read a number's rule.

        `summary` goes with the time and the language, and so does the `ETag`. `If-Match` compares the revision
        alone, with which the tag begins.
        """
        return await self._transport.run(Spec("GET", f"/v2/numbers/{part(number)}/forwarding", models.Forwarding))

    async def replace(
        self,
        number: str,
        *,
        dry_run: bool | None = None,
        action: str,
        to: Sequence[str] | msgspec.UnsetType = msgspec.UNSET,
        ring_timeout_s: int | msgspec.UnsetType = msgspec.UNSET,
        on_no_answer: models.FallbackIn | msgspec.UnsetType = msgspec.UNSET,
        on_busy: models.FallbackIn | msgspec.UnsetType = msgspec.UNSET,
        on_unreachable: models.FallbackIn | msgspec.UnsetType = msgspec.UNSET,
        voicemail: models.VoicemailIn | msgspec.UnsetType = msgspec.UNSET,
        schedule: models.ScheduleIn | None | msgspec.UnsetType = msgspec.UNSET,
        callers: models.CallersIn | msgspec.UnsetType = msgspec.UNSET,
        revision: int | None | msgspec.UnsetType = msgspec.UNSET,
        updated_at: str | None | msgspec.UnsetType = msgspec.UNSET,
        summary: str | None | msgspec.UnsetType = msgspec.UNSET,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Forwarding:
        """Set a number's rule.

        In force for the next call. What is left out gets its default. The same rule again changes nothing, and
        keeps its revision.
        """
        return await self._transport.run(
            Spec(
                "PUT",
                f"/v2/numbers/{part(number)}/forwarding",
                models.Forwarding,
                query={"dry_run": dry_run},
                body=given(
                    {
                        "action": action,
                        "to": to,
                        "ring_timeout_s": ring_timeout_s,
                        "on_no_answer": on_no_answer,
                        "on_busy": on_busy,
                        "on_unreachable": on_unreachable,
                        "voicemail": voicemail,
                        "schedule": schedule,
                        "callers": callers,
                        "revision": revision,
                        "updated_at": updated_at,
                        "summary": summary,
                    }
                ),
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
            )
        )

    async def update(
        self,
        number: str,
        *,
        dry_run: bool | None = None,
        action: str | None | msgspec.UnsetType = msgspec.UNSET,
        to: Sequence[str] | None | msgspec.UnsetType = msgspec.UNSET,
        ring_timeout_s: int | None | msgspec.UnsetType = msgspec.UNSET,
        on_no_answer: models.FallbackPatch | None | msgspec.UnsetType = msgspec.UNSET,
        on_busy: models.FallbackPatch | None | msgspec.UnsetType = msgspec.UNSET,
        on_unreachable: models.FallbackPatch | None | msgspec.UnsetType = msgspec.UNSET,
        voicemail: models.VoicemailPatch | None | msgspec.UnsetType = msgspec.UNSET,
        schedule: models.SchedulePatch | None | msgspec.UnsetType = msgspec.UNSET,
        callers: models.CallersPatch | None | msgspec.UnsetType = msgspec.UNSET,
        revision: int | None | msgspec.UnsetType = msgspec.UNSET,
        updated_at: str | None | msgspec.UnsetType = msgspec.UNSET,
        summary: str | None | msgspec.UnsetType = msgspec.UNSET,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Forwarding:
        """Change parts of a number's rule.

        A JSON merge patch (RFC 7396): what is left out stays as it is, null takes a part out, so that it has
        its default, and lists are replaced as a whole.
        """
        return await self._transport.run(
            Spec(
                "PATCH",
                f"/v2/numbers/{part(number)}/forwarding",
                models.Forwarding,
                query={"dry_run": dry_run},
                body=given(
                    {
                        "action": action,
                        "to": to,
                        "ring_timeout_s": ring_timeout_s,
                        "on_no_answer": on_no_answer,
                        "on_busy": on_busy,
                        "on_unreachable": on_unreachable,
                        "voicemail": voicemail,
                        "schedule": schedule,
                        "callers": callers,
                        "revision": revision,
                        "updated_at": updated_at,
                        "summary": summary,
                    }
                ),
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
            )
        )

    async def explain(
        self, number: str, *, from_: str | None = None, at: str | datetime | None = None
    ) -> models.Explanation:
        """Explain what a call would meet.

        By the rules as they are now, decided by what decides calls; no call is placed. A number of another
        account that the call would come to is shown as any number outside.
        """
        return await self._transport.run(
            Spec("GET", f"/v2/numbers/{part(number)}/explain", models.Explanation, query={"from": from_, "at": at})
        )

    def history(self, number: str, *, limit: int | None = None) -> AsyncPages[models.PastChange]:
        """List the changes of a number's rule. The newest first, as long as the operator keeps them."""
        return AsyncPages(
            self._transport,
            Spec(
                "GET",
                f"/v2/numbers/{part(number)}/forwarding/history",
                models.Page[models.PastChange],
                query={"limit": limit},
            ),
        )

    async def undo(
        self,
        number: str,
        *,
        revision: int | None | msgspec.UnsetType = msgspec.UNSET,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Forwarding:
        """Go back to an earlier rule.

        To the one before the last change, or to that of a revision; itself a change, judged as any other, so
        that it can be undone too.
        """
        return await self._transport.run(
            Spec(
                "POST",
                f"/v2/numbers/{part(number)}/forwarding/undo",
                models.Forwarding,
                body=given({"revision": revision}),
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
            )
        )

    async def batch(
        self,
        *,
        dry_run: bool | None = None,
        atomic: bool | msgspec.UnsetType = msgspec.UNSET,
        changes: Sequence[dict[str, Any]],
        idempotency_key: str | None = None,
    ) -> models.Batch:
        """Set the rules of many numbers.

        Each change has a number and either `forwarding`, a whole rule, or `patch`, a merge patch. With `atomic`
        all are made in one transaction, judged as they are going to be together, or none is: 422 says why.
        Without, each is made for itself, and the answer says how it ended; a request that was interrupted goes
        on where it was when it is sent again with its `Idempotency-Key`.
        """
        return await self._transport.run(
            Spec(
                "POST",
                "/v2/forwarding:batch",
                models.Batch,
                query={"dry_run": dry_run},
                body=given({"atomic": atomic, "changes": changes}),
                headers=sent({"Idempotency-Key": idempotency_key}),
            )
        )


class AsyncGreetingApi:
    """Operations `greeting`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def get(self, number: str) -> bytes:
        """Listen to a number's greeting. Its own one, as a WAV file. One range of bytes may be asked for."""
        return await self._transport.run_bytes(Spec("GET", f"/v2/numbers/{part(number)}/greeting", None))

    async def set(
        self,
        number: str,
        *,
        content: bytes,
        content_type: str = "audio/wav",
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Greeting:
        """Give a number a greeting of its own.

        From the next call on. A WAV, MP3, FLAC, Ogg or M4A file of 0.5 to 60 s and at most 10 MiB, as the body
        or as the part `file` of a form. A level that is too low or too high is corrected.
        """
        return await self._transport.run(
            Spec(
                "PUT",
                f"/v2/numbers/{part(number)}/greeting",
                models.Greeting,
                content=content,
                headers=sent({"Content-Type": content_type, "If-Match": if_match, "Idempotency-Key": idempotency_key}),
            )
        )

    async def reset(
        self,
        number: str,
        *,
        speak_number: bool | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Go back to the included greeting. From the next call on."""
        await self._transport.run(
            Spec(
                "DELETE",
                f"/v2/numbers/{part(number)}/greeting",
                None,
                query={"speak_number": speak_number},
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
            )
        )

    async def state(self, number: str) -> models.Greeting:
        """Read how a number greets."""
        return await self._transport.run(Spec("GET", f"/v2/numbers/{part(number)}/greeting/state", models.Greeting))


class AsyncMessagesApi:
    """Operations `messages`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(
        self,
        *,
        number: str | None = None,
        from_: str | None = None,
        since: str | datetime | None = None,
        heard: bool | None = None,
        limit: int | None = None,
    ) -> AsyncPages[models.Message]:
        """List messages. The latest first. A page may hold less than `limit` although more follow."""
        return AsyncPages(
            self._transport,
            Spec(
                "GET",
                "/v2/messages",
                models.Page[models.Message],
                query={"number": number, "from": from_, "since": since, "heard": heard, "limit": limit},
            ),
        )

    async def get(self, id: str) -> models.Message:
        """Read a message."""
        return await self._transport.run(Spec("GET", f"/v2/messages/{part(id)}", models.Message))

    async def update(
        self, id: str, *, heard: bool, if_match: str | None = None, idempotency_key: str | None = None
    ) -> models.Message:
        """Mark a message as heard, or as not heard."""
        return await self._transport.run(
            Spec(
                "PATCH",
                f"/v2/messages/{part(id)}",
                models.Message,
                body=given({"heard": heard}),
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
            )
        )

    async def delete(self, id: str, *, if_match: str | None = None, idempotency_key: str | None = None) -> None:
        """Delete a message.

        For good: its audio, and its mails that still wait. A mail that is being sent arrives.
        """
        await self._transport.run(
            Spec(
                "DELETE",
                f"/v2/messages/{part(id)}",
                None,
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
            )
        )

    async def resend(
        self, id: str, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> models.Message:
        """Mail a message again.

        To each recipient, whatever came of that mail before, unless it is being sent at this moment.
        """
        return await self._transport.run(
            Spec(
                "POST",
                f"/v2/messages/{part(id)}/resend",
                models.Message,
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
            )
        )

    async def audio(self, id: str, *, format: str | None = None) -> bytes:
        """Listen to a message.

        One range of bytes may be asked for (`Range`, `If-Range`); the answer is 206 then.
        """
        return await self._transport.run_bytes(
            Spec("GET", f"/v2/messages/{part(id)}/audio", None, query={"format": format})
        )

    async def link(
        self,
        id: str,
        *,
        expires_in_s: int | msgspec.UnsetType = msgspec.UNSET,
        format: str | msgspec.UnsetType = msgspec.UNSET,
        idempotency_key: str | None = None,
    ) -> models.Link:
        """Make a link to a message's audio.

        It needs no key and ends by itself, at the latest with the key that asks for it, revoked or expired;
        deleting the message ends it at once.
        """
        return await self._transport.run(
            Spec(
                "POST",
                f"/v2/messages/{part(id)}/audio-link",
                models.Link,
                body=given({"expires_in_s": expires_in_s, "format": format}),
                headers=sent({"Idempotency-Key": idempotency_key}),
            )
        )


class AsyncAudioApi:
    """Operations `audio`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def get(self, *, link: str) -> bytes:
        """Listen by a link. Without a key: the link is the proof. `Range` as for `messages.audio`."""
        return await self._transport.run_bytes(
            Spec("GET", "/v2/audio", None, query={"link": link}, takes_account=False)
        )


class AsyncCallsApi:
    """Operations `calls`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(
        self,
        *,
        number: str | None = None,
        from_: str | None = None,
        decision: str | None = None,
        status: int | None = None,
        since: str | datetime | None = None,
        until: str | datetime | None = None,
        limit: int | None = None,
    ) -> AsyncPages[models.Call]:
        """List calls.

        The latest first. A page may hold less than `limit` although more follow. With `Accept: text/csv` all of
        them come, however many, one a line; `limit` means nothing then. A cell that a spreadsheet would take
        for a formula (`=`, `+`, `-`, `@`, tab, carriage return) has an apostrophe in front; phone numbers are
        left as they are.
        """
        return AsyncPages(
            self._transport,
            Spec(
                "GET",
                "/v2/calls",
                models.Page[models.Call],
                query={
                    "number": number,
                    "from": from_,
                    "decision": decision,
                    "status": status,
                    "since": since,
                    "until": until,
                    "limit": limit,
                },
            ),
        )

    async def get(self, id: str) -> models.CallDetail:
        """Read a call. With its ladder, which comes with its final answer, and why it went where it did."""
        return await self._transport.run(Spec("GET", f"/v2/calls/{part(id)}", models.CallDetail))


class AsyncAccountApi:
    """Operations `account`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def get(self) -> models.Account:
        """Read the account."""
        return await self._transport.run(Spec("GET", "/v2/account", models.Account))

    async def update(
        self,
        *,
        language: str | msgspec.UnsetType = msgspec.UNSET,
        region: str | msgspec.UnsetType = msgspec.UNSET,
        time_zone: str | None | msgspec.UnsetType = msgspec.UNSET,
        retention: models.RetentionChange | msgspec.UnsetType = msgspec.UNSET,
        notices: models.NoticesChange | msgspec.UnsetType = msgspec.UNSET,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Account:
        """Change the account's settings."""
        return await self._transport.run(
            Spec(
                "PATCH",
                "/v2/account",
                models.Account,
                body=given(
                    {
                        "language": language,
                        "region": region,
                        "time_zone": time_zone,
                        "retention": retention,
                        "notices": notices,
                    }
                ),
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
            )
        )


class AsyncKeysApi:
    """Operations `keys`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(self, *, operator: bool | None = None, limit: int | None = None) -> AsyncPages[models.Key]:
        """List keys.

        By the time when they were made, revoked ones included; with `operator=true` those of operators, for an
        operator's key with the scope `operator`. A key that is limited to numbers is shown the keys that are
        limited to some of these.
        """
        return AsyncPages(
            self._transport,
            Spec("GET", "/v2/keys", models.Page[models.Key], query={"operator": operator, "limit": limit}),
        )

    async def create(
        self,
        *,
        label: str | msgspec.UnsetType = msgspec.UNSET,
        scopes: Sequence[str],
        numbers: Sequence[str] | None | msgspec.UnsetType = msgspec.UNSET,
        expires_at: str | None | msgspec.UnsetType = msgspec.UNSET,
        operator: bool | msgspec.UnsetType = msgspec.UNSET,
        idempotency_key: str | None = None,
    ) -> models.NewKey:
        """Make a key.

        It may do no more than the key of the request: its scopes, numbers and expiry are within those. The
        answer shows its secret, this once; a request that is sent again with its `Idempotency-Key` is shown it
        again.
        """
        return await self._transport.run(
            Spec(
                "POST",
                "/v2/keys",
                models.NewKey,
                body=given(
                    {
                        "label": label,
                        "scopes": scopes,
                        "numbers": numbers,
                        "expires_at": expires_at,
                        "operator": operator,
                    }
                ),
                headers=sent({"Idempotency-Key": idempotency_key}),
            )
        )

    async def get(self, key_id: str) -> models.Key:
        """Read a key."""
        return await self._transport.run(Spec("GET", f"/v2/keys/{part(key_id)}", models.Key))

    async def update(
        self,
        key_id: str,
        *,
        label: str | msgspec.UnsetType = msgspec.UNSET,
        scopes: Sequence[str] | msgspec.UnsetType = msgspec.UNSET,
        numbers: Sequence[str] | None | msgspec.UnsetType = msgspec.UNSET,
        expires_at: str | None | msgspec.UnsetType = msgspec.UNSET,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Key:
        """Change a key.

        From the next request on. It may do no more than the key of the request, neither before nor afterwards.
        """
        return await self._transport.run(
            Spec(
                "PATCH",
                f"/v2/keys/{part(key_id)}",
                models.Key,
                body=given({"label": label, "scopes": scopes, "numbers": numbers, "expires_at": expires_at}),
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
            )
        )

    async def delete(self, key_id: str, *, if_match: str | None = None, idempotency_key: str | None = None) -> None:
        """Revoke a key.

        From the next request on. It stays in the list for a time. Revoking it again is not an error.
        """
        await self._transport.run(
            Spec(
                "DELETE",
                f"/v2/keys/{part(key_id)}",
                None,
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
            )
        )

    async def rotate(
        self,
        key_id: str,
        *,
        keep_s: int | msgspec.UnsetType = msgspec.UNSET,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.NewKey:
        """Give a key another secret.

        The previous one stays valid for `keep_s` seconds, so that programs can be told one by one; one that was
        replaced before ends at once. The answer shows the new one, this once.
        """
        return await self._transport.run(
            Spec(
                "POST",
                f"/v2/keys/{part(key_id)}/rotate",
                models.NewKey,
                body=given({"keep_s": keep_s}),
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
            )
        )

    def history(self, key_id: str, *, limit: int | None = None) -> AsyncPages[models.KeyChange]:
        """List the changes of a key. Newest first, as long as the operator keeps them."""
        return AsyncPages(
            self._transport,
            Spec("GET", f"/v2/keys/{part(key_id)}/history", models.Page[models.KeyChange], query={"limit": limit}),
        )


class AsyncWebhooksApi:
    """Operations `webhooks`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(self, *, limit: int | None = None) -> AsyncPages[models.Webhook]:
        """List webhooks.

        In the order in which they were made. A key that is limited to numbers sees those of these.
        """
        return AsyncPages(
            self._transport, Spec("GET", "/v2/webhooks", models.Page[models.Webhook], query={"limit": limit})
        )

    async def create(
        self,
        *,
        url: str,
        types: Sequence[str] | msgspec.UnsetType = msgspec.UNSET,
        numbers: Sequence[str] | msgspec.UnsetType = msgspec.UNSET,
        description: str | msgspec.UnsetType = msgspec.UNSET,
        enabled: bool | msgspec.UnsetType = msgspec.UNSET,
        idempotency_key: str | None = None,
    ) -> models.NewWebhook:
        """Make a webhook.

        It gets what happens from now on. The answer shows its secret, this once; a request that is sent again
        with its `Idempotency-Key` is shown it again. An operator's key that names no account makes one of the
        node, which is notified of trunks.
        """
        return await self._transport.run(
            Spec(
                "POST",
                "/v2/webhooks",
                models.NewWebhook,
                body=given(
                    {"url": url, "types": types, "numbers": numbers, "description": description, "enabled": enabled}
                ),
                headers=sent({"Idempotency-Key": idempotency_key}),
            )
        )

    async def get(self, webhook_id: str) -> models.Webhook:
        """Read a webhook."""
        return await self._transport.run(Spec("GET", f"/v2/webhooks/{part(webhook_id)}", models.Webhook))

    async def update(
        self,
        webhook_id: str,
        *,
        url: str | msgspec.UnsetType = msgspec.UNSET,
        types: Sequence[str] | msgspec.UnsetType = msgspec.UNSET,
        numbers: Sequence[str] | msgspec.UnsetType = msgspec.UNSET,
        description: str | msgspec.UnsetType = msgspec.UNSET,
        enabled: bool | msgspec.UnsetType = msgspec.UNSET,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Webhook:
        """Change a webhook. From the next attempt on."""
        return await self._transport.run(
            Spec(
                "PATCH",
                f"/v2/webhooks/{part(webhook_id)}",
                models.Webhook,
                body=given(
                    {"url": url, "types": types, "numbers": numbers, "description": description, "enabled": enabled}
                ),
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
            )
        )

    async def delete(self, webhook_id: str, *, if_match: str | None = None, idempotency_key: str | None = None) -> None:
        """Remove a webhook. Nothing more is sent to it, but what is on its way just now."""
        await self._transport.run(
            Spec(
                "DELETE",
                f"/v2/webhooks/{part(webhook_id)}",
                None,
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
            )
        )

    async def rotate_secret(
        self, webhook_id: str, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> models.NewWebhook:
        """Give a webhook another secret. For 24 hours both sign. The answer shows the new one, this once."""
        return await self._transport.run(
            Spec(
                "POST",
                f"/v2/webhooks/{part(webhook_id)}/rotate-secret",
                models.NewWebhook,
                headers=sent({"If-Match": if_match, "Idempotency-Key": idempotency_key}),
            )
        )

    async def test(self, webhook_id: str, *, idempotency_key: str | None = None) -> None:
        """Send a test to a webhook.

        An event `webhook.test`, to this one alone, disabled or not. Its deliveries show what came of it.
        """
        await self._transport.run(
            Spec(
                "POST",
                f"/v2/webhooks/{part(webhook_id)}/test",
                None,
                headers=sent({"Idempotency-Key": idempotency_key}),
            )
        )

    def deliveries(
        self, webhook_id: str, *, state: str | None = None, limit: int | None = None
    ) -> AsyncPages[models.Delivery]:
        """List what was delivered to a webhook.

        The latest first, those that wait included, with the beginning of what was sent and answered.
        """
        return AsyncPages(
            self._transport,
            Spec(
                "GET",
                f"/v2/webhooks/{part(webhook_id)}/deliveries",
                models.Page[models.Delivery],
                query={"state": state, "limit": limit},
            ),
        )

    async def redeliver(self, webhook_id: str, delivery_id: str, *, idempotency_key: str | None = None) -> None:
        """Deliver an event once more. At once, and out of its order. The answer is the new delivery."""
        await self._transport.run(
            Spec(
                "POST",
                f"/v2/webhooks/{part(webhook_id)}/deliveries/{part(delivery_id)}/redeliver",
                None,
                headers=sent({"Idempotency-Key": idempotency_key}),
            )
        )

    def changes(self, *, webhook: str | None = None, limit: int | None = None) -> AsyncPages[models.WebhookChange]:
        """List the changes of webhooks.

        Newest first, those of removed ones too, as long as the operator keeps them. A key that is limited to
        numbers sees those of webhooks of these. That renvoi disabled one itself, as it failed, is among them.
        """
        return AsyncPages(
            self._transport,
            Spec(
                "GET",
                "/v2/webhook-changes",
                models.Page[models.WebhookChange],
                query={"webhook": webhook, "limit": limit},
            ),
        )


class AsyncEventsApi:
    """Operations `events`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(
        self, *, number: str | None = None, type: Sequence[str] | None = None, limit: int | None = None
    ) -> AsyncPages[models.Event]:
        """List what happened.

        The oldest first, as long as the operator keeps them. `next_cursor` is never null, so that the list can
        be read on when more has happened; a page without `Link` is the last one. With `Accept: text/event-
        stream` they come as they happen, from now on, or from behind the event that `Last-Event-ID` names; the
        stream ends with its key. An operator's key that names no account reads the node's events.
        """
        return AsyncPages(
            self._transport,
            Spec(
                "GET", "/v2/events", models.Page[models.Event], query={"number": number, "type": type, "limit": limit}
            ),
        )


class AsyncAdminApi:
    """Operations `admin`."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport
        self.accounts = AsyncAdminAccountsApi(transport)
        self.policies = AsyncAdminPoliciesApi(transport)
        self.limits = AsyncAdminLimitsApi(transport)
        self.numbers = AsyncAdminNumbersApi(transport)
        self.removals = AsyncAdminRemovalsApi(transport)
        self.changes = AsyncAdminChangesApi(transport)
        self.rates = AsyncAdminRatesApi(transport)
        self.trunks = AsyncAdminTrunksApi(transport)
        self.trunk_presets = AsyncAdminTrunkPresetsApi(transport)
        self.node = AsyncAdminNodeApi(transport)


class AsyncApi:
    """All operations, by their groups."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport
        self.numbers = AsyncNumbersApi(transport)
        self.forwarding = AsyncForwardingApi(transport)
        self.greeting = AsyncGreetingApi(transport)
        self.messages = AsyncMessagesApi(transport)
        self.audio = AsyncAudioApi(transport)
        self.calls = AsyncCallsApi(transport)
        self.account = AsyncAccountApi(transport)
        self.keys = AsyncKeysApi(transport)
        self.webhooks = AsyncWebhooksApi(transport)
        self.events = AsyncEventsApi(transport)
        self.admin = AsyncAdminApi(transport)
