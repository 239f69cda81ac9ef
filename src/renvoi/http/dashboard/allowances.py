"""How much an account may use and where its calls may go, in words: for its own page and for the operator's."""

from collections.abc import Sequence

from renvoi.application.policies import Held
from renvoi.domain.access.limits import MINUTE_MS, Used
from renvoi.domain.calls.rates import amount_text
from renvoi.domain.numbers.destination_policy import DestinationPolicy
from renvoi.domain.problem import Problem
from renvoi.http.dashboard.formats import count, country
from renvoi.http.dashboard.visit import Visit

Fact = tuple[str, str]
"""What it is about, and what is so."""


def allowances(visit: Visit, held: Held, used: Used) -> Sequence[Fact]:
    """Return what limits there are, with what was used up of them today."""
    if held.problem is not None:
        return _unreadable(visit, held.problem)
    reader, text, limits = visit.reader, visit.text, held.policy.limits

    def of(most: int) -> str:
        return count(reader, most) if most else text("limits.none")

    def used_of(amount: str, most: str | None) -> str:
        return text("limits.used", used=amount) if most is None else text("limits.of", used=amount, most=most)

    minutes, spend = count(reader, round(used.ms / MINUTE_MS, 1)), amount_text(used.spend)
    most_minutes, most_spend = limits.account.minutes_per_day, limits.account.spend_per_day
    found = [
        (text("limits.calls"), of(limits.account.calls)),
        (text("limits.calls_per_minute"), of(limits.account.calls_per_minute)),
        (text("limits.minutes_today"), used_of(minutes, count(reader, most_minutes) if most_minutes else None)),
        (text("limits.spend_today"), used_of(spend, amount_text(most_spend) if most_spend else None)),
    ]
    for part, title in ((limits.number, "limits.each_number"), (limits.target, "limits.each_target")):
        if part:
            said = [
                (part.calls, "limits.n_calls"),
                (part.calls_per_minute, "limits.n_per_minute"),
                (part.minutes_per_day, "limits.n_minutes"),
            ]
            shown = [text(key, n=n) for n, key in said if n]
            if part.spend_per_day:
                shown.append(text("limits.spend", most=amount_text(part.spend_per_day)))
            found.append((text(title), ", ".join(shown)))
    return found


def destinations(visit: Visit, held: Held) -> Sequence[Fact]:
    """Return where calls may be forwarded to."""
    if held.problem is not None:
        return _unreadable(visit, held.problem)
    text, policy = visit.text, held.policy.destinations
    codes = [held.account.region] if policy.countries is None else sorted(policy.countries)
    named = [country(visit.language, code) for code in codes]
    if policy.eea:
        named.append(text("policy.eea_too"))
    found = [
        (text("policy.countries"), ", ".join(named) or text("policy.no_country")),
        (text("policy.refused_types"), ", ".join(types_of(visit, policy)) or text("policy.no_type")),
    ]
    for prefixes, title in (
        (policy.allowed_prefixes, "policy.allowed_prefixes"),
        (policy.refused_prefixes, "policy.refused_prefixes"),
    ):
        if prefixes:
            found.append((text(title), ", ".join(f"+{prefix}" for prefix in sorted(prefixes))))
    return found


def _unreadable(visit: Visit, problem: Problem) -> Sequence[Fact]:
    return [(visit.text("numbers.unreadable"), problem.detail(visit.language))]


def types_of(visit: Visit, policy: DestinationPolicy) -> Sequence[str]:
    """Return the names of the types of numbers that are refused."""
    return [visit.text(f"policy.type.{name}") for name in sorted(policy.refused_types)]
