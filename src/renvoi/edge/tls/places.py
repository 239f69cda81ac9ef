"""Where trunks are reached by TLS, and why some of them are not."""

from collections.abc import Iterable, Mapping, Sequence

from renvoi.domain.trunks.address import TLS, Destination
from renvoi.domain.trunks.order import in_order
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.router.trunk_table import SecuredPlace
from renvoi.edge.tls.profiles import Profile, profile_name

Addresses = Mapping[str, Sequence[Destination]]


def secure(
    trunks: Iterable[OutboundTrunk], addresses: Addresses, profiles: Mapping[str, Profile], trouble: str
) -> tuple[dict[str, SecuredPlace], Addresses, dict[str, str]]:
    """Return the places of trunks by TLS, the addresses of all trunks that get calls, and what is wrong with others.

    `trouble` is why there is no TLS here, empty where there is. Connections are known by the address and port that they
    lead to: so two trunks share one only if they are verified alike.
    """
    places: dict[str, SecuredPlace] = {}
    usable = dict(addresses)
    troubles: dict[str, str] = {}
    for trunk in in_order(trunks):
        if not trunk.address.is_tls:
            continue
        name = profile_name(trunk)
        why = trouble
        if not why and name not in profiles:
            why = "the key of our certificate for it cannot be opened"
        if not why:
            place = SecuredPlace(trunk.name, trunk.address.host, name, profiles[name].digest)
            found = [each for each in addresses.get(trunk.name, ()) if each.transport == TLS]
            for each in found:
                held = places.setdefault(each.uri, place)
                if (held.host.lower(), held.digest) != (place.host.lower(), place.digest):
                    why = f"it is at {each.uri}, as is trunk {held.trunk}, which has another name or other certificates"
        if why:
            troubles[trunk.name] = why
            usable[trunk.name] = ()
            places = {uri: each for uri, each in places.items() if each.trunk != trunk.name}
    return places, usable, troubles
