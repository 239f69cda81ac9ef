"""`/v2/calls`: filters, CSV of any length, and one call with all that is kept of it."""

import csv
import io
from dataclasses import replace
from typing import Any

import httpx
import pytest

from renvoi.application import call_log
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.access.api_key import ApiKey, KeyRecord
from renvoi.domain.calls.call_csv import COLUMNS, cell, csv_line
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.calls.ladder import Ladder, Leg
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule, RuleType
from renvoi.http.v2.calls import wants_csv
from tests.support.http_api import FOREIGN_KEY, NUMBER, SECOND, START_MS, TARGET
from tests.support.v2_api import OPERATOR_KEY, V2Api, pointers, problem
from tests.support.v2_kept import CALL, CALLER

CSV = {"Accept": "text/csv"}
HIDDEN = replace(CALL, key=CallKey("hidden", "t", 1), withheld=True, setup_at_ms=START_MS + 1)
REFUSED = replace(
    CALL,
    key=CallKey("refused", "t", 1),
    number=SECOND.value,
    decision="reject",
    reason="anonymous",
    status=433,
    caller="=HYPERLINK(0)",
    setup_at_ms=START_MS + 2,
    answer_at_ms=None,
    ring_at_ms=None,
    end_at_ms=START_MS + 2,
    target=None,
    trunk=None,
    diversions=(),
)
HEADERS = (f"P-Asserted-Identity: <sip:{CALLER}@renvoi.example>", "Privacy: id")


def put(*records: CallRecord) -> Any:
    """Return the work of storing calls."""

    def work(writer: Writer) -> None:
        for record in records:
            writer.put_call(record)

    return work


@pytest.fixture
def api() -> V2Api:
    made = V2Api()
    made.write(put(CALL, HIDDEN, REFUSED))
    return made


def ids(response: httpx.Response) -> str:
    """Return the calls of a page."""
    assert response.status_code == 200, response.text
    return "".join(each["id"].removeprefix("call_") for each in response.json()["data"])


def test_a_list_is_filtered_and_goes_on_at_its_cursor(api: V2Api) -> None:
    assert ids(api.get("/v2/calls")) == "321"
    assert ids(api.get("/v2/calls", params={"number": SECOND.value})) == "3"
    assert ids(api.get("/v2/calls", params={"from": CALLER})) == "1"
    assert ids(api.get("/v2/calls", params={"from": "=HYPERLINK(0)"})) == "3"
    assert ids(api.get("/v2/calls?decision=reject")) == "3"
    assert ids(api.get("/v2/calls?status=200")) == "21"
    assert ids(api.get("/v2/calls?since=2026-01-01T00:00:00.001Z&until=2026-01-01T00:00:00.002Z")) == "2"
    first = api.get("/v2/calls?limit=2&status=200&decision=forward")
    assert (ids(first), first.json()["next_cursor"]) == ("21", None)
    first = api.get("/v2/calls?limit=2")
    assert ids(api.get(first.headers["link"].split(">")[0][1:])) == "1"
    assert first.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("status=99&decision=maybe", {"?status": "too_small", "?decision": "not_allowed"}),
        ("status=200.5&until=x", {"?status": "wrong_type", "?until": "bad_format"}),
        ("status=" + "9" * 5000, {"?status": "wrong_type"}),
        ("number=me&since=2026", {"?since": "bad_format"}),
    ],
)
@pytest.mark.parametrize("headers", [{}, CSV])
def test_wrong_filters_are_named(api: V2Api, query: str, wrong: dict[str, str], headers: dict[str, str]) -> None:
    found = pointers(problem(api.get(f"/v2/calls?{query}", headers=headers), 422, "fields_invalid"))
    assert wrong.items() <= found.items()


def test_who_does_not_want_to_be_known_is_not(api: V2Api) -> None:
    shown = api.get("/v2/calls/call_2").json()
    assert (shown["from"], shown["withheld"]) == (None, True)
    api.add_key(OPERATOR_KEY)
    assert api.get("/v2/calls/call_2", key=OPERATOR_KEY).json()["from"] == CALLER
    lines = list(csv.DictReader(io.StringIO(api.get("/v2/calls", headers=CSV).text)))
    assert [line["from"] for line in lines] == ["'=HYPERLINK(0)", "", CALLER]


def test_the_ladder_of_a_withheld_caller_has_no_headers(api: V2Api) -> None:
    leg = Leg("sip:198.51.100.7", f"sip:{TARGET}@carrier", START_MS + 5, "carrier", HEADERS, end="answered", status=200)
    api.write(lambda writer: writer.put_ladders({HIDDEN.key: Ladder((leg,)), CALL.key: Ladder((leg,))}))
    assert CALLER not in api.get("/v2/calls/call_2").text
    sent = api.get("/v2/calls/call_1").json()["ladder"][1]
    assert (sent["from"], sent["to"], sent["message"], sent["headers"]) == (
        "edge",
        "trunk carrier",
        "invite",
        list(HEADERS),
    )


def test_one_call_has_its_ladder_and_its_explanation(api: V2Api) -> None:
    entry = AuditEntry(START_MS - 9, NUMBER, 1, "0a0a0a0a0a0a", "192.0.2.1", Rule(), Rule(revision=3))
    entry = replace(entry, after=Rule(RuleType.FORWARD, E164(TARGET), revision=3))
    api.write(lambda writer: writer.add_audit(entry))
    found = api.get("/v2/calls/call_1", headers={"Accept-Language": "fr"})
    shown = found.json()
    assert shown["explanation"] == f"transféré vers {TARGET} pour {NUMBER}"
    assert found.headers["content-language"] == "fr"
    assert shown["rule"] == {"revision": 3, "set_at": "2025-12-31T23:59:59.991Z", "set_by": "key_0a0a0a0a0a0a"}
    assert [step["message"] for step in shown["ladder"]] == ["invite", "ringing", "answer", "bye"]
    assert shown["duration_s"] == 60.5
    assert api.get("/v2/calls/call_1", headers={"If-None-Match": found.headers["etag"]}).status_code == 200
    again = {"If-None-Match": found.headers["etag"], "Accept-Language": "fr"}
    assert api.get("/v2/calls/call_1", headers=again).status_code == 304


def test_what_is_out_of_reach_does_not_exist(api: V2Api) -> None:
    limited = ApiKey("0e0e0e0e0e0e", "l" * 43)
    record = KeyRecord(limited.id, 1, limited.hash(), "FR", numbers=frozenset({SECOND}))
    api.write(lambda writer: writer.add_key(record))
    assert ids(api.get("/v2/calls", key=limited)) == "3"
    assert ids(api.get("/v2/calls", params={"number": NUMBER.value}, key=limited)) == ""
    assert len(api.get("/v2/calls", headers=CSV, key=limited).text.splitlines()) == 2
    for key in (limited, FOREIGN_KEY):
        problem(api.get("/v2/calls/call_1", key=key), 404, "call_unknown")
    for name in ("call_0", "call_01", "call_-1", "call_" + "9" * 30, "1", "msg_1", "call_%00"):
        assert api.get(f"/v2/calls/{name}").status_code == 404


def test_csv_has_all_calls_of_many_pages(api: V2Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_log, "PIECE", 2)
    more = [replace(CALL, key=CallKey(f"c{n}", "t", 1), setup_at_ms=START_MS + 100 + n) for n in range(9)]
    api.write(put(*more))
    came = api.get("/v2/calls?limit=1&status=200", headers=CSV)
    assert came.headers["content-type"] == "text/csv; charset=utf-8"
    assert "content-length" not in came.headers
    lines = list(csv.DictReader(io.StringIO(came.text)))
    assert [line["sip_call_id"] for line in lines] == [*(f"c{n}" for n in range(8, -1, -1)), "hidden", CALL.key.call_id]
    assert tuple(lines[0]) == COLUMNS
    assert (lines[0]["withheld"], lines[0]["missed"], lines[0]["duration_s"]) == ("false", "", "60.5")
    head = api.send("HEAD", "/v2/calls", headers=CSV)
    assert (head.status_code, head.content) == (200, b"")


def test_csv_is_cut_off_when_the_store_goes(api: V2Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client must not take half of the calls for all of them: the answer has no end."""
    monkeypatch.setattr(call_log, "PIECE", 1)
    real, asked = call_log.list_calls, 0

    async def fail_at_the_second(*args: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked > 2:
            raise StoreUnavailable("away")
        return await real(*args)

    monkeypatch.setattr(call_log, "list_calls", fail_at_the_second)
    with pytest.raises(StoreUnavailable):
        api.get("/v2/calls", headers=CSV)
    asked = 2
    problem(api.get("/v2/calls", headers=CSV), 503, "unavailable")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, False),
        (b"text/csv", True),
        (b"text/csv;q=0.5, application/json", False),
        (b"text/csv, application/json;q=0.5", True),
        (b"*/*", False),
        (b"text/*, */*;q=0.1", True),
        (b"text/csv;q=0", False),
        (b"text/csv;q=x", False),
        (b"text/csv, */*", False),
        (b"\xff," * 1000, False),
    ],
)
def test_csv_is_sent_to_who_prefers_it(accept: bytes | None, expected: bool) -> None:
    assert wants_csv(accept) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-1", "'-1"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("+33140000001", "+33140000001"),
        (["+33140000001", "+33140000002"], "+33140000001 +33140000002"),
        ("+1234567890123456", "'+1234567890123456"),
        ("+٣٣", "'+٣٣"),
        ("anonymous", "anonymous"),
        (-1, "-1"),
        (True, "true"),
        (None, ""),
    ],
)
def test_a_cell_is_no_formula(value: object, expected: str) -> None:
    assert cell(value) == expected
    assert next(csv.reader(io.StringIO(csv_line([value])))) == [expected]


def test_reading_calls_needs_its_scope(api: V2Api) -> None:
    key = api.add_key(ApiKey("0c0c0c0c0c0c", "r" * 43), "messages:read")
    problem(api.get("/v2/calls", key=key), 403, "scope_missing")
