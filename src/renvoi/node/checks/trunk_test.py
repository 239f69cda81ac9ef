"""`renvoi trunk test`: whether an outbound trunk is found, answers, lets us in and has us registered."""

from collections.abc import Mapping, Sequence

from renvoi.adapters import sealing
from renvoi.application.errors import OperatorError
from renvoi.application.ports.secrets import SecretClosed
from renvoi.application.trunks import password_of
from renvoi.domain.hosts import bracketed, host_and_port
from renvoi.domain.trunks.address import Destination, NameNotFound, TrunkAddress
from renvoi.domain.trunks.credentials import Credentials
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.tls.profiles import Profile
from renvoi.node.checks.credentials import TrunkPlace, check_credentials
from renvoi.node.checks.results import Finding, Verdict
from renvoi.node.checks.sip_options import addresses_of, ask_each, best_of
from renvoi.node.supervisor.control import TrunkReport
from renvoi.settings import Settings


async def test_trunk(
    settings: Settings,
    trunk: OutboundTrunk,
    sealed: Mapping[str, bytes],
    report: TrunkReport | None,
    profile: Profile,
) -> tuple[Verdict, Sequence[Finding]]:
    """Try a trunk; return the best answer of its addresses, and what was found on the way.

    `sealed` are the secrets of the store, `report` is what the running node says of the trunk, None for nothing. By TLS
    `profile` says who is trusted there, and who we are.
    """
    try:
        found = await addresses_of(trunk.address)
    except NameNotFound as error:
        nowhere = Verdict(False, str(error))
        return nowhere, [Finding("address", False, str(error), "check the name, and this machine's DNS")]
    places = ", ".join(_shown(each) for each in found)
    text = f"{trunk.address.host} is at {places}" if trunk.address.is_name else places
    findings = [Finding("address", True, text)]
    verdicts = await ask_each(trunk.uri, trunk.address, found, profile)
    best = best_of(trunk.address, found, verdicts)
    for each, verdict in zip(found, verdicts, strict=True):
        took = f" ({verdict.took_ms:.0f} ms)" if verdict.took_ms is not None else ""
        advice = "ask the carrier whether it is there, and lets this machine in"
        # One that works is enough for calls.
        findings.append(
            Finding("answer", verdict.ok, f"{_shown(each)}: {verdict.text}{took}", advice, needed=not best.ok)
        )
    if trunk.user and best.ok:
        working = next(each for each, verdict in zip(found, verdicts, strict=True) if verdict.ok)
        where = TrunkPlace(trunk.uri, trunk.address.place, trunk.address.host, working, profile)
        findings.append(await _credentials(settings, trunk, sealed, where))
    if report is not None:
        findings += _running(trunk, report)
    return best, findings


async def _credentials(
    settings: Settings, trunk: OutboundTrunk, sealed: Mapping[str, bytes], where: TrunkPlace
) -> Finding:
    name = password_of(trunk.name, "outbound")
    try:
        password = sealing.key_for(settings.secrets_key, sealed).open(name, sealed[name])
    except (OperatorError, SecretClosed, KeyError) as error:
        why = "the trunk's user has no password" if isinstance(error, KeyError) else str(error)
        return Finding("credentials", False, why, "`renvoi check` says what is wrong with the key of secrets")
    shown = Credentials(trunk.user, trunk.realm, password)
    return await check_credentials(trunk.name, where, await _registrar(trunk, where.at), shown)


async def _registrar(trunk: OutboundTrunk, at: Destination) -> tuple[str, Destination] | None:
    """Return the domain of the trunk's registrar and where it is, None where it has none."""
    if not trunk.register:
        return None
    where: TrunkAddress = trunk.registrar_address
    if not trunk.registrar:
        return bracketed(where.host), at
    try:
        return bracketed(where.host), (await addresses_of(where))[0]
    except NameNotFound:
        return None


def _running(trunk: OutboundTrunk, report: TrunkReport) -> list[Finding]:
    """Return what the running node says: of its registration, if it should have one, and of the trunk as a whole."""
    findings = []
    if trunk.register:
        word = report.facts["registration"]
        answer = report.facts.get("registrar_answer")
        said = f", the registrar answered {answer} last" if answer is not None and word != "elsewhere" else ""
        words = {"registered": "holds", "elsewhere": "another node is registered", "failed": "does not hold"}
        text = words.get(str(word), "not known") + said
        advice = "the line about credentials, or the registrar's answer, says why"
        findings.append(Finding("registration", word in ("registered", "elsewhere"), text, advice))
    advice = "see the lines above; it gets calls again when it answers"
    return [*findings, Finding("running edge", report.well, report.text, advice, needed=report.state != "up")]


def _shown(at: Destination) -> str:
    return f"{host_and_port(at.address, at.port)} ({at.transport.upper()})"
