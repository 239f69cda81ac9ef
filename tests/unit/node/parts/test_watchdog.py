"""How silence of a part adds up."""

import asyncio
import os

from renvoi.node.parts.watchdog import KILL_AFTER_S, PERIOD_S, SHOW_AFTER_S, SILENT_PERIOD_S, Heartbeat, Silence


def test_silence_adds_up_until_something_is_heard() -> None:
    silence = Silence(100.0)
    silence.note(101.5, heard=True)
    assert silence.seconds == 0
    silence.note(103.0, heard=False)
    silence.note(104.5, heard=False)
    assert silence.seconds == 3.0 >= SHOW_AFTER_S
    silence.note(105.0, heard=True)
    assert silence.seconds == 0


def test_time_in_which_the_supervisor_did_not_run_is_no_silence() -> None:
    """A machine that was suspended for a day, a supervisor that was stopped, or got no CPU for a minute."""
    for gap_s in (86_400.0, 60.0, 12.0):
        silence = Silence(0.0)
        silence.note(gap_s, heard=False)
        assert silence.seconds < KILL_AFTER_S
        silence.note(gap_s + SILENT_PERIOD_S, heard=False)
        assert silence.seconds < KILL_AFTER_S
        silence.note(gap_s + 2 * SILENT_PERIOD_S, heard=True)
        assert silence.seconds == 0


def test_a_part_is_killed_only_after_several_questions_in_a_row() -> None:
    silence, now_s, asked = Silence(0.0), 0.0, 0
    while silence.seconds < KILL_AFTER_S:
        asked += 1
        now_s += 1_000.0
        silence.note(now_s, heard=False)
    assert asked >= 3


def test_silence_is_shown_and_ended_in_time() -> None:
    """At the worst a part hangs just after it was heard, or just after a beat that the next look still finds."""
    shown_s = PERIOD_S + PERIOD_S + SHOW_AFTER_S - PERIOD_S + SILENT_PERIOD_S
    assert shown_s <= 5.0
    assert PERIOD_S + KILL_AFTER_S + PERIOD_S + SILENT_PERIOD_S <= 12.0


def test_a_heartbeat_is_heard_whatever_else_is_in_the_pipe() -> None:
    async def scenario() -> None:
        heartbeat = Heartbeat()
        try:
            assert not heartbeat.heard()
            os.write(heartbeat.child_fd, b'{"works": true, "al')
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert not heartbeat.heard()
            os.write(heartbeat.child_fd, b'arm": "the mail server refuses us"}\n')
            while not heartbeat.works:  # noqa: ASYNC110 - a few turns of the loop
                await asyncio.sleep(0)
            assert heartbeat.heard()
            assert not heartbeat.heard()
            assert heartbeat.alarm == "the mail server refuses us"
            os.write(
                heartbeat.child_fd, b'\xff\n[]\n{"works": 1}\n{}\n' + b"x" * 1000 + b'\n{"works":true,"alarm":""}\n'
            )
            while heartbeat.alarm:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0)
            assert heartbeat.heard()
        finally:
            heartbeat.close()

    asyncio.run(scenario())
