"""What requests without a good key cost at most: answers of their own, and lines of the log."""

import asyncio
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from renvoi.domain.repetitions import AT_ONCE, MAX_KINDS, PERIOD_S
from renvoi.http.deps import Limits
from tests.support.http_api import KEY, PATH, Api, body
from tests.support.waiting import wait_for

REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "no key": ({"method": "POST", "json": {}}, 401),
    "no key in a query": ({"method": "GET"}, 401),
    "bad key": ({"method": "GET", "params": {"apiKey": "guess"}}, 401),
    "unknown path": ({"method": "GET", "path": "/nothing"}, 404),
    "unknown path below": ({"method": "POST", "path": f"{PATH}/x", "json": {"apiKey": KEY.reveal()}}, 404),
    "unreadable body": ({"method": "POST", "content": b"{"}, 400),
    "body too large": ({"method": "POST", "content": b"x" * 70_000}, 413),
    "content type": ({"method": "POST", "content": b"x", "headers": {"content-type": "image/png"}}, 415),
    "query of many fields": ({"method": "GET", "params": {f"f{n}": "" for n in range(1001)}}, 400),
    "method": ({"method": "DELETE"}, 405),
    "method of a probe": ({"method": "POST", "path": "/healthz"}, 405),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_requests_of_an_address_are_limited(kind: str) -> None:
    """Beyond the rate it is 103, and the connection ends; good keys, probes and other addresses are not concerned."""
    request, status = REFUSED[kind]
    api = Api(limits=Limits(refusals_per_address_per_s=1, refusals_burst=2))
    answers = [api.request(**request) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 429]
    assert answers[2].json()["code"] == 103
    assert (answers[2].headers["retry-after"], answers[2].headers["connection"]) == ("1", "close")
    assert api.post().json()["code"] == 3
    assert api.request("GET", "/healthz").status_code == 200
    assert api.request("GET", "/readyz").status_code == 200
    assert api.request(client="192.0.2.8", **request).status_code == status
    api.monotonic = 1.0
    assert api.request(**request).status_code == status


def test_refused_requests_of_every_kind_count_together() -> None:
    api = Api(limits=Limits(refusals_per_address_per_s=1, refusals_burst=len(REFUSED)))
    assert [api.request(**request).status_code for request, _ in REFUSED.values()] == [
        status for _, status in REFUSED.values()
    ]
    assert api.request("GET", "/nowhere").status_code == 429


def test_a_customers_own_errors_are_not_counted() -> None:
    """Whoever shows a good key is not a stranger, whatever else is wrong."""
    api = Api(limits=Limits(refusals_per_address_per_s=1, refusals_burst=1))
    assert {api.post({"type": 9}).json()["code"] for _ in range(5)} == {7}


def logged(api: Api, count: int, request: dict[str, Any]) -> list[dict[str, Any]]:
    with capture_logs() as lines:
        for _ in range(count):
            api.request(**request)
    return [dict(line) for line in lines]


@pytest.mark.parametrize("kind", [*REFUSED, "page"])
def test_lines_of_strangers_are_bounded_and_counted(kind: str) -> None:
    """A few a minute of each kind and address, then how many there were; metrics count each."""
    request = {"method": "GET", "path": "/numbers/+33199001234"} if kind == "page" else REFUSED[kind][0]
    api = Api(limits=Limits(refusals_per_address_per_s=0))
    lines = logged(api, 40, request)
    assert [line["event"] for line in lines] == ["request"] * AT_ONCE
    assert len(logged(api, 1, {"client": "192.0.2.8", **request})) == 1
    api.monotonic = PERIOD_S
    told, *rest = logged(api, 40, request)
    assert (told["event"], told["count"]) == ("requests like this were left out within a minute", 40 - AT_ONCE)
    assert (told["client"], told["status"], told["log_level"]) == ("192.0.2.7", lines[0]["status"], "info")
    assert [line["event"] for line in rest] == ["request"] * AT_ONCE
    samples = [line for line in api.inner("/metrics").text.splitlines() if line.startswith("renvoi_requests_total{")]
    assert sum(float(line.rpartition(" ")[2]) for line in samples) == 81


def test_lines_of_any_number_of_strangers_are_bounded() -> None:
    """Also of one who has a network of addresses; customers' requests are logged all the same."""
    api = Api()
    with capture_logs() as lines:
        for n in range(2 * MAX_KINDS):
            api.request("GET", "/nothing", client=f"2001:db8:0:{n:x}::1")
    assert len(lines) == MAX_KINDS + AT_ONCE
    assert len(logged(api, 40, {"method": "POST", "json": body()})) == 40


def test_what_was_left_out_is_told_when_nobody_comes_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a timer, which is kept while there is something to tell."""
    monkeypatch.setattr("renvoi.http.middleware.PERIOD_S", 0.01)
    api = Api(limits=Limits(refusals_per_address_per_s=0))

    async def scenario() -> None:
        transport = httpx.ASGITransport(api.app, client=("192.0.2.7", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            for _ in range(AT_ONCE + 3):
                await client.get("/nothing")
        api.monotonic = PERIOD_S
        await asyncio.to_thread(wait_for, lambda: "left out" in lines[-1]["event"], "the count of lines left out")

    with capture_logs() as lines:
        asyncio.run(asyncio.wait_for(scenario(), 30))
    assert lines[-1]["count"] == 3


def test_the_reason_of_an_unreadable_body_stands_in_its_line() -> None:
    (line,) = logged(Api(), 1, {"method": "POST", "content": b"{"})
    assert (line["outcome"], line["reason"]) == ("body_invalid", "the body cannot be read")
