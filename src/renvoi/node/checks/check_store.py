"""What `renvoi check` finds out about the store: what is in it, and what it is on."""

import asyncio
from collections.abc import Iterator

from renvoi.adapters.sql.factories import open_store, schema_of
from renvoi.adapters.sql.schema import HEAD
from renvoi.application.ports.errors import StoreMismatch, StoreUnavailable
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Reader
from renvoi.node.checks.results import Finding
from renvoi.node.supervisor.roles import EDGE
from renvoi.settings import EDGE_SHARES_ROLE, Settings

LASTING = frozenset({"on", "remote_write", "remote_apply"})
"""Values of synchronous_commit with which a commit waits for synchronous standbys."""


async def check_store(settings: Settings) -> list[Finding]:
    """Look at the store, and change nothing there; one on SQLite that does not exist yet is not reported."""
    path = settings.database_path
    if path is not None and not path.is_file():
        return []
    try:
        schema = await asyncio.to_thread(schema_of, settings.database)
        if schema is None or schema < HEAD:
            return [_schema(settings, schema), *await _postgresql(settings, is_made=schema is not None)]
        store = await open_store(settings.database)
    except (StoreMismatch, StoreUnavailable) as error:
        advice = (
            "the line above says how" if path is not None else "check RENVOI_DATABASE_URL, and that the server runs"
        )
        return [Finding("store", False, str(error), advice)]
    try:
        accounts, trunks = await store.read(_counts)
    finally:
        await store.close()
    findings = [Finding("store", True, f"{settings.database_shown}: {accounts} account{'' if accounts == 1 else 's'}")]
    findings += await _postgresql(settings, is_made=True)
    for kind, found, without, option in (
        ("inbound", trunks.inbound, "nobody's calls are answered", "--inbound CIDR"),
        ("outbound", trunks.outbound, "no call can be forwarded", "--outbound SIP_URI"),
    ):
        text, advice = f"{len(found)}" if found else f"none: {without}", f"renvoi trunk add NAME {option}"
        findings.append(Finding(f"{kind} trunks", bool(found), text, advice, needed=False))
    return findings


def _schema(settings: Settings, found: str | None) -> Finding:
    """Say what the store lacks: to open it would make or migrate the schema, under nodes that may run."""
    shown = settings.database_shown
    if found is None:
        return Finding("store", False, f"{shown}: no schema yet", "`renvoi serve` or `renvoi migrate` makes it", False)
    text = f"{shown}: schema {found}, and this renvoi works on {HEAD}; nothing else was looked at there"
    return Finding("store", False, text, "`renvoi serve` or `renvoi migrate` brings it up to date", needed=False)


async def _postgresql(settings: Settings, *, is_made: bool) -> list[Finding]:
    if settings.database_path is not None:
        return []
    return await asyncio.to_thread(lambda: list(_server(settings, is_made=is_made)))


def _counts(reader: Reader) -> tuple[int, Trunks]:
    return len(reader.accounts()), reader.trunks()


def _server(settings: Settings, *, is_made: bool) -> Iterator[Finding]:
    # Loaded late: a node on SQLite does without the driver.
    from renvoi.adapters.sql.diagnostics import diagnose  # noqa: PLC0415

    try:
        facts = diagnose(settings.database)
    except StoreUnavailable as error:
        yield Finding("PostgreSQL", False, str(error), "it answered a moment ago: look at its log")
        return
    # Without standbys every value but off (which is refused) waits for the disk, and that is all there is.
    ok = not facts.standbys or facts.synchronous_commit in LASTING
    text = f"{facts.version}, synchronous_commit {facts.synchronous_commit}, "
    text += f"synchronous standbys {facts.standbys}" if facts.standbys else "no synchronous standby"
    text += ", through a pooler in transaction mode" if facts.pooled else ""
    advice = "a fail-over could lose changes: ALTER DATABASE … SET synchronous_commit = remote_apply"
    yield Finding("PostgreSQL", ok, text, advice, needed=False)
    if settings.edge_shares_role:
        text, _, advice = EDGE_SHARES_ROLE.partition(": ")
        yield Finding("edge's role", False, text, advice, needed=False)
    # Nobody can give it rights to tables that are not there.
    if is_made and EDGE in settings.parts and settings.edge_database != settings.database:
        yield _edge(settings)


def _edge(settings: Settings) -> Finding:
    from renvoi.adapters.sql.diagnostics import diagnose  # noqa: PLC0415 - see above

    advice = "GRANT SELECT ON numbers TO the role of RENVOI_EDGE_DATABASE_URL"
    try:
        facts = diagnose(settings.edge_database)
    except StoreUnavailable as error:
        return Finding("edge's PostgreSQL", False, str(error), "check RENVOI_EDGE_DATABASE_URL")
    text = "the edge may look up numbers" if facts.reads_numbers else "the edge may not look up numbers"
    if facts.reads_numbers and facts.writes:
        text, advice = "the edge may look up numbers, and change tables", "REVOKE everything but SELECT ON numbers"
        return Finding("edge's PostgreSQL", False, text, advice, needed=False)
    return Finding("edge's PostgreSQL", facts.reads_numbers, text, advice)
