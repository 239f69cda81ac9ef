"""The checker finds each kind of violation in a history that has it, and none in one that has none."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.checker import judge
from tests.chaos.history import (
    NEVER,
    Audited,
    Call,
    Change,
    Decision,
    Fault,
    Final,
    History,
    Kept,
    MailSeen,
    Outcome,
    Record,
    Taking,
)

N, BOX = "+33199000001", "+33199000009"
X, Y, Z = "+33644000001", "+33644000002", "+33644000003"


@dataclass
class Story:
    """A history with the store at its end."""

    history: History
    final: Final

    def kinds(self) -> set[str]:
        return {violation.kind for violation in judge(self.history, self.final).violations}

    def set(self, **fields: object) -> None:
        self.final = replace(self.final, **fields)  # type: ignore[arg-type]  # the tests name fields of Final


def done(begun: float, ended: float, target: str, revision: int, key: str | None = None) -> Change:
    return Change(begun, ended, "a", N, target, Outcome.DONE, revision, key)


def told(begun: float, ended: float, target: str, outcome: Outcome, key: str | None = None) -> Change:
    return Change(begun, ended, "b", N, target, outcome, key=key)


def good() -> Story:
    """Return a story in which all is well."""
    history = History(
        changes=[
            done(1, 2, X, 1),
            done(3, 4, Y, 2, key="k"),
            done(5, 6, Y, 2, key="k"),
            told(7, NEVER, Z, Outcome.UNKNOWN),
            Change(1, 2, "a", BOX, "m@example.com", Outcome.DONE, 1),
        ],
        decisions=[Decision(2.5, 2.7, "b", N, X, "c1")],
        calls=[
            Call(2.5, 2.9, "b", N, "c1", 486),
            Call(4.5, 4.9, "a", N, "c2", 200, hung_up=True),
            Call(10, 11, "a", BOX, "c3", 200),
        ],
        takings=[Taking("c3", said_s=3.0)],
        mails=[MailSeen("m1", "m@example.com", "d"), MailSeen("m1", "m@example.com", "d")],
    )
    final = Final(
        rules={N: (3, Z), BOX: (1, "m@example.com")},
        audit=[Audited(N, 1, "", X), Audited(N, 2, X, Y), Audited(N, 3, Y, Z), Audited(BOX, 1, "", "m@example.com")],
        records=[
            Record("c1", N, 1, "forward", X, 486, ended=True),
            Record("c2", N, 2, "forward", Y, 200, ended=True),
            Record("c3", BOX, 1, "voicemail", None, 200, ended=True),
        ],
        messages=[Kept("m1", "c3", BOX, 1, "m@example.com", "sent")],
        call_counts={("forward", 486): 1, ("forward", 200): 1, ("voicemail", 200): 1},
        counts={"messages": 1, "mails_sent": 1},
    )
    return Story(history, final)


def test_a_good_history_is_not_accused() -> None:
    assert judge(good().history, good().final).violations == []


def lost_change(story: Story) -> None:
    story.history.changes.append(done(8, 9, "+33644000009", 4))


def revision_gap(story: Story) -> None:
    story.set(audit=[*story.final.audit, Audited(N, 5, "", "")], rules={**story.final.rules, N: (5, "")})


def duplicate_revision(story: Story) -> None:
    story.set(audit=[*story.final.audit, Audited(N, 2, X, "+33644000008")])


def torn_change(story: Story) -> None:
    story.set(audit=[replace(each, before=Y) if each.after == Y else each for each in story.final.audit])


def two_winners(story: Story) -> None:
    story.history.changes += [done(8, 9, Y, 4), done(8, 9, Y, 5)]
    more = [Audited(N, 4, Z, Y), Audited(N, 5, Y, Y)]
    story.set(audit=[*story.final.audit, *more], rules={**story.final.rules, N: (5, Y)})


def order_of_changes(story: Story) -> None:
    story.history.changes[1:3] = [done(0, 0.5, Y, 2)]


def stale_decision(story: Story) -> None:
    story.history.decisions.append(Decision(4.1, 4.3, "b", N, X, "c2"))


def stale_decision_in_a_record(story: Story) -> None:
    story.history.calls[0] = replace(story.history.calls[0], begun=4.1, ended=4.2)
    story.history.decisions.clear()


def stale_decision_after_another_call(story: Story) -> None:
    # The change was never answered, but once a call has obeyed it no later one may do otherwise.
    story.history.decisions += [Decision(8, 8.1, "a", N, Z, "c1"), Decision(8.2, 8.3, "b", N, Y, "c2")]


def decision_ahead_of_its_change(story: Story) -> None:
    story.history.decisions.append(Decision(2.5, 2.6, "b", N, Y, "c2"))


def rule_that_never_was(story: Story) -> None:
    story.history.decisions.append(Decision(2.5, 2.6, "b", N, "+33644000007", "c2"))


def key_used_twice(story: Story) -> None:
    story.history.changes.append(done(8, 9, Y, 4, key="k"))
    story.set(audit=[*story.final.audit, Audited(N, 4, Z, Y)], rules={**story.final.rules, N: (4, Y)})


def revision_told_twice(story: Story) -> None:
    story.history.changes.append(done(1, 2, X, 1))


def refused_and_done(story: Story) -> None:
    story.history.changes[3] = told(7, 8, Z, Outcome.REFUSED)


def effect_without_cause(story: Story) -> None:
    story.history.changes[3] = told(7, 8, Z, Outcome.ALREADY)


def rule_without_its_change(story: Story) -> None:
    story.set(rules={**story.final.rules, N: (3, X)})


def strange_answer(story: Story) -> None:
    story.history.changes.append(told(8, 9, Y, Outcome.STRANGE))


def strange_answer_to_a_call(story: Story) -> None:
    story.history.calls.append(Call(5, 6, "a", N, "c4", 500))
    story.set(records=[*story.final.records, Record("c4", N, 2, "forward", Y, 500, ended=True)])


def lost_record(story: Story) -> None:
    story.set(records=story.final.records[1:])


def doubled_record(story: Story) -> None:
    story.set(records=[*story.final.records, story.final.records[0]])


def record_of_no_call(story: Story) -> None:
    story.set(records=[*story.final.records, replace(story.final.records[0], call_id="c9")])


def wrong_record(story: Story) -> None:
    story.set(records=[replace(story.final.records[0], status=480), *story.final.records[1:]])


def wrong_target_in_a_record(story: Story) -> None:
    story.set(records=[replace(story.final.records[0], target=Z), *story.final.records[1:]])


def wrong_decision_in_a_record(story: Story) -> None:
    story.history.decisions[0] = replace(story.history.decisions[0], call_id="c2", begun=2.5, ended=4.7)


def unfinished_record(story: Story) -> None:
    story.set(records=[story.final.records[0], replace(story.final.records[1], ended=False), story.final.records[2]])


def wrong_counter_of_calls(story: Story) -> None:
    story.set(call_counts={**story.final.call_counts, ("forward", 486): 2})


def lost_message(story: Story) -> None:
    story.set(messages=[], counts={})
    story.history.mails.clear()


def doubled_message(story: Story) -> None:
    story.set(messages=[*story.final.messages, replace(story.final.messages[0], id="m2")])


def message_of_no_call(story: Story) -> None:
    story.set(messages=[replace(story.final.messages[0], call_id="c9")])


def stale_decision_of_a_message(story: Story) -> None:
    story.history.changes.append(Change(3, 4, "a", BOX, "n@example.com", Outcome.DONE, 2))
    story.set(
        audit=[*story.final.audit, Audited(BOX, 2, "m@example.com", "n@example.com")],
        rules={**story.final.rules, BOX: (2, "n@example.com")},
        records=story.final.records[:2],
    )


def lost_mail(story: Story) -> None:
    story.history.mails.clear()


def mail_not_sent(story: Story) -> None:
    story.set(messages=[replace(story.final.messages[0], mail_state="pending")])


def mail_to_another(story: Story) -> None:
    story.history.mails[0] = replace(story.history.mails[0], recipient="x@example.com")


def mail_of_no_message(story: Story) -> None:
    story.history.mails.append(MailSeen("m9", "m@example.com", "d"))


def copies_differ(story: Story) -> None:
    story.history.mails[0] = replace(story.history.mails[0], digest="e")


def wrong_counter_of_messages(story: Story) -> None:
    story.set(counts={"messages": 2, "mails_sent": 1})


BREAKS: list[tuple[Callable[[Story], None], str]] = [
    (lost_change, "lost change"),
    (revision_gap, "revision gap"),
    (duplicate_revision, "duplicate revision"),
    (torn_change, "torn change"),
    (two_winners, "two winners"),
    (order_of_changes, "order of changes"),
    (stale_decision, "stale decision"),
    (stale_decision_in_a_record, "stale decision"),
    (stale_decision_after_another_call, "stale decision"),
    (stale_decision_of_a_message, "stale decision"),
    (decision_ahead_of_its_change, "decision ahead of its change"),
    (rule_that_never_was, "rule that never was"),
    (key_used_twice, "key used twice"),
    (revision_told_twice, "revision told twice"),
    (refused_and_done, "refused and done"),
    (effect_without_cause, "effect without cause"),
    (rule_without_its_change, "rule without its change"),
    (strange_answer, "strange answer"),
    (strange_answer_to_a_call, "strange answer"),
    (lost_record, "lost record"),
    (doubled_record, "doubled record"),
    (record_of_no_call, "record of no call"),
    (wrong_record, "wrong record"),
    (wrong_target_in_a_record, "wrong record"),
    (wrong_decision_in_a_record, "wrong record"),
    (unfinished_record, "unfinished record"),
    (wrong_counter_of_calls, "wrong counter"),
    (lost_message, "lost message"),
    (doubled_message, "doubled message"),
    (message_of_no_call, "message of no call"),
    (lost_mail, "lost mail"),
    (mail_not_sent, "mail not sent"),
    (mail_to_another, "mail to another"),
    (mail_of_no_message, "mail of no message"),
    (copies_differ, "copies differ"),
    (wrong_counter_of_messages, "wrong counter"),
]


@pytest.mark.parametrize(("break_it", "kind"), BREAKS, ids=lambda each: getattr(each, "__name__", ""))
def test_each_broken_promise_is_found(break_it: Callable[[Story], None], kind: str) -> None:
    story = good()
    break_it(story)
    assert kind in story.kinds()


def test_a_kill_excuses_what_an_edge_had_in_its_hands() -> None:
    story = good()
    story.history.calls += [Call(5, NEVER, "a", N, "c4", None), Call(5, 8, "a", N, "c5", 486)]
    story.history.faults.append(Fault(6, 7, "a", "edge"))
    story.set(records=[*story.final.records, Record("c5", N, 2, "forward", Y, None, ended=False)])
    assert story.kinds() == set()
    story.history.faults[0] = replace(story.history.faults[0], node="b")
    assert story.kinds() == {"wrong record"}


def test_a_refused_change_that_is_stored_must_be_explained_by_its_node() -> None:
    story = good()
    story.history.changes[3] = told(7, 8, Z, Outcome.REFUSED)
    story.history.unknown_at.append(7.5)
    verdict = judge(story.history, story.final)
    assert (verdict.violations, verdict.explained) == ([], 1)
    story.history.unknown_at[0] = 8.5
    assert story.kinds() == {"refused and done"}


def test_identical_changes_may_each_win_in_turn_but_not_in_a_row() -> None:
    story = good()
    story.history.changes += [done(8, 9, X, 4), told(8, 9, X, Outcome.ALREADY), told(8.5, 9, X, Outcome.ALREADY)]
    story.set(audit=[*story.final.audit, Audited(N, 4, Z, X)], rules={**story.final.rules, N: (4, X)})
    assert story.kinds() == set()


def test_a_short_message_and_a_503_may_leave_nothing() -> None:
    story = good()
    story.history.calls.append(Call(5, 6, "a", N, "c4", 503))
    story.history.takings.append(Taking("c4", said_s=1.1))
    assert story.kinds() == set()


@dataclass(frozen=True)
class Step:
    """What one client does: it happens at an instant, somewhere between `before` and `after` it."""

    before: float
    after: float
    writes: bool
    refuses: bool
    heard: bool


steps = st.lists(
    st.builds(Step, st.floats(0.01, 5), st.floats(0.01, 5), st.booleans(), st.booleans(), st.booleans()), max_size=25
)


def played(script: list[Step]) -> Story:
    """Play a script on a register that keeps every promise."""
    history, audit, rule = History(), list[Audited](), ""
    for number, step in enumerate(script):
        begun, ended = number - step.before, number + step.after
        if not step.writes:
            history.decisions.append(Decision(begun, ended, "a", N, rule, f"call-{number}"))
            continue
        target = "" if step.refuses else f"+3364400{number:04}"
        if target == rule:
            history.changes.append(told(begun, ended, target, Outcome.ALREADY))
            continue
        audit.append(Audited(N, len(audit) + 1, rule, target))
        rule = target
        lost = told(begun, NEVER, target, Outcome.UNKNOWN)
        history.changes.append(done(begun, ended, target, len(audit)) if step.heard else lost)
    return Story(history, Final(rules={N: (len(audit), rule)}, audit=audit))


@given(steps)
def test_whatever_a_true_register_does_is_not_accused(script: list[Step]) -> None:
    story = played(script)
    assert judge(story.history, story.final).violations == []


@given(steps, st.data())
def test_a_change_undone_behind_the_clients_back_is_found(script: list[Step], data: st.DataObject) -> None:
    story = played(script)
    heard = [change for change in story.history.changes if change.outcome is Outcome.DONE]
    if not heard:
        return
    gone = data.draw(st.sampled_from(heard)).revision
    assert gone is not None
    left = [entry for entry in story.final.audit if entry.revision != gone]
    moved = [replace(entry, revision=entry.revision - (entry.revision > gone)) for entry in left]
    story.set(audit=moved)
    assert story.kinds() & {"lost change", "revision told twice", "rule without its change"}


@given(steps, st.integers(0, 25))
def test_a_call_that_obeys_what_was_replaced_before_it_began_is_found(script: list[Step], at: int) -> None:
    story = played(script)
    known = [change for change in story.history.changes if change.outcome is Outcome.DONE and change.target]
    older = [change for change in known if any(later.begun > change.ended for later in known)]
    if not older:
        return
    stale = older[at % len(older)]
    end = max(change.ended for change in known)
    story.history.decisions.append(Decision(end + 1, end + 2, "b", N, stale.target, "stale"))
    assert "stale decision" in story.kinds()
