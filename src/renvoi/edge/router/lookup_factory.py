"""Opens what the edge looks numbers up in, as its settings say."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from renvoi.edge.config import LAST_KNOWN, SQLITE
from renvoi.edge.router.lookup import Lookup
from renvoi.edge.router.stale_rules import Memory, StaleRulesLookup
from renvoi.removed_file import REMOVED, RemovedFile

_log = logging.getLogger("renvoi.edge")


def opener(settings: Mapping[str, Any]) -> Callable[[], Lookup]:
    """Load and make what all processes share; return what each of them opens its look-up with, after the fork.

    That raises LookupFailed when there is nothing to open.
    """
    url, max_age_s = settings["database"], settings["store_loss_max_s"]
    open_store = _store_opener(url)
    if settings["on_store_loss"] != LAST_KNOWN:
        return open_store
    memory = Memory()

    def complain(text: str) -> None:
        _log.warning("%s", text)

    return lambda: StaleRulesLookup(open_store(), memory, max_age_s, removed=RemovedFile(Path(REMOVED), complain))


def _store_opener(url: str) -> Callable[[], Lookup]:
    # Loaded late: an edge needs one of the two.
    if url.startswith(SQLITE):
        from renvoi.edge.router.lookup import SqliteLookup  # noqa: PLC0415

        return lambda: SqliteLookup(Path(url.removeprefix(SQLITE)))
    from renvoi.edge.router.postgres_lookup import PostgresLookup  # noqa: PLC0415

    return lambda: PostgresLookup(url)
