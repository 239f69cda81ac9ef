"""`/v2/messages`: lists, heard, deleting, mailing again."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from renvoi.adapters.message_files import MessageFiles
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.domain.access.api_key import ApiKey, KeyRecord
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import MailState
from renvoi.domain.messages.voicemail_handoff import WITHHELD
from renvoi.domain.shared_key import SharedKey
from tests.support.http_api import FOREIGN_KEY, SECOND, START_MS
from tests.support.v2_api import OPERATOR_KEY, V2Api, pointers, problem
from tests.support.v2_kept import AUDIO, CALLER, MAIL, MESSAGE, MESSAGE_ID, put_message

ONE = f"/v2/messages/msg_{MESSAGE_ID}"
AUDIO_PATH = f"{ONE}/audio"
LIMITED = ApiKey("0e0e0e0e0e0e", "l" * 43)


@pytest.fixture
def api() -> V2Api:
    made = V2Api()
    made.write(put_message)
    made.write(lambda writer: writer.add_shared_key(SharedKey("0a0a0a0a", bytes(32), 1)))
    return made


def limited(api: V2Api, number: Any) -> ApiKey:
    """Add a key that is limited to a number."""
    record = KeyRecord(LIMITED.id, 1, LIMITED.hash(), "FR", numbers=frozenset({number}))
    api.write(lambda writer: writer.add_key(record))
    return LIMITED


def add(api: V2Api, name: str, **changes: Any) -> None:
    """Add another message."""
    api.write(lambda w: w.add_message(replace(MESSAGE, id=name, **changes), replace(MAIL, message_id=name), AUDIO))


def ids(response: httpx.Response) -> str:
    """Return the messages of a page, by one letter each."""
    assert response.status_code == 200, response.text
    return "".join(each["id"].removeprefix("msg_")[0] for each in response.json()["data"])


def test_a_list_is_filtered_and_goes_on_at_its_cursor(api: V2Api) -> None:
    add(api, "a", received_at_ms=START_MS + 1, caller=WITHHELD, number=SECOND)
    add(api, "b", received_at_ms=START_MS + 2, heard_at_ms=5, caller="+33140000002")
    assert ids(api.get("/v2/messages")) == "ba4"
    assert ids(api.get("/v2/messages", params={"number": SECOND.value})) == "a"
    assert ids(api.get("/v2/messages", params={"number": "+33612345678"})) == ""
    assert ids(api.get("/v2/messages?from=0140000002")) == "b"
    assert ids(api.get("/v2/messages", params={"from": CALLER})) == "4"
    assert ids(api.get("/v2/messages?heard=true")) == "b"
    assert ids(api.get("/v2/messages?heard=false")) == "a4"
    assert ids(api.get("/v2/messages?since=2026-01-01T00:00:00.002Z")) == "b"
    assert ids(api.get("/v2/messages?since=2026-01-01T01:00:00.001%2B01:00")) == "ba"
    first = api.get("/v2/messages?limit=2&heard=false")
    assert (ids(first), first.json()["next_cursor"]) == ("a4", None)
    first = api.get("/v2/messages?limit=2")
    assert first.headers["link"].endswith('rel="next"')
    rest = api.get(first.headers["link"].split(">")[0][1:])
    assert (ids(first), ids(rest), rest.json()["next_cursor"]) == ("ba", "4", None)
    assert api.get("/v2/messages?number=%2B33261910123").json()["data"][0]["from"] is None


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("since=yesterday", {"?since": "bad_format"}),
        ("since=2026-02-30T00:00:00Z", {"?since": "bad_format"}),
        ("since=2026-01-01T00:00:00", {"?since": "bad_format"}),
        ("since=9999-12-31T23:59:59Z", {"?since": "bad_format"}),
        ("since=0001-01-01T00:00:00%2B23:59", {"?since": "bad_format"}),
        ("heard=maybe&from=&limit=0", {"?heard": "wrong_type", "?from": "too_short", "?limit": "too_small"}),
        ("from=" + "x" * 129, {"?from": "too_long"}),
        ("number=me", {"?number": "number_invalid"}),
        ("numbers=%2B33199001234&heard=true&heard=false", {"?numbers": "unknown_field", "?heard": "repeated"}),
    ],
)
def test_wrong_filters_are_all_named(api: V2Api, query: str, wrong: dict[str, str]) -> None:
    assert pointers(problem(api.get(f"/v2/messages?{query}"), 422, "fields_invalid")) == wrong


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMl0", "WyJhIiwiYiJd", "%00", "W1tdLCJhIl0"])
def test_a_cursor_of_another_list_is_refused(api: V2Api, cursor: str) -> None:
    assert api.get(f"/v2/messages?cursor={cursor}").status_code == 400


def test_what_is_out_of_reach_does_not_exist(api: V2Api) -> None:
    problem(api.get(ONE, key=FOREIGN_KEY), 404, "message_unknown")
    assert ids(api.get("/v2/messages", key=FOREIGN_KEY)) == ""
    key = limited(api, SECOND)
    assert ids(api.get("/v2/messages", key=key)) == ""
    unknown = problem(api.get("/v2/messages/msg_nothing", key=key), 404, "message_unknown")
    for method, path in (
        ("GET", ONE),
        ("PATCH", ONE),
        ("DELETE", ONE),
        ("POST", f"{ONE}/resend"),
        ("GET", AUDIO_PATH),
        ("POST", f"{ONE}/audio-link"),
    ):
        body = {"heard": True} if method == "PATCH" else {} if path.endswith("link") else None
        found = problem(api.send(method, path, key=key, json=body), 404, "message_unknown")
        assert found["detail"] == unknown["detail"]
    api.add_key(OPERATOR_KEY)
    assert ids(api.get("/v2/messages", key=OPERATOR_KEY)) == "4"
    assert ids(api.get("/v2/messages?account=acc_2", key=OPERATOR_KEY)) == ""
    assert api.get(ONE, key=OPERATOR_KEY).status_code == 200


@pytest.mark.parametrize("name", ["msg_", "msg_%00", "4f", "msg_..%2F..", "call_1", "msg_" + "x" * 300, "msg_é"])
def test_what_is_no_id_is_no_message(api: V2Api, name: str) -> None:
    assert api.get(f"/v2/messages/{name}").status_code == 404
    assert api.get(f"/v2/messages/{name}/audio").status_code == 404


def test_heard_is_kept_since_the_first_time_and_told_apart_by_versions(api: V2Api) -> None:
    before = api.get(ONE)
    changed = api.patch(ONE, {"heard": True}, headers={"If-Match": before.headers["etag"], "Idempotency-Key": "1"})
    assert changed.json()["heard_at"] == "2026-01-01T00:00:00.000Z"
    api.clock.now += 60_000
    assert api.patch(ONE, {"heard": True}).json()["heard_at"] == "2026-01-01T00:00:00.000Z"
    again = api.patch(ONE, {"heard": True}, headers={"If-Match": before.headers["etag"], "Idempotency-Key": "1"})
    assert (again.json(), again.headers["idempotent-replayed"]) == (changed.json(), "true")
    problem(api.patch(ONE, {"heard": False}, headers={"If-Match": before.headers["etag"]}), 412, "precondition_failed")
    assert api.get(ONE, headers={"If-None-Match": changed.headers["etag"]}).status_code == 304
    assert api.patch(ONE, {"heard": False}).json()["heard_at"] is None


@pytest.mark.parametrize("body", [{}, {"heard": 1}, {"heard": "true"}, {"heard": None}, {"heard": True, "x": 1}, []])
def test_a_wrong_body_changes_nothing(api: V2Api, body: Any) -> None:
    problem(api.patch(ONE, body), 422, "fields_invalid")
    assert api.get(ONE).json()["heard"] is False


def test_deleting_takes_everything_once(tmp_path: Path) -> None:
    files = MessageFiles(tmp_path, tmp_path / "mail")
    api = V2Api(files=files)
    api.write(lambda writer: writer.add_message(MESSAGE, MAIL))
    files.audio(MESSAGE_ID).write_bytes(AUDIO)
    assert api.get(AUDIO_PATH).content == AUDIO
    deleted = api.send("DELETE", ONE, headers={"Idempotency-Key": "d"})
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert not files.audio(MESSAGE_ID).exists()
    assert api.send("DELETE", ONE, headers={"Idempotency-Key": "d"}).headers["idempotent-replayed"] == "true"
    for path in (ONE, AUDIO_PATH):
        problem(api.get(path), 404, "message_unknown")
    problem(api.send("DELETE", ONE), 404, "message_unknown")
    told = api.read(lambda reader: reader.events(1, 0, 9))
    assert [each.type for each in told] == ["message.deleted"]


def test_a_message_whose_file_cannot_go_stays(tmp_path: Path) -> None:
    files = MessageFiles(tmp_path, tmp_path / "mail")
    api = V2Api(files=files)
    api.write(lambda writer: writer.add_message(MESSAGE, MAIL))
    files.audio(MESSAGE_ID).mkdir()
    problem(api.send("DELETE", ONE), 503, "unavailable")
    assert api.get(ONE).status_code == 200


def test_a_store_that_takes_no_changes_keeps_the_files(tmp_path: Path) -> None:
    files = MessageFiles(tmp_path, tmp_path / "mail")
    api = V2Api(files=files)
    api.write(lambda writer: writer.add_message(MESSAGE, MAIL))
    files.audio(MESSAGE_ID).write_bytes(AUDIO)
    api.store.refuse_with = StoreUnavailable("the disk is full")  # type: ignore[attr-defined]  # the one in memory
    problem(api.send("DELETE", ONE), 503, "unavailable")
    assert api.get(AUDIO_PATH).content == AUDIO


def test_a_mail_is_queued_again_unless_it_is_being_sent(api: V2Api) -> None:
    queued = api.send("POST", f"{ONE}/resend").json()["mails"][0]
    assert (queued["state"], queued["attempts"], queued["due_at"]) == ("pending", 0, "2026-01-01T00:00:00.000Z")
    api.write(lambda writer: writer.lease_mails([MESSAGE_ID], "node", START_MS, START_MS + 60_000))
    problem(api.send("POST", f"{ONE}/resend"), 409, "mail_under_way")
    api.clock.now += 60_000
    assert api.send("POST", f"{ONE}/resend").status_code == 200


def test_where_a_mail_was_kept_is_nobodys_business(api: V2Api) -> None:
    kept = replace(MAIL, state=MailState.KEPT, note="/var/lib/renvoi/mail/x.eml")
    api.write(lambda writer: writer.put_mail(kept))
    assert api.get(ONE).json()["mails"][0]["note"] is None


def test_a_link_does_not_outlive_the_key_that_made_it(api: V2Api) -> None:
    """Else a key that ends in a minute would listen for a day, and so would a secret that was replaced."""
    key = ApiKey("0e0e0e0e0e0e", "e" * 43)
    record = KeyRecord(key.id, 1, key.hash(), "FR", scopes=("messages:read",), expires_at_ms=START_MS + 60_000)
    api.write(lambda writer: writer.add_key(record))
    made = api.send("POST", f"{ONE}/audio-link", json={"expires_in_s": 600}, key=key).json()
    assert made["expires_at"] == "2026-01-01T00:01:00.000Z"
    path = made["url"].removeprefix("http://127.0.0.1:8080")
    assert api.get(path, key=None).status_code == 200
    api.clock.now = START_MS + 60_000
    problem(api.get(path, key=None), 404, "link_unknown")


def test_reading_and_changing_need_their_scopes(api: V2Api) -> None:
    reads = api.add_key(ApiKey("0c0c0c0c0c0c", "r" * 43), "messages:read")
    writes = api.add_key(ApiKey("0d0d0d0d0d0d", "w" * 43), "messages:write")
    assert api.get(AUDIO_PATH, key=reads).status_code == 200
    problem(api.send("DELETE", ONE, key=reads), 403, "scope_missing")
    problem(api.get(ONE, key=writes), 403, "scope_missing")
    assert api.patch(ONE, {"heard": True}, key=writes).status_code == 200


def test_a_transcript_is_shown_when_there_is_one(api: V2Api) -> None:
    add(api, "t", transcript="allô ?", received_at_ms=START_MS + 9)
    assert api.get("/v2/messages/msg_t").json()["transcript"] == "allô ?"
    assert api.get(ONE).json()["transcript"] is None


def test_each_recipient_has_a_mail_of_its_own(api: V2Api) -> None:
    first = replace(MAIL, message_id="two")
    second = replace(first, recipient=EmailAddress("office@example.com"), place=1, state=MailState.FAILED)
    api.write(lambda w: w.add_message(replace(MESSAGE, id="two"), first, AUDIO, [second]))
    path = "/v2/messages/msg_two"

    def states(response: httpx.Response) -> list[tuple[str, str]]:
        return [(mail["to"], mail["state"]) for mail in response.json()["mails"]]

    assert states(api.get(path)) == [("owner@example.com", "sent"), ("office@example.com", "failed")]
    api.send("POST", f"{path}/resend")
    # One of them is being sent when it is asked for again.
    api.write(lambda writer: writer.lease_mails(["two"], "node", START_MS, START_MS + 60_000))
    assert states(api.send("POST", f"{path}/resend")) == [
        ("owner@example.com", "pending"),
        ("office@example.com", "pending"),
    ]
    api.write(lambda writer: writer.lease_mails([second.id], "node", START_MS, START_MS + 60_000))
    problem(api.send("POST", f"{path}/resend"), 409, "mail_under_way")
    assert api.send("DELETE", path).status_code == 204
