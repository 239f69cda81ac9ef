"""Any rule comes back from its row as it was, and any text is a rule or none."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from renvoi.domain.messages.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.numbers.rule import Fallback, NumberRecord, Otherwise, Rule, RuleType
from renvoi.routing_document import COLUMNS, decode, number_record, rule_values

numbers = st.builds(E164.from_digits, st.integers(1, 10**15 - 1))
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
one_line = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
domains = st.text(one_line.filter(lambda each: each not in "@ "), min_size=1, max_size=60)
addresses = st.builds("{}@{}".format, st.text(one_line, min_size=1, max_size=60), domains).map(EmailAddress)
actions = st.sampled_from(Otherwise)
fallbacks = st.one_of(
    st.builds(Fallback, actions, actions, addresses), st.just(Fallback()), st.builds(Fallback, email=addresses)
)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Return any rule that the domain admits."""
    kind = draw(st.sampled_from(RuleType))
    return Rule(
        kind,
        draw(numbers) if kind is RuleType.FORWARD else None,
        draw(addresses) if kind is RuleType.VOICEMAIL else None,
        draw(st.integers(0, 2**63 - 1)),
        timedelta(seconds=draw(st.integers(5, 170))),
        draw(fallbacks),
    )


records = st.builds(
    NumberRecord, numbers, st.integers(1), rules(), st.booleans(), st.booleans(), st.text(), st.none() | st.integers(0)
)


@given(records, st.booleans())
def test_a_record_comes_back_from_its_row(record: NumberRecord, with_document: bool) -> None:
    values = {
        "account_id": record.account_id,
        "label": record.label,
        "active": record.active,
        "forwarding_enabled": record.forwarding_enabled,
        "updated_at_ms": record.updated_at_ms,
        **rule_values(record.rule),
    }
    if not with_document:
        values |= {"routing_version": None, "routing": None}
    assert number_record(record.number, [values[name] for name in COLUMNS]) == record


@given(st.text() | st.binary())
def test_any_text_is_a_rule_or_none(text: str | bytes) -> None:
    try:
        decode(text)
    except ValueError:
        return


@given(rules(), st.data())
def test_a_document_that_was_cut_or_changed_is_a_rule_or_none(rule: Rule, data: st.DataObject) -> None:
    document = bytearray(str(rule_values(rule)["routing"]).encode())
    place = data.draw(st.integers(0, len(document) - 1))
    document[place] = data.draw(st.integers(0, 255))
    try:
        decode(bytes(document))
    except ValueError:
        return
