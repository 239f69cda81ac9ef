"""What all tests share."""

from hypothesis import HealthCheck, settings

# Property tests are judged by what they find, never by how busy the machine is.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
