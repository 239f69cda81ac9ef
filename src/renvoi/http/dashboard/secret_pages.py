"""Forms whose answer shows a secret: each makes one thing however often it is sent, and its secret is shown once.

What a form makes is stored with its secret in one transaction, under the word that the form carries. The browser is
sent on to the page of that word, so a reload, a second click or two clicks at once make nothing more: all of them lead
there. The secret is sealed by the session's cookie, which is not stored, and is removed as it is shown.
"""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.responses import Response
from starlette.routing import Route

from renvoi.application.forwarding import IDEMPOTENCY_WINDOW_MS
from renvoi.application.ports.answers import ApiAnswer
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.application.sessions import Session
from renvoi.http.dashboard.forms import ONCE
from renvoi.http.dashboard.site import Site, local_path
from renvoi.http.dashboard.visit import HEADERS, Visit

T = TypeVar("T")

PAGE = "/shown/"
_WORD = re.compile(r"[A-Za-z0-9_-]{16,64}")
_NAME = re.compile(r"[A-Za-z0-9_-]{16,64}\.[0-9a-f]{32}")
_FORGET_AT_ONCE = 8
"""Expired answers that are dropped with each: more than come in, so the table does not grow."""
_NONCE_BYTES = 12
_BACK = "location"


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret and what is said of it; `back` is the page of what it belongs to."""

    title: str
    text: str
    secret: str
    back: str
    notes: Sequence[str] = ()


def routes(site: Site) -> Sequence[Route]:
    return [site.get(PAGE + "{name}", "shown", _show)]


async def make_once(visit: Visit, make: Callable[[Store], Awaitable[T]], secret_of: Callable[[T], Secret]) -> Response:
    """Make what a form asks for, by `make` on the store that it is given, and send the browser to its secret.

    `make` is one `write` of that store. A form that was sent before makes nothing.

    Raises:
        Problem: it is not made; the form may be sent again.
    """
    name = _name_of(visit)
    with suppress(_MadeBefore):
        await make(_OnceStore(visit, name, secret_of))
    return visit.redirect(PAGE + name)


def show_secret(visit: Visit, secret: Secret) -> Response:
    """Return the page that shows a secret, this once: no other one does, and no browser keeps it."""
    return visit.render("secret.html.j2", **asdict(secret))


def _name_of(visit: Visit) -> str:
    """Return the name of what a form makes: its word, with what is asked for.

    Who goes back and asks for something else wants another thing, though the browser kept the word.
    """
    word = visit.form.text(ONCE)
    if not _WORD.fullmatch(word):
        word = secrets.token_urlsafe(16)
    asked = sorted(visit.form.items())
    digest = hashlib.sha256(json.dumps([visit.request.url.path, asked]).encode()).hexdigest()
    return f"{word}.{digest[:32]}"


class _MadeBefore(Exception):
    """The same form was sent before."""


def _session(visit: Visit) -> Session:
    assert visit.session is not None
    return visit.session


def _key(visit: Visit, name: str) -> str:
    # No `Idempotency-Key` has a line end, so none of a caller's is that of a form.
    return f"form\n{_session(visit).id}\n{name}"


def _sealing(visit: Visit, name: str) -> AESGCM:
    secret = _session(visit).token.secret
    return AESGCM(hmac.digest(secret.encode(), b"renvoi shown\0" + name.encode(), "sha256"))


class _OnceStore:
    """A `Store` whose `write` makes one thing for each name, and stores its secret in the same transaction."""

    def __init__(self, visit: Visit, name: str, secret_of: Callable[[Any], Secret]) -> None:
        self._visit = visit
        self._name = name
        self._secret_of = secret_of

    @property
    def keeps_audio(self) -> bool:
        return self._visit.deps.store.keeps_audio

    async def read(self, work: Callable[[Reader], T]) -> T:
        return await self._visit.deps.store.read(work)

    async def write(self, work: Callable[[Writer], T]) -> T:
        visit, key = self._visit, _key(self._visit, self._name)
        account_id, now_ms = visit.principal.account_id, visit.now_ms
        forget_before_ms = now_ms - IDEMPOTENCY_WINDOW_MS
        claim = ApiAnswer(b"", secrets.token_hex(16), now_ms, now_ms + IDEMPOTENCY_WINDOW_MS)

        def both(writer: Writer) -> T:
            writer.forget_api_answers(forget_before_ms, _FORGET_AT_ONCE)
            if not writer.claim_answer(account_id, key, claim, forget_before_ms):
                raise _MadeBefore
            result = work(writer)
            secret = self._secret_of(result)
            nonce = secrets.token_bytes(_NONCE_BYTES)
            body = nonce + _sealing(visit, self._name).encrypt(nonce, json.dumps(asdict(secret)).encode(), None)
            answer = replace(claim, status=200, headers=((_BACK, secret.back),), body=body, sealed=True)
            writer.finish_answer(account_id, key, answer)
            return result

        return await visit.deps.store.write(both)

    async def close(self) -> None:
        """Leave the store open: it belongs to the application."""


async def _show(visit: Visit) -> Response:
    """Show a secret and remove it; who comes again is told that it was shown, and where to go on."""
    if visit.request.method == "HEAD" or _looks_ahead(visit):
        # Whoever only asks whether it is there uses nothing up (RFC 9110 §9.2.1).
        return Response(status_code=204, headers=dict(HEADERS))
    name, account_id = str(visit.request.path_params["name"]), visit.principal.account_id

    def take(writer: Writer) -> ApiAnswer | None:
        found = writer.api_answer(account_id, _key(visit, name)) if _NAME.fullmatch(name) else None
        if found is None or not found.sealed:
            return found
        return (
            found if writer.empty_answer(account_id, _key(visit, name), found.owner) else replace(found, sealed=False)
        )

    found = await visit.deps.store.write(take)
    if found is not None and found.sealed:
        nonce, sealed = found.body[:_NONCE_BYTES], found.body[_NONCE_BYTES:]
        return show_secret(visit, Secret(**json.loads(_sealing(visit, name).decrypt(nonce, sealed, None))))
    back = local_path(dict(found.headers).get(_BACK, "/")) if found is not None else "/"
    return visit.render("shown.html.j2", 410, back=back)


def _looks_ahead(visit: Visit) -> bool:
    headers = visit.request.headers
    return "prefetch" in headers.get("sec-purpose", headers.get("purpose", ""))
