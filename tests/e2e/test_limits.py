"""Limits on a node as installed: set by command, and kept by the edge from the next call on."""

import sqlite3
import time
from contextlib import closing
from email import message_from_bytes
from email.policy import default

from renvoi.domain.access.limits import MINUTE_MS
from renvoi.domain.calls.usage import Usage, day_of, used_today
from tests.support.node import NUMBER, Node
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.waiting import wait_for

TARGET = "+33612345678"
JUST_BELOW_MS = MINUTE_MS - 100
"""Less than a minute, by what any call lasts."""


def send_to(node: Node, trunk: Phone) -> None:
    """Make `trunk` the one outbound trunk, and forward the number."""
    node.run("trunk", "remove", "out")
    node.renvoi("trunk", "add", "out", "--outbound", trunk.uri)
    node.set_rule(1, TARGET)


def test_a_limit_that_is_set_holds_for_the_next_call(node: Node) -> None:
    with Phone() as carrier, Phone() as trunk:
        send_to(node, trunk)
        node.renvoi("limits", "set", "acme", "--number-calls", "1")
        node.renvoi("account", "set", "acme", "--email", "owner@example.com", "--locale", "fr")
        first = Call(carrier, node.edge, NUMBER).start()
        incoming = Incoming.wait(trunk)
        incoming.reply(200, body=SDP)
        first.expect(200)
        first.ack()
        trunk.expect("ACK")
        second = Call(carrier, node.edge, NUMBER).start()
        assert second.expect(486)["Reason"] == "Q.850;cause=17"
        first.send("BYE")
        incoming.answer(trunk.expect("BYE"))
        carrier.expect(200)
        third = Call(carrier, node.edge, NUMBER).start()
        Incoming.wait(trunk).reply(603)
        third.expect(603)
        node.renvoi("limits", "set", "acme", "--number-calls", "0")
        assert node.renvoi("limits", "show", "acme")[0]["limits"]["number"]["calls"] == 0
    refused = node.record(second.call_id)
    assert (refused["reason"], refused["status"]) == ("limit-calls", 486)
    (mail,) = wait_for(lambda: list((node.data / "mail").glob("limit.*.eml")), "the mail to the account", 30)
    told = message_from_bytes(mail.read_bytes(), policy=default)
    assert told["To"] == "owner@example.com"
    assert told["Subject"] == "Limite atteinte\u00a0: Le numéro +33 1 99 00 12 34"


def test_a_call_uses_up_the_minutes_of_the_day_while_it_runs(node: Node) -> None:
    """The next one is refused, until the limit is raised; the one that runs goes on."""
    with Phone() as carrier, Phone() as trunk, closing(sqlite3.connect(node.data / "renvoi.db")) as store:
        send_to(node, trunk)
        node.renvoi("limits", "set", "acme", "--minutes-per-day", "1")
        today = day_of(now_ms())
        with store:
            before = "INSERT OR REPLACE INTO usage (name, day, ms, running, spend, price) VALUES ('a1', ?, ?, 0, 0, 0)"
            store.execute(before, (today, JUST_BELOW_MS))
        first = Call(carrier, node.edge, NUMBER).start()
        incoming = Incoming.wait(trunk)
        incoming.reply(200, body=SDP)
        first.expect(200)
        first.ack()
        trunk.expect("ACK")

        def used_ms() -> int:
            found = store.execute("SELECT day, ms, running, spend, price FROM usage WHERE name = 'a1'")
            return used_today([(day, Usage(*sums)) for day, *sums in found], now_ms()).ms

        wait_for(lambda: used_ms() >= MINUTE_MS, lambda: f"a minute of use (there are {used_ms()} ms)")
        second = Call(carrier, node.edge, NUMBER).start()
        assert second.expect(480)["Reason"] == "Q.850;cause=20"
        first.send("BYE")
        incoming.answer(trunk.expect("BYE"))
        carrier.expect(200)
        node.renvoi("limits", "set", "acme", "--minutes-per-day", "2")
        third = Call(carrier, node.edge, NUMBER).start()
        Incoming.wait(trunk).reply(603)
        third.expect(603)
    assert node.record(second.call_id)["reason"] == "limit-minutes"
    node.wait_metric('renvoi_limits_reached_total{limit="minutes"} 1.0')


def now_ms() -> int:
    return time.time_ns() // 1_000_000
