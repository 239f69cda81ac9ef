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


def ask(place: WorkerHarness) -> tuple[SipMessage, dict[str, Any]]:
    """Ask a worker by OPTIONS."""
    with Phone() as phone:
        answer = options(phone, place.address)
    assert answer["Content-Type"] == "application/json"
    return answer, json.loads(answer.body)


def refused(guest: WorkerCaller) -> tuple[int, str]:
    """Call; return the status and phrase of the answer."""
    status = guest.connect()
    assert guest.call.answer is not None
    return status, guest.call.answer.start_line.split(" ", 2)[2]


def nothing_is_left(house: WorkerResources, place: WorkerHarness) -> bool:
    return place.calls == 0 and house.files() == []


def test_options_tell_the_load(house: WorkerResources) -> None:
    with worker_harness(house, calls=3, min_free_bytes=5) as place, WorkerCaller(place) as guest:
        answer, load = ask(place)
        assert answer.status == 200
        assert (load["calls"], load["capacity"], load["min_free_bytes"]) == (0, 3, 5)
        assert load["free_bytes"] > 1024
        assert guest.connect() == 200
        assert ask(place)[1]["calls"] == 1
        guest.hang_up()


def test_a_full_worker_sends_callers_on(house: WorkerResources) -> None:
    with (
        worker_harness(house, calls=1) as place,
        WorkerCaller(place) as first,
        WorkerCaller(place) as second,
        WorkerCaller(place) as third,
    ):
        assert first.connect() == 200
        assert refused(second) == (503, "Service Unavailable (full)")
        answer, _ = ask(place)
        assert (answer.status, answer.start_line) == (200, "SIP/2.0 200 Service Unavailable (full)")
        first.hang_up()
        wait_for(lambda: nothing_is_left(house, place), "the end of the first call")
        assert third.connect() == 200
        third.hang_up()


def test_a_worker_that_ends_sends_callers_on(house: WorkerResources) -> None:
    with worker_harness(house, grace_s=5) as place, WorkerCaller(place) as first, WorkerCaller(place) as second:
        assert first.connect() == 200
        place.drain()
        assert refused(second) == (503, "Service Unavailable (draining)")
        assert ask(place)[0].status == 503
        first.hang_up()


def test_a_full_disk_takes_no_messages(house: WorkerResources) -> None:
    with worker_harness(house, min_free_bytes=2**62) as place, WorkerCaller(place) as guest:
        assert refused(guest) == (503, "Service Unavailable (disk full)")
        answer, load = ask(place)
        assert answer.status == 200
        assert 0 < load["free_bytes"] < load["min_free_bytes"]


def test_a_disk_that_is_gone_takes_no_messages(house: WorkerResources, tmp_path: Path) -> None:
    with worker_harness(house, disk=tmp_path / "gone", min_free_bytes=1) as place, WorkerCaller(place) as guest:
        assert refused(guest) == (503, "Service Unavailable (disk full)")
        assert ask(place)[1]["free_bytes"] == 0


def test_a_disk_that_fills_up_is_noticed(
    house: WorkerResources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("renvoi.voicemail.worker.SPACE_PERIOD_S", 0.02)
    disk = tmp_path / "disk"
    disk.mkdir()
    with worker_harness(house, disk=disk, min_free_bytes=1) as place:
        assert ask(place)[1]["free_bytes"] > 0
        disk.rmdir()
        wait_for(lambda: ask(place)[1]["free_bytes"] == 0, "the loss of the disk")
        disk.mkdir()
        wait_for(lambda: ask(place)[1]["free_bytes"] > 0, "the return of the disk")


def test_a_port_is_used_again_when_its_call_is_over(house: WorkerResources) -> None:
    port = free_ports(2)[0]
    with worker_harness(house, rtp_ports=range(port, port + 1, 2)) as place:
        with WorkerCaller(place) as first, WorkerCaller(place) as second:
            assert first.connect() == 200
            assert first.rtp_port == port
            assert refused(second) == (486, "Busy Here")
            first.hang_up()
            wait_for(lambda: nothing_is_left(house, place), "the end of the first call")
        with WorkerCaller(place) as third:
            assert third.connect() == 200
            assert third.rtp_port == port
            third.hang_up()


def test_a_process_without_descriptors_left_sends_callers_on(
    place: WorkerHarness, guest: WorkerCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bind(*_: object) -> socket.socket:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch, WorkerCaller(place) as other:
        patch.setattr(RtpPorts, "_bind", bind)
        assert refused(other) == (503, "Service Unavailable (no socket)")
    assert guest.connect() == 200
    guest.hang_up()


@pytest.mark.parametrize("handoff", ["", "nonsense", "e30="])
def test_a_call_that_did_not_come_from_the_edge_is_refused(
    house: WorkerResources, place: WorkerHarness, handoff: str
) -> None:
    with WorkerCaller(place, handoff=handoff) as guest:
        assert refused(guest) == (403, "Forbidden")
    assert nothing_is_left(house, place)


@pytest.mark.parametrize(
    "media", ["m=video 4000 RTP/AVP 96", "m=audio 4000 RTP/AVP 3", "m=audio 0 RTP/AVP 8", "m=audio 4000 RTP/SAVP 8"]
)
def test_an_offer_without_audio_that_suits_is_refused(
    house: WorkerResources, place: WorkerHarness, guest: WorkerCaller, media: str
) -> None:
    head = guest.call.invite.body.partition(b"m=audio")[0]
    guest.call.invite.body = head + media.encode() + b"\r\n"
    status, phrase = refused(guest)
    assert status == 488
    assert phrase.startswith("Not Acceptable Here (no audio stream")
    wait_for(lambda: nothing_is_left(house, place), "the end of the call")
    assert house.events_of(guest) == []


def test_no_call_is_taken_that_cannot_be_recorded(
    house: WorkerResources, place: WorkerHarness, guest: WorkerCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create(*_: object) -> Recording:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Recording, "create", create)
    assert refused(guest) == (503, "Service Unavailable (no recording)")
    wait_for(lambda: nothing_is_left(house, place), "the end of the call")


def test_a_fault_of_ours_is_an_answer_all_the_same(
    house: WorkerResources, place: WorkerHarness, guest: WorkerCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def prompt(*_: object) -> None:
        raise RuntimeError("a fault of our own")

    with monkeypatch.context() as patch, WorkerCaller(place) as other:
        patch.setattr(BlockingIO, "prompt", prompt)
        assert refused(other) == (500, "Server Internal Error")
        wait_for(lambda: nothing_is_left(house, place), "the end of the call")
    assert guest.connect() == 200
    guest.hang_up()


def test_a_caller_who_gives_up_before_the_answer_leaves_nothing(
    house: WorkerResources, place: WorkerHarness, guest: WorkerCaller
) -> None:
    house.store.reading.clear()
    guest.call.start()
    guest.call.expect(100)
    guest.call.cancel()
    guest.call.expect_cancelled()
    assert place.calls == 1
    house.store.reading.set()
    wait_for(lambda: nothing_is_left(house, place), "the end of the call")
    assert house.messages_of(guest) == []
    guest.phone.expect_silence(0.1)


def test_a_worker_that_ends_while_it_answers_leaves_nothing(
    house: WorkerResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What ends it is not its patience with callers who do not answer.
    monkeypatch.setattr("renvoi.voicemail.worker.FAREWELL_S", 60)
    with worker_harness(house) as place, WorkerCaller(place) as guest:
        house.store.reading.clear()
        guest.call.start()
        guest.call.expect(100)
        place.tell_to_stop()
        guest.call.expect(480)
        house.store.reading.set()
        wait_for(lambda: place.ended, "the end of the worker")
        assert house.files() == []
