"""A directory with all wheels that the command line and the client need on one Python: an index of our own."""

import os
import subprocess
from pathlib import Path

from pins import pins_for

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".venv" / "package" / "bin" / "python"
_PIP = (str(TOOLS), "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input")
_BUILDS = ("hatchling", "pip", "setuptools", "wheel")
"""What builds the two, and what pipx has in the environment that it shares."""
_CLIENT = ("httpx", "msgspec")


def fill(directory: Path, python: str) -> None:
    """Fetch them: those of the product as its lock pins them, for `python` (`3.13`)."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    wheels, sources = directory / "wheels.txt", directory / "sources.txt"
    wheels.write_text(pins_for(lock, python, sources=False))
    sources.write_text(pins_for(lock, python, sources=True))
    anywhere = ["--only-binary", ":all:", "--python-version", python, "--dest", str(directory)]
    _pip("download", "--no-deps", "--require-hashes", "--ignore-requires-python", *anywhere, "-r", str(wheels))
    _pip("download", *anywhere, *_BUILDS, *_CLIENT)
    built = ["--no-deps", "--require-hashes", "--no-build-isolation", "--wheel-dir", str(directory)]
    _pip("wheel", *built, "-r", str(sources))


def _pip(*words: str) -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    found = subprocess.run([*_PIP, *words], env=bare, capture_output=True, text=True, check=False)
    assert found.returncode == 0, f"{words}: {found.stdout}{found.stderr}"
