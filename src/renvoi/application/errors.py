"""The one exception for what cannot be done as asked."""

from collections.abc import Mapping


class OperatorError(Exception):
    """What was asked cannot be done, and nothing was changed; the text says why, and how to fix it.

    The command line says it in English. What pages and `/v2` meet has its French beside it; `texts` has both.
    """

    def __init__(self, english: str, french: str | None = None) -> None:
        super().__init__(english)
        self.texts: Mapping[str, str] = {"en": english, "fr": french or english}
