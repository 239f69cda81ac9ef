"""The machine's clock."""

import time


class SystemClock:
    """See `application.ports.Clock`."""

    def now_ms(self) -> int:
        """Return milliseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1_000_000
