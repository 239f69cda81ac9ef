"""Writes the parts of the client library that follow from the API's description (`sdk/python`), as it is in this tree.

`PYTHONPATH=src:. .venv/bin/python scripts/make_sdk.py`, whenever an operation of `/v2` or a field of it has changed.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "sdk" / "python" / "scripts"), str(ROOT)]

import make_operations  # noqa: E402 - found by the line above

from tests.support.v2_api import V2Api  # noqa: E402 - found by the line above

if __name__ == "__main__":
    make_operations.write(V2Api().get("/openapi.json", key=None).json())
