"""What makes up each part of a node that is Python's, except those that it has while they are needed."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace

from renvoi import logs
from renvoi.configuration.settings import Settings
from renvoi.node.parts import health
from renvoi.node.parts.processes import MAIL_SECRETS, SEALER_SECRETS, STORE_SECRETS, WORKER_SECRETS, Command
from renvoi.node.parts.roles import COLLECTOR, MAILER
from renvoi.node.parts.supervised_process import ProcessSpec
from renvoi.node.supervisor.forks import Forks
from renvoi.node.supervisor.reload import HTTP, Reloads


@dataclass(frozen=True, slots=True)
class PartSpecs:
    """Makes them; each start takes the settings that are in force then."""

    forks: Forks
    reloads: Reloads

    def http(self, listeners: Sequence[socket.socket], inner_url: str) -> ProcessSpec:
        """Return the API, on the public listener and the inner one, of which the latter is at `inner_url`."""
        fds = tuple(listener.fileno() for listener in listeners)

        async def command() -> Command:
            return self.forks.command(self.reloads.settings, (HTTP, *map(str, fds)), fds, SEALER_SECRETS)

        async def works() -> bool:
            return await health.http_is_ready(inner_url)

        return ProcessSpec(HTTP, command, lambda line: logs.relay(HTTP, line), works, beats=True)

    def behind(self) -> list[ProcessSpec]:
        """Return what works behind the others."""

        async def collector() -> Command:
            return self.forks.command(self.reloads.settings, (COLLECTOR,), secrets=STORE_SECRETS)

        async def mailer() -> Command:
            return self.forks.command(self.reloads.settings, (MAILER,), secrets=MAIL_SECRETS)

        return [
            ProcessSpec(COLLECTOR, collector, lambda line: logs.relay(COLLECTOR, line), beats=True),
            ProcessSpec(MAILER, mailer, lambda line: logs.relay(MAILER, line), beats=True),
        ]

    def worker(self, keyed: Settings, index: int, sockets: Sequence[socket.socket], host: str) -> ProcessSpec:
        """Return the voicemail worker on the socket at `index`, reached at `host`, with the settings `keyed`."""
        name = f"{health.PART}{index + 1}"
        fd, address = sockets[index].fileno(), (host, sockets[index].getsockname()[1])

        async def command() -> Command:
            arguments = (health.CHILD, str(fd), str(index), str(len(sockets)))
            settings = replace(keyed, log_level=self.reloads.settings.log_level)
            return self.forks.command(settings, arguments, (fd,), WORKER_SECRETS)

        async def works() -> bool:
            return await health.is_ready(*address)

        return ProcessSpec(name, command, lambda line: logs.relay(name, line), works, beats=True)
