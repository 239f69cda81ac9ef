"""What settings mean for a voicemail worker."""

import resource
from pathlib import Path

import pytest

from renvoi.configuration.settings import Settings, read_settings
from renvoi.node.entrypoints import voicemail
from renvoi.node.entrypoints.child_main import allow_files
from renvoi.voicemail.call_flow import MessageLimits


def test_settings_become_a_workers_configuration() -> None:
    settings = Settings(
        data_dir=Path("/srv"),
        sip_host="127.0.0.2",
        rtp_ports="20001-20010",
        voicemail_calls=7,
        voicemail_max_s=90,
        voicemail_silence_s=4,
        voicemail_end_keys="*#",
        voicemail_min_free_mib=3,
    )
    configs = [voicemail._config(settings, index, 2) for index in range(2)]
    assert [list(config.rtp_ports) for config in configs] == [[20002, 20006, 20010], [20004, 20008]]
    for config in configs:
        assert config.disk == Path("/srv/recordings")
        assert config.rtp_hosts == (("127.0.0.2", "127.0.0.2"),)
        assert (config.calls, config.min_free_bytes) == (7, 3 * 1024 * 1024)
        assert config.limits == MessageLimits(90, 4, "*#")


@pytest.mark.parametrize(
    ("settings", "host", "told"),
    [
        ({"sip_host": "127.0.0.2", "rtp_host": "127.0.0.3"}, "127.0.0.3", "127.0.0.3"),
        ({"sip_host": "127.0.0.2", "sip_advertised": "192.0.2.1"}, "127.0.0.2", "192.0.2.1"),
        ({"sip_advertised": "192.0.2.1:15060"}, "127.0.0.1", "192.0.2.1"),
        ({"sip_advertised": "192.0.2.1", "rtp_advertised": "192.0.2.2"}, "127.0.0.1", "192.0.2.2"),
        ({"rtp_host": "::"}, "::", None),
    ],
)
def test_peers_are_told_an_address_that_they_can_reach(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], host: str, told: str | None
) -> None:
    monkeypatch.setattr(voicemail, "advertised_host", lambda host: "2001:db8::1" if host == "::" else host)
    config = voicemail._config(read_settings(settings), 0, 1)
    assert config.rtp_hosts == ((host, told or "2001:db8::1"),)


@pytest.mark.parametrize(
    ("settings", "host", "peers"),
    [
        ({}, "127.0.0.1", ["127.0.0.1/32", "127.0.0.1/32"]),
        ({"sip_host": "10.0.0.9"}, "127.0.0.1", ["127.0.0.1/32", "10.0.0.9/32", "127.0.0.1/32"]),
        (
            {"only": "voicemail", "voicemail_host": "10.0.0.5", "voicemail_peers": "10.0.0.0/24, 192.0.2.1"},
            "10.0.0.5",
            ["10.0.0.0/24", "192.0.2.1/32", "10.0.0.5/32"],
        ),
        (
            {"voicemail_host": "::", "voicemail_peers": "2001:db8::/32"},
            "2001:db8::1",
            ["2001:db8::/32", "127.0.0.1/32", "2001:db8::1/128", "::1/128"],
        ),
    ],
)
def test_a_worker_hears_its_peers_and_its_own_node(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], host: str, peers: list[str]
) -> None:
    monkeypatch.setattr(voicemail, "advertised_host", lambda host: host)
    monkeypatch.setattr(voicemail, "worker_host", lambda found: found.voicemail_host.replace("::", "2001:db8::1"))
    config = voicemail._config(read_settings(settings), 0, 1)
    assert config.sip_host == host
    assert [str(network) for network in config.peers] == peers


@pytest.mark.parametrize(
    ("soft", "hard", "count", "wanted"),
    [
        (1024, 4096, 1700, 1700),
        (1024, 4096, 9999, 4096),
        (1024, resource.RLIM_INFINITY, 9999, 9999),
        (1024, 4096, 1024, None),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 9999, None),
    ],
)
def test_a_worker_may_open_what_its_calls_need(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, count: int, wanted: int | None
) -> None:
    set_to: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: set_to.append(limits))
    allow_files(count, "part")
    assert set_to == ([] if wanted is None else [(wanted, hard)])
