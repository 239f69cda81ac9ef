"""What signed identity needs: a key, its certificate, whom to trust, where to fetch certificates, the right time."""

import ctypes
import time
from collections.abc import Iterator
from pathlib import Path

from renvoi.adapters.certificate_fetcher import Client, FetchFailed
from renvoi.application.errors import OperatorError
from renvoi.application.ports.trunks import Trunks
from renvoi.configuration.settings import Settings, variable_of
from renvoi.domain.bilingual import Bilingual
from renvoi.domain.trunks.choices import Signing
from renvoi.edge.identity.certificates import CallerCertificate, CertificateInvalid, read_certificates
from renvoi.edge.identity.files import KeyInvalid, SigningKey
from renvoi.node.checks.results import Finding

NAME = "signed identity"
SOON_S = 14 * 86_400
"""A certificate that ends within this time needs attention."""
_TIME_ERROR = 5
"""What adjtimex(2) returns when nobody keeps the clock right."""


def load_identity(settings: Settings) -> tuple[SigningKey | None, CallerCertificate | None]:
    """Return the key that calls are signed with, and its certificate, as far as they are set.

    Raises:
        OperatorError: one of the files cannot be used; the text says which one, and how to fix it.
    """
    trusted = _read(settings, "identity_trusted_file")
    certificate = _read(settings, "identity_certificate_file")
    key = _read(settings, "identity_key_file")
    name = "identity_trusted_file"
    try:
        ends = read_certificates(trusted) if trusted is not None else ()
        name = "identity_certificate_file"
        read = CallerCertificate(certificate, ends) if certificate is not None else None
        name = "identity_key_file"
        url = settings.identity_certificate_url or ""
        return (SigningKey(key, url, certificate) if key is not None else None), read
    except (CertificateInvalid, KeyInvalid) as error:
        raise OperatorError(f"{variable_of(name)}: {error}") from error


def _read(settings: Settings, name: str) -> bytes | None:
    path: Path | None = getattr(settings, name)
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise OperatorError(
            f"{variable_of(name)}: {path} cannot be read: {error.strerror}: give this user access"
        ) from error


def check_identity(settings: Settings, trunks: Trunks) -> Iterator[Finding]:
    """Look at what the trunks need that verify or sign; nothing where none does."""
    verifying = [trunk.name for trunk in trunks.inbound if trunk.verifies]
    signing = [trunk.name for trunk in trunks.outbound if trunk.sign is not Signing.OFF]
    if not verifying and not signing:
        return
    try:
        key, certificate = load_identity(settings)
    except OperatorError as error:
        text, _, advice = str(error).rpartition(": ")
        yield Finding(NAME, False, text, advice)
        return
    if signing:
        yield _signing(settings, signing, key)
        yield from _own_certificate(settings, certificate)
    if verifying:
        yield _trusting(settings, verifying)
        yield _fetching(settings, verifying)
    yield _clock()


def _signing(settings: Settings, trunks: list[str], key: SigningKey | None) -> Finding:
    names = ", ".join(trunks)
    who, french = f"trunk {names} wants calls signed", f"le trunk {names} veut des appels signés"
    for name, given in (("identity_key_file", key), ("identity_certificate_url", settings.identity_certificate_url)):
        if given is None:
            text = Bilingual(
                f"{who}, and {variable_of(name)} is not set: nothing is signed",
                f"{french}, et {variable_of(name)} n’est pas défini\u00a0: rien n’est signé",
            )
            return Finding(
                NAME, False, text, Bilingual("set it, and restart the node", "définissez-le, et redémarrez le nœud")
            )
    url = settings.identity_certificate_url
    return Finding(NAME, True, Bilingual(f"{who}, by the certificate at {url}", f"{french}, par le certificat à {url}"))


def _own_certificate(settings: Settings, certificate: CallerCertificate | None) -> Iterator[Finding]:
    if certificate is None:
        return
    now_s = int(time.time())
    name = "own certificate"
    renew = Bilingual("renew it, and restart the node", "renouvelez-le, et redémarrez le nœud")
    if not certificate.not_before_s <= now_s <= certificate.not_after_s:
        invalid = Bilingual(
            "it is not valid now: who verifies refuses what it signs",
            "il n’est pas valable maintenant\u00a0: qui vérifie refuse ce qu’il signe",
        )
        yield Finding(name, False, invalid, renew)
    elif certificate.not_after_s - now_s < SOON_S:
        days = (certificate.not_after_s - now_s) // 86_400
        ends = Bilingual(f"it ends in {days} days", f"il prend fin dans {days} jours")
        yield Finding(name, False, ends, renew, needed=False)
    elif settings.identity_trusted_file is not None and not certificate.is_trusted:
        advice = Bilingual(
            "put the certificates between it and a trusted one into the same file",
            "mettez dans le même fichier les certificats entre lui et un autre qui est reconnu",
        )
        chain = Bilingual(
            "its chain ends at none that is trusted here", "sa chaîne ne mène à aucun qui soit reconnu ici"
        )
        yield Finding(name, False, chain, advice, needed=False)
    else:
        yield Finding(name, True, Bilingual("it is valid, and belongs to the key", "il est valable, et va avec la clé"))


def _trusting(settings: Settings, trunks: list[str]) -> Finding:
    who = f"trunk {', '.join(trunks)} wants signed identity verified"
    if settings.identity_trusted_file is None:
        text = f"{who}, and {variable_of('identity_trusted_file')} is not set: no certificate counts"
        return Finding(
            "trusted certificates", False, text, "set it to the list of your authority, and restart the node"
        )
    count = len(read_certificates(settings.identity_trusted_file.read_bytes()))
    return Finding("trusted certificates", True, f"{count} in {settings.identity_trusted_file}")


def _fetching(settings: Settings, trunks: list[str]) -> Finding:
    who = f"trunk {', '.join(trunks)} wants signed identity verified"
    name = "certificate servers"
    if not settings.identity_hosts:
        text = f"{who}, and {variable_of('identity_hosts')} is not set: no certificate is fetched"
        return Finding(name, False, text, "name the hosts of the signers' certificates, and restart the node")
    if settings.identity_certificate_url is not None:
        try:
            Client(settings.identity_host_names).check(settings.identity_certificate_url)
        except FetchFailed as error:
            text = f"{settings.identity_hosts}, but our own certificate would not be fetched: {error}"
            return Finding(name, False, text, f"name its host in {variable_of('identity_hosts')}", needed=False)
    return Finding(name, True, settings.identity_hosts)


def _clock() -> Finding:
    if _is_kept():
        return Finding("clock", True, Bilingual("it is kept right", "elle est tenue à l’heure"))
    text = Bilingual(
        "nobody keeps it right, and tokens count for 60 s",
        "personne ne la tient à l’heure, et les jetons valent 60 s",
    )
    advice = Bilingual("run an NTP client such as chrony", "utilisez un client NTP tel que chrony")
    return Finding("clock", False, text, advice, needed=False)


def _is_kept() -> bool:
    """Tell whether the kernel knows of somebody who keeps its clock right; yes where it does not say."""
    try:
        found = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(256))
    except (OSError, AttributeError):
        return True
    return int(found) != _TIME_ERROR
