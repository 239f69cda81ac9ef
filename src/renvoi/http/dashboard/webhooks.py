"""`/webhooks`: endpoints that are told what happens, as `/v2/webhooks` has them."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from renvoi.application.ports.unit_of_work import Reader
from renvoi.application.webhooks import endpoints
from renvoi.application.webhooks.endpoints import NewWebhook, WebhookWish
from renvoi.domain.access.api_key import EVERY_ACCOUNT
from renvoi.domain.events.webhook import EVERY_TYPE, Webhook
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.ids import IdKind, written
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.http.dashboard import fields
from renvoi.http.dashboard.confirmations import ask, refused
from renvoi.http.dashboard.forms import NO_ERRORS, Choice, Form, FormErrors
from renvoi.http.dashboard.lists import Listed
from renvoi.http.dashboard.secret_pages import Secret, make_once
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import Visit
from renvoi.http.dashboard.webhook_deliveries import delivery_rows
from renvoi.http.v2.models import given
from renvoi.http.v2.webhook_models import (
    SENT_TYPES,
    WebhookPatch,
    WebhookRequest,
    webhook_id_of,
    webhook_tag,
    wish_of,
)
from renvoi.http.v2.webhooks import SCOPE, sealer_for

LIST, NEW = "/webhooks", "/webhooks/new"
_TYPES_OF = Choice("types_of", "/types", "all", "some", "webhooks.all_types", "webhooks.some_types")
_DELIVERIES = 20
"""Deliveries that the page of an endpoint shows; another page has them all."""


def routes(site: Site) -> Sequence[Route]:
    one = "/webhooks/{webhook}"
    return [
        site.get(LIST, "webhooks", _list, SCOPE),
        site.get(NEW, "webhook_new", _new, SCOPE),
        site.post(NEW, "webhook_create", _create, SCOPE),
        site.get(one, "webhook", _show, SCOPE),
        site.post(one, "webhook_update", _update, SCOPE),
        site.post(one + "/enable", "webhook_enable", _enable, SCOPE),
        site.get(one + "/rotate", "webhook_rotate", _ask_rotate, SCOPE),
        site.post(one + "/rotate", "webhook_rotated", _rotate, SCOPE),
        site.get(one + "/delete", "webhook_delete", _ask_delete, SCOPE),
        site.post(one + "/delete", "webhook_deleted", _delete, SCOPE),
    ]


def _row(webhook: Webhook) -> Mapping[str, Any]:
    reason = webhook.disabled_reason
    return {
        "id": written(IdKind.WEBHOOK, webhook.id),
        "url": webhook.url,
        "description": webhook.description,
        "types": webhook.types,
        "all_types": webhook.types == (EVERY_TYPE,),
        "numbers": webhook.numbers,
        "enabled": webhook.enabled,
        "reason": None if reason is None else reason.value,
        "disabled_at": webhook.disabled_at_ms,
        "failing_since": webhook.failing_since_ms,
        "created_at": webhook.created_at_ms,
        "previous_until": webhook.previous_until_ms,
        "account": webhook.account_id,
    }


async def _list(visit: Visit) -> Response:
    listed, who = Listed(visit), visit.principal
    after = listed.after(str)
    first = "" if after is None else after[0]
    found = await visit.deps.store.read(lambda reader: endpoints.webhook_page(reader, who, first, listed.limit + 1))
    shown, follows = listed.cut(found, lambda each: (each.id,))
    return visit.render(
        "webhooks.html.j2",
        visit.query_errors.status,
        webhooks=[_row(each) for each in shown],
        next_page=follows,
        is_first=listed.is_first,
        of_node=who.account_id == EVERY_ACCOUNT,
    )


def _sent(form: Form) -> dict[str, Any]:
    """Return what the form says, to show it again; `wrong` is what is wrong with its choice."""
    types = form.texts("types")
    types_of, wrong = _TYPES_OF.read(form, has_more=bool(types))
    return {
        "url": form.text("url"),
        "description": form.text("description"),
        "types_of": types_of,
        "wrong": wrong,
        "types": types,
        "numbers": form.text("numbers"),
        "enabled": form.flag("enabled"),
    }


def _body(visit: Visit, sent: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "url": sent["url"],
        "description": sent["description"],
        "types": [EVERY_TYPE] if sent["types_of"] == _TYPES_OF.alone else sent["types"],
        "numbers": fields.numbers(fields.lines(sent["numbers"]), visit.reader.region),
        "enabled": sent["enabled"],
    }


async def _new(visit: Visit) -> Response:
    # Who is limited to numbers is refused an endpoint of all.
    own = fields.number_lines(visit.principal.numbers or ())
    blank = {"url": "", "description": "", "types_of": "", "types": [], "numbers": own, "enabled": True}
    return _form(visit, blank, NO_ERRORS)


def _form(visit: Visit, sent: Mapping[str, Any], errors: FormErrors) -> Response:
    of_node = visit.principal.account_id == EVERY_ACCOUNT
    return visit.render(
        "webhook_new.html.j2", errors.status, form=sent, types=SENT_TYPES, of_node=of_node, errors=errors
    )


async def _create(visit: Visit) -> Response:
    sent, deps = _sent(visit.form), visit.deps
    try:
        wish = wish_of(fields.checked(WebhookRequest, _body(visit, sent), sent["wrong"]).model_dump())
        return await make_once(
            visit,
            lambda store: endpoints.create_webhook(
                store, deps.clock, visit.principal, wish, deps.shared.webhook_urls, sealer_for(deps)
            ),
            lambda made: _secret(visit, made, "webhooks.made", made.webhook.url),
        )
    except Problem as problem:
        return _form(visit, sent, _wrong(visit, problem))


def _wrong(visit: Visit, problem: Problem) -> FormErrors:
    """Return what is wrong; that the numbers are missing which a limited key has to name stands beside them."""
    if problem.code is ProblemCode.KEY_LIMITED:
        problem = invalid(FieldError("/numbers", FieldCode.TOO_FEW, {"least": 1}))
    return refused(visit, problem)


def _secret(visit: Visit, made: NewWebhook, title: str, note: str) -> Secret:
    """Return the secret of an endpoint with what its page says."""
    back = f"/webhooks/{written(IdKind.WEBHOOK, made.webhook.id)}"
    return Secret(visit.text(title), visit.text("webhooks.once"), made.secret, back, [note])


def _id(visit: Visit) -> str:
    return webhook_id_of(visit.request.path_params["webhook"])


async def _show(visit: Visit) -> Response:
    return await _one(visit, None, NO_ERRORS)


async def _one(visit: Visit, sent: Mapping[str, Any] | None, errors: FormErrors) -> Response:
    who, wanted = visit.principal, _id(visit)

    def find(reader: Reader) -> tuple[Webhook, list[Any]]:
        webhook = endpoints.find_webhook(reader, who, wanted)
        found = endpoints.delivery_page(reader, who, wanted, None, _DELIVERIES + 1, None)
        return webhook, [(each, reader.event(each.position)) for each in found]

    webhook, deliveries = await visit.deps.store.read(find)
    own = {
        "url": webhook.url,
        "description": webhook.description,
        "types_of": _TYPES_OF.alone if webhook.types == (EVERY_TYPE,) else _TYPES_OF.with_more,
        "types": [] if webhook.types == (EVERY_TYPE,) else list(webhook.types),
        "numbers": "\n".join(number.value for number in webhook.numbers),
        "enabled": webhook.enabled,
    }
    return visit.render(
        "webhook.html.j2",
        errors.status,
        webhook=_row(webhook),
        form=own if sent is None else sent,
        types=SENT_TYPES,
        of_node=webhook.account_id == EVERY_ACCOUNT,
        version=webhook_tag(webhook),
        deliveries=delivery_rows(visit, deliveries[:_DELIVERIES]),
        has_more=len(deliveries) > _DELIVERIES,
        errors=errors,
    )


async def _update(visit: Visit) -> Response:
    sent, wanted, deps = _sent(visit.form), _id(visit), visit.deps
    matching = fields.matching(visit.form)
    try:
        wish = wish_of(given(fields.checked(WebhookPatch, _body(visit, sent), sent["wrong"])))
        await endpoints.change_webhook(
            deps.store,
            deps.clock,
            visit.principal,
            wanted,
            wish,
            deps.shared.webhook_urls,
            lambda webhook: matching.check(webhook_tag(webhook)),
        )
    except Problem as problem:
        return await _one(visit, sent, _wrong(visit, problem))
    return visit.redirect(f"/webhooks/{written(IdKind.WEBHOOK, wanted)}", "said.saved")


async def _enable(visit: Visit) -> Response:
    """Have an endpoint that was disabled get what happens from now on."""
    wanted, deps = _id(visit), visit.deps
    await endpoints.change_webhook(
        deps.store, deps.clock, visit.principal, wanted, WebhookWish(enabled=True), deps.shared.webhook_urls
    )
    return visit.redirect(f"/webhooks/{written(IdKind.WEBHOOK, wanted)}", "webhooks.enabled_said")


async def _found(visit: Visit) -> Webhook:
    wanted, who = _id(visit), visit.principal
    return await visit.deps.store.read(lambda reader: endpoints.find_webhook(reader, who, wanted))


async def _ask_rotate(visit: Visit, errors: FormErrors = NO_ERRORS) -> Response:
    webhook = await _found(visit)
    return ask(
        visit,
        visit.text("webhooks.rotate_title"),
        [webhook.url, visit.text("webhooks.rotate_text")],
        visit.text("webhooks.rotate"),
        f"/webhooks/{written(IdKind.WEBHOOK, webhook.id)}",
        is_dangerous=False,
        shows_secret=True,
        errors=errors,
    )


async def _rotate(visit: Visit) -> Response:
    deps = visit.deps
    try:
        return await make_once(
            visit,
            lambda store: endpoints.rotate_secret(store, deps.clock, visit.principal, _id(visit), sealer_for(deps)),
            lambda made: _secret(visit, made, "webhooks.rotated", visit.text("webhooks.rotate_both")),
        )
    except Problem as problem:
        return await _ask_rotate(visit, refused(visit, problem))


async def _ask_delete(visit: Visit, errors: FormErrors = NO_ERRORS) -> Response:
    webhook = await _found(visit)
    return ask(
        visit,
        visit.text("webhooks.delete_title"),
        [webhook.url, visit.text("webhooks.delete_text")],
        visit.text("action.delete"),
        f"/webhooks/{written(IdKind.WEBHOOK, webhook.id)}",
        errors=errors,
    )


async def _delete(visit: Visit) -> Response:
    try:
        await endpoints.remove_webhook(visit.deps.store, visit.deps.clock, visit.principal, _id(visit))
    except Problem as problem:
        return await _ask_delete(visit, refused(visit, problem))
    return visit.redirect(LIST, "said.deleted")
