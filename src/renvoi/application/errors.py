"""The one exception for what cannot be done as asked."""


class OperatorError(Exception):
    """What was asked cannot be done, and nothing was changed; the text says why, and how to fix it."""
