"""Presets: sets of options of outbound trunks that a carrier, or a kind of carrier, wants (docs/trunks.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from renvoi.domain.trunks.caller_id import CallerIdPolicy, Shown
from renvoi.domain.trunks.choices import DiversionHeaders, NumberFormat


@dataclass(frozen=True, slots=True)
class Preset:
    """Options by the names of their fields, as if they had been given one by one.

    `source` is what they were taken from, and `as_of` when that was so; `proven` whether the carrier itself publishes
    it. No call was placed through any of these carriers. `besides` is what the operator has to know or do.
    """

    options: Mapping[str, Any]
    source: str
    as_of: date
    proven: bool
    besides: str


_E164 = {"number_format": NumberFormat.E164, "header_format": NumberFormat.E164}
_BY_DIVERSION = {
    **_E164,
    "caller_id": CallerIdPolicy.PASSTHROUGH,
    "diversion_headers": DiversionHeaders.DIVERSION,
}
"""The caller as it came, and a number of the carrier's own in Diversion that answers for the call."""

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "telnyx": Preset(
            _BY_DIVERSION,
            "developers.telnyx.com/docs/voice/sip-trunking/configuration/caller-id-policy",
            date(2026, 11, 29),
            proven=True,
            besides="the number called has to be Telnyx's, and its call has to have come by Telnyx; else it answers"
            " 403 (D35), for which --fallback served-user is a way out",
        ),
        "twilio": Preset(
            _BY_DIVERSION,
            "www.twilio.com/docs/sip-trunking; the rule for Diversion from other users' reports",
            date(2026, 11, 29),
            proven=False,
            besides="the URI has to name NAME.pstn.twilio.com, no address; some forwards abroad are refused (32224)",
        ),
        "didww": Preset(
            _BY_DIVERSION,
            "doc.didww.com/voice/outbound-trunks/routing-dialing/call-forwarding",
            date(2026, 11, 29),
            proven=True,
            besides="DIDWW has to switch its Diversion service on for the trunk; local routes only; the number called"
            " needs the feature Local CLI",
        ),
        "ovh": Preset(
            {
                "number_format": NumberFormat.INTERNATIONAL,
                "header_format": NumberFormat.INTERNATIONAL,
                "caller_id": CallerIdPolicy.SERVED_USER,
                "diversion_headers": DiversionHeaders.DIVERSION,
                "register": True,
                "expires": 1800,
            },
            "OVHcloud's guide to SIP lines (login 0033…, expiry); nothing is published about forwarded calls",
            date(2026, 11, 29),
            proven=False,
            besides="--user is the line, 0033…, with --password-file; the number called should be the line's",
        ),
        "generic-sipconnect": Preset(
            {
                **_E164,
                "from_": Shown.CALLER,
                "pai": Shown.NUMBER,
                "diversion_headers": DiversionHeaders.BOTH,
            },
            "SIPconnect 2.0 (SIP Forum), not checked against its text",
            date(2026, 11, 29),
            proven=False,
            besides="From has the caller, unless withheld, P-Asserted-Identity the number that diverts",
        ),
        "generic-strict": Preset(
            {**_E164, "caller_id": CallerIdPolicy.SERVED_USER, "diversion_headers": DiversionHeaders.DIVERSION},
            "what carriers want that let no foreign caller through",
            date(2026, 11, 29),
            proven=False,
            besides="the called side sees the number that diverts, not the caller",
        ),
        "2talk": Preset(
            {
                "from_": Shown.NUMBER,
                "pai": Shown.CALLER,
                "diversion_headers": DiversionHeaders.DIVERSION,
            },
            "support.2talk.co.nz",
            date(2026, 11, 29),
            proven=True,
            besides="the number called has to be one of the trunk's",
        ),
        "dt-standard": Preset(
            {"from_": Shown.ACCOUNT, "ppi": Shown.CALLER},
            "dt-standard.de",
            date(2026, 11, 29),
            proven=True,
            besides="--account is the number that the trunk is billed by; foreign numbers are a feature to order",
        ),
        "nfon": Preset(
            {"from_": Shown.ACCOUNT, "pai": Shown.ACCOUNT},
            "nfon.com",
            date(2026, 11, 29),
            proven=True,
            besides="--account is the trunk's number; with CLIP no screening, --pai caller shows the caller",
        ),
    }
)
