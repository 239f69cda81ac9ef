"""Answers of any length: calls as CSV, and events as they come."""

from datetime import UTC, datetime

import pytest

from renvoi_client import Client, InvalidAnswer, StatusError
from tests.sdk.test_requests import KEY, PROBLEM
from tests.support.raw_server import plain, raw_server, sends

CALLS_CSV = b"id,number\r\ncall_1,+33199001234\r\n"


def test_calls_are_exported_in_pieces() -> None:
    answer = sends(plain(200, CALLS_CSV, "content-type: text/csv"))
    with raw_server(answer) as server, Client(server.url, KEY) as client:
        since = datetime(2026, 11, 1, tzinfo=UTC)
        assert b"".join(client.export_calls(number="+33199001234", since=since)) == CALLS_CSV
    request = server.requests[0]
    assert request.startswith(b"GET /v2/calls?number=%2B33199001234&since=2026-11-01T00%3A00%3A00.000Z HTTP/1.1\r\n")
    assert b"accept: text/csv" in request.lower()


def event(place: int) -> bytes:
    """Return an event of a stream."""
    body = b'{"type":"call.missed","timestamp":"2026-11-29T12:00:00.000Z","data":{"seq":%d}}' % place
    return b"id: evt_1-%d\nevent: call.missed\ndata: " % place + body + b"\n\n"


def test_a_stream_goes_on_behind_the_last_event_that_came() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    first = head + b": \n\n" + event(1) + event(2)[:-20]
    answers = sends(first), sends(plain(503, b"{}", PROBLEM, "retry-after: 0")), sends(head + event(2) + event(3))
    with raw_server(*answers) as server, Client(server.url, KEY) as client:
        events = client.follow_events()
        found = [next(events) for _ in range(3)]
        events.close()
    assert [(each.id, each.data["seq"]) for each in found] == [("evt_1-1", 1), ("evt_1-2", 2), ("evt_1-3", 3)]
    assert b"last-event-id" not in server.requests[0].lower()
    assert all(b"last-event-id: evt_1-1\r\n" in request.lower() for request in server.requests[1:])


def test_a_stream_ends_when_the_key_does() -> None:
    refused = sends(plain(401, b'{"code":"key_incorrect"}', PROBLEM))
    with raw_server(refused) as server, Client(server.url, KEY) as client, pytest.raises(StatusError) as caught:
        next(client.follow_events())
    assert caught.value.code == "key_incorrect"


@pytest.mark.parametrize("content", [b"data: {}\n\n", b"data: [\n\n", b"data: " + b"x" * 300_000, b"data: \xff\n\n"])
def test_a_stream_of_something_else_is_said_to_be_none(content: bytes) -> None:
    answer = sends(plain(200, content, "content-type: text/event-stream"))
    with raw_server(answer) as server, Client(server.url, KEY) as client, pytest.raises(InvalidAnswer):
        next(client.follow_events())
