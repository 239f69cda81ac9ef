"""Trunks: the SIP peers that calls come from (inbound) and are forwarded through (outbound)."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

import phonenumbers

from renvoi.domain.numbers.number import E164, is_region
from renvoi.domain.trunks.address import TrunkAddress, is_place
from renvoi.domain.trunks.caller_id import CallerId, CallerIdInvalid, CallerIdPolicy, Shown
from renvoi.domain.trunks.choices import (
    CalledNumberFrom,
    DiversionDepth,
    DiversionHeaders,
    IdentityHeaders,
    NumberFormat,
    Probing,
    Redirects,
    Signing,
)
from renvoi.domain.trunks.credentials import CredentialsInvalid, check_realm, check_user

_ACCOUNT = re.compile(r"[A-Za-z0-9+._-]{1,64}", re.ASCII)
_E164 = re.compile(r"\+[1-9][0-9]{5,14}", re.ASCII)
_AFFIX = re.compile(r"[0-9+*#]{1,16}", re.ASCII)
MOST_CALLS = 1_000_000
"""The highest limit of calls that can be set."""
IDENTITY_REFUSED = "403,428,433,436,437,438"
"""Answers that refuse who calls (RFC 5079, RFC 8224 §6.2.2); 403 is what most carriers say."""
_REFUSAL = re.compile(r"[456][0-9]{2}", re.ASCII)
_OTHER_REFUSALS = frozenset({"401", "407", "408", "486", "487", "503", "600"})
"""Answers that say something else: a challenge, silence, busy, cancelled, down."""
_CERTIFICATES = re.compile(
    r"(?:-----BEGIN CERTIFICATE-----\n(?:[A-Za-z0-9+/=]{1,80}\n)+-----END CERTIFICATE-----\n)+", re.ASCII
)
_SUBJECT = re.compile(r"[A-Za-z0-9._:-]{1,255}", re.ASCII)
MOST_CERTIFICATES = 64 * 1024
"""Characters of certificates in PEM form that a trunk may have."""
_CONTACT = re.compile(r"[A-Za-z0-9+._-]{1,64}", re.ASCII)
MIN_EXPIRES_S, MAX_EXPIRES_S = 60, 86_400
MIN_PRIORITY, MAX_PRIORITY = 0, 100
MAX_WEIGHT = 100
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


class TrunkInvalid(ValueError):
    """A setting of a trunk is wrong; the text says which one and how to fix it."""


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
        check_trunk_name(self.name)
        try:
            check_user(self.inbound_user)
        except CredentialsInvalid as error:
            raise TrunkInvalid(str(error)) from error
        if not (self.networks or self.inbound_user or self.certificate):
            raise TrunkInvalid("an inbound trunk needs a network, such as 192.0.2.0/24, a digest user or a certificate")
        self._check_certificate()
        if not is_region(self.region):
            raise TrunkInvalid(f"unknown region {self.region!r}: use an ISO 3166-1 code such as FR")

    def _check_certificate(self) -> None:
        if self.certificate and not _SUBJECT.fullmatch(self.certificate):
            raise TrunkInvalid(
                f"{self.certificate!r} is not the name of a certificate: give a host name or IP address that it is for"
            )
        if self.certificate and not self.ca:
            raise TrunkInvalid("who signs the certificate is not known: give the authority's own one with --ca")
        if self.ca and not self.certificate:
            raise TrunkInvalid("ca is for trunks with a certificate: give the name in it with --certificate")
        check_certificates("ca", self.ca)

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
    `realm` alone, to whichever asks where that is empty. With `register` it is registered at `registrar`, a URI as
    `uri` and by default that, for `expires` seconds at a time, with a Contact whose user part is `contact_user`, by
    default the trunk's name. `relay`: audio goes through the media relay.

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

    def __post_init__(self) -> None:
        check_trunk_name(self.name)
        if TrunkAddress.parse(self.uri) is None:
            raise TrunkInvalid(
                f"{self.uri!r} is not a trunk address: write sip:HOST, sip:HOST:PORT or "
                "sip:HOST:PORT;transport=tcp, or tls, with the name of a host or the IP address of one"
            )
        self._check_order()
        if not is_region(self.region):
            raise TrunkInvalid(f"unknown region {self.region!r}: use an ISO 3166-1 code such as FR")
        for option, digits in (("strip", self.strip), ("prefix", self.prefix)):
            if digits and not _AFFIX.fullmatch(digits):
                raise TrunkInvalid(f"{option} {digits!r} is not dialled: give up to 16 of the characters 0-9 + * #")
        if self.host not in ("", OURS, THEIRS) and not is_place(self.host):
            raise TrunkInvalid(
                f"{self.host!r} is not a host: give ours, trunk, or a name or IP address, with a port or without"
            )
        for option, most in (("max-calls", self.max_calls), ("max-rate", self.max_rate)):
            if not 0 <= most <= MOST_CALLS:
                raise TrunkInvalid(f"{option} {most} is out of range: give 1 to {MOST_CALLS}, or 0 for no limit")
        try:
            check_user(self.user)
            check_realm(self.realm)
        except CredentialsInvalid as error:
            raise TrunkInvalid(str(error)) from error
        self._check_tls()
        self._check_registration()
        self._check_caller_id()

    def _check_order(self) -> None:
        if not MIN_PRIORITY <= self.priority <= MAX_PRIORITY:
            raise TrunkInvalid(f"priority {self.priority} is out of range: give 0 to 100, the highest is tried first")
        if not 0 <= self.weight <= MAX_WEIGHT:
            raise TrunkInvalid(f"weight {self.weight} is out of range: give 1 to {MAX_WEIGHT}, or 0 for no share")

    def _check_tls(self) -> None:
        for option, pem in (("ca", self.ca), ("client-cert", self.client_cert)):
            if not pem:
                continue
            if not self.address.is_tls:
                raise TrunkInvalid(f"{option} is for trunks by TLS: write their address with ;transport=tls")
            check_certificates(option, pem)

    def _check_caller_id(self) -> None:
        if self.account and not (_E164 if self.account.startswith("+") else _ACCOUNT).fullmatch(self.account):
            raise TrunkInvalid(f"account {self.account!r} is neither a number such as +33199001234 nor a user name")
        try:
            shown = [each for policy in self.caller_ids for each in policy.headers]
        except CallerIdInvalid as error:
            raise TrunkInvalid(f"fallback: {error}") from error
        if not self.account and Shown.ACCOUNT in shown:
            raise TrunkInvalid("the account's number is not known: give it with --account")
        if len(set(self.caller_ids)) < len(self.caller_ids):
            raise TrunkInvalid("fallback names the caller as before, which the trunk would refuse again: give another")
        codes = self.fallback_codes.split(",")
        for code in codes:
            if not _REFUSAL.fullmatch(code) or code in _OTHER_REFUSALS:
                raise TrunkInvalid(f"fallback code {code!r} refuses no caller: give answers such as 403,488")
            if codes.count(code) > 1:
                raise TrunkInvalid(f"fallback code {code!r} is there twice: give each once")

    def _check_registration(self) -> None:
        if self.register and not self.user:
            raise TrunkInvalid("nobody can be registered without a user: give one with --user and --password-file")
        if self.registrar and TrunkAddress.parse(self.registrar) is None:
            raise TrunkInvalid(f"{self.registrar!r} is not a registrar: write sip:HOST or sip:HOST:PORT")
        if self.registrar and self.registrar_address.is_tls:
            raise TrunkInvalid("a registrar by TLS is the trunk itself: leave it out, or give one by UDP or TCP")
        if not MIN_EXPIRES_S <= self.expires <= MAX_EXPIRES_S:
            raise TrunkInvalid(
                f"expires {self.expires} is out of range: give {MIN_EXPIRES_S} to {MAX_EXPIRES_S} seconds"
            )
        if self.contact_user and not _CONTACT.fullmatch(self.contact_user):
            raise TrunkInvalid(
                f"{self.contact_user!r} cannot be in a Contact: give up to 64 of letters, digits and + . _ -"
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


def check_certificates(option: str, pem: str) -> None:
    """Check that `pem` is empty or certificates in PEM form.

    Raises:
        TrunkInvalid: it is something else, or too much.
    """
    if pem and (len(pem) > MOST_CERTIFICATES or not _CERTIFICATES.fullmatch(pem)):
        raise TrunkInvalid(f"{option} is not up to {MOST_CERTIFICATES // 1024} KiB of certificates in PEM form")


def check_trunk_name(name: str) -> None:
    """Check that `name` can name a trunk.

    Raises:
        TrunkInvalid: it is not 1 to 32 lower-case letters, digits, `-` or `_`.
    """
    if not _NAME.fullmatch(name):
        raise TrunkInvalid(f"{name!r} is not a trunk name: give 1 to 32 lower-case letters, digits, - or _")


def parse_network(text: str) -> IPv4Network | IPv6Network:
    """Read one address or CIDR block.

    Raises:
        TrunkInvalid: it is neither, or has bits set behind the prefix.
    """
    try:
        return ip_network(text)
    except ValueError as error:
        raise TrunkInvalid(
            f"{text!r} is not a network: {error}; write it like 192.0.2.0/24 or 2001:db8::/32"
        ) from error
