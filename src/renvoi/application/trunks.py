"""Trunks: added, changed, removed, listed. Who changes them tells the running node, which puts them in force."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import Conflict
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.application.unreadable_rows import row_problem
from renvoi.domain.trunks.faults import is_name
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk

Side = InboundTrunk | OutboundTrunk
"""A trunk has one or both, by one name."""
_SECRETS = "trunk/"
"""What the names of all secrets of trunks begin with."""


def password_of(name: str, kind: str) -> str:
    """Return the name of the secret that is the password of one side (`inbound`, `outbound`) of a trunk."""
    return f"{_SECRETS}{name}/{kind}"


def client_key_of(name: str) -> str:
    """Return the name of the secret that is the key of the certificate that a trunk is shown by TLS."""
    return f"{_SECRETS}{name}/client-key"


def client_keys_of(sides: Iterable[Side]) -> set[str]:
    """Return the names of the keys that these sides need."""
    return {client_key_of(side.name) for side in sides if isinstance(side, OutboundTrunk) and side.client_cert}


def users_of(sides: Iterable[Side]) -> dict[str, str]:
    """Return the users that these sides have, each by the name of its password."""
    users = {password_of(side.name, kind): user for side in sides for kind, user in (_user_of(side),)}
    return {name: user for name, user in users.items() if user}


def _user_of(side: Side) -> tuple[str, str]:
    return ("outbound", side.user) if isinstance(side, OutboundTrunk) else ("inbound", side.inbound_user)


NO_SECRETS: Mapping[str, bytes] = {}


async def add_trunk(store: Store, *sides: Side, secrets: Mapping[str, bytes] = NO_SECRETS) -> int:
    """Add a trunk of one or two sides; return the new revision of the trunks.

    `secrets` are its sealed passwords and keys, by their names (`password_of`, `client_key_of`).

    Raises:
        OperatorError: the name, the contact or the user is taken, or a user has no password or a password no user.
    """
    name = sides[0].name

    def work(writer: Writer) -> int:
        # A program that knows nothing of secrets may have removed a trunk of that name.
        _remove_secrets(writer, name)
        revision = writer.add_trunk(*sides)
        _check_contacts(writer, name)
        _check_callers(writer, name)
        _put_secrets(writer, sides, secrets)
        return revision

    try:
        return await store.write(work)
    except Conflict as error:
        raise OperatorError(
            f"there is a trunk {name!r} already: change it with `renvoi trunk set`, or give another name",
            f"il y a déjà un trunk {name!r} : modifiez-le, ou donnez un autre nom",
        ) from error


async def change_trunk(
    store: Store,
    name: str,
    change: Callable[[Sequence[Side]], Sequence[Side]],
    secrets: Mapping[str, bytes] = NO_SECRETS,
) -> Sequence[Side]:
    """Put what `change` makes of a trunk's sides in their place; return that.

    `secrets` are its new sealed passwords and keys, by their names; the others stay, but those of users and
    certificates that it has no more.

    Raises:
        OperatorError: there is no such trunk, its contact or user is taken, a user has no password or a password
            no user, or `change` raised it.
    """

    def work(writer: Writer) -> Sequence[Side] | None:
        before = _sides(writer.trunks(), name)
        if not before:
            return None
        after = change(before)
        writer.set_trunk(*after)
        _check_contacts(writer, name)
        _check_callers(writer, name)
        _put_secrets(writer, after, secrets)
        return after

    changed = await store.write(work)
    if changed is None:
        raise _no_such(name)
    return changed


async def remove_trunk(store: Store, name: str, check: Callable[[Sequence[Side]], None] | None = None) -> int:
    """Remove a trunk; return the new revision of the trunks. `check` raises unless its sides are those that were meant.

    One that cannot be read is removed as well; `check` gets no sides of it. Its passwords and keys go with it.

    Raises:
        OperatorError: there is no such trunk.
    """

    def work(writer: Writer) -> int | None:
        # Without a check nothing is read.
        if check is not None:
            found = writer.listed_trunks()
            before = _sides(found, name)
            if before or any(row.name == name for row in found.unreadable):
                check(before)
        _remove_secrets(writer, name)
        revision = writer.remove_trunk(name)
        if revision is not None and not is_name(name):
            _remove_nobodys_secrets(writer)
        return revision

    revision = await store.write(work)
    if revision is None:
        raise _no_such(name)
    return revision


def _sides(found: Trunks, name: str) -> list[Side]:
    sides: tuple[Side, ...] = (*found.inbound, *found.outbound)
    return [side for side in sides if side.name == name]


def _check_contacts(writer: Writer, name: str) -> None:
    """Check that what a trunk registers is registered by no other one: a registration is known by its Contact."""
    registered = {trunk.name: trunk.contact for trunk in writer.trunks().outbound if trunk.register}
    contact = registered.pop(name, None)
    for other, taken in registered.items():
        if taken == contact:
            raise OperatorError(
                f"trunk {other!r} is registered with the contact {contact!r} already: "
                f"give {name!r} another --contact-user",
                f"le trunk {other!r} est déjà enregistré avec le contact {contact!r} : donnez un autre utilisateur de "
                f"contact à {name!r}",
            )


def _check_callers(writer: Writer, name: str) -> None:
    """Check that no other trunk has the user that calls of this one are known by."""
    users = {trunk.name: trunk.inbound_user for trunk in writer.trunks().inbound if trunk.inbound_user}
    user = users.pop(name, None)
    for other, taken in users.items():
        if taken == user:
            raise OperatorError(
                f"calls of the user {user!r} are those of trunk {other!r}: give {name!r} another one",
                f"les appels de l’utilisateur {user!r} sont ceux du trunk {other!r} : donnez-en un autre à {name!r}",
            )


def _put_secrets(writer: Writer, sides: Sequence[Side], secrets: Mapping[str, bytes]) -> None:
    name, users, keys = sides[0].name, users_of(sides), client_keys_of(sides)
    for each, sealed in secrets.items():
        if each == client_key_of(name) and not keys:
            raise OperatorError(
                f"trunk {name!r} has no client certificate that the key could be of: give one as well",
                f"le trunk {name!r} n’a pas de certificat client dont ce serait la clé : donnez-en un aussi",
            )
        if each not in users.keys() | keys:
            raise OperatorError(
                f"trunk {name!r} has no user on its {each.rpartition('/')[2]} side that the password could be of: "
                "give one as well",
                f"le trunk {name!r} n’a pas d’utilisateur dont ce serait le mot de passe : donnez-en un aussi",
            )
        writer.put_secret(each, sealed)
    kept = _secrets_of(writer, name)
    for each in kept - users.keys() - keys:
        writer.remove_secret(each)
    if keys - kept:
        raise OperatorError(
            f"the client certificate of trunk {name!r} has no key: give it with --client-key",
            f"le certificat client du trunk {name!r} n’a pas de clé : donnez-la aussi",
        )
    for each in users.keys() - kept:
        option = "--inbound-password-file" if each == password_of(name, "inbound") else "--password-file"
        raise OperatorError(
            f"user {users[each]!r} of trunk {name!r} has no password: give it with {option}",
            f"l’utilisateur {users[each]!r} du trunk {name!r} n’a pas de mot de passe : donnez-le aussi",
        )


def _remove_secrets(writer: Writer, name: str) -> None:
    for each in _secrets_of(writer, name):
        writer.remove_secret(each)


def _secrets_of(writer: Writer, name: str) -> set[str]:
    return {each for each in writer.secrets() if each.startswith(f"{_SECRETS}{name}/")}


def _remove_nobodys_secrets(writer: Writer) -> None:
    """Remove what no trunk is called by any more: a trunk whose name was damaged left its secrets under the former one.

    They stay while another such name is left, as theirs cannot be told apart.
    """
    # Before the trunks are read: one that is added meanwhile has its secrets in the same transaction.
    kept = [each for each in writer.secrets() if each.startswith(_SECRETS)]
    found = writer.listed_trunks()
    sides: tuple[Side, ...] = (*found.inbound, *found.outbound)
    names = {side.name for side in sides} | {row.name for row in found.unreadable}
    if all(map(is_name, names)):
        for each in kept:
            if each.removeprefix(_SECRETS).rpartition("/")[0] not in names:
                writer.remove_secret(each)


async def list_trunks(store: Store) -> Trunks:
    """Return all trunks by name, also those that are `unreadable`."""
    return await store.read(lambda reader: reader.listed_trunks())


async def read_trunks(store: Store) -> Trunks:
    """Return all trunks by name.

    Raises:
        StoreUnavailable: the store does not answer, or one of them cannot be read.
    """
    return await store.read(lambda reader: reader.trunks())


async def find_outbound(store: Store, name: str) -> OutboundTrunk:
    """Return the outbound trunk of that name.

    Raises:
        OperatorError: there is none, or it is an inbound trunk.
        Problem: it cannot be read.
    """
    trunks = await list_trunks(store)
    for row in trunks.unreadable:
        if row.name == name:
            raise row_problem(row)
    for trunk in trunks.outbound:
        if trunk.name == name:
            return trunk
    if any(trunk.name == name for trunk in trunks.inbound):
        raise OperatorError(
            f"{name!r} is an inbound trunk: it calls us, and has no address to test",
            f"{name!r} est un trunk entrant : il nous appelle, et n’a pas d’adresse à tester",
        )
    raise _no_such(name)


def _no_such(name: str) -> OperatorError:
    return OperatorError(
        f"there is no trunk {name!r}: `renvoi trunk list` shows them",
        f"il n’y a pas de trunk {name!r} : `renvoi trunk list` les énumère",
    )
