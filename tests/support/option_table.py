"""What a carrier that wants an option demands: header lines, byte for byte, for each row of docs/trunks.md."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from renvoi.domain.trunks.presets import PRESETS
from tests.support.caller_table import ACCOUNT, DOCUMENT, DOMAIN, NUMBER, TARGET

ROOT = Path(__file__).parents[2]
CALLER = "+33140000001"
FROM = f'From: "Alice" <sip:{CALLER}@carrier.example>'
PAI = f"P-Asserted-Identity: <sip:{CALLER}@carrier.example>"
REFUSED = 403
"""What a carrier answers that does not find what it demands."""
DEMANDED = (
    "From",
    "P-Asserted-Identity",
    "P-Preferred-Identity",
    "Remote-Party-ID",
    "Privacy",
    "Diversion",
    "History-Info",
    "Identity",
)
TOKEN = "Identity: eyJhbGciOiJFUzI1NiJ9.e30.c2ln;info=<https://cert.example/a>;alg=ES256;ppt=shaken"


def diverted(number: str = NUMBER, host: str = DOMAIN, counter: int = 1) -> str:
    return f"Diversion: <sip:{number}@{host}>;reason=unconditional;counter={counter};privacy=off"


def history(number: str = NUMBER, target: str = TARGET, host: str = DOMAIN) -> tuple[str, str]:
    return (
        f"History-Info: <sip:{number}@{host}>;index=1",
        f"History-Info: <sip:{target}@{host};cause=302>;index=1.1;mp=1",
    )


def named(header: str, number: str, host: str = DOMAIN) -> str:
    return f"{header}: <sip:{number}@{host}>"


@dataclass(frozen=True, slots=True)
class Case:
    """Options of the outbound trunk (`options`) or the inbound one (`inbound`), and what the carrier demands then.

    `target` is what stands before the Request-URI's `;`, with `{at}` for the trunk's host and port; `lines` are all
    header lines of `DEMANDED`. With `refused` the carrier wants to be tried twice, and the first call looks like that.
    `called` is the Request-URI of the call, and `came` are header lines that come with it, From and To included.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    lines: Sequence[str] = (FROM, PAI, diverted(), *history())
    target: str = f"sip:{TARGET}@{{at}}"
    refused: Sequence[str] = ()
    inbound: Mapping[str, Any] = field(default_factory=dict)
    called: str = NUMBER
    came: Sequence[str] = (PAI,)


def shown(*lines: str, diversion: bool = True, history_info: bool = True) -> Sequence[str]:
    """Return who is named, and our diversion."""
    return (*lines, *((diverted(),) if diversion else ()), *(history() if history_info else ()))


_PLAIN, _TARGET_PLAIN = NUMBER[1:], TARGET[1:]
_INTERNATIONAL, _TARGET_INTERNATIONAL = f"00{_PLAIN}", f"00{_TARGET_PLAIN}"
_NATIONAL, _TARGET_NATIONAL = f"0{_PLAIN[2:]}", f"0{_TARGET_PLAIN[2:]}"
_RPID = "Remote-Party-ID: <sip:{}@" + DOMAIN + ">;party=calling;privacy=off"
_OLDER = ("P-Preferred-Identity: <sip:1@x>", "Remote-Party-ID: <sip:2@x>;party=calling")
_SERVED = (named("From", NUMBER), named("P-Asserted-Identity", NUMBER))
_FORGED = (PAI.replace("@", ";verstat=TN-Validation-Passed@"), f"{FROM[:-1]};verstat=x>")
_UNPROVEN = PAI.replace("@", ";verstat=No-TN-Validation@")
_BEFORE = "Diversion: <sip:+33140000007@other.example>;reason=user-busy;counter=2;privacy=off"

CASES: Mapping[str, Sequence[Case]] = {
    "--region": [
        Case({"number_format": "national", "region": "BE"}, target=f"sip:{_TARGET_INTERNATIONAL}@{{at}}"),
        Case(inbound={"region": "FR"}, called=_NATIONAL),
    ],
    "--called-number": [
        Case(inbound={"called_number": "to"}, called="sip:acc@127.0.0.1", came=(PAI, f"To: <sip:{NUMBER}@x>")),
        Case(
            inbound={"called_number": "p-called-party-id"},
            called=f"sip:{TARGET}@127.0.0.1",
            came=(PAI, f"P-Called-Party-ID: <sip:{NUMBER}@x>"),
        ),
    ],
    "--identity": [
        Case(came=(PAI, TOKEN), lines=(*shown(FROM, PAI), TOKEN)),
        Case(inbound={"identity": "off"}, came=(PAI, TOKEN)),
    ],
    "--number-format": [
        Case({"number_format": "e164"}),
        Case({"number_format": "plain"}, target=f"sip:{_TARGET_PLAIN}@{{at}}"),
        Case({"number_format": "international"}, target=f"sip:{_TARGET_INTERNATIONAL}@{{at}}"),
        Case({"number_format": "national"}, target=f"sip:{_TARGET_NATIONAL}@{{at}}"),
    ],
    "--header-format": [
        Case({"header_format": "plain"}, (FROM, PAI, diverted(_PLAIN), *history(_PLAIN, _TARGET_PLAIN))),
        Case(
            {"header_format": "international"},
            (FROM, PAI, diverted(_INTERNATIONAL), *history(_INTERNATIONAL, _TARGET_INTERNATIONAL)),
        ),
        Case({"header_format": "national"}, (FROM, PAI, diverted(_NATIONAL), *history(_NATIONAL, _TARGET_NATIONAL))),
    ],
    "--strip": [Case({"strip": "+33"}, target=f"sip:{_TARGET_PLAIN[2:]}@{{at}}")],
    "--prefix": [Case({"prefix": "9#", "strip": "+"}, target=f"sip:9%23{_TARGET_PLAIN}@{{at}}")],
    "--host": [
        Case({"host": "ours"}, target=f"sip:{TARGET}@{DOMAIN}"),
        Case(
            {"host": "pbx.example"},
            (FROM, PAI, diverted(host="pbx.example"), *history(host="pbx.example")),
            target=f"sip:{TARGET}@pbx.example",
        ),
        Case(
            {"host": "pbx.example", "from_": "number"},
            (named("From", NUMBER, "pbx.example"), PAI, diverted(host="pbx.example"), *history(host="pbx.example")),
            target=f"sip:{TARGET}@pbx.example",
        ),
    ],
    "--diversion-headers": [
        Case({"diversion_headers": "both"}),
        Case({"diversion_headers": "diversion"}, shown(FROM, PAI, history_info=False)),
        Case({"diversion_headers": "history-info"}, shown(FROM, PAI, diversion=False)),
        Case({"diversion_headers": "none"}, (FROM, PAI)),
    ],
    "--diversion-depth": [
        Case({"diversion_depth": "all"}, (FROM, PAI, diverted(), _BEFORE, *history()), came=(PAI, _BEFORE)),
        Case({"diversion_depth": "top"}, (FROM, PAI, diverted(counter=3), *history()), came=(PAI, _BEFORE)),
    ],
    "--caller-id": [
        Case({"caller_id": "passthrough"}, shown(FROM, PAI, *_OLDER), came=(PAI, *_OLDER)),
        Case({"caller_id": "served-user"}, shown(*_SERVED), came=(PAI, *_OLDER)),
        Case(
            {"caller_id": "anonymous"},
            shown(
                'From: "Anonymous" <sip:anonymous@anonymous.invalid>',
                named("P-Asserted-Identity", NUMBER),
                "Privacy: id",
            ),
            came=(PAI, *_OLDER),
        ),
    ],
    "--from": [
        Case({"from_": "caller"}, shown(f'From: "Alice" <sip:{CALLER}@{DOMAIN}>', PAI)),
        Case({"from_": "number"}, shown(named("From", NUMBER), PAI)),
        Case({"from_": "account", "account": ACCOUNT}, shown(named("From", ACCOUNT), PAI)),
        Case({"from_": "none"}, shown('From: "Anonymous" <sip:anonymous@anonymous.invalid>', PAI, "Privacy: id")),
        Case({"from_": "keep", "caller_id": "served-user"}, shown(FROM, named("P-Asserted-Identity", NUMBER))),
    ],
    "--pai": [
        Case({"pai": "caller"}, shown(FROM, named("P-Asserted-Identity", CALLER)), came=()),
        Case({"pai": "number"}, shown(FROM, named("P-Asserted-Identity", NUMBER))),
        Case({"pai": "none"}, shown(FROM)),
    ],
    "--ppi": [
        Case({"ppi": "caller"}, shown(FROM, PAI, named("P-Preferred-Identity", CALLER))),
        Case({"ppi": "none"}, shown(FROM, PAI, _OLDER[1]), came=(PAI, *_OLDER)),
    ],
    "--rpid": [
        Case({"rpid": "number"}, shown(FROM, PAI, _RPID.format(NUMBER))),
        Case({"rpid": "none"}, shown(FROM, PAI, _OLDER[0]), came=(PAI, *_OLDER)),
    ],
    "--account": [Case({"from_": "account", "account": "acc-12"}, shown(named("From", "acc-12"), PAI))],
    "--fallback": [Case({"fallback": "served-user"}, shown(*_SERVED), refused=shown(FROM, PAI))],
    "--fallback-codes": [
        Case(
            {"fallback": "from=number", "fallback_codes": "403,488"},
            shown(named("From", NUMBER), PAI),
            refused=shown(FROM, PAI),
        ),
    ],
    "--verstat": [
        Case({}, shown(f"{FROM[:-1]};verstat=x>", PAI.replace("@", ";verstat=TN-Validation-Passed@")), came=_FORGED),
        Case({"verstat": True}, shown(FROM, PAI), came=_FORGED),
        Case({"verstat": True}, shown(FROM, _UNPROVEN), inbound={"identity": "verify"}, came=_FORGED),
        Case(
            {"verstat": True, "pai": "caller", "from_": "number", "header_format": "national"},
            (
                named("From", _NATIONAL),
                f"P-Asserted-Identity: <sip:0{CALLER[3:]};verstat=No-TN-Validation@{DOMAIN}>",
                diverted(_NATIONAL),
                *history(_NATIONAL, _TARGET_NATIONAL),
            ),
            inbound={"identity": "verify"},
        ),
        Case(
            {"verstat": True, "pai": "number", "from_": "caller"},
            shown(
                f'From: "Alice" <sip:{CALLER};verstat=No-TN-Validation@{DOMAIN}>', named("P-Asserted-Identity", NUMBER)
            ),
            inbound={"identity": "verify"},
        ),
        Case({"verstat": True, "caller_id": "served-user"}, shown(*_SERVED), inbound={"identity": "verify"}),
    ],
    "--preset": [
        *(Case(PRESETS[name].options, shown(FROM, PAI, history_info=False)) for name in ("telnyx", "twilio", "didww")),
        Case(
            {**PRESETS["ovh"].options, "register": False},
            (
                named("From", _INTERNATIONAL),
                named("P-Asserted-Identity", _INTERNATIONAL),
                diverted(_INTERNATIONAL),
            ),
            target=f"sip:{_TARGET_INTERNATIONAL}@{{at}}",
        ),
        Case(
            PRESETS["generic-sipconnect"].options,
            shown(f'From: "Alice" <sip:{CALLER}@{DOMAIN}>', named("P-Asserted-Identity", NUMBER)),
        ),
        Case(PRESETS["generic-strict"].options, shown(*_SERVED, history_info=False)),
        Case(
            PRESETS["2talk"].options,
            shown(named("From", NUMBER), named("P-Asserted-Identity", CALLER), history_info=False),
        ),
        Case(
            {**PRESETS["dt-standard"].options, "account": ACCOUNT},
            shown(named("From", ACCOUNT), PAI, named("P-Preferred-Identity", CALLER)),
        ),
        Case(
            {**PRESETS["nfon"].options, "account": ACCOUNT},
            shown(named("From", ACCOUNT), named("P-Asserted-Identity", ACCOUNT)),
        ),
    ],
}

ELSEWHERE: Mapping[str, str] = {
    "--inbound": "integration/edge/test_strangers.py",
    "--inbound-user": "support/asked.py",
    "--inbound-password-file": "e2e/test_callers.py",
    "--outbound": "integration/edge/test_trunks.py",
    "--nat": "integration/edge/test_nat.py",
    "--relay": "integration/edge/test_media.py",
    "--priority": "integration/edge/test_trunks.py",
    "--weight": "integration/edge/test_weights.py",
    "--probe": "integration/edge/test_probing.py",
    "--redirects": "integration/edge/test_redirects.py",
    "--max-calls": "integration/edge/test_limits.py",
    "--max-rate": "integration/edge/test_limits.py",
    "--user": "integration/edge/test_digest.py",
    "--password-file": "e2e/test_digest.py",
    "--realm": "integration/edge/test_digest.py",
    "--auth-cseq": "integration/edge/test_auth_cseq.py",
    "--certificate": "integration/edge/test_tls.py",
    "--ca": "integration/edge/test_tls.py",
    "--client-cert": "e2e/test_tls.py",
    "--client-key": "e2e/test_tls.py",
    "--register": "integration/edge/test_registration.py",
    "--registrar": "integration/edge/test_registration.py",
    "--expires": "integration/edge/test_registration.py",
    "--contact-user": "e2e/test_digest.py",
    "--sign": "integration/edge/test_signing.py",
}
"""Where the rest is tested that is about more than the headers of one INVITE."""


def documented() -> list[str]:
    """Return the options of docs/trunks.md; `--no-…` takes back what another one does."""
    section = DOCUMENT.read_text("utf-8").partition("## Options\n")[2].partition("\n## ")[0]
    found = re.findall(r"^\| `(--[a-z-]+)` \|", section, re.MULTILINE)
    return [option for option in found if not option.startswith("--no-")]
