"""The passwords of trunks, opened for the edge: in the memory of the supervisor, and nowhere else in the clear."""

from collections.abc import Mapping
from pathlib import Path

import structlog

from renvoi.application.errors import OperatorError
from renvoi.application.ports.secrets import Sealer, SecretClosed
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Reader
from renvoi.application.trunks import password_of, users_of
from renvoi.domain.trunks.credentials import Credentials


class Passwords:
    """Those of the trunks of a node. `troubles` has what is wrong with some, by the name of the trunk."""

    def __init__(self, key: Path) -> None:
        """Make it open them with the key in this file."""
        self._key = key
        self._sealed: tuple[int, Mapping[str, bytes]] = (0, {})
        self.troubles: dict[str, str] = {}

    def read(self, reader: Reader) -> Trunks:
        """Return the trunks, and remember their sealed passwords: as of one moment, once for each revision."""
        trunks = reader.trunks()
        if trunks.revision != self._sealed[0]:
            self._sealed = trunks.revision, reader.secrets() if users_of(trunks.outbound) else {}
        return trunks

    def credentials(self, trunks: Trunks) -> Mapping[str, Credentials]:
        """Return what each outbound trunk with a user is shown, by its name; what cannot be opened is missing."""
        users = [trunk for trunk in trunks.outbound if trunk.user]
        found: dict[str, Credentials] = {}
        troubles: dict[str, str] = {}
        sealer = self._sealer(troubles, [trunk.name for trunk in users]) if users else None
        for trunk in users:
            if sealer is None:
                break
            name = password_of(trunk.name, "outbound")
            try:
                found[trunk.name] = Credentials(trunk.user, trunk.realm, sealer.open(name, self._sealed[1][name]))
            except (SecretClosed, KeyError) as error:
                troubles[trunk.name] = str(error) if isinstance(error, SecretClosed) else "it has no password"
        for name, text in troubles.items():
            if self.troubles.get(name) != text:
                structlog.get_logger("node").error("a trunk gets no credentials of ours", trunk=name, error=text)
        self.troubles = troubles
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
