"""Rate limits: token buckets in memory, of a bounded number of clients."""

import math
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address


class TokenBuckets:
    """One bucket for each name: `burst` tokens at first, refilled with `rate` a second; a rate of 0 never refuses.

    At most `size` names are remembered, those used last; a forgotten one starts with a full bucket again.
    """

    def __init__(self, rate: float, burst: float, size: int, monotonic: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = max(burst, 1.0)
        self._size = size
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, name: str) -> int:
        """Take a token and return 0, or when there is none, the whole seconds (1 or more) until there is one."""
        if self._rate <= 0:
            return 0
        now = self._monotonic()
        tokens, since = self._buckets.get(name, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._rate)
        allowed = tokens >= 1.0
        self._buckets[name] = (tokens - 1.0 if allowed else tokens, now)
        self._buckets.move_to_end(name)
        if len(self._buckets) > self._size:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1.0 - tokens) / self._rate))


@lru_cache(maxsize=4096)
def address_group(address: str) -> str:
    """Return what stands for one client: the IPv4 address, or the /64 that a client of IPv6 has all of."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return parsed.exploded[:19]
