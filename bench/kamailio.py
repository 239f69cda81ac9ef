"""Kamailios of the benchmarks, beside those that renvoi runs."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.tls import Identity

_TLS = """enable_tls=yes
tls_threads_mode=2
listen=tls:127.0.0.1:{port}
loadmodule "tls.so"
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "{certificate}")
modparam("tls", "private_key", "{key}")
"""


@contextmanager
def kamailio(directory: Path, name: str, **values: object) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Kamailio by `NAME.cfg`, with each value filled in where its name stands as `@NAME@`."""
    text = Path(__file__).with_name(f"{name}.cfg").read_text()
    for placeholder, value in ({"WORKERS": os.cpu_count()} | values).items():
        text = text.replace(f"@{placeholder}@", str(value))
    config = directory / f"{name}.cfg"
    config.write_text(text)
    command = ["kamailio", "-DD", "-E", "-Y", str(directory), "-w", str(directory), "-f", str(config), "-m", "512"]
    with (directory / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def tls_lines(directory: Path, name: str, identity: Identity | None, port: int) -> str:
    """Return what a configuration begins with that has TLS at `port`; nothing for no identity."""
    if identity is None:
        return ""
    certificate, key = identity.write(directory, name)
    return _TLS.format(port=port, certificate=certificate, key=key)
