"""Trunks: added, removed, listed. Who changes them tells the running node, which puts them in force."""

from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import Conflict
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk


async def add_trunk(store: Store, trunk: InboundTrunk | OutboundTrunk) -> int:
    """Add a trunk; return the new revision of the trunks.

    Raises:
        OperatorError: the name is taken.
    """
    try:
        return await store.write(lambda writer: writer.add_trunk(trunk))
    except Conflict as error:
        raise OperatorError(
            f"there is a trunk {trunk.name!r} already: remove it first, or give another name"
        ) from error


async def remove_trunk(store: Store, name: str) -> int:
    """Remove a trunk; return the new revision of the trunks.

    Raises:
        OperatorError: there is no such trunk.
    """
    revision = await store.write(lambda writer: writer.remove_trunk(name))
    if revision is None:
        raise OperatorError(f"there is no trunk {name!r}: `renvoi trunk list` shows them")
    return revision


async def list_trunks(store: Store) -> Trunks:
    """Return all trunks by name."""
    return await store.read(lambda reader: reader.trunks())


async def find_outbound(store: Store, name: str) -> OutboundTrunk:
    """Return the outbound trunk of that name.

    Raises:
        OperatorError: there is none, or it is an inbound trunk.
    """
    trunks = await list_trunks(store)
    for trunk in trunks.outbound:
        if trunk.name == name:
            return trunk
    if any(trunk.name == name for trunk in trunks.inbound):
        raise OperatorError(f"{name!r} is an inbound trunk: it calls us, and has no address to test")
    raise OperatorError(f"there is no trunk {name!r}: `renvoi trunk list` shows them")
