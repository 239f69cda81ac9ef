"""What is written for Kamailio: its configuration, its lists, the trunk table, and who may read them."""

import json
import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from renvoi.edge import config as edge_config
from renvoi.edge import sandbox
from renvoi.edge.config import EdgeConfig, EdgeConfigInvalid, Listener
from renvoi.edge.kamailio import render
from renvoi.edge.kamailio.files import replace
from renvoi.edge.router.overload_control import FULL, LONG_QUEUE_BYTES, MAX_REFUSED, PATIENCE, LoadShedder, ReceiveQueue
from renvoi.edge.router.trunk_table import TrunkTable
from renvoi.edge.sandbox import EdgeUser


def config(**settings: Any) -> EdgeConfig:
    settings.setdefault("database", "sqlite:////data/renvoi.db")
    return EdgeConfig(Path("/run/edge"), spool=Path("/data/spool"), **settings)


def networks(*texts: str) -> InboundTrunk:
    return InboundTrunk("carrier", tuple(map(parse_network, texts)))


def test_everything_is_written_as_its_two_halves() -> None:
    """Kamailio takes 0.0.0.0/0 and matches nothing with it."""
    whole = InboundTrunk("world", (parse_network("0.0.0.0/0"),))
    assert render.addresses([whole]).splitlines() == ["1 0.0.0.0 1 0 world", "1 128.0.0.0 1 0 world"]


def test_a_network_of_two_trunks_is_that_of_the_first_by_name() -> None:
    same = [InboundTrunk(name, (parse_network("192.0.2.0/24"), parse_network("192.0.2.7"))) for name in ("b", "a")]
    assert render.addresses(same).splitlines() == ["1 192.0.2.7 32 0 a", "1 192.0.2.0 24 0 a"]


def test_the_narrowest_network_is_listed_first() -> None:
    """Kamailio takes the first network that fits."""
    wide, narrow = networks("10.0.0.0/8", "2001:db8::/32"), InboundTrunk("one", (parse_network("10.1.2.3"),))
    assert render.addresses([wide, narrow]).splitlines() == [
        "1 10.1.2.3 32 0 one",
        "1 2001:db8:: 32 0 carrier",
        "1 10.0.0.0 8 0 carrier",
    ]


def test_a_trunk_is_a_destination_that_is_probed() -> None:
    trunk = OutboundTrunk("out", "sip:192.0.2.1;transport=tcp", 7)
    assert render.destinations([trunk], {"out": [trunk.address.at("192.0.2.1")]}).splitlines() == [
        "1 sip:192.0.2.1:5060;transport=tcp 0 1 trunk=out"
    ]


def test_every_address_of_a_trunk_is_a_destination_in_the_order_of_trunks_and_addresses() -> None:
    trunks = [
        OutboundTrunk("b", "sip:b.example", 50),
        OutboundTrunk("a", "sip:a.example:5070", 50),
        OutboundTrunk("c", "sip:c.example", 90),
    ]
    found = {"a": [trunks[1].address.at("::1")], "b": [trunks[0].address.at(f"192.0.2.{last}", 5) for last in (9, 8)]}
    assert render.destinations(trunks, found).splitlines() == [
        "1 sip:[::1]:5070 0 3 trunk=a",
        "1 sip:192.0.2.9:5 0 2 trunk=b",
        "1 sip:192.0.2.8:5 0 1 trunk=b",
    ]
    hops = TrunkTable.of(1, [], trunks, found).hops
    assert hops == {
        "a": "sip:[::1]:5070 sip:[::1]:5070,",
        "b": "sip:192.0.2.9:5 sip:192.0.2.9:5,sip:192.0.2.8:5 sip:192.0.2.8:5,",
    }


def test_workers_of_the_voicemail_are_destinations_of_both_of_their_sets() -> None:
    assert render.destinations([], {}, [("127.0.0.1", 7001), ("::1", 7002)]).splitlines() == [
        "3 sip:127.0.0.1:7001 0 0 duid=127.0.0.1:7001",
        "4 sip:127.0.0.1:7001 0 0 duid=127.0.0.1:7001",
        "3 sip:[::1]:7002 0 0 duid=[::1]:7002",
        "4 sip:[::1]:7002 0 0 duid=[::1]:7002",
    ]


@pytest.mark.parametrize(
    ("host", "worker", "inner"),
    [
        ("192.0.2.1", "127.0.0.1", None),
        ("0.0.0.0", "127.0.0.1", None),
        ("::1", "::1", None),
        ("::", "127.0.0.1", "127.0.0.1:5060"),
        ("192.0.2.1", "::1", "[::1]:5060"),
        ("192.0.2.1", "10.0.0.7", None),
        ("0.0.0.0", "10.0.0.7", None),
        ("127.0.0.2", "127.0.0.1", None),
        ("127.0.0.1", "10.0.0.7", "10.0.0.5:5060"),
        ("::", "10.0.0.7", "10.0.0.5:5060"),
    ],
)
def test_workers_that_the_edges_address_does_not_reach_get_a_socket(
    monkeypatch: pytest.MonkeyPatch, host: str, worker: str, inner: str | None
) -> None:
    monkeypatch.setattr(edge_config, "source_towards", lambda host: "10.0.0.5" if host == "10.0.0.7" else host)
    text = render.configuration(config(host=host, voicemail=((worker, 7001),)), TrunkTable())
    listening = [line for line in text.splitlines() if line.startswith("listen=udp:")]
    assert listening[1:] == ([f"listen=udp:{inner}"] if inner else [])
    assert ("mhomed=yes" in text) == (inner is not None)
    assert not config(host=host).inner_hosts


def test_workers_here_and_elsewhere_get_a_socket_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_config, "source_towards", lambda _host: "10.0.0.5")
    workers = (("127.0.0.1", 7001), ("10.0.0.7", 7001), ("10.0.0.8", 7001))
    assert config(host="::", voicemail=workers).inner_hosts == ("127.0.0.1", "10.0.0.5")


def test_the_router_is_told_where_the_store_is() -> None:
    values = json.loads(render.settings(config(database="sqlite:///var/x.db"), "boot"))
    assert values["database"] == f"sqlite:///{Path('var/x.db').absolute()}"
    url = "postgresql://user:secret@host/db"
    values = json.loads(render.settings(config(database=url, on_store_loss="last-known", store_loss_max_s=7), "boot"))
    assert (values["database"], values["on_store_loss"], values["store_loss_max_s"]) == (url, "last-known", 7)
    assert config(database=url).database_file is None


def test_a_trunk_table_survives_its_file(tmp_path: Path) -> None:
    out = OutboundTrunk("out", "sip:192.0.2.1")
    table = TrunkTable.of(5, [networks("10.0.0.0/8")], [out], {"out": [out.address.at("192.0.2.1")]})
    path = tmp_path / "trunks.json"
    path.write_text(table.dump(), "utf-8")
    assert TrunkTable.load(path) == table


@pytest.mark.parametrize("text", ['a"b', "a\\b", "a b/é"])
def test_strings_are_quoted(text: str) -> None:
    assert render.quoted(text)[1:-1].replace('\\"', '"').replace("\\\\", "\\") == text


def test_a_control_character_gets_into_no_configuration() -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        render.quoted("a\nb")


def test_the_configuration_is_rendered_whole() -> None:
    text = render.configuration(config(port=5070, workers=3), TrunkTable())
    assert "listen=udp:127.0.0.1:5070\n" in text
    assert "children=3\n" in text
    assert "{{" not in text
    assert "code=408;" not in text
    assert "code=503;" in text


def test_an_address_behind_another_one_is_advertised() -> None:
    text = render.configuration(config(host="0.0.0.0", advertised="192.0.2.9"), TrunkTable())
    assert "listen=udp:0.0.0.0:5060 advertise 192.0.2.9:5060\n" in text
    text = render.configuration(config(advertised="2001:db8::9", advertised_port=15060), TrunkTable())
    assert "listen=tcp:127.0.0.1:5060 advertise [2001:db8::9]:15060\n" in text
    assert config(host="::1").public_host == "[::1]"
    assert config(host="0.0.0.0", advertised="192.0.2.9").contact_host == "127.0.0.1"


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "example.org"},
        {"port": 0},
        {"domain": 'a"b'},
        {"advertised": "a\nb"},
        {"advertised_port": 65536},
        {"workers": 0},
        {"database": "mysql://x"},
        {"on_store_loss": "hope"},
        {"voicemail": (("localhost", 7001),)},
        {"voicemail": (("127.0.0.1", 0),)},
        {"voicemail": (("127.0.0.1", 7001), ("::1", 7001))},
    ],
)
def test_settings_that_cannot_be_rendered_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(EdgeConfigInvalid, match=r"give|needs"):
        config(**settings)


def test_files_are_replaced_in_one_step_and_are_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace(path, "one", None)
    replace(path, "two", None)
    assert path.read_text("utf-8") == "two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_files_of_kamailio_are_read_by_its_user_alone(tmp_path: Path) -> None:
    """Not by its group: that of nobody is shared by strange services, and edge.json may hold a password."""
    path, nobody = tmp_path / "edge.json", EdgeUser("nobody", 65534, 65534)
    for text in ("one", "two"):
        replace(path, text, nobody)
    status = path.stat()
    assert (path.read_text("utf-8"), status.st_uid, status.st_gid) == ("two", 65534, os.getegid())
    assert status.st_mode & 0o777 == 0o400


def test_kamailio_may_read_the_store_and_write_its_index_only(tmp_path: Path) -> None:
    database = tmp_path / "renvoi.db"
    paths = [database, tmp_path / "renvoi.db-wal", tmp_path / "renvoi.db-shm"]
    for path in paths:
        path.touch(0o660)
    sandbox.let_use_database(EdgeUser("us", os.geteuid(), os.getegid()), database)
    assert [path.stat().st_mode & 0o070 for path in paths] == [0o040, 0o040, 0o060]


class FixedQueue(ReceiveQueue):
    """A queue of a given length."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.waits = 0

    def wait(self, _seconds: float) -> None:
        """Count the waits."""
        self.waits += 1

    def waiting(self) -> int:
        """Return the length."""
        return self.length


def test_a_queue_that_stays_long_refuses_more_and_more_and_a_short_one_less_and_less() -> None:
    """Within two seconds (100 steps) of a short queue nothing is refused any more."""
    queue = FixedQueue(2 * LONG_QUEUE_BYTES)
    shedder = LoadShedder(queue)
    assert [shedder.step(0) for _ in range(PATIENCE - 1)] == [0] * (PATIENCE - 1), "a burst is not an overload yet"
    shares = [shedder.step(0)]
    while shares[-1] < MAX_REFUSED:
        shares.append(shedder.step(shares[-1]))
        assert shares[-1] > shares[-2]
    assert shedder.step(shares[-1]) == MAX_REFUSED < FULL
    assert len(shares) < 40
    queue.length = LONG_QUEUE_BYTES // 2
    assert shedder.step(shares[-1]) == MAX_REFUSED
    queue.length = 0
    share, steps = MAX_REFUSED, 0
    while share:
        share, steps = shedder.step(share), steps + 1
    assert steps <= 100


def test_the_load_is_measured_without_a_rest_while_it_is_high_or_calls_are_refused() -> None:
    queue = FixedQueue(0)
    shedder = LoadShedder(queue)
    shedder.rest(0, 1.0)
    assert queue.waits == 1
    shedder.rest(1, 1.0)
    queue.length = 2 * LONG_QUEUE_BYTES
    shedder.step(0)
    shedder.rest(0, 1.0)
    assert queue.waits == 1
    queue.length = 0
    shedder.step(0)
    shedder.rest(0, 1.0)
    assert queue.waits == 2


def test_a_rest_ends_when_something_arrives() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        queue = ReceiveQueue(bound.getsockname()[1])
        begun = time.monotonic()
        queue.wait(0.05)
        assert time.monotonic() - begun >= 0.05
        bound.sendto(b"INVITE", bound.getsockname())
        queue.wait(3600)
        queue.close()


def test_the_queue_of_a_socket_that_nobody_reads_is_seen() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as busy,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as idle,
    ):
        for bound in (busy, idle):
            bound.bind(("127.0.0.1", 0))
        queues = [ReceiveQueue(bound.getsockname()[1]) for bound in (busy, idle)]
        assert [queue.waiting() for queue in queues] == [0, 0]
        for _ in range(10):
            idle.sendto(bytes(500), busy.getsockname())
        assert queues[0].waiting() > 10 * 500
        assert queues[1].waiting() == 0
        for queue in queues:
            queue.close()


def test_an_edge_with_both_kinds_of_addresses_listens_on_each() -> None:
    both = config(second=Listener("::1", "2001:db8::1", 15060))
    text = render.configuration(both, TrunkTable())
    for transport in ("udp", "tcp"):
        assert f"listen={transport}:127.0.0.1:5060\n" in text
        assert f"listen={transport}:[::1]:5060 advertise [2001:db8::1]:15060\n" in text
    assert "dns_try_ipv6=yes\n" in text
    assert "2 ::1 128 0 peer\n" in render.peers(both, {})
    assert both.public_address_towards("2001:db8::9") == "[2001:db8::1]:15060"
    assert both.public_address_towards("192.0.2.9") == both.public_address == "127.0.0.1:5060"
    assert not both.why_no_copies("::1")
    with pytest.raises(EdgeConfigInvalid, match="one of IPv4 and one of IPv6"):
        config(second=Listener("127.0.0.2"))
