"""What the checks of a node found: `renvoi check`, `renvoi trunk test` and `renvoi try` show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from renvoi.application.errors import OperatorError
from renvoi.domain.bilingual import Bilingual, french_of
from renvoi.domain.calls.call_record import CallRecord

MOST_SHOWN = 5
"""Names that one finding has."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `renvoi check` looked at; `advice` says what to do when it is not `ok`.

    A finding that is not `needed` is a loss that the node can live with. Texts are English, as the command line says
    them; those that pages show are `Bilingual`, with their French.
    """

    name: str
    ok: bool
    text: str
    advice: str = ""
    needed: bool = True

    def fields(self) -> Mapping[str, Any]:
        """Return its fields as the part `http` gets them, with the French of its texts."""
        return {
            "name": self.name,
            "ok": self.ok,
            "needed": self.needed,
            "text": str(self.text),
            "advice": str(self.advice),
            "french": {
                "name": french_name(self.name),
                "text": french_of(self.text),
                "advice": french_of(self.advice),
            },
        }


def finding_of(name: str, fault: str | OperatorError, *, needed: bool = True) -> Finding:
    """Return what a sentence says as a finding: what is wrong, and behind its first colon what to do."""
    text, _, advice = str(fault).partition(": ")
    french = french_of(fault)
    why, _, todo = french.partition("\u00a0: " if "\u00a0: " in french else ": ")
    return Finding(name, False, Bilingual(text, why), Bilingual(advice, todo), needed)


_NAMES: Mapping[str, str] = {
    "HTTP port": "port HTTP",
    "PostgreSQL": "PostgreSQL",
    "SIP port": "port SIP",
    "TLS": "TLS",
    "address": "adresse",
    "audio ports": "ports audio",
    "answer": "réponse",
    "calls": "appels",
    "certificate servers": "serveurs de certificats",
    "clock": "horloge",
    "credentials": "identifiants",
    "data": "données",
    "disk": "disque",
    "dead letters": "événements illisibles",
    "destinations": "destinations",
    "edge's PostgreSQL": "PostgreSQL de l’edge",
    "edge's role": "rôle de l’edge",
    "holidays": "jours fériés",
    "inbound trunks": "trunks entrants",
    "inner port": "port interne",
    "limits": "limites",
    "mail": "e-mail",
    "mail beyond ASCII": "e-mail hors ASCII",
    "media relay": "relais média",
    "new settings": "nouveaux réglages",
    "node": "nœud",
    "node's settings": "réglages du nœud",
    "outbound trunks": "trunks sortants",
    "own certificate": "notre certificat",
    "python": "python",
    "registration": "enregistrement",
    "running edge": "edge en service",
    "secrets": "secrets",
    "settings": "réglages",
    "settings file": "fichier de réglages",
    "signed identity": "identité signée",
    "store": "stockage",
    "trusted certificates": "certificats reconnus",
    "tracing": "traces",
    "try": "appel d’essai",
    "voicemail": "messagerie",
}
_FAMILIES: Mapping[str, str] = {
    "part ": "composant ",
    "trunk ": "trunk ",
    "calls of trunk ": "appels du trunk ",
    "voicemail at ": "messagerie à ",
}
"""Names that one finding of a kind has for each thing."""


def french_name(name: str) -> str:
    """Return the name of a finding in French."""
    for beginning, french in _FAMILIES.items():
        if name.startswith(beginning):
            return french + name.removeprefix(beginning)
    return _NAMES.get(name, name)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an outbound trunk answered to OPTIONS: its status line and how long it took (ms), or why it did not."""

    ok: bool
    text: str
    took_ms: float | None = None


@dataclass(frozen=True, slots=True)
class TracedMessage:
    """One SIP message of a trial call: ms since its start, who sent it to whom, its first line, and some headers."""

    at_ms: float
    sender: str
    receiver: str
    line: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TrialCall:
    """A real call from loopback through the edge. `status` is what the caller was answered, `record` what was stored.

    `note` says what a reader should know, such as that the trunk's place was taken by somebody else.
    """

    call_id: str
    caller: str
    number: str
    messages: tuple[TracedMessage, ...]
    status: int | None
    record: CallRecord | None
    note: str = ""


def some_of(names: Sequence[str]) -> str:
    """Return the first of these names, and whether there are more."""
    return ", ".join(names[:MOST_SHOWN]) + (" …" if len(names) > MOST_SHOWN else "")
