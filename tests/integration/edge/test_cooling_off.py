"""Calls to a country that an account has just begun to use wait, at a real Kamailio (docs/operating/limits.md)."""

import time
from pathlib import Path

from renvoi.documents.policy_document import policy_values
from renvoi.domain.access.account_policy import AccountPolicy, CountriesUsed
from renvoi.domain.numbers.destination_policy import EVERYWHERE, DestinationPolicy
from renvoi.domain.trunks.choices import Redirects
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.edge import EdgeNode
from tests.support.sip import Call, Incoming, Phone

NUMBER, OTHER = "+33199001234", "+33199001235"
BELGIAN, FRENCH = "+32470123456", "+33612345678"
COOLING_OFF_S = 3600


def belgium_used_for(node: EdgeNode, seconds: float) -> None:
    since_ms = time.time_ns() // 1_000_000 - round(seconds * 1000)
    everywhere = DestinationPolicy(frozenset({EVERYWHERE}))
    values = policy_values(AccountPolicy(everywhere, used=CountriesUsed((("BE", since_ms),))))
    node.store.execute("UPDATE accounts SET policy_version = ?, policy = ?", tuple(values.values()))


def test_a_new_country_waits_and_the_others_do_not(tmp_path: Path, carrier: Phone) -> None:
    with (
        Phone() as trunk,
        EdgeNode(tmp_path, [OutboundTrunk("main", trunk.uri)], cooling_off_s=COOLING_OFF_S) as node,
    ):
        node.put(NUMBER, target=BELGIAN)
        node.put(OTHER, target=FRENCH)

        belgium_used_for(node, 1)
        refused = Call(carrier, node.address, NUMBER).start()
        assert refused.expect(480)["Reason"] == "Q.850;cause=20"
        (decided,) = node.wait_for_events(refused.call_id, "decided")
        assert (decided["decision"], decided["reason"], decided["target"]) == ("reject", "cooling-off", BELGIAN)
        for number, seconds in ((OTHER, 1), (NUMBER, COOLING_OFF_S + 1)):
            belgium_used_for(node, seconds)
            call = Call(carrier, node.address, number).start()
            Incoming.wait(trunk).reply(486)
            call.expect(486)


def test_a_trunk_leads_to_no_country_that_is_new_to_the_account(tmp_path: Path, carrier: Phone) -> None:
    """Nor to one that no rule has ever named: nobody has noted since when."""
    with Phone() as trunk:
        main = OutboundTrunk("main", trunk.uri, redirects=Redirects.FOLLOW)
        with EdgeNode(tmp_path, [main], cooling_off_s=COOLING_OFF_S) as node:
            node.put(NUMBER, target=FRENCH)
            for wanted, seconds, followed in (
                (BELGIAN, 1, False),
                ("+4930123456", COOLING_OFF_S + 1, False),
                (BELGIAN, COOLING_OFF_S + 1, True),
                ("+33612345679", 1, True),
            ):
                belgium_used_for(node, seconds)
                call = Call(carrier, node.address, NUMBER).start()
                Incoming.wait(trunk).reply(302, headers=[("Contact", f"<sip:{wanted}@x>")])
                if not followed:
                    call.expect(503)
                    continue
                incoming = Incoming.wait(trunk)
                assert incoming.invite.uri.startswith(f"sip:{wanted}@")
                incoming.reply(486)
                call.expect(486)
