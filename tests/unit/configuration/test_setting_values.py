"""The values of settings: how they may be written, and what is refused."""

import os
from pathlib import Path

import pytest

from renvoi.configuration.setting_sources import SettingsInvalid, load


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("http_port = 80.5", "a valid integer"),
        ("http_port = true", "a valid integer"),
        ("http_port = [80]", "a valid integer"),
        ("http_port = ''", "a valid integer"),
        ("http_port = 99999999999999999999999999", "less than or equal to 65535"),
        ("voicemail_max_s = 'long'", "a valid number"),
        ("voicemail_max_s = inf", "finite"),
        ("voicemail_max_s = 1e999", "finite"),
        ("voicemail_max_s = {s = 1}", "a valid number"),
        ("region = 5", "a valid string"),
        ("http_host = ['a']", "a valid string"),
        ("dkim_key_file = 5", "a valid string"),
        ("locale = ['fr']", "'en' or 'fr'"),
        ("log_level = {}", "'debug', 'info', 'warning' or 'error'"),
        ("edge_user = 'a\\n'", "pattern"),
    ],
)
def test_a_value_of_another_type_is_refused(line: str, allowed: str, tmp_path: Path) -> None:
    (tmp_path / "renvoi.toml").write_text(line)
    with pytest.raises(SettingsInvalid, match=r"in .*renvoi\.toml: .* is not allowed: it should") as caught:
        load({"data_dir": tmp_path}, {})
    assert allowed in str(caught.value)


@pytest.mark.parametrize("odd", ["1_000", "+1000", "１０００", "١٠٠٠", "²", "1 000", "0x400", "1,000", "1e3x", ""])
@pytest.mark.parametrize(
    ("name", "written", "allowed"),
    [
        ("http_port", "{}", "a valid integer"),
        ("voicemail_max_s", "{}", "a valid number"),
        ("rtp_ports", "{}-29998", "give a range of ports"),
        ("rtp_ports", "1024-{}", "give a range of ports"),
        ("voicemail_nodes", "10.0.0.5:{}", "such as 10.0.0.5:5080"),
        ("voicemail_nodes", "[::1]:{}", "such as 10.0.0.5:5080"),
        ("hep_url", "udp://a:{}", "give udp://HOST"),
    ],
)
def test_what_only_a_program_takes_for_a_number_is_refused(name: str, written: str, allowed: str, odd: str) -> None:
    """Python reads underscores, a plus and the digits of all scripts."""
    with pytest.raises(SettingsInvalid, match=allowed):
        load({name: written.format(odd)}, {})


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("http_port = ' 80 '", 80),
        ("http_port = '0080'", 80),
        ("voicemail_max_s = '1e1'", 10),
        ("voicemail_max_s = 9e0", 9),
    ],
)
def test_numbers_may_be_written_as_people_do(line: str, value: float, tmp_path: Path) -> None:
    (tmp_path / "renvoi.toml").write_text(line)
    assert getattr(load({"data_dir": tmp_path}, {}).settings, line.split(maxsplit=1)[0]) == value


def test_a_whole_number_serves_where_fractions_may_stand() -> None:
    assert load({"voicemail_max_s": 7}, {}).settings.voicemail_max_s == 7


@pytest.mark.parametrize(
    "text", ["", "20000-", "-1", "80-90", "30000-20000", "20000-65536", "20000-20001-20002", "²-³"]
)
def test_ports_are_a_range(text: str) -> None:
    with pytest.raises(SettingsInvalid, match="give a range of ports"):
        load({"rtp_ports": text}, {})


@pytest.mark.parametrize(
    ("text", "ports"),
    [("20000-20004", [20000, 20002, 20004]), ("20001-20003", [20002]), ("20000-20001", [20000]), ("2001-2002", [2002])],
)
def test_audio_comes_to_even_ports(text: str, ports: list[int]) -> None:
    assert list(load({"rtp_ports": text}, {}).settings.rtp_range) == ports


@pytest.mark.parametrize("text", ["x", "x@", "@localhost", "a b@localhost", "a@localhost@localhost", "a@b c.example"])
def test_a_sender_is_an_e_mail_address(text: str) -> None:
    with pytest.raises(SettingsInvalid, match="give an e-mail address"):
        load({"mail_from": text}, {})


def test_a_sender_may_be_of_this_machine_alone() -> None:
    assert load({"mail_from": "calls@localhost"}, {}).settings.mail_from == "calls@localhost"


@pytest.mark.parametrize("text", ["", "https://", "ftp://calls.example.com", "calls", "http:///numbers"])
def test_a_public_url_is_one_of_the_web(text: str) -> None:
    with pytest.raises(SettingsInvalid, match="give an address such as"):
        load({"public_url": text}, {})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RENVOI_DATABASE_URL", b"postgresql://u:secret\xff@host/db"),
        ("RENVOI_EDGE_DATABASE_URL", b"postgresql://u:secret\xff@host/db"),
        ("RENVOI_SMTP_URL", b"smtp://u:secret\xff@host"),
        ("RENVOI_PUBLIC_URL", b"http://calls.example.com/\xe9"),
        ("RENVOI_DKIM_SELECTOR", b"\xe9"),
    ],
)
def test_bytes_that_are_no_text_are_refused(variable: str, value: bytes) -> None:
    with pytest.raises(SettingsInvalid, match=f"{variable}: .* is not allowed: it should be UTF-8") as caught:
        load({}, {variable: os.fsdecode(value)})
    assert "secret" not in str(caught.value)


def test_a_path_may_be_of_any_bytes() -> None:
    assert os.fsencode(load({}, {"RENVOI_DATA_DIR": os.fsdecode(b"/srv/\xff")}).settings.data_dir) == b"/srv/\xff"


def test_a_public_url_loses_its_last_slash() -> None:
    assert load({"public_url": "http://calls.example.com/x/"}, {}).settings.public_url == "http://calls.example.com/x"


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("udp://capture.example", ("capture.example", 9060)),
        ("udp://10.0.0.5:1", ("10.0.0.5", 1)),
        ("udp://[2001:db8::5]", ("2001:db8::5", 9060)),
        ("udp://[::1]:65535", ("::1", 65535)),
    ],
)
def test_a_capture_server_has_a_host_and_a_port(text: str, server: tuple[str, int]) -> None:
    assert load({}, {"RENVOI_HEP_URL": text}).settings.hep_server == server
    assert load({}, {}).settings.hep_server is None


@pytest.mark.parametrize(
    "text",
    [
        *("capture.example:9060", "tcp://capture.example", "udp://", "udp://[capture]", "udp://[::1", "udp://a:0"),
        *("udp://a:", "udp://a b", "udp://a/b", "udp://u@a", "udp://::1", "udp://a:٩٠٦٠", "udp://-a", 'udp://a";'),
    ],
)
def test_what_is_no_capture_server_is_refused(text: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"RENVOI_HEP_URL.*give udp://HOST"):
        load({}, {"RENVOI_HEP_URL": text})
