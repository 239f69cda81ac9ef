"""What a node must do whatever it was sent: take a change, carry a call, keep its record, deliver a message."""

from tests.hostile.attacks import ANSWER_TIMEOUT_S, Target
from tests.support.callers import Caller
from tests.support.node import NUMBER, OTHER_TARGET, SECOND, TARGET, command_line, descendants
from tests.support.sip import Call, Phone
from tests.support.waiting import wait_for

MOST_LOG_BYTES = 2_000_000
"""What one batch may write to the log."""
_LOOK_BEHIND = 400


class VitalSigns:
    """Checks a node after each batch: it works, by the same processes, without an exception that nobody thought of."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._node = target.node
        self._log_offset = 0
        self._processes = self._found()

    def check(self, after: str) -> None:
        """Check all of it; `after` names the batch."""
        self._take_change()
        self._carry_call()
        self._deliver_message()
        self._read_log(after)
        assert self._found() == self._processes, f"processes ended after {after}"

    def _take_change(self) -> None:
        assert self._node.set_rule(0).json()["code"] in (2, 18)
        self._node.forward(OTHER_TARGET)
        self._node.forward(TARGET)

    def _carry_call(self) -> None:
        with Phone() as phone:
            call = Call(phone, self._node.edge, NUMBER).start()
            call.expect(200, ANSWER_TIMEOUT_S, skip=(100, 180))
            call.ack()
            call.send("BYE")
            phone.expect(200, ANSWER_TIMEOUT_S)
        found = wait_for(lambda: self._node.records(call.call_id), "the record of a call", ANSWER_TIMEOUT_S)
        assert [(record["decision"], record["target"], record["status"]) for record in found] == [
            ("forward", TARGET, 200)
        ]

    def _deliver_message(self) -> None:
        with Caller(self._node.edge, SECOND) as caller:
            assert caller.connect() == 200
            assert caller.wait_for_beep()
            caller.talk(1.3)
            assert caller.hang_up(ANSWER_TIMEOUT_S) == 200
        wait_for(lambda: self._mailed(caller.number), f"the mail of {caller.number}", ANSWER_TIMEOUT_S)
        assert self._mailed(caller.number) == 1

    def _mailed(self, number: str) -> int:
        return sum(
            number in (part.get_filename() or "")
            for mail in list(self._target.inbox.mails)
            for part in mail.message.iter_attachments()
        )

    def _read_log(self, after: str) -> None:
        with self._node.log.open("rb") as log:
            log.seek(self._log_offset)
            fresh = log.read()
        self._log_offset += len(fresh)
        at = fresh.find(b"Traceback")
        assert at < 0, f"after {after}: {fresh[max(0, at - _LOOK_BEHIND) : at + 3000].decode('utf-8', 'replace')}"
        assert len(fresh) < MOST_LOG_BYTES, f"{len(fresh)} bytes of log after {after}"

    def _found(self) -> dict[int, str]:
        assert self._node.process is not None
        return {pid: command_line(pid) for pid in descendants(self._node.process.pid)}
