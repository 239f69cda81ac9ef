"""`renvoi calls show`: a call's ladder, why it went that way, and what is told when there is little or nothing."""

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from operator import methodcaller
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from renvoi.adapters.sql import open_store
from renvoi.bootstrap import Renvoi
from renvoi.cli.app import app
from renvoi.domain.calls.call_record import CallKey, CallRecord, IdentityResult, identifier
from renvoi.domain.calls.ladder import Ladder, Leg
from renvoi.domain.numbers.number import E164
from tests.unit.cli.conftest import Cli

NUMBER, TARGET = E164("+33199001234"), E164("+33140000009")
NOON = 1_780_315_200_000
"""2026-06-01T12:00:00Z."""
DIVERSION = f"Diversion: <sip:{NUMBER}@edge.example>;reason=unconditional;counter=1;privacy=off"
MAIN = Leg(
    "sip:192.0.2.1:5060;transport=tcp",
    "sip:+33140000009@main.example",
    NOON + 2,
    "main",
    (DIVERSION, "P-Preferred-Identity:"),
    NOON + 1000,
    "answered",
    NOON + 2500,
    503,
    "No circuit",
)
SPARE = Leg("sip:192.0.2.2:5060", "sip:0033140000009@spare.example", NOON + 2501, "spare", end="answered")
SPARE = replace(SPARE, status=200, phrase="OK", end_at_ms=NOON + 5000)
FORWARDED = CallRecord(
    CallKey("a84b4c76e66710@pc33.example", "t", 1),
    "+33612345678",
    NUMBER.value,
    NUMBER.value,
    1,
    "forward",
    None,
    TARGET.value,
    "spare",
    NOON,
    answer_at_ms=NOON + 5000,
    end_at_ms=NOON + 65_000,
    status=200,
    cause=16,
    hung_up_by="caller",
    diversions=("+33155500000", NUMBER.value),
)
WORKER = Leg(
    "sip:127.0.0.1:5080", f"sip:{NUMBER}@127.0.0.1:5080", NOON + 2502, end="answered", end_at_ms=NOON + 2600, status=200
)


def put(data: Path, calls: Mapping[CallRecord, Ladder | None]) -> None:
    """Store records and their ladders."""

    async def main() -> None:
        store = await open_store(f"sqlite:///{data}/renvoi.db")
        for call, ladder in calls.items():
            await store.write(methodcaller("put_call", call))
            if ladder is not None:
                await store.write(methodcaller("put_ladders", {call.key: ladder}))
        await store.close()

    asyncio.run(main())


def show(cli: Cli, call: CallRecord) -> list[str]:
    """Return the lines that are shown of a call, which fit on a screen."""
    ran = cli("calls", "show", call.key.call_id)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert all(line.isprintable() for line in lines)
    return lines


def as_json(cli: Cli, call: CallRecord) -> dict[str, Any]:
    """Return the one call that is printed as JSON."""
    (found,) = cli("calls", "show", call.key.call_id, "--json").json
    assert isinstance(found, dict)
    return found


def test_a_call_that_a_trunk_sent_on_to_another_number(acme: Cli, data: Path) -> None:
    """The record has the last target, and who redirected it among those that diverted it; the ladder has the 3xx."""
    moved = replace(MAIN, status=302, phrase="Moved Temporarily", rang_at_ms=None, end_at_ms=NOON + 20, headers=())
    taken = replace(SPARE, request_uri="sip:+33612340000@spare.example", sent_at_ms=NOON + 21)
    call = replace(FORWARDED, target="+33612340000", diversions=(NUMBER.value, TARGET.value))
    put(data, {call: Ladder((moved, taken))})
    lines = show(acme, call)
    steps = [line for line in lines if "INVITE" in line or "302" in line]
    assert steps[1:] == [
        "    0.002 s  edge -> trunk main  INVITE sip:+33140000009@main.example",
        "    0.020 s  trunk main -> edge  302 Moved Temporarily",
        "    0.021 s  edge -> trunk spare  INVITE sip:+33612340000@spare.example",
    ]
    assert "diverted by  +33199001234 +33140000009" in lines
    assert as_json(acme, call)["why"] == "forwarded to +33612340000 on behalf of +33199001234, +33140000009"


def test_a_forwarded_call_with_two_trunks(acme: Cli, data: Path) -> None:
    assert acme("forward", NUMBER.value, "--to", TARGET.value).code == 0
    put(data, {FORWARDED: Ladder((MAIN, SPARE))})
    lines = show(acme, FORWARDED)
    set_at = as_json(acme, FORWARDED)["rule_set_at"]
    assert lines == [
        "call         a84b4c76e66710@pc33.example",
        "             +33612345678 calls +33199001234, 2026-06-01T12:00:00.000Z",
        "",
        "    0.000 s  caller -> edge  INVITE +33199001234",
        "    0.002 s  edge -> trunk main  INVITE sip:+33140000009@main.example",
        "               to sip:192.0.2.1:5060;transport=tcp",
        "               Diversion: <sip:+33199001234@edge.example>;reason=unconditional;c",
        "                 ounter=1;privacy=off",
        "               P-Preferred-Identity:",
        "    1.000 s  trunk main -> edge  ringing",
        "    2.500 s  trunk main -> edge  503 No circuit",
        "    2.501 s  edge -> trunk spare  INVITE sip:0033140000009@spare.example",
        "               to sip:192.0.2.2:5060",
        "    5.000 s  trunk spare -> edge  200 OK",
        "    5.000 s  edge -> caller  200",
        "   65.000 s  caller -> edge  BYE (cause 16)",
        "",
        "why          forwarded to +33140000009 on behalf of +33199001234",
        f"rule         revision 1 of +33199001234, set {set_at} by the",
        "               command line",
        "diverted by  +33155500000 +33199001234",
        "decision     forward",
        "trunk        spare",
        "status       200",
        "cause        16",
        "hung_up_by   caller",
        "started_at   2026-06-01T12:00:00.000Z",
        "answered_at  2026-06-01T12:00:05.000Z",
        "ended_at     2026-06-01T12:01:05.000Z",
    ]
    row = as_json(acme, FORWARDED)
    assert row["why"] == "forwarded to +33140000009 on behalf of +33199001234"
    assert (row["rule_set_by"], row["note"]) == ("the command line", None)
    assert row["ladder"][0] == {
        "trunk": "main",
        "destination": "sip:192.0.2.1:5060;transport=tcp",
        "request_uri": "sip:+33140000009@main.example",
        "headers": [DIVERSION, "P-Preferred-Identity:"],
        "sent_at": "2026-06-01T12:00:00.002Z",
        "ringing_at": "2026-06-01T12:00:01.000Z",
        "end": "answered",
        "ended_at": "2026-06-01T12:00:02.500Z",
        "status": 503,
        "phrase": "No circuit",
    }


BUSY = replace(MAIN, status=486, phrase="Busy Here")
FELL_BACK = replace(
    FORWARDED,
    decision="voicemail",
    reason="busy",
    trunk="main",
    missed=False,
    answer_at_ms=NOON + 2600,
    hung_up_by="callee",
)
REFUSED = replace(
    FORWARDED, decision="reject", reason="loop", status=482, cause=25, hung_up_by="edge", answer_at_ms=None, target=None
)
REFUSED = replace(REFUSED, end_at_ms=NOON, trunk=None)


@pytest.mark.parametrize(
    ("call", "ladder", "expected"),
    [
        (
            FELL_BACK,
            Ladder((BUSY, WORKER)),
            [
                "    2.500 s  trunk main -> edge  486 Busy Here",
                "    2.502 s  edge -> voicemail  INVITE sip:+33199001234@127.0.0.1:5080",
                "   65.000 s  voicemail -> edge  BYE (cause 16)",
                "why          forwarded to +33140000009 on behalf of +33199001234; not taken",
                "               (busy), so it went to the voicemail; a message was taken",
            ],
        ),
        (
            replace(FELL_BACK, target=None, reason=None, missed=True, diversions=()),
            Ladder((WORKER,)),
            ["why          the voicemail of +33199001234; the voicemail took no message"],
        ),
        (
            REFUSED,
            None,
            ["    0.000 s  edge -> caller  482 (cause 25)", "why          refused: loop", "cause        25"],
        ),
        (
            replace(REFUSED, number=None, revision=None, diversions=(), called="sos", reason="unknown-number"),
            None,
            ["    0.000 s  caller -> edge  INVITE sos", "why          refused: unknown-number"],
        ),
        (
            replace(FORWARDED, answer_at_ms=None, end_at_ms=NOON + 9000, status=487, cause=None),
            Ladder((replace(SPARE, status=487, phrase="Terminated", end_at_ms=NOON + 8999),)),
            [
                "    8.999 s  trunk spare -> edge  487 Terminated",
                "    9.000 s  caller -> edge  gives up",
                "    9.000 s  edge -> caller  487",
            ],
        ),
        (
            replace(FORWARDED, answer_at_ms=None, status=480, cause=19, hung_up_by="edge", reason="ring-timeout"),
            Ladder(
                (
                    replace(MAIN, end="unsent", status=None, phrase=""),
                    replace(MAIN, end="silent", status=None, phrase=""),
                    replace(MAIN, end="rang-out", status=None, phrase=""),
                    replace(MAIN, end=None, end_at_ms=None, status=None, phrase=""),
                )
            ),
            [
                "    2.500 s  edge -> trunk main  nothing: it could not be sent",
                "    2.500 s  edge -> trunk main  no answer came in time",
                "    2.500 s  edge -> trunk main  CANCEL, as nobody answered in time",
                "   65.000 s  edge -> caller  480 (cause 19)",
                "               reason ring-timeout",
            ],
        ),
        (
            replace(FORWARDED, withheld=True, last_known=True, ring_at_ms=NOON + 1),
            None,
            [
                "             +33612345678 (withheld) calls +33199001234,",
                "    0.001 s  edge -> caller  ringing",
                "             read before the call, as the store was away",
                "note         where it was sent is not kept (any more):",
            ],
        ),
        (
            replace(FORWARDED, status=None, answer_at_ms=None, end_at_ms=None, trunk=None),
            None,
            ["note         where it is sent comes with its final answer"],
        ),
        (
            replace(FORWARDED, reason="no-bye", hung_up_by="edge", cause=None),
            Ladder((MAIN, SPARE)),
            ["   65.000 s  edge -> edge  the record is closed"],
        ),
    ],
)
def test_how_other_calls_went(
    acme: Cli, data: Path, call: CallRecord, ladder: Ladder | None, expected: list[str]
) -> None:
    put(data, {call: ladder})
    lines = show(acme, call)
    assert [line for line in lines if line.rstrip() in expected] == expected, lines


def test_what_signed_identity_has_proven_is_shown(acme: Cli, data: Path) -> None:
    proven = IdentityResult("TN-Validation-Failed", (438,), ("the signature is wrong",), "", ("+331", "+332"))
    put(data, {replace(FORWARDED, identity=proven): None})
    text = " ".join(line.strip() for line in show(acme, FORWARDED))
    assert "identity     verstat=TN-Validation-Failed codes=438 faults=the signature is wrong" in text
    assert "diverted_by=+331 +332" in text
    assert as_json(acme, FORWARDED)["identity"]["verstat"] == "TN-Validation-Failed"


def test_who_set_the_rule_of_that_time(acme: Cli, data: Path) -> None:
    """Not that of now; a change that is not known any more is not told."""
    for target in (TARGET.value, "+33140000010"):
        assert acme("forward", NUMBER.value, "--to", target).code == 0
    put(data, {FORWARDED: None, replace(FORWARDED, key=CallKey("b", "t", 1), revision=77): None})
    first = acme("audit", "--json").json[-1]
    assert (first["revision"], as_json(acme, FORWARDED)["rule_set_at"]) == (1, first["at"])
    (unknown,) = acme("calls", "show", "b", "--json").json
    assert (unknown["rule_set_at"], unknown["rule_set_by"]) == (None, None)


def test_several_calls_with_one_call_id_are_all_shown(acme: Cli, data: Path) -> None:
    """Each with its own legs; those of an attempt before do not count."""
    again = replace(FORWARDED, key=replace(FORWARDED.key, cseq=2), setup_at_ms=NOON - 9000, reason="first")
    later = replace(FORWARDED, key=replace(FORWARDED.key, from_tag="u"), setup_at_ms=NOON + 2501, reason="last")
    put(data, {FORWARDED: Ladder((MAIN,)), later: Ladder((MAIN, SPARE)), again: None})
    found = acme("calls", "show", FORWARDED.key.call_id, "--json").json
    assert [call["reason"] for call in found] == ["first", None, "last"]
    assert [call["ladder"] and [leg["trunk"] for leg in call["ladder"]] for call in found] == [
        None,
        ["main"],
        ["spare"],
    ]
    shown = show(acme, FORWARDED)
    assert sum(line.startswith("call ") for line in shown) == 3


@pytest.mark.parametrize(
    "call_id",
    [
        "*",
        "-dash@x",
        "a b",
        "\x1b[31mred",
        "\u202eé\U0001f600",
        "x" * 300,
        "%s'; DROP TABLE calls; --",
        "\udcff\udcfe",
        "",
    ],
)
@pytest.mark.usefixtures("acme")
def test_any_call_id_is_found_as_it_was_sent_and_as_it_is_recorded(data: Path, call_id: str) -> None:
    recorded = identifier(call_id.encode("utf-8", "surrogateescape"))
    put(data, {replace(FORWARDED, key=CallKey(recorded, "t", 1)): Ladder((MAIN,))})
    for asked in {call_id, recorded}:
        words = ["--data", str(data), "calls", "show", "--", asked]
        ran = CliRunner().invoke(app, words, obj=Renvoi({}))
        assert ran.exit_code == 0, ran.output
        assert "503 No circuit" in ran.output
        assert all(line.isprintable() for line in ran.output.splitlines())


@pytest.mark.parametrize("call_id", ["unknown@x", "\x1b[31m" + "y" * 5000])
def test_an_unknown_call_is_told_in_one_line(acme: Cli, call_id: str) -> None:
    ran = acme("calls", "show", call_id)
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "there is no record of a call with the Call-ID" in ran.err
    assert ran.err.rstrip("\n").isprintable()
    assert len(ran.err) < 500


def test_options_of_the_list_are_no_options_of_one_call(acme: Cli) -> None:
    for words in (("--json", "show", "x"), ("--limit", "3", "show", "x"), ("--number", NUMBER.value, "show", "x")):
        ran = acme("calls", *words)
        assert ran.code == 2
        assert "give the options after `calls show`" in ran.err


@pytest.mark.parametrize("document", ["", "{", "[]", '{"legs":[1]}', '{"legs":[{"trunk":"x"}]}', "[" * 50_000])
def test_a_ladder_that_cannot_be_read_hides_nothing_else(acme: Cli, data: Path, document: str) -> None:
    put(data, {FORWARDED: Ladder((MAIN,))})
    with closing(sqlite3.connect(data / "renvoi.db")) as store, store:
        store.execute("UPDATE call_ladders SET ladder = ?", (document,))
    assert as_json(acme, FORWARDED)["ladder"] is None
    assert "note         where it was sent is kept, but cannot be read" in show(acme, FORWARDED)


def test_what_a_newer_program_has_written_is_shown_as_far_as_it_is_known(acme: Cli, data: Path) -> None:
    put(data, {FORWARDED: Ladder((MAIN,))})
    with closing(sqlite3.connect(data / "renvoi.db")) as store, store:
        store.execute(
            """UPDATE call_ladders SET ladder = json_set(ladder, '$.verstat', 1, '$.legs[0].codec', 'opus')"""
        )
    assert as_json(acme, FORWARDED)["ladder"][0]["phrase"] == "No circuit"
