"""Settings: flags of `renvoi serve`, else `RENVOI_*` environment variables, else `renvoi.toml` in the data."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from renvoi.settings import ENV_PREFIX, SETTINGS, Settings, ValueRefused, read_settings, variable_of

TOML_NAME = "renvoi.toml"


class SettingsInvalid(Exception):
    """A setting is wrong; the text is one line that names it, where it came from, and what is allowed."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and warnings worth a line each."""

    settings: Settings
    warnings: tuple[str, ...] = ()


def load(flags: Mapping[str, object], environ: Mapping[str, str]) -> Loaded:
    """Load the settings; a flag that is None was not given, an empty variable is not set.

    Raises:
        SettingsInvalid: one of them is wrong, or `renvoi.toml` cannot be read.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    variables, unknown = _variables(environ)
    data_dir = given.get("data_dir") or variables.get("data_dir") or Settings().data_dir
    path = Path(str(data_dir)) / TOML_NAME
    settings = _validate((given, _flag), (variables, variable_of), (_read_toml(path), lambda name: f"{name} in {path}"))
    absolute = replace(settings, data_dir=settings.data_dir.expanduser().absolute())
    return Loaded(absolute, tuple(f"{variable}: unknown setting, ignored" for variable in unknown))


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Load the settings that a parent process gave by `Settings.environment`.

    From there alone, not from `renvoi.toml`: a child has no more secrets than it was given.

    Raises:
        SettingsInvalid: one of them is wrong.
    """
    variables, _ = _variables(environ)
    return _validate((variables, variable_of))


def _validate(*sources: tuple[Mapping[str, object], Callable[[str], str]]) -> Settings:
    """Make settings of what each source has, the first before the next; each says what it calls a setting."""
    merged = {name: value for values, _ in reversed(sources) for name, value in values.items()}
    try:
        return read_settings(merged)
    except ValueRefused as error:
        name = error.name
        called = next(called(name) for values, called in sources if name in values)
        # These URLs may hold a password, which belongs in no log.
        shown = (
            "this value" if name in ("database_url", "edge_database_url", "smtp_url", "hep_key") else repr(merged[name])
        )
        raise SettingsInvalid(f"{called}: {shown} is not allowed: {error.reason}") from None


def _flag(name: str) -> str:
    return "--data" if name == "data_dir" else "--" + name.replace("_", "-")


def _variables(environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the settings in an environment, and its variables that look like one and are unknown."""
    given = {variable: value for variable, value in environ.items() if variable.startswith(ENV_PREFIX) and value}
    found = {name: given.pop(variable_of(name)) for name in SETTINGS if variable_of(name) in given}
    return found, list(given)


def _read_toml(path: Path) -> dict[str, object]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsInvalid(f"{path}: cannot be read: {error}") from error
    for name in found:
        if name == "data_dir":
            raise SettingsInvalid(f"data_dir in {path}: the file lies in that directory; set RENVOI_DATA_DIR or --data")
        if name not in SETTINGS:
            names = ", ".join(name for name in SETTINGS if name != "data_dir")
            raise SettingsInvalid(f"{name} in {path}: unknown setting; the settings are {names}")
    return found
