"""The row of a number: its document of any version, its columns, and what becomes neither."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from renvoi.application.ports.errors import StoreRefused, StoreUnavailable
from renvoi.domain.messages.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.numbers.rule import Fallback, NumberRecord, Otherwise, Rule, RuleType
from renvoi.routing_document import (
    COLUMNS,
    RULE_COLUMNS,
    VERSION,
    NewerDocument,
    RowDamaged,
    decode,
    encode,
    number_record,
    rule_values,
)

NUMBER, TARGET, OTHER = E164("+33199001234"), E164("+33644630000"), E164("+33261910123")
OWNER, OFFICE = EmailAddress("é@example.org"), EmailAddress("office@example.com")
FORWARD = Rule(RuleType.FORWARD, TARGET, revision=7)

WRITTEN: dict[int, list[tuple[str, Rule]]] = {
    1: [
        ("{}", Rule()),
        ('{"revision":7,"action":"forward","to":[33644630000]}', FORWARD),
        (
            '{"revision":9,"action":"voicemail","emails":["é@example.org"],"ring_timeout_s":25,'
            '"on_no_answer":"voicemail","on_busy":"voicemail","fallback_emails":["office@example.com"]}',
            Rule(
                RuleType.VOICEMAIL,
                email=OWNER,
                revision=9,
                ring_timeout=timedelta(seconds=25),
                fallback=Fallback(Otherwise.VOICEMAIL, Otherwise.VOICEMAIL, OFFICE),
            ),
        ),
    ]
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


@pytest.mark.parametrize(("document", "rule"), [each for version in WRITTEN.values() for each in version])
def test_documents_of_all_versions_are_read(document: str, rule: Rule) -> None:
    assert decode(document) == rule


@pytest.mark.parametrize(("document", "rule"), WRITTEN[VERSION])
def test_this_version_writes_them_so(document: str, rule: Rule) -> None:
    assert encode(rule) == document


def test_a_rule_is_written_to_all_its_columns() -> None:
    assert tuple(rule_values(FORWARD)) == RULE_COLUMNS


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
    with pytest.raises(NewerDocument, match=r"the rule of \+33199001234 is a document of version 2, .* up to 1: inst"):
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


def test_the_version_is_not_older_than_what_columns_hold() -> None:
    """Version 1 falls back on columns. A later one must not, for they do not hold all of its rules."""
    assert VERSION == 1, "decide what an unreadable document of the new version means, then change this test"
