"""`/calls`: the list with its filters and as CSV, and one call with its ladder."""

import csv
import io
import re
from dataclasses import replace
from html import unescape
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from renvoi.application import call_log
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.access.api_key import ApiKey, KeyRecord
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.calls.ladder import Ladder, Leg
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.numbers.number import E164, NO_REGION
from renvoi.domain.problem import invalid
from renvoi.domain.rules.rule import Rule
from renvoi.http.dashboard.calls import outcome_of
from renvoi.http.dashboard.visit import HEADERS
from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import FOREIGN, NUMBER, SECOND, START_MS, TARGET
from tests.support.v2_api import OPERATOR_KEY
from tests.support.v2_kept import CALL, CALLER

EVIL = '"><script>alert(1)</script>'
DAY_MS = 24 * 3600 * 1000
NARROW = ApiKey("0d0d0d0d0d0d", "n" * 43)
MAIN = Leg(
    "sip:192.0.2.1:5060",
    f"sip:{TARGET}@main.example",
    START_MS + 2,
    "main",
    (f"P-Asserted-Identity: <sip:{CALLER}@renvoi.example>",),
    START_MS + 1000,
    "answered",
    START_MS + 2500,
    503,
    "No circuit",
)
SPARE = replace(
    MAIN, trunk="spare", sent_at_ms=START_MS + 2501, rang_at_ms=None, end_at_ms=START_MS + 5000, status=200, phrase="OK"
)


def put(pages: Pages, *records: CallRecord, ladder: Ladder | None = None) -> None:
    """Store calls, the last one with a ladder."""

    def work(writer: Writer) -> None:
        for record in records:
            writer.put_call(record)
        if ladder is not None:
            writer.put_ladders({records[-1].key: ladder})

    pages.write(work)


def call(name: str, **changes: Any) -> CallRecord:
    """Return one more call."""
    return replace(CALL, key=CallKey(name, "t", 1), **changes)


@pytest.fixture
def pages() -> Pages:
    made = Pages()
    put(made, CALL, ladder=Ladder((MAIN, SPARE)))
    return made


def sign_in(pages: Pages, key: ApiKey, *scopes: str, account_id: int = 1, **limits: Any) -> None:
    """Go on with another key."""
    record = KeyRecord(key.id, account_id, key.hash(), "FR" if account_id else NO_REGION, scopes=scopes, **limits)
    pages.write(lambda writer: writer.add_key(record))
    pages.sign_in(key)


def shown(pages: Pages, query: str = "") -> list[str]:
    """Return the ids of the calls that the list shows."""
    answer = pages.visit(f"/calls{query}")
    assert answer.status_code == 200, text_of(answer)
    return re.findall(r'<a href="/calls/(call_\d+)">', answer.text)


@pytest.mark.parametrize(
    ("language", "row"),
    [
        ("en", "01:00:00 01 40 00 00 01 01 99 00 12 34 06 44 63 00 00 answered 1:00"),
        ("fr", "01:00:00 01 40 00 00 01 01 99 00 12 34 06 44 63 00 00 répondu 1:00"),
    ],
)
def test_a_call_is_a_row_in_the_readers_words(pages: Pages, language: str, row: str) -> None:
    answer = pages.visit("/calls", language=language)
    assert row in text_of(answer)
    assert 'data-live="call.completed call.missed"' in answer.text


FAILED = replace(CALL, answer_at_ms=None, status=480, hung_up_by="edge", cause=None, ring_at_ms=None)
MAILBOX = replace(CALL, decision="voicemail", target=None)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (CALL, ("good", "answered")),
        (replace(CALL, end_at_ms=None), ("good", "talking")),
        (replace(CALL, status=None, answer_at_ms=None, end_at_ms=None), ("info", "under_way")),
        (replace(MAILBOX, missed=False), ("info", "message")),
        (replace(MAILBOX, missed=None), ("info", "recording")),
        (replace(MAILBOX, missed=True), ("", "no_message")),
        (replace(FAILED, decision="reject", reason="loop"), ("warn", "refused")),
        (replace(FAILED, status=486), ("", "busy")),
        (replace(FAILED, cause=19), ("", "no_answer")),
        (replace(FAILED, hung_up_by="caller", status=487), ("", "hung_up")),
        (FAILED, ("bad", "unreachable")),
    ],
)
def test_what_came_of_a_call(pages: Pages, record: CallRecord, expected: tuple[str, str]) -> None:
    assert outcome_of(record) == expected
    put(pages, replace(record, key=CallKey("more", "t", 1)))
    for language in ("en", "fr"):
        assert pages.visit("/calls", language=language).status_code == 200
        assert pages.visit("/calls/call_2", language=language).status_code == 200


def test_a_refused_call_says_why_in_words(pages: Pages) -> None:
    put(pages, replace(FAILED, key=CallKey("r", "t", 1), decision="reject", reason="anonymous", status=433))
    assert "les appelants anonymes sont rejetés" in text_of(pages.visit("/calls", language="fr"))
    assert "The call is refused: anonymous callers are rejected." in text_of(pages.visit("/calls/call_2"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["call_3", "call_2", "call_1"]),
        ("?number=0199001234", ["call_3", "call_1"]),
        ("?number=%2B33199005555", []),
        ("?from=01%2040%2000%2000%2001", ["call_2", "call_1"]),
        ("?from=+447", []),
        ("?decision=reject", ["call_2"]),
        ("?status=480", ["call_2"]),
        ("?status=200&decision=reject", []),
        # The reader is an hour ahead of UTC: the first of January begins before the calls of midnight UTC.
        ("?since=2026-01-01&until=2026-01-01", ["call_2", "call_1"]),
        ("?since=2026-01-02", ["call_3"]),
        ("?until=2025-12-31", []),
    ],
)
def test_calls_are_found_in_the_list_and_as_csv(pages: Pages, query: str, expected: list[str]) -> None:
    put(
        pages,
        call("second", number=SECOND.value, decision="reject", reason="loop", status=480, setup_at_ms=START_MS + 1),
        call("later", caller="+33140000002", setup_at_ms=START_MS + DAY_MS),
    )
    assert shown(pages, query) == expected
    answer = pages.visit(f"/calls.csv{query}")
    assert answer.headers["content-disposition"] == 'attachment; filename="calls.csv"'
    assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["id"] for row in rows] == expected
    page = pages.visit(f"/calls{query}")
    link = re.search(r'href="(/calls\.csv[^"]*)"', page.text)
    assert link is not None
    assert pages.visit(unescape(link[1])).text == answer.text
    if not expected:
        assert "No call matches" in text_of(page)


@pytest.mark.parametrize("path", ["/calls", "/calls.csv"])
@pytest.mark.parametrize(
    "query",
    [
        "number=bad%3Cscript%3E",
        "since=yesterday",
        "until=9999-12-31",
        "since=2026-13-01",
        "status=99",
        "decision=zz",
        "since=2026-11-28&until=2026-11-27",
    ],
)
def test_what_is_no_filter_is_told(pages: Pages, path: str, query: str) -> None:
    answer = pages.visit(f"{path}?{query}", language="fr")
    assert answer.status_code == 422
    assert "<script>" not in answer.text
    assert 'aria-invalid="true"' in answer.text
    # Who followed a link to the file is on the page of the list.
    assert 'action="/calls"' in answer.text
    assert "content-disposition" not in answer.headers


@pytest.mark.parametrize(
    ("language", "said", "not_said"),
    [
        ("en", "The address cannot be read", "Go back in your browser"),
        ("fr", "L’adresse est illisible", "Revenez en arrière dans"),
    ],
)
def test_where_no_form_was_sent_none_is_named(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, language: str, said: str, not_said: str
) -> None:
    def refuse(*_: object) -> None:
        raise invalid(FieldError("?since", FieldCode.BAD_CHARACTER))

    monkeypatch.setattr(call_log, "list_calls", refuse)
    answer = pages.visit("/calls", language=language)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not_said not in text_of(answer)


def test_pages_go_on_where_the_one_before_ended(pages: Pages) -> None:
    put(pages, *(call(f"c{index}", setup_at_ms=START_MS + index) for index in range(1, 61)))
    first = pages.visit("/calls?decision=forward")
    found = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert found is not None
    query = unescape(found[1]).removeprefix("/calls")
    assert "decision=forward" in query
    both = shown(pages, "?decision=forward") + shown(pages, query)
    assert both == [*(f"call_{index}" for index in range(61, 1, -1)), "call_1"]
    assert len(first.content) < 100_000
    assert pages.visit("/calls?cursor=x").status_code == 400


@pytest.mark.parametrize(("language", "said"), [("en", "No calls yet"), ("fr", "Aucun appel pour l’instant")])
def test_a_page_without_calls_says_what_to_do(language: str, said: str) -> None:
    answer = Pages().visit("/calls", language=language)
    assert said in text_of(answer)
    assert 'href="/numbers"' in answer.text


def test_a_call_is_told_as_a_picture_and_as_a_list(pages: Pages) -> None:
    rule = Rule.forward(E164(TARGET))
    change = AuditEntry(START_MS - 60_000, NUMBER, 1, None, "cli", Rule(), replace(rule, revision=3))
    pages.write(lambda writer: writer.add_audit(change))
    answer = pages.visit("/calls/call_1")
    text = text_of(answer)
    for said in (
        "Call from 01 40 00 00 01",
        "To 01 99 00 12 34",
        "Forwarded to 06 44 63 00 00 on behalf of 01 99 00 12 34.",
        "503 No circuit 2.500 s · Trunk main → renvoi The trunk cannot deliver the call.",
        "The trunk cannot deliver the call: the next destination is tried.",
        "Headers that renvoi set P-Asserted-Identity",
        "revision 3 00:59 · the operator",
        "Rang for 0:04",
        "the caller (cause 16)",
        "Call-ID a84b4c76e66710@198.51.100.7",
    ):
        assert said in text, said
    assert 'role="img" aria-labelledby="ladder-title ladder-description"' in answer.text
    assert answer.text.count('<text class="say"') == answer.text.count("<li class=") + answer.text.count("<li>") == 8
    french = text_of(pages.visit("/calls/call_1", language="fr"))
    assert "Le trunk ne peut pas acheminer l’appel : la destination suivante est essayée." in french
    assert "Transféré vers 06 44 63 00 00 pour 01 99 00 12 34." in french


def test_a_ladder_is_saved_as_a_picture_and_as_text(pages: Pages) -> None:
    picture = pages.visit("/calls/call_1/ladder.svg", language="fr")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.headers["content-disposition"] == 'attachment; filename="call_1.svg"'
    assert fromstring(picture.content).tag == "{http://www.w3.org/2000/svg}svg"
    text = pages.visit("/calls/call_1/ladder.txt")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.text.splitlines()[:6] == [
        f"{CALLER} → {NUMBER}  2026-01-01 00:00:00 UTC",
        "Call-ID a84b4c76e66710@198.51.100.7",
        "",
        f"     0.000 s  Caller → renvoi  INVITE sip:{NUMBER}@renvoi.example",
        "              A call arrives from a carrier.",
        f"     0.002 s  renvoi → Trunk main  INVITE sip:{TARGET}@main.example",
    ]
    # The page has the same, for whoever copies it.
    copied = re.search(r'id="ladder-text"[^>]*>([^<]*)<', pages.visit("/calls/call_1").text)
    assert copied is not None
    assert unescape(copied[1]) == text.text


@pytest.mark.parametrize(
    ("record", "ladder", "said"),
    [
        (CALL, None, "Where the call was sent is not kept, or not any more."),
        (replace(CALL, status=None, answer_at_ms=None), None, "comes with its final answer"),
        (CALL, Ladder(damaged=True), "is kept, but cannot be read"),
    ],
)
def test_a_ladder_that_is_missing_is_told(record: CallRecord, ladder: Ladder | None, said: str) -> None:
    pages = Pages()
    put(pages, record, ladder=ladder)
    assert said in text_of(pages.visit("/calls/call_1"))


def test_whatever_strangers_wrote_is_text(pages: Pages) -> None:
    leg = replace(MAIN, phrase=EVIL, headers=(EVIL,), request_uri=EVIL, trunk=EVIL, destination=EVIL)
    evil = call(EVIL, caller=EVIL, called=EVIL, trunk=EVIL, reason=EVIL, diversions=(EVIL,))
    put(pages, evil, ladder=Ladder((leg,)))
    for path in ("/calls", "/calls/call_2", "/calls/call_2/ladder.svg"):
        answer = pages.visit(path)
        assert answer.status_code == 200
        assert "<script>" not in answer.text
        assert "&lt;script&gt;" in answer.text


def test_a_withheld_caller_is_hidden_from_the_called_side(pages: Pages) -> None:
    put(pages, call("hidden", withheld=True), ladder=Ladder((MAIN,)))
    for path in ("/calls", "/calls.csv", "/calls/call_2", "/calls/call_2/ladder.txt", "/calls/call_2/ladder.svg"):
        answer = pages.visit(path)
        assert answer.status_code == 200
        of_this = answer.text.split("call_1,")[0] if path.endswith("csv") else answer.text
        if path == "/calls":
            assert "Withheld number" in text_of(answer)
            continue
        assert CALLER not in of_this, path
        assert "P-Asserted-Identity" not in of_this, path
    sign_in(pages, OPERATOR_KEY, account_id=0)
    assert CALLER in pages.visit("/calls/call_2/ladder.txt").text
    assert "192.0.2.1:5060" in pages.visit("/calls/call_2").text


def test_where_trunks_are_is_for_operators(pages: Pages) -> None:
    for path in ("/calls/call_1", "/calls/call_1/ladder.txt", "/calls/call_1/ladder.svg"):
        assert "192.0.2.1" not in pages.visit(path).text


@pytest.mark.parametrize("call_id", ["call_2", "call_99", "1", "msg_1", "call_x", "call_" + "9" * 40])
def test_what_is_out_of_reach_is_not_there(pages: Pages, call_id: str) -> None:
    put(pages, call("theirs", number=FOREIGN.value))
    for path in (f"/calls/{call_id}", f"/calls/{call_id}/ladder.svg", f"/calls/{call_id}/ladder.txt"):
        assert pages.visit(path).status_code == 404
    assert shown(pages) == ["call_1"]


def test_who_may_not_read_calls_sees_none(pages: Pages) -> None:
    sign_in(pages, NARROW, "messages:read")
    for path in ("/calls", "/calls.csv", "/calls/call_1", "/calls/call_1/ladder.svg", "/calls/call_1/ladder.txt"):
        answer = pages.visit(path)
        assert answer.status_code == 403
        assert "calls:read" in text_of(answer)


def test_a_key_of_some_numbers_sees_their_calls_alone(pages: Pages) -> None:
    put(pages, call("second", number=SECOND.value))
    sign_in(pages, NARROW, "calls:read", numbers=frozenset({SECOND}))
    assert shown(pages) == ["call_2"]
    assert pages.visit("/calls/call_1").status_code == 404
    # Where it may not go, no link leads.
    assert 'href="/numbers/' not in pages.visit("/calls/call_2").text
