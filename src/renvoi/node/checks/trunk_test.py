"""`renvoi trunk test`: whether an outbound trunk is found, answers, lets us in and has us registered."""

from collections.abc import Mapping, Sequence

from renvoi.adapters import sealing
from renvoi.application.errors import OperatorError
from renvoi.application.ports.secrets import SecretClosed
from renvoi.application.trunks import password_of
from renvoi.configuration.settings import Settings
from renvoi.domain.bilingual import Bilingual, french_of
from renvoi.domain.hosts import bracketed, host_and_port
from renvoi.domain.trunks.address import Destination, NameNotFound, TrunkAddress
from renvoi.domain.trunks.choices import AuthCseq
from renvoi.domain.trunks.digest import Credentials
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.tls.profiles import Profile
from renvoi.node.checks.credentials import TrunkPlace, check_credentials
from renvoi.node.checks.results import Finding, Verdict
from renvoi.node.checks.sip_options import addresses_of, ask_each, best_of
from renvoi.node.control.control import TrunkReport

_DNS = Bilingual("check the name, and this machine's DNS", "vérifiez le nom, et le DNS de cette machine")
_ASK = Bilingual(
    "ask the carrier whether it is there, and lets this machine in",
    "demandez à l’opérateur s’il est là, et s’il laisse entrer cette machine",
)
_NO_PASSWORD = Bilingual("the trunk's user has no password", "l’utilisateur du trunk n’a pas de mot de passe")
_KEY = Bilingual(
    "`renvoi check` says what is wrong with the key of secrets",
    "`renvoi check` dit ce qui ne va pas avec la clé des secrets",
)
_REGISTRAR = Bilingual(
    "the line about credentials, or the registrar's answer, says why",
    "la ligne des identifiants, ou la réponse du registrar, dit pourquoi",
)
_ABOVE = Bilingual(
    "see the lines above; it gets calls again when it answers",
    "voyez les lignes ci-dessus\u00a0; il reçoit à nouveau des appels dès qu’il répond",
)
_REGISTERED = {
    "registered": ("holds", "en vigueur"),
    "elsewhere": ("another node is registered", "un autre nœud est enregistré"),
    "failed": ("does not hold", "n’est pas en vigueur"),
}


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
        return nowhere, [Finding("address", False, Bilingual(str(error), _not_found(trunk)), _DNS)]
    places = ", ".join(_shown(each) for each in found)
    host = trunk.address.host
    text = Bilingual(f"{host} is at {places}", f"{host} est à {places}") if trunk.address.is_name else places
    findings = [Finding("address", True, text)]
    verdicts = await ask_each(trunk.uri, trunk.address, found, profile)
    best = best_of(trunk.address, found, verdicts)
    for each, verdict in zip(found, verdicts, strict=True):
        took = f" ({verdict.took_ms:.0f} ms)" if verdict.took_ms is not None else ""
        # One that works is enough for calls.
        findings.append(
            Finding("answer", verdict.ok, _prefixed(f"{_shown(each)}: ", verdict.text, took), _ASK, needed=not best.ok)
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
        why = _NO_PASSWORD if isinstance(error, KeyError) else Bilingual(str(error), french_of(error))
        return Finding("credentials", False, why, _KEY)
    shown = Credentials(trunk.user, trunk.realm, password)
    raises_cseq = trunk.auth_cseq is AuthCseq.INCREMENT
    return await check_credentials(trunk.name, where, await _registrar(trunk, where.at), shown, raises_cseq)


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
        english, french = _REGISTERED.get(str(word), ("not known", "inconnu"))
        if answer is not None and word != "elsewhere":
            english += f", the registrar answered {answer} last"
            french += f", dernière réponse du registrar\u00a0: {answer}"
        findings.append(
            Finding("registration", word in ("registered", "elsewhere"), Bilingual(english, french), _REGISTRAR)
        )
    return [*findings, Finding("running edge", report.well, report.text, _ABOVE, needed=report.state != "up")]


def _prefixed(before: str, text: str, behind: str) -> Bilingual:
    return Bilingual(f"{before}{text}{behind}", f"{before}{french_of(text)}{behind}")


def _not_found(trunk: OutboundTrunk) -> str:
    return f"{trunk.address.host} ne mène nulle part\u00a0: son nom est introuvable"


def _shown(at: Destination) -> str:
    return f"{host_and_port(at.address, at.port)} ({at.transport.upper()})"
