"""The policy of an account is asked at each call: a rule that was written before it changed is refused."""

from collections.abc import Iterator

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from renvoi.documents.policy_document import policy_values
from renvoi.domain.access.account_policy import NO_POLICY, AccountPolicy
from renvoi.domain.numbers.destination_policy import DestinationPolicy
from tests.support.edge import EdgeNode
from tests.support.sip import Call, Incoming, Phone

NUMBER, INNER = "+33199001234", "+33199001235"
AT_HOME, BELGIAN, PREMIUM, SATELLITE, SHORT = "+33612345678", "+32470123456", "+33899123456", "+870773111632", "+33112"


def put_policy(edge: EdgeNode, policy: AccountPolicy) -> None:
    values = policy_values(policy)
    edge.store.execute("UPDATE accounts SET policy_version = :policy_version, policy = :policy", values)


@pytest.fixture(autouse=True)
def _no_policy_left(edge: EdgeNode) -> Iterator[None]:
    yield
    put_policy(edge, NO_POLICY)


@pytest.mark.parametrize(
    ("policy", "allowed", "refused"),
    [
        (DestinationPolicy(), [AT_HOME], [BELGIAN, PREMIUM, SATELLITE, SHORT]),
        (DestinationPolicy(eea=True), [AT_HOME, BELGIAN], [PREMIUM]),
        (DestinationPolicy(frozenset({"BE"})), [BELGIAN], [AT_HOME]),
        (DestinationPolicy(frozenset({"ALL", "001"}), refused_types=frozenset()), [PREMIUM, SATELLITE], [SHORT]),
        (DestinationPolicy(refused_prefixes=frozenset({"336"})), [], [AT_HOME]),
        (DestinationPolicy(allowed_prefixes=frozenset({"33899", "87"})), [PREMIUM, SATELLITE], [BELGIAN]),
    ],
)
def test_a_rule_is_obeyed_as_the_policy_is_now(
    edge: EdgeNode, carrier: Phone, trunk: Phone, policy: DestinationPolicy, allowed: list[str], refused: list[str]
) -> None:
    for target in (*allowed, *refused):
        edge.put(NUMBER, target=target)
        put_policy(edge, AccountPolicy(policy))
        call = Call(carrier, edge.address, NUMBER).start()
        if target in allowed:
            incoming = Incoming.wait(trunk)
            assert incoming.invite.uri.startswith(f"sip:{target}@")
            incoming.reply(486)
            call.expect(486)
            trunk.expect("ACK")
        else:
            assert call.expect(480)["Reason"] == "Q.850;cause=21"
            (decided,) = edge.wait_for_events(call.call_id, "decided")
            assert (decided["decision"], decided["reason"]) == ("reject", "destination-refused")
            assert (decided["target"], decided["status"], decided["cause"]) == (target, 480, 21)
    trunk.expect_silence(0.1)


def test_a_chain_of_our_own_numbers_ends_at_a_destination_that_is_refused(
    edge: EdgeNode, carrier: Phone, trunk: Phone
) -> None:
    edge.put(NUMBER, target=INNER)
    edge.put(INNER, target=BELGIAN)
    call = Call(carrier, edge.address, NUMBER).start()
    assert call.expect(480)["Reason"] == "Q.850;cause=21"
    (decided,) = edge.wait_for_events(call.call_id, "decided")
    assert (decided["number"], decided["target"]) == (NUMBER, BELGIAN)
    trunk.expect_silence(0.1)


def test_an_example_of_each_refused_type_and_country_is_refused_by_the_running_edge(
    edge: EdgeNode, carrier: Phone, trunk: Phone
) -> None:
    """Every region's fixed line, and the premium number of those that have one: none of them reaches the trunk."""
    kinds = (PhoneNumberType.FIXED_LINE, PhoneNumberType.PREMIUM_RATE)
    regions = sorted(phonenumbers.SUPPORTED_REGIONS - {"FR"})
    for region in regions:
        for kind in kinds:
            number = phonenumbers.example_number_for_type(region, kind)
            if number is None:
                continue
            edge.put(NUMBER, target=phonenumbers.format_number(number, PhoneNumberFormat.E164))
            assert Call(carrier, edge.address, NUMBER).start().expect(480)["Reason"] == "Q.850;cause=21", region
    trunk.expect_silence(0.1)
