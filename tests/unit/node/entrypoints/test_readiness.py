"""What `/readyz` and `/metrics` say of the parts of a node."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from renvoi.configuration.settings import Settings
from renvoi.edge import relay_client
from renvoi.http.deps import Measurement, PartState
from renvoi.node.control import control
from renvoi.node.entrypoints import readiness
from renvoi.node.entrypoints.readiness import RESTART_ALLOWANCE_S, NodeStatus
from renvoi.node.parts import health
from renvoi.node.parts.health import Load
from renvoi.node.parts.supervised_process import State

MIB = 1024 * 1024
FINE = Load(2, 500, 900 * MIB, 64 * MIB)
FULL = Load(0, 500, 63 * MIB + 5, 64 * MIB)
DISK_FULL = "the disk is full: 63 MiB are free, fewer than RENVOI_VOICEMAIL_MIN_FREE_MIB"
HOST = "10.0.0.5"
FIRST, SECOND = 7001, 7002
PATIENT_S = 20.0


class FakeEdge:
    """An edge that answers or does not."""

    def __init__(self, *, answers: bool) -> None:
        self._answers = answers

    async def probe(self, _timeout_s: float) -> bool:
        return self._answers

    async def trouble(self) -> str:
        return ""

    async def measurements(self) -> Sequence[Measurement]:
        return (Measurement("renvoi_edge_x", "x", 1),)


def part(
    state: State, detail: str | None = None, restarts: int = 0, away_s: float | None = None, alarm: str = ""
) -> dict[str, object]:
    return {
        "state": state.value,
        "pid": 1,
        "starts": restarts + 1,
        "restarts": restarts,
        "detail": detail,
        "away_s": away_s,
        "alarm": alarm,
    }


def parts(*workers: Mapping[str, object], **absent: str) -> dict[str, object]:
    """Return a node's status with these workers, and without what is `absent`."""
    running = {"http": part(State.RUNNING, restarts=3), "mailer": part(State.RUNNING)}
    edge = part(State.ABSENT, absent["edge"]) if "edge" in absent else part(State.RUNNING)
    numbered = {f"voicemail-{number}": worker for number, worker in enumerate(workers, 1)}
    addresses = [(HOST, port) for port in (FIRST, SECOND)][: len(workers)]
    return {"parts": {**running, "edge": edge, **numbered}, "workers": addresses, "absent": absent, "trunks": []}


class Node:
    """A supervisor that says `status`, and workers that say `loads`, by port."""

    def __init__(
        self, directory: Path, monkeypatch: pytest.MonkeyPatch, status: Mapping[str, object], loads: Mapping[int, Load]
    ) -> None:
        self.settings = Settings(data_dir=directory)
        self.settings.run_dir.mkdir(parents=True)
        self.asked: list[int] = []
        self._status = status
        self._loads = loads
        monkeypatch.setattr(health, "load_of", self._load_of)

    async def _load_of(self, host: str, port: int) -> Load | None:
        assert host == HOST
        self.asked.append(port)
        return self._loads.get(port)

    def ask(self, what: str, *, edge_answers: bool = True) -> Any:
        """Return what NodeStatus says: `parts` or `measurements`."""

        async def status() -> Mapping[str, object]:
            return self._status

        async def scenario() -> Any:
            node = NodeStatus(self.settings)
            node._edge = FakeEdge(answers=edge_answers)  # type: ignore[assignment]  # all that is asked of it
            async with control.serve_control(self.settings.run_dir, {"status": status}):
                return await getattr(node, what)()

        return asyncio.run(scenario())


RUNNING = part(State.RUNNING, "exit code 1", 2)
RESTARTING = PartState("degraded", "is being restarted: killed by SIGSEGV")


@pytest.mark.parametrize(
    ("workers", "loads", "wanted"),
    [
        ((RUNNING, RUNNING), {FIRST: FINE, SECOND: FINE}, PartState("ok", "", 4)),
        (
            (RUNNING, RUNNING),
            {FIRST: FINE},
            PartState("degraded", "voicemail-2: does not answer OPTIONS", 4),
        ),
        ((RUNNING, RUNNING), {FIRST: FINE, SECOND: FULL}, PartState("degraded", f"voicemail-2: {DISK_FULL}", 4)),
        (
            (RUNNING, RUNNING),
            {FIRST: FULL, SECOND: FULL},
            PartState("failed", f"voicemail-1: {DISK_FULL}, voicemail-2: {DISK_FULL}", 4),
        ),
        (
            (RUNNING, part(State.WAITING, "killed by SIGKILL", 1, away_s=0.4)),
            {FIRST: FINE, SECOND: FINE},
            PartState("degraded", "voicemail-2: is being restarted: killed by SIGKILL", 3),
        ),
        (
            (RUNNING, part(State.WAITING, "exit code 1", 9, away_s=60)),
            {FIRST: FINE, SECOND: FINE},
            PartState("degraded", "voicemail-2: exit code 1", 11),
        ),
        (
            (part(State.STARTING, "exit code 1", 5, away_s=61), part(State.WAITING, "exit code 1", 9, away_s=60)),
            {},
            PartState("failed", "voicemail-1: exit code 1, voicemail-2: exit code 1", 14),
        ),
        (
            (part(State.STARTING), part(State.STARTING)),
            {},
            PartState("starting", "", 0),
        ),
        ((part(State.STARTING), RUNNING), {FIRST: FINE, SECOND: FINE}, PartState("degraded", "", 2)),
    ],
)
def test_the_voicemail_is_ready_when_a_worker_takes_messages(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    workers: tuple[dict[str, object], ...],
    loads: dict[int, Load],
    wanted: PartState,
) -> None:
    node = Node(tmp_path, monkeypatch, parts(*workers), loads)
    found = node.ask("parts")
    ok = PartState("ok")
    assert found == {"api": PartState("ok", "", 3), "edge": ok, "mailer": ok, "voicemail": wanted}
    running = [port for worker, port in zip(workers, (FIRST, SECOND), strict=False) if worker["state"] == "running"]
    # One that does not run is not waited for.
    assert node.asked == running


def test_parts_that_the_node_does_not_have_are_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    absent = {"api": "not wanted", "edge": "not installed", "voicemail": "no workers"}
    found = Node(tmp_path, monkeypatch, parts(**absent), {}).ask("parts")
    assert found == {"mailer": PartState("ok")} | {name: PartState("absent", why) for name, why in absent.items()}


def test_an_edge_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = Node(tmp_path, monkeypatch, parts(RUNNING), {FIRST: FINE})
    found = node.ask("parts", edge_answers=False)
    assert found["edge"] == PartState("degraded", "does not answer OPTIONS")
    assert found["voicemail"].state == "ok"


def test_an_edge_whose_spool_is_full_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeEdge, "trouble", full_spool)
    found = Node(tmp_path, monkeypatch, parts(RUNNING), {FIRST: FINE}).ask("parts")
    assert found["edge"] == PartState("degraded", "9 call events are lost")


async def full_spool(_: FakeEdge) -> str:
    """Return what an edge on a full disk says."""
    return "9 call events are lost"


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (part(State.STARTING), PartState("starting")),
        (part(State.WAITING, "could not start: no"), PartState("failed", "could not start: no")),
        (part(State.STARTING, "exit code 1", 2), PartState("failed", "exit code 1", 2)),
        (part(State.WAITING, "killed by SIGSEGV", 0, 0.0), RESTARTING),
        (part(State.WAITING, "killed by SIGSEGV", 0, RESTART_ALLOWANCE_S), RESTARTING),
        (part(State.WAITING, "killed by SIGSEGV", 0, 11.0), PartState("failed", "killed by SIGSEGV")),
        (part(State.STOPPED, "exit code 0", 0, 1.0), PartState("failed", "exit code 0")),
        (part(State.RUNNING, "exit code 1", 2), PartState("ok", "", 2)),
        (part(State.RUNNING, "exit code 1", 2, alarm="it waits"), PartState("degraded", "it waits", 2)),
    ],
)
def test_a_part_that_worked_may_be_away_for_as_long_as_a_restart_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: dict[str, object], wanted: PartState
) -> None:
    status = parts(RUNNING)
    status["parts"] |= {"edge": found, "mailer": found}  # type: ignore[operator]  # a dict, see above
    seen = Node(tmp_path, monkeypatch, status, {FIRST: FINE}).ask("parts")
    assert seen["edge"] == wanted
    # No call waits for the mailer.
    behind = "degraded" if wanted.state == "failed" else wanted.state
    assert seen["mailer"] == PartState(behind, wanted.detail, wanted.restarts)


def test_a_supervisor_that_hangs_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "ANSWER_TIMEOUT_S", 0.05)

    async def hang() -> Mapping[str, object]:
        await asyncio.Event().wait()
        return {}

    async def scenario() -> Mapping[str, PartState]:
        settings = Settings(data_dir=tmp_path)
        settings.run_dir.mkdir(parents=True)
        async with control.serve_control(settings.run_dir, {"status": hang}):
            return await NodeStatus(settings).parts()

    assert asyncio.run(scenario()) == {"supervisor": PartState("degraded", "the node did not answer within 0.05 s")}


def test_who_asks_is_answered_whatever_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As probes give up after a second. What it was when it answered last is told until it is known to be silent."""
    node = Node(tmp_path, monkeypatch, parts(RUNNING, RUNNING), {FIRST: FINE, SECOND: FINE})
    status = NodeStatus(node.settings)
    status._edge = FakeEdge(answers=True)  # type: ignore[assignment]  # all that is asked of it
    hangs: list[asyncio.Future[None]] = []

    async def hang(*_: object) -> None:
        hangs.append(asyncio.get_running_loop().create_future())
        await hangs[-1]

    async def said() -> Mapping[str, object]:
        return parts(RUNNING, RUNNING)

    async def scenario() -> None:
        async with control.serve_control(node.settings.run_dir, {"status": said}):
            assert (await status.parts())["voicemail"].state == "ok"
            for of, name in ((health, "load_of"), (FakeEdge, "probe"), (FakeEdge, "measurements")):
                monkeypatch.setattr(of, name, hang)
            async with asyncio.timeout(PATIENT_S):
                found = await status.parts()
                assert (found["voicemail"].state, found["edge"].state) == ("ok", "ok")
                assert [each.name for each in await status.measurements()][:1] == ["renvoi_voicemail_calls"]
            assert len(hangs) == 4, "two workers, and the edge about its state and its counters"
            for each in hangs:
                each.set_result(None)
            async with asyncio.timeout(PATIENT_S):
                found = await status.parts()
            assert found["voicemail"].detail == (
                "voicemail-1: does not answer OPTIONS, voicemail-2: does not answer OPTIONS"
            )

    asyncio.run(scenario())


def test_no_supervisor(tmp_path: Path) -> None:
    node = NodeStatus(Settings(data_dir=tmp_path))
    assert asyncio.run(node.parts()) == {"supervisor": PartState("failed", "no supervisor runs")}
    node._edge = FakeEdge(answers=True)  # type: ignore[assignment]  # all that is asked of it
    assert [each.name for each in asyncio.run(node.measurements())] == [
        "renvoi_edge_x",
        "renvoi_dead_letters_held",
        "renvoi_dead_letters_held",
    ]


def test_the_load_of_the_workers_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = Node(tmp_path, monkeypatch, parts(RUNNING, RUNNING), {SECOND: FINE})
    found = {(each.name, *each.labels.values()): each.value for each in node.ask("measurements")}
    assert found == {
        ("renvoi_edge_x",): 1,
        ("renvoi_voicemail_calls", "2"): 2,
        ("renvoi_voicemail_capacity", "2"): 500,
        ("renvoi_disk_free_bytes",): 900 * MIB,
        ("renvoi_disk_full",): 0,
        ("renvoi_dead_letters_held", "event"): 0,
        ("renvoi_dead_letters_held", "recording"): 0,
    }


def test_an_edge_with_the_stores_role_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a detail of a part that works."""
    status = parts(part(State.RUNNING)) | {"edge_shares_role": True}
    node = Node(tmp_path, monkeypatch, status, {FIRST: FINE})
    found = node.ask("parts")["edge"]
    assert found.state == "ok"
    assert "RENVOI_EDGE_DATABASE_URL" in found.detail


@pytest.mark.parametrize(
    ("answers", "wanted"), [(True, PartState("ok")), (False, PartState("degraded", "rtpengine does not answer"))]
)
def test_the_media_relay_is_a_part_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: bool, wanted: PartState
) -> None:
    """A node without it still takes calls."""
    node = Node(tmp_path, monkeypatch, parts(RUNNING), {FIRST: FINE})
    assert "relay" not in node.ask("parts")
    lacking = Node(tmp_path / "lacking", monkeypatch, {**parts(RUNNING), "unrelayed": ["a (--nat)"]}, {FIRST: FINE})
    assert lacking.ask("parts")["relay"].state == "degraded"
    assert lacking.ask("parts")["relay"].detail.endswith("no call is forwarded that has to do with a (--nat)")
    node.settings = Settings(data_dir=tmp_path, rtpengine="udp:127.0.0.1:2223")
    monkeypatch.setattr(relay_client, "answers", lambda address, _: address == ("127.0.0.1", 2223) and answers)
    assert node.ask("parts")["relay"] == wanted
    assert [each.value for each in node.ask("measurements") if each.name == "renvoi_relay_up"] == [int(answers)]
