"""Ladders of calls: what of a trunk's plan they show, and how they are bounded."""

from dataclasses import fields, replace

from renvoi.domain.calls.ladder import (
    FEW_LEGS,
    MAX_HEADER_LINE,
    MAX_HEADER_LINES,
    MAX_LEGS,
    SHORT,
    Ladder,
    Leg,
    shortened,
    shown_lines,
)
from renvoi.domain.trunks.branch_plan import BranchPlan
from renvoi.domain.trunks.caller_id import REMOVED, CallerHeaderLines

LEG = Leg("sip:192.0.2.1", "sip:x", 10, "main", ("A: b",), phrase="\u202e" * 200)


def test_the_ladder_of_a_call_shows_each_header_that_is_ours() -> None:
    lines = CallerHeaderLines('"A" <sip:+331@x>', "P-Asserted-Identity: <sip:+332@x>\r\n", REMOVED, "", "id")
    shown = BranchPlan(
        "out",
        "sip:x",
        1,
        "Diversion: <sip:+333@x>\r\n",
        "History-Info: <sip:+333@x>;index=1\r\n",
        "id",
        caller=lines,
        identity="Identity: abc.def.ghi;info=<https://cert.example>;ppt=div\r\n",
    ).shown_headers
    assert shown.split("\r\n") == [
        "Diversion: <sip:+333@x>",
        "History-Info: <sip:+333@x>;index=1",
        "Identity: …;info=<https://cert.example>;ppt=div",
        "Privacy: id",
        'From: "A" <sip:+331@x>',
        "P-Asserted-Identity: <sip:+332@x>",
        "P-Preferred-Identity:",
        "",
    ]
    assert BranchPlan("out", "sip:x", 1).shown_headers == ""


def test_what_a_plan_gets_besides_is_decided_to_be_shown_or_not() -> None:
    """A new field fails here: is it a header, which `shown_headers` has to have? Nothing secret may be there."""
    headers = {"diversion", "history_info", "identity", "privacy", "caller"}
    others = {"trunk", "request_uri", "ring_ms", "max_calls", "max_rate", "replaces_diversions", "fallback_on"}
    others |= {"unprobed", "relayed", "follows", "raises_cseq"}
    assert {field.name for field in fields(BranchPlan)} == headers | others


def test_header_lines_are_clean_and_bounded() -> None:
    lines = shown_lines(["X: " + "a" * 999, "Y: \x1b\r\n\u202e"] + ["Z: z"] * 99)
    assert lines[:2] == ("X: " + "a" * (MAX_HEADER_LINE - 3), "Y: ????".replace("?", "\N{REPLACEMENT CHARACTER}"))
    assert len(lines) == MAX_HEADER_LINES


def test_legs_of_an_attempt_before_are_left_out() -> None:
    legs = tuple(replace(LEG, sent_at_ms=at_ms) for at_ms in (9, 10, 11))
    assert Ladder(legs).since(10) == Ladder(legs[1:])
    assert Ladder(damaged=True).since(10).damaged


def test_legs_that_say_less_are_the_last_ones() -> None:
    legs = tuple(replace(LEG, sent_at_ms=at_ms) for at_ms in range(MAX_LEGS))
    few = shortened(legs)
    assert [leg.sent_at_ms for leg in few] == list(range(MAX_LEGS))[-FEW_LEGS:]
    assert {leg.headers for leg in few} == {()}
    assert {leg.phrase for leg in few} == {"\N{REPLACEMENT CHARACTER}" * SHORT}
