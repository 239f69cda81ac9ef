"""Who was not heard, by what the media relay says of a call at its end."""

import socket
from typing import Any

import pytest

from renvoi.edge.relay_client import RelayClient, RelaySilent, answers
from renvoi.edge.router.media_relay import BOTH, CALLEE, CALLER, FEW_PACKETS, MediaRelay, unheard_side

NOW_S = 1_000_000.0


def side(*packets: int) -> dict[str, Any]:
    """Return a side that so many packets came from, with RTCP beside them."""
    streams = [{"flags": ["RTP", "filled"], "stats": {"packets": count}} for count in packets]
    streams.append({"flags": ["RTCP"], "stats": {"packets": 7}})
    return {"medias": [{"streams": streams}]}


def ended(caller: int, *callees: int, lasted_s: float = 60) -> dict[str, Any]:
    tags = {"from": side(caller)} | {f"to-{number}": side(count) for number, count in enumerate(callees)}
    return {"result": "ok", "created": NOW_S - lasted_s, "tags": tags}


@pytest.mark.parametrize(
    ("answer", "silent"),
    [
        (ended(100, 100), None),
        (ended(0, FEW_PACKETS), CALLER),
        (ended(FEW_PACKETS, 0), CALLEE),
        (ended(0, FEW_PACKETS - 1), None),
        (ended(FEW_PACKETS - 1, 0), None),
        (ended(100, 0, 100), None),
        (ended(1, 100), None),
        (ended(0, 0), BOTH),
        (ended(0, 0, lasted_s=1), None),
        ({"result": "ok", "warning": "Call-ID not found"}, None),
        ({"tags": {"from": {"medias": 3}}, "created": 1}, None),
        ({"tags": {"from": side(1)}, "created": "yesterday"}, None),
        ([], None),
    ],
)
def test_a_side_that_was_not_heard_is_named(answer: Any, silent: str | None) -> None:
    assert unheard_side(answer, "from", NOW_S) == silent


def test_a_relay_that_is_away_costs_one_call_a_moment() -> None:
    """The others do not ask for a while."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.setblocking(False)
        relay = MediaRelay(silent.getsockname())
        assert relay.end(b"call", b"from") is None
        assert b'"call-id": "call"' in silent.recv(1000)
        assert relay.end(b"other", b"from") is None
        with pytest.raises(BlockingIOError):
            silent.recv(1000)
        assert not answers(silent.getsockname(), 0.01)


def test_what_is_no_text_is_not_asked_about() -> None:
    assert MediaRelay(("192.0.2.1", 1)).end(b"\xff", b"from") is None
    assert MediaRelay(None).end(b"call", b"from") is None


def test_an_answer_that_is_none_counts_as_silence() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as odd:
        odd.bind(("127.0.0.1", 0))
        client = RelayClient(odd.getsockname())
        with pytest.raises(RelaySilent):
            client.ask("ping", {}, 0.01)
        question, source = odd.recvfrom(1000)
        # Late, and then one of another shape.
        odd.sendto(question.split()[0] + b" {}", source)
        with pytest.raises(RelaySilent):
            client.ask("ping", {}, 0.01)
        client.close()


def test_a_relay_that_is_away_is_left_alone() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.setblocking(False)
        relay = MediaRelay(silent.getsockname())
        assert not relay.answers()
        assert b'"command": "ping"' in silent.recv(1000)
        assert not relay.answers()
        with pytest.raises(BlockingIOError):
            silent.recv(1000)
    assert not MediaRelay(None).answers()
