"""The key that secrets in the store are sealed with, in a file: so a copy of the database, or a backup, opens none."""

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from renvoi.application.errors import OperatorError
from renvoi.application.ports.secrets import SecretClosed
from renvoi.files import sync_directory

KEY_BYTES = 32
_NONCE_BYTES = 12
_MOST_BYTES = 4096
_VERSION = b"\x01"


class AesSealer:
    """See `Sealer`: AES-256-GCM with a random nonce, and the name as associated data."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, name: str, secret: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, secret.encode(), name.encode())

    def open(self, name: str, sealed: bytes) -> str:
        nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if not sealed.startswith(_VERSION):
            raise SecretClosed(f"the secret {name} is of another version of renvoi, or damaged")
        try:
            return self._cipher.decrypt(nonce, rest, name.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SecretClosed(f"the secret {name} was sealed with another key, or is damaged") from error


def load(path: Path) -> AesSealer | None:
    """Read the key; None when there is no such file.

    Raises:
        OperatorError: the file is not such a key, cannot be read, or can be read by others.
    """
    try:
        # A FIFO would have us wait.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OperatorError(f"the key of secrets {path} cannot be read: {error.strerror}") from error
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise OperatorError(f"the key of secrets {path} is not a file")
        if mode & 0o077:
            raise OperatorError(f"others may read the key of secrets {path}: chmod 600 {path}")
        content = os.read(descriptor, _MOST_BYTES)
    except OSError as error:
        raise OperatorError(f"the key of secrets {path} cannot be read: {error.strerror}") from error
    finally:
        os.close(descriptor)
    try:
        key = base64.b64decode(content.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise OperatorError(
            f"{path} is not a key of secrets: copy it again from the node that made it, or, if no secret was set yet, "
            "remove the file"
        )
    return AesSealer(key)


def key_for(path: Path, kept: Mapping[str, bytes]) -> AesSealer:
    """Return the key that the secrets of `kept` were sealed with, a new one if there are none yet.

    Raises:
        OperatorError: see `load`, or it is another key.
    """
    advice = "copy the key from the node where the first secret was set"
    if not kept:
        return load_or_make(path)
    found = load(path)
    if found is None:
        raise OperatorError(f"the store has secrets, and their key {path} is not here: {advice}")
    name, sealed = next(iter(kept.items()))
    try:
        found.open(name, sealed)
    except SecretClosed as error:
        raise OperatorError(f"{path} is not the key of the secrets in the store ({error}): {advice}") from error
    return found


def load_or_make(path: Path) -> AesSealer:
    """Read the key, which is made if there is no such file; it survives a power cut from then on.

    Raises:
        OperatorError: see `load`, or it cannot be made.
    """
    if (found := load(path)) is not None:
        return found
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
                if os.geteuid() == 0:
                    # A command of root's must not keep the node's user out.
                    owner = path.parent.stat()
                    os.fchown(descriptor, owner.st_uid, owner.st_gid)
                file.flush()
                os.fsync(descriptor)
            # Of several that come at the same time one makes it.
            path.hardlink_to(temporary)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
        sync_directory(path.parent)
    except OSError as error:
        raise OperatorError(f"the key of secrets {path} cannot be made: {error.strerror}") from error
    made = load(path)
    assert made is not None
    return made
