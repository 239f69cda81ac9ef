"""Which Kamailio can do TLS."""

import pytest

from renvoi.edge.kamailio.programs import trouble_of


@pytest.mark.parametrize(
    ("shown", "has_module", "trouble"),
    [
        ("version: kamailio 5.6.3 (x86_64/linux) \nflags", True, "Kamailio 5.6.3 corrupts its memory"),
        ("version: kamailio 5.7.4 (x86_64/linux)", True, "use Debian 13"),
        ("version: kamailio 5.7.5 (x86_64/linux)", True, ""),
        ("version: kamailio 5.10.0 (x86_64/linux)", True, ""),
        ("version: kamailio 6.0.1 (x86_64/linux) 1234", True, ""),
        ("version: kamailio 6.0.1 (x86_64/linux)", False, "apt-get install kamailio-tls-modules"),
        ("", True, "the version of Kamailio is not known"),
    ],
)
def test_what_keeps_a_kamailio_from_tls(shown: str, has_module: bool, trouble: str) -> None:
    found = trouble_of(shown, has_module=has_module)
    assert trouble in found
    assert bool(found) == bool(trouble)
