"""Trunks: added, changed, removed, listed. Who changes them tells the running node, which puts them in force."""

from collections.abc import Callable, Sequence

from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import Conflict
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk

Side = InboundTrunk | OutboundTrunk
"""A trunk has one or both, by one name."""


async def add_trunk(store: Store, *sides: Side) -> int:
    """Add a trunk of one or two sides; return the new revision of the trunks.

    Raises:
        OperatorError: the name is taken.
    """
    name = sides[0].name
    try:
        return await store.write(lambda writer: writer.add_trunk(*sides))
    except Conflict as error:
        raise OperatorError(
            f"there is a trunk {name!r} already: change it with `renvoi trunk set`, or give another name"
        ) from error


async def change_trunk(store: Store, name: str, change: Callable[[Sequence[Side]], Sequence[Side]]) -> Sequence[Side]:
    """Put what `change` makes of a trunk's sides in their place; return that.

    Raises:
        OperatorError: there is no such trunk, or `change` raised it.
    """

    def work(writer: Writer) -> Sequence[Side] | None:
        found = writer.trunks()
        sides: tuple[Side, ...] = (*found.inbound, *found.outbound)
        before = [side for side in sides if side.name == name]
        if not before:
            return None
        after = change(before)
        writer.set_trunk(*after)
        return after

    changed = await store.write(work)
    if changed is None:
        raise _no_such(name)
    return changed


async def remove_trunk(store: Store, name: str) -> int:
    """Remove a trunk; return the new revision of the trunks.

    Raises:
        OperatorError: there is no such trunk.
    """
    revision = await store.write(lambda writer: writer.remove_trunk(name))
    if revision is None:
        raise _no_such(name)
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
    raise _no_such(name)


def _no_such(name: str) -> OperatorError:
    return OperatorError(f"there is no trunk {name!r}: `renvoi trunk list` shows them")
