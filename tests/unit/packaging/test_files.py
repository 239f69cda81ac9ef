"""What the Debian package installs beside the program: its settings and its unit."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from renvoi.configuration.setting_sources import load

PACKAGING = Path(__file__).parents[3] / "packaging"
UNIT = PACKAGING / "systemd" / "renvoi.service"
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")


def loaded(settings: str, tmp_path: Path) -> tuple[Mapping[str, str], tuple[str, ...]]:
    path = tmp_path / "renvoi.toml"
    path.write_text(settings)
    path.chmod(0o640)
    found = load({}, {"RENVOI_CONFIG_FILE": str(path)})
    return found.settings.environment(), found.warnings


def test_the_settings_say_no_more_than_where_the_data_are(tmp_path: Path) -> None:
    before, _ = loaded("", tmp_path)
    values, warnings = loaded((PACKAGING / "renvoi.toml").read_text(), tmp_path)
    assert (dict(values.items() - before.items()), warnings) == ({"RENVOI_DATA_DIR": "/var/lib/renvoi"}, ())


def test_each_line_that_may_be_used_is_a_setting_and_those_with_a_default_say_it(tmp_path: Path) -> None:
    before, _ = loaded("", tmp_path)
    values, _ = loaded(
        re.sub(r"^#(?=\w+ = )", "", (PACKAGING / "renvoi.toml").read_text(), flags=re.MULTILINE), tmp_path
    )
    changed = {name for name, _ in values.items() - before.items()}
    assert changed == {"RENVOI_DATA_DIR", "RENVOI_PUBLIC_URL", "RENVOI_SMTP_URL", "RENVOI_MAIL_FROM"}


@needs_systemd
def test_the_unit_is_understood_word_by_word(tmp_path: Path) -> None:
    """Systemd passes over keys that it does not know, with a line and exit code 0."""
    unit = tmp_path / UNIT.name
    # The program is not installed here.
    unit.write_text(UNIT.read_text().replace("/usr/bin/renvoi", "/usr/bin/env"))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
def test_the_unit_exposes_little() -> None:
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=30", str(UNIT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
