"""Trunks: the SIP peers that calls come from (inbound) and are forwarded through (outbound)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

import phonenumbers

from renvoi.domain.numbers.number import E164, is_region
from renvoi.domain.trunks import faults
from renvoi.domain.trunks.address import TrunkAddress, is_place
from renvoi.domain.trunks.caller_id import CallerId, CallerIdInvalid, CallerIdPolicy, Shown
from renvoi.domain.trunks.choices import (
    AuthCseq,
    CalledNumberFrom,
    DiversionDepth,
    DiversionHeaders,
    IdentityHeaders,
    NumberFormat,
    Probing,
    Redirects,
    Signing,
)
from renvoi.domain.trunks.digest import CredentialsInvalid, check_realm, check_user
from renvoi.domain.trunks.faults import TrunkContradiction, TrunkInvalid

_ACCOUNT = re.compile(r"[A-Za-z0-9+._-]{1,64}", re.ASCII)
_E164 = re.compile(r"\+[1-9][0-9]{5,14}", re.ASCII)
_AFFIX = re.compile(r"[0-9+*#]{1,16}", re.ASCII)
MOST_CALLS = 1_000_000
"""The highest limit of calls that can be set."""
IDENTITY_REFUSED = "403,428,433,436,437,438"
"""Answers that refuse who calls (RFC 5079, RFC 8224 §6.2.2); 403 is what most carriers say."""
_SUBJECT = re.compile(r"[A-Za-z0-9._:-]{1,255}", re.ASCII)
MIN_EXPIRES_S, MAX_EXPIRES_S = 60, 86_400
MIN_PRIORITY, MAX_PRIORITY = 0, 100
MAX_WEIGHT = 100


@dataclass(frozen=True, slots=True)
class InboundTrunk:
    """A peer that may send us calls, known by its addresses, a digest user's password or a certificate.

    From its `networks` calls are let in as they come; from elsewhere if they prove that they are of `inbound_user`, a
    user of this trunk alone whose password is a secret of the store. `region` is the one whose national form its called
    numbers are read in. By TLS they are let in from anywhere if they show a certificate for `certificate` that one of
    `ca`, certificates in PEM form, has signed itself.
    `nat`: its callers are behind NAT, so the addresses that they write lead nowhere.
    """

    name: str
    networks: tuple[IPv4Network | IPv6Network, ...]
    region: str = "FR"
    called_number: CalledNumberFrom = CalledNumberFrom.REQUEST_URI
    identity: IdentityHeaders = IdentityHeaders.PASS
    nat: bool = False
    inbound_user: str = ""
    certificate: str = ""
    ca: str = ""

    def __post_init__(self) -> None:
        faults.refuse(self._faults())

    def _faults(self) -> Iterator[TrunkInvalid]:
        yield from faults.name_faults(self.name)
        try:
            check_user(self.inbound_user)
        except CredentialsInvalid as error:
            yield TrunkInvalid("inbound_user", str(error), error.french)
        if not (self.networks or self.inbound_user or self.certificate):
            yield TrunkContradiction(
                "networks",
                "an inbound trunk needs a network, such as 192.0.2.0/24, a digest user or a certificate",
                "un trunk entrant a besoin d’un réseau, tel que 192.0.2.0/24, d’un utilisateur digest ou d’un "
                "certificat",
            )
        yield from self._certificate_faults()
        if not is_region(self.region):
            yield TrunkInvalid(*faults.unknown_region(self.region))

    def _certificate_faults(self) -> Iterator[TrunkInvalid]:
        if self.certificate and not _SUBJECT.fullmatch(self.certificate):
            yield TrunkInvalid(
                "certificate",
                f"{self.certificate!r} is not the name of a certificate: give a host name or IP address that it is for",
                f"{self.certificate!r} n’est pas le nom d’un certificat\u00a0: donnez un nom d’hôte ou une adresse IP "
                "qu’il couvre",
            )
        if self.certificate and not self.ca:
            yield TrunkContradiction(
                "ca",
                "who signs the certificate is not known: give the authority's own one (--ca)",
                "on ne sait qui signe le certificat\u00a0: donnez celui de l’autorité",
            )
        if self.ca and not self.certificate:
            yield TrunkContradiction(
                "certificate",
                "ca is for trunks with a certificate: give the name in it (--certificate)",
                "une autorité ne sert qu’aux trunks à certificat\u00a0: donnez le nom qui y figure",
            )
        yield from faults.certificate_faults("ca", self.ca)

    @property
    def verifies(self) -> bool:
        """Whether the signed identity of its calls is looked at."""
        return self.identity in (IdentityHeaders.VERIFY, IdentityHeaders.ENFORCE)


OURS, THEIRS = "ours", "trunk"
"""Instead of a host: the host part of our own URIs, and the one of the trunk's."""


@dataclass(frozen=True, slots=True)
class OutboundTrunk:
    """A peer that takes our forwarded calls.

    The trunk with the highest `priority` (0 to 100) is tried first. Those of one priority share its calls in proportion
    to their `weight` (1 to 100), before those that have none (0). `region` is what `NumberFormat.NATIONAL` means.
    `number_format` is for the Request-URI, `header_format` for Diversion and History-Info. From the front of the number
    in the Request-URI `strip` is taken off where it begins with it, then `prefix` is put before it. `host` is the host
    of the Request-URI and of Diversion and the caller's headers: OURS, THEIRS, or a name or address; empty for THEIRS
    in the one and OURS in the others. `max_calls` is how many calls it may have at once, `max_rate` how many INVITEs it
    is sent in a second; 0: as many as come.

    `caller_id` says who is named in all headers of identity, and `from_`, `pai`, `ppi`, `rpid` in one of them, None for
    what `caller_id` says. `account` is the number, or the user part, that the trunk knows us by. `fallback` is a policy
    (`CallerId.parse`), empty for none, that the trunk is tried with once more when it gives one of `fallback_codes`.

    `user` is who we are when the trunk asks (RFC 3261 §22); its password is a secret of the store, and is shown to
    `realm` alone, to whichever asks where that is empty. `auth_cseq` says which CSeq its proof has. With
    `register` it is registered at `registrar`, a URI as `uri` and by default that, for `expires` seconds at a time,
    with a Contact whose user part is `contact_user`, by default the trunk's name. `relay`: audio goes through the media
    relay.

    `probe` is when it is probed, `redirects` what its 3xx does. `verstat`: it is told whether the caller's number was
    verified.

    By TLS the chain of its certificate ends at one of `ca`, by default at one that this machine trusts; our own one is
    `client_cert`, whose key is a secret of the store. Both are certificates in PEM form.
    """

    name: str
    uri: str
    priority: int = 50
    number_format: NumberFormat = NumberFormat.E164
    region: str = "FR"
    diversion_headers: DiversionHeaders = DiversionHeaders.BOTH
    caller_id: CallerIdPolicy = CallerIdPolicy.PASSTHROUGH
    header_format: NumberFormat = NumberFormat.E164
    strip: str = ""
    prefix: str = ""
    host: str = ""
    max_calls: int = 0
    max_rate: int = 0
    from_: Shown | None = None
    pai: Shown | None = None
    ppi: Shown | None = None
    rpid: Shown | None = None
    account: str = ""
    sign: Signing = Signing.OFF
    user: str = ""
    realm: str = ""
    diversion_depth: DiversionDepth = DiversionDepth.ALL
    fallback: str = ""
    fallback_codes: str = IDENTITY_REFUSED
    register: bool = False
    registrar: str = ""
    expires: int = 600
    contact_user: str = ""
    weight: int = 0
    probe: Probing = Probing.DOWN
    ca: str = ""
    client_cert: str = ""
    relay: bool = False
    verstat: bool = False
    redirects: Redirects = Redirects.REFUSE
    auth_cseq: AuthCseq = AuthCseq.SAME

    def __post_init__(self) -> None:
        faults.refuse(self._faults())

    def _faults(self) -> Iterator[TrunkInvalid]:
        yield from faults.name_faults(self.name)
        if TrunkAddress.parse(self.uri) is None:
            yield TrunkInvalid(
                "uri",
                f"{self.uri!r} is not a trunk address: write sip:HOST, sip:HOST:PORT or "
                "sip:HOST:PORT;transport=tcp, or tls, with the name of a host or the IP address of one",
                f"{self.uri!r} n’est pas une adresse de trunk\u00a0: écrivez sip:HÔTE, sip:HÔTE:PORT ou "
                "sip:HÔTE:PORT;transport=tcp, ou tls, avec le nom d’un hôte ou son adresse IP",
            )
        yield from self._order_faults()
        if not is_region(self.region):
            yield TrunkInvalid(*faults.unknown_region(self.region))
        for option, digits in (("strip", self.strip), ("prefix", self.prefix)):
            if digits and not _AFFIX.fullmatch(digits):
                yield TrunkInvalid(
                    option,
                    f"{option} {digits!r} is not dialled: give up to 16 of the characters 0-9 + * #",
                    f"{digits!r} ne se compose pas\u00a0: donnez jusqu’à 16 des caractères 0-9 + * #",
                )
        if self.host not in ("", OURS, THEIRS) and not is_place(self.host):
            yield TrunkInvalid(
                "host",
                f"{self.host!r} is not a host: give ours, trunk, or a name or IP address, with a port or without",
                f"{self.host!r} n’est pas un hôte\u00a0: donnez ours, trunk, ou un nom ou une adresse IP, avec ou "
                "sans port",
            )
        for option, most in (("max-calls", self.max_calls), ("max-rate", self.max_rate)):
            if not 0 <= most <= MOST_CALLS:
                yield TrunkInvalid(
                    option.replace("-", "_"),
                    f"{option} {most} is out of range: give 1 to {MOST_CALLS}, or 0 for no limit",
                    f"{most} est hors limites\u00a0: donnez 1 à {MOST_CALLS}, ou 0 pour aucune limite",
                )
        for name, check, given in (("user", check_user, self.user), ("realm", check_realm, self.realm)):
            try:
                check(given)
            except CredentialsInvalid as error:
                yield TrunkInvalid(name, str(error), error.french)
        yield from self._tls_faults()
        yield from self._registration_faults()
        yield from self._caller_id_faults()

    def _order_faults(self) -> Iterator[TrunkInvalid]:
        if not MIN_PRIORITY <= self.priority <= MAX_PRIORITY:
            yield TrunkInvalid(
                "priority",
                f"priority {self.priority} is out of range: give 0 to 100, the highest is tried first",
                f"{self.priority} est hors limites\u00a0: donnez 0 à 100, la plus haute priorité est essayée d’abord",
            )
        if not 0 <= self.weight <= MAX_WEIGHT:
            yield TrunkInvalid(
                "weight",
                f"weight {self.weight} is out of range: give 1 to {MAX_WEIGHT}, or 0 for no share",
                f"{self.weight} est hors limites\u00a0: donnez 1 à {MAX_WEIGHT}, ou 0 pour aucune part",
            )

    def _tls_faults(self) -> Iterator[TrunkInvalid]:
        for option, pem in (("ca", self.ca), ("client-cert", self.client_cert)):
            if not pem:
                continue
            where = TrunkAddress.parse(self.uri)
            if where is not None and not where.is_tls:
                yield TrunkContradiction(
                    option.replace("-", "_"),
                    f"{option} is for trunks by TLS: write their address with ;transport=tls",
                    "ne sert qu’aux trunks par TLS\u00a0: écrivez leur adresse avec ;transport=tls",
                )
            yield from faults.certificate_faults(option, pem)

    def _caller_id_faults(self) -> Iterator[TrunkInvalid]:
        if self.account and not (_E164 if self.account.startswith("+") else _ACCOUNT).fullmatch(self.account):
            yield TrunkInvalid(
                "account",
                f"account {self.account!r} is neither a number such as +33199001234 nor a user name",
                f"{self.account!r} n’est ni un numéro tel que +33199001234 ni un nom d’utilisateur",
            )
        yield from self._fallback_faults()
        yield from faults.fallback_code_faults(self.fallback_codes)

    def _fallback_faults(self) -> Iterator[TrunkInvalid]:
        try:
            policies = self.caller_ids
        except CallerIdInvalid as error:
            yield TrunkInvalid("fallback", f"fallback: {error}", error.french)
            return
        if not self.account and any(Shown.ACCOUNT in policy.headers for policy in policies):
            yield TrunkContradiction(
                "account",
                "the account's number is not known: give it (--account)",
                "le numéro du compte n’est pas connu\u00a0: donnez-le",
            )
        if len(set(policies)) < len(policies):
            yield TrunkContradiction(
                "fallback",
                "fallback names the caller as before, which the trunk would refuse again: give another",
                "nomme l’appelant comme avant, ce que le trunk refuserait encore\u00a0: donnez autre chose",
            )

    def _registration_faults(self) -> Iterator[TrunkInvalid]:
        if self.register and not self.user:
            yield TrunkContradiction(
                "user",
                "nobody can be registered without a user: give one and its password (--user, --password-file)",
                "personne ne peut être enregistré sans utilisateur\u00a0: donnez-en un, avec son mot de passe",
            )
        registrar = TrunkAddress.parse(self.registrar)
        if self.registrar and registrar is None:
            yield TrunkInvalid(
                "registrar",
                f"{self.registrar!r} is not a registrar: write sip:HOST or sip:HOST:PORT",
                f"{self.registrar!r} n’est pas un registrar\u00a0: écrivez sip:HÔTE ou sip:HÔTE:PORT",
            )
        if registrar is not None and registrar.is_tls:
            yield TrunkInvalid(
                "registrar",
                "a registrar by TLS is the trunk itself: leave it out, or give one by UDP or TCP",
                "un registrar par TLS est le trunk lui-même\u00a0: laissez vide, ou donnez-en un par UDP ou TCP",
            )
        if not MIN_EXPIRES_S <= self.expires <= MAX_EXPIRES_S:
            yield TrunkInvalid(
                "expires",
                f"expires {self.expires} is out of range: give {MIN_EXPIRES_S} to {MAX_EXPIRES_S} seconds",
                f"{self.expires} est hors limites\u00a0: donnez {MIN_EXPIRES_S} à {MAX_EXPIRES_S} secondes",
            )
        if self.contact_user and not _ACCOUNT.fullmatch(self.contact_user):
            yield TrunkInvalid(
                "contact_user",
                f"{self.contact_user!r} cannot be in a Contact: give up to 64 of letters, digits and + . _ -",
                f"{self.contact_user!r} ne va pas dans un Contact\u00a0: donnez 64 lettres, chiffres, + . _ - au plus",
            )

    @property
    def contact(self) -> str:
        """The user part of the Contact that is registered, which no other registered trunk may have."""
        return self.contact_user or self.name

    @property
    def registrar_address(self) -> TrunkAddress:
        found = TrunkAddress.parse(self.registrar or self.uri)
        assert found is not None
        return found

    @property
    def keeps_caller(self) -> bool:
        """Whether the caller's headers go on as they came."""
        return (
            not self.fallback
            and self.caller_id is CallerIdPolicy.PASSTHROUGH
            and self.from_ is None
            and self.pai is None
            and self.ppi is None
            and self.rpid is None
        )

    @property
    def caller_identity(self) -> CallerId:
        """Who is named in each header."""
        headers = zip((self.from_, self.pai, self.ppi, self.rpid), CallerId.parse(self.caller_id).headers, strict=True)
        return CallerId(*(by_all if one is None else one for one, by_all in headers))

    @property
    def caller_ids(self) -> tuple[CallerId, ...]:
        """The policies that the trunk is tried with, one after the other."""
        return (self.caller_identity, CallerId.parse(self.fallback)) if self.fallback else (self.caller_identity,)

    @property
    def probes(self) -> Probing:
        """When it is asked whether it is there. By TLS its connection is probed, all the time, and not the trunk."""
        return Probing.NEVER if self.address.is_tls else self.probe

    @property
    def address(self) -> TrunkAddress:
        found = TrunkAddress.parse(self.uri)
        assert found is not None
        return found

    def dial(self, target: E164) -> str:
        """Return `target` as this trunk wants it in the user part of the Request-URI."""
        return self.prefix + self.write(target, self.number_format).removeprefix(self.strip)

    def write(self, number: E164, wanted: NumberFormat) -> str:
        """Return `number` in a format, as it is understood in this trunk's region."""
        if wanted is NumberFormat.E164:
            return number.value
        if wanted is NumberFormat.PLAIN:
            return number.value[1:]
        parsed = phonenumbers.parse(number.value)
        if wanted is NumberFormat.NATIONAL and phonenumbers.region_code_for_number(parsed) == self.region:
            written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
            return re.sub(r"[^0-9]", "", written)
        return "00" + number.value[1:]

    def name_of(self, who: E164 | str, host: str) -> str:
        """Return the URI by which headers name a number or a user; a text that is a number is written like one."""
        if isinstance(who, str) and _E164.fullmatch(who):
            who = E164(who)
        return f"sip:{who if isinstance(who, str) else self.write(who, self.header_format)}@{host}"

    def host_or(self, usual: str, ours: str) -> str:
        """Return the host that stands in a URI where `usual` would; `ours` is the one of our own."""
        return {"": usual, OURS: ours, THEIRS: self.address.place}.get(self.host, self.host)


def parse_network(text: str) -> IPv4Network | IPv6Network:
    """Read one address or CIDR block.

    Raises:
        TrunkInvalid: it is neither, or has bits set behind the prefix.
    """
    try:
        return ip_network(text)
    except ValueError as error:
        raise TrunkInvalid(
            "networks",
            f"{text!r} is not a network: {error}; write it like 192.0.2.0/24 or 2001:db8::/32",
            f"{text!r} n’est pas un réseau\u00a0: écrivez-le comme 192.0.2.0/24 ou 2001:db8::/32",
        ) from error
