"""What all tests share."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# Property tests are judged by what they find, never by how busy the machine is.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="module", autouse=True)
def leave_nothing_open() -> Iterator[None]:
    """Have what a module's tests left open found at its end, and not in whichever test runs when it is collected."""
    yield
    gc.collect()
