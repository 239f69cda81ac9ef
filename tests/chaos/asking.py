"""Changes by HTTP."""

import httpx

from tests.chaos.changing import NotSent, Told, kind_of
from tests.chaos.history import Outcome
from tests.support.node import Node

TIMEOUT_S = 20.0
DONE, ALREADY, UNAVAILABLE = {2, 3, 4}, {16, 17, 18}, 104
CONNECTIONS = 32


class Asking:
    """The way to a node by its API."""

    def __init__(self, name: str, node: Node) -> None:
        self.node = name
        self._key = node.key
        self._client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{node.http_port}",
            timeout=TIMEOUT_S,
            limits=httpx.Limits(max_connections=CONNECTIONS),
            trust_env=False,
        )
        self.slowest_s = 0.0
        """How long the slowest answer took."""

    async def change(self, number: str, target: str, key: str | None) -> Told:
        """See `Way.change`."""
        body = {"apiKey": self._key, "number": number, "type": kind_of(target), "param": target}
        headers = {"Idempotency-Key": key} if key is not None else {}
        try:
            answer = await self._client.post("/v1/vn/callforward", json=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSent from error
        except httpx.TransportError as error:
            return Told(Outcome.UNKNOWN, note=type(error).__name__)
        self.slowest_s = max(self.slowest_s, answer.elapsed.total_seconds())
        return _told(answer)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _told(answer: httpx.Response) -> Told:
    try:
        code = answer.json()["code"]
    except (ValueError, KeyError, TypeError):
        return Told(Outcome.STRANGE, note=f"{answer.status_code} {answer.text[:200]}")
    if code in DONE and answer.status_code == 200:
        return Told(Outcome.DONE, int(answer.headers["X-Rule-Revision"]))
    if code in ALREADY and answer.status_code == 409:
        return Told(Outcome.ALREADY)
    if code == UNAVAILABLE and answer.status_code == 503 and "Retry-After" in answer.headers:
        return Told(Outcome.REFUSED)
    return Told(Outcome.STRANGE, note=f"{answer.status_code} {answer.text[:200]}")
