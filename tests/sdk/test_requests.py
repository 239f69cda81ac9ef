"""What the client sends and reads, when it tries again, and what it makes of servers that answer nonsense."""

import asyncio
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from renvoi_client import (
    AsyncClient,
    Client,
    Conflict,
    ConnectionFailed,
    Forbidden,
    Invalid,
    InvalidAnswer,
    NotFound,
    RenvoiError,
    ServerFailed,
    StatusError,
    TimedOut,
    TooManyRequests,
)
from renvoi_client._retry import pause_s, retry_after_s, should_retry
from tests.support.raw_server import Answer, plain, raw_server, sends

KEY = "rv_0a0a0a0a0a0a_secret"
NUMBER = (
    b'{"number":"+33199001234","label":"desk","state":"active","forwarding_enabled":true,"action":"off","revision":0,'
    b'"unreadable":null,"updated_at":null,"a_field_of_tomorrow":[1]}'
)
JSON = "content-type: application/json"
PROBLEM = "content-type: application/problem+json"


def in_both(work: Callable[[Client], Any], async_work: Callable[[AsyncClient], Any], url: str, **options: Any) -> None:
    """Run the same with both clients."""
    with Client(url, KEY, **options) as client:
        work(client)

    async def run() -> None:
        async with AsyncClient(url, KEY, **options) as client:
            await async_work(client)

    asyncio.run(run())


def get_fails(server_answers: list[Answer], error: type[RenvoiError], **options: Any) -> list[RenvoiError]:
    """Return the errors that reading a number ends with, in both clients."""
    found: list[RenvoiError] = []
    for read in (_read, _read_async):
        with raw_server(*server_answers) as server, pytest.raises(error) as caught:
            read(server.url, options)
        found.append(caught.value)
    return found


def _read(url: str, options: dict[str, Any]) -> None:
    with Client(url, KEY, **options) as client:
        client.numbers.get("+33199001234")


def _read_async(url: str, options: dict[str, Any]) -> None:
    async def read() -> None:
        async with AsyncClient(url, KEY, **options) as client:
            await client.numbers.get("+33199001234")

    asyncio.run(read())


def test_an_answer_becomes_an_object_and_unknown_fields_are_passed_over() -> None:
    def check(client: Client) -> None:
        assert client.numbers.get("+33199001234").label == "desk"

    async def check_async(client: AsyncClient) -> None:
        assert (await client.numbers.get("+33199001234")).label == "desk"

    with raw_server(sends(plain(200, NUMBER, JSON))) as server:
        in_both(check, check_async, server.url, language="fr")
    for request in server.requests:
        head = request.lower()
        assert request.startswith(b"GET /v2/numbers/+33199001234 HTTP/1.1\r\n")
        assert b"authorization: bearer " + KEY.encode() in head
        assert b"accept-language: fr" in head
        assert b"idempotency-key" not in head


def test_all_attempts_of_a_write_have_one_idempotency_key_and_two_writes_have_two() -> None:
    busy = sends(plain(503, b"{}", PROBLEM, "retry-after: 0"))
    done = sends(plain(200, NUMBER, JSON))
    with raw_server(busy, busy, done, done) as server, Client(server.url, KEY) as client:
        client.numbers.update("+33199001234", label="desk")
        client.numbers.update("+33199001234", label="desk")
    keys = [_header(request, b"idempotency-key") for request in server.requests]
    assert len(keys) == 4
    assert len(set(keys[:3])) == 1
    assert keys[3] != keys[0]
    assert all(request.endswith(b'\r\n\r\n{"label":"desk"}') for request in server.requests)


def _header(request: bytes, name: bytes) -> bytes:
    return next(line for line in request.lower().split(b"\r\n") if line.startswith(name + b":"))


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(status: int) -> None:
    answers = sends(plain(status, b"{}", PROBLEM, "retry-after: 0")), sends(plain(200, NUMBER, JSON))
    with raw_server(*answers) as server, Client(server.url, KEY) as client:
        assert client.numbers.get("+33199001234").revision == 0
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "broken",
    [
        lambda connection, _: connection.close(),
        sends(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\ncontent-type: application/json\r\n\r\n{"),
        sends(b"\x00\xff\r\n\r\n"),
        sends(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n"),
    ],
    ids=["closed", "cut short", "no http", "bad chunk"],
)
def test_a_broken_connection_is_tried_again_and_then_told(broken: Answer) -> None:
    with raw_server(broken, sends(plain(200, NUMBER, JSON))) as server, Client(server.url, KEY) as client:
        client.numbers.get("+33199001234")
    assert len(server.requests) == 2
    get_fails([broken], ConnectionFailed, retries=0)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with Client(url, KEY, retries=0) as client, pytest.raises(ConnectionFailed, match="GET /v2/account"):
        client.account.get()


def test_an_answer_that_trickles_ends_in_time() -> None:
    stop = threading.Event()

    def trickle(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\ncontent-type: application/json\r\n\r\n")
        while not stop.wait(0.05):
            connection.sendall(b" ")

    try:
        for error in get_fails([trickle], TimedOut, timeout_s=0.5, retries=0):
            assert "within 0.5 s" in str(error)
    finally:
        stop.set()


def test_silence_ends_in_time() -> None:
    stop = threading.Event()

    def wait(_: socket.socket, __: bytes) -> None:
        stop.wait(20)

    try:
        get_fails([wait], TimedOut, timeout_s=0.3, retries=0)
    finally:
        stop.set()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        NUMBER[:-20],
        b"\xff\xfe",
        b"[" * 100_000,
        NUMBER.replace(b'"revision":0', b'"revision":"0"'),
        NUMBER.replace(b'"revision":0,', b""),
        NUMBER.replace(b"null", b'"yesterday"'),
        b"<html>Welcome</html>",
    ],
)
def test_what_is_not_the_apis_answer_is_said_to_be_none(body: bytes) -> None:
    for error in get_fails([sends(plain(200, body, JSON, "x-request-id: r1"))], InvalidAnswer):
        assert "GET /v2/numbers/+33199001234" in str(error)
        assert "r1" in str(error)


def test_a_redirect_is_not_followed_with_the_key() -> None:
    with raw_server(sends(plain(200, NUMBER, JSON))) as other:
        get_fails([sends(plain(301, b"", f"location: {other.url}/"))], InvalidAnswer)
    assert other.requests == []


FIELDS = b'"errors":[{"pointer":"/label","code":"too_long","detail":"at most 100"},7,{"pointer":1}]'


@pytest.mark.parametrize(
    ("status", "kind"), [(404, NotFound), (409, Conflict), (422, Invalid), (501, ServerFailed), (418, StatusError)]
)
def test_a_problem_becomes_its_class(status: int, kind: type[StatusError]) -> None:
    body = b'{"title":"No","detail":"Do this.","code":"some_word","v1_code":13,"request_id":"r2",' + FIELDS + b"}"
    for error in get_fails([sends(plain(status, body, PROBLEM))], kind):
        assert isinstance(error, StatusError)
        assert type(error) is kind
        assert (error.status, error.code, error.v1_code, error.request_id) == (status, "some_word", 13, "r2")
        assert [each.pointer for each in error.errors] == ["/label", ""]
        assert str(error) == f"{status} some_word: No: Do this.; /label: at most 100; :  (request r2)"


def test_the_missing_scope_is_named() -> None:
    answer = plain(403, b'{"code":"scope_missing"}', PROBLEM, "x-accepted-scopes: numbers:read")
    for error in get_fails([sends(answer)], Forbidden):
        assert isinstance(error, Forbidden)
        assert error.accepted_scopes == ("numbers:read",)


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b"[1]", b"\xff", b"[" * 100_000])
def test_an_error_that_is_no_problem_is_told_as_it_came(body: bytes) -> None:
    for error in get_fails([sends(plain(500, body, JSON))], ServerFailed, retries=0):
        assert isinstance(error, ServerFailed)
        assert error.code == ""


def test_a_server_that_wants_long_is_not_waited_for() -> None:
    later = sends(plain(429, b"{}", PROBLEM, "retry-after: 3600"))
    for error in get_fails([later], TooManyRequests):
        assert isinstance(error, TooManyRequests)
        assert error.retry_after_s == 3600


def test_a_request_under_way_is_awaited() -> None:
    answers = (
        sends(plain(409, b'{"code":"request_in_progress"}', PROBLEM, "retry-after: 0")),
        sends(plain(200, NUMBER, JSON)),
    )
    with raw_server(*answers) as server, Client(server.url, KEY) as client:
        client.numbers.update("+33199001234", label="x")
    assert len(server.requests) == 2
    assert not should_retry(409, "idempotency_conflict")


NOW = datetime(2026, 11, 29, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("Sun, 29 Nov 2026 12:00:09 GMT", 9.0),
        ("Sun, 29 Nov 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("٣", None),
        ("9" * 30, 999_999_999.0),
        ("Sun, 99 Nov 2026 12:00:09 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": value}, NOW) == seconds


def test_pauses_grow_and_have_an_end() -> None:
    assert [pause_s(attempt, None, 1.0) for attempt in range(6)] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert pause_s(0, None, 0.0) == 0.25
    assert pause_s(0, 60.0, 0.5) == 60.0
    assert pause_s(0, 60.1, 0.5) is None


def test_pages_are_asked_for_when_they_are_needed() -> None:
    def page(cursor: str) -> Answer:
        return sends(plain(200, b'{"data":[' + NUMBER + b'],"next_cursor":' + cursor.encode() + b"}", JSON))

    for _ in range(2):
        with raw_server(page('"a+b/c="'), page("null")) as server, Client(server.url, KEY) as client:
            numbers = iter(client.numbers.list(limit=1))
            next(numbers)
            assert len(server.requests) == 1
            assert len(list(numbers)) == 1
        assert server.requests[0].startswith(b"GET /v2/numbers?limit=1 ")
        assert server.requests[1].startswith(b"GET /v2/numbers?limit=1&cursor=a%2Bb%2Fc%3D ")

    async def listed(url: str) -> int:
        async with AsyncClient(url, KEY) as client:
            return len([each async for each in client.numbers.list()])

    with raw_server(page('"x"'), page("null")) as server:
        assert asyncio.run(listed(server.url)) == 2


def test_callforward_tells_what_the_api_says_and_raises_nothing_for_a_refusal() -> None:
    refused = plain(404, b'{"success":false,"code":13,"message":"no"}', JSON, "x-request-id: r3")
    done = plain(200, b'{"success":true,"code":3,"message":"ok"}', JSON, "x-rule-revision: 5")
    with raw_server(sends(refused), sends(done)) as server, Client(server.url, KEY) as client:
        first = client.callforward("+33199001234", 1, "+33644630000")
        second = client.callforward("+33199001234", 0)
    assert (first.success, first.code, first.revision, first.request_id) == (False, 13, None, "r3")
    assert (second.success, second.code, second.revision) == (True, 3, 5)
    body = server.requests[0].partition(b"\r\n\r\n")[2]
    assert body == b'{"apiKey":"' + KEY.encode() + b'","number":"+33199001234","type":1,"param":"+33644630000"}'


def test_callforward_of_another_host_that_answers_nonsense() -> None:
    html = sends(plain(200, b"<html>", JSON))
    with raw_server(html) as server, Client(server.url, KEY) as client, pytest.raises(InvalidAnswer, match="callforw"):
        client.callforward("+33199001234", 0)


@pytest.mark.parametrize(
    ("url", "key", "what"),
    [
        (None, KEY, "RENVOI_URL"),
        ("renvoi.example.com", KEY, "https://"),
        ("http://127.0.0.1:1", None, "RENVOI_API_KEY"),
        ("http://127.0.0.1:1", "rv_\n", "copy it again"),
        ("http://127.0.0.1:1", "clé", "copy it again"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_sent(
    url: str | None, key: str | None, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RENVOI_URL", raising=False)
    monkeypatch.delenv("RENVOI_API_KEY", raising=False)
    with pytest.raises(RenvoiError, match=what):
        Client(url, key)


def test_the_environment_says_where_and_who(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(sends(plain(200, NUMBER, JSON))) as server:
        monkeypatch.setenv("RENVOI_URL", server.url + "/")
        monkeypatch.setenv("RENVOI_API_KEY", KEY)
        with Client() as client:
            client.numbers.get("+33199001234")


@pytest.mark.parametrize("number", ["", ".", ".."])
def test_a_path_is_not_left_by_what_stands_in_it(number: str) -> None:
    with Client("http://127.0.0.1:1", KEY) as client, pytest.raises(ValueError, match="names nothing"):
        client.numbers.get(number)


def test_what_stands_in_a_path_is_escaped() -> None:
    with raw_server(sends(plain(200, NUMBER, JSON))) as server, Client(server.url, KEY) as client:
        client.numbers.get("../account?x=1#y\r\n")
    assert server.requests[0].startswith(b"GET /v2/numbers/..%2Faccount%3Fx%3D1%23y%0D%0A HTTP")


def test_a_client_of_ones_own_stays_open() -> None:
    with raw_server(sends(plain(200, NUMBER, JSON))) as server, httpx.Client() as own:
        with Client(server.url, KEY, http_client=own) as client:
            client.numbers.get("+33199001234")
        assert not own.is_closed


def test_retry_dates_are_of_now() -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=30)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    found = retry_after_s({"retry-after": soon}, datetime.now(UTC))
    assert found is not None
    assert 25 < found <= 31


def test_a_client_names_its_account_where_an_operation_knows_it() -> None:
    def work(client: Client) -> None:
        client.numbers.get("+33199001234")
        with pytest.raises(NotFound):
            client.admin.accounts.close("acc_1")
        with pytest.raises(NotFound):
            next(iter(client.admin.numbers.list()))

    async def async_work(client: AsyncClient) -> None:
        await client.numbers.get("+33199001234")
        with pytest.raises(NotFound):
            await client.admin.accounts.close("acc_1")
        with pytest.raises(NotFound):
            await anext(aiter(client.admin.numbers.list()))

    missing = sends(plain(404, b'{"code":"account_unknown"}', PROBLEM))
    answers = [sends(plain(200, NUMBER, JSON)), missing, missing] * 2
    with raw_server(*answers) as server:
        in_both(work, async_work, server.url, account="acc_2", retries=0)
    assert [request.split(b"?")[-1].split(b" HTTP")[0] for request in server.requests] == [
        b"account=acc_2",
        b"DELETE /v2/admin/accounts/acc_1",
        b"account=acc_2",
    ] * 2
