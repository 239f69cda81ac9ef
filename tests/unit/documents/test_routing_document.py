"""The row of a number: its document of any version, its columns, and what becomes neither."""

import logging
from datetime import date, timedelta
from typing import Any

import pytest

from renvoi.application.ports.errors import StoreRefused, StoreUnavailable
from renvoi.documents.number_row import COLUMNS, WRITTEN_COLUMNS, RowDamaged, listed_number, number_record, rule_values
from renvoi.documents.routing_document import VERSION, NewerDocument, decode, decode_with_version, encode, version_of
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.callers import Anonymous, Blocked, Callers
from renvoi.domain.rules.rule import (
    TO_VOICEMAIL,
    Fallback,
    Fallbacks,
    NumberRecord,
    Otherwise,
    Rule,
    RuleType,
    Unreadable,
)
from renvoi.domain.rules.schedule import Closed, ClosedAction, Day, ExceptionalPeriod, Hours, Period, Schedule
from tests.support.rules import fallbacks

NUMBER, TARGET, OTHER = E164("+33199001234"), E164("+33644630000"), E164("+33261910123")
OWNER, OFFICE = EmailAddress("é@example.org"), EmailAddress("office@example.com")
FORWARD = Rule(RuleType.FORWARD, TARGET, revision=7)

WRITTEN: dict[int, list[tuple[str, Rule]]] = {
    1: [
        ("{}", Rule()),
        ('{"revision":7,"action":"forward","to":[33644630000]}', FORWARD),
        (
            '{"revision":9,"action":"voicemail","emails":["é@example.org"],"ring_timeout_s":25,'
            '"on_no_answer":"voicemail","on_busy":"voicemail","fallback_emails":["é@example.org"]}',
            Rule(
                RuleType.VOICEMAIL,
                emails=(OWNER,),
                revision=9,
                ring_timeout=timedelta(seconds=25),
                fallbacks=fallbacks(Otherwise.VOICEMAIL, Otherwise.VOICEMAIL),
            ),
        ),
        (
            '{"revision":3,"on_busy":"voicemail","fallback_emails":["office@example.com"],"kept_to":[33644630000]}',
            Rule(
                target=TARGET, emails=(OFFICE,), revision=3, fallbacks=fallbacks(Otherwise.RELEASE, Otherwise.VOICEMAIL)
            ),
        ),
    ],
    2: [
        (
            '{"revision":8,"action":"forward","to":[33644630000],"emails":["é@example.org","office@example.com"],'
            '"missed_call_mail":true,"ring_timeout_s":25,"on_no_answer":{"action":"voicemail"},'
            '"on_busy":{"action":"forward","to":[33261910123],"then":"voicemail"},'
            '"schedule":{"time_zone":"Europe/Paris","open":[{"days":["mon","sun"],"from":"09:00","to":"18:00"}],'
            '"holidays":"FR-57","holiday_dates":["2026-12-25"],"holidays_until":"2027-12-31",'
            '"exceptions":[{"from":"2026-12-24","to":"2026-12-26"},'
            '{"from":"2026-12-31","to":"2026-12-31","open":[{"from":"10:00","to":"12:00"}]}],'
            '"closed":{"action":"voicemail"}},'
            '"callers":{"anonymous":"reject","block":["+33162*"],"allow":["+33162000000"],"blocked":"voicemail"}}',
            Rule(
                RuleType.FORWARD,
                TARGET,
                (OWNER, OFFICE),
                8,
                timedelta(seconds=25),
                Fallbacks(TO_VOICEMAIL, Fallback(Otherwise.FORWARD, OTHER, Otherwise.VOICEMAIL)),
                missed_call_mail=True,
                schedule=Schedule(
                    "Europe/Paris",
                    (Period((Day.MON, Day.SUN), 540, 1080),),
                    "FR-57",
                    (date(2026, 12, 25),),
                    date(2027, 12, 31),
                    (
                        ExceptionalPeriod(date(2026, 12, 24), date(2026, 12, 26)),
                        ExceptionalPeriod(date(2026, 12, 31), date(2026, 12, 31), (Hours(600, 720),)),
                    ),
                    Closed(ClosedAction.VOICEMAIL),
                ),
                callers=Callers(Anonymous.REJECT, ("+33162*",), ("+33162000000",), Blocked.VOICEMAIL),
            ),
        ),
        (
            '{"revision":1,"on_unreachable":{"action":"forward","to":[33261910123]}}',
            Rule(revision=1, fallbacks=Fallbacks(unreachable=Fallback(Otherwise.FORWARD, OTHER))),
        ),
    ],
}
"""Documents as each version wrote them: they stay as they are, whatever later versions write."""


def row_of(rule: Rule, **changed: Any) -> list[Any]:
    """Return a row with this rule, in which some columns say something else."""
    values = {
        "account_id": 1,
        "label": "desk",
        "active": 1,
        "forwarding_enabled": 0,
        "updated_at_ms": 5,
        **rule_values(rule),
        **changed,
    }
    return [values[name] for name in COLUMNS]


def record_with(rule: Rule) -> NumberRecord:
    """Return the record that `row_of` is the row of."""
    return NumberRecord(NUMBER, 1, rule, forwarding_enabled=False, label="desk", updated_at_ms=5)


def test_each_version_has_documents_here() -> None:
    assert sorted(WRITTEN) == list(range(1, VERSION + 1))


ALL = [(version, *each) for version, documents in WRITTEN.items() for each in documents]


@pytest.mark.parametrize(("version", "document", "rule"), ALL)
def test_documents_of_all_versions_are_read(version: int, document: str, rule: Rule) -> None:
    assert decode(document, version) == rule
    assert decode_with_version(f"{version} {document}") == rule


@pytest.mark.parametrize(("version", "document", "rule"), ALL)
def test_this_version_writes_them_so(version: int, document: str, rule: Rule) -> None:
    """In the lowest version that says all of it."""
    assert (version_of(rule), encode(rule)) == (version, document)


def test_of_two_addresses_of_version_1_the_messages_of_voicemail_have_theirs() -> None:
    document = (
        '{"revision":9,"action":"voicemail","emails":["é@example.org"],'
        '"on_busy":"voicemail","fallback_emails":["office@example.com"]}'
    )
    assert decode(document, 1).emails == (OWNER,)


def test_a_rule_is_written_to_all_its_columns() -> None:
    assert tuple(rule_values(FORWARD)) == WRITTEN_COLUMNS


def test_the_document_decides() -> None:
    assert number_record(NUMBER, row_of(FORWARD, target=OTHER.digits)) == record_with(FORWARD)


def test_what_an_older_program_wrote_since_decides() -> None:
    """It knows the columns alone, and that each change raises the revision."""
    row = row_of(FORWARD, revision=8, target=OTHER.digits)
    assert number_record(NUMBER, row) == record_with(Rule(RuleType.FORWARD, OTHER, revision=8))
    assert number_record(NUMBER, row_of(FORWARD, routing_version=None, routing=None)) == record_with(FORWARD)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "null",
        "[]",
        '{"revision":7,"action":"forward","to":[33261910123]',
        '{"revision":7,"action":"forward"}',
        '{"revision":7,"action":"forward","to":[]}',
        '{"revision":7,"action":"forward","to":[33261910123,33261910124]}',
        '{"revision":7,"action":"forward","to":["33261910123"]}',
        '{"revision":7,"action":"forward","to":[-33261910123]}',
        '{"revision":7,"action":"forward","to":[33261910123000000]}',
        '{"revision":7,"action":"dance"}',
        '{"revision":7,"action":"voicemail","emails":[""]}',
        '{"revision":7,"action":"voicemail","emails":["a@example.org\\r\\nBcc: b@example.org"]}',
        '{"revision":7,"action":"voicemail","emails":["a\\n@example.org"]}',
        '{"revision":7,"action":"voicemail","emails":["a@example.org\\n"]}',
        '{"revision":7,"action":"voicemail","emails":["a\\u2028@example.org"]}',
        '{"revision":7,"action":"voicemail","emails":["a\\u0000@example.org"]}',
        '{"revision":7,"action":"voicemail","emails":["nobody"]}',
        '{"revision":7,"action":"forward","to":[33261910123],"on_busy":"voicemail","fallback_emails":["a\\r@example.org"]}',
        '{"revision":7,"action":"voicemail","to":[33261910123]}',
        '{"revision":7,"action":"forward","to":[33261910123],"ring_timeout_s":1}',
        '{"revision":7,"action":"forward","to":[33261910123],"ring_timeout_s":1e300}',
        '{"revision":7,"action":"forward","to":[33261910123],"ring_timeout_s":99999999999999}',
        '{"revision":7,"action":"voicemail","emails":["\udcff@example.org"]}',
        '{"revision":7,"action":"forward","to":[33261910123],"on_busy":"voicemail"}',
        '{"revision":7,"action":"forward","to":[33261910123],"schedule":{}}',
        '{"revision":"7","action":"forward","to":[33261910123]}',
        "[" * 100_000,
        f'{{"revision":7,"action":"{"x" * 100_000}"}}',
        b'{"revision":7,"action":"forward","to":[33261910123],"emails":["\xff"]}',
        7,
        None,
    ],
)
def test_a_document_that_cannot_be_read_leaves_the_columns_and_a_log_line(
    document: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "renvoi"):
        assert number_record(NUMBER, row_of(FORWARD, routing=document)) == record_with(FORWARD)
    (line,) = caplog.messages
    assert line.startswith("the routing document of +33199001234 cannot be read, its columns are used: ")
    assert len(line) < 500


@pytest.mark.parametrize("document", ["", '{"revision":7,"action":"forward","to":[33261910123]}', None])
@pytest.mark.parametrize("revision", [7, 8])
def test_a_newer_document_is_neither_guessed_nor_passed_over(document: str | None, revision: int) -> None:
    """Also when an older program has written the columns since: it did not know what it was changing."""
    row = row_of(FORWARD, routing_version=VERSION + 1, routing=document, revision=revision)
    with pytest.raises(NewerDocument, match=r"the rule of \+33199001234 is a document of version 3, .* up to 2: inst"):
        number_record(NUMBER, row)


@pytest.mark.parametrize(
    "damage",
    [
        {"rule_type": 9},
        {"target": None},
        {"no_answer": "dance"},
        {"busy": b"\xff"},
        {"ring_timeout_s": 10**14},
        {"ring_timeout_s": "long"},
        {"rule_type": 2, "target": None, "email": b"a@example.org"},
        {"rule_type": 2, "target": None, "email": "\udcff@example.org"},
        {"rule_type": 2, "target": None, "email": "a@example.org\r\nBcc: b@example.org"},
        {"busy": "voicemail", "fallback_email": "a\n@example.org"},
        {"busy": "voicemail", "fallback_email": "@example.org"},
        {"routing_version": "one"},
        {"no_answer": "x" * 100_000},
    ],
)
def test_a_row_that_holds_no_rule_is_refused_as_such(damage: dict[str, Any]) -> None:
    row = row_of(FORWARD, **({"routing": None} | damage))
    with pytest.raises(RowDamaged, match=r"the row of \+33199001234 does not hold a rule: ") as caught:
        number_record(NUMBER, row)
    assert len(str(caught.value)) < 500


def test_who_asks_for_a_newer_rule_is_told_to_come_back() -> None:
    """Another node may be able to answer: so it is an error as when the store is away."""
    assert issubclass(NewerDocument, StoreUnavailable)


def test_what_no_store_can_hold_is_refused() -> None:
    with pytest.raises(StoreRefused):
        encode(Rule.voicemail(EmailAddress("\ud800@example.org")))


@pytest.mark.parametrize(
    "document", ["", "{", '{"revision":7,"dance":1}', '{"revision":7,"on_busy":"voicemail"}', None]
)
def test_an_unreadable_document_of_version_2_does_not_fall_back_on_columns(document: str | None) -> None:
    """They do not hold all of its rules: a closed number must not ring, nor a blocked caller come through."""
    with pytest.raises(RowDamaged, match="does not hold a rule"):
        number_record(NUMBER, row_of(FORWARD, routing_version=2, routing=document))


@pytest.mark.parametrize("value", ["abc", b"abc", 1.5, None])
def test_a_revision_of_another_type_hides_no_other_numbers(value: object) -> None:
    """SQLite keeps whatever is written."""
    row = row_of(FORWARD, revision=value)
    with pytest.raises(RowDamaged, match=r"does not hold a rule: revision .* is not a whole number"):
        number_record(NUMBER, row)
    found = listed_number(NUMBER, row)
    assert (found.unreadable, found.rule) == (Unreadable.DAMAGED, Rule())


@pytest.mark.parametrize(("column", "shown"), [("label", ""), ("updated_at_ms", None)])
def test_what_no_call_needs_stops_none_and_hides_no_others(column: str, shown: object) -> None:
    row = row_of(FORWARD, **{column: b"abc"})
    for read in (number_record, listed_number):
        found = read(NUMBER, row)
        assert found.rule == FORWARD
        assert getattr(found, column) == shown
