"""Callers with IPv6 and with IPv4 at one worker: their audio comes to an address of their own kind."""

import pytest

from tests.support.rtp_talker import address_of
from tests.support.worker_harness import WorkerCaller, WorkerResources, worker_harness

SDP_TYPE = [("Content-Type", "application/sdp")]
HOSTS = (("127.0.0.1", "127.0.0.1"), ("::1", "::1"))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_message_is_taken_by_either_kind(resources: WorkerResources, host: str) -> None:
    with worker_harness(resources, rtp_hosts=HOSTS) as worker, WorkerCaller(worker, audio_host=host) as caller:
        caller.leave()
        assert caller.call.answer is not None
        assert address_of(caller.call.answer.body.decode())[0] == host
        assert resources.message_of(caller).message.duration_ms >= 1200


def test_an_offer_of_the_voicemail_has_the_kind_of_the_callers_contact(resources: WorkerResources) -> None:
    with worker_harness(resources, rtp_hosts=HOSTS) as worker, WorkerCaller(worker) as caller:
        caller.withhold_offer()
        headers = caller.call.invite.headers
        caller.call.invite.headers = [(k, "<sip:me@[::1]:5060>" if k == "Contact" else v) for k, v in headers]
        offer = caller.call.start().expect(200).body.decode()
        assert address_of(offer)[0] == "::1"
        caller.phone.send(caller.call.request("ACK", 1, SDP_TYPE, caller.talker.sdp), caller.call.edge)
        assert caller.hang_up() == 200
