"""Which language an answer is in (`docs/api.md §1`)."""

from renvoi.domain.outcome import LANGUAGES

_MAX_HEADER = 1000
"""Characters of `Accept-Language` that are read; browsers send less than 100."""


def language_named(text: str) -> str | None:
    """Return the language that a `lang` field names (`fr`, also `fr-CA`), None when we do not have it."""
    primary = text.strip().lower().replace("_", "-").partition("-")[0]
    return primary if primary in LANGUAGES else None


def negotiate(accept_language: str, default: str) -> str:
    """Return the language that an `Accept-Language` header prefers (RFC 9110 §12.5.4), `default` when none of ours.

    The higher weight wins, of two equal ones the first. `*` stands for what is not named, and `q=0` excludes.
    """
    weights: dict[str, float] = {}
    for element in accept_language[:_MAX_HEADER].split(","):
        text, _, parameters = element.partition(";")
        name = language_named(text) or text.strip()
        if name in LANGUAGES or name == "*":
            weights[name] = max(weights.get(name, 0.0), _weight(parameters))
    if "*" in weights:
        for name in (default, *LANGUAGES):
            weights.setdefault(name, weights["*"])
        del weights["*"]
    best = max(weights, key=lambda name: weights[name], default=default)
    return best if weights.get(best, 0.0) > 0 else default


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                weight = float(value)
            except ValueError:
                return 0.0
            return weight if 0.0 <= weight <= 1.0 else 0.0
    return 1.0
