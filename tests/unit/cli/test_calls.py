"""`renvoi calls` and `renvoi audit`: what is asked for, what is shown, and what cannot be understood."""

import asyncio
import csv
import io
from collections.abc import Iterable
from dataclasses import replace
from operator import methodcaller
from pathlib import Path

import pytest

from renvoi.adapters.sql import open_store
from renvoi.application.ports.accounts import AuditEntry
from renvoi.cli.output import read_span
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule, RuleType
from tests.unit.cli.conftest import Cli

NUMBER, TARGET = E164("+33199001234"), E164("+33199005678")
NOON = 1_780_315_200_000
"""2026-06-01T12:00:00Z."""
HOUR_MS = 3_600_000
CALL = CallRecord(
    CallKey("c1", "t", 1), "+33140000001", "sip:x", NUMBER.value, 1, "forward", None, TARGET.value, "out", NOON
)
CALLS = (
    replace(CALL, status=200),
    replace(CALL, key=CallKey("c2", "t", 1), setup_at_ms=NOON + HOUR_MS, caller="alice", status=486),
    replace(CALL, key=CallKey("c3", "t", 1), setup_at_ms=NOON + 2 * HOUR_MS, decision="reject", withheld=True),
)


def put(data: Path, calls: Iterable[CallRecord] = (), changes: Iterable[AuditEntry] = ()) -> None:
    async def main() -> None:
        store = await open_store(f"sqlite:///{data}/renvoi.db")
        for call in calls:
            await store.write(methodcaller("put_call", call))
        for change in changes:
            await store.write(methodcaller("add_audit", change))
        await store.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "c3 c2 c1"),
        (("--limit", "1"), "c3"),
        (("--since", "2026-06-01T13:00:00Z"), "c3 c2"),
        (("--since", "2026-06-01T15:00:00+02:00", "--until", "2026-06-01T14:00:00.000Z"), "c2"),
        (("--until", "2026-06-01"), ""),
        (("--since", "2026-06-01", "--until", "2026-06-02"), "c3 c2 c1"),
        (("--since", "2h"), ""),
        (("--until", "2m", "--since", "99999w"), "c3 c2 c1"),
        (("--status", "486"), "c2"),
        (("--decision", "reject"), "c3"),
        (("--from", "01 40 00 00 01"), "c3 c1"),
        (("--from", "alice"), "c2"),
        (("--from", "%"), ""),
        (("--number", "+33199001234", "--decision", "forward", "--status", "200"), "c1"),
        (("--number", "+33199005678"), ""),
    ],
)
def test_calls_are_those_that_are_asked_for(acme: Cli, data: Path, words: tuple[str, ...], expected: str) -> None:
    put(data, CALLS)
    ran = acme("calls", *words, "--json")
    assert " ".join(call["call_id"] for call in ran.json) == expected


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--since", "yesterday"), "--since: 'yesterday' is not a time: give RFC 3339 such as"),
        (("--since", "2026-06-01T12:00:00"), "is not a time"),
        (("--since", "2026-13-01"), "is not a time"),
        (("--since", "2h30m"), "is not a time"),
        (("--until", "-2h"), "is not a time"),
        (("--until", ""), "is not a time"),
        (("--since", "٢h"), "is not a time"),
        (("--since", "1" * 5000 + "d"), "is not a time"),
        (("--since", "0001-01-01T00:00:00+23:59"), None),
        (("--since", "1h", "--until", "2h"), "--until is not later than --since"),
        (("--status", "99"), "Invalid value for '--status'"),
        (("--status", "busy"), "Invalid value for '--status'"),
        (("--decision", "busy"), "'forward', 'voicemail', 'reject'"),
        (("--limit", "100001"), "Invalid value for '--limit'"),
    ],
)
def test_what_is_no_filter_is_not_understood(acme: Cli, words: tuple[str, ...], reason: str | None) -> None:
    for command in ("calls", "audit"):
        if command == "audit" and {"--status", "--decision"} & set(words):
            continue
        ran = acme(command, *words)
        assert ran.code == (2 if reason else 0)
        if reason:
            assert reason in " ".join(ran.err.replace("│", " ").split())
            assert len(ran.err) < 1000


@pytest.mark.parametrize("at_ms", [9_223_372_036_854_775_807, 90_000_000_000_000_000, 253_402_300_800_000, -(10**17)])
def test_a_stored_time_that_no_calendar_has_hides_no_call(acme: Cli, data: Path, at_ms: int) -> None:
    """An earlier version stored it. It counts as 0, or as none where a call needs none."""
    odd = replace(CALL, setup_at_ms=at_ms, ring_at_ms=at_ms, answer_at_ms=at_ms, end_at_ms=at_ms)
    put(data, [odd, replace(CALL, key=CallKey("c2", "t", 1))])
    shown = {call["started_at"]: (call["answered_at"], call["ended_at"]) for call in acme("calls", "--json").json}
    assert shown.keys() == {"1970-01-01T00:00:00.000Z", "2026-06-01T12:00:00.000Z"}
    assert shown["1970-01-01T00:00:00.000Z"] == (None, None)


def test_an_age_counts_from_now() -> None:
    assert read_span("90m", "1s", NOON) == (NOON - 90 * 60_000, NOON - 1000)
    assert read_span("2026-06-01T12:00:00.1234567Z", None, 0) == (NOON + 123, None)
    assert read_span("2026-06-01t12:00:00z", "3d", NOON * 2)[0] == NOON


def test_who_must_not_be_told_is_marked(acme: Cli, data: Path) -> None:
    put(data, CALLS)
    shown = acme("calls").out.splitlines()
    assert shown[1].split("\t")[1] == "+33140000001 (withheld)"
    assert shown[3].split("\t")[1] == "+33140000001"
    assert [call["withheld"] for call in acme("calls", "--json").json] == [True, False, False]
    assert acme("calls", "--status", "404").err == "no such calls\n"


def test_audit_says_who_changed_what_and_from_where(acme: Cli, data: Path) -> None:
    assert acme("audit").err == "no changes yet\n"
    key = acme("key", "add", "acme", "--name", "website", "--json").json["id"]
    assert acme("forward", NUMBER.value, "--to", TARGET.value).code == 0
    first = Rule(RuleType.FORWARD, TARGET, revision=1)
    put(data, changes=[AuditEntry(NOON, NUMBER, 1, key, "192.0.2.7", first, Rule(revision=2))])
    by_cli, by_key = acme("audit", "--json").json
    if by_cli["by"] == "key":  # whichever of the two is later by this machine's clock
        by_cli, by_key = by_key, by_cli
    assert by_cli | {"at": None} == {
        "at": None,
        "number": NUMBER.value,
        "account": "acme",
        "account_id": 1,
        "revision": 1,
        "by": "command line",
        "key": None,
        "key_name": None,
        "address": None,
        "before": {"type": 0, "param": ""},
        "after": {"type": 1, "param": TARGET.value},
        "options": {},
    }
    assert by_key == {
        "at": "2026-06-01T12:00:00.000Z",
        "number": NUMBER.value,
        "account": "acme",
        "account_id": 1,
        "revision": 2,
        "by": "key",
        "key": key,
        "key_name": "website",
        "address": "192.0.2.7",
        "before": {"type": 1, "param": TARGET.value},
        "after": {"type": 0, "param": ""},
        "options": {},
    }
    rows = [line.split("\t") for line in acme("audit").out.splitlines()]
    assert rows[0] == ["at", "number", "account", "revision", "by", "address", "before", "after", "options"]
    assert [f"key {key} website", "192.0.2.7", f"forward to {TARGET}", "off", "-"] in [row[4:] for row in rows]
    assert ["command line", "-", "off", f"forward to {TARGET}", "-"] in [row[4:] for row in rows]


def test_audit_is_narrowed_by_number_account_and_time(acme: Cli) -> None:
    assert acme("forward", NUMBER.value, "--to", TARGET.value).code == 0
    assert acme("forward", NUMBER.value, "--to", TARGET.value, "--ring-timeout", "20").code == 0
    assert [each["revision"] for each in acme("audit", "--json").json] == [2, 1]
    assert [each["revision"] for each in acme("audit", "--limit", "1", "--json").json] == [2]
    assert len(acme("audit", "--account", "acme", "--number", "0199001234", "--since", "1h", "--json").json) == 2
    assert acme("audit", "--number", TARGET.value).err == "no such changes\n"
    assert acme("audit", "--until", "1h", "--json").json == []
    ran = acme("audit", "--account", "nobody")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "'nobody'" in ran.err


def test_audit_says_which_options_changed_and_to_what(acme: Cli, data: Path) -> None:
    change = ("forward", NUMBER.value, "--to", TARGET.value)
    assert acme(*change).code == 0
    assert acme(*change, "--ring-timeout", "20").code == 0
    assert acme(*change, "--ring-timeout", "30", "--no-answer", "voicemail", "--email", "owner@example.com").code == 0
    assert acme("forward", NUMBER.value, "--off").code == 0
    same = Rule(RuleType.FORWARD, TARGET, revision=5)
    put(data, changes=[AuditEntry(1, NUMBER, 1, None, "cli", replace(same, revision=4), same)])
    shown = [line.split("\t")[-1] for line in acme("audit").out.splitlines()]
    assert shown == [
        "options",
        "-",
        "ring timeout 20 s → 30 s; on no answer: release → voicemail; when unreachable: release → voicemail; "
        "messages to nobody → owner@example.com",
        "ring timeout 60 s → 20 s",
        "-",
        "not recorded",
    ]
    assert [each["options"] for each in acme("audit", "--json").json][:4] == [
        {},
        {
            "ring_timeout_s": {"before": 20, "after": 30},
            "no_answer": {"before": "release", "after": "voicemail"},
            "unreachable": {"before": "release", "after": "voicemail"},
            "email": {"before": None, "after": "owner@example.com"},
        },
        {"ring_timeout_s": {"before": 60, "after": 20}},
        {},
    ]


def test_all_calls_come_as_csv(acme: Cli, data: Path) -> None:
    put(data, (*CALLS, replace(CALL, key=CallKey("c4", "t", 1), setup_at_ms=NOON - 1, caller="=1+1")))
    ran = acme("calls", "--csv")
    lines = list(csv.DictReader(io.StringIO(ran.out)))
    assert [line["sip_call_id"] for line in lines] == ["c3", "c2", "c1", "c4"]
    # The operator may look who does not want to be known; what a caller wrote is not a formula.
    assert [(line["from"], line["withheld"]) for line in lines[::3]] == [("+33140000001", "true"), ("'=1+1", "false")]
    found = acme("calls", "--csv", "--status", "486", "--since", "2026-06-01").out.splitlines()
    assert [line.split(",")[2] for line in found] == ["from", "alice"]
    assert acme("calls", "--csv", "--json").code == 2
    assert acme("calls", "--csv", "--limit", "5").code == 2


def test_a_call_may_be_named_as_the_api_names_it(acme: Cli, data: Path) -> None:
    put(data, (*CALLS, replace(CALL, key=CallKey("call_1", "t", 1))))
    assert [row["call_id"] for row in acme("calls", "show", "call_2", "--json").json] == ["c2"]
    # A Call-ID of that form comes first, as it did before.
    assert [row["call_id"] for row in acme("calls", "show", "call_1", "--json").json] == ["call_1"]
    assert acme("calls", "show", "call_99").code == 1
