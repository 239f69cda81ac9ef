"""`/operator`: the node at a glance: its parts, trunks, disk and version, what waits, and the last day's calls."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import Route

from renvoi import __version__
from renvoi.application.ports.unit_of_work import Reader
from renvoi.domain.calls.usage import ANSWERED, CALLS, CHANGED, FAILED, HOUR_MS
from renvoi.http.dashboard.operator.frame import OPERATOR, render
from renvoi.http.dashboard.operator.trunks import rows
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import Visit
from renvoi.http.deps import NodeAway, PartState
from renvoi.http.v2.admin.trunks import KeptTrunks

PAGE = "/operator"
DAY = 24
"""Hours that pictures show."""
_MOST_REMOVALS = 100
_MOST_FAILED = 100
COLOURS: Mapping[str, str] = {"ok": "good", "degraded": "warn", "failed": "bad", "starting": "info", "absent": ""}
"""States of parts, and the colours of their badges."""


def routes(site: Site) -> Sequence[Route]:
    return [site.get(PAGE, "operator", _show, OPERATOR)]


def _shared(reader: Reader, hour: int) -> Mapping[str, Any]:
    """Return what all nodes on the store share; `hour` is the present one."""
    queue = reader.mail_queue()
    failed = len(reader.failed_mails(_MOST_FAILED))
    return {
        "nodes": sorted(reader.node_counts()),
        "mails_waiting": queue.length,
        "mails_since": queue.oldest_at_ms,
        "mails_failed": failed,
        "has_more_failed": failed == _MOST_FAILED,
        "hours": reader.hour_counts(hour - DAY + 1),
        "removals": len(reader.open_removals(_MOST_REMOVALS)),
    }


async def _facts(visit: Visit) -> Mapping[str, Any] | None:
    try:
        return await visit.deps.shared.node.facts()
    except NodeAway:
        return None


async def _show(visit: Visit) -> Response:
    deps, kept, hour = visit.deps.shared, KeptTrunks(visit.deps), visit.now_ms // HOUR_MS
    parts, shared, facts, found, states = await asyncio.gather(
        deps.parts(),
        visit.deps.store.read(lambda reader: _shared(reader, hour)),
        _facts(visit),
        kept.all(),
        kept.control.states(),
    )
    refusal = deps.refusal()
    return render(
        visit,
        "operator/overview.html.j2",
        PAGE,
        version=__version__,
        is_ready=refusal is None and all(part.is_ready for part in parts.values()),
        refusal=refusal,
        # What is said of trunks stands in their own list, in the reader's language.
        parts=[_part(name, part) for name, part in sorted(parts.items()) if name.removeprefix("trunk ") not in found],
        shared=shared,
        stats=[_stat(name, shared["hours"], hour) for name in (CALLS, ANSWERED, FAILED, CHANGED)],
        facts=facts,
        trunks=rows(visit, found, states),
    )


def _stat(name: str, counted: Mapping[tuple[int, str], int], hour: int) -> Mapping[str, Any]:
    """Return what the last day has of one kind, hour by hour up to the present one."""
    values = [counted.get((each, name), 0) for each in range(hour - DAY + 1, hour + 1)]
    picture = sparkline(values, is_bad=name == FAILED)
    return {"name": name, "now": values[-1], "day": sum(values), "most": max(values), "picture": picture}


def _part(name: str, part: PartState) -> Mapping[str, Any]:
    return {
        "name": name,
        "state": part.state,
        "colour": COLOURS[part.state],
        "detail": part.detail,
        "restarts": part.restarts,
    }


WIDTH, HEIGHT = 100, 24
_ROOM = 2
"""Above the highest point, so that its line is seen whole."""


def points(values: Sequence[int]) -> Sequence[tuple[float, float]]:
    """Return where each value stands in the picture, the first at its left edge; the highest reaches the top."""
    most = max(values, default=0) or 1
    step = WIDTH / max(len(values) - 1, 1)
    return [
        (round(place * step, 1), round(HEIGHT - (HEIGHT - _ROOM) * value / most, 1))
        for place, value in enumerate(values)
    ]


def sparkline(values: Sequence[int], *, is_bad: bool = False) -> Markup:
    """Return the picture; it says nothing to a reader of screens, so the figures beside it have to."""
    line = " ".join(f"{x:g},{y:g}" for x, y in points(values))
    return Markup(
        '<svg class="spark{}" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="area" d="M0,{}L{}L{},{}Z"/><path class="line" d="M{}"/></svg>'
    ).format(" bad" if is_bad else "", WIDTH, HEIGHT, HEIGHT, line, WIDTH, HEIGHT, line)
