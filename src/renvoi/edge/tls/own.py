"""Our own certificate for TLS, in files that somebody renews."""

from pathlib import Path

import structlog

from renvoi.edge.identity.certificates import CertificateInvalid
from renvoi.edge.tls.certificates import make_own, read_key, read_own

_Stamp = tuple[tuple[int, int] | None, ...]


class OwnCertificate:
    """What who connects to us is shown. `trouble` says why the files are not used as they are; empty for nothing."""

    def __init__(self, certificate: Path | None, key: Path | None, host: str) -> None:
        """Read these files; without them one for `host` is made up, as Kamailio must have some."""
        self._paths = (certificate, key)
        self._host = host
        self._held: tuple[str, str] | None = None
        self._read_at: _Stamp = ()
        self.trouble = ""

    def read(self) -> tuple[str, str]:
        """Return the certificate and its key; those that were good last while the files are not."""
        certificate, key = self._paths
        stamp = self._stamp()
        if certificate is not None and key is not None and stamp != self._read_at:
            # Of a pair that is written just now one may be there: they are looked at again when the other one is.
            self._read_at = stamp
            try:
                shown = read_own(certificate.read_bytes())
                self._held, trouble = (shown, read_key(key.read_bytes(), shown)), ""
            except OSError as error:
                trouble = f"{error.filename} cannot be read: {error.strerror}"
            except CertificateInvalid as error:
                trouble = f"{certificate} with {key}: {error}"
            if trouble and trouble != self.trouble:
                structlog.get_logger("edge").warning("our certificate stays as it was", error=trouble)
            self.trouble = trouble
        if self._held is None:
            self._held = make_own(self._host)
        return self._held

    def has_changed(self) -> bool:
        """Tell whether the files are others than those that were read."""
        return self._paths[0] is not None and self._stamp() != self._read_at

    def _stamp(self) -> _Stamp:
        return tuple(_stamp(path) for path in self._paths if path is not None)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
