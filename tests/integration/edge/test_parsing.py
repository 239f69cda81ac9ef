"""What strangers write into a call, through a real Kamailio: it harms no call, no record and nobody beside it."""

import pytest

from renvoi.domain.identifier import identifier
from renvoi.domain.text import clean_text
from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone

NUMBER, TARGET = "+33199001234", "+33612345678"
LONG = "c" * 20_000
STRANGE = {
    "call-id": {"Call-ID": LONG},
    "tag": {"From": f"<sip:+33612345678@carrier.example>;tag={LONG}"},
    "call-id-latin": {"Call-ID": b"\xe9\xff".decode("utf-8", "surrogateescape")},
    "tag-latin": {"From": b"<sip:+33612345678@x>;tag=\xe9\xff".decode("utf-8", "surrogateescape")},
    "call-id-control": {"Call-ID": "a\x01b"},
    "caller-nul": {"From": "<sip:a%00b@x>;tag=t"},
    "caller-surrogate": {"From": "<sip:%ed%a0%80@x>;tag=t"},
    "caller-long": {"From": f"<sip:{LONG}@x>;tag=t"},
    "caller-asserted": {"P-Asserted-Identity": "<sip:a%0d%0ab%00@x>"},
    "diversion": {"Diversion": "\x01" * 15_000},
    "diversion-escapes": {"Diversion": ", ".join(["<sip:%00%01%1b%e2%80%ae@x>;counter=0"] * 5)},
    "history": {"History-Info": "<sip:+33100@x?" + "reason=" * 1800 + ">;index=1"},
    "reason": {"Reason": "Q.850;cause=" + "9" * 9000},
}


def is_fit(value: object) -> bool:
    """Tell whether no store and no reader has trouble with a value of an event."""
    if isinstance(value, dict):
        return all(map(is_fit, value.values()))
    if isinstance(value, list):
        return len(value) <= 64 and all(map(is_fit, value))
    return not isinstance(value, str) or (len(value) <= 128 and clean_text(value, 129) == value)


@pytest.mark.parametrize("name", STRANGE)
def test_what_strangers_write_makes_fit_events_of_one_call(
    edge: EdgeNode, carrier: Phone, trunk: Phone, name: str
) -> None:
    """The call goes through byte for byte, and its events, from INVITE to BYE, have one key."""
    edge.put(NUMBER, target=TARGET)
    fields = STRANGE[name]
    call = Call(carrier, edge.address, NUMBER)
    kept = [(key, fields.get(key, value)) for key, value in call.invite.headers]
    call.invite.headers = kept + [(key, value) for key, value in fields.items() if key not in dict(kept)]
    call.call_id = call.invite["Call-ID"]
    before = sum(map(len, edge.lines()))
    call.start()
    incoming = Incoming.wait(trunk)
    for key, value in fields.items():
        assert value in incoming.invite.all(key)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    trunk.expect("ACK")
    call.send("BYE", headers=[("Reason", fields.get("Reason", "Q.850;cause=16"))])
    incoming.answer(trunk.expect("BYE"))
    carrier.expect(200)
    call_id = identifier(call.call_id.encode("utf-8", "surrogateescape"))
    events = edge.wait_for_events(call_id, "decided", "answered", "hungup")
    assert len({event.get("from_tag") or event["key"]["from_tag"] for event in events}) == 1
    assert all(map(is_fit, events))
    assert sum(map(len, edge.lines())) - before < 8192


def test_a_history_of_60_kb_stops_nobody(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """What is too long to be searched for loops is refused, with a record; the others' calls go on."""
    edge.put(NUMBER, target=TARGET)
    for header, value in (
        ("History-Info", "<sip:+33100@x?" + "reason=" * 8600 + ">;index=1"),
        ("Diversion", "\x01" * 60_000),
        ("Diversion", ", ".join(f"<sip:+33100@x;a={n}>" for n in range(2500))),
    ):
        call = Call(carrier, edge.address, NUMBER, headers=[(header, value)]).start()
        call.expect(400)
        (decided,) = edge.wait_for_events(call.call_id, "decided")
        assert (decided["decision"], decided["reason"], decided["status"]) == ("reject", "malformed", 400)
    call = Call(carrier, edge.address, NUMBER).start()
    Incoming.wait(trunk).reply(486)
    call.expect(486)


@pytest.mark.parametrize(
    ("caller", "headers", "privacy"),
    [
        ("anonymous", [], "id"),
        ("+266696687", [("Privacy", "session")], "id;session"),
        ("+33140000001", [("Remote-Party-ID", "<sip:+33612345678@x>;party=calling;privacy=full")], "id"),
        ("anonymous", [("Privacy", "id;critical")], "id;critical"),
        ("+33140000001", [], None),
    ],
)
def test_the_trunk_learns_that_a_caller_is_withheld(
    edge: EdgeNode, carrier: Phone, trunk: Phone, caller: str, headers: list[tuple[str, str]], privacy: str | None
) -> None:
    """The network's word on who calls goes along, so the trunk has to know that it must not be shown."""
    edge.put(NUMBER, target=TARGET)
    asserted = ("P-Asserted-Identity", "<sip:+33155555555@carrier.example>")
    call = Call(carrier, edge.address, NUMBER, caller, headers=[asserted, *headers]).start()
    incoming = Incoming.wait(trunk)
    assert incoming.invite.get("Privacy") == privacy
    assert len(incoming.invite.all("Privacy")) <= 1
    assert incoming.invite["P-Asserted-Identity"] == asserted[1]
    incoming.reply(486)
    call.expect(486)
    assert edge.wait_for_events(call.call_id, "decided", "failed")[0]["caller"] == "+33155555555"
