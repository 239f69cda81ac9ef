"""Copies of SIP messages for a capture server (HEP3): what the settings want, and the edge's part of it."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from renvoi.application.errors import OperatorError
from renvoi.configuration.setting_types import hep_key
from renvoi.configuration.settings import Settings
from renvoi.hep import follow
from renvoi.node.parts.edge import Edge

MAX_KEY_BYTES = 4096
"""Of the key's file that is read."""


def with_key(settings: Settings) -> Settings:
    """Return the settings with the key that `hep_key_file` holds in place of that file.

    Raises:
        OperatorError: it cannot be read, holds no key, or a key is given besides.
    """
    path = settings.hep_key_file
    if path is None:
        return settings
    if settings.hep_key is not None:
        raise OperatorError("RENVOI_HEP_KEY and RENVOI_HEP_KEY_FILE both give a key: set one of them")
    try:
        with path.open("rb") as file:
            text = file.read(MAX_KEY_BYTES).decode("ascii").strip()
        return replace(settings, hep_key=hep_key(text), hep_key_file=None)
    except OSError as error:
        raise OperatorError(f"RENVOI_HEP_KEY_FILE: {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise OperatorError(
            f"RENVOI_HEP_KEY_FILE: {path} holds no key: write 1 to 255 characters of ASCII into it, without spaces"
        ) from error


class EdgeTracing:
    """Keeps the edge sending copies to where the server is."""

    def __init__(self, settings: Settings, edge: Edge) -> None:
        self._settings = settings
        self._edge = edge
        self._address = self._error = ""

    async def keep(self) -> None:
        """Look the server up and tell the edge, for ever; nothing where no copies are wanted."""
        server = self._settings.hep_server
        if server is not None:
            await follow(server[0], self._find, self._use)

    async def _find(self, host: str) -> Sequence[str]:
        # Loaded late: few nodes send copies anywhere.
        from renvoi.adapters.names import first_addresses  # noqa: PLC0415

        try:
            found = await first_addresses(host, [":" in each for each in self._settings.sip_hosts])
        except Exception as error:
            self._error = str(error)
            raise
        self._error = ""
        return found

    async def _use(self, address: str) -> None:
        self._address = address
        why_not = await self._edge.send_copies_to(address)
        if why_not:
            structlog.get_logger("node").warning("the edge sends no copies of SIP messages", reason=why_not)

    def status(self) -> dict[str, str] | None:
        """Return where copies go and what is wrong with that; None where none are wanted."""
        if self._settings.hep_url is None:
            return None
        why_not = self._edge.why_no_copies(self._address) if self._address else ""
        return {"server": self._settings.hep_url, "address": self._address, "error": why_not or self._error}
