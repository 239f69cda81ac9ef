"""Loads structlog without rich, which it would load for tracebacks that are never shown here.

That costs 90 ms of CPU time and 4 MiB. Whatever loads structlog first, of a program's modules, must load this before.
"""

import sys

if "rich" not in sys.modules:
    sys.modules["rich"] = None  # type: ignore[assignment]  # None is how Python is told that there is no such module
    import structlog  # noqa: F401 - see above

    del sys.modules["rich"]
