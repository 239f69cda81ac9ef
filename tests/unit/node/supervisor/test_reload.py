"""Which settings change while a node serves, and which wait for its next start."""

from dataclasses import replace
from pathlib import Path

import pytest

from renvoi.configuration.settings import SETTINGS, Settings
from renvoi.node.supervisor.reload import RELOADED, compare

OPERATING = Path(__file__).parents[4] / "docs" / "operating" / "settings.md"


def test_what_can_change_is_taken_and_the_rest_waits() -> None:
    now = Settings()
    read = replace(now, rate_limit_per_key=5, mail_from="a@example.net", sip_port=5070, log_level="debug")
    found = compare(now, read)
    assert found.settings == replace(now, rate_limit_per_key=5, mail_from="a@example.net", log_level="debug")
    assert set(found.changed) == {"RENVOI_RATE_LIMIT_PER_KEY", "RENVOI_MAIL_FROM", "RENVOI_LOG_LEVEL"}
    assert found.waiting == ("RENVOI_SIP_PORT",)
    assert found.parts == {"http", "mailer"}


def test_nothing_comes_of_the_same_settings() -> None:
    found = compare(Settings(), Settings())
    assert (found.settings, found.changed, found.waiting, found.parts) == (Settings(), (), (), frozenset())


def test_each_setting_that_can_change_is_one() -> None:
    assert set(RELOADED) <= set(SETTINGS)


@pytest.mark.parametrize("name", sorted(RELOADED))
def test_each_setting_that_can_change_is_documented(name: str) -> None:
    section = OPERATING.read_text("utf-8").partition("\n### Reloading\n")[2].partition("\n## ")[0]
    assert f"`RENVOI_{name.upper()}`" in section
