"""Settings: their sources, which of them wins, and what is said of wrong ones."""

import traceback
from pathlib import Path

import pytest

from renvoi.configuration.setting_sources import SettingsInvalid, from_environment, load
from renvoi.configuration.setting_types import SECRETS
from renvoi.configuration.settings import SETTINGS, read_settings

WRONG: dict[str, tuple[str, str] | None] = {
    # Any text can be a path; what is neither a key nor a DNS name is found when a mail is to be signed by it.
    "database_url": ("mysql://user:secret@host/db", "give sqlite:///PATH or postgresql://"),
    "http_host": ("a b", "pattern"),
    "http_port": ("99999", "less than or equal to 65535"),
    "inner_host": ("a b", "pattern"),
    "inner_port": ("-1", "greater than or equal to 0"),
    "sip_host": ("nonsense", "give an IP address of this machine"),
    "sip_port": ("0", "greater than or equal to 1"),
    "sip_tls_port": ("70000", "less than or equal to 65535"),
    "sip_tls_certificate_file": None,
    "sip_tls_key_file": None,
    "sip_advertised": ("a b", "give a host, with a port or without"),
    "sip_domain": ("a b", "pattern"),
    "region": ("France", "use an ISO 3166-1 code"),
    "new_account_calls": ("1000001", "less than or equal to 1000000"),
    "new_account_minutes": ("-1", "greater than or equal to 0"),
    "country_cooling_off_s": ("2678401", "less than or equal to 2678400"),
    "locale": ("de", "'en' or 'fr'"),
    "error_status": ("always", "'semantic' or 'ok'"),
    "rate_limit_per_key": ("nan", "finite"),
    "bad_key_limit": ("-1", "greater than or equal to 0"),
    "trusted_proxies": ("10.0.0.1/8", "give networks such as"),
    "shutdown_grace_s": ("601", "less than or equal to 600"),
    "edge_workers": ("0", "greater than or equal to 1"),
    "trunk_retry_s": ("0", "greater than or equal to 1"),
    "edge_user": ("Not A User", "pattern"),
    "smtp_url": ("http://user:secret@host", "give smtp://, smtps:// or smtp+starttls://"),
    "mail_from": ("a b@localhost", "give an e-mail address"),
    "mail_audio": ("ogg", "'wav' or 'mp3'"),
    "mail_retry_s": ("0", "greater than or equal to 0.1"),
    "dkim_key_file": None,
    "secrets_key_file": None,
    "dkim_selector": None,
    "dkim_domain": ("a b", "pattern"),
    "operator_email": ("a b", "give an e-mail address"),
    "smtp_ehlo": ("pc", "give a full name, such as node1.example.com"),
    "public_url": ("calls.example.com", "give an address such as https://"),
    "voicemail_workers": ("65", "less than or equal to 64"),
    "voicemail_calls": ("0", "greater than or equal to 1"),
    "voicemail_max_s": ("0.5", "greater than or equal to 1"),
    "voicemail_silence_s": ("61", "less than or equal to 60"),
    "voicemail_end_keys": ("A", "pattern"),
    "voicemail_min_free_mib": ("-1", "greater than or equal to 0"),
    "call_retention_days": ("-1", "greater than or equal to 0"),
    "ladder_retention_days": ("36501", "less than or equal to 36500"),
    "audit_retention_days": ("40000", "less than or equal to 36500"),
    "event_retention_days": ("40000", "less than or equal to 36500"),
    "delivery_retention_days": ("-1", "greater than or equal to 0"),
    "webhook_http": ("maybe", "'no' or 'yes'"),
    "webhook_networks": ("10.0.0.1/8", "give networks such as"),
    "edge_database_url": ("sqlite:////srv/secret.db", "give postgresql://"),
    "database_connections": ("1", "greater than or equal to 2"),
    "only": ("api,dashboard", "give one or more of api, edge, voicemail"),
    "on_store_loss": ("guess", "'reject' or 'last-known'"),
    "store_loss_max_s": ("0", "greater than or equal to 1"),
    "voicemail_host": ("nonsense", "give an IP address of this machine"),
    "voicemail_port": ("65001", "less than or equal to 65000"),
    "voicemail_nodes": ("10.0.0.5", "give IP addresses with ports"),
    "voicemail_peers": ("10.0.0.1/8", "give networks such as"),
    "rtp_host": ("nonsense", "give an IP address of this machine"),
    "rtp_advertised": ("a b", "pattern"),
    "rtp_ports": ("20000", "give a range of ports between 1024 and 65535"),
    "answer_strangers": ("sometimes", "'no' or 'yes'"),
    "identity_key_file": None,
    "identity_certificate_file": None,
    "identity_trusted_file": None,
    "identity_certificate_url": ("http://a.example/a.pem", "give an address such as https://"),
    "rtpengine": ("udp:localhost:2223", "give udp:ADDRESS:PORT, as rtpengine has it as --listen-ng"),
    "identity_hosts": ("https://a.example", "give names of hosts such as"),
    "longest_call_h": ("0", "greater than or equal to 1"),
    "sip_memory_mib": ("16", "greater than or equal to 64"),
    "hep_url": ("udp://capture.example:99999", "give udp://HOST or udp://HOST:PORT"),
    "hep_id": ("2147483648", "less than or equal to 2147483647"),
    "hep_key": ("a secret", "pattern"),
    "hep_key_file": None,
    "log_format": ("xml", "'console' or 'json'"),
    "log_level": ("loud", "'debug', 'info', 'warning' or 'error'"),
}
RIGHT = {
    "database_url": "sqlite:////srv/renvoi.db",
    "http_host": "0.0.0.0",
    "http_port": 8090,
    "inner_host": "10.0.0.5",
    "inner_port": 0,
    "sip_host": "127.0.0.2",
    "sip_port": 5070,
    "sip_tls_port": 5071,
    "sip_tls_certificate_file": "/etc/renvoi/tls.pem",
    "sip_tls_key_file": "/etc/renvoi/tls.key",
    "sip_advertised": "sip.example.net:15060",
    "sip_domain": "example.net",
    "region": "DE",
    "locale": "fr",
    "new_account_calls": 20,
    "new_account_minutes": 90,
    "country_cooling_off_s": 3600,
    "error_status": "ok",
    "rate_limit_per_key": 2.5,
    "bad_key_limit": 7,
    "trusted_proxies": "127.0.0.1/32",
    "shutdown_grace_s": 1.5,
    "edge_workers": 3,
    "trunk_retry_s": 31,
    "edge_user": "nobody",
    "smtp_url": "smtps://user:password@mail.example.net",
    "mail_from": "calls@example.net",
    "mail_audio": "mp3",
    "mail_retry_s": 60.5,
    "dkim_key_file": "/etc/renvoi/dkim.pem",
    "dkim_selector": "calls",
    "dkim_domain": "example.net",
    "operator_email": "operator@example.net",
    "smtp_ehlo": "node1.example.net",
    "public_url": "https://calls.example.net",
    "voicemail_workers": 0,
    "voicemail_calls": 50,
    "voicemail_max_s": 180.5,
    "voicemail_silence_s": 3.5,
    "voicemail_end_keys": "*#",
    "voicemail_min_free_mib": 0,
    "call_retention_days": 30,
    "ladder_retention_days": 7,
    "audit_retention_days": 365,
    "event_retention_days": 7,
    "delivery_retention_days": 14,
    "webhook_http": "yes",
    "webhook_networks": "10.1.2.0/24",
    "edge_database_url": "postgresql://edge:password@db.example.net/renvoi",
    "database_connections": 8,
    "only": "api,edge",
    "on_store_loss": "last-known",
    "store_loss_max_s": 60.5,
    "voicemail_host": "10.0.0.5",
    "voicemail_port": 5080,
    "voicemail_nodes": "10.0.0.5:5080, [2001:db8::5]:5080",
    "voicemail_peers": "10.0.0.0/24, 127.0.0.1/32",
    "rtp_host": "127.0.0.3",
    "rtp_advertised": "media.example.net",
    "rtp_ports": "30000-30099",
    "answer_strangers": "yes",
    "identity_key_file": "/etc/renvoi/key.pem",
    "identity_certificate_file": "/etc/renvoi/certificate.pem",
    "identity_trusted_file": "/etc/renvoi/trusted.pem",
    "identity_certificate_url": "https://certificates.example.net/renvoi.pem",
    "rtpengine": "udp:[::1]:2223",
    "identity_hosts": "certificates.example.net, *.example.org",
    "longest_call_h": 48,
    "sip_memory_mib": 2048,
    "hep_url": "udp://capture.example:9061",
    "hep_id": 7,
    "hep_key": "sesame",
    "hep_key_file": "/etc/renvoi/hep.key",
    "secrets_key_file": "/etc/renvoi/secrets.key",
    "log_format": "json",
    "log_level": "debug",
}
NAMES = sorted(set(SETTINGS) - {"data_dir", "config_file"})
"""These two say where the others are found: see `test_setting_files`."""


def write_toml(directory: Path, text: str) -> None:
    """Write a settings file that may hold secrets."""
    path = directory / "renvoi.toml"
    path.touch(0o600)
    path.write_text(text)


def test_every_setting_is_covered_here() -> None:
    assert sorted(WRONG) == NAMES
    assert sorted(RIGHT) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_setting_comes_from_each_source(name: str, tmp_path: Path) -> None:
    """A flag, a variable and a line of renvoi.toml all set the same thing."""
    value = RIGHT[name]
    written = f'"{value}"' if isinstance(value, str) else str(value)
    write_toml(tmp_path, f"{name} = {written}\n")
    by_toml = load({"data_dir": tmp_path}, {})
    by_env = load({}, {"RENVOI_" + name.upper(): str(value)})
    by_flag = load({name: str(value)}, {})
    for loaded in (by_toml, by_env, by_flag):
        assert getattr(loaded.settings, name) == (Path(str(value)) if name.endswith("_file") else value)
        assert loaded.warnings == ()


@pytest.mark.parametrize("name", [name for name in NAMES if WRONG[name]])
def test_a_wrong_value_is_named_with_its_source_and_what_is_allowed(name: str, tmp_path: Path) -> None:
    wrong = WRONG[name]
    assert wrong is not None
    value, allowed = wrong
    write_toml(tmp_path, f'{name} = "{value}"\n')
    sources: dict[str, tuple[dict[str, object], dict[str, str]]] = {
        f"{name} in {tmp_path / 'renvoi.toml'}: ": ({"data_dir": tmp_path}, {}),
        "RENVOI_" + name.upper() + ": ": ({}, {"RENVOI_" + name.upper(): value}),
        "--" + name.replace("_", "-") + ": ": ({name: value}, {}),
    }
    for source, (flags, environ) in sources.items():
        with pytest.raises(SettingsInvalid) as caught:
            load(flags, environ)
        text = str(caught.value)
        assert text.startswith(source)
        assert allowed in text
        assert "\n" not in text
        assert "secret" not in "".join(traceback.format_exception(caught.value))


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "renvoi.toml").write_text("http_port = 1\nsip_port = 1\nregion = 'DE'\n")
    environ = {"RENVOI_DATA_DIR": str(tmp_path), "RENVOI_HTTP_PORT": "2", "RENVOI_SIP_PORT": "2"}
    settings = load({"http_port": "3", "sip_port": None}, environ).settings
    assert (settings.http_port, settings.sip_port, settings.region) == (3, 2, "DE")


def test_a_file_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "renvoi.toml").write_text("http_prot = 1\n")
    with pytest.raises(SettingsInvalid, match=r"http_prot in .*: unknown setting; the settings are .*http_port"):
        load({"data_dir": tmp_path}, {})


def test_a_file_that_names_its_own_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "renvoi.toml").write_text("data_dir = '/elsewhere'\n")
    with pytest.raises(SettingsInvalid, match="set RENVOI_DATA_DIR or --data"):
        load({"data_dir": tmp_path}, {})


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "renvoi.toml").write_text("http_port: 1\n")
    with pytest.raises(SettingsInvalid, match=r"renvoi\.toml: cannot be read"):
        load({"data_dir": tmp_path}, {})


def test_an_unknown_variable_is_a_warning_and_an_empty_one_is_not_set() -> None:
    loaded = load({}, {"RENVOI_HTTP_PROT": "1", "RENVOI_HTTP_PORT": "", "HTTP_PORT": "5"})
    assert loaded.warnings == ("RENVOI_HTTP_PROT: unknown setting, ignored",)
    assert loaded.settings.http_port == 8080


def test_a_child_process_loads_the_same_settings(tmp_path: Path) -> None:
    (tmp_path / "renvoi.toml").write_text("http_port = 1\n")
    settings = load({"data_dir": tmp_path, "http_port": "2", "trusted_proxies": "10.0.0.0/8,::1"}, {}).settings
    assert load({}, settings.environment()).settings == settings


def test_each_setting_is_documented() -> None:
    """docs/operating/settings.md has one row for each setting, with its default."""
    text = (Path(__file__).parents[3] / "docs" / "operating" / "settings.md").read_text(encoding="utf-8")
    for name, field in SETTINGS.items():
        assert field.description
        (row,) = (line for line in text.splitlines() if line.startswith(f"| `RENVOI_{name.upper()}` |"))
        assert row.count("|") == 5
        if field.default not in (None, ""):
            assert f"`{field.default}`" in row


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://renvoi:secret@db.example.net:5433/renvoi", "postgresql://renvoi@db.example.net:5433/renvoi"),
        (
            "postgres://renvoi:se%40cret@a:1,b:2/renvoi?target_session_attrs=read-write",
            "postgresql://renvoi@a:1,b:2/renvoi",
        ),
        ("postgresql://db/renvoi?user=renvoi&password=secret", "postgresql://db/renvoi"),
        ("sqlite:////srv/renvoi.db", "/srv/renvoi.db"),
    ],
)
def test_a_database_is_shown_without_its_password(url: str, shown: str) -> None:
    assert load({"database_url": url}, {}).settings.database_shown == shown


def test_a_node_does_everything_unless_told_otherwise() -> None:
    assert load({}, {}).settings.parts == {"api", "edge", "voicemail"}
    assert load({"only": "voicemail, edge"}, {}).settings.parts == {"edge", "voicemail"}


def test_the_edge_opens_the_store_by_a_url_of_its_own() -> None:
    both = {"database_url": "postgresql://db/renvoi", "edge_database_url": "postgresql://edge@db/renvoi"}
    assert load(both, {}).settings.edge_database == "postgresql://edge@db/renvoi"
    assert load({"database_url": "postgresql://db/renvoi"}, {}).settings.edge_database == "postgresql://db/renvoi"


def test_workers_of_other_nodes_have_addresses_and_ports() -> None:
    settings = load({"voicemail_nodes": "10.0.0.5:5080,[2001:db8::5]:5081"}, {}).settings
    assert settings.voicemail_addresses == (("10.0.0.5", 5080), ("2001:db8::5", 5081))


def test_a_child_gets_the_secrets_that_it_needs(tmp_path: Path) -> None:
    """The mailer alone those of mail, none the edge's; and none reads them from `renvoi.toml` by itself."""
    write_toml(tmp_path, "smtp_url = 'smtps://u:word@mail.example'\ndkim_key_file = '/k.pem'\n")
    urls = {"RENVOI_DATABASE_URL": "postgresql://a:b@h/d", "RENVOI_EDGE_DATABASE_URL": "postgresql://edge:c@h/d"}
    settings = load({"data_dir": tmp_path}, urls).settings
    environment = settings.environment({"database_url"})
    known = {
        "database_url",
        "edge_database_url",
        "smtp_url",
        "dkim_key_file",
        "hep_key",
        "hep_key_file",
        "identity_key_file",
        "secrets_key_file",
        "sip_tls_key_file",
    }
    assert known == SECRETS
    assert not any("word" in value or ":c@" in value or ".pem" in value for value in environment.values())
    child = from_environment(environment)
    assert (child.database_url, child.smtp_url, child.edge_database_url) == (urls["RENVOI_DATABASE_URL"], None, None)
    mailer = from_environment(settings.environment({"database_url", "smtp_url", "dkim_key_file"}))
    assert (mailer.smtp_url, str(mailer.dkim_key_file)) == ("smtps://u:word@mail.example", "/k.pem")
    assert from_environment(settings.environment()) == settings


@pytest.mark.parametrize(
    ("given", "shares"),
    [
        ({}, False),
        ({"database_url": "postgresql://a:b@h/d"}, True),
        ({"database_url": "postgresql://a:b@h/d", "edge_database_url": "postgresql://a:x@other/d"}, True),
        ({"database_url": "postgresql://a:b@h/d", "edge_database_url": "postgresql://edge:x@h/d"}, False),
        ({"database_url": "postgresql://a:b@h/d", "only": "api"}, False),
    ],
)
def test_an_edge_with_the_stores_role_is_recognised(given: dict[str, str], shares: bool) -> None:
    assert read_settings(given).edge_shares_role is shares
