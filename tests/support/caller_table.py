"""Who is named to a trunk: every policy with every kind of caller, as docs/trunks.md shows it and the edge does it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from renvoi.documents.trunk_document import trunk_of
from renvoi.domain.calls.caller import CallerHeaders, read_caller, read_numbers
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.routing import Forward
from renvoi.domain.trunks.branch_plan import plan_branches
from renvoi.domain.trunks.caller_id import REMOVED
from renvoi.domain.trunks.presets import PRESETS
from renvoi.domain.trunks.trunk import OutboundTrunk

NUMBER, TARGET, ACCOUNT, DOMAIN = "+33199001234", "+33612345678", "+33199000000", "edge.example"
DOCUMENT = Path(__file__).parents[2] / "docs" / "trunks.md"
BEGIN, END = "<!-- who is named: written by tests/support/caller_table.py -->", "<!-- end -->"
NAMES = {
    "From": "from_",
    "P-Asserted-Identity": "pai",
    "P-Preferred-Identity": "ppi",
    "Remote-Party-ID": "rpid",
    "Privacy": "privacy",
}
SHORT = {"P-Asserted-Identity": "PAI", "P-Preferred-Identity": "PPI", "Remote-Party-ID": "RPID"}

Headers = Mapping[str, str]
"""Headers of a call by their names, From without its tag."""
_ALICE = '"Alice" <sip:+33140000001@carrier.example>'
_NETWORK = "<sip:+33140000001@carrier.example>"
CALLERS: Mapping[str, Headers] = {
    "shown": {"From": _ALICE, "P-Asserted-Identity": _NETWORK},
    "shown, by From alone": {"From": _ALICE},
    "shown, with a line of its own": {
        "From": '"Alice" <sip:+33140000002@carrier.example>',
        "P-Asserted-Identity": _NETWORK,
    },
    "shown, by older headers": {
        "From": _ALICE,
        "Remote-Party-ID": f"{_NETWORK};party=calling;screen=yes;privacy=off",
        "P-Preferred-Identity": _NETWORK,
    },
    "of another country": {"From": "<sip:+4930123456@carrier.example>"},
    "without a number": {"From": '"Alice" <sip:alice@carrier.example>'},
    "withheld by Privacy": {"From": _ALICE, "P-Asserted-Identity": _NETWORK, "Privacy": "id"},
    "withheld by Privacy, From alone": {"From": _ALICE, "Privacy": "user;critical"},
    "withheld by From": {
        "From": '"Anonymous" <sip:anonymous@anonymous.invalid>',
        "P-Asserted-Identity": _NETWORK,
    },
    "withheld by the name": {"From": '"Anonyme" <sip:+33140000001@carrier.example>'},
    "withheld by Remote-Party-ID": {"From": _ALICE, "Remote-Party-ID": f"{_NETWORK};party=calling;privacy=full"},
    "nobody": {"From": "<sip:anonymous@anonymous.invalid>"},
}


@dataclass(frozen=True, slots=True)
class Policy:
    """The options of a trunk that decide who is named, as they are given on the command line."""

    options: Mapping[str, str]
    presets: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        given = (f"--{name.strip('_').replace('_', '-')} {value}" for name, value in self.options.items())
        return " ".join(given) or "no option"

    def trunk(self, name: str, uri: str) -> OutboundTrunk:
        """Return a trunk with that policy."""
        account = {"account": ACCOUNT} if "account" in self.options.values() else {}
        side = trunk_of({"kind": "outbound", "name": name, "uri": uri, **account, **self.options})
        assert isinstance(side, OutboundTrunk)
        return side


_WITHOUT_PRESETS = [
    Policy({}),
    Policy({"caller_id": "served-user"}),
    Policy({"caller_id": "anonymous"}),
    Policy({"from_": "caller", "pai": "caller"}),
    Policy({"from_": "caller", "pai": "number", "header_format": "plain", "host": "trunk"}),
    Policy({"from_": "number", "pai": "caller"}),
    Policy({"from_": "account", "ppi": "caller", "pai": "none"}),
    Policy({"from_": "caller", "rpid": "caller", "pai": "none", "header_format": "national"}),
]
_OF_NAMES = {"caller_id": "passthrough", "from_": "", "pai": "", "ppi": "", "rpid": "", "header_format": "e164"}
"""The options of presets that decide who is named, and what they are without."""


def _with_presets() -> list[Policy]:
    """Return the policies, each with the presets that it is of, and behind them those that only presets have."""
    found = list(_WITHOUT_PRESETS)
    for name, preset in PRESETS.items():
        options = {key: str(value) for key, value in preset.options.items() if value != _OF_NAMES.get(key, value)}
        known = next((each for each in found if each.options == options), None)
        if known is None:
            found.append(Policy(options, (name,)))
        else:
            found[found.index(known)] = replace(known, presets=(*known.presets, name))
    return found


POLICIES = _with_presets()
URI = "sip:192.0.2.9"
"""Of the trunk in the documented tables."""


def shown(trunk: OutboundTrunk, caller: Headers) -> Headers:
    """Return the headers that a trunk is shown of a caller."""
    from_, pai, ppi, rpid, privacy = (caller.get(name, "") for name in NAMES)
    headers = CallerHeaders(from_, pai, rpid, ppi, privacy)
    found = read_caller(headers, "FR")
    forward = Forward((E164(NUMBER),), 1, E164(TARGET), timedelta(seconds=60))
    (plan, *_) = plan_branches([trunk], forward, (), found.privacy, DOMAIN, read_numbers(headers, "FR", found))
    result = {**caller}
    for name, field in NAMES.items():
        line = plan.privacy if name == "Privacy" else getattr(plan.caller, field, "")
        if line:
            result[name] = line.removeprefix(f"{name}: ").strip()
        if line == REMOVED:
            del result[name]
    return {name: result[name] for name in NAMES if name in result}


def tables() -> str:
    """Return the tables of docs/trunks.md, which have `=` for what is as it came."""
    return "\n\n".join(map(_table, POLICIES))


def _table(policy: Policy) -> str:
    trunk = policy.trunk("carrier", URI)
    lines = [
        (f"`{policy.text}`" if policy.options else "Without any of these options") + _of_presets(policy),
        "",
        "| caller | " + " | ".join(SHORT.get(name, name) for name in NAMES) + " |",
        "|---" * (1 + len(NAMES)) + "|",
    ]
    for kind, caller in CALLERS.items():
        result = shown(trunk, caller)
        cells = [
            "" if name not in result else "=" if result[name] == caller.get(name) else f"`{result[name]}`"
            for name in NAMES
        ]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _of_presets(policy: Policy) -> str:
    if not policy.presets:
        return ""
    return f" (preset{'s' * (len(policy.presets) > 1)} {', '.join(f'`{each}`' for each in policy.presets)})"


def callers() -> str:
    """Return the list of the callers in the tables."""
    return "\n".join(
        f"- {kind}: " + ", ".join(f"`{name}: {value}`" for name, value in headers.items())
        for kind, headers in CALLERS.items()
    )


def block() -> str:
    """Return what stands between `BEGIN` and `END`."""
    return f"\n{callers()}\n\n{tables()}\n"


if __name__ == "__main__":
    head, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    DOCUMENT.write_text(head + BEGIN + block() + END + rest.partition(END)[2], "utf-8")
