"""The trunks of a running node as people and programs see them, by what `NodeTrunks.status` says of each."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from renvoi.domain.bilingual import Bilingual, french_of
from renvoi.domain.trunks.address import TrunkAddress
from renvoi.http.deps import Measurement, PartState

PART = "trunk "
"""What the names of trunks as parts begin with."""
_WORDS: Mapping[str, Bilingual] = {
    "up": Bilingual("up", "joignable"),
    "down": Bilingual("down", "injoignable"),
    "retry": Bilingual("tried again", "réessayé"),
    "unfound": Bilingual("its name is not found", "son nom est introuvable"),
    "unknown": Bilingual("not known: the edge does not say", "inconnu\u00a0: l’edge ne le dit pas"),
}
_REGISTERED: Mapping[str, Bilingual] = {
    "registered": Bilingual("registered", "enregistré"),
    "failed": Bilingual("not registered", "non enregistré"),
    "elsewhere": Bilingual("registered by another node", "enregistré par un autre nœud"),
}


def describe(trunk: Mapping[str, Any]) -> Bilingual:
    """Return the state of a trunk as a sentence: each address, since when, and what it answered last."""
    parts: list[str] = [_address(each) for each in trunk["addresses"]] or [_nowhere(trunk)]
    if trunk["name_error"] is not None:
        parts.append(trunk["name_error"])
        if trunk["found_at_s"] is not None:
            when = _when(trunk["found_at_s"])
            parts.append(Bilingual(f"what was found {when} serves", f"ce qui a été trouvé {when} sert"))
    # A node that has not been started again since an upgrade says nothing of it.
    parts += [error for key in ("password_error", "tls_error") if (error := trunk.get(key)) is not None]
    if (word := trunk.get("registration")) is not None:
        said = _REGISTERED[word]
        if trunk["registrar_answer"] is not None and word != "elsewhere":
            answer = f"{trunk['registrar_answer']} {_when(trunk['registrar_answered_at_s'])}"
            said = Bilingual(
                f"{said}, the registrar answered {answer}", f"{said.french}, le registrar a répondu {answer}"
            )
        parts.append(said)
    return Bilingual("; ".join(parts), "\u00a0; ".join(map(french_of, parts)))


def _nowhere(trunk: Mapping[str, Any]) -> Bilingual:
    """Say why the edge has no address of a trunk."""
    # A node that has not been started again since an upgrade says neither `uri` nor `missing_family`.
    where = TrunkAddress.parse(trunk.get("uri", ""))
    family = trunk.get("missing_family")
    if trunk["state"] != "unfound" or trunk["name_error"] is not None or where is None:
        return _WORDS[trunk["state"]]
    if family is not None:
        return Bilingual(
            f"this node cannot send to {where.host}: RENVOI_SIP_HOST has no address of {family}",
            f"ce nœud ne peut rien envoyer à {where.host}\u00a0: RENVOI_SIP_HOST n’a pas d’adresse {family}",
        )
    # It was added or changed a moment ago.
    if where.is_name:
        return Bilingual("its name is being looked up", "son nom est en cours de recherche")
    return Bilingual("not in use yet: the edge is loading it", "pas encore utilisé\u00a0: l’edge le charge")


def _address(address: Mapping[str, Any]) -> Bilingual:
    word = _WORDS[address["state"]]
    text, french = f"{address['uri']} {word}", f"{address['uri']} {word.french}"
    if address["since_s"] is not None:
        since, is_tried = _when(address["since_s"]), address["state"] == "retry"
        text += f", down since {since}" if is_tried else f" since {since}"
        french += f", injoignable depuis {since}" if is_tried else f" depuis {since}"
    if address["answer"] is not None and address["answered_at_s"] is not None:
        answer = f"{address['answer']} {_when(address['answered_at_s'])}"
        text, french = f"{text}, answered {answer}", f"{french}, a répondu {answer}"
    return Bilingual(text, french)


def _when(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_well(trunk: Mapping[str, Any]) -> bool:
    """Whether nothing about a trunk needs attention: every address takes calls, its name is found, it is registered."""
    addresses, errors = trunk["addresses"], (trunk["name_error"], trunk.get("password_error"), trunk.get("tls_error"))
    if any(errors) or trunk.get("registration") == "failed":
        return False
    return bool(addresses) and all(each["state"] == "up" for each in addresses)


def parts(trunks: Sequence[Mapping[str, Any]]) -> dict[str, PartState]:
    """Return each trunk as a part of the node. None of them fails: another node would meet the same trunk."""
    return {
        PART + each["name"]: PartState("ok" if is_well(each) else "degraded", str(describe(each))) for each in trunks
    }


def describe_unheard(why: str) -> Bilingual:
    """Return why no call is let in by the password of an inbound trunk as a sentence."""
    return Bilingual(
        f"no call is let in by its password: {why}",
        f"aucun appel n’est admis par son mot de passe\u00a0: {french_of(why)}",
    )


def unheard_parts(unheard: Mapping[str, str], known: Mapping[str, PartState]) -> dict[str, PartState]:
    """Return inbound trunks that nobody can call by as parts; their outbound sides may be `known` already."""
    found = {}
    for trunk, why in unheard.items():
        before = known.get(PART + trunk)
        text = str(describe_unheard(why))
        found[PART + trunk] = PartState("degraded", f"{before.detail}; {text}" if before is not None else text)
    return found


def describe_unrelayed(trunks: Sequence[str]) -> str:
    """Say that calls of these trunks go nowhere as there is no media relay."""
    return f"RENVOI_RTPENGINE is not set, so no call is forwarded that has to do with {', '.join(trunks)}"


def measurements(trunks: Sequence[Mapping[str, Any]]) -> Iterator[Measurement]:
    """Return what is measured of trunks; nothing of those that the edge does not speak of."""
    for each in trunks:
        if each["state"] == "unknown":
            continue
        labels = {"trunk": each["name"]}
        works = each["state"] in ("up", "retry")
        yield Measurement("renvoi_trunk_up", "1 when an outbound trunk gets calls, else 0.", int(works), labels=labels)
        yield Measurement(
            "renvoi_trunk_name_found",
            "1 when the last look-up of a trunk's name found it, or it has none, else 0.",
            int(each["name_error"] is None),
            labels=labels,
        )
        if each.get("registration") in ("registered", "failed"):
            text = "1 when this node is registered at a trunk, 0 when it should be."
            registered = int(each["registration"] == "registered")
            yield Measurement("renvoi_trunk_registered", text, registered, labels=labels)
        for address in each["addresses"]:
            yield Measurement(
                "renvoi_trunk_address_up",
                "1 when an address of an outbound trunk gets calls, else 0.",
                int(address["state"] != "down"),
                labels={**labels, "address": address["uri"]},
            )
