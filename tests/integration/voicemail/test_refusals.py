"""Calls that a worker does not take, and calls that end before they are answered."""

import errno
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from renvoi.voicemail.blocking_io import BlockingIO
from renvoi.voicemail.recording import Recording
from renvoi.voicemail.rtp_sockets import RtpPorts
from tests.support.ports import free_ports
from tests.support.sip import Phone, options
from tests.support.sip_message import SipMessage
from tests.support.waiting import wait_for
from tests.support.worker_harness import WorkerCaller, WorkerHarness, WorkerResources, worker_harness


def ask(worker: WorkerHarness) -> tuple[SipMessage, dict[str, Any]]:
    """Ask a worker by OPTIONS."""
    with Phone() as phone:
        answer = options(phone, worker.address)
    assert answer["Content-Type"] == "application/json"
    return answer, json.loads(answer.body)


def refused(caller: WorkerCaller) -> tuple[int, str]:
    """Call; return the status and phrase of the answer."""
    status = caller.connect()
    assert caller.call.answer is not None
    return status, caller.call.answer.start_line.split(" ", 2)[2]


def nothing_is_left(resources: WorkerResources, worker: WorkerHarness) -> bool:
    return worker.calls == 0 and resources.files() == []


def test_options_tell_the_load(resources: WorkerResources) -> None:
    with worker_harness(resources, calls=3, min_free_bytes=5) as worker, WorkerCaller(worker) as caller:
        answer, load = ask(worker)
        assert answer.status == 200
        assert (load["calls"], load["capacity"], load["min_free_bytes"]) == (0, 3, 5)
        assert load["free_bytes"] > 1024
        assert caller.connect() == 200
        assert ask(worker)[1]["calls"] == 1
        caller.hang_up()


def test_a_full_worker_sends_callers_on(resources: WorkerResources) -> None:
    with (
        worker_harness(resources, calls=1) as worker,
        WorkerCaller(worker) as first,
        WorkerCaller(worker) as second,
        WorkerCaller(worker) as third,
    ):
        assert first.connect() == 200
        assert refused(second) == (503, "Service Unavailable (full)")
        answer, _ = ask(worker)
        assert (answer.status, answer.start_line) == (200, "SIP/2.0 200 Service Unavailable (full)")
        first.hang_up()
        wait_for(lambda: nothing_is_left(resources, worker), "the end of the first call")
        assert third.connect() == 200
        third.hang_up()


def test_a_worker_that_ends_sends_callers_on(resources: WorkerResources) -> None:
    with worker_harness(resources, grace_s=5) as worker, WorkerCaller(worker) as first, WorkerCaller(worker) as second:
        assert first.connect() == 200
        worker.drain()
        assert refused(second) == (503, "Service Unavailable (draining)")
        assert ask(worker)[0].status == 503
        first.hang_up()


def test_a_full_disk_takes_no_messages(resources: WorkerResources) -> None:
    with worker_harness(resources, min_free_bytes=2**62) as worker, WorkerCaller(worker) as caller:
        assert refused(caller) == (503, "Service Unavailable (disk full)")
        answer, load = ask(worker)
        assert answer.status == 200
        assert 0 < load["free_bytes"] < load["min_free_bytes"]


def test_a_disk_that_is_gone_takes_no_messages(resources: WorkerResources, tmp_path: Path) -> None:
    with worker_harness(resources, disk=tmp_path / "gone", min_free_bytes=1) as worker, WorkerCaller(worker) as caller:
        assert refused(caller) == (503, "Service Unavailable (disk full)")
        assert ask(worker)[1]["free_bytes"] == 0


def test_a_disk_that_fills_up_is_noticed(
    resources: WorkerResources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("renvoi.voicemail.worker.SPACE_PERIOD_S", 0.02)
    disk = tmp_path / "disk"
    disk.mkdir()
    with worker_harness(resources, disk=disk, min_free_bytes=1) as worker:
        assert ask(worker)[1]["free_bytes"] > 0
        disk.rmdir()
        wait_for(lambda: ask(worker)[1]["free_bytes"] == 0, "the loss of the disk")
        disk.mkdir()
        wait_for(lambda: ask(worker)[1]["free_bytes"] > 0, "the return of the disk")


def test_a_port_is_used_again_when_its_call_is_over(resources: WorkerResources) -> None:
    port = free_ports(2)[0]
    with worker_harness(resources, rtp_ports=range(port, port + 1, 2)) as worker:
        with WorkerCaller(worker) as first, WorkerCaller(worker) as second:
            assert first.connect() == 200
            assert first.rtp_port == port
            assert refused(second) == (486, "Busy Here")
            first.hang_up()
            wait_for(lambda: nothing_is_left(resources, worker), "the end of the first call")
        with WorkerCaller(worker) as third:
            assert third.connect() == 200
            assert third.rtp_port == port
            third.hang_up()


def test_a_process_without_descriptors_left_sends_callers_on(
    worker: WorkerHarness, caller: WorkerCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bind(*_: object) -> socket.socket:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch, WorkerCaller(worker) as other:
        patch.setattr(RtpPorts, "_bind", bind)
        assert refused(other) == (503, "Service Unavailable (no socket)")
    assert caller.connect() == 200
    caller.hang_up()


@pytest.mark.parametrize("handoff", ["", "nonsense", "e30="])
def test_a_call_that_did_not_come_from_the_edge_is_refused(
    resources: WorkerResources, worker: WorkerHarness, handoff: str
) -> None:
    with WorkerCaller(worker, handoff=handoff) as caller:
        assert refused(caller) == (403, "Forbidden")
    assert nothing_is_left(resources, worker)


@pytest.mark.parametrize(
    "media", ["m=video 4000 RTP/AVP 96", "m=audio 4000 RTP/AVP 3", "m=audio 0 RTP/AVP 8", "m=audio 4000 RTP/SAVP 8"]
)
def test_an_offer_without_audio_that_suits_is_refused(
    resources: WorkerResources, worker: WorkerHarness, caller: WorkerCaller, media: str
) -> None:
    head = caller.call.invite.body.partition(b"m=audio")[0]
    caller.call.invite.body = head + media.encode() + b"\r\n"
    status, phrase = refused(caller)
    assert status == 488
    assert phrase.startswith("Not Acceptable Here (no audio stream")
    wait_for(lambda: nothing_is_left(resources, worker), "the end of the call")
    assert resources.events_of(caller) == []


def test_no_call_is_taken_that_cannot_be_recorded(
    resources: WorkerResources, worker: WorkerHarness, caller: WorkerCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create(*_: object) -> Recording:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Recording, "create", create)
    assert refused(caller) == (503, "Service Unavailable (no recording)")
    wait_for(lambda: nothing_is_left(resources, worker), "the end of the call")


def test_a_fault_of_ours_is_an_answer_all_the_same(
    resources: WorkerResources, worker: WorkerHarness, caller: WorkerCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def prompt(*_: object) -> None:
        raise RuntimeError("a fault of our own")

    with monkeypatch.context() as patch, WorkerCaller(worker) as other:
        patch.setattr(BlockingIO, "prompt", prompt)
        assert refused(other) == (500, "Server Internal Error")
        wait_for(lambda: nothing_is_left(resources, worker), "the end of the call")
    assert caller.connect() == 200
    caller.hang_up()


def test_a_caller_who_gives_up_before_the_answer_leaves_nothing(
    resources: WorkerResources, worker: WorkerHarness, caller: WorkerCaller
) -> None:
    resources.store.reading.clear()
    caller.call.start()
    caller.call.expect(100)
    caller.call.cancel()
    caller.call.expect_cancelled()
    assert worker.calls == 1
    resources.store.reading.set()
    wait_for(lambda: nothing_is_left(resources, worker), "the end of the call")
    assert resources.messages_of(caller) == []
    caller.phone.expect_silence(0.1)


def test_a_worker_that_ends_while_it_answers_leaves_nothing(
    resources: WorkerResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What ends it is not its patience with callers who do not answer.
    monkeypatch.setattr("renvoi.voicemail.worker.FAREWELL_S", 60)
    with worker_harness(resources) as worker, WorkerCaller(worker) as caller:
        resources.store.reading.clear()
        caller.call.start()
        caller.call.expect(100)
        worker.tell_to_stop()
        caller.call.expect(480)
        resources.store.reading.set()
        wait_for(lambda: worker.ended, "the end of the worker")
        assert resources.files() == []
