"""A caller leaves a message, and its owner reads, hears and deletes it by `/v2`: on SQLite and on PostgreSQL."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.callers import Caller
from tests.support.node import NUMBER, Node
from tests.support.postgres import shared_cluster
from tests.support.sound import Sound
from tests.support.waiting import wait_for
from tests.unit.adapters.test_audio import tone, wav

OWNER = "owner@example.com"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Run a node whose first number takes messages, which are kept as files."""
    cluster = shared_cluster()
    database = cluster.create_database() if request.param == "postgresql" else None
    url = cluster.url(database) if database is not None else None
    made = Node(tmp_path_factory.mktemp(request.param), database_url=url)
    try:
        made.start()
        assert made.set_rule(2, OWNER).json()["code"] == 4
        yield made
    finally:
        made.stop()
        if database is not None:
            cluster.drop_database(database)


@pytest.fixture
def v2(node: Node) -> Iterator[httpx.Client]:
    """Return a client of the node's `/v2`."""
    headers = {"Authorization": f"Bearer {node.key}"}
    with httpx.Client(base_url=str(node.api.base_url), headers=headers, timeout=30) as client:
        yield client


def leave_message(node: Node, v2: httpx.Client) -> tuple[Caller, dict[str, Any]]:
    """Leave a message of two seconds by a call; return who did, and the message."""
    with Caller(node.edge, NUMBER) as caller:
        assert caller.connect() == 200
        assert caller.wait_for_beep()
        caller.talk(2.0)
        assert caller.hang_up() == 200

    def found() -> list[dict[str, Any]]:
        return list(v2.get("/v2/messages", params={"from": caller.number}).json()["data"])

    (message,) = wait_for(found, "the message", 20)
    return caller, message


def test_a_message_is_read_heard_and_deleted(node: Node, v2: httpx.Client) -> None:
    caller, message = leave_message(node, v2)
    path = f"/v2/messages/{message['id']}"
    assert (message["number"], message["heard"], message["transcript"]) == (NUMBER, False, None)
    assert v2.get("/v2/messages", params={"number": NUMBER, "heard": False}).json()["data"][0]["id"] == message["id"]

    whole = v2.get(f"{path}/audio")
    caller.assert_whole(Sound.of_wav(whole.content))
    part = v2.get(f"{path}/audio", headers={"Range": "bytes=100-199", "If-Range": whole.headers["etag"]})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert v2.get(f"{path}/audio", headers={"Range": f"bytes={len(whole.content)}-"}).status_code == 416
    mp3 = v2.get(f"{path}/audio?format=mp3")
    assert mp3.headers["content-type"] == "audio/mpeg"
    assert len(mp3.content) < len(whole.content) / 2
    link = v2.post(f"{path}/audio-link", json={"format": "mp3"}).json()["url"]
    assert httpx.get(link, timeout=30).content == mp3.content

    assert v2.patch(path, json={"heard": True}).json()["heard"] is True
    assert v2.get("/v2/messages", params={"from": caller.number, "heard": False}).json()["data"] == []
    wait_for(lambda: v2.get(path).json()["mails"][0]["state"] == "kept", "the mail", 20)
    resent = v2.post(f"{path}/resend")
    assert resent.json()["mails"][0]["state"] == "pending"
    wait_for(lambda: v2.get(path).json()["mails"][0]["state"] == "kept", "the mail again", 20)

    assert v2.delete(path).status_code == 204
    for gone in (path, f"{path}/audio"):
        assert v2.get(gone).json()["code"] == "message_unknown"
    assert httpx.get(link, timeout=30).json()["code"] == "link_unknown"
    names = [file.name for file in node.data.rglob(f"*{message['id'].removeprefix('msg_')}*")]
    assert names == []


def test_a_call_is_read_with_its_ladder_and_as_csv(node: Node, v2: httpx.Client) -> None:
    caller, message = leave_message(node, v2)

    def ended() -> list[dict[str, Any]]:
        found = v2.get("/v2/calls", params={"from": caller.number, "decision": "voicemail"}).json()["data"]
        return [call for call in found if call["ended_at"] is not None and call["missed"] is False]

    (call,) = wait_for(ended, "the record", 20)
    assert (call["number"], call["status"], call["sip_call_id"]) == (NUMBER, 200, message["sip_call_id"])
    whole = v2.get(f"/v2/calls/{call['id']}", headers={"Accept-Language": "fr"}).json()
    assert whole["explanation"] == f"la messagerie de {NUMBER} ; un message a été laissé"
    steps = [(step["from"], step["to"], step["message"]) for step in whole["ladder"]]
    assert steps[:2] == [("caller", "edge", "invite"), ("edge", "voicemail", "invite")]
    assert steps[-1] == ("caller", "edge", "bye")
    text = v2.get("/v2/calls", params={"from": caller.number}, headers={"Accept": "text/csv"}).text
    (line,) = csv.DictReader(io.StringIO(text))
    assert (line["id"], line["from"]) == (call["id"], caller.number)


def test_a_greeting_that_is_uploaded_is_what_callers_hear(node: Node, v2: httpx.Client) -> None:
    path = f"/v2/numbers/{NUMBER}/greeting"
    assert v2.put(path, files={"file": ("mine.wav", wav(tone(1.0)))}).json()["greeting"] == "own"
    assert v2.get(path).content[:4] == b"RIFF"
    with Caller(node.edge, NUMBER) as caller:
        assert caller.connect() == 200
        assert caller.wait_for_beep(skip=False)
        heard_s = len(caller.talker.heard) * 0.02
        caller.hang_up()
    assert 1.0 < heard_s < 4.0
    assert v2.delete(path).status_code == 204
