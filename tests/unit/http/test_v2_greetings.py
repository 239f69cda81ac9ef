"""`/v2/numbers/{number}/greeting`: uploads as a body or a form, listening, and going back."""

import asyncio
from typing import Any

import httpx
import pytest

from renvoi.adapters.audio import read_greeting
from renvoi.domain.access.api_key import ApiKey
from renvoi.http.v2.greetings import MAX_BYTES
from renvoi.http.v2.route import LARGE_AT_ONCE
from tests.support.http_api import FOREIGN, FOREIGN_KEY, KEY, NUMBER
from tests.support.v2_api import DirectConverter, V2Api, pointers, problem
from tests.unit.adapters.test_audio import converted, tone, wav

PATH = f"/v2/numbers/{NUMBER}/greeting"
SPEECH = wav(tone(1.0))
FORM = "multipart/form-data; boundary=x"
WAV = {"Content-Type": "audio/wav"}


@pytest.fixture
def api() -> V2Api:
    return V2Api()


def upload(api: V2Api, content: bytes, **keywords: Any) -> Any:
    headers = WAV | keywords.pop("headers", {})
    return api.send("PUT", keywords.pop("path", PATH), content=content, headers=headers, **keywords)


def test_a_greeting_is_uploaded_heard_and_taken_back(api: V2Api) -> None:
    assert api.get(f"{PATH}/state").json() == {"number": NUMBER.value, "greeting": "included", "bytes": None}
    problem(api.get(PATH), 404, "greeting_unknown")
    put = upload(api, SPEECH)
    assert (put.status_code, put.json()["greeting"]) == (200, "own")
    came = api.get(PATH)
    assert came.content == read_greeting(SPEECH)
    assert (came.headers["etag"], came.headers["content-type"]) == (put.headers["etag"], "audio/wav")
    assert api.get(PATH, headers={"Range": "bytes=0-3"}).content == b"RIFF"
    assert api.get(PATH, headers={"If-None-Match": came.headers["etag"]}).status_code == 304
    assert api.send("DELETE", f"{PATH}?speak_number=true").status_code == 204
    assert api.get(f"{PATH}/state").json()["greeting"] == "spoken_number"
    assert api.send("DELETE", PATH).status_code == 204
    assert api.get(f"{PATH}/state").json()["greeting"] == "included"


@pytest.mark.parametrize("kind", ["mp3", "flac", "ogg opus", "m4a"])
def test_formats(api: V2Api, kind: str) -> None:
    assert upload(api, converted(SPEECH, kind), headers={"Content-Type": "application/octet-stream"}).status_code == 200


def test_a_form_brings_one_file(api: V2Api) -> None:
    assert api.send("PUT", PATH, files={"file": ("a.wav", SPEECH)}).status_code == 200
    for files, wrong in (
        ({"audio": ("a.wav", SPEECH)}, {"/audio": "unknown_field", "/file": "missing"}),
        ([("file", ("a", SPEECH)), ("file", ("b", SPEECH))], {"/file": "repeated"}),
        ([("file", ("a", SPEECH)), ("note", (None, "x"))], {"/note": "unknown_field"}),
        ({"file": (None, "text")}, {"/file": "missing"}),
    ):
        found = problem(api.send("PUT", PATH, files=files), 422, "fields_invalid")
        assert pointers(found) == wrong


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("multipart/form-data", SPEECH),
        (FORM, SPEECH),
        (FORM, b"--x\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nab"),
        ("multipart/form-data; boundary=" + "x" * 5000, SPEECH),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=f\r\n\r\n1\r\n" * 50 + b"--x--",
        ),
    ],
)
def test_a_form_that_cannot_be_read(api: V2Api, kind: str, content: bytes) -> None:
    problem(upload(api, content, headers={"Content-Type": kind}), 400, "body_malformed")


def test_what_is_no_greeting_is_refused_in_the_language_of_the_request(api: V2Api) -> None:
    silent = problem(upload(api, wav(bytes(40_000))), 422, "audio_invalid")
    assert silent["detail"].startswith("The audio is silent")
    silent = problem(upload(api, wav(bytes(40_000)), headers={"Accept-Language": "fr"}), 422, "audio_invalid")
    assert silent["detail"].startswith("L’audio est muet")
    problem(upload(api, b"\0" * 100), 422, "audio_invalid")
    assert pointers(problem(upload(api, b""), 422, "fields_invalid")) == {"": "missing"}
    problem(upload(api, SPEECH, headers={"Content-Type": "text/plain"}), 415, "content_type_unknown")
    for content in (b"RIFF" + bytes(MAX_BYTES + 70_000), b"RIFF" + bytes(MAX_BYTES - 3)):
        problem(upload(api, content), 413, "body_too_large")
    assert problem(upload(api, b"RIFF" + bytes(MAX_BYTES - 4)), 422, "audio_invalid")["detail"][0].isupper()
    assert api.get(f"{PATH}/state").json()["greeting"] == "included"


def test_a_version_that_is_not_there_any_more_is_not_replaced(api: V2Api) -> None:
    first = upload(api, SPEECH, headers={"If-Match": '"included"'})
    assert first.status_code == 200
    problem(upload(api, SPEECH, headers={"If-Match": '"included"'}), 412, "precondition_failed")
    problem(api.send("DELETE", PATH, headers={"If-Match": '"included"'}), 412, "precondition_failed")
    assert api.send("DELETE", PATH, headers={"If-Match": first.headers["etag"]}).status_code == 204


def test_an_upload_that_is_sent_again_is_made_once(api: V2Api) -> None:
    first = upload(api, SPEECH, headers={"Idempotency-Key": "u"})
    again = upload(api, SPEECH, headers={"Idempotency-Key": "u"})
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    problem(upload(api, SPEECH[:-2], headers={"Idempotency-Key": "u"}), 409, "idempotency_conflict")


def test_numbers_of_others_have_no_greeting(api: V2Api) -> None:
    for path in (f"/v2/numbers/{FOREIGN}/greeting", "/v2/numbers/+33699999999/greeting", "/v2/numbers/x/greeting"):
        problem(api.get(path), 404, "number_unknown")
        problem(upload(api, SPEECH, path=path), 404, "number_unknown")
        problem(api.send("DELETE", path), 404, "number_unknown")
    problem(api.get(PATH, key=FOREIGN_KEY), 404, "number_unknown")
    reads = api.add_key(ApiKey("0c0c0c0c0c0c", "r" * 43), "numbers:read")
    problem(upload(api, SPEECH, key=reads), 403, "scope_missing")


def test_few_uploads_are_in_memory_at_once() -> None:
    running, most = 0, 0
    may_end = asyncio.Event()

    class Slow(DirectConverter):
        async def read_greeting(self, upload: bytes) -> bytes:
            nonlocal running, most
            running += 1
            most = max(most, running)
            if running == LARGE_AT_ONCE:
                may_end.set()
            await may_end.wait()
            running -= 1
            return upload

    api = V2Api(converter=Slow())

    async def many() -> None:
        transport = httpx.ASGITransport(api.app, client=("192.0.2.7", 40000))
        headers = WAV | {"Authorization": f"Bearer {KEY.reveal()}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers) as session:
            answers = await asyncio.gather(*(session.put(PATH, content=SPEECH) for _ in range(2 * LARGE_AT_ONCE)))
        assert {answer.status_code for answer in answers} == {200}

    asyncio.run(many())
    assert most == LARGE_AT_ONCE
