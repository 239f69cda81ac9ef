"""`/healthz`, `/readyz` and `/metrics`: what machines ask about this node."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import msgspec
import structlog
from starlette.types import Receive, Scope, Send

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.http.deps import Deps, Measurement, PartState
from renvoi.http.metrics import CONTENT_TYPE, Metrics, StoreFigures
from renvoi.http.request_context import context_of
from renvoi.http.responses import Reply

PROBE_TIMEOUT_S = 2.0
"""How long one source of an answer may take: below the time after which probes usually give up."""

T = TypeVar("T")
_log = structlog.get_logger("renvoi.http")


def verdict(parts: Mapping[str, PartState]) -> Literal["ready", "degraded", "not ready"]:
    """Return what a node with these parts is."""
    if not all(part.is_ready for part in parts.values()):
        return "not ready"
    return "degraded" if any(part.state == "degraded" for part in parts.values()) else "ready"


class Health:
    """The process lives. An ASGI application."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        context_of(scope).call = "healthz"
        await _json(200, {"status": "ok"})(scope, receive, send)


class Readiness:
    """Whether this node should get traffic; with `details` the state of each part. An ASGI application.

    503 only when it should get none; `degraded` (200) when something needs attention.

    Details name hosts, versions and what is broken, so only the inner listener tells them.
    """

    def __init__(self, deps: Deps, *, details: bool) -> None:
        self._deps = deps
        self._details = details
        self._asking: asyncio.Task[Mapping[str, PartState]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        context_of(scope).call = "readyz"
        # However many ask at once, the sources of the answer are asked once.
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._parts())
        parts = await asyncio.shield(self._asking)
        status = verdict(parts)
        answer: dict[str, object] = {"status": status}
        if self._details:
            answer["parts"] = {name: {"state": part.state, "detail": part.detail} for name, part in parts.items()}
        elif status == "degraded":
            answer["status"] = "ready"
        await _json(503 if status == "not ready" else 200, answer)(scope, receive, send)

    async def _parts(self) -> Mapping[str, PartState]:
        return await _parts_of(self._deps)


class Exposition:
    """The measurements for Prometheus; answers whatever part is away. An ASGI application."""

    def __init__(self, deps: Deps, metrics: Metrics) -> None:
        self._deps = deps
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        context_of(scope).call = "metrics"
        now_ms = self._deps.clock.now_ms()
        figures, parts, measured = await asyncio.gather(
            _within_time("store", self._deps.store.read(lambda reader: StoreFigures.read(reader, now_ms))),
            _parts_of(self._deps),
            _within_time("edge", self._deps.measurements()),
        )
        none_measured: Sequence[Measurement] = ()
        body = self._metrics.render(
            None if isinstance(figures, _Failed) else figures,
            parts,
            none_measured if isinstance(measured, _Failed) else measured,
            now_ms,
        )
        await _reply(200, CONTENT_TYPE.encode(), body)(scope, receive, send)


async def _parts_of(deps: Deps) -> Mapping[str, PartState]:
    """Return the state of the store and of all that the node says of its parts."""
    found, others = await asyncio.gather(
        _within_time("store", deps.store.read(lambda reader: (reader.key(""), reader.why_read_only()))),
        _within_time("parts", deps.parts()),
    )
    if isinstance(found, _Failed):
        store, refusal = PartState("failed", found.reason), None
    else:
        # Calls and questions are answered all the same, and no other node on this store would do better.
        refusal = found[1] or deps.refusal()
        store = PartState("degraded", f"takes no changes: {refusal}") if refusal else PartState("ok")
    if isinstance(others, _Failed):
        return {"store": store, "supervisor": PartState("failed", others.reason)}
    parts = {"store": store, **others}
    api = parts.get("api")
    if refusal and api is not None and api.state == "ok":
        parts["api"] = PartState("degraded", f"changes are answered with 104: {refusal}", api.restarts)
    return parts


@dataclass(frozen=True, slots=True)
class _Failed:
    """Why a source did not answer, in words that may be shown."""

    reason: str


async def _within_time(source: str, answer: Awaitable[T]) -> T | _Failed:
    try:
        return await asyncio.wait_for(answer, PROBE_TIMEOUT_S)
    except TimeoutError:
        _log.warning("source of a probe does not answer", source=source, timeout_s=PROBE_TIMEOUT_S)
        return _Failed("does not answer")
    except StoreUnavailable as error:
        return _Failed(str(error))
    except Exception:  # noqa: BLE001 - a probe has to answer whatever is broken: that is what it is asked
        _log.exception("source of a probe failed", source=source)
        return _Failed("failed; see the log")


def _json(status: int, value: object) -> Reply:
    return _reply(status, b"application/json", msgspec.json.encode(value))


def _reply(status: int, content_type: bytes, body: bytes) -> Reply:
    headers = (
        (b"content-type", content_type),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    )
    return Reply(status, headers, body)
