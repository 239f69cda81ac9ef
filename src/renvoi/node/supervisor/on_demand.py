"""Parts that a node has while they are needed: most nodes do without, and so without what they take."""

import asyncio
from collections.abc import Collection, MutableMapping

import structlog

from renvoi import logs
from renvoi.adapters.sql.announcements import listener_of, listening
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Store
from renvoi.node.parts.processes import SEALER_SECRETS, Command
from renvoi.node.parts.roles import WEBHOOKS
from renvoi.node.parts.supervised_process import ProcessSpec, SupervisedProcess
from renvoi.node.supervisor.forks import Forks
from renvoi.node.supervisor.reload import Reloads
from renvoi.wakeups import to_next

log = structlog.get_logger("node")

PERIOD_S = 5.0
"""How often is looked whether there are webhooks, in case that an announcement was missed."""


class PartsOnDemand:
    """Starts and ends such parts among the `parts` of a node; none is started once `stop` is set."""

    def __init__(
        self, forks: Forks, reloads: Reloads, parts: MutableMapping[str, SupervisedProcess], stop: asyncio.Event
    ) -> None:
        self._forks = forks
        self._reloads = reloads
        self._parts = parts
        self._stop = stop
        self.ending: set[asyncio.Task[None]] = set()

    def want(self, name: str, *, wanted: bool, secrets: Collection[str] = ()) -> None:
        """Have a part run, which gets these settings that are secrets; or none any more."""
        if wanted and name not in self._parts and not self._stop.is_set():

            async def command() -> Command:
                return self._forks.command(self._reloads.settings, (name,), secrets=secrets)

            spec = ProcessSpec(name, command, lambda line: logs.relay(name, line), beats=True)
            self._parts[name] = part = SupervisedProcess(spec)
            part.start()
        elif not wanted and name in self._parts:
            ending = asyncio.create_task(self._parts.pop(name).stop(self._reloads.settings.shutdown_grace_s))
            self.ending.add(ending)
            ending.add_done_callback(self.ending.discard)

    async def keep_webhooks(self, store: Store) -> None:
        """Have webhooks sent while there is one that gets something, until cancelled."""
        changed = asyncio.Event()
        with listening(listener_of(self._reloads.settings.database, WEBHOOKS), changed.set):
            while True:
                changed.clear()
                try:
                    found = await store.read(lambda reader: reader.has_webhooks())
                    self.want(WEBHOOKS, wanted=found, secrets=SEALER_SECRETS)
                except StoreUnavailable as error:
                    log.info("webhooks are looked for when the store is back", error=str(error))
                try:
                    await asyncio.wait_for(changed.wait(), to_next(PERIOD_S))
                except TimeoutError:
                    continue
