"""The answers of `/v2` to requests with an `Idempotency-Key`."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """The first request with an `Idempotency-Key`, and what it was answered.

    `owner` is that request's own random word. `status` is 0 while it is under way, which is believed until `until_ms`.
    `sealed` tells that `body` is ciphertext. `at_ms` is when it came.
    """

    request_hash: bytes
    owner: str
    at_ms: int
    until_ms: int
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    sealed: bool = False

    @property
    def is_under_way(self) -> bool:
        return self.status == 0


class AnswerReader(Protocol):
    """What can be read of remembered answers."""

    def api_answer(self, account_id: int, key: str) -> ApiAnswer | None:
        """Return what is remembered of an `Idempotency-Key`."""


class AnswerWriter(Protocol):
    """What a transaction can do with remembered answers."""

    def claim_answer(self, account_id: int, key: str, claim: ApiAnswer, forget_before_ms: int) -> bool:
        """Note that a request with this key begins, and return True: it is the first one.

        False when there is one before it: under way, or answered, and begun later than `forget_before_ms`. Of several
        that come at the same time one is the first.
        """

    def finish_answer(self, account_id: int, key: str, answer: ApiAnswer) -> bool:
        """Remember the answer; False when the claim of its `owner` is no longer there, as another one took it over."""

    def release_answer(self, account_id: int, key: str, owner: str) -> None:
        """Forget a claim, so that the request can be made again: it was not carried out."""

    def empty_answer(self, account_id: int, key: str, owner: str) -> bool:
        """Forget what a sealed answer said, but not that it was given; False when that was done before."""

    def forget_api_answers(self, before_ms: int, limit: int) -> int:
        """Drop up to `limit` answers to requests that came before `before_ms`; return how many."""
