"""Why a call went where it did, for people."""

import pytest

from renvoi.domain.calls.call_record import Answered, CallEvent, CallKey, Decided, Failed, FellBack, apply, begin
from renvoi.domain.calls.reason_text import why

KEY = CallKey("c1", "t1", 1)
FORWARDED = Decided(KEY, 1000, "+331", "+332", "+332", 4, "forward", target="+333", diversions=("+332",))
WENT_ON = FellBack(KEY, 2000, "busy", target="+334", diversions=("+332",))


@pytest.mark.parametrize(
    ("events", "english", "french"),
    [
        ([], "forwarded to +333 on behalf of +332", "transféré vers +333 pour +332"),
        (
            [WENT_ON, Answered(KEY, 3000, 200)],
            "forwarded to +334 on behalf of +332, as the first number did not take it (busy)",
            "transféré vers +334 pour +332, le premier numéro ne l’ayant pas pris (busy)",
        ),
        (
            [WENT_ON, FellBack(KEY, 4000, "no-answer")],
            "forwarded to +334 on behalf of +332; not taken (busy), so it went to the voicemail",
            "transféré vers +334 pour +332 ; pas pris (busy), donc allé à la messagerie",
        ),
        (
            [Failed(KEY, 3000, 503, "edge", 34, reason="trunk-limit")],
            "forwarded to +333 on behalf of +332; ended with reason trunk-limit",
            "transféré vers +333 pour +332 ; terminé pour la raison trunk-limit",
        ),
    ],
)
def test_a_forwarded_call(events: list[CallEvent], english: str, french: str) -> None:
    record = begin(FORWARDED)
    for event in events:
        record = apply(record, event)
    assert (why(record), why(record, "fr")) == (english, french)
