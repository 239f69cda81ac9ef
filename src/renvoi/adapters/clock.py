"""The machine's clock."""

import time


class SystemClock:
    """See `application.ports.Clock`."""

    def now_ms(self) -> int:
        """Return milliseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """Return milliseconds since the machine was started, those in which it was suspended too."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
