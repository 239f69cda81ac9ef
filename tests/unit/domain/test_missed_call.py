"""Which calls were missed, and why."""

from dataclasses import replace

import pytest

from renvoi.domain.calls.call_record import (
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
)
from renvoi.domain.calls.missed_call import WhyMissed, why_missed

KEY = CallKey("c1", "t1", 1)
FORWARDED = Decided(KEY, 1000, "+331", "+332", "+332", 4, "forward", target="+333")
RECORDED = replace(FORWARDED, decision="voicemail", target=None)
LEFT, HUNG_UP = MessageLeft("c1", "t1", 9000), HungUp("c1", "t1", 9000, "caller")
NONE_LEFT = Missed("c1", "t1", 9000)


def failed(status: int, by: str = "callee", cause: int | None = None) -> Failed:
    return Failed(KEY, 9000, status, by, cause)


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([FORWARDED], None),
        ([FORWARDED, Answered(KEY, 2000, 200)], None),
        ([FORWARDED, Answered(KEY, 2000, 200), HUNG_UP], None),
        ([FORWARDED, failed(487, "caller")], WhyMissed.HUNG_UP),
        ([FORWARDED, failed(486)], WhyMissed.BUSY),
        ([FORWARDED, failed(480, "edge", 19)], WhyMissed.NO_ANSWER),
        ([FORWARDED, failed(503, "edge", 38)], WhyMissed.UNREACHABLE),
        ([FORWARDED, FellBack(KEY, 2000, "busy", None, None, "+334"), failed(404)], WhyMissed.BUSY),
        ([FORWARDED, FellBack(KEY, 2000, "no-answer"), Answered(KEY, 3000, 200), HUNG_UP], None),
        ([FORWARDED, FellBack(KEY, 2000, "no-answer"), Answered(KEY, 3000, 200), LEFT, HUNG_UP], None),
        ([FORWARDED, FellBack(KEY, 2000, "no-answer"), Answered(KEY, 3000, 200), NONE_LEFT], WhyMissed.NO_MESSAGE),
        ([RECORDED, Answered(KEY, 3000, 200), NONE_LEFT, HUNG_UP], WhyMissed.NO_MESSAGE),
        ([RECORDED, failed(480, "edge", 41)], WhyMissed.UNREACHABLE),
    ],
)
def test_a_call_is_missed_when_nobody_took_it_and_it_left_no_message(
    events: list[CallEvent], why: WhyMissed | None
) -> None:
    first, *others = events
    assert isinstance(first, Decided)
    record = begin(first)
    for event in others:
        record = apply(record, event)
    assert why_missed(record) is why


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("closed", WhyMissed.CLOSED),
        ("limit-minutes", WhyMissed.LIMIT),
        ("destination-refused", WhyMissed.DESTINATION),
        *((each, None) for each in ("blocked", "anonymous", "disabled", "deactivated", "loop", "identity-invalid")),
    ],
)
def test_who_was_turned_away_is_told_of_to_nobody(reason: str, why: WhyMissed | None) -> None:
    record = begin(replace(FORWARDED, decision="reject", reason=reason, status=603))
    assert why_missed(record) is why
