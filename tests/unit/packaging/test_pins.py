"""What of the lock the Debian package installs for each Python."""

import re
from pathlib import Path

import pytest

from pins import pins_for

ROOT = Path(__file__).parents[3]
LOCK = """\
one==1.0 ; python_full_version < '3.12' \\
    --hash=sha256:aa \\
    --hash=sha256:ab
    # via renvoi (pyproject.toml)
one==2.0 ; python_full_version >= '3.12' \\
    --hash=sha256:ac
    # via renvoi (pyproject.toml)
dkimpy==1.0 \\
    --hash=sha256:ba
    # via renvoi (pyproject.toml)
below==1.0 \\
    --hash=sha256:ca
    # via
    #   one
    #   builder
windows==1.0 ; sys_platform == 'win32' \\
    --hash=sha256:da
    # via one
builder==1.0 \\
    --hash=sha256:ea
    # via renvoi (pyproject.toml:build)
of-builder==1.0 \\
    --hash=sha256:fa
    # via builder
"""


@pytest.mark.parametrize(
    ("python", "first"),
    [
        ("3.11", "one==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:ab\n"),
        ("3.13", "one==2.0 \\\n    --hash=sha256:ac\n"),
    ],
)
def test_what_the_product_needs_on_a_python(python: str, first: str) -> None:
    """With its hashes; without what builds it, what other systems need, and what is built from source."""
    assert pins_for(LOCK, python, sources=False) == first + "below==1.0 \\\n    --hash=sha256:ca\n"


def test_what_is_published_as_source_alone_comes_by_itself() -> None:
    assert pins_for(LOCK, "3.11", sources=True) == "dkimpy==1.0 \\\n    --hash=sha256:ba\n"


@pytest.mark.parametrize("lock", ["", "one==1.0\n", "one==1.0 \\\n    --hash=sha256:aa\n    # via two\n"])
def test_a_file_that_is_no_lock_of_ours_is_refused(lock: str) -> None:
    with pytest.raises(ValueError, match=r"needed by|who needs it"):
        pins_for(lock, "3.11", sources=False)


@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_each_dependency_of_the_project_is_installed(python: str) -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pinned = pins_for(lock, python, sources=False) + pins_for(lock, python, sources=True)
    project = (ROOT / "pyproject.toml").read_text().partition("\ndependencies = [")[2].partition("\n]")[0]
    wanted = set(re.findall(r'^ +"([\w-]+)', project, re.MULTILINE))
    assert len(wanted) > 20
    assert wanted <= set(re.findall(r"^([\w-]+)==", pinned, re.MULTILINE))
