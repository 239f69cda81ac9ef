"""JSON that another process, an earlier version or a damaged disk may have written."""

import json
from typing import Any


def read_json(text: str | bytes) -> Any:
    """Return the value that a JSON text holds.

    Raises:
        ValueError: it is not JSON, not UTF-8, or nested too deep to be read, which for
            `json` is a RecursionError that nobody expects.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
