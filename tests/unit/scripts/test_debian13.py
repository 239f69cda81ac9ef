"""`./test --debian13` where it cannot run."""

import subprocess
from pathlib import Path

TEST = Path(__file__).parents[3] / "test"


def test_without_root_it_says_what_to_do() -> None:
    """In a user namespace without a map nobody is root, whoever runs the tests."""
    done = subprocess.run(
        ["unshare", "--user", "--", TEST, "--debian13"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "takes root: sudo ./test --debian13" in done.stderr
