"""What Kamailio counts, as `/metrics` shows it."""

from collections.abc import Mapping, Sequence

from renvoi.http.deps import Measurement

_HELP = "Of the edge since it started: "
_COUNTERS = frozenset(
    {
        "forwarded",
        "refused_sources",
        "challenged",
        "refused_digests",
        "shut_out",
        "refused_in_dialog",
        "refused_answers",
        "refused_overload",
        "refused_draining",
        "refused_memory",
        "refused_merged",
        "spool_lost",
        "trunk_failures",
        "voicemail",
        "voicemail_failures",
        "fell_back",
        "last_known",
    }
)
_GAUGES = {
    "spool_waiting": "spool_waiting",
    "active_transactions": "active_transactions",
    "inuse_transactions": "inuse_transactions",
    "used_size": "memory_used_bytes",
    "free_size": "memory_free_bytes",
}
"""Kamailio's names of them, and ours: a name ends with its unit."""


def measurements_of(found: Mapping[str, int]) -> Sequence[Measurement]:
    """Return what is shown of Kamailio's statistics `found`, by its own names."""
    counters = [
        Measurement(f"renvoi_edge_{name}_total", _HELP + name.replace("_", " "), value, "counter")
        for name, value in found.items()
        if name in _COUNTERS
    ]
    gauges = [
        Measurement(f"renvoi_edge_{_GAUGES[name]}", _HELP + name.replace("_", " "), value)
        for name, value in found.items()
        if name in _GAUGES
    ]
    return [*counters, *gauges]
