"""Which identity an outbound trunk is shown: who stands in From, and in the headers of the network's word."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from renvoi.domain.calls.caller import CallerNumbers
from renvoi.domain.identity.outgoing import CallerStatus
from renvoi.domain.name_addr import without_parameters
from renvoi.domain.numbers.number import E164


class Shown(StrEnum):
    """Who is named in a header: as it came, the caller, the number that diverts, the trunk's account, or nobody."""

    KEEP = "keep"
    CALLER = "caller"
    NUMBER = "number"
    ACCOUNT = "account"
    NONE = "none"


class CallerIdPolicy(StrEnum):
    """The short form: a policy for all headers at once."""

    PASSTHROUGH = "passthrough"
    SERVED_USER = "served-user"
    ANONYMOUS = "anonymous"


class CallerIdInvalid(ValueError):
    """The text is not a policy; it says how to write one, as `french` does."""

    def __init__(self, english: str, french: str) -> None:
        super().__init__(english)
        self.french = french


@dataclass(frozen=True, slots=True)
class CallerId:
    """A policy: who is named in From, P-Asserted-Identity, P-Preferred-Identity (RFC 3325) and Remote-Party-ID."""

    from_: Shown = Shown.KEEP
    pai: Shown = Shown.KEEP
    ppi: Shown = Shown.KEEP
    rpid: Shown = Shown.KEEP

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `served-user`, `from=number pai=account`, or both: words with spaces or commas between them.

        Raises:
            CallerIdInvalid: it is something else.
        """
        policy = cls()
        read: set[str] = set()
        for word in text.replace(",", " ").split():
            header, equals, shown = word.partition("=")
            if header in read or (read and header in _SHORT):
                raise CallerIdInvalid(
                    f"{word[:40]!r} is not clear: give each header once, behind {_ALL} if one is given",
                    f"{word[:40]!r} n’est pas clair\u00a0: donnez chaque en-tête une fois, derrière {_ALL_FRENCH} "
                    "s’il y en a un",
                )
            read.add(header)
            if not equals and header in _SHORT:
                policy = cls(*_SHORT[CallerIdPolicy(header)])
            elif header in _FIELDS and shown in _SHOWN:
                policy = replace(policy, **{_FIELDS[header]: Shown(shown)})
            else:
                raise CallerIdInvalid(
                    f"{word[:40]!r} is not understood: give {_ALL}, or"
                    " from=, pai=, ppi=, rpid= with caller, number, account, none or keep",
                    f"{word[:40]!r} n’est pas compris\u00a0: donnez {_ALL_FRENCH}, ou from=, pai=, ppi=, rpid= "
                    "avec caller, number, account, none ou keep",
                )
        return policy

    @property
    def headers(self) -> tuple[Shown, ...]:
        return self.from_, self.pai, self.ppi, self.rpid


_FIELDS = {"from": "from_", "pai": "pai", "ppi": "ppi", "rpid": "rpid"}
_SHOWN = frozenset(Shown)
_ALL = "passthrough, served-user or anonymous"
_ALL_FRENCH = "passthrough, served-user ou anonymous"
_SHORT: dict[CallerIdPolicy, tuple[Shown, ...]] = {
    CallerIdPolicy.PASSTHROUGH: (),
    CallerIdPolicy.SERVED_USER: (Shown.NUMBER, Shown.NUMBER, Shown.NONE, Shown.NONE),
    # Somebody has to answer for a call, and it is not the one who is hidden.
    CallerIdPolicy.ANONYMOUS: (Shown.NONE, Shown.NUMBER, Shown.NONE, Shown.NONE),
}

PAI, PPI, RPID = "P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID"
ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'
"""From of a caller who is not to be known (RFC 3323 §4.1.1.3)."""
REMOVED = "none"
"""Instead of a header line: the header is taken off."""
_ESCAPED, _BACKSLASHED = re.compile(r'(["\\])'), r"\\\1"


@dataclass(frozen=True, slots=True)
class CallerHeaderLines:
    """What a policy makes of a call's headers; an empty text leaves one as it came.

    `from_` is an address without the tag; the others are lines with their end, or `REMOVED`. `privacy` is the value
    that Privacy gets. `hidden`: nothing else may tell the caller's number either.
    """

    from_: str = ""
    pai: str = ""
    ppi: str = ""
    rpid: str = ""
    privacy: str = ""
    hidden: bool = False

    @property
    def shown_headers(self) -> str:
        """The headers that change, each with its line end; one without a value is taken off."""
        shown = f"From: {self.from_}\r\n" if self.from_ else ""
        for line, header in ((self.pai, PAI), (self.ppi, PPI), (self.rpid, RPID)):
            shown += f"{header}:\r\n" if line == REMOVED else line
        return shown

    @property
    def from_uri(self) -> str:
        """The URI in `from_`, empty where that is."""
        return self.from_[self.from_.rfind("<") + 1 : -1]


def caller_lines(
    policy: CallerId, caller: CallerNumbers, number: E164, account: str, uri: Callable[[E164 | str], str]
) -> CallerHeaderLines:
    """Return the headers that a trunk is shown of a call that `number` diverts.

    `account` is the user part that the trunk knows us by; `uri` writes a number or user part as the trunk wants it. A
    caller without a number stays what it was, unless it is withheld. Of one who is withheld P-Asserted-Identity alone
    names the number: who gets it obeys Privacy (RFC 3325 §9.1).
    """
    others: dict[Shown, str] = {Shown.NUMBER: uri(number), Shown.ACCOUNT: uri(account)}
    nobody = policy.from_ is Shown.NONE or (policy.from_ is Shown.CALLER and caller.withheld)
    if nobody:
        from_ = ANONYMOUS
    elif policy.from_ is Shown.CALLER:
        shown = caller.presented or caller.asserted
        from_ = f"{_quoted(caller.name)}<{uri(shown)}>" if shown is not None else ""
    else:
        from_ = f"<{others[policy.from_]}>" if policy.from_ in others else ""

    hides = nobody or (caller.withheld and policy.from_ is not Shown.KEEP)

    def line(wanted: Shown, header: str, *, if_withheld: bool = False, parameters: str = "") -> str:
        if wanted is Shown.CALLER:
            known = caller.asserted or caller.presented
            if caller.withheld and not (if_withheld and known is not None):
                return REMOVED
            return f"{header}: <{uri(known)}>{parameters}\r\n" if known is not None else ""
        if wanted in others:
            return f"{header}: <{others[wanted]}>{parameters}\r\n"
        return REMOVED if wanted is Shown.NONE or (hides and not if_withheld) else ""

    return CallerHeaderLines(
        from_,
        line(policy.pai, PAI, if_withheld=True),
        line(policy.ppi, PPI),
        line(policy.rpid, RPID, parameters=f";party=calling;privacy={'full' if hides else 'off'}"),
        caller.hiding if hides or (caller.withheld and policy.pai is Shown.CALLER) else "",
        hides,
    )


def status_lines(lines: CallerHeaderLines, policy: CallerId, status: CallerStatus, region: str) -> CallerHeaderLines:
    """Return the headers that `policy` has made, which say of the caller's number what was found out.

    `region` is that of local numbers in them.
    P-Asserted-Identity says so where it names the caller, else From. Who else's word came along is taken off.
    """
    pai, from_ = lines.pai, lines.from_
    if policy.pai is Shown.KEEP and not pai:
        said = status.with_verstat(status.pai) if status.pai else ""
        pai = f"{PAI}: {said}\r\n" if said != status.pai else ""
    elif policy.pai is Shown.CALLER and pai not in ("", REMOVED):
        pai = f"{PAI}: {status.with_verstat(pai.partition(': ')[2].rstrip(), region)}\r\n"
    elsewhere = status.verstat != "" and f"verstat={status.verstat}" in pai
    if policy.from_ is Shown.KEEP and not from_:
        came = without_parameters(status.from_)
        said = status.silence(came) if elsewhere else status.with_verstat(came)
        from_ = said if said != came and said.endswith(">") else ""
    elif policy.from_ is Shown.CALLER and from_ and not elsewhere:
        from_ = status.with_verstat(from_, region)
    return replace(lines, pai=pai, from_=from_)


def _quoted(name: str) -> str:
    return f'"{_ESCAPED.sub(_BACKSLASHED, name)}" ' if name else ""
