"""Inbound trunks that take calls from networks so wide that strangers are in them, and what is said of that."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from renvoi.domain.bilingual import Bilingual
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk

_SHORTEST: Mapping[int, int] = {4: 8, 6: 16}
"""By IP version: the shortest prefix of a network that is taken for one peer's own."""


class Openness(NamedTuple):
    """What it means that a trunk is open, and what to do."""

    text: Bilingual
    advice: Bilingual


def openness(trunk: InboundTrunk) -> Openness | None:
    """Return what is to be said of a trunk that takes calls from everywhere, or nearly; None of one that does not."""
    wide = [str(each) for each in trunk.networks if each.prefixlen < _SHORTEST[each.version]]
    if not wide:
        return None
    networks, command = ", ".join(wide), f"`renvoi trunk set {trunk.name} --inbound"
    return Openness(
        Bilingual(
            f"it takes calls from {networks} without a password: strangers there can call the numbers of this node, "
            "and what is forwarded is paid for",
            f"il prend des appels de {networks} sans mot de passe\u00a0: des inconnus y peuvent appeler les numéros de "
            "ce nœud, et ce qui est renvoyé se paie",
        ),
        Bilingual(
            f"give the addresses of the carrier ({command} NETWORK…`), or a user with a password ({command} none "
            "--inbound-user USER --inbound-password-file FILE`)",
            f"donnez les adresses de l’opérateur ({command} RÉSEAU…`), ou un utilisateur avec mot de passe ({command} "
            "none --inbound-user UTILISATEUR --inbound-password-file FICHIER`)",
        ),
    )


def open_trunks(sides: Iterable[InboundTrunk | OutboundTrunk]) -> Sequence[tuple[str, Openness]]:
    """Return the names of the trunks that are open, with what is to be said of each."""
    found = ((side.name, openness(side)) for side in sides if isinstance(side, InboundTrunk))
    return [(name, said) for name, said in found if said is not None]
