"""Callers whose worker died are hung up on by the next one."""

from renvoi.voicemail.recovery import DialogFiles
from renvoi.voicemail.sip.session import DialogState
from tests.support.waiting import wait_for
from tests.support.worker_harness import WorkerCaller, WorkerResources, worker_harness


def moved(house: WorkerResources) -> tuple[str, DialogState] | None:
    """Return the one call that is kept, once the caller's new address is."""
    (path,) = house.calls.glob("*.dialog")
    state = DialogState.load(path.read_bytes())
    return (path.stem, state) if state.target.startswith("sip:moved@") else None


def test_a_worker_hangs_up_on_the_callers_of_the_one_before(house: WorkerResources) -> None:
    with worker_harness(house) as place, WorkerCaller(place) as guest:
        guest.skip_greeting()
        (kept,) = DialogFiles(house.calls).left()
        assert kept[1].call_id == guest.call_id
        guest.say(1.2)
        guest.call.contact = f"<sip:moved@127.0.0.1:{guest.phone.port}>"
        guest.call.send("UPDATE")
        guest.phone.expect(200)
        kept = wait_for(lambda: moved(house), "the caller's new address")
        assert guest.hang_up() == 200
        wait_for(lambda: not [*house.calls.iterdir()], "the end of the call's file")
        # So it would be if the worker had been killed in the middle of the call.
        DialogFiles(house.calls).write(*kept)
        with worker_harness(house):
            bye = guest.expect_bye()
        assert bye["Reason"].startswith("Q.850;cause=41")
        assert bye["Call-ID"] == guest.call_id
        assert bye["CSeq"] == "2 BYE"
        wait_for(lambda: not [*house.calls.iterdir()], "the end of the call's file")


def test_a_call_that_is_refused_leaves_nothing(house: WorkerResources) -> None:
    with worker_harness(house, calls=0) as place, WorkerCaller(place) as guest:
        assert guest.connect() == 503
    assert not house.calls.exists() or not [*house.calls.iterdir()]
