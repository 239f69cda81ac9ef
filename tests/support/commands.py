"""Commands of the command line, forked from one process that has loaded it.

A node of the tests is filled and looked at by a dozen commands, and each would load Python and the program for more
than half of its CPU time. How the installed program starts is for tests/docs and tests/e2e/test_cli.py.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

RENVOI = str(Path(sys.executable).with_name("renvoi"))
TIMEOUT_S = 60.0
_OF_A_START = ("PYTHON", "LANG", "LC_")
"""What variables begin with that count when Python starts, and not later."""

LOADED = multiprocessing.get_context("forkserver")
"""Makes processes that have loaded the program."""
LOADED.set_forkserver_preload(["tests.support.loaded_commands"])


def run_command(words: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run `renvoi` with these words, without anything on its standard input; return how it ended and what it said.

    Raises:
        subprocess.TimeoutExpired: it was not over after `TIMEOUT_S`, and was killed.
    """
    command = [RENVOI, *words]
    if _started_with(environment) != _started_with(os.environ):
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
            env=environment,
        )
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        code = _forked(command, environment, out, err)
        return subprocess.CompletedProcess(command, code, _text(out), _text(err))


def _started_with(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_OF_A_START)}


def _forked(command: list[str], environment: Mapping[str, str], out: IO[bytes], err: IO[bytes]) -> int:
    # By their paths, as the process is a child of another one and has none of our descriptors.
    paths = [f"/proc/{os.getpid()}/fd/{file.fileno()}" for file in (out, err)]
    process = LOADED.Process(target=_run, args=(command, dict(environment), str(Path.cwd()), paths))
    process.start()
    try:
        process.join(TIMEOUT_S)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(command, TIMEOUT_S)
        return process.exitcode
    finally:
        process.close()


def _run(command: list[str], environment: dict[str, str], directory: str, paths: list[str]) -> None:
    """Be the command, in a process of its own."""
    from renvoi.cli.app import run  # noqa: PLC0415 - the tests themselves do without

    for fd, path in enumerate(paths, 1):
        opened = os.open(path, os.O_WRONLY)
        os.dup2(opened, fd)
        os.close(opened)
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[:] = command
    run()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()
