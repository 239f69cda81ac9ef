"""Settings: flags of `renvoi serve`, else `RENVOI_*` variables, else credentials, else the settings file.

That file is the one which was named, else `renvoi.toml` in the data directory.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from renvoi.configuration.setting_files import CREDENTIALS_NAME, TOML_NAME, FileRefused, read_credentials, read_toml
from renvoi.configuration.settings import ENV_PREFIX, SETTINGS, Settings, ValueRefused, read_settings, variable_of

CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"
"""Where systemd puts what `LoadCredential=` loads (systemd.exec(5))."""


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
        SettingsInvalid: one of them is wrong, or a file of them cannot be used.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    variables, unknown = _variables(environ)
    named = given.get("config_file") or variables.get("config_file")
    data_dir = given.get("data_dir") or variables.get("data_dir") or Settings().data_dir
    path = Path(str(named)) if named else Path(str(data_dir)) / TOML_NAME
    try:
        written = read_toml(path, is_named=bool(named))
        credentials, strange = _credentials(environ, path if named else None)
    except FileRefused as error:
        raise SettingsInvalid(str(error)) from error.__cause__
    settings = _validate(
        (given, _flag),
        (variables, variable_of),
        (credentials, lambda name: f"credential {name}"),
        (written, lambda name: f"{name} in {path}"),
    )
    absolute = replace(
        settings,
        data_dir=settings.data_dir.expanduser().absolute(),
        config_file=settings.config_file and settings.config_file.expanduser().absolute(),
    )
    warnings = [f"{variable}: unknown setting, ignored" for variable in unknown]
    warnings += [f"{file}: unknown credential, ignored" for file in strange]
    passed_over = absolute.data_dir / TOML_NAME
    if named and os.path.lexists(passed_over) and os.path.realpath(passed_over) != os.path.realpath(path):
        warnings.append(f"{passed_over}: ignored, the settings file is {path}")
    return Loaded(absolute, tuple(warnings))


def _credentials(environ: Mapping[str, str], named: Path | None) -> tuple[dict[str, object], list[str]]:
    """Read what the service manager gives to a service; a command finds it beside the settings file that was named."""
    given = environ.get(CREDENTIALS_VARIABLE)
    if given:
        return read_credentials(Path(given), is_guarded=True)
    return read_credentials(named.parent / CREDENTIALS_NAME, is_guarded=False) if named else ({}, [])


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


_FLAGS = {"data_dir": "--data", "config_file": "--config"}


def _flag(name: str) -> str:
    return _FLAGS.get(name, "--" + name.replace("_", "-"))


def _variables(environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the settings in an environment, and its variables that look like one and are unknown."""
    given = {variable: value for variable, value in environ.items() if variable.startswith(ENV_PREFIX) and value}
    found = {name: given.pop(variable_of(name)) for name in SETTINGS if variable_of(name) in given}
    return found, list(given)
