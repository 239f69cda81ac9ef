"""What the part `http` asks the supervisor for about the node itself: facts, all checks, and a test call.

The supervisor has the settings and may start processes; that part has neither. Nothing secret goes back.
"""

import asyncio
import secrets
import shutil
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import structlog

from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Store
from renvoi.configuration.setting_types import EDGE, VOICEMAIL, without_password
from renvoi.configuration.settings import Settings
from renvoi.domain.numbers.number import E164
from renvoi.node.checks.results import TracedMessage, TrialCall
from renvoi.node.control import control

CALLS_KEPT = 20
"""Test calls of which is known what came of them; the oldest one goes first."""
_log = structlog.get_logger("node")

Placing = Callable[[Callable[[Callable[[], tuple[TracedMessage, ...]]], None]], Awaitable[TrialCall]]
"""Places a call; what it is given, it tells what reads the ladder of the call so far."""


@dataclass
class _Call:
    """A test call: under way as long as neither `ended` nor `error` says what came of it."""

    called: str
    caller: str
    so_far: Callable[[], tuple[TracedMessage, ...]] = tuple
    ended: TrialCall | None = None
    error: str = ""
    task: "asyncio.Task[None] | None" = field(default=None, repr=False)

    @property
    def is_over(self) -> bool:
        return self.ended is not None or bool(self.error)


class TrialCalls:
    """Places test calls, one at a time: each stands in for the same trunk."""

    def __init__(self) -> None:
        self._calls: OrderedDict[str, _Call] = OrderedDict()

    def start(self, called: str, caller: str, place: Placing) -> str:
        """Have a call placed; return the name that it is asked for by.

        Raises:
            OperatorError: another one is under way.
        """
        if any(not call.is_over for call in self._calls.values()):
            raise OperatorError(
                "another test call is under way: wait for its end",
                "un autre appel d’essai est en cours : attendez sa fin",
            )
        name, call = secrets.token_hex(8), _Call(called, caller)
        self._calls[name] = call
        while len(self._calls) > CALLS_KEPT:
            self._calls.popitem(last=False)
        call.task = asyncio.create_task(self._run(call, place))
        return name

    async def _run(self, call: _Call, place: Placing) -> None:
        def watch(so_far: Callable[[], tuple[TracedMessage, ...]]) -> None:
            call.so_far = so_far

        try:
            call.ended = await place(watch)
        except (OperatorError, StoreUnavailable) as error:
            call.error = str(error)
        except asyncio.CancelledError:
            call.error = "the node stops"
            raise
        except Exception:  # noqa: BLE001 - whoever asked is told, and the node goes on
            _log.exception("a test call failed")
            call.error = "it failed: the node's log says why"

    async def show(self, name: str) -> Mapping[str, Any] | None:
        """Return how far a call is, as `NodeControl.test_call` has it; None for one that is not known."""
        call = self._calls.get(name)
        if call is None:
            return None
        # Of one whose end comes meanwhile the files may be gone: then it is over, and has all.
        messages = await asyncio.to_thread(call.so_far) if not call.is_over else ()
        if call.ended is not None:
            messages = call.ended.messages
        return {
            "called": call.called,
            "caller": call.caller,
            "is_over": call.is_over,
            "error": call.error,
            "status": None if call.ended is None else call.ended.status,
            "note": "" if call.ended is None else call.ended.note,
            "call_id": "" if call.ended is None else call.ended.call_id,
            "messages": [asdict(each) for each in messages],
        }

    async def close(self) -> None:
        """End what is under way."""
        tasks = [call.task for call in self._calls.values() if call.task is not None and not call.task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class NodeRequests:
    """See the module; `store` returns the node's store, `absent` are the parts that it goes without, and why."""

    def __init__(self, settings: Settings, store: Callable[[], Store | None], absent: Mapping[str, str]) -> None:
        self._settings = settings
        self._store = store
        self._absent = absent
        self._calls = TrialCalls()

    @property
    def all(self) -> Mapping[str, control.Request]:
        """The requests by what they are called on the control socket."""
        return {
            "node-facts": self.facts,
            "check": self.check,
            "start-test-call": self.start_call,
            "test-call": self.test_call,
        }

    async def facts(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """See `NodeControl.facts`."""
        settings = self._settings
        disk = await asyncio.to_thread(shutil.disk_usage, settings.data_dir)
        return {
            "data_dir": str(settings.data_dir),
            "disk_free": disk.free,
            "disk_total": disk.total,
            "store": settings.database_shown,
            "mail_server": "" if settings.smtp_url is None else without_password(str(settings.smtp_url)),
            "calls": self._absent.get(EDGE, ""),
            "voicemail": self._absent.get(VOICEMAIL, ""),
        }

    async def check(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """See `NodeControl.check`."""
        # Loaded late: no node needs it to serve.
        from renvoi.node.checks.check import check  # noqa: PLC0415

        findings = await check(self._settings)
        return {"findings": [each.fields() for each in findings]}

    async def start_call(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """See `NodeControl.start_call`."""
        # Loaded late: no node needs it to serve.
        from renvoi.node.checks.test_call import place_call  # noqa: PLC0415

        store = self._store()
        if store is None:
            raise OperatorError(
                "the node has no store yet: try again", "le nœud n’a pas encore de stockage : réessayez"
            )
        called, caller = E164(str(asked["called"])), E164(str(asked["caller"]))

        async def place(watch: Callable[[Callable[[], tuple[TracedMessage, ...]]], None]) -> TrialCall:
            return await place_call(self._settings, store, called, caller, watch)

        return {"name": self._calls.start(called.value, caller.value, place)}

    async def test_call(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """See `NodeControl.test_call`."""
        return {"call": await self._calls.show(str(asked["name"]))}

    async def close(self) -> None:
        """End what is under way."""
        await self._calls.close()
