"""`/keys`: API keys, their limits and their secrets, as `/v2/keys` has them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import Route

from renvoi.application import keys
from renvoi.application.keys import KEEP, KeyView, KeyWish, NewSecret
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.access.api_key import EVERY_ACCOUNT, KeyRecord, is_operator_id
from renvoi.domain.access.rights import EVERYTHING, OPERATOR_SCOPES, SCOPES, written_scopes
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.ids import IdKind, written
from renvoi.domain.problem import Problem, invalid
from renvoi.http.dashboard import fields
from renvoi.http.dashboard.actors import actors_of
from renvoi.http.dashboard.confirmations import ask, refused
from renvoi.http.dashboard.formats import moment
from renvoi.http.dashboard.forms import NO_ERRORS, Choice, FormErrors
from renvoi.http.dashboard.lists import Listed
from renvoi.http.dashboard.secret_pages import Secret, make_once, show_secret
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import Visit
from renvoi.http.v2.key_models import KeyPatch, KeyRequest, KeyRotation, key_id_of, key_tag, read_wish
from renvoi.http.v2.models import given, timestamp

M = TypeVar("M", bound=BaseModel)

SCOPE = "keys:write"
_EXAMPLE = "2036-01-31"
_SCOPE_OF = Choice("scope_of", "/scopes", "all", "some", "keys.all", "keys.some")
_CHANGES = 20
"""Changes of a key that its page shows."""


def routes(site: Site) -> Sequence[Route]:
    return [
        site.get("/keys", "keys", _list, SCOPE),
        site.post("/keys", "key_create", _create, SCOPE),
        site.get("/keys/{key}", "key", _show, SCOPE),
        site.post("/keys/{key}", "key_update", _update, SCOPE),
        site.get("/keys/{key}/rotate", "key_rotate", _ask_rotate, SCOPE),
        site.post("/keys/{key}/rotate", "key_rotated", _rotate, SCOPE),
        site.get("/keys/{key}/revoke", "key_revoke", _ask_revoke, SCOPE),
        site.post("/keys/{key}/revoke", "key_revoked", _revoke, SCOPE),
    ]


def _of_operators(visit: Visit) -> bool:
    """Tell whether the page is of operators' keys, which belong to no account."""
    return visit.principal.account_id == EVERY_ACCOUNT


def _scopes(visit: Visit, *, of_operator: bool) -> Sequence[str]:
    """Return the scopes that a key may be given by whoever looks."""
    return [scope for scope in (OPERATOR_SCOPES if of_operator else SCOPES) if visit.may(scope)]


def _blank(visit: Visit) -> dict[str, Any]:
    """Return the form of a new key: what it may do is for whoever makes it to say, nothing is chosen before."""
    who = visit.principal
    return {
        "label": "",
        "scope_of": "",
        "scopes": [],
        "numbers": fields.number_lines(who.numbers or ()),
        "expires_at": _day(visit, who.expires_at_ms),
    }


def _bounds(visit: Visit) -> dict[str, Any]:
    """Return what no key may go beyond that whoever looks makes or changes, for the form to offer nothing else."""
    who = visit.principal
    return {
        "may_all": not who.scopes,
        "may_all_numbers": who.numbers is None,
        "latest_expiry": who.expires_at_ms,
        "zone": visit.reader.zone.key,
    }


def _state(visit: Visit, record: KeyRecord) -> str:
    if record.revoked_at_ms is not None:
        return "revoked"
    return "expired" if record.is_over(visit.now_ms) else "good"


def _row(visit: Visit, view: KeyView) -> Mapping[str, Any]:
    record = view.record
    return {
        "id": written(IdKind.KEY, record.id),
        "label": record.label,
        "state": _state(visit, record),
        "is_operator": record.is_operator,
        "account": record.account_id,
        "scopes": written_scopes(record.scopes),
        "numbers": None if record.numbers is None else sorted(number.value for number in record.numbers),
        "expires_at": record.expires_at_ms,
        "revoked_at": record.revoked_at_ms,
        "created_at": record.created_at_ms,
        "last_used_at": view.last_used_at_ms,
        "previous_until": record.previous_until_ms,
        "version": key_tag(record),
    }


async def _list(visit: Visit) -> Response:
    return await _page(visit, {}, NO_ERRORS)


async def _page(visit: Visit, sent: Mapping[str, Any], errors: FormErrors) -> Response:
    listed, of_operators = Listed(visit), _of_operators(visit)
    after = listed.after(int, str)
    place = None if after is None else (after[0], after[1])
    found = await keys.keys_page(visit.deps.store, visit.principal, place, listed.limit + 1, of_operators=of_operators)
    shown, follows = listed.cut(found, lambda view: view.record.place)
    return visit.render(
        "keys.html.j2",
        (errors or visit.query_errors).status,
        keys=[_row(visit, view) for view in shown],
        is_first=listed.is_first,
        next_page=follows,
        of_operators=of_operators,
        form={**_blank(visit), **sent},
        scopes=_scopes(visit, of_operator=of_operators),
        **_bounds(visit),
        errors=errors,
    )


def _sent(visit: Visit) -> dict[str, Any]:
    """Return what the form says, to show it again; `wrong` is what is wrong with its choice."""
    form = visit.form
    scopes = form.texts("scopes")
    scope_of, wrong = _SCOPE_OF.read(form, has_more=bool(scopes))
    return {
        "label": form.text("label"),
        "scope_of": scope_of,
        "wrong": wrong,
        "scopes": scopes,
        "numbers": form.text("numbers"),
        "expires_at": form.text("expires_at"),
    }


def _body(visit: Visit, sent: Mapping[str, Any], before: KeyRecord | None) -> dict[str, Any]:
    """Return the body of `/v2` that a form stands for."""
    limited = fields.numbers(fields.lines(sent["numbers"]), visit.reader.region)
    return {
        "label": sent["label"],
        "scopes": [EVERYTHING] if sent["scope_of"] == _SCOPE_OF.alone else sent["scopes"],
        "numbers": limited or None,
        "expires_at": _expiry(visit, sent["expires_at"], before),
    }


def _expiry(visit: Visit, day: str, before: KeyRecord | None) -> str | None:
    """Return the time of RFC 3339 that a day (`2036-01-31`) of the form means: its beginning, where the reader is.

    What is not a day stays as it is, for the model; a day that was not changed is the time that it was.
    """
    if not day:
        return None
    if before is not None and day == _day(visit, before.expires_at_ms):
        assert before.expires_at_ms is not None
        return timestamp(before.expires_at_ms)
    try:
        found = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=visit.reader.zone)
        return timestamp(round(found.timestamp() * 1000))
    except (ValueError, OverflowError):
        return day


def _checked(model: type[M], body: Mapping[str, Any], wrong: Sequence[FieldError]) -> M:
    """Return what a form says as a body of `/v2`, where a day of the form is a time.

    Raises:
        Problem: fields are wrong.
    """
    try:
        return fields.checked(model, body, wrong)
    except Problem as problem:
        raise invalid(*map(_of_day, problem.errors)) from problem


def _of_day(error: FieldError) -> FieldError:
    is_no_day = error.pointer == "/expires_at" and error.code is FieldCode.BAD_FORMAT
    return FieldError(error.pointer, error.code, {"expected": _EXAMPLE}) if is_no_day else error


def _day(visit: Visit, at_ms: int | None) -> str:
    found = moment(visit.reader, at_ms)
    return "" if found is None else f"{found:%Y-%m-%d}"


async def _create(visit: Visit) -> Response:
    sent, of_operator = _sent(visit), _of_operators(visit)
    try:
        body = _checked(KeyRequest, _body(visit, sent, None), sent["wrong"])
        wish = KeyWish(**read_wish(given(body, "label", "scopes", "numbers", "expires_at"), is_operator=of_operator))
        return await make_once(
            visit,
            lambda store: keys.create_key(store, visit.deps.clock, visit.principal, wish, of_operator=of_operator),
            lambda made: _new_secret(visit, made),
        )
    except Problem as problem:
        return await _page(visit, sent, refused(visit, problem))


def _new_secret(visit: Visit, made: NewSecret) -> Secret:
    shown = written(IdKind.KEY, made.key.id)
    title = visit.text("keys.made", name=made.view.record.label or shown)
    return Secret(title, visit.text("keys.once"), made.key.reveal(), f"/keys/{shown}", [visit.text("keys.use")])


def _id(visit: Visit) -> str:
    return key_id_of(visit.request.path_params["key"])


async def _show(visit: Visit) -> Response:
    return await _one(visit, None, NO_ERRORS)


async def _one(visit: Visit, sent: Mapping[str, Any] | None, errors: FormErrors) -> Response:
    store, who, key_id = visit.deps.store, visit.principal, _id(visit)
    view = await keys.read_key(store, who, key_id)
    changes = await keys.key_history(store, who, key_id, _CHANGES)
    actors = await actors_of(visit, (change.key_id for change in changes))
    record = view.record
    own = {
        "label": record.label,
        "scope_of": _SCOPE_OF.with_more if record.scopes else _SCOPE_OF.alone,
        "scopes": list(record.scopes),
        "numbers": fields.number_lines(record.numbers or ()),
        "expires_at": _day(visit, record.expires_at_ms),
    }
    return visit.render(
        "key.html.j2",
        errors.status,
        key=_row(visit, view),
        may_change=_state(visit, record) == "good" and not record.rights.beyond(who.rights),
        may_revoke=record.revoked_at_ms is None and not record.rights.beyond(who.rights),
        is_own=record.id == who.key_id,
        form=own if sent is None else sent,
        scopes=_scopes(visit, of_operator=record.is_operator),
        **_bounds(visit),
        changes=[(change, written_scopes(change.after.scopes)) for change in changes],
        who=lambda change: actors.shown(change.key_id, change.source),
        of_operators=record.is_operator,
        errors=errors,
    )


async def _update(visit: Visit) -> Response:
    sent, key_id, matching = _sent(visit), _id(visit), fields.matching(visit.form)
    store, clock, who = visit.deps.store, visit.deps.clock, visit.principal
    before = (await keys.read_key(store, who, key_id)).record
    try:
        body = _checked(KeyPatch, _body(visit, sent, before), sent["wrong"])
        changes = read_wish(given(body), is_operator=is_operator_id(key_id))
        await keys.change_key(
            store,
            clock,
            who,
            key_id,
            lambda wish: replace(wish, **changes),
            lambda record: matching.check(key_tag(record)),
        )
    except Problem as problem:
        return await _one(visit, sent, refused(visit, problem))
    return visit.redirect(f"/keys/{written(IdKind.KEY, key_id)}", "said.saved")


async def _ask_rotate(visit: Visit, errors: FormErrors = NO_ERRORS) -> Response:
    record = (await keys.read_key(visit.deps.store, visit.principal, _id(visit))).record
    shown = written(IdKind.KEY, record.id)
    return ask(
        visit,
        visit.text("keys.rotate_title", name=record.label or shown),
        [visit.text("keys.rotate_text")],
        visit.text("keys.rotate"),
        f"/keys/{shown}",
        ticks=[("keep", visit.text("keys.rotate_keep"), True)],
        is_dangerous=False,
        shows_secret=True,
        errors=errors,
    )


async def _rotate(visit: Visit) -> Response:
    body = KeyRotation(keep_s=int(KEEP.total_seconds()) if visit.form.flag("keep") else 0)
    keep, key_id = timedelta(seconds=body.keep_s), _id(visit)

    async def rotate(store: Store) -> NewSecret:
        return await keys.rotate_key(store, visit.deps.clock, visit.principal, key_id, keep)

    try:
        if key_id == visit.principal.key_id and not keep:
            # This session ends with the secret that it began with, so no other page could show the new one. What is
            # sent again is refused, as nobody is signed in.
            return show_secret(visit, _rotated(visit, await rotate(visit.deps.store)))
        return await make_once(visit, rotate, lambda made: _rotated(visit, made))
    except Problem as problem:
        return await _ask_rotate(visit, refused(visit, problem))


def _rotated(visit: Visit, made: NewSecret) -> Secret:
    shown = written(IdKind.KEY, made.key.id)
    title = visit.text("keys.rotated", name=made.view.record.label or shown)
    return Secret(title, visit.text("keys.once"), made.key.reveal(), f"/keys/{shown}")


async def _ask_revoke(visit: Visit, errors: FormErrors = NO_ERRORS) -> Response:
    record = (await keys.read_key(visit.deps.store, visit.principal, _id(visit))).record
    shown = written(IdKind.KEY, record.id)
    texts = [visit.text("keys.revoke_text")]
    if record.id == visit.principal.key_id:
        texts.append(visit.text("keys.revoke_own"))
    return ask(
        visit,
        visit.text("keys.revoke_title", name=record.label or shown),
        texts,
        visit.text("keys.revoke"),
        f"/keys/{shown}",
        errors=errors,
    )


async def _revoke(visit: Visit) -> Response:
    try:
        await keys.revoke_key(visit.deps.store, visit.deps.clock, visit.principal, _id(visit))
    except Problem as problem:
        return await _ask_revoke(visit, refused(visit, problem))
    return visit.redirect("/keys", "keys.revoked_said")
