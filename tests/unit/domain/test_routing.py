"""What happens to a call (docs/calls.md §2, steps 4 to 7)."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from renvoi.domain.access.account_policy import AccountPolicy, Owner
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.name_addr import MAX_ELEMENTS
from renvoi.domain.numbers.destination_policy import DestinationPolicy, Refusal, Refused
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.diversion import Diversion, HistoryEntry, extend
from renvoi.domain.routing.routing import (
    MAX_DIVERSIONS,
    Call,
    Decision,
    Forward,
    NeedRecord,
    Reason,
    Reject,
    Voicemail,
    route_call,
)
from renvoi.domain.rules.rule import NumberRecord, Rule

A, B, C = (E164(f"+3319900000{n}") for n in range(3))
TARGET = E164("+33644630000")
NOW_MS = 1_767_225_600_000
OWNERS = {1: Owner("FR")}


def decide_with(call: Call, *records: NumberRecord, owners: Mapping[int, Owner] = OWNERS) -> Decision:
    """Decide as the edge does: look up what is asked for until there is a decision."""
    store = {record.number: record for record in records}
    known: dict[E164, NumberRecord | None] = {}
    while isinstance(decision := route_call(call, known, owners, NOW_MS), NeedRecord):
        assert decision.number not in known
        known[decision.number] = store.get(decision.number)
    return decision


def forwards(number: E164, target: E164, revision: int = 1) -> NumberRecord:
    rule = Rule.forward(target)
    return NumberRecord(number, 1, Rule(rule.type, target=target, revision=revision))


def test_nothing_is_decided_before_the_record_is_known() -> None:
    assert route_call(Call(A), {}, {}, NOW_MS) == NeedRecord(A)


def test_a_forward_names_the_number_its_revision_and_the_target() -> None:
    decision = decide_with(Call(A), forwards(A, TARGET, revision=7))
    assert isinstance(decision, Forward)
    assert (decision.diverting, decision.revision, decision.target) == ((A,), 7, TARGET)


def test_own_numbers_are_resolved_inside_and_the_called_numbers_revision_counts() -> None:
    decision = decide_with(Call(A), forwards(A, B, revision=3), forwards(B, C, revision=9), forwards(C, TARGET))
    assert isinstance(decision, Forward)
    assert (decision.diverting, decision.revision, decision.target) == ((A, B, C), 3, TARGET)


def test_voicemail_at_the_end_of_a_chain() -> None:
    address = EmailAddress("a@b.example")
    decision = decide_with(Call(A), forwards(A, B), NumberRecord(B, 1, Rule.voicemail(address)))
    assert decision == Voicemail((A, B), 1, (address,))


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (NumberRecord(A, 1, Rule.forward(TARGET), active=False, forwarding_enabled=False), Reason.DEACTIVATED),
        (NumberRecord(A, 1, Rule.forward(TARGET), forwarding_enabled=False), Reason.NOT_ENABLED),
        (NumberRecord(A, 1), Reason.DISABLED),
        (forwards(A, A), Reason.LOOP),
    ],
)
def test_refusals(record: NumberRecord, reason: Reason) -> None:
    assert decide_with(Call(A), record) == Reject(reason, record.rule.revision)


def test_an_unknown_or_unreadable_number_has_no_revision() -> None:
    assert decide_with(Call(A)) == Reject(Reason.UNKNOWN)
    assert decide_with(Call(None)) == Reject(Reason.UNKNOWN)


def test_a_ring_of_own_numbers_is_a_loop() -> None:
    assert decide_with(Call(A), forwards(A, B), forwards(B, C), forwards(C, A)) == Reject(Reason.LOOP, 1)


def test_our_number_among_those_that_diverted_is_a_loop() -> None:
    call = Call(A, diversions=(Diversion.of(C, "x"), Diversion.of(A, "x")))
    assert decide_with(call, forwards(A, TARGET)) == Reject(Reason.LOOP, 1)
    came = HistoryEntry.parse_all([f"<sip:{A}@x>;index=1, <sip:{C}@x;cause=302>;index=1.1"], "FR", {"x"})
    assert decide_with(Call(A, history=came), forwards(A, TARGET)) == Reject(Reason.LOOP, 1)


@pytest.mark.parametrize(
    "diversion",
    [
        f"<sip:{A}@sip.carrier.example>",
        f'"DID" <sip:{A}@192.0.2.7:5060;user=phone>;reason=unconditional;counter=1',
        f"<tel:{A}>;reason=unknown",
        f"<sip:{A}@x.example>",
        f"<sips:{A}@[2001:db8::1]>",
    ],
)
def test_a_carrier_that_names_the_called_number_on_every_call_is_no_loop(diversion: str) -> None:
    for hosts in ({"x"}, {"2001:db8::2"}):
        came = Diversion.parse_all([diversion], "FR", hosts)
        assert isinstance(decide_with(Call(A, came), forwards(A, TARGET)), Forward)


@pytest.mark.parametrize("host", ["x", "X", "x:5060", "x;user=phone"])
def test_our_own_domain_is_known_in_every_form(host: str) -> None:
    for diversion in (f"<sip:{A}@{host}>", f"<sip:+33261910123@y>, <sip:{A}@{host}>"):
        came = Diversion.parse_all([diversion], "FR", {"x"})
        assert decide_with(Call(A, came), forwards(A, TARGET)) == Reject(Reason.LOOP, 1)


def test_a_history_of_the_carrier_alone_is_no_loop() -> None:
    came = f"<sip:{A}@carrier>;index=1, <sip:{C}@carrier;cause=302>;index=1.1;mp=1, <sip:{A}@carrier>;index=1.1.1"
    history = HistoryEntry.parse_all([came], "FR", {"x"})
    assert isinstance(decide_with(Call(A, history=history), forwards(A, TARGET)), Forward)


def test_a_history_that_we_continued_is_a_loop() -> None:
    """The carrier entered the called number, so we entered only where we sent the call."""
    first = HistoryEntry.parse_all([f"<sip:{A}@carrier>;index=1"], "FR", {"x"})
    sent = (*first, *extend(first, (A,), C, "x"))
    back = ", ".join([*map(str, sent), f"<sip:{A}@carrier>;index=1.1.1"])
    history = HistoryEntry.parse_all([back], "FR", {"x"})
    assert decide_with(Call(A, history=history), forwards(A, TARGET)) == Reject(Reason.LOOP, 1)


def test_a_loop_through_a_carrier_that_rewrites_our_host_ends() -> None:
    came: tuple[Diversion, ...] = ()
    rounds = 0
    while isinstance(decide_with(Call(A, came), forwards(A, TARGET)), Forward):
        came = Diversion.parse_all([", ".join([f"<sip:{A}@carrier>", *map(str, came)])], "FR", {"x"})
        rounds += 1
    assert decide_with(Call(A, came), forwards(A, TARGET)) == Reject(Reason.TOO_MANY_DIVERSIONS, 1)
    assert rounds == MAX_DIVERSIONS + 1


@pytest.mark.parametrize("header", ["Diversion", "History-Info"])
def test_a_list_that_is_not_read_to_its_end_is_too_many_diversions(header: str) -> None:
    entries = ", ".join("<sip:+33261910123@y>" for _ in range(5000))
    if header == "Diversion":
        call = Call(A, Diversion.parse_all([entries], "FR"))
    else:
        call = Call(A, history=HistoryEntry.parse_all([entries], "FR"))
    assert len(call.diversions or call.history) == MAX_ELEMENTS
    assert decide_with(call, forwards(A, TARGET)) == Reject(Reason.TOO_MANY_DIVERSIONS, 1)


def test_a_number_later_in_the_chain_that_diverted_before_is_a_loop() -> None:
    call = Call(A, diversions=(Diversion.of(B, "x"),))
    assert decide_with(call, forwards(A, B), forwards(B, TARGET)) == Reject(Reason.LOOP, 1)


@pytest.mark.parametrize(("counter", "refused"), [(5, False), (6, True)])
def test_more_than_five_diversions_are_too_many(counter: int, refused: bool) -> None:
    call = Call(A, diversions=Diversion.parse_all([f"<sip:+33261910123@x>;counter={counter}"], "FR"))
    decision = decide_with(call, forwards(A, TARGET))
    assert (decision == Reject(Reason.TOO_MANY_DIVERSIONS, 1)) is refused


def test_inner_diversions_count_as_well() -> None:
    call = Call(A, diversions=Diversion.parse_all(["<sip:+33261910123@x>;counter=5"], "FR"))
    assert decide_with(call, forwards(A, B), forwards(B, TARGET)) == Reject(Reason.TOO_MANY_DIVERSIONS, 1)


FRANCE_ONLY, ABROAD = Owner("FR"), Owner("FR", AccountPolicy(DestinationPolicy(eea=True)))
BELGIAN, PREMIUM = E164("+32470123456"), E164("+33899123456")


@pytest.mark.parametrize(
    ("owner", "target", "refused"),
    [
        (FRANCE_ONLY, TARGET, None),
        (FRANCE_ONLY, BELGIAN, Refused(Refusal.COUNTRY, "BE")),
        (FRANCE_ONLY, PREMIUM, Refused(Refusal.TYPE, "premium-rate")),
        (ABROAD, BELGIAN, None),
        (ABROAD, PREMIUM, Refused(Refusal.TYPE, "premium-rate")),
    ],
)
def test_a_destination_is_judged_at_the_call(owner: Owner, target: E164, refused: Refused | None) -> None:
    decision = decide_with(Call(A), forwards(A, target, revision=7), owners={1: owner})
    if refused is None:
        assert isinstance(decision, Forward)
        assert decision.target == target
    else:
        assert decision == Reject(Reason.DESTINATION_REFUSED, 7, target, refused)


def test_in_a_chain_each_number_is_judged_by_its_own_account() -> None:
    other = replace(forwards(B, BELGIAN), account_id=2)
    decision = decide_with(Call(A), forwards(A, B), other, owners={1: FRANCE_ONLY, 2: ABROAD})
    assert isinstance(decision, Forward)
    decision = decide_with(Call(A), forwards(A, B), other, owners={1: ABROAD, 2: FRANCE_ONLY})
    assert decision == Reject(Reason.DESTINATION_REFUSED, 1, BELGIAN, Refused(Refusal.COUNTRY, "BE"))


def test_what_is_refused_anyway_is_not_judged() -> None:
    off = replace(forwards(A, BELGIAN), active=False)
    assert decide_with(Call(A), off) == Reject(Reason.DEACTIVATED, 1)


def test_decide_changes_no_record() -> None:
    known: Mapping[E164, NumberRecord | None] = {A: forwards(A, TARGET), TARGET: None}
    before = dict(known)
    route_call(Call(A), known, OWNERS, NOW_MS)
    assert known == before
