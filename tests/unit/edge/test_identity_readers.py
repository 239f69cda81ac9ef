"""Identity tokens between ours and two independent implementations: PyJWT, and secsipidx where it is installed."""

import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from renvoi.domain.identity.passport import build_div, build_shaken
from renvoi.domain.identity.verification import SignedCall, Verdict, Verstat, verify
from renvoi.edge.identity.certificates import CallerCertificate, read_certificates
from renvoi.edge.identity.files import SigningKey
from tests.support.identity import CALLED, CALLER, NEXT, URL, Authority, provider

AUTHORITY = Authority()
TRUSTED = read_certificates(AUTHORITY.trusted)
SIGNER = AUTHORITY.signer(provider("1001"))
KEY = SigningKey(SIGNER.key_pem, URL, SIGNER.pem)
ORIGID = "de305d54-75b4-431b-adb2-eb6b9e546014"
HEADER = {"ppt": "shaken", "typ": "passport", "x5u": URL}
SECSIPIDX = shutil.which("secsipidx")
needs_secsipidx = pytest.mark.skipif(SECSIPIDX is None, reason="secsipidx is not installed: apt-get install secsipidx")


class Known:
    def find(self, url: str) -> CallerCertificate | None:
        return CallerCertificate(SIGNER.pem, TRUSTED) if url == URL else None


def verdict_of(*values: str, called: str = CALLED) -> Verdict:
    return verify(SignedCall(values, (CALLER,), called, CALLED), Known(), int(time.time()))


def claims_of(kind: str = "shaken") -> dict[str, Any]:
    claims: dict[str, Any] = {"dest": {"tn": [CALLED]}, "iat": int(time.time()), "orig": {"tn": CALLER}}
    if kind == "shaken":
        return claims | {"attest": "B", "origid": ORIGID}
    return claims | {"dest": {"tn": [NEXT]}, "div": {"tn": CALLED}}


def by_pyjwt(kind: str = "shaken") -> str:
    token = jwt.encode(claims_of(kind), SIGNER.key, algorithm="ES256", headers=HEADER | {"ppt": kind})
    return f'{token};info=<{URL}>;alg=ES256;ppt="{kind}"'


def read_by_pyjwt(value: str) -> tuple[dict[str, Any], dict[str, Any]]:
    token = value.partition(";")[0]
    claims = jwt.decode(token, SIGNER.key.public_key(), algorithms=["ES256"])
    return jwt.get_unverified_header(token), claims


def test_pyjwt_reads_what_we_sign() -> None:
    now_s = int(time.time())
    header, claims = read_by_pyjwt(build_div(KEY, {"tn": CALLER}, CALLED, NEXT, now_s))
    assert header == {"alg": "ES256", "ppt": "div", "typ": "passport", "x5u": URL}
    assert claims == {"dest": {"tn": [NEXT]}, "div": {"tn": CALLED}, "iat": now_s, "orig": {"tn": CALLER}}
    header, claims = read_by_pyjwt(build_shaken(KEY, CALLER, NEXT, "C", ORIGID, now_s))
    assert header["ppt"] == "shaken"
    assert claims == claims_of() | {"attest": "C", "dest": {"tn": [NEXT]}, "iat": now_s}


def test_we_verify_what_pyjwt_signs() -> None:
    verdict = verdict_of(by_pyjwt())
    assert (verdict.verstat, verdict.attestation) == (Verstat.PASSED, "B")
    verdict = verdict_of(by_pyjwt(), by_pyjwt("div"), called=NEXT)
    assert (verdict.verstat, verdict.diverted_by) == (Verstat.PASSED, (CALLED,))


def secsipidx(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert SECSIPIDX is not None
    return subprocess.run([SECSIPIDX, *arguments], capture_output=True, text=True, timeout=10, check=False)


@needs_secsipidx
def test_secsipidx_reads_what_we_sign(tmp_path: Path) -> None:
    public = SIGNER.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pub").write_bytes(public)
    value = build_shaken(KEY, CALLER, NEXT, "C", ORIGID, int(time.time()))
    for text, code in ((value, 0), (value.replace(".", ".A", 1), 1)):
        (tmp_path / "identity").write_text(text)
        files = ("-fidentity", str(tmp_path / "identity"), "-fpubkey", str(tmp_path / "key.pub"))
        done = secsipidx("-check", *files, "-expire", "60")
        assert (done.returncode == 0) == (code == 0), done


@needs_secsipidx
def test_we_verify_what_secsipidx_signs(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(SIGNER.key_pem)
    who = ("-orig-tn", CALLER, "-dest-tn", CALLED, "-attest", "B", "-x5u", URL)
    done = secsipidx("-sign-full", *who, "-fprvkey", str(tmp_path / "key.pem"))
    assert done.returncode == 0, done
    assert verdict_of(done.stdout.strip()).verstat is Verstat.PASSED, done.stdout
