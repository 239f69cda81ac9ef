"""A rule in the words of the management API, for whoever shows one."""

from typing import Any

from renvoi.domain.rules.callers import Blocked, Callers
from renvoi.domain.rules.rule import ACTIONS, Fallback, Otherwise, Rule
from renvoi.domain.rules.schedule import Closed, ClosedAction, Hours, Period, Schedule, clock_text


def rule_json(rule: Rule) -> dict[str, Any]:
    """Return a rule; what has a default of its own part is left out, as in the examples of the description."""
    return {
        "action": ACTIONS[rule.type].value,
        "to": [] if rule.target is None else [rule.target.value],
        "ring_timeout_s": int(rule.ring_timeout.total_seconds()),
        "on_no_answer": _fallback(rule.fallbacks.no_answer),
        "on_busy": _fallback(rule.fallbacks.busy),
        "on_unreachable": _fallback(rule.fallbacks.unreachable),
        "voicemail": {"emails": [email.value for email in rule.emails], "missed_call_mail": rule.missed_call_mail},
        "schedule": None if rule.schedule is None else _schedule(rule.schedule),
        "callers": _callers(rule.callers),
        "revision": rule.revision,
    }


def _fallback(fallback: Fallback) -> dict[str, Any]:
    shown: dict[str, Any] = {"action": fallback.action.value}
    if fallback.to is not None:
        shown["to"] = [fallback.to.value]
    if fallback.then is not Otherwise.RELEASE:
        shown["then"] = fallback.then.value
    return shown


def _schedule(schedule: Schedule) -> dict[str, Any]:
    return {
        "time_zone": schedule.time_zone,
        "open": [{"days": [day.value for day in each.days], **_hours(each)} for each in schedule.open],
        "holidays": schedule.holidays,
        "exceptions": [
            {
                "from": each.first.isoformat(),
                "to": each.last.isoformat(),
                "open": [_hours(hours) for hours in each.open],
            }
            for each in schedule.exceptions
        ],
        "closed": _closed(schedule.closed),
    }


def _hours(hours: Hours | Period) -> dict[str, str]:
    return {"from": clock_text(hours.start), "to": clock_text(hours.end)}


def _closed(closed: Closed) -> dict[str, Any]:
    if closed.action is ClosedAction.FORWARD and closed.to is not None:
        return {"action": closed.action.value, "to": [closed.to.value]}
    return {"action": closed.action.value}


def _callers(callers: Callers) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "anonymous": callers.anonymous.value,
        "block": list(callers.block),
        "allow": list(callers.allow),
    }
    if callers.blocked is not Blocked.REJECT:
        shown["blocked"] = callers.blocked.value
    return shown
