"""The router without Kamailio: what it reads, what it puts into variables, what it answers."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from renvoi.call_records.spool import Spool
from renvoi.domain.access.account_policy import Owner
from renvoi.domain.calls.call_mark import Alias, CallMark
from renvoi.domain.calls.call_record import Decided
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import WITHHELD, VoicemailHandoff
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.routing import Call, Decision, NeedRecord, Reason, route_call
from renvoi.domain.rules.rule import NumberRecord, Otherwise, Rule
from renvoi.domain.trunks.choices import NumberFormat
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.edge.router import sip_responses
from renvoi.edge.router.dialogs import REWRITTEN, Branch, Dialogs
from renvoi.edge.router.lookup import LookupFailed
from renvoi.edge.router.outcomes import q850_cause
from renvoi.edge.router.sip_responses import ANSWERED, FORWARD, VOICEMAIL
from renvoi.edge.router.trunk_table import TrunkTable
from tests.support.kamailio import FakeKsr
from tests.support.router_harness import CARRIER, KEYS, NUMBER, TARGET, Numbers, Records, event_of, make
from tests.support.rules import fallbacks

EMAIL = EmailAddress("box@example.org")


def test_a_call_is_decided_for_the_time_when_it_came(
    tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[int] = []

    def route(call: Call, records: Records, owners: Mapping[int, Owner], now_ms: int) -> Decision | NeedRecord:
        times.append(now_ms)
        return route_call(call, records, owners, now_ms)

    monkeypatch.setattr("renvoi.edge.router.router.route_call", route)
    make(tmp_path, spool, FakeKsr(), Numbers()).invite()
    assert times == [1000, 1000]  # before its number is read, and with it
    assert event_of(tmp_path).at_ms == 1000


def text_of(ksr: FakeKsr, name: str) -> str:
    value = ksr.values[name]
    assert isinstance(value, bytes)
    return value.decode()


def test_a_forwarded_call_gets_what_each_trunk_wants(tmp_path: Path, spool: Spool) -> None:
    ksr = FakeKsr()
    trunks = [
        OutboundTrunk("a", "sip:192.0.2.1"),
        OutboundTrunk("b", "sip:192.0.2.2", number_format=NumberFormat.NATIONAL),
    ]
    forwarding = Numbers(NumberRecord(NUMBER, 1, Rule.forward(TARGET)))
    assert make(tmp_path, spool, ksr, forwarding, *trunks).invite() == FORWARD
    first, second = ksr.plans
    assert first["trunk"] == b"a"
    assert first["request_uri"] == b"sip:+33612345678@192.0.2.1"
    assert first["ring_ms"] == 60_000
    assert first["diversion"].startswith(b"Diversion: <sip:+33199001234@edge.example>;")
    assert first["history_info"].startswith(b"History-Info: <sip:+33199001234@edge.example>;index=1")
    assert "privacy" not in first, "what is absent leaves the message as it came"
    assert second["request_uri"] == b"sip:0612345678@192.0.2.2"
    assert first["mark"] != second["mark"]
    assert not ksr.replies


def test_only_the_first_branches_are_marked_ahead(tmp_path: Path, spool: Spool) -> None:
    ksr = FakeKsr()
    trunks = [OutboundTrunk(f"t{number}", "sip:192.0.2.1", number) for number in (7, 8, 9)]
    make(tmp_path, spool, ksr, Numbers(NumberRecord(NUMBER, 1, Rule.forward(TARGET))), *trunks).invite()
    assert [(plan["trunk"], "mark" in plan) for plan in ksr.plans] == [(b"t9", True), (b"t8", True), (b"t7", False)]


def test_the_mark_of_an_answer_is_made_ahead_for_where_a_trunk_is_tried_first(tmp_path: Path, spool: Spool) -> None:
    """It is what the answer itself would lead to."""
    ksr = FakeKsr(**{"hdr(Contact)": b"<sip:caller@192.0.2.9>"})
    made = make(
        tmp_path, spool, ksr, Numbers(), OutboundTrunk("a", "sip:a.example:5070"), addresses={"a": ["192.0.2.1"]}
    )
    dialogs = Dialogs(ksr, made._keys, made.current_trunks, made._forwarder._plans._marks, lambda: 1000)
    ((mark, learnt),) = made._forwarder._plans._marks.foresee(
        [Branch("a", made.current_trunks().first_destination("a"))]
    )
    ksr.values |= {
        "$hdr(Record-Route)": f"<sip:edge.example;lr;rv={mark}>".encode(),
        "$hdr(Contact)": b"<sip:+33612345678@192.0.2.1:5070>",
        "$si": b"192.0.2.1",
        "$avp(mark)": mark.encode(),
    }
    assert dialogs.learn(1) == REWRITTEN
    assert ksr.values["$avp(learnt)"] == learnt.encode()


@pytest.mark.parametrize("held", [0, 1])
@pytest.mark.parametrize("hides_contact", [True, False])
def test_an_answer_from_who_knows_the_caller_by_another_name(
    tmp_path: Path, spool: Spool, held: int, *, hides_contact: bool
) -> None:
    """A copy that comes when all is over says what to call the caller, as no transaction does."""
    ksr = FakeKsr(**{"hdr(Contact)": b"<sip:caller@192.0.2.9>", "fu": b"sip:+33140000001@carrier.example"})
    trunk = OutboundTrunk("a", "sip:192.0.2.1:5070")
    made = make(tmp_path, spool, ksr, Numbers(), trunk, addresses={"a": ["192.0.2.1"]})
    dialogs = Dialogs(ksr, made._keys, made.current_trunks, made._forwarder._plans._marks, lambda: 1000)
    hop, name = made.current_trunks().first_destination("a"), "sip:anonymous@anonymous.invalid"
    ((mark, learnt),) = made._forwarder._plans._marks.foresee([Branch("a", hop, name, hides_contact)])
    ksr.values |= {
        "$hdr(Record-Route)": f"<sip:edge.example;lr;rv={mark}>".encode(),
        "$hdr(Contact)": b"<sip:+33612345678@192.0.2.1:5070>",
        "$hdr(From)": f'"Anonymous" <{name}>;tag=x'.encode(),
        "$si": b"192.0.2.1",
        "$avp(mark)": mark.encode() if held else b"",
    }
    assert dialogs.learn(held) == REWRITTEN
    assert ksr.values["$avp(learnt)"] == learnt.encode()
    assert ksr.values.get("$var(own_uri)") == (None if held else b"sip:+33140000001@carrier.example")


@pytest.mark.parametrize(
    "odd", [b"", b"<sip:" + b"a" * 300 + b"@x>", b'"<" <sip:x y@z>;tag=1', b"\xff\xfe", b"mailto:a@b"]
)
def test_an_answer_without_a_name_for_the_caller_gives_it_none(tmp_path: Path, spool: Spool, odd: bytes) -> None:
    ksr = FakeKsr(**{"hdr(Contact)": b"<sip:caller@192.0.2.9>", "fu": b"sip:+33140000001@carrier.example"})
    made = make(tmp_path, spool, ksr, Numbers(), OutboundTrunk("a", "sip:192.0.2.1"), addresses={"a": ["192.0.2.1"]})
    dialogs = Dialogs(ksr, made._keys, made.current_trunks, made._forwarder._plans._marks, lambda: 1000)
    ((mark, _),) = made._forwarder._plans._marks.foresee([Branch("a", from_uri="sip:+33199001234@edge.example")])
    ksr.values |= {
        "$hdr(Record-Route)": f"<sip:edge.example;lr;rv={mark}>".encode(),
        "$hdr(Contact)": b"<sip:x@192.0.2.1>",
        "$hdr(From)": odd,
        "$si": b"192.0.2.1",
        "$avp(mark)": mark.encode(),
    }
    assert dialogs.learn(1) == REWRITTEN
    learnt = CallMark.recall(text_of(ksr, "$avp(learnt)"), made._keys.ring, "call", "tag")
    assert learnt.alias == Alias("sip:anonymous@anonymous.invalid")


def test_nothing_is_made_ahead_for_an_answer_by_tcp_or_from_nobody_knows_where(tmp_path: Path, spool: Spool) -> None:
    ksr = FakeKsr()
    trunks = [OutboundTrunk("a", "sip:a.example", 3), OutboundTrunk("b", "sip:192.0.2.2;transport=tcp", 2)]
    known, addresses = Numbers(NumberRecord(NUMBER, 1, Rule.forward(TARGET))), {"b": ["192.0.2.2"]}
    make(tmp_path, spool, ksr, known, *trunks, addresses=addresses).invite()
    assert [("mark" in plan, "learnt" in plan) for plan in ksr.plans] == [(True, False), (True, False)]


def with_fallbacks(no_answer: Otherwise, busy: Otherwise) -> Numbers:
    rule = replace(Rule.forward(TARGET), emails=(EMAIL,), revision=4, fallbacks=fallbacks(no_answer, busy))
    return Numbers(NumberRecord(NUMBER, 1, rule))


@pytest.mark.parametrize("no_answer", [Otherwise.RELEASE, Otherwise.VOICEMAIL])
@pytest.mark.parametrize("busy", [Otherwise.RELEASE, Otherwise.VOICEMAIL])
def test_a_forwarded_call_gets_what_the_voicemail_would_want(
    tmp_path: Path, spool: Spool, no_answer: Otherwise, busy: Otherwise
) -> None:
    ksr = FakeKsr()
    assert make(tmp_path, spool, ksr, with_fallbacks(no_answer, busy), voicemail=True).invite() == FORWARD
    assert ksr.values.get("$avp(no_answer)", 0) == (no_answer is Otherwise.VOICEMAIL)
    assert ksr.values.get("$avp(busy)", 0) == (busy is Otherwise.VOICEMAIL)
    if Otherwise.VOICEMAIL in (no_answer, busy):
        assert ksr.values["$avp(mailbox)"] == str(NUMBER).encode()
        assert handoff_of(ksr) == VoicemailHandoff(NUMBER, 4, EMAIL, "+33140000001")
    else:
        assert "$avp(handoff)" not in ksr.values


def test_nothing_falls_back_to_a_voicemail_that_is_not_there(tmp_path: Path, spool: Spool) -> None:
    ksr = FakeKsr()
    made = make(tmp_path, spool, ksr, with_fallbacks(Otherwise.VOICEMAIL, Otherwise.VOICEMAIL))
    assert made.invite() == FORWARD
    assert {"$avp(no_answer)", "$avp(busy)"}.isdisjoint(ksr.values)


def test_a_call_to_the_voicemail(tmp_path: Path, spool: Spool) -> None:
    """Without workers it is refused."""
    numbers = Numbers(NumberRecord(NUMBER, 1, Rule.voicemail(EMAIL)))
    ksr = FakeKsr(**{"hdr(Privacy)": b"id"})
    assert make(tmp_path, spool, ksr, numbers, voicemail=True).invite() == VOICEMAIL
    assert handoff_of(ksr) == VoicemailHandoff(NUMBER, 0, EMAIL, WITHHELD)
    assert not ksr.replies
    assert make(tmp_path, spool, ksr, numbers).invite() == ANSWERED
    assert ksr.replies == [(480, "Temporarily Unavailable")]


@pytest.mark.parametrize("privacy", [b"id", b"none"])
@pytest.mark.parametrize(
    "rule", [Rule.disabled(), Rule.voicemail(EMAIL), Rule.forward(E164("+33644630000"))], ids=["off", "mail", "forward"]
)
def test_the_record_knows_who_must_not_be_told(tmp_path: Path, spool: Spool, rule: Rule, privacy: bytes) -> None:
    ksr = FakeKsr(**{"hdr(Privacy)": privacy, "hdr(From)": b"<sip:+33140000001@x>;tag=a"})
    make(tmp_path, spool, ksr, Numbers(NumberRecord(NUMBER, 1, rule)), voicemail=True).invite()
    event = event_of(tmp_path)
    assert isinstance(event, Decided)
    assert (event.caller, event.withheld) == ("+33140000001", privacy == b"id")


def handoff_of(ksr: FakeKsr) -> VoicemailHandoff:
    return VoicemailHandoff.unseal(bytes(ksr.values["$avp(handoff)"]).decode("ascii"), KEYS, 1000, "call")


def test_a_store_that_fails_is_answered_and_recorded(tmp_path: Path, spool: Spool) -> None:
    ksr = FakeKsr()
    assert make(tmp_path, spool, ksr, Numbers(error=LookupFailed("broken"))).invite() == ANSWERED
    assert ksr.replies == [(503, "Service Unavailable")]
    assert ksr.reply_headers == ["Reason: Q.850;cause=41\r\nRetry-After: 2\r\n"]
    event = event_of(tmp_path)
    assert isinstance(event, Decided)
    assert (event.status, event.reason) == (503, "store-unavailable")


def test_a_fault_in_the_router_becomes_a_500(tmp_path: Path, spool: Spool, caplog: pytest.LogCaptureFixture) -> None:
    """An exception that nobody thought of ends in an answer, a record and a trace in the log."""
    ksr = FakeKsr()
    assert make(tmp_path, spool, ksr, Numbers(error=ZeroDivisionError("unforeseen"))).invite() == ANSWERED
    assert [status for status, _ in ksr.replies] == [500]
    assert ksr.reply_headers == ["Reason: Q.850;cause=41\r\n"]
    event = event_of(tmp_path)
    assert isinstance(event, Decided)
    assert (event.status, event.reason) == (500, "fault")
    assert "ZeroDivisionError: unforeseen" in caplog.text


def test_a_call_from_a_trunk_that_was_just_removed(tmp_path: Path, spool: Spool) -> None:
    ksr = FakeKsr(**{"avp(peer)": b"gone"})
    assert make(tmp_path, spool, ksr, Numbers()).invite() == ANSWERED
    assert ksr.replies == [(403, "Forbidden")]


def test_new_trunks_are_read_when_their_revision_changes(tmp_path: Path, spool: Spool) -> None:
    ksr = FakeKsr(**{"avp(peer)": b"new"})
    made = make(tmp_path, spool, ksr, Numbers())
    new = InboundTrunk("new", CARRIER.networks)
    (tmp_path / "trunks.json").write_text(TrunkTable.of(2, [new], []).dump(), "utf-8")
    ksr.values["$shv(trunks)"] = 2
    made.invite()
    assert ksr.replies == [(404, "Not Found")]


@pytest.mark.parametrize(
    ("header", "cause"),
    [
        ('Q.850;cause=16;text="Normal call clearing"', 16),
        ("SIP ;cause=200, q.850 ; Cause = 17", 17),
        ("SIP;cause=200", None),
        ("Q.850;cause=x", None),
        ("Q.850;cause=99999999999999999999", None),
        ("", None),
    ],
)
def test_the_cause_of_a_reason_header(header: str, cause: int | None) -> None:
    assert q850_cause(header) == cause


def test_every_reason_has_an_answer() -> None:
    assert set(sip_responses.REJECTIONS) == set(Reason)


@pytest.mark.parametrize(
    ("rule", "decision"),
    [
        (Rule.forward(TARGET), "forward"),
        (Rule.voicemail(EMAIL), "voicemail"),
        (Rule.disabled(), "reject"),
    ],
)
def test_a_call_that_last_known_rules_decide_is_marked_and_counted(
    tmp_path: Path, spool: Spool, rule: Rule, decision: str
) -> None:
    ksr = FakeKsr()
    numbers = Numbers(NumberRecord(NUMBER, 1, rule), last_known=[NUMBER])
    assert make(tmp_path, spool, ksr, numbers, voicemail=True).invite() > 0
    event = event_of(tmp_path)
    assert isinstance(event, Decided)
    assert (event.decision, event.last_known) == (decision, True)
    assert ksr.counted == {"last_known": 1}


@pytest.mark.parametrize(("last_known", "marked"), [([], False), ([TARGET], True)])
def test_every_look_up_of_a_call_counts(
    tmp_path: Path, spool: Spool, last_known: Collection[E164], marked: bool
) -> None:
    """That the target is not one of our numbers may be known from before as well."""
    ksr = FakeKsr()
    numbers = Numbers(NumberRecord(NUMBER, 1, Rule.forward(TARGET)), last_known=last_known)
    assert make(tmp_path, spool, ksr, numbers).invite() == FORWARD
    event = event_of(tmp_path)
    assert isinstance(event, Decided)
    assert event.last_known is marked
    assert ksr.counted == ({"last_known": 1} if marked else {})
