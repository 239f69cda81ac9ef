"""How a request is refused before, or instead of, its use case."""

from renvoi.domain.outcome import Outcome

REFUSAL_KEY = "renvoi.refusal"
"""In the scope of a request that the server cannot read: the outcome, in place of an answer or of the body's end."""


class RequestRefused(Exception):
    """The request ends with this outcome.

    `retry_after_s` says when another try makes sense; `reason` is for the log, and holds nothing of the request.
    """

    def __init__(
        self, outcome: Outcome, *, retry_after_s: int | None = None, close: bool = False, reason: str = ""
    ) -> None:
        super().__init__(outcome.label)
        self.outcome = outcome
        self.retry_after_s = retry_after_s
        self.close = close
        self.reason = reason


class ClientGone(Exception):
    """The client hung up before its request was complete; nobody is left to answer."""
