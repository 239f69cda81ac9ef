"""The guide's commands for mail: a DKIM key that signs, and a token that is fetched and lets us in."""

import grp
import http.server
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from renvoi.adapters.mail.dkim import DkimSigner
from renvoi.application.mailer import Sent
from tests.integration.mail.sending import send
from tests.support.guide import files, here, run_blocks
from tests.support.smtp import Inbox
from tests.support.voicemail_mail import notice, write_tone

PAGE = "mail.md"
TOKEN = "eyJ0eXAi.fresh-one_2"


def paste(script: str, directory: Path) -> str:
    """Run a block of the guide, which must succeed."""
    done = subprocess.run(["bash", "-c", script], cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{script}: {done.stderr}"
    return done.stdout


def test_the_key_signs_and_its_public_half_is_printed(tmp_path: Path) -> None:
    (block,) = run_blocks(PAGE, "DKIM")
    public = paste(block, tmp_path)
    assert len(public) > 300
    assert "\n" not in public
    signed = DkimSigner.load(tmp_path / "dkim.pem", "renvoi", "example.com")(b"From: a@example.com\r\n\r\nhello\r\n")
    assert b"d=example.com;" in signed


class _Provider(http.server.BaseHTTPRequestHandler):
    """Gives a token for the right secret."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        known = "client_id=CLIENT" in body and "client_secret=SECRET" in body
        self.send_response(200 if known else 401)
        self.end_headers()
        self.wfile.write(b'{"token_type": "Bearer", "access_token": "%s"}' % TOKEN.encode() if known else b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def provider() -> Iterator[str]:
    """Run a server that gives tokens; yield its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Provider) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_token_is_fetched_and_lets_us_in(tmp_path: Path) -> None:
    (script,) = run_blocks(PAGE, "OAuth 2")
    configuration = files(PAGE, "OAuth 2")[1]
    audio = write_tone(tmp_path / "recording.wav")
    file, conf = tmp_path / "token", tmp_path / "token.conf"
    words = {
        "/var/lib/renvoi-token/token": str(file),
        "/etc/renvoi/token.conf": str(conf),
        "chgrp renvoi": f"chgrp {grp.getgrgid(os.getegid()).gr_name}",
    }
    with provider() as address, Inbox(user="me", token=TOKEN) as inbox:
        conf.write_text(here(configuration, {"https://login.microsoftonline.com": address}), "utf-8")
        paste(here(script, words), tmp_path)
        assert file.stat().st_mode & 0o777 == 0o640
        url = f"{inbox.url().replace(':@', '@')}?token={file}"
        assert isinstance(send(url, notice(audio)), Sent)
        # A secret that is wrong leaves the token that is there.
        conf.write_text(conf.read_text("utf-8").replace("SECRET", "another"), "utf-8")
        done = subprocess.run(["bash", "-c", here(script, words)], cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode != 0
        assert file.read_text("ascii").strip() == TOKEN


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here")
    *_, service, timer = files(PAGE, "OAuth 2")
    for name, text in (("renvoi-token.service", service), ("renvoi-token.timer", timer)):
        (tmp_path / name).write_text(text, "utf-8")
    units = [str(tmp_path / f"renvoi-token.{kind}") for kind in ("service", "timer")]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    # What it does not know it names, and goes on.
    assert (done.returncode, done.stderr) == (0, "")
