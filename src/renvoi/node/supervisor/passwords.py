"""The secrets of trunks, opened for the edge: passwords are in the clear in the memory of the supervisor alone."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import structlog

from renvoi.application.errors import OperatorError
from renvoi.application.ports.secrets import Sealer, SecretClosed
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Reader
from renvoi.application.trunks import client_key_of, client_keys_of, password_of, users_of
from renvoi.domain.trunks.digest import Credentials

_LOST = {
    "outbound": "a trunk gets no credentials of ours",
    "inbound": "no call is let in by the password of a trunk",
}


class Passwords:
    """Those of the trunks of a node.

    `troubles` has what is wrong with some that we show to trunks, by the name of the trunk; `caller_troubles` with some
    that trunks show to us.
    """

    def __init__(self, key: Path) -> None:
        """Make it open them with the key in this file."""
        self._key = key
        self._sealed: tuple[int, Mapping[str, bytes]] = (0, {})
        self.troubles: dict[str, str] = {}
        self.caller_troubles: dict[str, str] = {}

    def read(self, reader: Reader) -> Trunks:
        """Return the trunks, and remember their sealed passwords: as of one moment, once for each revision."""
        trunks = reader.trunks()
        if trunks.revision != self._sealed[0]:
            needed = users_of((*trunks.inbound, *trunks.outbound)) or client_keys_of(trunks.outbound)
            self._sealed = trunks.revision, reader.secrets() if needed else {}
        return trunks

    def credentials(self, trunks: Trunks) -> Mapping[str, Credentials]:
        """Return what each outbound trunk with a user is shown, by its name; what cannot be opened is missing."""
        users = {trunk.name: (trunk.user, trunk.realm) for trunk in trunks.outbound if trunk.user}
        found, self.troubles = self._open("outbound", users, self.troubles)
        return found

    def callers(self, trunks: Trunks) -> Mapping[str, Credentials]:
        """Return what each inbound trunk with a user has to show, by its name; what cannot be opened is missing."""
        users = {trunk.name: (trunk.inbound_user, "") for trunk in trunks.inbound if trunk.inbound_user}
        found, self.caller_troubles = self._open("inbound", users, self.caller_troubles)
        return found

    def _open(
        self, side: str, users: Mapping[str, tuple[str, str]], before: Mapping[str, str]
    ) -> tuple[Mapping[str, Credentials], dict[str, str]]:
        """Open the passwords of users and realms by their trunks; return them, and what is wrong with the others."""
        found: dict[str, Credentials] = {}
        troubles: dict[str, str] = {}
        sealer = self._sealer(troubles, list(users)) if users else None
        for trunk, (user, realm) in users.items():
            if sealer is None:
                break
            name = password_of(trunk, side)
            try:
                found[trunk] = Credentials(user, realm, sealer.open(name, self._sealed[1][name]))
            except (SecretClosed, KeyError) as error:
                troubles[trunk] = str(error) if isinstance(error, SecretClosed) else "it has no password"
        for trunk, text in troubles.items():
            if before.get(trunk) != text:
                structlog.get_logger("node").error(_LOST[side], trunk=trunk, error=text)
        return found, troubles

    def client_keys(self, trunks: Trunks) -> Mapping[str, str]:
        """Return the keys of the certificates that trunks are shown, by their names, but for what cannot be opened."""
        names = [trunk.name for trunk in trunks.outbound if trunk.client_cert]
        sealer = self._sealer({}, names) if names else None
        found: dict[str, str] = {}
        for name in names:
            secret = client_key_of(name)
            # The edge says which trunk gets no calls.
            with suppress(SecretClosed, KeyError):
                if sealer is not None:
                    found[name] = sealer.open(secret, self._sealed[1][secret])
        return found

    def _sealer(self, troubles: dict[str, str], names: list[str]) -> Sealer | None:
        # Loaded late: most nodes have no secrets.
        from renvoi.adapters import sealing  # noqa: PLC0415

        try:
            found = sealing.load(self._key)
            trouble = f"the key of secrets {self._key} is not here: copy it from the node where they were set"
        except OperatorError as error:
            found, trouble = None, str(error)
        if found is None:
            troubles.update(dict.fromkeys(names, trouble))
        return found
