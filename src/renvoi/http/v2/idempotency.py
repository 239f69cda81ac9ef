"""`Idempotency-Key` of `/v2`: a write that is sent again is made once, and answered as the first time.

A claim on the key is stored before the write begins, so whoever sends it again meanwhile, on whichever node, is told
that it is under way. The answer is stored in the transaction of the write where the handler uses
`IdempotentWrite.run`, else right behind it.
"""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from renvoi.application.forwarding import IDEMPOTENCY_WINDOW_MS
from renvoi.application.ports.answers import ApiAnswer
from renvoi.application.ports.unit_of_work import LongWork, Reader, Store, Writer
from renvoi.domain.access.api_key import Principal
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.request_context import RequestContext
from renvoi.http.v2.deps import V2Deps

T = TypeVar("T")

ONCE_KEY = "renvoi.once"
UNDER_WAY_MS = 120_000
"""How long a write is taken to be under way that has not answered; its process may have died."""
RETRY_AFTER_S = 1
_FORGET_AT_ONCE = 8
"""Expired answers dropped with each claim: more than come in, so the table does not grow."""
_KEY = re.compile(rb"[\x20-\x7e]{1,255}")
_KEPT_HEADERS = frozenset({"content-type", "content-language", "etag", "location", "link", "retry-after", "allow"})
_NONCE_BYTES = 12


class IdempotentWrite:
    """One write, with or without an `Idempotency-Key`."""

    def __init__(self, store: Store, account_id: int, claim: "Claim | None" = None) -> None:
        self._store = store
        self._account_id = account_id
        self._claim = claim

    async def run(self, use: Callable[[Store], Awaitable[T]], render: Callable[[T], Response]) -> Response:
        """Return `render` of what `use` does on the store it is given, which has to be one `write`.

        The answer is stored in the transaction of that write, so a process that dies cannot do it twice.
        """
        if self._claim is None:
            return render(await use(self._store))
        store = _Answering(self._store, self._account_id, self._claim, render)
        result = await use(store)
        return store.answer or render(result)

    def part(self, writer: Writer, name: str, run: Callable[[], bytes], now_ms: int) -> bytes:
        """Run a part of a write that takes several transactions, within one of these, and return what it came to.

        A part that was made with the same `Idempotency-Key`, before the process died that began, is not made again.

        Raises:
            Problem: another request has made it meanwhile.
        """
        claim = self._claim
        if claim is None:
            return run()
        # No key has a line end, so none of a caller's is that of a part.
        key = f"{claim.key}\n{name}"
        first = replace(claim.answer, at_ms=now_ms, until_ms=now_ms)
        if writer.claim_answer(self._account_id, key, first, now_ms - IDEMPOTENCY_WINDOW_MS):
            made = run()
            writer.finish_answer(self._account_id, key, replace(first, status=200, body=made))
            return made
        before = writer.api_answer(self._account_id, key)
        if before is None or before.request_hash != claim.answer.request_hash or before.is_under_way:
            raise Problem(ProblemCode.IDEMPOTENCY_CONFLICT)
        return before.body

    async def settle(self, response: Response) -> None:
        """Store the answer of a write whose handler did not; one that invites to try again is forgotten instead."""
        claim = self._claim
        if claim is None or claim.is_answered:
            return
        if response.status_code == 429 or response.status_code >= 500 or not hasattr(response, "body"):
            await self.abandon()
            return
        answer = claim.answered(response)
        await self._store.write(lambda writer: writer.finish_answer(self._account_id, claim.key, answer))

    async def abandon(self) -> None:
        """Let the request be made again: it ended without an answer that counts."""
        claim = self._claim
        if claim is not None and not claim.is_answered:
            owner = claim.answer.owner
            await self._store.write(lambda writer: writer.release_answer(self._account_id, claim.key, owner))


class Claim:
    """A request that was the first one with its `Idempotency-Key`."""

    def __init__(self, key: str, answer: ApiAnswer, sealing: bytes | None) -> None:
        self.key = key
        self.answer = answer
        self.is_answered = False
        self._sealing = sealing

    def answered(self, response: Response) -> ApiAnswer:
        """Return what is stored of an answer; its body is sealed where it shows a secret."""
        body = bytes(response.body)
        if self._sealing is not None:
            nonce = secrets.token_bytes(_NONCE_BYTES)
            body = nonce + AESGCM(self._sealing).encrypt(nonce, body, self.answer.request_hash)
        headers = tuple((name, value) for name, value in response.headers.items() if name in _KEPT_HEADERS)
        return replace(
            self.answer,
            status=response.status_code,
            headers=headers,
            body=body,
            sealed=self._sealing is not None,
        )


class _Answering:
    """A `Store` whose `write` stores the answer too, in the same transaction."""

    def __init__(self, store: Store, account_id: int, claim: Claim, render: Callable[[Any], Response]) -> None:
        self._store = store
        self._account_id = account_id
        self._claim = claim
        self._render = render
        self.answer: Response | None = None

    @property
    def keeps_audio(self) -> bool:
        return self._store.keeps_audio

    async def read(self, work: Callable[[Reader], T]) -> T:
        return await self._store.read(work)

    async def write(self, work: Callable[[Writer], T]) -> T:
        assert self.answer is None, "the answer is stored with the first write, so there may be one only"

        def both(writer: Writer) -> tuple[T, Response]:
            result = work(writer)
            answer = self._render(result)
            if not writer.finish_answer(self._account_id, self._claim.key, self._claim.answered(answer)):
                # It took so long that another one took over: that one's answer is the one that counts.
                raise in_progress()
            return result, answer

        whole: Callable[[Writer], tuple[T, Response]] = LongWork(both) if isinstance(work, LongWork) else both
        result, self.answer = await self._store.write(whole)
        self._claim.is_answered = True
        return result

    async def close(self) -> None:
        """Leave the store open: it belongs to the application."""


async def _once(request: Request) -> IdempotentWrite:
    once = request.scope[ONCE_KEY]
    assert isinstance(once, IdempotentWrite)
    return once


Idempotent = Annotated[IdempotentWrite, Depends(_once)]
"""Of the parameter of a handler that stores its answer together with its change."""


def key_given(context: RequestContext) -> str | None:
    """Return the request's `Idempotency-Key`.

    Raises:
        Problem: it is malformed.
    """
    given = context.headers.get(b"idempotency-key")
    if given is None:
        return None
    if not _KEY.fullmatch(given):
        expected = {"en": "1 to 255 printable ASCII characters", "fr": "1 à 255 caractères ASCII imprimables"}
        error = FieldError("Idempotency-Key:", FieldCode.BAD_FORMAT, {"expected": expected})
        raise Problem(ProblemCode.HEADER_MALFORMED, errors=[error])
    return given.decode()


def request_hash(request: Request, content: bytes, value: Any) -> bytes:
    """Return what two requests share that are the same, however their JSON is written."""
    query = sorted(request.query_params.multi_items())
    if value is not None:
        content = json.dumps(value, sort_keys=True).encode()
    parts = (request.method.encode(), request.scope["path"].encode(errors="replace"), repr(query).encode(), content)
    return hashlib.sha256(b"".join(b"%d:%b" % (len(part), part) for part in parts)).digest()


async def make_once(
    deps: V2Deps, who: Principal, key: str, digest: bytes, secret: str | None
) -> "IdempotentWrite | Response":
    """Claim `key` for this request, and return how its write is run; or the answer to the first one with this key.

    `secret` is that of the API key, for an operation whose answers show secrets of their own.

    Raises:
        Problem: the key was used for another request, or the first one is under way.
    """
    now_ms = deps.clock.now_ms()
    forget_before_ms = now_ms - IDEMPOTENCY_WINDOW_MS
    first = ApiAnswer(digest, secrets.token_hex(16), now_ms, now_ms + UNDER_WAY_MS)

    def work(writer: Writer) -> ApiAnswer | None:
        writer.forget_api_answers(forget_before_ms, _FORGET_AT_ONCE)
        if writer.claim_answer(who.account_id, key, first, forget_before_ms):
            return None
        return writer.api_answer(who.account_id, key)

    before = await deps.store.write(work)
    sealing = None if secret is None else _sealing_key(secret, key)
    if before is None:
        return IdempotentWrite(deps.store, who.account_id, Claim(key, first, sealing))
    if not hmac.compare_digest(before.request_hash, digest):
        raise Problem(ProblemCode.IDEMPOTENCY_CONFLICT)
    if before.is_under_way:
        raise in_progress()
    return _replay(before, sealing)


def in_progress() -> Problem:
    return Problem(ProblemCode.REQUEST_IN_PROGRESS, headers={"Retry-After": str(RETRY_AFTER_S)})


def _sealing_key(secret: str, key: str) -> bytes:
    return hmac.digest(secret.encode(), b"renvoi answer\0" + key.encode(), "sha256")


def _replay(answer: ApiAnswer, sealing: bytes | None) -> Response:
    body = answer.body
    if answer.sealed:
        try:
            assert sealing is not None
            body = AESGCM(sealing).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], answer.request_hash)
        except InvalidTag as error:
            # Another API key of the account: the secret was shown to the one that asked first, and to nobody else.
            raise Problem(ProblemCode.IDEMPOTENCY_CONFLICT) from error
    headers = dict(answer.headers) | {"idempotent-replayed": "true", "cache-control": "no-store"}
    return Response(body, answer.status, headers)
