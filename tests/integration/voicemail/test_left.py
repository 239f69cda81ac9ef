"""Callers whose worker died are hung up on by the next one."""

from renvoi.voicemail.recovery import DialogFiles
from renvoi.voicemail.sip.session import DialogState
from tests.support.waiting import wait_for
from tests.support.worker_harness import WorkerCaller, WorkerResources, worker_harness


def moved(resources: WorkerResources) -> tuple[str, DialogState] | None:
    """Return the one call that is kept, once the caller's new address is."""
    (path,) = resources.calls.glob("*.dialog")
    state = DialogState.load(path.read_bytes())
    return (path.stem, state) if state.target.startswith("sip:moved@") else None


def test_a_worker_hangs_up_on_the_callers_of_the_one_before(resources: WorkerResources) -> None:
    with worker_harness(resources) as worker, WorkerCaller(worker) as caller:
        caller.skip_greeting()
        (kept,) = DialogFiles(resources.calls).left()
        assert kept[1].call_id == caller.call_id
        caller.say(1.2)
        caller.call.contact = f"<sip:moved@127.0.0.1:{caller.phone.port}>"
        caller.call.send("UPDATE")
        caller.phone.expect(200)
        kept = wait_for(lambda: moved(resources), "the caller's new address")
        assert caller.hang_up() == 200
        wait_for(lambda: not [*resources.calls.iterdir()], "the end of the call's file")
        # So it would be if the worker had been killed in the middle of the call.
        DialogFiles(resources.calls).write(*kept)
        with worker_harness(resources):
            bye = caller.expect_bye()
        assert bye["Reason"].startswith("Q.850;cause=41")
        assert bye["Call-ID"] == caller.call_id
        assert bye["CSeq"] == "2 BYE"
        wait_for(lambda: not [*resources.calls.iterdir()], "the end of the call's file")


def test_a_call_that_is_refused_leaves_nothing(resources: WorkerResources) -> None:
    with worker_harness(resources, calls=0) as worker, WorkerCaller(worker) as caller:
        assert caller.connect() == 503
    assert not resources.calls.exists() or not [*resources.calls.iterdir()]
