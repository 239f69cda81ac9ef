"""Whether the store can be used, and what it says that a node needs: accounts, trunks, secrets, limits."""

import asyncio
from collections.abc import Iterator, Mapping

from renvoi.adapters.clock import SystemClock
from renvoi.adapters.sql import open_store, schema_of
from renvoi.adapters.sql.schema import HEAD
from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import StoreMismatch, StoreUnavailable, UnreadableTrunk
from renvoi.application.ports.secrets import SecretClosed
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Reader
from renvoi.application.unreadable_rows import row_problem
from renvoi.configuration.setting_types import EDGE
from renvoi.configuration.settings import EDGE_SHARES_ROLE, Settings
from renvoi.domain.bilingual import Bilingual
from renvoi.domain.text import counted, counted_in_french
from renvoi.domain.trunks.openness import open_trunks
from renvoi.node.checks.accounts import check_destinations, check_holidays, check_limits
from renvoi.node.checks.identity import check_identity
from renvoi.node.checks.results import Finding, finding_of
from renvoi.node.checks.trunk_needs import check_relay, check_tls

_UNANSWERED = Bilingual("none: nobody's calls are answered", "aucun\u00a0: les appels de personne ne sont pris")
_UNFORWARDED = Bilingual("none: no call can be forwarded", "aucun\u00a0: aucun appel ne peut être renvoyé")
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
        store = await open_store(settings.database, migrates=False)
    except (StoreMismatch, StoreUnavailable) as error:
        advice = (
            Bilingual("the line above says how", "la ligne ci-dessus dit comment")
            if path is not None
            else Bilingual(
                "check RENVOI_DATABASE_URL, and that the server runs",
                "vérifiez RENVOI_DATABASE_URL, et que le serveur fonctionne",
            )
        )
        return [Finding("store", False, str(error), advice)]
    try:
        accounts, trunks = await store.read(_counts)
        allowed = [await check_destinations(store), await check_limits(store)]
        allowed += await check_holidays(store, SystemClock().now_ms())
        signed = await asyncio.to_thread(_certificates, settings, trunks)
        secrets = await store.read(lambda reader: reader.secrets())
    finally:
        await store.close()
    held = Bilingual(
        f"{settings.database_shown}: {counted(accounts, 'account')}",
        f"{settings.database_shown}\u00a0: {counted_in_french(accounts, 'compte')}",
    )
    findings = [Finding("store", True, held)]
    findings += [*await _postgresql(settings, is_made=True), *allowed]
    for kind, found, without, option in (
        ("inbound", trunks.inbound, _UNANSWERED, "--inbound CIDR"),
        ("outbound", trunks.outbound, _UNFORWARDED, "--outbound SIP_URI"),
    ):
        text = f"{len(found)}" if found else without
        command = f"renvoi trunk add NAME {option}"
        findings.append(Finding(f"{kind} trunks", bool(found), text, command, needed=False))
    findings += [_unreadable(row) for row in trunks.unreadable]
    for trunk, said in open_trunks(trunks.inbound):
        findings.append(Finding(f"calls of trunk {trunk}", False, said.text, said.advice, needed=False))
    findings += await check_relay(settings, trunks)
    return [*findings, *signed, *([_secrets(settings, secrets)] if secrets else [])]


def _unreadable(row: UnreadableTrunk) -> Finding:
    problem = row_problem(row)
    advice = Bilingual(
        "running edges keep the trunks that they had; no other can be added or changed until then",
        "les edges en service gardent leurs trunks\u00a0; aucun autre ne peut être ajouté ou modifié d’ici là",
    )
    return Finding(f"trunk {row.name}", False, Bilingual(problem.detail("en"), problem.detail("fr")), advice)


def _certificates(settings: Settings, trunks: Trunks) -> list[Finding]:
    if EDGE not in settings.parts:
        return []
    return [*check_identity(settings, trunks), *check_tls(trunks, settings.sip_tls_certificate_file)]


def _secrets(settings: Settings, sealed: Mapping[str, bytes]) -> Finding:
    """Tell whether each secret in the store can be opened here."""
    # Loaded late: most nodes have none.
    from renvoi.adapters import sealing  # noqa: PLC0415

    name, path = "secrets", settings.secrets_key
    advice = Bilingual(
        f"copy the key from the node where they were set to {path}, or set them again",
        f"copiez la clé du nœud où ils ont été définis vers {path}, ou définissez-les à nouveau",
    )
    try:
        key = sealing.load(settings.secrets_key)
    except OperatorError as error:
        return Finding(name, False, str(error), advice)
    if key is None:
        text = Bilingual(
            f"{len(sealed)} in the store, and their key is not here",
            f"{len(sealed)} dans le stockage, et leur clé n’est pas ici",
        )
        return Finding(name, False, text, advice)
    closed = []
    for each, content in sealed.items():
        try:
            key.open(each, content)
        except SecretClosed as error:
            closed.append(str(error))
    opened = Bilingual(
        f"{len(sealed)} in the store, which the key here opens",
        f"{len(sealed)} dans le stockage, que la clé d’ici ouvre",
    )
    return Finding(name, not closed, closed[0] if closed else opened, advice)


def _schema(settings: Settings, found: str | None) -> Finding:
    """Say what the store lacks: to open it would make or migrate the schema, under nodes that may run."""
    shown = settings.database_shown
    if found is None:
        text = Bilingual(f"{shown}: no schema yet", f"{shown}\u00a0: pas encore de schéma")
        advice = Bilingual("`renvoi serve` or `renvoi migrate` makes it", "`renvoi serve` ou `renvoi migrate` le crée")
        return Finding("store", False, text, advice, needed=False)
    text = Bilingual(
        f"{shown}: schema {found}, and this renvoi works on {HEAD}; nothing else was looked at there",
        f"{shown}\u00a0: schéma {found}, et ce renvoi travaille avec {HEAD}\u00a0; rien d’autre n’y a été regardé",
    )
    advice = Bilingual(
        "`renvoi serve` or `renvoi migrate` brings it up to date", "`renvoi serve` ou `renvoi migrate` le met à jour"
    )
    return Finding("store", False, text, advice, needed=False)


async def _postgresql(settings: Settings, *, is_made: bool) -> list[Finding]:
    if settings.database_path is not None:
        return []
    return await asyncio.to_thread(lambda: list(_server(settings, is_made=is_made)))


def _counts(reader: Reader) -> tuple[int, Trunks]:
    return len(reader.accounts()), reader.listed_trunks()


def _server(settings: Settings, *, is_made: bool) -> Iterator[Finding]:
    # Loaded late: a node on SQLite does without the driver.
    from renvoi.adapters.sql.schema_setup import diagnose  # noqa: PLC0415

    try:
        facts = diagnose(settings.database)
    except StoreUnavailable as error:
        advice = Bilingual(
            "it answered a moment ago: look at its log", "il répondait à l’instant\u00a0: regardez son journal"
        )
        yield Finding("PostgreSQL", False, str(error), advice)
        return
    # Without standbys every value but off (which is refused) waits for the disk, and that is all there is.
    ok = not facts.standbys or facts.synchronous_commit in LASTING
    text = french = f"{facts.version}, synchronous_commit {facts.synchronous_commit}, "
    text += f"synchronous standbys {facts.standbys}" if facts.standbys else "no synchronous standby"
    french += f"serveurs secondaires synchrones {facts.standbys}" if facts.standbys else "sans secondaire synchrone"
    text = Bilingual(
        text + (", through a pooler in transaction mode" if facts.pooled else ""),
        french + (", par un pooler en mode transaction" if facts.pooled else ""),
    )
    remedy = "ALTER DATABASE … SET synchronous_commit = remote_apply"
    advice = Bilingual(
        f"a fail-over could lose changes: {remedy}", f"une bascule pourrait perdre des modifications\u00a0: {remedy}"
    )
    yield Finding("PostgreSQL", ok, text, advice, needed=False)
    if settings.edge_shares_role:
        yield finding_of("edge's role", EDGE_SHARES_ROLE, needed=False)
    # Nobody can give it rights to tables that are not there.
    if is_made and EDGE in settings.parts and settings.edge_database != settings.database:
        yield _edge(settings)


def _edge(settings: Settings) -> Finding:
    from renvoi.adapters.sql.schema_setup import diagnose  # noqa: PLC0415 - see above

    advice = (
        "GRANT SELECT ON numbers and usage, and SELECT (id, region, policy_version, policy, closed_at_ms) ON accounts, "
        "TO the role of RENVOI_EDGE_DATABASE_URL"
    )
    try:
        facts = diagnose(settings.edge_database)
    except StoreUnavailable as error:
        check_url = Bilingual("check RENVOI_EDGE_DATABASE_URL", "vérifiez RENVOI_EDGE_DATABASE_URL")
        return Finding("edge's PostgreSQL", False, str(error), check_url)
    text = (
        Bilingual("the edge may look up numbers", "l’edge peut lire les numéros")
        if facts.reads_numbers
        else Bilingual("the edge may not look up numbers", "l’edge ne peut pas lire les numéros")
    )
    if facts.reads_numbers and facts.writes:
        text = Bilingual(
            "the edge may look up numbers, and change tables", "l’edge peut lire les numéros, et modifier des tables"
        )
        advice = Bilingual("REVOKE everything but that SELECT", "retirez (REVOKE) tout sauf ce SELECT")
        return Finding("edge's PostgreSQL", False, text, advice, needed=False)
    return Finding("edge's PostgreSQL", facts.reads_numbers, text, advice)
