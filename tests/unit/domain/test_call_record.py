"""Call-IDs and tags as keys of records."""

import hashlib
from dataclasses import replace
from itertools import permutations

import pytest

from renvoi.domain.calls.call_record import (
    MAX_IDENTIFIER,
    Answered,
    CallEvent,
    CallKey,
    Decided,
    Failed,
    FellBack,
    HungUp,
    MessageLeft,
    Missed,
    apply,
    begin,
    identifier,
)

KEY = CallKey("c1", "t1", 1)
DECIDED = Decided(KEY, 1000, "+331", "+332", "+332", 4, "forward", target="+333", diversions=("+332",))


@pytest.mark.parametrize("raw", [b"", b"a84b4c76e66710@pc33.example", b"x" * MAX_IDENTIFIER, b"two words"])
def test_what_real_peers_send_is_kept(raw: bytes) -> None:
    assert identifier(raw) == raw.decode()


@pytest.mark.parametrize(
    "raw", [b"x" * (MAX_IDENTIFIER + 1), b"c" * 65_000, b"\xff\xe9", "é".encode(), b"a\x00b", b"a\r\nb", b"\\ud800\x7f"]
)
def test_anything_else_is_bounded_and_still_its_own(raw: bytes) -> None:
    made = identifier(raw)
    assert len(made) <= MAX_IDENTIFIER
    assert made.isascii()
    assert made.isprintable()
    assert made.endswith("~" + hashlib.sha256(raw).hexdigest())
    assert identifier(raw + b"x") != made
    assert identifier(made.encode()) == made


def test_a_refused_call_is_complete_at_once() -> None:
    record = begin(Decided(KEY, 1000, "+331", "+332", None, None, "reject", "unknown-number", status=404, cause=1))
    assert (record.status, record.cause, record.end_at_ms, record.hung_up_by) == (404, 1, 1000, "edge")


def test_a_call_that_is_decided_anew_is_what_the_later_decision_made_it() -> None:
    """An edge died between its decision and the answer; the INVITE came again and found another rule."""
    again = replace(DECIDED, at_ms=1500, revision=5, target="+334")
    for events in permutations((DECIDED, again, DECIDED)):
        record = begin(events[0])
        for event in events[1:]:
            record = apply(record, event)
        assert (record.target, record.revision, record.setup_at_ms) == ("+334", 5, 1500)
    answered = apply(begin(DECIDED), Answered(KEY, 1200, 200))
    assert apply(answered, again) == answered


def test_a_call_that_was_decided_without_the_store_is_marked() -> None:
    assert begin(replace(DECIDED, last_known=True)).last_known
    assert apply(begin(DECIDED), Answered(DECIDED.key, 2, 200, "out", fallback=True)).fallback
    assert not begin(DECIDED).last_known


def test_who_was_not_heard_is_known_at_the_end() -> None:
    answered = apply(begin(DECIDED), Answered(KEY, 2000, 200))
    ended = apply(answered, HungUp(KEY.call_id, KEY.from_tag, 3000, "caller", unheard="callee"))
    assert (answered.unheard, ended.unheard) == (None, "callee")


def test_a_call_that_a_trunk_sent_on_has_its_last_target_and_who_diverted_it() -> None:
    redirected = ("+33612345678", "+33612345679", "+33140000009")
    ends = (
        Answered(DECIDED.key, 2, 200, "out", redirected=redirected),
        Failed(DECIDED.key, 2, 486, "callee", redirected=redirected),
    )
    for end in ends:
        record = apply(apply(begin(DECIDED), end), end)
        assert record.target == "+33140000009"
        assert record.diversions == (*DECIDED.diversions, *redirected[:2])


def test_an_answered_call_from_ringing_to_bye() -> None:
    events: list[CallEvent] = [
        Answered(KEY, 3000, 200, "main", 2000),
        Answered(KEY, 3500, 202, "other"),
        HungUp("c1", "t1", 9000, "callee", 16),
    ]
    record = begin(DECIDED)
    for event in events:
        record = apply(record, event)
    assert (record.ring_at_ms, record.answer_at_ms, record.end_at_ms) == (2000, 3000, 9000)
    assert (record.status, record.cause, record.hung_up_by, record.trunk) == (200, 16, "callee", "main")
    for event in [DECIDED, *events]:
        assert apply(record, event) == record


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_a_call_that_fell_back_and_was_answered(order: tuple[int, int]) -> None:
    """The record says where it went first and why it did not stay there, whichever event is read first."""
    events: list[CallEvent] = [FellBack(KEY, 6000, "no-answer", "main", 2000), Answered(KEY, 6001, 200)]
    record = begin(DECIDED)
    for event in (*(events[each] for each in order), *events):
        record = apply(record, event)
    assert (record.decision, record.reason, record.target, record.trunk) == ("voicemail", "no-answer", "+333", "main")
    assert (record.ring_at_ms, record.answer_at_ms, record.status) == (2000, 6001, 200)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_call_that_went_on_to_a_second_number_and_then_to_the_voicemail(order: tuple[int, ...]) -> None:
    """Each step was written by another process, so they may be read in any order, and more than once."""
    events: list[CallEvent] = [
        FellBack(KEY, 3000, "busy", "first", 2000, "+334", ("+332", "+335"), ("a1", "n332")),
        FellBack(KEY, 6000, "no-answer", "second", 4000),
        Answered(KEY, 6001, 200),
    ]
    record = begin(DECIDED)
    for event in (*(events[each] for each in order), *events):
        record = apply(record, event)
    assert (record.decision, record.reason, record.target) == ("voicemail", "busy", "+334")
    assert (record.diversions, record.used, record.status) == (("+332", "+335"), ("a1", "n332"), 200)
    if order.index(0) < order.index(1):
        assert (record.trunk, record.ring_at_ms) == ("second", 4000)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_second_number_that_sends_the_call_on(order: tuple[int, ...]) -> None:
    events: list[CallEvent] = [
        FellBack(KEY, 3000, "busy", "first", None, "+334", ("+332",)),
        Answered(KEY, 6001, 200, "second", 5000, redirected=("+334", "+336")),
    ]
    record = begin(DECIDED)
    for event in (*(events[each] for each in order), *events):
        record = apply(record, event)
    assert (record.decision, record.reason, record.target, record.trunk) == ("forward", "busy", "+336", "second")
    assert (record.diversions, record.ring_at_ms) == (("+332", "+334"), 5000)


def test_a_call_that_fell_back_in_vain() -> None:
    record = apply(begin(DECIDED), FellBack(KEY, 6000, "busy", "main"))
    record = apply(record, Failed(KEY, 7000, 480, "edge", 41, reason="voicemail-absent"))
    assert (record.decision, record.reason, record.status, record.trunk) == (
        "voicemail",
        "voicemail-absent",
        480,
        "main",
    )


def test_the_first_final_answer_stands() -> None:
    record = apply(begin(DECIDED), Failed(KEY, 2000, 487, "caller"))
    assert apply(record, Answered(KEY, 2001, 200)) == record
    assert apply(record, Failed(KEY, 2001, 503, "callee")) == record


def test_a_bye_ends_only_an_answered_call() -> None:
    record = begin(DECIDED)
    assert apply(record, HungUp("c1", "t1", 2000, "caller")) == record


LEFT, MISSED = MessageLeft("c1", "t1", 6), Missed("c1", "t1", 5)


@pytest.mark.parametrize("order", [(LEFT, MISSED), (MISSED, LEFT), (MISSED, LEFT, MISSED)])
def test_a_message_that_one_worker_took_outweighs_another_one_that_took_none(order: tuple[CallEvent, ...]) -> None:
    record = begin(DECIDED)
    for event in order:
        record = apply(record, event)
    assert record.missed is False
    assert apply(begin(DECIDED), Missed("c1", "t1", 5)).missed is True
