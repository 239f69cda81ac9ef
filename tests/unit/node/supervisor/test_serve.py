"""What keeps `renvoi serve` from starting: told before anything is begun."""

from pathlib import Path

import pytest

from renvoi import logs
from renvoi.application.errors import OperatorError
from renvoi.configuration.settings import read_settings
from renvoi.edge.kamailio.programs import missing
from renvoi.node.supervisor.serve import serve
from tests.support.http_api import FixedClock
from tests.support.ports import free_port


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"smtp_url": "smtp://u:secret@mail.example"}, "RENVOI_SMTP_URL: the password for mail.example would cross"),
        ({"dkim_key_file": "/gone.pem"}, "RENVOI_DKIM_KEY_FILE: the DKIM key /gone.pem cannot be read"),
        ({"rtp_host": "192.0.2.1"}, "192.0.2.1 is not an address of this machine: set RENVOI_RTP_HOST"),
    ],
)
def test_settings_that_cannot_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], reason: str
) -> None:
    assert missing() is None
    monkeypatch.setattr(logs, "configure", lambda *_: None)
    settings = read_settings({"data_dir": tmp_path, "http_port": 0, "inner_port": 0, "sip_port": free_port()} | wrong)
    with pytest.raises(OperatorError, match=reason) as caught:
        serve(settings, FixedClock(), calls=True, demo_if_new=False, read_again=lambda: settings)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert not (tmp_path / "renvoi.db").exists()
