"""For how long a registrar says that we are registered."""

import pytest

from renvoi.domain.name_addr import NameAddr
from renvoi.edge.router.registrar_answers import MALFORMED_S, granted_s


@pytest.mark.parametrize(
    ("contact", "expires", "seconds"),
    [
        ("", "", 7200),
        ("", "60", 60),
        ("<sip:me@192.0.2.1>", "", 7200),
        ("<sip:me@192.0.2.1>", " 60 ", 60),
        ("<sip:me@192.0.2.1>;expires=30", "60", 30),
        ('"Me" <sip:%6De@192.0.2.1:5060;transport=tcp>;q=0.5;Expires="30"', "60", 30),
        ("sip:me@192.0.2.1;expires=30", "", 30),
        ("<sip:you@192.0.2.1>;expires=9, <sip:me@192.0.2.1>;expires=30", "", 30),
        ("<sip:me@192.0.2.1>;expires=0", "60", 0),
        ("<sip:me@192.0.2.1>;expires=99999999999999999999", "", 7200),
        ("<sip:me@192.0.2.1>;expires=4294967295", "", 7200),
        ("<sip:me@192.0.2.1>;expires=-1", "", MALFORMED_S),
        ("<sip:me@192.0.2.1>;expires=\u0663", "", MALFORMED_S),
        ("<sip:you@192.0.2.1>;expires=9", "60", None),
        ("*", "60", None),
        ("<sip:192.0.2.1>", "60", None),
    ],
)
def test_how_long_we_are_registered(contact: str, expires: str, seconds: int | None) -> None:
    assert granted_s(NameAddr.parse_list(contact), expires, "me", 7200) == seconds
