"""The tests' phone tells a call from its copies, and from an edge that asks whether it is there."""

from collections.abc import Iterator

import pytest

from tests.support.sip import Call, Incoming, Phone, options


@pytest.fixture
def carrier() -> Iterator[Phone]:
    with Phone() as phone:
        yield phone


@pytest.fixture
def trunk() -> Iterator[Phone]:
    with Phone() as phone:
        yield phone


def test_a_call_that_was_answered_late_comes_no_second_time(carrier: Phone, trunk: Phone) -> None:
    first = Call(carrier, (trunk.host, trunk.port), "+33199001234").start()
    invite = Incoming.wait(trunk).invite
    carrier.send(invite.raw, (trunk.host, trunk.port))
    second = Call(carrier, (trunk.host, trunk.port), "+33199001234").start()
    assert [invite["Call-ID"], Incoming.wait(trunk).invite["Call-ID"]] == [first.call_id, second.call_id]


def test_only_a_copy_is_no_call(carrier: Phone, trunk: Phone) -> None:
    Call(carrier, (trunk.host, trunk.port), "+33199001234").start()
    carrier.send(Incoming.wait(trunk).invite.raw, (trunk.host, trunk.port))
    with pytest.raises(TimeoutError):
        Incoming.wait(trunk, 0.05)


def test_silence_is_broken_by_a_call_and_not_by_a_probe(carrier: Phone, trunk: Phone) -> None:
    with pytest.raises(TimeoutError):
        options(carrier, (trunk.host, trunk.port), 0)
    trunk.expect_silence(0.05)
    assert [message.method for message in trunk.seen] == ["OPTIONS"]
    Call(carrier, (trunk.host, trunk.port), "+33199001234").start()
    with pytest.raises(AssertionError, match="got INVITE"):
        trunk.expect_silence(0.05)


def test_a_copy_of_an_answer_to_another_call_is_passed_over(carrier: Phone, trunk: Phone) -> None:
    edge = (trunk.host, trunk.port)
    first = Call(carrier, edge, "+33199001234").start()
    Incoming.wait(trunk).reply(404)
    answer = first.expect(404)
    second = Call(carrier, edge, "+33199001234").start()
    trunk.expect("ACK")
    trunk.send(answer.raw, (carrier.host, carrier.port))
    Incoming.wait(trunk).reply(404)
    assert second.expect(404)["Call-ID"] == second.call_id


def test_what_a_slow_phone_brings_about_breaks_no_silence(carrier: Phone, trunk: Phone) -> None:
    """A probe, and a copy of a request; an answer that comes twice is something."""
    edge = (trunk.host, trunk.port)
    call = Call(carrier, edge, "+33199001234").start()
    incoming = Incoming.wait(trunk)
    with pytest.raises(TimeoutError):
        options(carrier, edge, 0)
    call.start()
    trunk.expect_silence(0.05)
    with pytest.raises(TimeoutError):
        options(carrier, edge, 0)
    incoming.reply(404)
    answer = call.expect(404)
    trunk.expect("ACK")
    trunk.send(answer.raw, (carrier.host, carrier.port))
    with pytest.raises(AssertionError, match=r"got SIP/2\.0 404"):
        carrier.expect_silence(0.05)


def test_a_provisional_answer_behind_the_final_one_is_passed_over(carrier: Phone, trunk: Phone) -> None:
    edge = (trunk.host, trunk.port)
    first = Call(carrier, edge, "+33199001234").start()
    incoming = Incoming.wait(trunk)
    incoming.reply(200)
    incoming.reply(180)
    second = Call(carrier, edge, "+33199001234").start()
    Incoming.wait(trunk).reply(180)
    assert first.expect(200)["Call-ID"] == first.call_id
    assert second.expect(180)["Call-ID"] == second.call_id
