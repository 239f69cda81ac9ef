"""The audio of messages by `/v2`: ranges, versions, MP3, links, and how many are sent at once."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from renvoi.adapters.audio import wav_to_mp3
from renvoi.application.removals import close_account
from renvoi.domain.access.api_key import ApiKey
from renvoi.domain.numbers.number import E164
from renvoi.domain.shared_key import SharedKey
from renvoi.http.deps import Limits
from renvoi.http.v2.recordings import MAX_OPEN
from tests.support.http_api import KEY
from tests.support.v2_api import OPERATOR_KEY, V2Api, pointers, problem
from tests.support.v2_kept import AUDIO, MAIL, MESSAGE, MESSAGE_ID, put_message
from tests.support.waiting import wait_until

ONE = f"/v2/messages/msg_{MESSAGE_ID}"
AUDIO_PATH = f"{ONE}/audio"


@pytest.fixture
def api() -> V2Api:
    made = V2Api()
    made.write(put_message)
    made.write(lambda writer: writer.add_shared_key(SharedKey("0a0a0a0a", bytes(32), 1)))
    return made


def ranged(value: str, **more: str) -> Callable[[V2Api], httpx.Response]:
    return lambda api: api.get(AUDIO_PATH, headers={"Range": value, **more})


SIZE = len(AUDIO)
TAG = f'"{MESSAGE_ID}-wav"'
RANGES = {
    "the beginning": (ranged("bytes=0-9"), 206, AUDIO[:10]),
    "the rest": (ranged(f"bytes={SIZE - 5}-"), 206, AUDIO[-5:]),
    "the end": (ranged("bytes=-7"), 206, AUDIO[-7:]),
    "more than there is": (ranged("bytes=10-999999999"), 206, AUDIO[10:]),
    "all of the end": (ranged(f"bytes=-{SIZE * 9}"), 206, AUDIO),
    "one byte": (ranged("BYTES = 3-3"), 206, AUDIO[3:4]),
    "the same version": (ranged("bytes=0-9", **{"If-Range": TAG}), 206, AUDIO[:10]),
    "another version": (ranged("bytes=0-9", **{"If-Range": '"x"'}), 200, AUDIO),
    "a weak version": (ranged("bytes=0-9", **{"If-Range": f"W/{TAG}"}), 200, AUDIO),
    "a date": (ranged("bytes=0-9", **{"If-Range": "Thu, 01 Jan 2026 00:00:00 GMT"}), 200, AUDIO),
    "several": (ranged("bytes=0-9,20-29"), 200, AUDIO),
    "backwards": (ranged("bytes=9-3"), 200, AUDIO),
    "other units": (ranged("seconds=0-9"), 200, AUDIO),
    "nonsense": (ranged("bytes=a-b"), 200, AUDIO),
    "a huge number": (ranged("bytes=" + "9" * 500 + "-"), 200, AUDIO),
    "behind the end": (ranged(f"bytes={SIZE}-"), 416, None),
    "nothing": (ranged("bytes=-0"), 416, None),
}


@pytest.mark.parametrize(("ask", "status", "expected"), RANGES.values(), ids=RANGES)
def test_ranges(api: V2Api, ask: Callable[[V2Api], httpx.Response], status: int, expected: bytes | None) -> None:
    came = ask(api)
    assert came.status_code == status
    if expected is None:
        problem(came, 416, "range_not_satisfiable")
        assert came.headers["content-range"] == f"bytes */{SIZE}"
        return
    assert (came.content, came.headers["content-length"]) == (expected, str(len(expected)))
    assert (came.headers["etag"], came.headers["accept-ranges"]) == (TAG, "bytes")
    if status == 206:
        unit, _, rest = came.headers["content-range"].partition(" ")
        first, last = map(int, rest.removesuffix(f"/{SIZE}").split("-"))
        assert (unit, AUDIO[first : last + 1]) == ("bytes", expected)


def test_audio_is_named_and_has_a_version(api: V2Api) -> None:
    came = api.get(AUDIO_PATH)
    assert came.headers["content-type"] == "audio/wav"
    assert came.headers["content-disposition"] == 'inline; filename="message-33199001234-20260101-000000.wav"'
    assert came.headers["cache-control"] == "private, no-cache"
    known = api.get(AUDIO_PATH, headers={"If-None-Match": TAG, "Range": "bytes=0-9"})
    assert (known.status_code, known.content) == (304, b"")
    head = api.send("HEAD", AUDIO_PATH, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(SIZE))


def test_audio_comes_as_mp3(api: V2Api, tmp_path: Path) -> None:
    file = tmp_path / "it.wav"
    file.write_bytes(AUDIO)
    expected = wav_to_mp3(file)
    came = api.get(f"{AUDIO_PATH}?format=mp3")
    assert (came.content, came.headers["content-type"]) == (expected, "audio/mpeg")
    part = api.get(f"{AUDIO_PATH}?format=mp3", headers={"Range": "bytes=5-9", "If-Range": came.headers["etag"]})
    assert (part.status_code, part.content) == (206, expected[5:10])
    assert pointers(problem(api.get(f"{AUDIO_PATH}?format=ogg"), 422, "fields_invalid")) == {"?format": "not_allowed"}


def test_a_message_without_its_recording_says_so(api: V2Api) -> None:
    api.write(lambda w: w.add_message(replace(MESSAGE, id="lost"), replace(MAIL, message_id="lost")))
    for form in ("wav", "mp3"):
        problem(api.get(f"/v2/messages/msg_lost/audio?format={form}"), 404, "audio_gone")


def test_a_link_needs_no_key_and_ends(api: V2Api) -> None:
    made = api.send("POST", f"{ONE}/audio-link", json={"expires_in_s": 600})
    assert made.status_code == 201
    assert made.json()["expires_at"] == "2026-01-01T00:10:00.000Z"
    url = made.json()["url"]
    assert KEY.secret not in url
    assert "acc_" not in url
    path = url.removeprefix("http://127.0.0.1:8080")
    came = api.get(path, key=None, headers={"Range": "bytes=0-9"})
    assert (came.status_code, came.content, came.headers["referrer-policy"]) == (206, AUDIO[:10], "no-referrer")
    problem(api.get(path[:-2], key=None), 404, "link_unknown")
    api.clock.now += 600_000
    problem(api.get(path, key=None), 404, "link_unknown")


def test_a_link_ends_with_its_message(api: V2Api) -> None:
    url = api.send("POST", f"{ONE}/audio-link", json={"format": "mp3"}).json()["url"]
    path = url.removeprefix("http://127.0.0.1:8080")
    assert api.get(path, key=None).headers["content-type"] == "audio/mpeg"
    assert api.send("DELETE", ONE).status_code == 204
    problem(api.get(path, key=None), 404, "link_unknown")


@pytest.mark.parametrize(
    "change",
    [
        {"revoked_at_ms": 1},
        {"expires_at_ms": 1},
        {"scopes": ("calls:read",)},
        {"numbers": frozenset({E164.parse("+33199009999", "FR")})},
    ],
)
@pytest.mark.parametrize("asks", [KEY, OPERATOR_KEY])
def test_a_link_ends_with_the_key_that_asked_for_it(api: V2Api, asks: ApiKey, change: dict[str, Any]) -> None:
    api.add_key(OPERATOR_KEY)
    url = api.send("POST", f"{ONE}/audio-link", json={}, key=asks).json()["url"].removeprefix("http://127.0.0.1:8080")
    assert api.get(url, key=None).content == AUDIO
    record = api.read(lambda reader: reader.key(asks.id))
    if "revoked_at_ms" in change:
        api.write(lambda writer: writer.revoke_key(asks.id, 1))
    else:
        api.write(lambda writer: writer.put_key(replace(record, **change)))
    problem(api.get(url, key=None), 404, "link_unknown")


@pytest.mark.parametrize(
    "body", [{"expires_in_s": 59}, {"expires_in_s": 86_401}, {"expires_in_s": True}, {"format": "exe"}, {"to": "x"}]
)
def test_links_are_bounded(api: V2Api, body: Any) -> None:
    problem(api.send("POST", f"{ONE}/audio-link", json=body), 422, "fields_invalid")


def test_nothing_is_mailed_or_heard_by_a_link_of_an_account_that_was_closed(api: V2Api) -> None:
    url = api.send("POST", f"{ONE}/audio-link", json={}).json()["url"].removeprefix("http://127.0.0.1:8080")
    api.add_key(OPERATOR_KEY)
    asyncio.run(close_account(api.store, api.clock, "demo"))
    problem(api.get(url, key=None), 404, "link_unknown")
    problem(api.send("POST", f"{ONE}/resend", key=OPERATOR_KEY), 404, "message_unknown")


def test_who_guesses_links_is_told_to_wait() -> None:
    api = V2Api(limits=Limits(refusals_per_address_per_s=1, refusals_burst=3))
    answers = [api.get(f"/v2/audio?link={n}", key=None).status_code for n in range(5)]
    assert answers == [404, 404, 404, 429, 429]


def test_a_client_that_takes_its_recordings_slowly_leaves_places_to_others(api: V2Api) -> None:
    """Each that is being sent holds a file."""

    async def scenario() -> None:
        may_end = asyncio.Event()
        statuses: list[int] = []

        async def ask(client: str) -> None:
            headers = [(b"authorization", f"Bearer {KEY.reveal()}".encode())]
            scope = {
                "type": "http",
                "method": "GET",
                "path": AUDIO_PATH,
                "raw_path": AUDIO_PATH.encode(),
                "query_string": b"",
                "headers": headers,
                "client": (client, 40000),
                "server": ("api", 80),
                "scheme": "http",
                "http_version": "1.1",
            }

            async def send(message: Any) -> None:
                if message["type"] == "http.response.start":
                    statuses.append(message["status"])
                elif statuses[-1] == 200:
                    await may_end.wait()

            async def receive() -> Any:
                return {"type": "http.request", "body": b"", "more_body": False}

            await api.app(scope, receive, send)

        greedy = [asyncio.create_task(ask("192.0.2.1")) for _ in range(MAX_OPEN)]
        await wait_until(lambda: answered(statuses, MAX_OPEN), "the answers")
        assert statuses.count(200) == MAX_OPEN // 2
        other = asyncio.create_task(ask("192.0.2.2"))
        await wait_until(lambda: answered(statuses, MAX_OPEN + 1), "the other answer")
        assert statuses[-1] == 200
        may_end.set()
        await asyncio.gather(*greedy, other)
        await ask("192.0.2.1")
        assert statuses[-1] == 200

    async def answered(statuses: list[int], count: int) -> bool:
        return len(statuses) == count

    asyncio.run(scenario())
