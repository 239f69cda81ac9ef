"""The steps of a call in words, in both languages."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from renvoi.domain.calls import reason_text as reasons
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.calls.ladder import Ladder, Leg
from renvoi.domain.calls.reason_text import reason_text
from renvoi.domain.calls.step_text import explained
from renvoi.domain.calls.steps import steps_of
from renvoi.domain.identity.verification import Fault
from renvoi.domain.routing.routing import Reason
from renvoi.domain.rules.rule import Unanswered
from renvoi.edge.router.sip_responses import GIVEN_UP, UNREADABLE

NUMBER, TARGET = "+33199001234", "+33644630000"
CALL = CallRecord(
    CallKey("c", "t", 1), "+33140000001", NUMBER, NUMBER, 3, "forward", None, TARGET, "spare", 0, status=200
)
TALKED = replace(CALL, answer_at_ms=5000, end_at_ms=65_000, hung_up_by="caller", cause=16)
MAIN = Leg("sip:192.0.2.1", f"sip:{TARGET}@a", 2, "main", ("A: b",), 1000, "answered", 2500, 503, "No circuit")
SPARE = replace(MAIN, trunk="spare", sent_at_ms=2501, rang_at_ms=None, end_at_ms=5000, status=200, phrase="OK")
WORKER = Leg("sip:127.0.0.1:5080", f"sip:{NUMBER}@127.0.0.1", 2502, end="answered", end_at_ms=2600, status=200)
FAILED = replace(CALL, end_at_ms=9000, hung_up_by="edge", status=480)
LATER = replace(SPARE, sent_at_ms=3000, end_at_ms=4000)


def told(record: CallRecord, *legs: Leg) -> list[tuple[str, str]]:
    """Return who speaks to whom and why, step by step, in English; French has other words for each."""
    steps = steps_of(record, Ladder(legs))
    english, french = (list(explained(record, steps, language)) for language in ("en", "fr"))
    for each, same in zip(english, french, strict=True):
        assert each.why != same.why
        assert "'" not in same.why + same.what, same
    return [(f"{each.sender} → {each.receiver}: {each.what}", each.why) for each in english]


def test_a_call_that_the_second_trunk_delivers() -> None:
    assert told(TALKED, MAIN, SPARE) == [
        (f"Caller → renvoi: INVITE {NUMBER}", "A call arrives from a carrier."),
        (f"renvoi → Trunk main: INVITE sip:{TARGET}@a", "The rule of the number forwards the call."),
        ("Trunk main → renvoi: ringing", "The phone at the other end rings."),
        ("Trunk main → renvoi: 503 No circuit", "The trunk cannot deliver the call."),
        (
            f"renvoi → Trunk spare: INVITE sip:{TARGET}@a",
            "The trunk cannot deliver the call: the next destination is tried.",
        ),
        ("Trunk spare → renvoi: 200 OK", "The call is answered."),
        ("renvoi → Caller: 200", "The caller is connected."),
        ("Caller → renvoi: BYE (cause 16)", "The caller hangs up."),
    ]


@pytest.mark.parametrize(
    ("legs", "why"),
    [
        ([WORKER], "The rule of the number sends the call to the voicemail."),
        ([replace(MAIN, status=486), WORKER], "The called side is busy: the call goes to the voicemail."),
        ([replace(MAIN, end="rang-out"), WORKER], "Nobody answered within the ring time of the rule: the call goes to"),
        ([replace(MAIN, end="silent"), LATER], "Nothing came from this address in time: the next destination is"),
        ([replace(MAIN, end="unsent"), LATER], "There was no way to send the call to this address: the next"),
        ([replace(MAIN, status=302), LATER], "The trunk redirects the call to another number: the next destination is"),
    ],
)
def test_why_a_call_goes_on(legs: Sequence[Leg], why: str) -> None:
    *_, last = (text for step, text in told(TALKED, *legs) if "INVITE" in step)
    assert last.startswith(why)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (200, "The call is answered."),
        (305, "The trunk redirects the call to another number."),
        (401, "The trunk asks for a login."),
        (403, "The call is refused there."),
        (404, "The called side cannot be reached there."),
        (408, "The trunk cannot deliver the call."),
        (480, "The called side cannot be reached there."),
        (486, "The called side is busy."),
        (487, "The call was cancelled before anybody answered."),
        (500, "The trunk cannot deliver the call."),
        (600, "The called side is busy."),
        (603, "The called side declines the call."),
        (606, "The call is refused there."),
        (777, "The trunk cannot deliver the call."),
    ],
)
def test_what_the_answer_of_a_trunk_means(status: int, why: str) -> None:
    assert (f"Trunk main → renvoi: {status} x", why) in told(FAILED, replace(MAIN, status=status, phrase="x"))


def test_what_the_answer_of_the_voicemail_means() -> None:
    assert told(TALKED, WORKER)[2][1] == "The voicemail answers and plays its greeting."
    assert told(TALKED, replace(WORKER, status=486))[2][1] == "The voicemail cannot take the call."


@pytest.mark.parametrize(
    ("record", "ends"),
    [
        (replace(FAILED, decision="reject", reason="loop"), ["The call is refused: it would come back to a number."]),
        (
            replace(FAILED, reason="trunk-limit"),
            ["Nobody took the call: every trunk had as many calls as it may have."],
        ),
        (FAILED, ["Nobody took the call."]),
        (
            replace(FAILED, status=487, hung_up_by="caller"),
            ["The caller hangs up before anybody answers.", "The caller ended the call itself."],
        ),
        (TALKED, ["The caller is connected.", "The caller hangs up."]),
        (replace(TALKED, hung_up_by="callee"), ["The caller is connected.", "The called side hangs up."]),
        (
            replace(TALKED, hung_up_by="edge", reason="no-bye"),
            ["renvoi closes the record: nobody ended the call within the longest time that one may last."],
        ),
        (replace(TALKED, hung_up_by="edge"), ["renvoi closes the record."]),
        (replace(CALL, status=None, ring_at_ms=1000), ["The caller hears ringing."]),
    ],
)
def test_how_a_call_ends(record: CallRecord, ends: list[str]) -> None:
    assert [why for _, why in told(record)][-len(ends) :] == ends


def test_who_hung_up_last_is_named() -> None:
    assert told(replace(TALKED, hung_up_by="callee"), WORKER)[-1] == (
        "Voicemail → renvoi: BYE (cause 16)",
        "The voicemail ends the call.",
    )
    assert told(replace(TALKED, hung_up_by="callee"))[-1][0] == "Called side → renvoi: BYE (cause 16)"


def test_every_reason_of_a_record_is_told_in_words() -> None:
    of_edge = [reason for _, reason in (*UNREADABLE.values(), *GIVEN_UP.values()) if reason is not None]
    of_router = ["trial-invalid", "call-id-in-use", "store-unavailable", "fault", "voicemail-absent"]
    for reason in (*Reason, *Unanswered, *of_edge, *of_router, "lost", "no-bye"):
        for language in ("en", "fr"):
            assert reason_text(str(reason), language) != str(reason)
            assert "'" not in reason_text(str(reason), language).replace("day's", "")
    assert set(reasons._TEXTS) == {*map(str, Unanswered), *of_edge, *of_router, "lost", "no-bye"}


def test_what_identity_lacks_is_told() -> None:
    text = reason_text(f"identity-{Fault.EXPIRED}", "fr")
    assert text == "l’identité de l’appelant n’était pas prouvée (certificate-expired)"


def test_a_reason_of_a_newer_program_stays_as_it_is() -> None:
    assert reason_text("bored", "fr") == "bored"
