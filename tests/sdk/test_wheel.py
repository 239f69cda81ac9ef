"""The built wheel works in an environment that has nothing but what it asks for."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.raw_server import plain, raw_server, sends

SDK = Path(__file__).parents[2] / "sdk" / "python"
PROGRAM = """
import sys
import renvoi_client
with renvoi_client.Client(sys.argv[1], "rv_0a0a0a0a0a0a_secret") as client:
    print(client.callforward("+33199001234", 0).message)
"""
ANSWER = plain(200, b'{"success":true,"code":2,"message":"Callforward disabled"}', "content-type: application/json")


def run(*words: str | Path, cwd: Path | None = None) -> str:
    """Run a program, and return what it prints."""
    told = [str(word) for word in words]
    ran = subprocess.run(told, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_wheel_is_whole(tmp_path: Path) -> None:
    shutil.copytree(SDK, tmp_path / "source", ignore=shutil.ignore_patterns("__pycache__"))
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, cwd=tmp_path / "source")
    (wheel,) = tmp_path.glob("renvoi_client-*-py3-none-any.whl")
    run(sys.executable, "-m", "venv", tmp_path / "empty")
    python = tmp_path / "empty" / "bin" / "python"
    pip = (python, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", "install")
    run(*pip, "--require-hashes", "-r", SDK / "requirements.lock")
    run(*pip, "--no-deps", wheel)
    with raw_server(sends(ANSWER)) as server:
        assert run(python, "-I", "-c", PROGRAM, server.url) == "Callforward disabled\n"
