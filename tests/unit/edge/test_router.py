"""The router without Kamailio: what it reads, what it puts into variables, what it answers."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from renvoi.call_records.events import decode
from renvoi.call_records.spool import Spool, SpoolDirectory
from renvoi.domain.access.account_policy import Owner
from renvoi.domain.calls.call_mark import Alias, CallMark
from renvoi.domain.calls.call_record import Answered, CallEvent, Decided, Failed
from renvoi.domain.messages.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import WITHHELD, VoicemailHandoff
from renvoi.domain.numbers.number import E164
from renvoi.domain.numbers.rule import Fallback, NumberRecord, Otherwise, Rule
from renvoi.domain.routing.routing import Call, Decision, NeedRecord, Reason, route_call
from renvoi.domain.trunks.trunk import InboundTrunk, NumberFormat, OutboundTrunk, parse_network
from renvoi.edge.router import router, sip_responses
from renvoi.edge.router.dialogs import REWRITTEN, Branch, Dialogs, Marks
from renvoi.edge.router.event_fields import q850_cause
from renvoi.edge.router.identity import Tools
from renvoi.edge.router.lookup import LookupFailed, Reading
from renvoi.edge.router.router import Own, Router
from renvoi.edge.router.trunk_table import TrunkTable
from renvoi.key_file import KeyFile, write_keys
from tests.support.kamailio import FakeKsr
from tests.support.keys import new_keys

NUMBER, TARGET = E164("+33199001234"), E164("+33612345678")
EMAIL = EmailAddress("box@example.org")
KEYS = new_keys()
OWNER = Owner("FR")
Records = Mapping[E164, NumberRecord | None]
CARRIER = InboundTrunk("carrier", (parse_network("192.0.2.0/24"),))


class Numbers:
    """A look-up in a dictionary."""

    def __init__(
        self, *records: NumberRecord, error: Exception | None = None, last_known: Collection[E164] = ()
    ) -> None:
        self._records = {record.number: record for record in records}
        self._error = error
        self._last_known = last_known

    def find(self, number: E164) -> Reading:
        """Return the record, or fail."""
        self.check()
        return Reading(self._records.get(number), number in self._last_known, OWNER)

    def check(self) -> None:
        """Fail, if that is what it is for."""
        if self._error is not None:
            raise self._error


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    (tmp_path / "spool").mkdir()
    directory = SpoolDirectory(tmp_path / "spool")

    def fail(_line: bytes, error: OSError) -> None:
        raise AssertionError(error)

    spool = Spool(directory, "boot", fail)
    yield spool
    spool.close()
    directory.close()


class Unknown:
    """No certificate at all."""

    def find(self, url: str) -> None:
        """Find none."""


def make(
    tmp_path: Path,
    spool: Spool,
    ksr: FakeKsr,
    lookup: Numbers,
    *outbound: OutboundTrunk,
    voicemail: bool = False,
    addresses: Mapping[str, list[str]] | None = None,
    carrier: InboundTrunk | None = None,
    tools: Tools | None = None,
) -> Router:
    path = tmp_path / "trunks.json"
    path.write_text(TrunkTable.of(1, [carrier or CARRIER], outbound, addresses).dump(), "utf-8")
    write_keys(tmp_path / "keys.json", KEYS)
    keys = KeyFile(tmp_path / "keys.json", pytest.fail)
    own, marks = Own("edge.example", "edge.example:5060", voicemail), Marks(ksr, keys, 3600, lambda: 1000)
    return Router(
        ksr, own, path, lookup, spool, lambda: 1000, keys, marks, tools or Tools(Unknown(), None, "edge.example")
    )


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


def event_of(tmp_path: Path) -> CallEvent:
    """Return the one event in the spool."""
    (line,) = next((tmp_path / "spool").iterdir()).read_bytes().splitlines()
    return decode(line)


def test_a_forwarded_call_gets_what_each_trunk_wants(tmp_path: Path, spool: Spool) -> None:
    ksr = FakeKsr()
    trunks = [
        OutboundTrunk("a", "sip:192.0.2.1"),
        OutboundTrunk("b", "sip:192.0.2.2", number_format=NumberFormat.NATIONAL),
    ]
    forwarding = Numbers(NumberRecord(NUMBER, 1, Rule.forward(TARGET)))
    assert make(tmp_path, spool, ksr, forwarding, *trunks).invite() == router.FORWARD
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
    dialogs = Dialogs(ksr, made._keys, made.current_trunks, made._plans._marks, lambda: 1000)
    ((mark, learnt),) = made._plans._marks.foresee([Branch("a", made.current_trunks().first_destination("a"))])
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
    dialogs = Dialogs(ksr, made._keys, made.current_trunks, made._plans._marks, lambda: 1000)
    hop, name = made.current_trunks().first_destination("a"), "sip:anonymous@anonymous.invalid"
    ((mark, learnt),) = made._plans._marks.foresee([Branch("a", hop, name, hides_contact)])
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
    dialogs = Dialogs(ksr, made._keys, made.current_trunks, made._plans._marks, lambda: 1000)
    ((mark, _),) = made._plans._marks.foresee([Branch("a", from_uri="sip:+33199001234@edge.example")])
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


def fallback(no_answer: Otherwise, busy: Otherwise) -> Numbers:
    rule = replace(Rule.forward(TARGET), revision=4, fallback=Fallback(no_answer, busy, EMAIL))
    return Numbers(NumberRecord(NUMBER, 1, rule))


@pytest.mark.parametrize("no_answer", Otherwise)
@pytest.mark.parametrize("busy", Otherwise)
def test_a_forwarded_call_gets_what_the_voicemail_would_want(
    tmp_path: Path, spool: Spool, no_answer: Otherwise, busy: Otherwise
) -> None:
    ksr = FakeKsr()
    assert make(tmp_path, spool, ksr, fallback(no_answer, busy), voicemail=True).invite() == router.FORWARD
    assert ksr.values.get("$avp(no_answer)", 0) == (no_answer is Otherwise.VOICEMAIL)
    assert ksr.values.get("$avp(busy)", 0) == (busy is Otherwise.VOICEMAIL)
    if Otherwise.VOICEMAIL in (no_answer, busy):
        assert ksr.values["$avp(mailbox)"] == str(NUMBER).encode()
        assert deposit_of(ksr) == VoicemailHandoff(NUMBER, 4, EMAIL, "+33140000001")
    else:
        assert "$avp(deposit)" not in ksr.values


def test_nothing_falls_back_to_a_voicemail_that_is_not_there(tmp_path: Path, spool: Spool) -> None:
    ksr = FakeKsr()
    made = make(tmp_path, spool, ksr, fallback(Otherwise.VOICEMAIL, Otherwise.VOICEMAIL))
    assert made.invite() == router.FORWARD
    assert {"$avp(no_answer)", "$avp(busy)"}.isdisjoint(ksr.values)


def test_a_call_to_the_voicemail(tmp_path: Path, spool: Spool) -> None:
    """Without workers it is refused."""
    numbers = Numbers(NumberRecord(NUMBER, 1, Rule.voicemail(EMAIL)))
    ksr = FakeKsr(**{"hdr(Privacy)": b"id"})
    assert make(tmp_path, spool, ksr, numbers, voicemail=True).invite() == router.VOICEMAIL
    assert deposit_of(ksr) == VoicemailHandoff(NUMBER, 0, EMAIL, WITHHELD)
    assert not ksr.replies
    assert make(tmp_path, spool, ksr, numbers).invite() == router.ANSWERED
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


@pytest.mark.parametrize("what", sip_responses.GIVEN_UP)
def test_a_call_that_the_edge_gives_up(tmp_path: Path, spool: Spool, what: str) -> None:
    ksr = FakeKsr()
    assert make(tmp_path, spool, ksr, Numbers()).give_up(what) == router.ANSWERED
    answer, reason = sip_responses.GIVEN_UP[what]
    assert ksr.replies == [(answer.status, answer.phrase)]
    event = event_of(tmp_path)
    assert isinstance(event, Failed)
    assert (event.status, event.cause, event.by, event.reason) == (answer.status, answer.cause, "edge", reason)


def test_a_second_try_is_recorded_by_a_process_that_has_not_seen_the_new_trunks(tmp_path: Path, spool: Spool) -> None:
    ksr = FakeKsr(**{"avp(fallback)": b"1", "rs": b"200", "avp(trunk)": b"unheard-of"})
    make(tmp_path, spool, ksr, Numbers()).answered()
    event = event_of(tmp_path)
    assert isinstance(event, Answered)
    assert (event.trunk, event.fallback) == ("unheard-of", True)


@pytest.mark.parametrize(
    ("via", "first", "outcome"),
    [
        (b"SIP/2.0/UDP x;branch=z9hG4bKdead.beef.0", 1, router.ANSWERED),
        (b"SIP/2.0/UDP x;rport=1;branch=z9hG4bKdead.beef.a;received=1.2.3.4", 11, router.ANSWERED),
        (b"SIP/2.0/UDP x;branch=z9hG4bKdead.beef.1", 1, router.FORWARD),
        (b"SIP/2.0/UDP x;branch=z9hG4bKdead", 1, router.FORWARD),
        (b"", 1, router.FORWARD),
    ],
)
def test_only_legs_that_were_left_answer_too_late(
    tmp_path: Path, spool: Spool, via: bytes, first: int, outcome: int
) -> None:
    headers = {"hdr(From)": b"<sip:a@x>;tag=a", "hdr(To)": b"<sip:b@x>;tag=b", "hdr(Contact)": b"<sip:b@y>"}
    ksr = FakeKsr(**headers, **{"hdr(Via)": via, "proto": b"udp", "cs": b"3"})
    ksr.values["$var(first)"] = first
    assert make(tmp_path, spool, ksr, Numbers()).late_answer() == outcome
    assert ("$var(bye)" in ksr.values) == (outcome == router.ANSWERED)
    if outcome == router.ANSWERED:
        assert b"Via: SIP/2.0/UDP edge.example:5060;" in bytes(ksr.values["$var(ack)"])


def deposit_of(ksr: FakeKsr) -> VoicemailHandoff:
    return VoicemailHandoff.unseal(bytes(ksr.values["$avp(deposit)"]).decode("ascii"), KEYS, 1000, "call")


def test_a_store_that_fails_is_answered_and_recorded(tmp_path: Path, spool: Spool) -> None:
    ksr = FakeKsr()
    assert make(tmp_path, spool, ksr, Numbers(error=LookupFailed("broken"))).invite() == router.ANSWERED
    assert ksr.replies == [(503, "Service Unavailable")]
    assert ksr.reply_headers == ["Reason: Q.850;cause=41\r\nRetry-After: 2\r\n"]
    event = event_of(tmp_path)
    assert isinstance(event, Decided)
    assert (event.status, event.reason) == (503, "store-unavailable")


def test_a_fault_in_the_router_becomes_a_500(tmp_path: Path, spool: Spool, caplog: pytest.LogCaptureFixture) -> None:
    """An exception that nobody thought of ends in an answer, a record and a trace in the log."""
    ksr = FakeKsr()
    assert make(tmp_path, spool, ksr, Numbers(error=ZeroDivisionError("unforeseen"))).invite() == router.ANSWERED
    assert [status for status, _ in ksr.replies] == [500]
    assert ksr.reply_headers == ["Reason: Q.850;cause=41\r\n"]
    event = event_of(tmp_path)
    assert isinstance(event, Decided)
    assert (event.status, event.reason) == (500, "fault")
    assert "ZeroDivisionError: unforeseen" in caplog.text


def test_a_call_from_a_trunk_that_was_just_removed(tmp_path: Path, spool: Spool) -> None:
    ksr = FakeKsr(**{"avp(peer)": b"gone"})
    assert make(tmp_path, spool, ksr, Numbers()).invite() == router.ANSWERED
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
    assert make(tmp_path, spool, ksr, numbers).invite() == router.FORWARD
    event = event_of(tmp_path)
    assert isinstance(event, Decided)
    assert event.last_known is marked
    assert ksr.counted == ({"last_known": 1} if marked else {})
