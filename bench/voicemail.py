"""Messages being left, many at once, each ending in a mail: `python -m bench.voicemail`.

The node is a whole `renvoi serve` with a mail server. Its callers hear a greeting of half a second, then talk until
they hang up; steps with more and more of them are run, and one of short messages at a high rate. Every recording is
taken out of its mail and compared, sample by sample, with what its caller said. The baseline is a program of C that
writes the same packets to files and does nothing else. Needs a C compiler, and 1 GB of memory for 600 calls' mails.
"""

import argparse
import asyncio
import io
import os
import subprocess
import tempfile
import time
import wave
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import NoReturn

import uvloop

from bench.callers import Callers, Outcome
from bench.heard import compare
from bench.mail_sink import Sink, Taken
from bench.report import percentile, progress, table
from bench.rtp import FRAME_S, Clip, Rtp, build
from renvoi.adapters.audio import read_greeting
from renvoi.adapters.sql.sqlite import open_sqlite
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule
from renvoi.voicemail.greetings import CustomGreeting, Greetings
from renvoi.voicemail.media.codec import Codec
from tests.support.node import Node
from tests.support.ports import free_port
from tests.support.rtp_talker import tone

NUMBERS = [f"+3319900{n:04}" for n in range(40)]
"""Each has a mailbox at a domain of its own."""
GREETING_S = 0.5
SHORT_S, SHORT_HOLD_S = 3.0, 20.0
"""The call of a short message, 1.3 s of it behind the beep, and for how long such calls are placed."""
MAIL_PATIENCE_S = 30.0
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
PARTS = {"workers": "node voicemail", "edge": "kamailio", "mailer": "node mailer", "others": ""}


@dataclass(frozen=True)
class Tools:
    """What is built once: the load generator, the baseline, and what callers say."""

    directory: Path
    load: Path
    floor: Path
    clip: Clip = field(default_factory=Clip)


@dataclass
class Run:
    """What was seen of one step."""

    calls: int
    rate: float
    outcomes: list[Outcome]
    taken: list[Taken]
    cpu: dict[str, float]
    """Share of one core, for each part, while so many calls were in progress."""
    floor: float
    """Share of one core that the baseline takes for as many calls; 0: not measured."""
    memory_kib: float
    """Memory of the workers for each call, without what they had before the first."""
    late_ms: float

    @property
    def faults(self) -> Counter[str]:
        """Calls that did not end as they should, by what happened."""
        return Counter(outcome.fault for outcome in self.outcomes if outcome.fault)

    def bye_ms(self) -> list[float]:
        """Return how long the answers to BYE took, sorted."""
        return sorted(outcome.bye_ms for outcome in self.outcomes if not outcome.fault) or [0.0]


def cpu_s(pids: Sequence[int]) -> float:
    """Return the CPU time that processes have used, in seconds."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total * TICK_S


def own_kib(pids: Sequence[int]) -> int:
    """Return the memory that processes share with nobody, in KiB."""
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


@cache
def _greeting() -> bytes:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(tone(700, GREETING_S))
    return read_greeting(sound.getvalue())


def prompt_packets() -> int:
    """Return how many packets a caller hears before the recording begins."""

    def unreadable(_greeting: CustomGreeting, error: Exception) -> NoReturn:
        raise error

    custom = CustomGreeting(E164(NUMBERS[0]), 1, _greeting())
    prompt = Greetings(unreadable).frames(Codec.PCMA, "en", custom=custom)
    return len(prompt.greeting) + len(prompt.beep)


def _fill(writer: Writer) -> None:
    account = writer.account("acme")
    assert account is not None
    known = {str(record.number) for record in writer.numbers(limit=10)}
    writer.add_numbers(account.id, (NumberRow(E164(number)) for number in NUMBERS if number not in known), 0)
    for index, number in enumerate(NUMBERS):
        email = EmailAddress(f"owner@d{index}.example.com")
        writer.put_rule(E164(number), replace(Rule.voicemail(email), revision=1), 1)
        writer.put_greeting(E164(number), _greeting(), 1)


async def _prepare(path: Path) -> None:
    store = await open_sqlite(path)
    await store.write(_fill)
    await store.close()


@contextmanager
def renvoi(directory: Path, smtp_port: int) -> Iterator[Node]:
    """Run a node whose mails go to a port of this machine."""
    directory.mkdir()
    node = Node(directory)
    asyncio.run(_prepare(node.data / "renvoi.db"))
    node.configure(smtp_url=f"smtp://127.0.0.1:{smtp_port}")
    node.start()
    try:
        yield node
    finally:
        node.stop()


def floor_cpu(tools: Tools, calls: int, seconds: float = 4.0) -> float:
    """Return the share of one core that the baseline takes for so many calls at once."""
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory(dir=tools.directory) as name, Rtp(tools.load, tools.clip) as rtp:
        command = [str(tools.floor), str(calls // cores), name]
        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(cores)]
        try:
            for process in processes:
                assert process.stdout is not None
                for _ in range(calls // cores):
                    rtp.begin(int(process.stdout.readline()), 0, int(seconds / FRAME_S) + 100)
            before, pids = cpu_s([p.pid for p in processes]), [p.pid for p in processes]
            time.sleep(seconds)
            return (cpu_s(pids) - before) / seconds
        finally:
            for process in processes:
                process.kill()
                process.communicate()


class Meter:
    """The processes of a node, by part."""

    def __init__(self, node: Node) -> None:
        assert node.process is not None
        own = node.process.pid
        everybody = {*node.pids(""), own}
        self.pids: dict[str, list[int]] = {}
        for part, word in PARTS.items():
            self.pids[part] = sorted(everybody & {*node.pids(word)} if word else everybody)
            everybody -= {*self.pids[part]}

    def cpu_s(self) -> dict[str, float]:
        """Return the CPU time that each part has used."""
        return {part: cpu_s(pids) for part, pids in self.pids.items()} | {"callers": time.process_time()}

    def workers_kib(self) -> int:
        """Return the memory of the workers."""
        return own_kib(self.pids["workers"])


async def load(node: Node, tools: Tools, smtp_port: int, calls: int, length_s: float, hold_s: float) -> Run:
    """Keep so many calls in progress for `hold_s`, and wait for the end of all and their mails."""
    loop, taken, meter = asyncio.get_running_loop(), list[Taken](), Meter(node)
    server = await loop.create_server(lambda: Sink(taken), "127.0.0.1", smtp_port)
    with Rtp(tools.load, tools.clip) as rtp:
        callers = Callers(node.edge, NUMBERS, rtp, round(length_s / FRAME_S), prompt_packets())
        memory = meter.workers_kib()
        placing = asyncio.ensure_future(callers.place(calls / length_s, length_s + hold_s))
        await asyncio.sleep(length_s)
        before, began = meter.cpu_s(), loop.time()
        await asyncio.sleep(hold_s)
        after, seconds = meter.cpu_s(), loop.time() - began
        memory = meter.workers_kib() - memory
        await placing
        callers.close()
    good = sum(not outcome.fault for outcome in callers.outcomes)
    deadline = loop.time() + MAIL_PATIENCE_S
    while len(taken) < good and loop.time() < deadline:  # noqa: ASYNC110 - once a step, and to the tenth of a second
        await asyncio.sleep(0.1)
    server.close()
    cpu = {part: (after[part] - before[part]) / seconds for part in after}
    return Run(calls, calls / length_s, callers.outcomes, taken, cpu, 0.0, memory / calls, rtp.late_ms)


def step(tools: Tools, calls: int, length_s: float, hold_s: float, *, floor: bool) -> Run:
    """Run one step, on a node of its own."""
    progress(f"{calls} calls of {length_s} s at once, {calls / length_s:.1f} endings/s")
    smtp_port = free_port()
    with renvoi(tools.directory / f"node-{calls}-{length_s}", smtp_port) as node:
        run = uvloop.run(load(node, tools, smtp_port, calls, length_s, hold_s))
    run.floor = floor_cpu(tools, calls) if floor else 0.0
    progress(f"  {dict(run.faults) or 'no call failed'}; the callers were {run.late_ms:.0f} ms late at the most")
    return run


@dataclass(frozen=True)
class Verdict:
    """What the mails of a step bring: recordings that are whole and that are not, and how soon they came."""

    whole: int
    damaged: int
    lost: int
    mail_s: list[float]
    """From BYE to the mail's last byte, sorted."""


def judge(run: Run, clip: Clip) -> Verdict:
    """Compare every recording with what its caller said; several mails of one call count once."""
    heard, mail_s = {}, []
    by_caller = {outcome.caller: outcome for outcome in run.outcomes}
    for taken in run.taken:
        caller, recording = taken.recording()
        outcome = by_caller[caller]
        if caller not in heard:
            mail_s.append((taken.at_ns - outcome.hung_up_ns) / 1e9)
        heard[caller] = compare(recording, outcome, clip)
    bad = {caller: found for caller, found in heard.items() if not found.whole}
    for caller, found in list(bad.items())[:5]:
        progress(f"  damaged: {caller}: {found}, {by_caller[caller]}")
    run.taken.clear()
    return Verdict(len(heard) - len(bad), len(bad), len(run.outcomes) - len(heard), sorted(mail_s) or [0.0])


def show(runs: Sequence[tuple[Run, Verdict]]) -> None:
    """Print the outcome of the calls, and what they cost."""
    header = ["calls at once", "endings/s", "calls", "failed", "recordings whole", "damaged", "lost"]
    header += ["BYE answered ms: p50", "p99", "longest", "BYE to mail s: p50", "p99"]
    rows = []
    for run, verdict in runs:
        bye, mails = run.bye_ms(), verdict.mail_s
        counts = (len(run.outcomes), run.faults.total(), verdict.whole, verdict.damaged, verdict.lost)
        byes = (percentile(bye, 0.5), percentile(bye, 0.99), bye[-1])
        times = (f"{percentile(mails, 0.5):.2f}", f"{percentile(mails, 0.99):.2f}")
        rows.append((run.calls, run.rate, *counts, *byes, *times))
    table(header, rows)
    header = ["calls at once", *(f"{part}, % of a core" for part in (*PARTS, "callers")), "the baseline"]
    header += ["renvoi's CPU ms a call", "KiB a call in the workers"]
    table(header, [_cost(run) for run, _ in runs])


def _cost(run: Run) -> tuple[object, ...]:
    shares = [f"{run.cpu[part]:.1%}" for part in (*PARTS, "callers")]
    ours = sum(run.cpu[part] for part in PARTS)
    return (run.calls, *shares, f"{run.floor:.1%}" if run.floor else "–", ours / run.rate * 1000, run.memory_kib)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--calls", type=int, nargs="*", default=[100, 300, 450, 600], help="calls at once, for each step"
    )
    parser.add_argument("--seconds", type=float, default=18.0, help="length of a call")
    parser.add_argument("--hold", type=float, default=10.0, help="seconds with so many calls in progress")
    parser.add_argument("--mails", type=int, default=50, help="mails a second of the step with short calls; 0: none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        tools = Tools(directory, build("rtp_load.c", directory, "-shared", "-fPIC"), build("rtp_floor.c", directory))
        steps = [(calls, options.seconds, options.hold, True) for calls in options.calls]
        if options.mails:
            steps.append((round(options.mails * SHORT_S), SHORT_S, SHORT_HOLD_S, False))
        runs = []
        for calls, length_s, hold_s, floor in steps:
            run = step(tools, calls, length_s, hold_s, floor=floor)
            runs.append((run, judge(run, tools.clip)))
            show(runs[-1:])
    if len(runs) > 1:
        show(runs)


if __name__ == "__main__":
    main()
