"""What a PostgreSQL URL is read as, and how long its names are waited for."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from renvoi.edge.router.lookup import LookupFailed
from renvoi.edge.router.postgres_lookup import PostgresLookup
from renvoi.edge.router.postgres_session import PgServers, UrlInvalid

PLACES = ("host", "hostaddr", "port", "target_session_attrs", "user", "password", "dbname")


def read(url: str, patience_s: float = 10) -> list[dict[str, Any]]:
    """Return what is connected to for `url`, as far as it matters here."""
    found = PgServers(url).connection_infos(time.monotonic() + patience_s)
    options = [conninfo_to_dict(info.decode()) for info in found]
    assert all(each["application_name"] and each["gssencmode"] == "disable" for each in options)
    return [{name: each[name] for name in PLACES if name in each} for each in options]


def resolving(names: dict[str, list[str]]) -> Callable[..., Any]:
    """Return a name service that knows these names."""

    def getaddrinfo(host: str, *_: object, **__: object) -> list[Any]:
        if host not in names:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(0, 0, 0, "", (address, 0)) for address in names[host]]

    return getaddrinfo


def test_an_address_is_taken_as_it_is() -> None:
    assert read("postgresql://me:p%40ss%20'\\@192.0.2.1:5433/db") == [
        {"host": "192.0.2.1", "port": "5433", "user": "me", "password": "p@ss '\\", "dbname": "db"}
    ]
    assert read("postgresql://[2001:db8::1]/db") == [{"host": "2001:db8::1", "dbname": "db"}]
    assert read("postgresql:///db?host=/run/pg") == [{"host": "/run/pg", "dbname": "db"}]
    assert read("postgresql:///db") == [{"dbname": "db"}]


def test_of_several_hosts_the_one_that_takes_changes_is_meant() -> None:
    first, second = read("postgresql://192.0.2.1:1,192.0.2.2:2/db")
    assert first == {"host": "192.0.2.1", "port": "1", "dbname": "db", "target_session_attrs": "read-write"}
    assert second == {"host": "192.0.2.2", "port": "2", "dbname": "db", "target_session_attrs": "read-write"}
    any_of_them = read("postgresql://192.0.2.1,192.0.2.2:/db?port=7&target_session_attrs=any")
    assert [(each["port"], each["target_session_attrs"]) for each in any_of_them] == [("7", "any"), ("7", "any")]


def test_each_address_of_a_name_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving({"db.test": ["192.0.2.1", "2001:db8::1"]}))
    found = read("postgresql://db.test,unknown.test,192.0.2.9/db")
    assert [(each["host"], each.get("hostaddr")) for each in found] == [
        ("db.test", "192.0.2.1"),
        ("db.test", "2001:db8::1"),
        ("192.0.2.9", None),
    ]
    assert [each["hostaddr"] for each in read("postgresql://db.test/db?hostaddr=192.0.2.7")] == ["192.0.2.7"]


def test_a_slow_name_service_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it said before is used meanwhile."""
    monkeypatch.setattr(socket, "getaddrinfo", resolving({"db.test": ["192.0.2.1"]}))
    servers = PgServers("postgresql://db.test/db")
    known = servers.connection_infos(time.monotonic() + 10)
    goes_on = threading.Event()
    answer = resolving({"db.test": ["192.0.2.2"]})

    def slowly(*words: object, **options: object) -> Any:
        goes_on.wait()
        return answer(*words, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    assert servers.connection_infos(time.monotonic() + 0.01) == known
    assert servers.connection_infos(time.monotonic() - 1) == known
    goes_on.set()
    assert b"192.0.2.2" in servers.connection_infos(time.monotonic() + 10)[0]


def test_a_name_that_nobody_knows_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving({}))
    with pytest.raises(LookupFailed, match="no known address"):
        PostgresLookup("postgresql://db.test/db").check()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:s3cret@rest@host/db",
        "postgresql://me:s3cret/rest@host/db",
        "postgresql://me:s3cret@host:port/db",
        "postgresql://me:s3cret@host/db?s3cret=1",
        "postgresql://me:s3cret@a,b/db?port=1,2,3",
        "postgresql://me:%zz@host/db",
    ],
)
def test_what_cannot_be_understood_is_not_repeated(url: str) -> None:
    with pytest.raises(UrlInvalid) as caught:
        PgServers(url)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    with pytest.raises(LookupFailed, match="percent-encoded"):
        PostgresLookup(url)
