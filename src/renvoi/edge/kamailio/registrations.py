"""What the edge registers at carriers, by Kamailio's `uac`, which is told and asked over its RPC interface."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from renvoi.domain.hosts import bracketed
from renvoi.domain.trunks.address import TLS, Destination, TrunkAddress
from renvoi.domain.trunks.digest import Credentials
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.kamailio.rpc import EdgeRefused
from renvoi.edge.router.registrar_answers import REALM, WANTED_TABLE
from renvoi.edge.router.secured import SECURED_TABLE
from renvoi.edge.sandbox import EdgeUser, let_read

DIRECTORY = "registrations"
ANSWERS_TABLE = "registrar"
"""Kamailio's table of what registrars answered last: the status and when, by whom it was about (user@host)."""
RETRY_PERIODS = 6
"""After so many of `EdgeConfig.registration_period_s` a registration that failed is tried again, less one and 3 s."""
UNREGISTER_S = 2.0
"""How long a registrar may take to let go of a registration before it is forgotten."""
_NONE = "."
_ONLINE = 4
_TABLES = {
    "version": "table_name(string) table_version(int)\nuacreg:5\n",
    # What may be empty has to say so, and there are no rows: they come by RPC.
    "uacreg": "id(int,auto) l_uuid(string) l_username(string) l_domain(string) r_username(string) r_domain(string) "
    "realm(string,null) auth_username(string) auth_password(string,null) auth_ha1(string,null) auth_proxy(string,null) "
    "expires(int) flags(int) reg_delay(int) contact_addr(string,null) socket(string,null)\n",
}

Call = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Registration:
    """`contact` is the user part of the Contact; REGISTERs for user@`domain` go to `address` every `expires_s`."""

    contact: str
    domain: str
    address: Destination
    expires_s: int
    credentials: Credentials


@dataclass(frozen=True, slots=True)
class RegistrationState:
    """Whether a registration holds, and what the registrar answered last (status, seconds since 1970), if it did."""

    registered: bool
    answer: int | None = None
    answered_at_s: int | None = None


def registration_of(
    trunk: OutboundTrunk, credentials: Credentials | None, found: tuple[Destination, ...]
) -> Registration | None:
    """Return what is registered for a trunk whose registrar is at `found`; None for nothing, or not yet."""
    if not trunk.register or credentials is None or not found:
        return None
    host = bracketed(trunk.registrar_address.host)
    return Registration(trunk.contact, host, found[0], trunk.expires, credentials)


def registrar_at(address: TrunkAddress) -> tuple[Destination, ...]:
    """Return where a registrar is that is not known by name."""
    return () if address.is_name else (address.at(str(ip_address(address.host))),)


def write_tables(directory: Path, user: EdgeUser | None) -> None:
    """Write the empty tables that `uac` starts with."""
    place = directory / DIRECTORY
    place.mkdir(exist_ok=True)
    let_read(user, place)
    for name, content in _TABLES.items():
        path = place / name
        path.write_text(content, "ascii")
        path.chmod(0o644)


class Registrations:
    """What a running Kamailio registers, by trunk. A new one registers nothing."""

    def __init__(self, call: Call, ours_towards: Callable[[Destination], str]) -> None:
        """Make it use Kamailio's RPC interface by `call`; `ours_towards` says where a registrar has to send calls."""
        self._ours_towards = ours_towards
        self._call = call
        self._held: dict[str, Registration] = {}

    async def follow(self, wanted: Mapping[str, Registration]) -> None:
        """Register this and nothing else; what is not wanted any more is taken back from its registrar.

        Raises:
            EdgeSilent: Kamailio does not answer.
        """
        gone = [name for name, held in self._held.items() if _place(held) != _place(wanted.get(name))]
        await asyncio.gather(*(self._unregister(self._held[name]) for name in gone))
        for name, held in list(self._held.items()):
            if wanted.get(name) != held:
                with suppress(EdgeRefused):
                    await self._call("uac.reg_remove", held.contact)
                del self._held[name]
        for name, each in wanted.items():
            if name not in self._held and await self._is_reached(each):
                await self._add(each)
                self._held[name] = each

    async def _is_reached(self, each: Registration) -> bool:
        """Tell whether it can be registered now: by TLS once there is a verified connection (secured.py)."""
        if each.address.transport != TLS:
            return True
        try:
            await self._call("htable.get", SECURED_TABLE, each.address.uri)
        except EdgeRefused:
            return False
        return True

    async def _add(self, each: Registration) -> None:
        who = each.credentials
        texts = [each.contact, who.user, each.domain, who.user, each.domain, who.realm, who.user, who.password]
        same = [held for held in (*self._held.values(), each) if _key(held) == _key(each)]
        asked_for = ",".join(f"{held.contact} {held.expires_s}" for held in same)
        await self._call("htable.sets", WANTED_TABLE, _key(each), asked_for)
        await self._call("htable.sets", WANTED_TABLE, _key(each) + REALM, who.realm)
        numbers, ours = [each.expires_s, 0, 0], self._ours_towards(each.address)
        await self._call("uac.reg_add", *texts, _NONE, each.address.uri, *numbers, "", ours)

    async def _unregister(self, held: Registration) -> None:
        """Have the registrar let go of it, which may challenge that: Kamailio must not forget it before."""
        with suppress(EdgeRefused):
            await self._call("htable.delete", ANSWERS_TABLE, _key(held))
        with suppress(EdgeRefused):
            await self._call("uac.reg_unregister", "l_uuid", held.contact)
            until = time.monotonic() + UNREGISTER_S
            while (await self._answer(held))[0] in (None, 401, 407) and time.monotonic() < until:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.05)

    async def states(self) -> dict[str, RegistrationState]:
        """Return the state of each registration, by trunk.

        Raises:
            EdgeSilent: Kamailio does not answer.
        """
        return {name: await self._state(held) for name, held in list(self._held.items())}

    async def _state(self, held: Registration) -> RegistrationState:
        answer = await self._answer(held)
        try:
            facts = await self._facts(held.contact)
        except EdgeRefused:
            return RegistrationState(False, *answer)
        return RegistrationState(bool(facts["flags"] & _ONLINE) and facts["diff_expires"] > 0, *answer)

    async def _answer(self, held: Registration) -> tuple[int | None, int | None]:
        """Return what the registrar answered last, and when."""
        try:
            value = (await self._call("htable.get", ANSWERS_TABLE, _key(held)))["item"]["value"]
        except EdgeRefused:
            return None, None
        status, at_s = str(value).split()
        return int(status), int(at_s)

    async def _facts(self, contact: str) -> Mapping[str, Any]:
        """Return what Kamailio says of a registration; the password is in it."""
        found: Mapping[str, Any] = await self._call("uac.reg_info", "l_uuid", contact)
        return found


def _key(held: Registration) -> str:
    return f"{held.credentials.user}@{held.domain}"


def _place(each: Registration | None) -> Registration | None:
    """Return what makes a binding another one: all but the password, the time and the address of the registrar."""
    if each is None:
        return None
    who = replace(each.credentials, password="", realm="")
    return replace(each, credentials=who, expires_s=0, address=Destination("", 0))
