"""The legs of a call, which Kamailio's routes note while it is on its way (`cfg/legs.cfg.j2`), for its ladder."""

import logging
import re

from renvoi.domain.calls.ladder import ANSWERED, MAX_LEGS, MAX_PHRASE, RANG_OUT, SILENT, UNSENT, Leg, shown_lines
from renvoi.domain.text import clean_text
from renvoi.domain.trunks.branch_plan import BranchPlan
from renvoi.edge.router.invite_parser import KamailioMessage

_End = tuple[int | None, str | None, int | None, int | None, str]
"""The last fields of a leg: when it rang, how it ended and when, status and reason phrase."""
_OPEN: _End = None, None, None, None, ""

_PLAN = re.compile(r"^t ([0-9]+) ", re.MULTILINE)

LEGS = "avp(legs)"
"""The legs that Kamailio has noted."""

_log = logging.getLogger("renvoi.edge")


def shown(plan: BranchPlan) -> str:
    """Return what a leg shows of its plan, as one variable of Kamailio has it until the leg is read."""
    return f"{plan.request_uri}\r\n{plan.shown_headers}"


class Legs:
    """Reads the legs of the call that Kamailio is handling now."""

    def __init__(self, message: KamailioMessage) -> None:
        self._message = message

    def read(self) -> tuple[Leg, ...]:
        """Return the legs so far, the last `MAX_LEGS` of them."""
        return self._read(_OPEN)

    def read_answered(self, status: int, at_ms: int, rang_at_ms: int | None) -> tuple[Leg, ...]:
        """Return the legs of a call whose last one has just been answered, by the message at hand."""
        return self._read((rang_at_ms, ANSWERED, at_ms, status, self._message.text("rr", MAX_PHRASE)))

    def _read(self, end: _End) -> tuple[Leg, ...]:
        """Return the legs; `end` is that of the last one, unless Kamailio has noted one."""
        noted = self._message.raw(LEGS).decode("utf-8", "replace")
        try:
            return tuple(self._parse(noted.split("\n")[:-1], end))[-MAX_LEGS:]
        except (ValueError, IndexError):
            # A call's record is worth more than its ladder.
            _log.exception("the legs of a call cannot be read: %r", noted[:500])
            return ()

    def _parse(self, lines: list[str], end: _End) -> list[Leg]:
        legs = []
        # Backwards, as the end of a leg stands behind its beginning.
        for line in reversed(lines):
            kind, _, rest = line.partition(" ")
            if kind == "t":
                plan, sent, destination = rest.split(" ")
                legs.append(self._to_trunk(plan, sent, destination, end))
                end = _OPEN
            elif kind == "w":
                sent, destination, request_uri = rest.split(" ")
                legs.append(Leg(destination, request_uri, time_ms(sent), None, (), *end))
                end = _OPEN
            else:
                end = _end(kind, rest)
        legs.reverse()
        return legs

    def _to_trunk(self, plan: str, sent: str, destination: str, end: _End) -> Leg:
        trunk = self._message.text(f"xavp(plan[{plan}]=>trunk)")
        request_uri, *headers = self._message.verbatim(f"xavp(plan[{plan}]=>shown)").split("\r\n")
        return Leg(destination, request_uri, time_ms(sent), trunk, shown_lines(headers[:-1]), *end)


def moved_back(noted: str, plans: int) -> str:
    """Return the noted legs of a call that has got so many plans more, in front of those that it had."""
    return _PLAN.sub(lambda found: f"t {int(found[1]) + plans} ", noted)


def _end(kind: str, noted: str) -> _End:
    match kind:
        case "a":
            at, rang, status, phrase = noted.split(" ", 3)
            return _optional(rang), ANSWERED, time_ms(at), int(status), clean_text(phrase, MAX_PHRASE)
        case "r":
            at, rang = noted.split(" ")
            return _optional(rang), RANG_OUT, time_ms(at), None, ""
        case _:
            return None, SILENT if kind == "s" else UNSENT, time_ms(noted), None, ""


def _optional(noted: str) -> int | None:
    return time_ms(noted) if noted else None


def time_ms(noted: str) -> int:
    """Return a time that Kamailio has noted as seconds and microseconds (`$TV(Sn)`), in ms."""
    seconds, _, micros = noted.partition(".")
    return int(seconds) * 1000 + int(micros) // 1000
