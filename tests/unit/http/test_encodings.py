"""Bodies, languages and formats (`docs/api.md §1`)."""

import asyncio
import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_from_bytes, urlencode
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renvoi.http.body_parsing import text_of
from renvoi.http.deps import Limits
from tests.support.http_api import KEY, NUMBER, PATH, Api, body

JSON = json.dumps(body()).encode()
FORM = urlencode(body()).encode()


def multipart(*parts: tuple[str, bytes], end: bytes = b"--") -> bytes:
    """Return parts, each the rest of its Content-Disposition and its content, with boundary `B`."""
    written = b"".join(
        b"--B\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + content + b"\r\n"
        for head, content in parts
    )
    return written + b"--B" + end + b"\r\n"


FIELDS = [(f'name="{name}"', str(value).encode()) for name, value in body().items()]


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        (None, JSON),
        ("", JSON),
        # The vendor's own PHP sample posts JSON without a header, which cURL labels so.
        ("application/x-www-form-urlencoded", JSON),
        ("application/x-www-form-urlencoded; charset=utf-8", b" \r\n\t" + JSON),
        ("text/plain", JSON),
        ("text/plain;charset=UTF-8", b"\xef\xbb\xbf \n" + JSON),
        ("multipart/form-data; boundary=B", JSON),
        ("application/xml", JSON),
        ("nonsense", JSON),
        (None, FORM),
        ("application/json; charset=latin-1", JSON),
        ("application/json; charset=utf-16", JSON.decode().encode("utf-16")),
        (None, JSON.decode().encode("utf-16")),
        ("text/json; charset=utf-16be", JSON.decode().encode("utf-16-be")),
        ("application/x-www-form-urlencoded; charset=iso-8859-15", FORM + b"&name=\xe9%e9"),
        ("application/json; charset=", JSON),
        ("application/json", JSON),
        ("application/json; charset=utf-8", JSON),
        ("Application/JSON;charset=UTF-8", JSON),
        ('application/json ; charset="utf-8"', JSON),
        ("application/json; charset=utf8", JSON),
        ("application/json", b"\xef\xbb\xbf" + JSON),
        ("application/json", b'{"type":0,' + JSON[1:]),
        ("application/x-www-form-urlencoded", FORM),
        ("application/x-www-form-urlencoded; charset=UTF-8", FORM),
        ("application/x-www-form-urlencoded", b"type=0&" + FORM),
        ("application/x-www-form-urlencoded", FORM.replace(b"%2B", b"+")),
        ("multipart/form-data; boundary=B", multipart(*FIELDS)),
        ('multipart/form-data; boundary="B"', multipart(*FIELDS)),
        ("multipart/form-data; boundary=B", multipart(('name="x"; filename="a.bin"', b"\xff\x00"), *FIELDS)),
    ],
)
def test_a_body_is_read_in_every_encoding(content_type: str | None, content: bytes) -> None:
    """JSON, form and multipart mean the same; unknown fields are ignored, the last of two equal ones counts."""
    headers = {} if content_type is None else {"content-type": content_type}
    assert Api().request("POST", content=content, headers=headers).json()["code"] == 3


def test_clients_of_httpx_are_understood() -> None:
    """A client library's own form and multipart bodies, not only ours."""
    fields = {name: str(value) for name, value in body().items()}
    assert Api().request("POST", data=fields).json()["code"] == 3
    assert Api().request("POST", files={name: (None, value) for name, value in fields.items()}).json()["code"] == 3


def test_a_file_in_place_of_a_field_is_no_field() -> None:
    """Its name and content count as missing."""
    parts = [part for part in FIELDS if "number" not in part[0]]
    content = multipart(*parts, ('name="number"; filename="n.txt"', NUMBER.value.encode()))
    headers = {"content-type": "multipart/form-data; boundary=B"}
    assert Api().request("POST", content=content, headers=headers).json()["code"] == 5


@pytest.mark.parametrize(
    ("content_type", "content", "status"),
    [
        *((None, content, 400) for content in (b"null", b"[]", b'"x"', b"{", b"\xff", b"{} {}", b"[" * 60000)),
        (None, b'{"number":"\\ud800"}', 400),
        ("application/json", b"NaN", 400),
        ("application/x-www-form-urlencoded", b"a=%ff", 400),
        ("application/x-www-form-urlencoded", b"\xff", 400),
        ("application/x-www-form-urlencoded", b"&a" * 2000, 400),
        ("multipart/form-data", multipart(*FIELDS), 400),
        ("multipart/form-data; boundary=C", multipart(*FIELDS), 400),
        ("multipart/form-data; boundary=B", multipart(*FIELDS, end=b""), 400),
        ("multipart/form-data; boundary=B", multipart(('name="a"', b"\xff")), 400),
        ("multipart/form-data; boundary=B", multipart(("nameless", b"x")), 400),
        *(("application/json", content, 400) for content in (b"", b"[]", FORM)),
        ("text/plain", FORM, 415),
        ("application/xml", b"<a/>", 415),
        ("nonsense", FORM, 415),
        ("application/json; charset=klingon", JSON, 415),
        ("application/json; charset=utf-7", JSON, 415),
        ("application/json; charset=rot13", JSON, 415),
        ("application/json; charset=utf-16", JSON[:-1], 400),
        (None, b" " * 65537, 413),
    ],
)
def test_what_cannot_be_read_is_100(content_type: str | None, content: bytes, status: int) -> None:
    """One code and text with three statuses."""
    headers = {"accept-language": "fr"} | ({} if content_type is None else {"content-type": content_type})
    answer = Api().request("POST", content=content, headers=headers)
    text = "Le corps de la requête n’est pas valide"
    assert (answer.status_code, answer.json()) == (status, {"success": False, "code": 100, "message": text})


def test_a_body_of_64_kib_is_read() -> None:
    """The limit itself is allowed."""
    assert Api().request("POST", content=JSON.ljust(65536)).json()["code"] == 3


def test_fields_may_stand_in_the_query_string() -> None:
    """Of a POST, with or without a body; of a field in both, the body's counts."""
    query = {name: str(value) for name, value in body().items()}
    assert Api().request("POST", params=query).json()["code"] == 3
    assert Api().request("POST", params=query, json={"type": 0}).json()["code"] == 18
    assert Api().request("POST", params=query, data={"number": ""}).json()["code"] == 5
    assert Api().request("POST", params=query, json={"apiKey": None}).json()["code"] == 10


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def bare_deflate(content: bytes) -> bytes:
    return zlib.compress(content)[2:-4]


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("gzip", gzipped),
        ("X-GZIP", gzipped),
        ("deflate", zlib.compress),
        ("deflate", bare_deflate),
        ("gzip", lambda content: gzipped(content[:30]) + gzipped(content[30:])),
        ("x-gzip", lambda content: gzipped(b"") + gzipped(content) + gzipped(b"")),
        ("gzip", lambda content: b"".join(gzipped(content[n : n + 2]) for n in range(0, len(content), 2))),
        ("identity", bytes),
    ],
)
def test_a_compressed_body_is_read(encoding: str, compress: Callable[[bytes], bytes]) -> None:
    for content, kind in ((JSON, "application/json"), (FORM, "application/x-www-form-urlencoded")):
        headers = {"content-type": kind, "content-encoding": encoding}
        assert Api().request("POST", content=compress(content), headers=headers).json()["code"] == 3


@pytest.mark.parametrize(
    ("encoding", "content", "status"),
    [
        ("gzip", gzipped(JSON.ljust(65537)), 413),
        ("deflate", zlib.compress(b" " * 50_000_000), 413),
        ("gzip", gzipped(JSON)[:-3], 400),
        ("gzip", gzipped(JSON) + b"x", 400),
        ("gzip", gzipped(JSON[:30]) + gzipped(JSON[30:])[:-3], 400),
        ("gzip", gzipped(JSON[:30]) + gzipped(JSON[30:] + b" " * 50_000_000), 413),
        ("gzip", gzipped(JSON.ljust(65536)) + gzipped(b" "), 413),
        ("gzip", gzipped(JSON) + gzipped(b"") * 100, 400),
        ("deflate", zlib.compress(JSON[:30]) + zlib.compress(JSON[30:]), 400),
        ("gzip", JSON, 400),
        ("deflate", b"", 400),
        ("br", JSON, 415),
        ("gzip, gzip", gzipped(gzipped(JSON)), 415),
    ],
)
def test_a_compressed_body_has_the_same_limit(encoding: str, content: bytes, status: int) -> None:
    """What it grows to counts; one that is damaged or of another encoding is not guessed at."""
    answer = Api().request("POST", content=content, headers={"content-encoding": encoding})
    assert (answer.status_code, answer.json()["code"]) == (status, 100)


@pytest.mark.parametrize("path", [PATH, "/v1/vn/list", "/healthz"])
def test_a_trailing_slash_is_the_same_path(path: str) -> None:
    api, query = Api(), {"apiKey": KEY.reveal(), "number": NUMBER.value}
    plain, slashed = (api.request("GET", each, params=query) for each in (path, f"{path}/"))
    assert (slashed.status_code, slashed.content) == (200, plain.content)
    assert api.request("GET", f"{path}//", params=query).json()["code"] == 404


@pytest.mark.parametrize("path", [PATH, "/v1/vn/list", "/healthz", "/readyz", "/nowhere"])
def test_head_is_get_without_the_content(path: str) -> None:
    """RFC 9110 §9.3.2, the status and the length included."""
    api, query = Api(), {"apiKey": KEY.reveal(), "number": NUMBER.value}
    head, get = (api.request(method, path, params=query) for method in ("HEAD", "GET"))
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_is_only_read(path: str) -> None:
    answer = Api().request("POST", path, content=b"x")
    assert (answer.status_code, answer.json()["code"], answer.headers["allow"]) == (405, 105, "GET, HEAD")


UNFIT = ["\x00", "a\x00b", "\ud800", "\udfff\ud800", "\u202e", "\x7f", "\n", "a" * 60_000]


@pytest.mark.parametrize("unfit", UNFIT, ids=range(len(UNFIT)))
@pytest.mark.parametrize("field", ["apiKey", "number", "type", "param", "name", "lang", "_format", "other"])
def test_unfit_text_is_refused_in_every_field(field: str, unfit: str) -> None:
    """NUL, lone surrogates, controls: never an error of ours, and never in the store."""
    api = Api()
    for path, kind in ((PATH, 1), (PATH, 2), ("/v1/vn/name", 0)):
        fields = body({"type": kind, "name": "desk", "param": "a@example.com" if kind == 2 else "+33644630001"})
        answer = api.request("POST", path, content=json.dumps(fields | {field: unfit}).encode())
        assert answer.status_code < 500
    record = api.read(lambda reader: reader.number(NUMBER))
    assert record.label in ("", "desk", "a")
    assert record.rule.param in (None, "", "a@example.com", "+33644630001")


def streamed(*chunks: bytes, limits: Limits | None = None, pause: bool = False, whole: bool = False) -> tuple[int, int]:
    """Send a body in chunks without Content-Length; return HTTP status and code.

    `pause` never sends the end, `whole` sends it with the one chunk.
    """
    api = Api(limits=limits or Limits())
    answer = bytearray()
    status = 0

    async def send_all() -> None:
        waiting = [{"type": "http.request", "body": chunk, "more_body": not whole} for chunk in chunks]

        async def receive() -> Any:
            if waiting:
                return waiting.pop(0)
            if pause:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            answer.extend(message.get("body", b""))

        scope = {
            "type": "http", "method": "POST", "path": PATH, "query_string": b"", "headers": [], "client": ("::1", 1)
        }  # fmt: skip
        await api.app(scope, receive, send)

    asyncio.run(send_all())
    return status, json.loads(answer)["code"]


def test_a_streamed_body_is_read_and_limited() -> None:
    """The limit holds without Content-Length, and reading stops there."""
    assert streamed(JSON[:20], JSON[20:]) == (200, 3)
    assert streamed(*[b" " * 30000] * 3) == (413, 100)
    assert streamed(JSON.ljust(65536), whole=True) == (200, 3)
    assert streamed(JSON.ljust(65537), whole=True) == (413, 100)


def test_a_body_that_does_not_come_is_given_up() -> None:
    """A client that stops sending does not hold its request for ever."""
    assert streamed(JSON[:20], limits=Limits(body_timeout_s=0.01), pause=True) == (400, 100)
    assert streamed(limits=Limits(body_timeout_s=0.01), pause=True) == (400, 100)


CONTENT_TYPES = st.one_of(
    st.none(),
    st.sampled_from(
        [
            b"application/json", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=B",
            b"multipart/form-data", b'multipart/form-data; boundary="', b"application/json; charset*=x''y",
        ]
    ),
    st.binary(max_size=40).filter(lambda value: not set(value) & set(b"\r\n\x00")),
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
OBJECTS = st.fixed_dictionaries(
    {"apiKey": st.just(KEY.reveal())},
    optional=dict.fromkeys(("number", "type", "param", "lang", "_format"), VALUES),
).map(lambda fields: json.dumps(fields).encode())
BODIES = st.one_of(
    st.binary(max_size=300),
    OBJECTS,
    st.binary(max_size=100).map(lambda content: multipart(('name="number"', content), *FIELDS)),
    st.binary(max_size=100).map(lambda noise: FORM + b"&number=" + noise),
)


@settings(max_examples=300)
@given(content_type=CONTENT_TYPES, content=BODIES, query=st.binary(max_size=30))
def test_no_request_makes_the_server_fail(content_type: bytes | None, content: bytes, query: bytes) -> None:
    """Random bodies, content types and query strings are answered in the envelope, never with 5xx."""
    api = Api()
    headers = [] if content_type is None else [(b"content-type", content_type)]
    path = f"{PATH}?{quote_from_bytes(query, safe='&=')}"
    answer = api.request("POST", path, content=content, headers=headers)
    assert answer.status_code < 500
    if answer.headers["content-type"] == "application/json":
        assert list(answer.json()) == ["success", "code", "message"]
    else:
        assert [child.tag for child in ET.fromstring(answer.content)] == ["success", "code", "message"]


@settings(max_examples=100)
@given(VALUES, VALUES)
def test_a_request_that_differs_in_any_value_is_another_one(first: object, second: object) -> None:
    """An Idempotency-Key never gives the answer of a different request, whatever the values are."""
    api = Api()
    headers = {"idempotency-key": "k"}
    api.post({"param": first}, headers=headers)
    again = api.post({"param": second}, headers=headers).json()["code"]
    assert (again == 106) == (text_of(first) != text_of(second))
    if json.dumps(first) != json.dumps(second) and not {type(first), type(second)} <= {int, str, type(None)}:
        assert again == 106
