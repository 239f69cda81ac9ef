"""What each client may hold of connections and of requests in progress."""

import asyncio
from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from renvoi.http.deps import Limits
from renvoi.http.limits import ConnectionShares, RequestShares, address_group
from tests.support.http_api import KEY, NUMBER, PATH, Api, body


class Link:
    """A connection that notes that it was dropped."""

    def __init__(self, *, idle: bool = True, waiting: bool = False) -> None:
        self.idle = idle
        self.waiting = waiting
        self.dropped = False

    def is_idle(self) -> bool:
        return self.idle

    def is_waiting(self) -> bool:
        return self.waiting

    def drop(self) -> None:
        self.dropped = True


def entered(shares: ConnectionShares, address: str, count: int, *, idle: bool = True) -> list[Link]:
    links = [Link(idle=idle) for _ in range(count)]
    for link in links:
        shares.enter(link, address)
    return links


def test_whoever_has_most_gives_way_with_its_oldest_idle_connection() -> None:
    shares = ConnectionShares(10)
    few = entered(shares, "192.0.2.1", 2)
    many = entered(shares, "192.0.2.9", 8)
    many[0].idle = False
    (newest,) = entered(shares, "192.0.2.2", 1)
    assert [link.dropped for link in (*few, newest)] == [False] * 3
    assert [link.dropped for link in many] == [False, True, *[False] * 6]
    assert len(shares) == 10
    more = entered(shares, "192.0.2.9", 5)
    assert not any(link.dropped for link in (*few, newest))
    assert sum(link.dropped for link in (*many, *more)) == 6


def test_addresses_of_one_ipv6_network_are_one_client() -> None:
    shares = ConnectionShares(10)
    one = entered(shares, "192.0.2.1", 1)
    for host in range(20):
        entered(shares, f"2001:db8::{host:x}", 1)
    assert not one[0].dropped
    assert address_group("2001:db8::1") == address_group("2001:db8::2")


def test_a_trusted_proxy_stands_for_many_clients() -> None:
    """It gives way only when nobody else can."""
    shares = ConnectionShares(10, (ip_network("10.0.0.0/8"),))
    proxy = entered(shares, "10.0.0.1", 8)
    strangers = entered(shares, "192.0.2.1", 3)
    assert not any(link.dropped for link in proxy)
    assert sum(link.dropped for link in strangers) == 1
    for link in strangers:
        shares.leave(link)
    entered(shares, "10.0.0.2", 3)
    assert sum(link.dropped for link in proxy) == 1


def test_nothing_unanswered_is_dropped() -> None:
    """A few more than the limit are let in, for the probes; then the newest has to go."""
    shares = ConnectionShares(10)
    busy = entered(shares, "192.0.2.9", 10, idle=False)
    more = entered(shares, "192.0.2.1", 2)
    assert not any(link.dropped for link in busy)
    assert [link.dropped for link in more] == [True, False]
    entered(shares, "192.0.2.1", 1, idle=False)
    assert len(shares) == 11


def test_a_request_that_has_not_begun_gives_way_before_the_newest_connection() -> None:
    """That of whoever has most: the newest may be a probe's."""
    shares = ConnectionShares(10)
    many = entered(shares, "192.0.2.9", 11, idle=False)
    many[3].waiting = many[4].waiting = True
    few = entered(shares, "192.0.2.1", 1)
    assert [link.dropped for link in many] == [False] * 3 + [True] + [False] * 7
    assert not few[0].dropped
    assert len(shares) == 11


def test_a_client_takes_places_while_it_holds_fewer_than_are_free() -> None:
    places = RequestShares(12)
    assert [places.take("greedy") for _ in range(8)] == [True] * 6 + [False] * 2
    assert [places.take("second") for _ in range(5)] == [True] * 3 + [False] * 2
    assert places.take("third")
    assert places.free == 2
    for _ in range(6):
        places.give_back("greedy")
    assert places.take("second")


class Held:
    """Requests that stay in progress, since their bodies do not end."""

    def __init__(self, api: Api, client: str) -> None:
        self._transport = httpx.ASGITransport(api.app, client=(client, 1))
        self.waiting = asyncio.Event()

    async def ask(self) -> httpx.Response:
        async def content() -> Any:
            yield b"{"
            await self.waiting.wait()
            yield b"}"

        async with httpx.AsyncClient(transport=self._transport, base_url="http://api") as session:
            return await session.post(PATH, content=content())

    async def get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url="http://api") as session:
            return await session.get(path, params={"apiKey": KEY.reveal(), "number": NUMBER.value})


def test_one_address_does_not_take_all_places_and_probes_need_none() -> None:
    async def scenario() -> None:
        api = Api.__new__(Api)
        await asyncio.to_thread(api.__init__, limits=Limits(requests_in_flight=4))  # type: ignore[misc]
        greedy, other = Held(api, "192.0.2.9"), Held(api, "192.0.2.1")
        held = [asyncio.create_task(greedy.ask()) for _ in range(2)]
        for _ in range(20):
            await asyncio.sleep(0)
        refused = await greedy.get(PATH)
        assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (429, 103, "1")
        assert (await other.get(PATH)).json()["code"] == 200
        assert (await greedy.get("/healthz")).status_code == 200
        assert (await greedy.get("/readyz")).status_code == 200
        greedy.waiting.set()
        assert [(await task).json()["code"] for task in held] == [10, 10]
        assert (await greedy.get(PATH)).json()["code"] == 200

    asyncio.run(scenario())


def test_a_full_server_answers_104_to_whoever_holds_nothing() -> None:
    api = Api(limits=Limits(requests_in_flight=0))
    answer = api.request("POST", json=body())
    assert (answer.status_code, answer.json()["code"]) == (503, 104)
    assert api.request("GET", "/healthz").status_code == 200


@pytest.mark.parametrize("places", [1, 2])
def test_places_are_given_back_whatever_the_answer_was(places: int) -> None:
    api = Api(limits=Limits(requests_in_flight=places))
    for _ in range(5):
        assert api.post({"apiKey": "x"}).json()["code"] == 10
        assert api.post({"type": 9}).json()["code"] == 7
        assert api.request("POST", "/v1/vn/name", content=b"\xff").json()["code"] == 100
        assert api.request("GET", "/nowhere").json()["code"] == 404
