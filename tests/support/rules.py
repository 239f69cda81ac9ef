"""Rules as most tests need them."""

from renvoi.domain.rules.rule import Fallback, Fallbacks, Otherwise


def fallbacks(no_answer: Otherwise, busy: Otherwise = Otherwise.RELEASE) -> Fallbacks:
    """Return fallbacks for which a target that nobody can reach is one that does not answer."""
    return Fallbacks(Fallback(no_answer), Fallback(busy), Fallback(no_answer))
