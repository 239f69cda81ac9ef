"""Files that settings are read from: one of TOML, and credentials, each of which holds one secret."""

import os
import re
import stat
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from renvoi.configuration.setting_types import SECRETS
from renvoi.configuration.settings import SETTINGS

TOML_NAME = "renvoi.toml"
CREDENTIALS_NAME = "credentials"
"""The directory of credentials beside a settings file that was named."""
_MOST_BYTES = 1024 * 1024
"""Of one file: more than any that people write."""
_PASSWORD = re.compile(r"://[^/@:]*:[^/]*@|[?&]password=")
_FILE = "_file"
_PREFIX = "renvoi_"
"""systemd names a file `smtp_url` so where a unit loads the directory of it (`LoadCredential=renvoi:DIRECTORY`)."""
_ALLOWED = 0o640
"""Rights that a file with a secret may give."""


class FileRefused(Exception):
    """A file of settings cannot be used; the text is one line that names it, why, and what to do."""


def read_toml(path: Path, *, is_named: bool) -> dict[str, object]:
    """Return the settings in the file at `path`, as they are written there.

    `is_named`: somebody named this file, so it must be there, and may say where the data directory is.

    Raises:
        FileRefused: it cannot be read, holds something else than settings, or gives others too many rights.
    """
    try:
        with path.open("rb") as file:
            found = tomllib.loads(_content(file).decode())
            mode = _mode(file)
    except (FileNotFoundError, NotADirectoryError) as error:
        if not is_named:
            return {}
        raise FileRefused(f"{path}: cannot be read: {error.strerror}") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileRefused(f"{path}: cannot be read: {error}") from error
    for name, value in found.items():
        _check_name(name, value, path, is_named=is_named)
    secrets = sorted(name for name, value in found.items() if _is_secret(name, value))
    if secrets and mode & ~_ALLOWED:
        raise FileRefused(_too_open(path, mode, f"it holds a secret ({', '.join(secrets)})"))
    if mode & stat.S_IWOTH:
        raise FileRefused(f"{path}: its mode {mode:04o} lets everybody change it: chmod 640 {path}")
    return found


def _check_name(name: str, value: object, path: Path, *, is_named: bool) -> None:
    if name not in SETTINGS or name == "config_file":
        names = ", ".join(name for name in SETTINGS if name not in ("data_dir", "config_file"))
        raise FileRefused(f"{name} in {path}: unknown setting; the settings are {names}")
    if name != "data_dir":
        return
    if not is_named:
        raise FileRefused(f"data_dir in {path}: the file lies in that directory; set RENVOI_DATA_DIR or --data")
    if not Path(str(value)).is_absolute():
        # The service and each command have a working directory of their own.
        raise FileRefused(f"data_dir in {path}: {value!r} is not allowed: give an absolute path")


def _is_secret(name: str, value: object) -> bool:
    return name == "hep_key" or (name in SECRETS and _PASSWORD.search(str(value)) is not None)


def _too_open(path: Path, mode: int, why: str) -> str:
    return (
        f"{path}: {why}, and its mode {mode:04o} gives others rights to it: "
        f"chmod 600 {path}, or 640 where its group is that of the service"
    )


def _content(file: BinaryIO) -> bytes:
    content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise OSError(f"it has more than {_MOST_BYTES // 1024} KiB")
    return content


def _mode(file: BinaryIO) -> int:
    return stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o666


def _credential_names() -> Mapping[str, str]:
    """Return which setting each credential is for: for a setting that names a file the name without `_file`."""
    files = {name.removesuffix(_FILE): name for name in SECRETS if name.endswith(_FILE)}
    return files | {name: name for name in SECRETS if not name.endswith(_FILE)}


CREDENTIALS = _credential_names()
"""The setting that each credential gives: its content, or, where that names a file, where it lies."""


def read_credentials(directory: Path, *, is_guarded: bool) -> tuple[dict[str, object], list[str]]:
    """Return the settings that the files in `directory` give, and files that mean nothing here.

    `is_guarded`: the service manager keeps others away from them. A directory that is not there has none.

    Raises:
        FileRefused: one cannot be read, or gives others too many rights.
    """
    try:
        paths = sorted(directory.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return {}, []
    except OSError as error:
        raise FileRefused(f"{directory}: cannot be read: {error.strerror}") from error
    known = [(CREDENTIALS.get(path.name.removeprefix(_PREFIX)), path) for path in paths]
    return dict(_read_each(known, is_guarded)), [str(path) for name, path in known if name is None]


def _read_each(known: Iterable[tuple[str | None, Path]], is_guarded: bool) -> Iterable[tuple[str, object]]:
    for name, path in known:
        if name is None:
            continue
        try:
            with path.open("rb") as file:
                value = _content(file)
                mode = _mode(file)
            if mode & ~_ALLOWED and not is_guarded:
                raise FileRefused(_too_open(path, mode, "it is a secret"))
            yield name, path if name.endswith(_FILE) else value.decode().removesuffix("\n").removesuffix("\r")
        except (OSError, UnicodeDecodeError) as error:
            # An error of decoding repeats the text.
            reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror or error
            raise FileRefused(f"{path}: cannot be read: {reason}") from None
