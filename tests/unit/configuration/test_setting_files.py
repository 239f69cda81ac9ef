"""The settings file and credentials: where they are looked for, and whom they may be read by."""

from pathlib import Path

import pytest

from renvoi.configuration.setting_sources import Loaded, SettingsInvalid, load
from renvoi.configuration.setting_types import SECRETS

PASSWORD = "smtp_url = 'smtps://user:watchword@mail.example'\n"


def file_of(path: Path, text: str, mode: int = 0o600) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def refused(flags: dict[str, object], environ: dict[str, str] | None = None) -> str:
    with pytest.raises(SettingsInvalid) as caught:
        load(flags, environ or {})
    text = str(caught.value)
    assert "\n" not in text
    assert "watchword" not in text
    return text


@pytest.mark.parametrize("by", ["flag", "variable"])
def test_a_file_that_was_named_is_the_settings_file(tmp_path: Path, by: str) -> None:
    data = tmp_path / "data"
    named = file_of(tmp_path / "etc" / "renvoi.toml", f"data_dir = '{data}'\nhttp_port = 8090\n", 0o644)
    loaded = load({"config_file": named}, {}) if by == "flag" else load({}, {"RENVOI_CONFIG_FILE": str(named)})
    settings = loaded.settings
    assert (settings.data_dir, settings.http_port, settings.config_file) == (data, 8090, named)
    assert loaded.warnings == ()


def test_data_directory_of_a_named_file_gives_way_to_flag_and_variable(tmp_path: Path) -> None:
    named = file_of(tmp_path / "renvoi.toml", "data_dir = '/srv/renvoi'\n")
    by_flag = load({"config_file": named, "data_dir": tmp_path / "a"}, {}).settings
    by_variable = load({"config_file": named}, {"RENVOI_DATA_DIR": str(tmp_path / "b")}).settings
    assert (by_flag.data_dir, by_variable.data_dir) == (tmp_path / "a", tmp_path / "b")


def test_the_file_in_the_data_directory_is_passed_over_with_a_warning(tmp_path: Path) -> None:
    data = tmp_path / "data"
    named = file_of(tmp_path / "named.toml", f"data_dir = '{data}'\n")
    other = file_of(data / "renvoi.toml", "http_port = 1\n")
    loaded = load({"config_file": named}, {})
    assert loaded.settings.http_port == 8080
    assert loaded.warnings == (f"{other}: ignored, the settings file is {named}",)


def test_the_file_in_the_data_directory_may_be_named(tmp_path: Path) -> None:
    file = file_of(tmp_path / "renvoi.toml", f"data_dir = '{tmp_path}'\nhttp_port = 1\n")
    assert load({"config_file": file}, {}) == Loaded(load({"config_file": file}, {}).settings, ())


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    assert refused({"config_file": path}) == f"{path}: cannot be read: No such file or directory"


def test_a_relative_data_directory_is_refused(tmp_path: Path) -> None:
    named = file_of(tmp_path / "renvoi.toml", "data_dir = 'var'\n")
    assert "'var' is not allowed: give an absolute path" in refused({"config_file": named})


def test_a_file_does_not_name_another_one(tmp_path: Path) -> None:
    named = file_of(tmp_path / "renvoi.toml", "config_file = '/etc/other.toml'\n")
    assert "config_file in" in refused({"config_file": named})


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (PASSWORD, "smtp_url"),
        ("database_url = 'postgresql://a:watchword@h/d'\n", "database_url"),
        ("edge_database_url = 'postgresql://h/d?user=a&password=watchword'\n", "edge_database_url"),
        ("hep_key = 'watchword'\n", "hep_key"),
    ],
)
@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604, 0o602])
def test_a_secret_that_others_may_read_is_refused(tmp_path: Path, line: str, name: str, mode: int) -> None:
    path = file_of(tmp_path / "renvoi.toml", line, mode)
    text = refused({"data_dir": tmp_path})
    assert text == (
        f"{path}: it holds a secret ({name}), and its mode {mode:04o} gives others rights to it: "
        f"chmod 600 {path}, or 640 where its group is that of the service"
    )


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400, 0o440])
def test_a_secret_of_its_owner_and_group_is_taken(tmp_path: Path, mode: int) -> None:
    file_of(tmp_path / "renvoi.toml", PASSWORD, mode)
    assert load({"data_dir": tmp_path}, {}).settings.smtp_url == "smtps://user:watchword@mail.example"


@pytest.mark.parametrize("line", ["region = 'DE'\n", "database_url = 'postgresql://renvoi@h/d'\n"])
def test_a_file_without_secrets_may_be_read_by_all_but_not_changed(tmp_path: Path, line: str) -> None:
    path = file_of(tmp_path / "renvoi.toml", line, 0o644)
    load({"data_dir": tmp_path}, {})
    path.chmod(0o646)
    assert "its mode 0646 lets everybody change it: chmod 640" in refused({"data_dir": tmp_path})


def test_a_file_of_any_size_is_not_read(tmp_path: Path) -> None:
    file_of(tmp_path / "renvoi.toml", "#" * 1024 * 1024 + "\n")
    assert "it has more than 1024 KiB" in refused({"data_dir": tmp_path})


@pytest.mark.parametrize("prefix", ["", "renvoi_"])
def test_each_secret_may_be_a_credential(tmp_path: Path, prefix: str) -> None:
    values = {
        "database_url": "postgresql://a:watchword@h/d",
        "edge_database_url": "postgresql://edge:watchword@h/d",
        "smtp_url": "smtps://user:watchword@mail.example",
        "hep_key": "watchword",
    }
    for name, value in values.items():
        file_of(tmp_path / f"{prefix}{name}", value + "\n")
    files = {name: tmp_path / f"{prefix}{name}" for name in ("dkim_key", "identity_key", "secrets_key", "sip_tls_key")}
    for path in files.values():
        file_of(path, "a key")
    # The service manager guards them, by an access list that looks like a right of the group.
    (tmp_path / f"{prefix}hep_key").chmod(0o444)
    loaded = load({}, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert loaded.warnings == ()
    found = {name: getattr(loaded.settings, name) for name in SECRETS}
    assert found == values | {f"{name}_file": path for name, path in files.items()} | {"hep_key_file": None}


def test_a_credential_stands_between_variables_and_the_file(tmp_path: Path) -> None:
    file_of(tmp_path / "credentials" / "hep_key", "credential")
    named = file_of(tmp_path / "renvoi.toml", "hep_key = 'file'\n")
    assert load({"config_file": named}, {}).settings.hep_key == "credential"
    assert load({"config_file": named}, {"RENVOI_HEP_KEY": "variable"}).settings.hep_key == "variable"


def test_a_command_finds_credentials_beside_the_named_file_alone(tmp_path: Path) -> None:
    file = file_of(tmp_path / "renvoi.toml", "")
    file_of(tmp_path / "credentials" / "hep_key", "watchword")
    assert load({"config_file": file}, {}).settings.hep_key == "watchword"
    assert load({"data_dir": tmp_path}, {}).settings.hep_key is None


def test_a_credential_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = file_of(tmp_path / "renvoi.toml", "")
    path = file_of(tmp_path / "credentials" / "hep_key", "watchword", 0o644)
    assert refused({"config_file": file}).startswith(f"{path}: it is a secret, and its mode 0644 gives others")


def test_a_wrong_credential_is_named_and_not_repeated(tmp_path: Path) -> None:
    file_of(tmp_path / "smtp_url", "http://user:watchword@mail.example")
    text = refused({}, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert text.startswith("credential smtp_url: this value is not allowed: give smtp://")
    (tmp_path / "smtp_url").write_bytes(b"watchword\xff")
    text = refused({}, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert text == f"{tmp_path / 'smtp_url'}: cannot be read: it is not UTF-8"


def test_an_unknown_credential_is_a_warning(tmp_path: Path) -> None:
    path = file_of(tmp_path / "smtp_url~", "watchword")
    loaded = load({}, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert loaded.warnings == (f"{path}: unknown credential, ignored",)
